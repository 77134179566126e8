//! `new case`: a case below a known error, with a comment at each key and the known error's signature to begin with.

use std::collections::BTreeMap;

use crate::author::{AuthorError, Written, name, place, unknown, yaml};
use crate::signature::{Knowledge, KnownError, Source};

/// What is known of a case before a person has written anything.
#[derive(Default)]
pub(super) struct Draft {
    /// Its number.
    pub(super) id: String,
    /// What is known, by key.
    pub(super) told: BTreeMap<&'static str, String>,
    /// Comments for the head of the file.
    pub(super) notes: Vec<String>,
    /// The lines of its signature, `signature:` first.
    pub(super) signature: String,
    /// Said at a key of which nothing is known.
    pub(super) silence: &'static str,
    /// Excerpts to put beside it: names and bytes.
    pub(super) logs: Vec<(String, Vec<u8>)>,
}

/// A key, whether it may be left out, whether it is a text in two languages, and what it is for.
struct Key(&'static str, bool, bool, &'static str);

const KEYS: [Key; 13] = [
    Key("title", false, true, "The subject line, without numbers and names."),
    Key("category", false, true, "What kind of request it is, such as Windows Update."),
    Key("customer", false, false, "Who asked: the organisation, no person."),
    Key("priority", false, false, "The priority it was given."),
    Key("opened", true, false, "The day it was opened, yyyy-mm-dd."),
    Key("closed", true, false, "The day it was closed, yyyy-mm-dd."),
    Key("affected", true, true, "How many machines."),
    Key("environment", true, true, "What the machines have in common: build, image, products."),
    Key("symptom", false, true, "What the customer saw, in the customer's words."),
    Key("impact", false, true, "What it kept them from."),
    Key("analysis", false, true, "What was found, where, and what it means. Say where it is a guess."),
    Key("actions", false, true, "What was tried, in order."),
    Key("outcome", false, true, "How it ended, and what is still open."),
];

impl Draft {
    /// The keys of which nothing is known.
    pub(super) fn silent(&self) -> Vec<&'static str> {
        KEYS.iter().map(|Key(key, ..)| *key).filter(|key| !self.told.contains_key(key)).collect()
    }
}

/// Writes `cases/<known error>/<id>/case.yml` for an author to fill in.
///
/// # Errors
/// [`AuthorError`] where a name cannot be used, there is no such known error, or the file cannot be written.
pub fn new_case(source: &Source, knowledge: &Knowledge, known_error: &str, id: &str) -> Result<Written, AuthorError> {
    let draft =
        Draft { id: id.to_owned(), signature: inherited(source, known(knowledge, known_error)?)?, ..Draft::default() };
    write(source, known_error, &draft)
}

/// Writes a draft below `known_error`, which must exist.
pub(super) fn write(source: &Source, known_error: &str, draft: &Draft) -> Result<Written, AuthorError> {
    let root = place::root(source)?;
    name::case(&draft.id)?;
    let folder = format!("cases/{known_error}/{}", draft.id);
    let mut files = vec![("case.yml".to_owned(), text(draft).into_bytes())];
    files.extend(draft.logs.iter().map(|(name, bytes)| (format!("logs/{name}"), bytes.clone())));
    place::write_folder(root, &folder, &files)?;
    let note = format!("put the log lines that prove it into {folder}/logs/, under the names Windows gives the logs");
    let notes = if draft.logs.is_empty() { vec![note] } else { Vec::new() };
    Ok(Written { files: files.into_iter().map(|(name, _)| format!("{folder}/{name}")).collect(), notes })
}

/// The known error of that id.
pub(super) fn known<'k>(knowledge: &'k Knowledge, id: &str) -> Result<&'k KnownError, AuthorError> {
    let ids = || knowledge.known_errors.iter().map(|known| known.id.as_str());
    let found = knowledge.known_errors.iter().find(|known| known.id == id);
    found.ok_or_else(|| {
        unknown("known error", id, ids(), &format!("`casebook new known-error {id} --rule …` writes one"))
    })
}

/// The signature of the known error, word for word: a case asks for at least that, and mostly for more.
pub(super) fn inherited(source: &Source, known: &KnownError) -> Result<String, AuthorError> {
    let file = source.read(&known.file)?;
    let text = String::from_utf8_lossy(&file);
    let mut lines = text.lines().skip_while(|line| !line.starts_with("signature:"));
    let mut signature: Vec<&str> = lines.next().into_iter().collect();
    signature.extend(lines.take_while(|line| line.is_empty() || line.starts_with([' ', '#', '-'])));
    Ok(signature.join("\n"))
}

fn text(draft: &Draft) -> String {
    let mut text = "# What happened once. docs/language.md describes every key.\n".to_owned();
    for note in &draft.notes {
        text.push_str(&yaml::comment(note, 0));
    }
    text.push_str(&format!("\nid: {}\n", yaml::quoted(&draft.id)));
    for Key(key, optional, in_languages, purpose) in KEYS {
        text.push_str(&yaml::comment(purpose, 0));
        match draft.told.get(key) {
            Some(told) if in_languages => text.push_str(&in_two_languages(key, told)),
            // A day is written bare: that is how authors write it.
            Some(told) if optional => text.push_str(&format!("{key}: {told}\n")),
            Some(told) => text.push_str(&format!("{key}: {}\n", yaml::quoted(told))),
            None => {
                text.push_str(&yaml::comment(draft.silence, 0));
                match (optional, in_languages) {
                    (true, true) => text.push_str(&format!("# {key}: {{zh-CN: …, en: …}}\n")),
                    (true, false) => text.push_str(&format!("# {key}: 2020-01-31\n")),
                    (false, true) => text.push_str(&format!("{key}:\n  zh-CN: ''\n  en: ''\n")),
                    (false, false) => text.push_str(&format!("{key}: ''\n")),
                }
            }
        }
    }
    text.push_str(
        "# original: the logs beside this file are the customer's, byte for byte; reconstructed: from an account.\n",
    );
    let evidence = if draft.logs.is_empty() { "reconstructed" } else { "original" };
    text.push_str(&format!("evidence: {evidence}\n"));
    text.push_str("# What must be found for this case. It must hold on its own logs, and before every other case.\n");
    text.push_str(draft.signature.trim_end());
    text.push('\n');
    text
}

/// A text under the language it is written in; the other one is left to a person.
fn in_two_languages(key: &str, told: &str) -> String {
    let value = yaml::value(told, 2);
    if is_chinese(told) {
        format!("{key}:\n  zh-CN: {value}\n  en: ''\n")
    } else {
        format!("{key}:\n  zh-CN: ''\n  en: {value}\n")
    }
}

/// Whether a text holds a Chinese character.
fn is_chinese(text: &str) -> bool {
    text.chars().any(|letter| matches!(letter, '\u{3400}'..='\u{9fff}'))
}
