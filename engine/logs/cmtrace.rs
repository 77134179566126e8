//! Logs for CMTrace, as Configuration Manager and Intune write them.
//!
//! ```text
//! <![LOG[The message]LOG]!><time="08:53:19.672+240" date="05-06-2026" component="WUAHandler" context="" type="3" thread="1" file="a.cpp:42">
//! ```
//! The servers of Configuration Manager, and its task sequences of old, write another layout that CMTrace reads too:
//! ```text
//! The message  $$<SMS_EXECUTIVE><05-06-2026 08:53:19.672+240><thread=4544 (0x11C0)>
//! ```
//! A message may have several lines, in the second layout one; the columns stand behind it. The number after the time is
//! the distance from UTC in minutes, west positive. The type is 1, 2 or 3 for information,
//! warning and error, and comes out under the names that the other formats use.

use std::borrow::Cow;

use memchr::{memchr2, memmem};

use super::cursor::Cursor;
use super::layout::Columns;
use super::lines::without_marks;
use super::xml::Attributes;

const OPENING: &str = "<![LOG[";
const CLOSING: &str = "]LOG]!>";

/// What stands before the time of a client's record.
const CLIENT_TIME: &str = "]LOG]!><time=\"";

const SERVER_CLOSING: &str = "$$<";

/// Whether a record begins with this line.
pub(super) fn starts(line: &str) -> bool {
    without_marks(line).starts_with(OPENING) || of_server(line).is_some()
}

/// Message and columns of a line as servers write it.
fn of_server(line: &str) -> Option<(&str, &str)> {
    let end = memchr2(b'\r', b'\n', line.as_bytes()).unwrap_or(line.len());
    let (message, columns) = line[..end].split_once(SERVER_CLOSING)?;
    columns.contains("><thread=").then(|| (message.trim_end().trim_end_matches('~'), columns))
}

/// Reads the columns behind a record's message.
pub(super) fn columns(text: &str) -> Columns<'_> {
    let Some(inner) = without_marks(text).strip_prefix(OPENING) else {
        return of_server(text).map_or(Columns::of(text), |(message, rest)| server_columns(message, rest));
    };
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

fn server_columns<'t>(message: &'t str, rest: &'t str) -> Columns<'t> {
    let mut columns = Columns::of(message);
    let mut parts = rest.split(['<', '>']).filter(|part| !part.is_empty());
    columns.component = parts.next();
    if let Some(mut stamp) = parts.next().map(Cursor::new) {
        let date = stamp.date(&['-', '/']);
        stamp.blanks();
        let clock = stamp.clock();
        columns.time = date.zip(clock).and_then(|([month, day, year], clock)| clock.on([year, month, day]));
    }
    let thread = parts.next().and_then(|part| part.strip_prefix("thread="));
    columns.fields.extend(thread.map(|thread| (Cow::Borrowed("thread"), Cow::Borrowed(thread))));
    columns
}

/// The minutes local time is ahead of UTC, as the first time that tells has it.
pub(super) fn utc_offset(text: &str) -> Option<i32> {
    let client = memmem::find_iter(text.as_bytes(), CLIENT_TIME).take(16).map(|at| at + CLIENT_TIME.len());
    let server = memmem::find_iter(text.as_bytes(), SERVER_CLOSING).take(16).filter_map(|at| {
        let stamp = at + text[at..].find("><")? + "><".len();
        Some(stamp + text[stamp..].find(' ')? + 1)
    });
    client.chain(server).find_map(|at| {
        let mut cursor = Cursor::new(&text[at..]);
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
    fn records_of_servers_are_read() {
        let record = "Failed, 0x80070005~  $$<SMS_EXECUTIVE><05-06-2026 08:53:19.672+240><thread=4544 (0x11C0)>";
        check(record, "2026-05-06T08:53:19.672||SMS_EXECUTIVE|thread=4544 (0x11C0)|Failed, 0x80070005");
        assert_eq!(utc_offset(record), Some(-240));
        check("costs $$<5 and more", "no record");
        check("x  $$<A", "no record");
        check("x  $$<A><thread=1>", "||A||x");
    }

    #[test]
    fn damaged_records_cost_their_columns() {
        check("<![LOG[cut off", "||||cut off");
        check("<![LOG[x]LOG]!><time=\"25:00:00\" date=\"1-1-2026\" type=\"9\">", "||||x");
        check("[LOG[x", "no record");
    }
}
