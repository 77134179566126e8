//! What a thread tells of its case, by the keys of a case.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::people::People;
use super::split::{Mail, Thread};
use super::subject::Subject;
use super::words::holds;
use super::{sections, table};
use crate::facts;

/// The order in which a reader meets them, for the search of updates and errors.
const TELLING: [&str; 6] = ["title", "symptom", "analysis", "actions", "outcome", "environment"];

/// The name of a file of Windows or of a product.
static FILE: LazyLock<Regex> = LazyLock::new(|| {
    let expression = r"(?i-u)\b[a-z0-9_][a-z0-9_.-]*\.(?:dll|sys|exe|inf|mum|cat|msu|cab|wim)\b";
    Regex::new(expression).expect("the expression is valid")
});

/// How many files the notes name.
const MOST_FILES: usize = 12;

/// The lines of each mail that belong to the case, without tables, and what the thread tells, by key.
pub(super) fn read<'t>(
    thread: &'t Thread,
    subject: &Subject,
    case: &str,
    people: &People,
) -> (Vec<Vec<&'t str>>, BTreeMap<&'static str, String>) {
    let mut told: BTreeMap<&str, String> = BTreeMap::new();
    let mut rows = Vec::new();
    let mut mails = Vec::new();
    for mail in &thread.mails {
        let lines: Vec<&str> = mail.lines.iter().map(String::as_str).collect();
        let (row, rest) = table::take(&lines, case);
        let own = super::own::lines(&rest, case);
        told.extend(sections::read(&own).into_iter().map(|section| (section.kind, section.text)));
        rows.extend(row);
        mails.push(own);
    }
    // A row is a summary of what the mails say at length.
    for section in rows.into_iter().rev() {
        told.entry(section.kind).or_insert(section.text);
    }
    if let Some(affected) = told.get("affected").cloned() {
        told.entry("impact").or_insert(affected);
    }
    let parts = [("title", &subject.title), ("priority", &subject.priority), ("customer", &subject.customer)];
    for (key, part) in parts.into_iter().filter(|(_, part)| !part.is_empty()) {
        told.insert(key, part.clone());
    }
    told = told.into_iter().map(|(key, text)| (key, people.neutral(&text))).collect();
    if let Some(day) = thread.mails.iter().filter_map(|mail| mail.sent).min() {
        told.insert("opened", day.to_string());
    }
    let closes = |mail: &&Mail| mail.lines.iter().any(|line| holds("closing", line));
    if let Some(day) = thread.mails.iter().filter(closes).filter_map(|mail| mail.sent).max() {
        told.insert("closed", day.to_string());
    }
    (mails, told)
}

/// The story as one text.
pub(super) fn text(told: &BTreeMap<&'static str, String>) -> String {
    TELLING.into_iter().filter_map(|key| told.get(key)).map(|text| format!("{text}\n")).collect()
}

/// The errors, updates and files that the case's own lines name, for the head of the draft.
pub(super) fn notes(own: &str, people: &People) -> Vec<String> {
    let errors: BTreeSet<String> = facts::errors(own)
        .into_iter()
        .filter(|fact| fact.code.is_failure())
        .map(|fact| fact.code.name().map_or_else(|| fact.code.hex(), |name| format!("{} {name}", fact.code.hex())))
        .collect();
    let updates: BTreeSet<String> = facts::kbs(own).into_iter().map(|fact| fact.value).collect();
    let paths = facts::paths(own).into_iter().map(|fact| people.neutral(&fact.value));
    let files: BTreeSet<String> = FILE.find_iter(own).map(|found| found.as_str().to_owned()).chain(paths).collect();
    let mut notes =
        vec!["Drafted from a mail thread: read all of it, for the thread's errors and for names.".to_owned()];
    let named = [("Errors", errors), ("Updates", updates), ("Files", files.into_iter().take(MOST_FILES).collect())];
    for (what, values) in named.into_iter().filter(|(_, values)| !values.is_empty()) {
        notes.push(format!("{what} in the thread: {}", values.into_iter().collect::<Vec<_>>().join(", ")));
    }
    notes
}
