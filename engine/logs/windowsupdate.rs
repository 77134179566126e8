//! WindowsUpdate.log of every Windows version.
//!
//! ```text
//! 2021-08-28<TAB>03:07:48:216<TAB> 648<TAB>13bc<TAB>Misc<TAB>=====  Logging initialized …
//! 2019/11/04 13:45:06.2666002 5084  14248 Misc            *FAILED* [8024000C] LoadHistory…
//! 03:07:48.21655 PM 1092 10968 downloadmanager_cpp16907 [DownloadManager] …
//! Agent           [0]0B2C.0C34::03/07/2017-17:08:41.736 [agent]Initializing …
//! 1601/01/01 08:00:00.0000000 1048  1052                    Unknown( 11): GUID=… (No Format …
//! ```
//! Windows 7 separates columns by tabs, which copies turn into blanks, and writes the thread in
//! hexadecimal; later versions decode the log from an event trace with the date separator of the
//! user's language. Levels are words inside the message, and come out under the names that the
//! other formats use. A line whose trace could not be decoded is still a record.

use std::borrow::Cow;

use super::cursor::{Clock, Cursor};
use super::layout::Columns;
use super::lines::{first_line, without_marks};

/// A trace without a time is decoded as the year 1601.
const FIRST_YEAR: i32 = 1990;
const LEVELS: [(&str, &str); 3] = [("FATAL:", "Fatal Error"), ("*FAILED*", "Error"), ("WARNING:", "Warning")];

/// Whether a record begins with this line.
pub(super) fn starts(line: &str) -> bool {
    split(line).is_some()
}

/// Reads the columns of a record that begins with a stamp.
pub(super) fn columns(text: &str) -> Columns<'_> {
    let Some(stamp) = split(text) else { return Columns::of(text) };
    let date = stamp.date.filter(|[year, ..]| *year >= FIRST_YEAR);
    let (component, message) = match stamp.component {
        Some(component) => (Some(component), stamp.rest),
        None => component(stamp.rest),
    };
    let line = first_line(message);
    Columns {
        time: date.and_then(|date| stamp.clock.on(date)),
        level: LEVELS.iter().find(|(word, _)| line.contains(word)).map(|(_, level)| *level),
        component,
        fields: vec![
            (Cow::Borrowed("pid"), Cow::Borrowed(stamp.pid)),
            (Cow::Borrowed("tid"), Cow::Borrowed(stamp.tid)),
        ],
        ..Columns::of(message)
    }
}

struct Stamp<'t> {
    date: Option<[i32; 3]>,
    clock: Clock,
    pid: &'t str,
    tid: &'t str,
    component: Option<&'t str>,
    rest: &'t str,
}

fn split(line: &str) -> Option<Stamp<'_>> {
    let line = without_marks(line);
    if !line.starts_with(|first: char| first.is_ascii_digit() || first == '上' || first == '下') {
        return split_trace_layout(line);
    }
    let mut cursor = Cursor::new(line);
    let mut ahead = cursor;
    let date = ahead.date(&['-', '/', '.']).filter(|_| ahead.blanks() > 0).map(year_first);
    if date.is_some() {
        cursor = ahead;
    }
    let clock = cursor.clock().filter(|clock| clock.precision >= 3)?;
    cursor.blanks();
    let pid = cursor.word();
    cursor.blanks();
    let tid = cursor.word();
    let is_pid = !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit());
    (is_pid && is_hex(tid)).then_some(Stamp { date, clock, pid, tid, component: None, rest: cursor.rest })
}

/// Splits a line in the trace's own layout, which some previews of Windows 10 wrote.
fn split_trace_layout(line: &str) -> Option<Stamp<'_>> {
    let mut cursor = Cursor::new(line);
    if !line.starts_with('[') {
        cursor.word();
        cursor.blanks();
    }
    cursor.eat(&['['])?;
    cursor.number(1..=3)?;
    cursor.eat(&[']'])?;
    let (ids, rest) = cursor.rest.split_at_checked("0B2C.0C34::".len())?;
    let (pid, tid) = ids.strip_suffix("::")?.split_once('.')?;
    let mut cursor = Cursor::new(rest);
    let date = cursor.date(&['/']).map(year_first);
    cursor.eat(&['-'])?;
    let clock = cursor.clock()?;
    cursor.blanks();
    cursor.eat(&['['])?;
    let (component, rest) = cursor.rest.split_at(cursor.rest.find(|next: char| !next.is_ascii_alphanumeric())?);
    let rest = rest.strip_prefix(']')?;
    (is_hex(pid) && is_hex(tid)).then_some(Stamp { date, clock, pid, tid, component: Some(component), rest })
}

