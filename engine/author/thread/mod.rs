//! `new case --thread`: a case drafted from a mail thread that was saved as text.
//!
//! Takes what the thread says under words that introduce it (`words.csv`), and the subject line. Of several mails the
//! last one that tells a thing is believed, because summaries come last. People are replaced by neutral words as far
//! as their names have a form; the file says so, because the rest only a reader finds.

mod people;
mod sections;
mod split;
mod subject;
mod words;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::author::case::{self, Draft};
use crate::author::{AuthorError, Written};
use crate::facts;
use crate::signature::{Knowledge, Source};
use crate::text::TextReader;

use split::{Mail, Thread};

/// Said in the draft at a key of which the thread tells nothing.
const SILENCE: &str = "The thread does not tell.";

/// Drafts a case below `known_error` from the thread in `file`; its number is `id`, else that of the subject.
///
/// # Errors
/// [`AuthorError`] where the file cannot be read, no number is known, a name cannot be used, there is no such known
/// error, or the case cannot be written.
pub fn new_case_from_thread(
    source: &Source,
    knowledge: &Knowledge,
    known_error: &str,
    id: Option<&str>,
    file: &Path,
) -> Result<Written, AuthorError> {
    let failed = |source| AuthorError::Io { path: file.to_owned(), done: "read", source };
    let bytes = fs::read(file).map_err(failed)?;
    let mut text = String::new();
    TextReader::new(bytes.as_slice()).fill(&mut text, usize::MAX).map_err(failed)?;
    let thread = split::split(&text, "", Mail::default());
    let subject = subject::read(&thread.subject);
    let id = match id {
        Some(asked) if !subject.number.is_empty() && subject.number.starts_with(asked) => subject.number.as_str(),
        Some(asked) if !subject.number.is_empty() => {
            let why =
                format!("the thread is about {}, and drafts are made of a thread's own case only", subject.number);
            return Err(AuthorError::BadName { name: asked.to_owned(), why });
        }
        Some(asked) => asked,
        None => subject.number.as_str(),
    };
    let draft = Draft {
        id: id.to_owned(),
        told: told(&thread, &subject),
        notes: notes(&text),
        signature: case::inherited(source, knowledge, known_error)?,
        silence: SILENCE,
    };
    let silent = draft.silent();
    let mut written = case::write(source, known_error, &draft)?;
    if !silent.is_empty() {
        written.notes.push(format!("the thread does not tell: {}", silent.join(", ")));
    }
    written.notes.push("read it for names of people and machines before you share it".to_owned());
    Ok(written)
}

/// What the thread tells, by key.
fn told(thread: &Thread, subject: &subject::Subject) -> BTreeMap<&'static str, String> {
    let mut told = BTreeMap::new();
    for section in thread.mails.iter().flat_map(|mail| sections::read(&mail.lines)) {
        told.insert(section.kind, section.text);
    }
    if let Some(affected) = told.get("affected").cloned() {
        told.entry("impact").or_insert(affected);
    }
    let parts = [("title", &subject.title), ("priority", &subject.priority), ("customer", &subject.customer)];
    for (key, part) in parts.into_iter().filter(|(_, part)| !part.is_empty()) {
        told.insert(key, part.clone());
    }
    told = told.into_iter().map(|(key, text)| (key, people::neutral(&text))).collect();
    if let Some(day) = thread.mails.iter().filter_map(|mail| mail.sent).min() {
        told.insert("opened", day.to_string());
    }
    let closes = |mail: &&Mail| mail.lines.iter().any(|line| words::holds("closing", line));
    if let Some(day) = thread.mails.iter().filter(closes).filter_map(|mail| mail.sent).max() {
        told.insert("closed", day.to_string());
    }
    told
}

/// The errors and updates that the thread names, for the author of the signature.
fn notes(text: &str) -> Vec<String> {
    let mut errors: Vec<String> = facts::errors(text)
        .into_iter()
        .filter(|fact| fact.code.is_failure())
        .map(|fact| fact.code.name().map_or_else(|| fact.code.hex(), |name| format!("{} {name}", fact.code.hex())))
        .collect();
    let mut updates: Vec<String> = facts::kbs(text).into_iter().map(|fact| fact.value).collect();
    let mut notes =
        vec!["Drafted from a mail thread: read all of it, for the thread's errors and for names.".to_owned()];
    for (what, values) in [("Errors", &mut errors), ("Updates", &mut updates)] {
        values.sort();
        values.dedup();
        if !values.is_empty() {
            notes.push(format!("{what} in the thread: {}", values.join(", ")));
        }
    }
    notes
}
