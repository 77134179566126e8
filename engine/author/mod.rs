//! Writes the first draft of a rule, a known error or a case, so that an author fills in and does not begin from
//! nothing.
//!
//! [`new_rule`], [`new_known_error`] and [`new_case`] write a file with a comment at each key; [`propose`] looks for
//! lines of a bundle that deserve a rule, and [`new_case_from_thread`] reads mails. What they write loads; `check` then
//! asks for what only a person can add. No draft overwrites a file, and what cannot be written whole is not written at
//! all. [`tidy`] puts the files that are there into their customary form.

mod case;
mod evidence;
mod known_error;
mod name;
mod place;
mod rule;
mod sketch;
mod thread;
mod tidy;
mod unusual;
mod yaml;

use std::io;
use std::path::PathBuf;

pub use case::new_case;
pub use known_error::new_known_error;
pub use rule::new_rule;
pub use thread::new_case_from_thread;
pub use tidy::{tidy, write_page};
pub use unusual::{Proposals, Search, new_rule_of, propose};

use crate::bundle::OpenError;
use crate::signature::{SourceError, nearest};

/// Files that were written.
#[derive(Debug)]
pub struct Written {
    /// Their paths in the knowledge base; `check` is to be run on the first.
    pub files: Vec<String>,
    /// What the author should know of them, a sentence each.
    pub notes: Vec<String>,
}

impl Written {
    /// What was written and what to do next, for a person.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for file in &self.files {
            text.push_str(&format!("written: {file}\n"));
        }
        for note in &self.notes {
            text.push_str(&format!("note: {note}\n"));
        }
        let first = self.files.first().map(String::as_str).unwrap_or_default();
        text.push_str(&format!("next: fill it in; `casebook check {first}` says what is still missing\n"));
        text
    }
}

/// A draft that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum AuthorError {
    /// The knowledge base is no folder.
    #[error("the built-in knowledge base cannot be written to: name a folder with --kb")]
    NoFolder,
    /// A name is no safe path, or not of the form that is needed.
    #[error("`{name}` cannot be used as a name: {why}")]
    BadName {
        /// The name as it was given.
        name: String,
        /// What is wrong with it, and what would do.
        why: String,
    },
    /// The file is there already.
    #[error("{path} is there already; choose another name, or edit it")]
    Exists {
        /// The file or folder.
        path: String,
    },
    /// What the draft rests on does not exist.
    #[error("there is no {what} `{name}`{hint}")]
    Unknown {
        /// A rule, a known error, a log.
        what: &'static str,
        /// The name as it was given.
        name: String,
        /// The nearest name, or what to do.
        hint: String,
    },
    /// A file holds no mail thread.
    #[error("{path} {why}; give the thread as text, or the mail as .eml or .msg")]
    NoThread {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        why: String,
    },
    /// Neither the thread's subject nor the command line tells the number of the case.
    #[error("the subject of the thread tells no number: name it after the known error")]
    NoNumber,
    /// There is no line of that number among those proposed.
    #[error("there is no line {pick} to make a rule of; the list without --pick has {count}")]
    NoSuchLine {
        /// The number as it was given.
        pick: usize,
        /// How many lines are proposed.
        count: usize,
    },
    /// Nothing of the bundle can be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A file cannot be read or written.
    #[error("{path}: cannot be {done}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: `read` or `written`.
        done: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// The knowledge base cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// The error for a name that leads nowhere, with the nearest of `known`, else with `help`.
fn unknown<'k>(what: &'static str, name: &str, known: impl IntoIterator<Item = &'k str>, help: &str) -> AuthorError {
    let hint = match nearest(name, known) {
        Some(meant) => format!("; did you mean `{meant}`?"),
        None => format!("; {help}"),
    };
    AuthorError::Unknown { what, name: name.to_owned(), hint }
}
