//! `BlueBox.log`: how the update client starts and follows Windows Setup.
//!
//! ```text
//! 2025-04-26 05:07:00: CommandLine: [V:\Sources\SetupPrep.exe ]
//! ```

use super::cursor::{Clock, Cursor};
use super::layout::Columns;
use super::lines::without_marks;

/// Whether a record begins with this line.
pub(super) fn starts(line: &str) -> bool {
    split(line).is_some()
}

/// Reads the time of a record; there are no other columns.
pub(super) fn columns(text: &str) -> Columns<'_> {
    let Some((date, clock, message)) = split(text) else { return Columns::of(text) };
    Columns { time: clock.on(date), ..Columns::of(message) }
}

fn split(line: &str) -> Option<([i32; 3], Clock, &str)> {
    let mut cursor = Cursor::new(without_marks(line));
    let date = cursor.date(&['-']).filter(|[year, ..]| *year > 999)?;
    cursor.blanks();
    let clock = cursor.clock().filter(|clock| clock.precision == 0)?;
    cursor.eat(&[':'])?;
    cursor.eat(&[' ', '\t'])?;
    Some((date, clock, cursor.rest.trim_start_matches([' ', '\t'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        let shown = if starts(input) { columns(input).show() } else { "no record".to_owned() };
        assert_eq!(shown, expected, "{input}");
    }

    #[test]
    fn stamp_and_message_are_read() {
        check("2025-04-26 05:07:00: CommandLine: [x]", "2025-04-26T05:07:00||||CommandLine: [x]");
        check("> 2025-04-26 05:07:00: quoted", "2025-04-26T05:07:00||||quoted");
    }

    #[test]
    fn other_stamps_are_no_records() {
        check("2025-04-26 05:07:00, Info", "no record");
        check("2025-04-26 05:07:00:123\t1\t2", "no record");
        check("2025-04-26 05:07:00.123: x", "no record");
    }
}
