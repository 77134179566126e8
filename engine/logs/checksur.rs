//! `CheckSUR.log`: the System Update Readiness Tool's list of damage to the component store.
//!
//! ```text
//! Checking System Update Readiness.
//! Binary Version 6.1.7601.22471
//! 2013-11-20 16:57
//! (f)<TAB>CBS MUM Corrupt<TAB>0x800F0900<TAB>servicing\Packages\Package_1_for_KB….mum<TAB><TAB>Line 1:
//! ```
//! One time stands at the head; each line after it is a record of that time. Servicing repeats
//! the list in CBS.log from Windows 8 on; there it is part of a record of that log.

use std::borrow::Cow;

use super::cursor::Cursor;
use super::layout::{Columns, Line};
use super::lines::{first_line, is_blank, without_marks};

/// The line that stands in no other log, at the head of each run.
const TITLE: &str = "Checking System Update Readiness";
const KINDS: [(&str, &str); 4] = [("(f)", "Error"), ("(w)", "Warning"), ("(fix)", "Info"), ("(p)", "Error")];

/// Whether the line is the head of a run.
pub(super) fn starts(line: &str) -> bool {
    without_marks(line).starts_with(TITLE)
}

/// What the line is to the records around it.
pub(super) fn classify(line: &str) -> Line {
    let bare = without_marks(line);
    if bare.starts_with(TITLE) {
        return Line::First;
    }
    let head = bare.starts_with("Binary Version ") || bare.starts_with("Package Version ") || time(bare).is_some();
    if head || is_blank(line) || bare.starts_with("====") { Line::Continued } else { Line::Within }
}

/// Reads the columns of a line of damage, or the time from the lines of the head.
pub(super) fn columns(text: &str) -> Columns<'_> {
    if starts(text) {
        return Columns { time: text.split(['\n', '\r']).take(8).find_map(time), ..Columns::of(text) };
    }
    let bare = without_marks(text);
    let Some((level, rest)) = KINDS.iter().find_map(|(kind, level)| Some((*level, bare.strip_prefix(kind)?))) else {
        return Columns::of(text);
    };
    let message = rest.trim_start_matches([' ', '\t']);
    let cells = message.split('\t').map(str::trim);
    let named = ["problem", "code", "file", "detail"].into_iter().zip(cells).filter(|(_, cell)| !cell.is_empty());
    let fields = named.map(|(name, cell)| (Cow::Borrowed(name), Cow::Borrowed(cell)));
    let fields = if message.contains('\t') { fields.collect() } else { Vec::new() };
    Columns { level: Some(level), fields, ..Columns::of(message) }
}

fn time(line: &str) -> Option<jiff::civil::DateTime> {
    let mut cursor = Cursor::new(first_line(without_marks(line)));
    let date = cursor.date(&['-'])?;
    cursor.blanks();
    let (hour, minute) = cursor.rest.trim_end().split_once(':')?;
    let clock = format!("{hour}:{minute}:00");
    Cursor::new(&clock).clock()?.on(date)
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
    fn the_head_gives_the_time() {
        let text = "Checking System Update Readiness.\r\nBinary Version 6.1\r\n2013-11-20 16:57";
        check(text, &format!("2013-11-20T16:57:00||||{text}"));
        check("2013-11-20 16:57\r\n\r\nChecking", "no record");
        check("=================", "no record");
    }

    #[test]
    fn damage_is_read_as_columns() {
        check(
            "(f)\tCBS MUM Corrupt\t0x800F0900\tservicing\\Packages\\a.mum\t\tLine 1:",
            "|Error||problem=CBS MUM Corrupt code=0x800F0900 file=servicing\\Packages\\a.mum|CBS MUM Corrupt\t0x800F0900\tservicing\\Packages\\a.mum\t\tLine 1:",
        );
        check("(fix) CBS MUM Corrupt", "|Info|||CBS MUM Corrupt");
        check("Total Detected Corruption: 2", "||||Total Detected Corruption: 2");
    }
}