fn is_hex(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Puts the year of a date first; dates that begin with the day or the month are told apart
/// where they can be, else taken as month first.
fn year_first([first, second, third]: [i32; 3]) -> [i32; 3] {
    match (first, second) {
        (32.., _) => [first, second, third],
        (13.., _) => [third, second, first],
        _ => [third, first, second],
    }
}

fn component(rest: &str) -> (Option<&str>, &str) {
    let mut cursor = Cursor::new(rest);
    cursor.blanks();
    let message = cursor.rest;
    let word = cursor.word();
    let is_name =
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && word != "Unknown";
    if !is_name {
        return (None, message);
    }
    cursor.blanks();
    let bracketed = cursor.rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    if let Some((name, rest)) = bracketed.filter(|_| word.contains('_')) {
        return (Some(name), rest.trim_start_matches([' ', '\t']));
    }
    (Some(word), cursor.rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        let shown = if starts(input) { columns(input).show() } else { "no record".to_owned() };
        assert_eq!(shown, expected, "{input}");
    }

    #[test]
    fn windows_7_lines_are_read_with_tabs_and_with_blanks() {
        check(
            "2021-08-28\t03:07:48:216\t 648\t13bc\tMisc\t===  Logging initialized (tz: +0530)  ===",
            "2021-08-28T03:07:48.216||Misc|pid=648 tid=13bc|===  Logging initialized (tz: +0530)  ===",
        );
        check(
            "2015-10-30 17:12:54:073 880 1160 PT WARNING: SyncUpdates failed.: 0x80244007",
            "2015-10-30T17:12:54.073|Warning|PT|pid=880 tid=1160|WARNING: SyncUpdates failed.: 0x80244007",
        );
    }

    #[test]
    fn windows_10_lines_are_read_with_any_date_separator() {
        for date in ["2019/11/04", "2019-11-04", "2019.11.04", "11/04/2019"] {
            check(
                &format!("{date} 13:45:06.2666002 5084  14248 Misc            *FAILED* [8024000C] Load"),
                "2019-11-04T13:45:06.2666002|Error|Misc|pid=5084 tid=14248|*FAILED* [8024000C] Load",
            );
        }
        check("> 2019/11/04 13:45:06.266 1 2 AU quoted", "2019-11-04T13:45:06.266||AU|pid=1 tid=2|quoted");
        check("31.12.2019 13:45:06.266 1 2 AU x", "2019-12-31T13:45:06.266||AU|pid=1 tid=2|x");
    }

    #[test]
    fn half_day_clocks_and_source_columns_are_read() {
        for time in ["03:07:48.21655 PM", "下午 03:07:48.21655", "03:07:48.21655 下午"] {
            check(
                &format!("2019/11/04 {time} 1092 10968 downloadmanager_cpp16907 [DownloadManager] FATAL: x"),
                "2019-11-04T15:07:48.21655|Fatal Error|DownloadManager|pid=1092 tid=10968|FATAL: x",
            );
        }
        check("03:07:48.216 AM 1 2 Agent x", "||Agent|pid=1 tid=2|x");
    }

    #[test]
    fn preview_lines_in_the_layout_of_the_trace_are_read() {
        for column in ["", "Agent           "] {
            check(
                &format!("{column}[0]0B2C.0C34::03/07/2017-17:08:41.736 [agent]*FAILED* [80248007] x"),
                "2017-03-07T17:08:41.736|Error|agent|pid=0B2C tid=0C34|*FAILED* [80248007] x",
            );
        }
        check("Agent [0]0B2C.0C34::", "no record");
        check("Agent [0]错错错错", "no record");
    }

    #[test]
    fn undecoded_lines_are_records_without_time_and_component() {
        check(
            "1601/01/01 08:00:00.0000000 1048  1052                    Unknown( 11): GUID=x (No Format Information found).",
            "|||pid=1048 tid=1052|Unknown( 11): GUID=x (No Format Information found).",
        );
    }

    #[test]
    fn other_stamps_are_no_records() {
        check("2024-04-11 12:48:04.626 [main] INFO started", "no record");
        check("2024-04-11 12:48:04 12 34 text", "no record");
        check("2020-07-08 10:24:58, Error SP x", "no record");
        check("2024-04-11", "no record");
    }
}
