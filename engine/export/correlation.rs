//! Correlations as Sigma's own, over the exported rules.
//!
//! A bundle is one machine; a log server holds many. So everything is grouped by `host`, and `timespan: bundle` becomes
//! a long span. What Sigma has no form for, or what no search engine takes, is left out and said.

use serde_yaml::{Mapping, Value};

use crate::export::outcome::Outcome;
use crate::export::rules;
use crate::export::yaml::{self, document};
use crate::export::{ExportError, File};
use crate::signature::{Correlation, FACTS, Knowledge, Measure, Source, ways};

/// What stands for the whole bundle.
pub(super) const BUNDLE: &str = "30d";

/// The field by which machines are told apart.
const HOST: &str = "host";

/// One file for each correlation that Sigma can say.
pub(super) fn files(source: &Source, knowledge: &Knowledge, outcome: &mut Outcome) -> Result<Vec<File>, ExportError> {
    let mut files = Vec::new();
    for correlation in knowledge.correlations.values() {
        let path = format!("rules/{}", correlation.id);
        let raw = document(source, &correlation.file, &correlation.id)?;
        let written = match sections(correlation, &raw, knowledge) {
            Ok(sections) => sections,
            Err(why) => {
                outcome.left_out.push((path, why));
                continue;
            }
        };
        outcome.correlations += 1;
        let several = written.len() > 1;
        let documents = written.into_iter().enumerate().map(|(index, mut section)| {
            let path = if several { format!("{path}~{}", index + 1) } else { path.clone() };
            let mut document = rules::head(correlation.title.get("en"), &raw, &path);
            rules::keep(&raw, &mut document);
            section.insert("generate".into(), true.into());
            document.insert("correlation".into(), section.into());
            document.insert("level".into(), rules::level(correlation.level));
            document
        });
        let documents: Vec<Mapping> = documents.collect();
        files.push(File { path: format!("correlations/{}.yml", path.replace('#', "-")), text: yaml::text(&documents) });
    }
    Ok(files)
}

/// The names of `group-by`, the machine first; an error where one is no field of the records.
pub(super) fn group_by(names: &[String]) -> Result<Vec<String>, String> {
    let unknown = names.iter().find(|name| !FACTS.contains(&name.to_lowercase().as_str()));
    match unknown {
        Some(name) => Err(format!("`{name}` is a capture, by which a log server cannot group")),
        None => Ok(std::iter::once(HOST.to_owned()).chain(names.iter().cloned()).collect()),
    }
}

/// A span of time in Sigma's words.
pub(super) fn span(seconds: Option<i64>) -> String {
    match seconds {
        None => BUNDLE.to_owned(),
        Some(seconds) if seconds % 86_400 == 0 => format!("{}d", seconds / 86_400),
        Some(seconds) if seconds % 3_600 == 0 => format!("{}h", seconds / 3_600),
        Some(seconds) if seconds % 60 == 0 => format!("{}m", seconds / 60),
        Some(seconds) => format!("{seconds}s"),
    }
}

/// A section `correlation` without condition.
pub(super) fn section(kind: &str, rules: &[String], group_by: &[String], timespan: &str) -> Mapping {
    let list = |names: &[String]| Value::Sequence(names.iter().map(|name| Value::from(name.as_str())).collect());
    let mut section = Mapping::new();
    section.insert("type".into(), kind.into());
    section.insert("rules".into(), list(rules));
    section.insert("group-by".into(), list(group_by));
    section.insert("timespan".into(), timespan.into());
    section
}

/// The correlation, once for each set of rules that meets its condition; or why there is none.
fn sections(correlation: &Correlation, raw: &Mapping, knowledge: &Knowledge) -> Result<Vec<Mapping>, String> {
    if correlation.window.lines.is_some() {
        return Err("`lines` has no form in Sigma".to_owned());
    }
    if let Some(other) = correlation.rules.iter().find(|rule| !knowledge.rules.contains_key(*rule)) {
        return Err(format!("it rests on the correlation `{other}`"));
    }
    if !correlation.aliases.is_empty() {
        return Err("`aliases` name captures, which a log server does not have".to_owned());
    }
    let group_by = group_by(&correlation.group_by)?;
    let names: Vec<String> = correlation.rules.iter().map(|rule| rules::name(&format!("rules/{rule}"))).collect();
    let timespan = span(correlation.window.seconds);
    let own = raw.get("correlation");
    let kind = own.and_then(|own| own.get("type")).and_then(Value::as_str).unwrap_or_default();
    if let Measure::Together { condition: Some(condition), .. } = &correlation.measure {
        let ways = ways(condition).unwrap_or_default();
        let section = |way: &Vec<usize>| {
            let rules: Vec<String> = way.iter().filter_map(|index| names.get(*index).cloned()).collect();
            section(kind, &rules, &group_by, &timespan)
        };
        return Ok(ways.iter().map(section).collect());
    }
    if correlation.bounds.len() != 1 {
        return Err("it has more than one limit".to_owned());
    }
    if let Some(field) = correlation.measure.field().filter(|field| !FACTS.contains(field)) {
        return Err(format!("`{field}` is a capture, which a log server does not have"));
    }
    let mut section = section(kind, &names, &group_by, &timespan);
    if let Some(condition) = own.and_then(|own| own.get("condition")) {
        section.insert("condition".into(), condition.clone());
    }
    Ok(vec![section])
}
