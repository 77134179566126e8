//! Logs for CMTrace, as Configuration Manager and Intune write them.
//!
//! ```text
//! <![LOG[The message]LOG]!><time="08:53:19.672+240" date="05-06-2026" component="WUAHandler" context="" type="3" thread="1" file="a.cpp:42">
//! ```
//! A message may have several lines; the columns stand behind it. The number after the time is
//! the distance from UTC in minutes, west positive. The type is 1, 2 or 3 for information,
//! warning and error, and comes out under the names that the other formats use.

use std::borrow::Cow;

use memchr::memmem;

use super::cursor::Cursor;
use super::layout::Columns;
use super::lines::without_marks;
use super::xml::Attributes;

const OPENING: &str = "<![LOG[";
const CLOSING: &str = "]LOG]!>";

/// Whether a record begins with this line.
pub(super) fn starts(line: &str) -> bool {
    without_marks(line).starts_with(OPENING)
}

/// Reads the columns behind a record's message.
pub(super) fn columns(text: &str) -> Columns<'_> {
    let Some(inner) = without_marks(text).strip_prefix(OPENING) else { return Columns::of(text) };
    let Some((message, rest)) = inner.split_once(CLOSING) else { return Columns::of(inner) };
    let mut columns = Columns::of(message);
    let mut date = None;
    let mut clock = None;
    for (name, value) in (Attributes { rest: rest.trim_start_matches(['<', ' ']) }) {
        match name {
            "time" => clock = Cursor::new(value).clock(),
            "date" => date = Cursor::new(value).date(&['-', '/']),
            "component" => columns.component = Some(value).filter(|value| !value.is_empty()),
            "type" => columns.level = level(value),
            "thread" | "context" | "file" if !value.is_empty() => {
                columns.fields.push((Cow::Borrowed(name), Cow::Borrowed(value)));
            }
            _ => {}
        }
    }
    columns.time = date.zip(clock).and_then(|([month, day, year], clock)| clock.on([year, month, day]));
    columns
}

/// The minutes local time is ahead of UTC, as the first time that tells has it.
pub(super) fn utc_offset(text: &str) -> Option<i32> {
    memmem::find_iter(text.as_bytes(), "]LOG]!><time=\"").take(16).find_map(|at| {
        let mut cursor = Cursor::new(&text[at + "]LOG]!><time=\"".len()..]);
        cursor.clock()?;
        let sign = if cursor.eat(&['+', '-'])? == '+' { -1 } else { 1 };
        cursor.number(1..=3).filter(|minutes| *minutes <= 14 * 60).map(|minutes| sign * minutes)
    })
}

fn level(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "1" => "Info",
        "2" => "Warning",
        "3" => "Error",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        let shown = if starts(input) { columns(input).show() } else { "no record".to_owned() };
        assert_eq!(shown, expected, "{input}");
    }

    #[test]
    fn columns_behind_the_message_are_read() {
        let tail = "]LOG]!><time=\"08:53:19.672+240\" date=\"5-06-2026\" component=\"WUAHandler\" context=\"\" type=\"3\" thread=\"12\" file=\"a.cpp:42\">";
        check(
            &format!("<![LOG[Failed.\r\n  0x80240438{tail}"),
            "2026-05-06T08:53:19.672|Error|WUAHandler|thread=12 file=a.cpp:42|Failed.\r\n  0x80240438",
        );
        assert_eq!(utc_offset(&format!("<![LOG[x{tail}")), Some(-240));
        assert_eq!(utc_offset("<![LOG[x]LOG]!><time=\"08:53:19.6721234\">"), None);
    }

    #[test]
    fn damaged_records_cost_their_columns() {
        check("<![LOG[cut off", "||||cut off");
        check("<![LOG[x]LOG]!><time=\"25:00:00\" date=\"1-1-2026\" type=\"9\">", "||||x");
        check("[LOG[x", "no record");
    }
}
