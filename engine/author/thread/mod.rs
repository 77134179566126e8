//! `new case --thread`: a case drafted from a mail thread that was saved as text, `.eml` or `.msg`.
//!
//! The way of a thread: `saved` opens the file, `split` cuts it into mails, `table` and `own` keep what belongs to the
//! case, `sections` reads the parts that a word introduces (`words.csv`), `quoted` and `attached` take the logs, and
//! `people` puts neutral words for persons. Of several mails the last one that tells a thing is believed, because
//! summaries come last. The draft says that a reader must look for names, because not all have a form.

mod attached;
mod eml;
mod msg;
mod own;
mod people;
mod quoted;
mod saved;
mod sections;
mod split;
mod story;
mod subject;
mod table;
mod words;

use std::path::Path;

use crate::author::case::{self, Draft};
use crate::author::evidence::{self, Account};
use crate::author::{AuthorError, Written};
use crate::signature::{Knowledge, Source};

use people::People;

/// Said in the draft at a key of which the thread tells nothing.
const SILENCE: &str = "The thread does not tell.";

/// Drafts a case below `known_error` from the thread in `file`; its number is `id`, else that of the subject.
///
/// # Errors
/// [`AuthorError`] where the file cannot be read or holds no thread, no number is known, a name cannot be used, there
/// is no such known error, or the case cannot be written.
pub fn new_case_from_thread(
    source: &Source,
    knowledge: &Knowledge,
    known_error: &str,
    id: Option<&str>,
    file: &Path,
) -> Result<Written, AuthorError> {
    let saved = saved::read(file)?;
    let thread = split::split(&saved.text);
    let subject = subject::read(&thread.subject);
    let id = number(id, &subject.number)?;
    let known = case::known(knowledge, known_error)?;
    let inherited = case::inherited(source, known)?;
    let people = People::of(&thread);
    let (mails, told) = story::read(&thread, &subject, id, &people);
    let mut logs = quoted::read(&mails);
    let mut notes = saved.notes;
    let quoted = logs.iter().map(|(name, text)| format!("{name} ({} lines)", text.lines().count()));
    let quoted: Vec<String> = quoted.collect();
    if !quoted.is_empty() {
        notes.push(format!("quoted logs: {}", quoted.join(", ")));
    }
    notes.extend(attached::take(saved.files, &mut logs));
    let neutral = |text: &str| text.lines().map(|line| people.neutral_log(line) + "\n").collect::<String>();
    let logs: Vec<(String, Vec<u8>)> =
        logs.iter().map(|(name, text)| (name.clone(), neutral(text).into_bytes())).collect();
    let own: String = mails.iter().flatten().map(|line| format!("{line}\n")).collect();
    let account = Account { story: &story::text(&told), all: &own };
    let drafted = evidence::draft(knowledge, known, &inherited, &logs, &account);
    notes.extend(drafted.notes);
    let draft = Draft {
        id: id.to_owned(),
        told,
        notes: story::notes(&own, &people),
        signature: drafted.signature,
        silence: SILENCE,
        logs,
    };
    let silent = draft.silent();
    let mut written = case::write(source, known_error, &draft)?;
    written.notes.extend(notes);
    if !silent.is_empty() {
        written.notes.push(format!("the thread does not tell: {}", silent.join(", ")));
    }
    written.notes.push("read it for names of people and machines before you share it".to_owned());
    Ok(written)
}

/// The number of the case: what was asked for, in full where the subject has more of it.
fn number<'n>(asked: Option<&'n str>, told: &'n str) -> Result<&'n str, AuthorError> {
    match asked {
        Some(asked) if told.starts_with(asked) && !told.is_empty() => Ok(told),
        Some(asked) if !told.is_empty() => {
            let why = format!("the thread is about {told}, and drafts are made of a thread's own case only");
            Err(AuthorError::BadName { name: asked.to_owned(), why })
        }
        Some(asked) => Ok(asked),
        None if told.is_empty() => Err(AuthorError::NoNumber),
        None => Ok(told),
    }
}
