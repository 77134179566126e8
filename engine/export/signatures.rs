//! Known errors and cases as Sigma: a rule where one finding suffices, a correlation where several must come together.
//!
//! What a signature asks of captures is put into a copy of the rule, so that each file stands by itself. `any` becomes
//! several documents. What would rule a match out (`not`) has no form in Sigma's correlations: it is left out and said,
//! in the document too, because a search of a fleet may find too much but must not find too little.

use std::collections::BTreeSet;

use serde_yaml::{Mapping, Value};

use crate::export::correlation;
use crate::export::detection;
use crate::export::outcome::Outcome;
use crate::export::rules;
use crate::export::yaml::{self, document};
use crate::export::{ExportError, File};
use crate::signature::{Harm, Knowledge, KnownError, Signature, Source, Texts};

/// A known error or a case.
struct Subject<'s> {
    /// Its folder.
    path: String,
    file: &'s str,
    title: &'s Texts,
    known_error: &'s KnownError,
    signature: &'s Signature,
}

/// The files of all known errors and cases that can be expressed.
pub(super) fn files(source: &Source, knowledge: &Knowledge, outcome: &mut Outcome) -> Result<Vec<File>, ExportError> {
    let mut files = Vec::new();
    for known_error in &knowledge.known_errors {
        let path = format!("cases/{}", known_error.id);
        let own = Subject {
            path: path.clone(),
            file: &known_error.file,
            title: &known_error.title,
            known_error,
            signature: &known_error.signature,
        };
        let cases = known_error.cases.iter().map(|case| Subject {
            path: format!("{path}/{}", case.id),
            file: &case.file,
            title: &case.story.title,
            known_error,
            signature: &case.signature,
        });
        for subject in std::iter::once(own).chain(cases) {
            files.extend(write(&subject, source, knowledge, outcome)?);
        }
    }
    Ok(files)
}

fn write(
    subject: &Subject<'_>,
    source: &Source,
    knowledge: &Knowledge,
    outcome: &mut Outcome,
) -> Result<Vec<File>, ExportError> {
    let raw = document(source, subject.file, "")?;
    let group_by = match correlation::group_by(&subject.signature.same) {
        Ok(names) => names,
        Err(why) => {
            outcome.left_out.push((subject.path.clone(), why));
            return Ok(Vec::new());
        }
    };
    let ruled_out: BTreeSet<&str> = subject.signature.not.iter().map(|item| item.rule.as_str()).collect();
    let mut notes = BTreeSet::new();
    if !ruled_out.is_empty() {
        let names: Vec<&str> = ruled_out.into_iter().collect();
        notes.insert(format!("what would rule it out is not asked ({})", names.join(", ")));
    }
    let (mut alone, mut together) = (Vec::new(), Vec::new());
    let ways = ways(&raw);
    for (number, way) in ways.iter().enumerate() {
        let title = match ways.len() {
            1 => subject.title.get("en").to_owned(),
            several => format!("{} ({} of {several})", subject.title.get("en"), number + 1),
        };
        let path = format!("{}~{}", subject.path, number + 1);
        let derived = way.iter().enumerate().map(|(index, item)| derive(item, &path, index, source, knowledge));
        let mut derived: Vec<(Mapping, BTreeSet<String>)> = match derived.collect::<Result<Result<_, _>, _>>()? {
            Ok(derived) => derived,
            Err(why) => {
                outcome.left_out.push((subject.path.clone(), format!("one way to match: {why}")));
                continue;
            }
        };
        notes.extend(derived.iter().flat_map(|(_, notes)| notes.clone()));
        if let [(document, found)] = &mut derived[..] {
            let found: BTreeSet<String> = found.iter().chain(&notes).cloned().collect();
            entitle(document, &title, subject, &found);
            alone.push(std::mem::take(document));
            continue;
        }
        let names: Vec<String> = derived.iter().filter_map(|(document, _)| name_of(document)).collect();
        let timespan = correlation::span(subject.signature.within);
        let mut document = rules::head(&title, &Mapping::new(), &path);
        document.insert("status".into(), "test".into());
        entitle(&mut document, &title, subject, &notes);
        let section = correlation::section("temporal", &names, &group_by, &timespan);
        document.insert("correlation".into(), section.into());
        together.extend(derived.into_iter().map(|(document, _)| document).chain([document]));
    }
    if !alone.is_empty() || !together.is_empty() {
        outcome.signatures += 1;
        outcome.note(&subject.path, &notes);
    }
    outcome.signature_rules += alone.len();
    outcome.signature_correlations += together.iter().filter(|document| document.contains_key("correlation")).count();
    let mut files = Vec::new();
    for (folder, documents) in [("known-errors", alone), ("correlations", together)] {
        if !documents.is_empty() {
            let path = subject.path.replacen("cases", folder, 1);
            let path = if folder == "correlations" {
                path.replacen("correlations", "correlations/known-errors", 1)
            } else {
                path
            };
            files.push(File { path: format!("{path}.yml"), text: yaml::text(&documents) });
        }
    }
    Ok(files)
}

/// Each set of items that satisfies `all` and `any`.
fn ways(raw: &Mapping) -> Vec<Vec<&Value>> {
    let part = |key: &str| -> Vec<&Value> {
        let list = raw.get("signature").and_then(|signature| signature.get(key)).and_then(Value::as_sequence);
        list.into_iter().flatten().collect()
    };
    let (all, any) = (part("all"), part("any"));
    if any.is_empty() {
        return vec![all];
    }
    let mut ways: Vec<Vec<&Value>> = Vec::new();
    for one in any {
        let mut way = all.clone();
        if !way.contains(&one) {
            way.push(one);
        }
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    ways
}

/// A copy of the rule that an item names, held to its constraints; or why there is none.
fn derive(
    item: &Value,
    path: &str,
    index: usize,
    source: &Source,
    knowledge: &Knowledge,
) -> Result<Result<(Mapping, BTreeSet<String>), String>, ExportError> {
    let named = item.get("rule").and_then(Value::as_str).unwrap_or_default();
    let Some(rule) = knowledge.rules.get(named) else {
        return Ok(Err(format!("it rests on the correlation `{named}`")));
    };
    let raw = document(source, &rule.file, &rule.id)?;
    let none = Mapping::new();
    let held = item.get("where").and_then(Value::as_mapping).unwrap_or(&none);
    let plain = detection::detection(rule, rules::detection_of(&raw), held);
    let notes = plain.notes.clone();
    let mut copied = raw.clone();
    copied.remove("id");
    Ok(Ok((rules::whole(rule, &copied, plain, &format!("{path}/{}", index + 1)), notes)))
}

/// Gives a document the words of the known error or case.
fn entitle(document: &mut Mapping, title: &str, subject: &Subject<'_>, notes: &BTreeSet<String>) {
    document.insert("title".into(), title.into());
    document.insert("description".into(), subject.known_error.cause.get("en").into());
    if !subject.known_error.references.is_empty() {
        let links = subject.known_error.references.iter().map(|link| Value::from(link.as_str()));
        document.insert("references".into(), Value::Sequence(links.collect()));
    }
    document.remove("falsepositives");
    rules::describe(document, notes);
    let level = match subject.known_error.severity {
        Harm::Low => "low",
        Harm::Medium => "medium",
        Harm::High => "high",
        Harm::Critical => "critical",
    };
    document.insert("level".into(), level.into());
}

fn name_of(document: &Mapping) -> Option<String> {
    document.get("name").and_then(Value::as_str).map(str::to_owned)
}
