//! What is wrong with our own YAML: a stable code, the place, one sentence, and what to do.
//!
//! Loading and checking collect faults and go on, so that an author sees all of them at once; `render` draws
//! them with the line underlined. Damaged evidence is never a fault: that is `bundle::Problem`.

use serde::Serialize;

/// How bad a fault is: an error makes the knowledge base unusable, a warning does not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The file cannot be used until it is mended.
    Error,
    /// The file works, but not as well as it should.
    Warning,
}

/// One thing wrong with a file of the knowledge base.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Fault {
    /// Stable kebab-case code, such as `unknown-key`.
    pub code: &'static str,
    /// Whether the file can be used all the same.
    pub severity: Severity,
    /// Path of the file inside the knowledge base, with `/` between its parts.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// 1-based column, in characters.
    pub column: usize,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it, in one sentence.
    pub help: String,
    /// The text of the line, for drawing.
    #[serde(skip)]
    pub source: String,
    /// How many characters of the line the fault covers.
    #[serde(skip)]
    pub width: usize,
}

impl Fault {
    /// An error about a file as a whole.
    pub fn on_file(code: &'static str, file: &str, message: impl Into<String>, help: impl Into<String>) -> Fault {
        Fault {
            code,
            severity: Severity::Error,
            file: file.to_owned(),
            line: 1,
            column: 1,
            message: message.into(),
            help: help.into(),
            source: String::new(),
            width: 1,
        }
    }

    /// The same fault, at a place in the file whose line reads `source`.
    #[must_use]
    pub fn at(self, position: Position, source: &str) -> Fault {
        Fault { line: position.line, column: position.column, width: position.width, source: source.to_owned(), ..self }
    }

    /// The same fault as a warning.
    #[must_use]
    pub fn warning(self) -> Fault {
        Fault { severity: Severity::Warning, ..self }
    }
}

/// Where in a file something stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    /// 1-based line.
    pub line: usize,
    /// 1-based column, in characters.
    pub column: usize,
    /// How many characters it covers on its first line.
    pub width: usize,
}

impl Position {
    /// The first character of a file, for what has no place of its own.
    pub const START: Position = Position { line: 1, column: 1, width: 1 };
}

/// The name among `known` that a misspelt `word` most probably meant.
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(word, name), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)))
        .map(|(_, name)| name)
}
