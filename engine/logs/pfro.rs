//! `PFRO.log`: file operations that were left for the next start of Windows.
//!
//! ```text
//! 2/27/2024 15:9:4 - PFRO Error: \??\C:\Temp\old.exe, |delete operation|, 0xc000003a
//! 2/27/2024 15:9:4 - 1 Successful PFRO operations
//! ```
//! UTF-16 without a byte order mark; the month comes first in every language, and nothing is
//! padded with zeros.

use std::borrow::Cow;

use super::cursor::{Clock, Cursor};
use super::layout::Columns;
use super::lines::{first_line, without_marks};

/// Whether a record begins with this line.
pub(super) fn starts(line: &str) -> bool {
    split(line).is_some_and(|(.., message)| first_line(message).contains("PFRO"))
}

/// Reads time, level and kind of operation.
pub(super) fn columns(text: &str) -> Columns<'_> {
    let Some(([month, day, year], clock, message)) = split(text) else { return Columns::of(text) };
    let level = if message.starts_with("PFRO Error") { "Error" } else { "Info" };
    let operation = first_line(message).split('|').nth(1);
    let fields = operation.map(|operation| (Cow::Borrowed("operation"), Cow::Borrowed(operation)));
    Columns {
        time: clock.on([year, month, day]),
        level: Some(level),
        fields: fields.into_iter().collect(),
        ..Columns::of(message)
    }
}

fn split(line: &str) -> Option<([i32; 3], Clock, &str)> {
    let mut cursor = Cursor::new(without_marks(line));
    let date = cursor.date(&['/'])?;
    cursor.blanks();
    let clock = cursor.unpadded_clock()?;
    cursor.blanks();
    cursor.eat(&['-'])?;
    cursor.blanks();
    Some((date, clock, cursor.rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        let shown = if starts(input) { columns(input).show() } else { "no record".to_owned() };
        assert_eq!(shown, expected, "{input}");
    }

    #[test]
    fn unpadded_stamps_are_read() {
        check(
            "2/27/2024 15:9:4 - PFRO Error: \\??\\C:\\a.exe, |delete operation|, 0xc000003a",
            "2024-02-27T15:09:04|Error||operation=delete operation|PFRO Error: \\??\\C:\\a.exe, |delete operation|, 0xc000003a",
        );
        check(
            "2/27/2024 15:9:4 - 1 Successful PFRO operations",
            "2024-02-27T15:09:04|Info|||1 Successful PFRO operations",
        );
    }

    #[test]
    fn other_lines_are_no_records() {
        check("2/27/2024 15:9:4 - hello", "no record");
        check("2/27/2024 15:9 - PFRO Error", "no record");
    }
}
