//! Verbose logs of Windows Installer.
//!
//! ```text
//! === Verbose logging started: 04.03.2021  15:56:08  Build type: SHIP UNICODE 5.00.10011.00 …
//! MSI (s) (84:58) [16:04:27:498]: Doing action: InstallFiles
//! Action ended 16:04:28: InstallFiles. Return value 3.
//! ```
//! Only the opening has a date, in the order of the user's language; the records after it take
//! their date from it, and have no time where that order is not certain.

use std::borrow::Cow;

use super::cursor::{Clock, Cursor};
use super::layout::{Columns, Line};
use super::lines::{first_line, without_marks};

const WITHIN: [(&str, Option<&str>); 12] = [
    ("MSI (", None),
    ("Action ", None),
    ("Property(", None),
    ("CustomAction ", None),
    ("=== ", None),
    ("DEBUG: ", None),
    ("SFXCA: ", None),
    ("Error ", Some("Error")),
    ("Warning ", Some("Warning")),
    ("Info ", Some("Info")),
    ("Feature: ", None),
    ("Component: ", None),
];

/// Whether the line stands in no other log.
pub(super) fn starts(line: &str) -> bool {
    opens(line) || installer(without_marks(line)).is_some()
}

/// What the line is to the records around it.
pub(super) fn classify(line: &str) -> Line {
    if opens(line) {
        return Line::First;
    }
    let bare = without_marks(line);
    if WITHIN.iter().any(|(begin, _)| bare.starts_with(begin)) { Line::Within } else { Line::Continued }
}

/// Reads the columns of the opening or of a record after it.
pub(super) fn columns(text: &str) -> Columns<'_> {
    if opens(text) {
        let time = text.split_once(" started: ").and_then(|(_, rest)| {
            let mut cursor = Cursor::new(rest);
            let date = cursor.local_date()?;
            cursor.blanks();
            cursor.clock()?.on(date)
        });
        return Columns { time, ..Columns::of(text) };
    }
    let bare = without_marks(text);
    if let Some((ids, clock, message)) = installer(bare) {
        let fields = ["side", "pid", "tid"].into_iter().zip(ids);
        let fields = fields.map(|(name, id)| (Cow::Borrowed(name), Cow::Borrowed(id)));
        return Columns { clock, fields: fields.collect(), ..Columns::of(message) };
    }
    let mut columns = Columns::of(bare);
    columns.level = WITHIN.iter().find(|(begin, _)| bare.starts_with(begin)).and_then(|(_, level)| *level);
    if let Some((clock, action, value)) = ended(bare) {
        columns.clock = clock;
        columns.level = (value == "3").then_some("Error");
        columns.fields = vec![("action", action), ("return", value)]
            .into_iter()
            .map(|(name, value)| (Cow::Borrowed(name), Cow::Borrowed(value)))
            .collect();
    }
    columns
}

fn opens(line: &str) -> bool {
    let bare = without_marks(line);
    bare.starts_with("=== ") && first_line(bare).contains("ogging started: ")
}

/// Splits `MSI (s) (84:58) [16:04:27:498]: …`; client and server, process and thread.
fn installer(line: &str) -> Option<([&str; 3], Option<Clock>, &str)> {
    let (side, rest) = line.strip_prefix("MSI (")?.split_at_checked(1)?;
    let (ids, rest) = rest.strip_prefix(')')?.trim_start_matches(' ').strip_prefix('(')?.split_at_checked(5)?;
    let rest = rest.strip_prefix(')')?;
    let (process, thread) = ids.split_once(':')?;
    let mut cursor = Cursor::new(rest);
    cursor.blanks();
    cursor.eat(&['['])?;
    let clock = cursor.clock();
    let end = first_line(cursor.rest).find(']')?;
    let message = &cursor.rest[end + 1..];
    let message = message.strip_prefix(':').unwrap_or(message);
    Some(([side, process, thread], clock, message.trim_start_matches([' ', '\t'])))
}

/// Splits `Action ended 16:04:28: InstallFiles. Return value 3.`
fn ended(line: &str) -> Option<(Option<Clock>, &str, &str)> {
    let mut cursor = Cursor::new(first_line(line).strip_prefix("Action ended ")?);
    let clock = cursor.clock();
    let (action, value) = cursor.rest.trim_start_matches([':', ' ']).split_once(". Return value ")?;
    Some((clock, action, value.trim_end_matches(['.', ' '])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        let line = classify(input);
        let shown = if line == Line::Continued { "no record".to_owned() } else { columns(input).show() };
        assert_eq!(shown, expected, "{input}");
    }

    #[test]
    fn the_opening_has_a_date_where_its_order_is_certain() {
        for (date, expected) in
            [("04.03.2021", "2021-03-04T15:56:08"), ("3/24/2021", "2021-03-24T15:56:08"), ("3/4/2021", "")]
        {
            let text = format!("=== Verbose logging started: {date}  15:56:08  Build type: SHIP");
            check(&text, &format!("{expected}||||{text}"));
        }
    }

    #[test]
    fn actions_tell_what_they_returned() {
        check("MSI (s) (84:58) [16:04:27:498]: Doing action: A", "|||side=s pid=84 tid=58|Doing action: A");
        check(
            "Action ended 16:04:28: InstallFiles. Return value 3.",
            "|Error||action=InstallFiles return=3|Action ended 16:04:28: InstallFiles. Return value 3.",
        );
        check("Error 1603. It failed", "|Error|||Error 1603. It failed");
        check("a second line", "no record");
    }
}
