//! Opens the file that a thread was saved in: text, a mail (`.eml`), or a mail of Outlook (`.msg`).
//!
//! Whatever it was, one text comes out, in which each mail begins with its headers; and the attachments beside it.
//! What holds no mail is refused with what to give instead.

use std::fs;
use std::path::Path;

use mail_parser::decoders::html::html_to_text;
use regex::Regex;
use std::sync::LazyLock;

use super::words::label;
use super::{eml, msg};
use crate::author::AuthorError;
use crate::logs;
use crate::text::{TextReader, printable};

/// Largest file that is read: a thread with its pictures.
const LARGEST: u64 = 64 << 20;

/// How much of a file tells what it is.
const HEAD: usize = 64 << 10;

/// How an OLE compound file begins, which is what Outlook saves.
const COMPOUND: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// A thread as it was saved.
#[derive(Debug, Default)]
pub(super) struct Saved {
    /// Its mails, each below its headers.
    pub(super) text: String,
    /// Names and bytes of what was attached.
    pub(super) files: Vec<(String, Vec<u8>)>,
    /// What of it was not read, a sentence each.
    pub(super) notes: Vec<String>,
}

/// The headers of a mail, as far as they are known.
#[derive(Debug, Default)]
pub(super) struct Headers {
    pub(super) from: String,
    pub(super) sent: String,
    pub(super) to: String,
    pub(super) subject: String,
}

impl Saved {
    /// Adds a mail, its headers before its body.
    pub(super) fn add(&mut self, headers: &Headers, body: &str) {
        let parts = [("From", &headers.from), ("Sent", &headers.sent), ("To", &headers.to)];
        for (name, value) in parts.into_iter().chain([("Subject", &headers.subject)]) {
            let value = value.replace(['\n', '\r'], " ");
            let value = if name == "From" && value.trim().is_empty() { "unknown" } else { value.trim() };
            self.text.push_str(&format!("{name}: {value}\n"));
        }
        self.text.push_str(&format!("Body:\n{body}\n"));
    }
}

/// Reads the thread in `file`.
///
/// # Errors
/// [`AuthorError`] where it cannot be read, or is no text and no mail.
pub(super) fn read(file: &Path) -> Result<Saved, AuthorError> {
    let failed = |source| AuthorError::Io { path: file.to_owned(), done: "read", source };
    let refused = |why: &str| AuthorError::NoThread { path: file.to_owned(), why: why.to_owned() };
    if fs::metadata(file).map_err(failed)?.len() > LARGEST {
        return Err(refused("is larger than 64 MiB"));
    }
    let bytes = fs::read(file).map_err(failed)?;
    if bytes.starts_with(&COMPOUND) {
        return msg::read(&bytes).ok_or_else(|| refused("holds no mail of Outlook that can be read"));
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    let format = logs::recognise("", head);
    if !format.is_text() {
        return Err(refused(&format!("holds no text (it looks like: {})", format.name())));
    }
    let mut saved = if eml::is_mail(head) {
        eml::read(&bytes).ok_or_else(|| refused("is no mail that can be read"))?
    } else {
        Saved { text: decode(&bytes), ..Saved::default() }
    };
    saved.text = saved.text.replace(['\u{a0}', '\u{3000}'], " ").replace(['\u{200b}', '\u{2060}'], "");
    if saved.text.trim().is_empty() {
        return Err(refused("is empty"));
    }
    if !saved.text.lines().any(|line| label(line).is_some()) {
        let log = if format == logs::LogFormat::Plain { "" } else { ": `casebook scan` reads logs" };
        return Err(refused(&format!("has neither the headers of a mail nor a part such as `Symptom:`{log}")));
    }
    Ok(saved)
}

/// The text of bytes in any encoding that logs may have.
pub(super) fn decode(bytes: &[u8]) -> String {
    let mut text = String::new();
    // Reading from memory does not fail.
    let _ = TextReader::new(bytes).fill(&mut text, usize::MAX);
    text
}

/// The text of a page, a line for each paragraph, item or cell.
pub(super) fn of_html(html: &str) -> String {
    static ENDS: LazyLock<Regex> = LazyLock::new(|| {
        let expression = r"(?i)<br\b[^>]*>|</(?:td|th|tr|li|div|pre|h[1-6])\s*>";
        Regex::new(expression).expect("the expression is valid")
    });
    static VERBATIM: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?is)<pre\b[^>]*>.*?</pre\s*>").expect("the expression is valid"));
    let html = VERBATIM.replace_all(html, |found: &regex::Captures<'_>| found[0].replace('\n', "<br>"));
    html_to_text(&ENDS.replace_all(&html, "<br>"))
}

/// The name of an attachment without the folders it may claim.
pub(super) fn plain_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    printable(name.trim()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_and_lines_of_a_page_are_lines() {
        let html = "<p>a<br clear=all>b</p><table><tr><td>No.</td><td>Case</td></tr></table><pre>x  y\nz</pre>";
        assert_eq!(of_html(html).split_whitespace().collect::<Vec<_>>(), ["a", "b", "No.", "Case", "x", "y", "z"]);
        assert!(of_html(html).contains("No.\nCase"));
    }
}
