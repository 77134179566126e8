//! A Process Monitor trace saved as CSV.
//!
//! ```text
//! "Time of Day","Process Name","PID","Operation","Path","Result","Detail"
//! "6:55:07.0236729 AM","Explorer.EXE","1364","CreateFile","C:\…","ACCESS DENIED","Desired Access: …"
//! ```
//! The header is English everywhere, but which columns there are and in which order is the
//! user's choice, so cells are found by the header's names. Cells are read here and not by the
//! `csv` crate because a record's fields borrow from its block. Process Monitor quotes every cell,
//! which tells a row from a line inside a cell without reading the file from its start. A copy
//! saved by a spreadsheet has quotes only where it must, and perhaps semicolons or tabs between its
//! cells; there a line that has too few cells is inside one.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::civil::DateTime;

use super::cursor::Cursor;
use super::layout::{Columns, Field};

/// The columns' titles and the fields they become.
const FIELDS: [(&str, &str); 27] = [
    ("Time of Day", "time_of_day"),
    ("Process Name", "process"),
    ("PID", "pid"),
    ("Operation", "operation"),
    ("Path", "path"),
    ("Result", "result"),
    ("Detail", "detail"),
    ("Date & Time", "date_and_time"),
    ("Relative Time", "relative_time"),
    ("Duration", "duration"),
    ("Completion Time", "completion_time"),
    ("Event Class", "event_class"),
    ("Sequence", "sequence"),
    ("Image Path", "image_path"),
    ("Company", "company"),
    ("Description", "description"),
    ("Version", "version"),
    ("User", "user"),
    ("Authentication ID", "authentication_id"),
    ("Session", "session"),
    ("Command Line", "command_line"),
    ("TID", "tid"),
    ("Virtualized", "virtualized"),
    ("Integrity", "integrity"),
    ("Category", "category"),
    ("Parent PID", "parent_pid"),
    ("Architecture", "architecture"),
];

/// The header row of a table, which every block of the entry carries; empty for other formats.
#[derive(Clone, Default, Debug)]
pub struct Header {
    fields: Arc<[Option<&'static str>]>,
    separator: char,
    quoted: bool,
    /// How many cells a row has at least on its first line, where not every cell is quoted.
    least: usize,
    /// Whether the entry is XML, of a format that can also be text.
    pub(super) is_xml: bool,
}

impl Header {
    /// What the blocks of an XML entry carry where the format can also be text.
    pub(super) fn of_xml() -> Self {
        Self { is_xml: true, ..Self::default() }
    }
}

/// Reads a trace's header row; `None` for any other line.
pub(super) fn header(line: &str) -> Option<Header> {
    [',', ';', '\t'].into_iter().find_map(|separator| separated(line, separator))
}

fn separated(line: &str, separator: char) -> Option<Header> {
    let fields: Arc<[_]> = Cells { rest: Some(line), separator }.map(|cell| field(&cell)).collect();
    let known = fields.iter().flatten().count();
    let place = |name| fields.iter().position(|field| *field == Some(name));
    let places = [place("operation")?, place("path").or(place("process"))?, place("result").unwrap_or_default()];
    if known * 2 <= fields.len() {
        return None;
    }
    let least = places.into_iter().max().map_or(0, |last| last + 1);
    Some(Header { fields, separator, quoted: line.starts_with('"'), least, is_xml: false })
}

/// Whether a row begins with this line.
///
/// Inside a quoted cell every quote is doubled or ends the cell, so a line that opens a new quote
/// is never inside one.
pub(super) fn starts(header: &Header, line: &str) -> bool {
    if !header.quoted {
        let line = line.split(['\r', '\n']).next().unwrap_or_default();
        return Cells { rest: Some(line), separator: header.separator }.take(header.least).count() == header.least;
    }
    let cell = line.trim_start_matches("\"\",").strip_prefix('"');
    cell.is_some_and(|cell| !cell.is_empty() && !cell.starts_with(['"', ',', '\r', '\n']))
}

/// Reads the cells of a row; the header row itself has none.
pub(super) fn columns<'t>(header: &Header, text: &'t str) -> Columns<'t> {
    let mut columns = Columns::of(text);
    columns.fields = Cells { rest: Some(text), separator: header.separator }
        .zip(header.fields.iter())
        .filter_map(|(cell, name)| Some((Cow::Borrowed((*name)?), cell)))
        .filter(|(_, cell)| !cell.is_empty())
        .collect();
    if columns.fields.first().is_some_and(|(name, cell)| field(cell) == Some(name)) {
        columns.fields.clear();
    }
    columns.time = time(&columns.fields);
    columns
}

/// The field that a column of this title becomes.
pub(super) fn field(title: &str) -> Option<&'static str> {
    let title = title.trim();
    FIELDS.iter().find(|(known, _)| *known == title).map(|(_, name)| *name)
}

/// The date of one column with the finer clock of the other.
fn time(fields: &[Field<'_>]) -> Option<DateTime> {
    let cell = |wanted| fields.iter().find(|(name, _)| *name == wanted).map(|(_, cell)| &**cell);
    let mut stamp = Cursor::new(cell("date_and_time")?);
    let american = stamp.rest.trim_end().ends_with('M');
    let date = if american { ordered(stamp.date(&['/', '-', '.'])?) } else { stamp.local_date() };
    stamp.blanks();
    let fine = cell("time_of_day").and_then(|cell| Cursor::new(cell).clock());
    let of_stamp = || Cursor::new(stamp.rest).clock().or_else(|| Cursor::new(stamp.rest).coarse_clock());
    fine.or_else(of_stamp)?.on(date?)
}

/// Puts an American date in year, month, day order, unless its numbers say that it is none.
fn ordered([first, second, third]: [i32; 3]) -> Option<[i32; 3]> {
    match first {
        32.. => Some([first, second, third]),
        13.. => Some([third, second, first]),
        _ => Some([third, first, second]),
    }
}

/// The cells of one row.
struct Cells<'t> {
    rest: Option<&'t str>,
    separator: char,
}

