//! Rules as Sigma rules, noise as Sigma filters.

use std::collections::BTreeSet;

use serde_yaml::{Mapping, Value};

use crate::export::detection::{self, Plain};
use crate::export::outcome::Outcome;
use crate::export::uuid::uuid;
use crate::export::yaml::{self, document};
use crate::export::{ExportError, File};
use crate::signature::{Knowledge, Rule, Source};

/// Keys of a document that are Sigma's and are kept, in Sigma's order.
const KEPT: [&str; 14] = [
    "related",
    "taxonomy",
    "status",
    "description",
    "license",
    "references",
    "author",
    "date",
    "modified",
    "tags",
    "logsource",
    "fields",
    "falsepositives",
    "scope",
];

/// One file for each rule that is no noise, and one filter for each that is.
pub(super) fn files(source: &Source, knowledge: &Knowledge, outcome: &mut Outcome) -> Result<Vec<File>, ExportError> {
    let mut files = Vec::new();
    for rule in knowledge.rules.values() {
        let raw = document(source, &rule.file, &rule.id)?;
        let plain = detection::detection(rule, detection_of(&raw), &Mapping::new());
        let path = rule.id.replace('#', "-");
        if !rule.noise {
            outcome.rules += 1;
            outcome.note(&format!("rules/{}", rule.id), &plain.notes);
            let document = whole(rule, &raw, plain, &format!("rules/{}", rule.id));
            files.push(File { path: format!("rules/{path}.yml"), text: yaml::text(&[document]) });
        } else if plain.notes.is_empty() {
            outcome.filters += 1;
            files.push(File { path: format!("filters/{path}.yml"), text: yaml::text(&[filter(rule, &raw, plain)]) });
        } else {
            // A filter that takes out more than noise hides failures.
            let why = plain.notes.into_iter().collect::<Vec<_>>().join("; ");
            outcome.left_out.push((format!("rules/{}", rule.id), format!("noise that would take out too much: {why}")));
        }
    }
    Ok(files)
}

/// The detection of a document.
pub(super) fn detection_of(raw: &Mapping) -> &Mapping {
    static NONE: std::sync::LazyLock<Mapping> = std::sync::LazyLock::new(Mapping::new);
    raw.get("detection").and_then(Value::as_mapping).unwrap_or(&NONE)
}

/// The name under which correlations find a rule.
pub(super) fn name(path: &str) -> String {
    path.chars().map(|char| if char.is_ascii_alphanumeric() || char == '-' { char } else { '_' }).collect()
}

/// A rule as Sigma has it; `path` is what its name and UUID are made from.
pub(super) fn whole(rule: &Rule, raw: &Mapping, plain: Plain, path: &str) -> Mapping {
    let mut document = head(rule.title.get("en"), raw, path);
    keep(raw, &mut document);
    describe(&mut document, &plain.notes);
    document.insert("detection".into(), plain.detection.into());
    document.insert("level".into(), level(rule.level));
    document
}

/// Title, id and name of a document.
pub(super) fn head(title: &str, raw: &Mapping, path: &str) -> Mapping {
    let mut document = Mapping::new();
    document.insert("title".into(), title.into());
    document.insert("id".into(), raw.get("id").cloned().unwrap_or_else(|| uuid(path).into()));
    document.insert("name".into(), name(path).into());
    document
}

/// Takes over what Sigma knows.
pub(super) fn keep(raw: &Mapping, document: &mut Mapping) {
    for key in KEPT {
        if let Some(value) = raw.get(key) {
            document.insert(key.into(), value.clone());
        }
    }
}

/// Says in the description where the document finds more than the original, or less.
pub(super) fn describe(document: &mut Mapping, notes: &BTreeSet<String>) {
    if notes.is_empty() {
        return;
    }
    let said = document.get("description").and_then(Value::as_str).unwrap_or_default().trim_end().to_owned();
    let notes: Vec<&str> = notes.iter().map(String::as_str).collect();
    let said = format!("{said}\n\nWider than in casebook: {}.", notes.join("; "));
    document.insert("description".into(), said.trim_start().into());
}

/// A level as Sigma writes it.
pub(super) fn level(level: impl serde::Serialize) -> Value {
    serde_yaml::to_value(level).unwrap_or_default()
}

/// A noise rule as a filter for all rules of its log.
fn filter(rule: &Rule, raw: &Mapping, plain: Plain) -> Mapping {
    let mut document = head(rule.title.get("en"), raw, &format!("rules/{}", rule.id));
    keep(raw, &mut document);
    let mut section = Mapping::new();
    section.insert("rules".into(), "any".into());
    for (key, value) in plain.detection {
        let value = match (key.as_str(), value.as_str()) {
            (Some("condition"), Some(condition)) => format!("not ({condition})").into(),
            _ => value,
        };
        section.insert(key, value);
    }
    document.insert("filter".into(), section.into());
    document
}
