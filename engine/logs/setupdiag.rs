//! What SetupDiag found, as text or as XML.
//!
//! ```text
//! Matching Profile found: FindRollbackFailure - 3A43C9B5-05B3-4F7C-A955-88F991BB5A48
//!     RegisteredAV = Windows Defender
//! LogEntry: 2023-05-23 00:32:46, Error                 SP     ExecuteOperations: …
//! <ProfileName>FindRollbackFailure</ProfileName>
//! ```
//! Each line of the text and each element with text of the XML is a record with the fields `name`
//! and `value`. A line quoted from another log gives its time, level and component.

use std::borrow::Cow;

use super::layout::Columns;
use super::lines::{first_line, is_blank};
use super::{panther, xml};

/// Whether the line stands in no other text.
pub(super) fn is_mark(line: &str) -> bool {
    let line = line.trim_start();
    ["Matching Profile found: ", "SetupDiag version: ", "SetupDiag was unable to match"]
        .iter()
        .any(|mark| line.starts_with(mark))
}

/// Whether a record begins with this line or tag.
pub(super) fn starts(rest: &str) -> bool {
    match rest.starts_with('<') {
        true => xml::tag(rest).is_some_and(|tag| tag.text().is_some()),
        false => !is_blank(rest),
    }
}

/// Like [`starts`], where text that begins with no tag continues the element before it.
pub(super) fn starts_element(rest: &str) -> bool {
    rest.starts_with('<') && starts(rest)
}

/// Reads name and value, and the columns of a quoted line.
pub(super) fn columns(text: &str) -> Columns<'_> {
    let Some((name, value)) = pair(text) else { return Columns::of(text) };
    let quoted = panther::columns(value);
    Columns {
        time: quoted.time,
        level: quoted.level,
        component: quoted.component,
        fields: vec![(Cow::Borrowed("name"), Cow::Borrowed(name)), (Cow::Borrowed("value"), xml_value(text, value))],
        ..Columns::of(text)
    }
}

fn pair(text: &str) -> Option<(&str, &str)> {
    if let Some(tag) = xml::tag(text) {
        return Some((tag.name, tag.text()?));
    }
    let line = first_line(text);
    let (name, value) = line.split_once(" = ").or_else(|| line.split_once(": "))?;
    Some((name.trim(), value.trim()))
}

fn xml_value<'t>(text: &str, value: &'t str) -> Cow<'t, str> {
    if text.starts_with('<') { xml::decode(value) } else { Cow::Borrowed(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        let shown = if starts(input) { columns(input).show() } else { "no record".to_owned() };
        assert_eq!(shown, format!("{expected}|{input}"), "{input}");
    }

    #[test]
    fn names_and_values_are_read_from_both_kinds() {
        check("\tRegisteredAV = Windows Defender", "|||name=RegisteredAV value=Windows Defender");
        check("<RegisteredAV>A &amp; B</RegisteredAV>", "|||name=RegisteredAV value=A & B");
        check("Error: it failed", "|||name=Error value=it failed");
        check("System Information", "|||");
    }

    #[test]
    fn a_quoted_line_gives_its_columns() {
        check(
            "LogEntry: 2023-05-23 00:32:46, Error                 SP     It failed",
            "2023-05-23T00:32:46|Error|SP|name=LogEntry value=2023-05-23 00:32:46, Error                 SP     It failed",
        );
    }

    #[test]
    fn elements_without_text_are_no_records() {
        for input in ["<SetupDiag xmlns=\"a\">\r\n", "</a>", "<a/>", ""] {
            assert!(!starts(input), "{input}");
        }
        assert!(!starts_element("text"));
    }
}