impl<'t> Iterator for Cells<'t> {
    type Item = Cow<'t, str>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.take()?;
        let Some(inner) = rest.strip_prefix('"') else {
            let (cell, rest) = split_at(rest, self.separator);
            self.rest = rest;
            return Some(Cow::Borrowed(cell));
        };
        let end = closing_quote(inner);
        let cell = &inner[..end];
        self.rest = split_at(&inner[end..], self.separator).1;
        Some(if cell.contains('"') { Cow::Owned(cell.replace("\"\"", "\"")) } else { Cow::Borrowed(cell) })
    }
}

fn split_at(text: &str, separator: char) -> (&str, Option<&str>) {
    match text.split_once(separator) {
        Some((cell, rest)) => (cell, Some(rest)),
        None => (text, None),
    }
}

/// Where the cell ends: at its quote, or with the text when the quote is missing.
fn closing_quote(inner: &str) -> usize {
    let bytes = inner.as_bytes();
    let mut at = 0;
    while let Some(quote) = memchr::memchr(b'"', &bytes[at..]) {
        at += quote;
        if bytes.get(at + 1) != Some(&b'"') {
            return at;
        }
        at += 2;
    }
    inner.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "\"Time of Day\",\"Process Name\",\"PID\",\"Operation\",\"Path\",\"Result\",\"Detail\",\"Date & Time\"";

    fn check(header_row: &str, row: &str, expected: &str) {
        let header = header(header_row).unwrap();
        let columns = columns(&header, row);
        let time = columns.time.map(|time| time.to_string()).unwrap_or_default();
        let fields: Vec<String> = columns.fields.iter().map(|(name, cell)| format!("{name}={cell}")).collect();
        assert_eq!(format!("{time}|{}", fields.join("|")), expected, "{row}");
    }

    #[test]
    fn cells_are_named_by_the_header() {
        check(
            HEADER,
            "\"6:55:07.0236729 AM\",\"Explorer.EXE\",\"1364\",\"CreateFile\",\"C:\\a\",\"ACCESS DENIED\",\"Desired Access: Read\",\"7/31/2020 6:55:07 AM\"",
            "2020-07-31T06:55:07.0236729|time_of_day=6:55:07.0236729 AM|process=Explorer.EXE|pid=1364|operation=CreateFile|path=C:\\a|result=ACCESS DENIED|detail=Desired Access: Read|date_and_time=7/31/2020 6:55:07 AM",
        );
        check("Operation,Path,Mine", "CreateFile,C:\\a,x", "|operation=CreateFile|path=C:\\a");
        check("Operation;Path", "CreateFile;\"C:\\a;b, c\"", "|operation=CreateFile|path=C:\\a;b, c");
    }

    #[test]
    fn quotes_commas_and_line_breaks_stay_in_their_cell() {
        check("\"Operation\",\"Path\",\"Result\"", "\"a\"\"b\"\"\",\"c,\r\nd\",\"\"", "|operation=a\"b\"|path=c,\r\nd");
        check("\"Operation\",\"Path\"", "\"a\",\"never closed", "|operation=a|path=never closed");
    }

    #[test]
    fn a_line_inside_a_cell_begins_no_row() {
        let quoted = header(HEADER).unwrap();
        assert!(starts(&quoted, "\"16:53:03,6001516\",\"a\""));
        assert!(starts(&quoted, "\"\",\"no first cell\""));
        for line in ["d\",\"x\"", "\"\"quoted\"\" word\"", "\",\"x\"", "\"\r\n", "\"", ""] {
            assert!(!starts(&quoted, line), "{line}");
        }
        for separator in [",", ";", "\t"] {
            let resaved = header(&["Process Name", "Operation", "Path", "Result", "Detail"].join(separator)).unwrap();
            assert!(starts(&resaved, &["a", "b", "", "", "\"Environment: \r\n"].join(separator)), "{separator}");
            for line in [" \r\n", ";\tPATH=C:\\a, b\r\n"] {
                assert!(!starts(&resaved, line), "{separator} {line}");
            }
        }
    }

    #[test]
    fn a_date_needs_a_known_order() {
        let row = |date: &str| format!("CreateFile,C:\\,{date}");
        let known = [
            ("31.7.2020 16:53:03", "2020-07-31T16:53:03"),
            ("2020/7/3 16:53:03", "2020-07-03T16:53:03"),
            ("7/3/2020 4:53:03 PM", "2020-07-03T16:53:03"),
            ("3.7.2020 16:53:03", "2020-07-03T16:53:03"),
            ("2020/7/3 16:53", "2020-07-03T16:53:00"),
            ("2020/7/3 下午 4:53:03", "2020-07-03T16:53:03"),
            ("7/3/2020 16:53:03", ""),
            ("44:57.9", ""),
        ];
        for (date, time) in known {
            let expected = format!("{time}|operation=CreateFile|path=C:\\|date_and_time={date}");
            check("Operation,Path,Date & Time", &row(date), &expected);
        }
    }

    #[test]
    fn the_header_row_has_no_fields_and_other_tables_no_header() {
        check(HEADER, HEADER, "|");
        assert!(header("Path,User,Version").is_none());
        assert!(header("2016-09-28 04:30:30, Info CBS").is_none());
    }
}
