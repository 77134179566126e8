//! The fixed columns shared by setupact.log, setuperr.log, CBS.log, dism.log and UpdateAgent.log.
//!
//! ```text
//! 2020-07-08 10:24:58, Error                 SP     SPWIMCallback: Error in apply of …
//! 2022-07-06 08:08:32, Info       [0x090008] PANTHR CBlackboard::Open: …
//! 2021-06-09 12:08:20, Error                        WinReGetConfigEx failed. …
//! ```
//! An untouched line has its component at columns 43 to 49 and its message from 50; the component
//! may be blank. Copies out of mails and web pages collapse the blanks and put quote marks,
//! bullets or line numbers in front: there a component is only believed if it is a known one.

use std::borrow::Cow;

use super::cursor::Cursor;
use super::layout::{Columns, Field};
use super::lines::{first_line, without_marks};

/// The components seen at the column, by which formats are also told apart.
pub(super) const COMPONENTS: [&str; 22] = [
    "CBS", "CSI", "DPX", "DEPLOY", "DISM", "SP", "MOUPG", "MIG", "CONX", "PANTHR", "IBS", "IBSLIB", "SYSPRP", "DU",
    "DIAG", "UI", "CMI", "TOOL", "PnPIBS", "WDS", "WLCOMP", "SETUP",
];

const LEVELS: [&str; 5] = ["Info", "Warning", "Error", "Fatal Error", "Perf Err"];
const COMPONENT_COLUMN: usize = 43;
const MESSAGE_COLUMN: usize = 50;

/// Whether a record begins with this line.
pub(super) fn starts(line: &str) -> bool {
    stamped(line).is_some()
}

/// Reads the columns of a record that begins with a stamp.
pub(super) fn columns(text: &str) -> Columns<'_> {
    let Some(line) = stamped(text) else { return Columns::of(text) };
    let mut cursor = Cursor::new(line);
    let date = cursor.date(&['-']);
    cursor.blanks();
    let time = date.zip(cursor.clock()).and_then(|(date, clock)| clock.on(date));
    cursor.eat(&[',']);
    cursor.blanks();
    let level = eat_level(&mut cursor);
    cursor.blanks();
    let event = eat_event(&mut cursor);
    cursor.blanks();
    let column = line.len() - cursor.rest.len();
    let component = component(cursor.rest, column);
    let message = cursor.rest[component.map_or(0, str::len)..].trim_start();
    let mut fields = Vec::new();
    fields.extend(event.map(|event| (Cow::Borrowed("event"), Cow::Borrowed(event))));
    if component == Some("DISM") {
        fields.extend(dism_fields(first_line(message)));
    }
    Columns { time, level, component, fields, ..Columns::of(message) }
}

/// The line from its stamp on, if it has one.
fn stamped(line: &str) -> Option<&str> {
    if has_stamp(line) {
        return Some(line);
    }
    let bare = without_marks(line);
    if has_stamp(bare) {
        return Some(bare);
    }
    let mut cursor = Cursor::new(bare);
    cursor.number(1..=7)?;
    cursor.eat(&[':', '.', ')', '|', ' ', '\t'])?;
    Some(without_marks(cursor.rest)).filter(|bare| has_stamp(bare))
}

fn has_stamp(line: &str) -> bool {
    const SHAPE: &[u8; 20] = b"dddd-dd-dd dd:dd:dd,";
    let fits = |(byte, shape): (&u8, &u8)| match shape {
        b'd' => byte.is_ascii_digit(),
        other => byte == other,
    };
    line.len() >= SHAPE.len() && line.as_bytes().iter().zip(SHAPE).all(fits)
}

fn eat_level<'t>(cursor: &mut Cursor<'t>) -> Option<&'t str> {
    let begin = cursor.rest;
    let level = LEVELS.into_iter().find(|level| begin.starts_with(level))?;
    let rest = &begin[level.len()..];
    if rest.starts_with(|next: char| next.is_alphanumeric()) {
        return None;
    }
    cursor.rest = rest;
    Some(&begin[..level.len()])
}

fn eat_event<'t>(cursor: &mut Cursor<'t>) -> Option<&'t str> {
    let (event, rest) = cursor.rest.strip_prefix('[')?.split_once(']')?;
    let digits = event.strip_prefix("0x")?;
    if digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    cursor.rest = rest;
    Some(event)
}

fn component(rest: &str, column: usize) -> Option<&str> {
    if column >= MESSAGE_COLUMN {
        return None;
    }
    let mut cursor = Cursor::new(rest);
    let word = cursor.word();
    cursor.blanks();
    let message_column = column + rest.len() - cursor.rest.len();
    let untouched = column == COMPONENT_COLUMN
        && message_column >= MESSAGE_COLUMN
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (COMPONENTS.contains(&word) || untouched && !word.is_empty()).then_some(word)
}

/// Process, thread and the reporting function of a line such as
/// `DISM Package Manager: PID=2128 TID=7876 Failed … - CDISMPackageManager::Finalize(hr:0x800f081f)`.
fn dism_fields(line: &str) -> impl Iterator<Item = Field<'_>> {
    let number = |label: &str| {
        let (_, after) = line.split_once(label)?;
        let end = after.find(|next: char| !next.is_ascii_digit()).unwrap_or(after.len());
        Some(&after[..end]).filter(|digits| !digits.is_empty())
    };
    let function = line.rsplit_once(" - ").map(|(_, tail)| tail.split('(').next().unwrap_or(tail));
    let class = function.and_then(|function| function.split_once("::"));
    [
        ("pid", number("PID=")),
        ("tid", number("TID=")),
        ("class", class.map(|(class, _)| class)),
        ("method", class.map(|(_, method)| method)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((Cow::Borrowed(name), Cow::Borrowed(value?))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        let shown = if starts(input) { columns(input).show() } else { "no record".to_owned() };
        assert_eq!(shown, expected, "{input}");
    }

    #[test]
    fn untouched_columns_are_read() {
        check(
            "2020-07-08 10:24:58, Error                 SP     SPWIMCallback: Error. GLE [5]",
            "2020-07-08T10:24:58|Error|SP||SPWIMCallback: Error. GLE [5]",
        );
        check(
            "2022-07-06 08:08:32, Info       [0x090008] PANTHR CBlackboard::Open: C:\\x succeeded.",
            "2022-07-06T08:08:32|Info|PANTHR|event=0x090008|CBlackboard::Open: C:\\x succeeded.",
        );
        check(
            "2020-07-08 10:24:58, Fatal Error           NEWONE It broke",
            "2020-07-08T10:24:58|Fatal Error|NEWONE||It broke",
        );
    }

    #[test]
    fn a_blank_component_is_none_even_before_a_known_word() {
        check(
            "2021-06-09 12:08:20, Error                        WinReGetConfigEx failed.",
            "2021-06-09T12:08:20|Error|||WinReGetConfigEx failed.",
        );
        check(
            "2021-06-09 12:08:20, Error                        CBS is busy",
            "2021-06-09T12:08:20|Error|||CBS is busy",
        );
    }

    #[test]
    fn an_indented_message_keeps_its_component() {
        check(
            "2023-05-23 00:32:46, Error                 SP         CApplyWIM: Failure",
            "2023-05-23T00:32:46|Error|SP||CApplyWIM: Failure",
        );
    }

    #[test]
    fn copied_lines_are_read() {
        for mark in ["- ", "> ", "> > ", "**", "\u{feff}", "  * ", "17: ", "  17\t", "| "] {
            check(
                &format!("{mark}2018-01-02 03:04:05, Error [0x018003] CSI 00000e64 (F) Failed"),
                "2018-01-02T03:04:05|Error|CSI|event=0x018003|00000e64 (F) Failed",
            );
        }
        check("2018-01-02 03:04:05, Perf Err\tMIG\tSlow", "2018-01-02T03:04:05|Perf Err|MIG||Slow");
        check("2018-01-02 03:04:05, Warning Slow down", "2018-01-02T03:04:05|Warning|||Slow down");
    }

    #[test]
    fn dism_lines_tell_process_thread_and_function() {
        check(
            "2023-07-05 21:36:53, Error                 DISM   DISM Package Manager: PID=2128 TID=7876 Failed. - CDISMPackageManager::Internal_Finalize(hr:0x800f081f)",
            "2023-07-05T21:36:53|Error|DISM|pid=2128 tid=7876 class=CDISMPackageManager method=Internal_Finalize|DISM Package Manager: PID=2128 TID=7876 Failed. - CDISMPackageManager::Internal_Finalize(hr:0x800f081f)",
        );
    }

    #[test]
    fn damaged_columns_cost_only_themselves() {
        check("2020-02-31 10:24:58, Error SP x", "|Error|SP||x");
        check("2020-02-03 10:24:58, Errors SP x", "2020-02-03T10:24:58||||Errors SP x");
        check("2020-02-03 10:24:58,", "2020-02-03T10:24:58||||");
        check("2020-02-03 10:24:58, Info [0xzz] SP", "2020-02-03T10:24:58|Info|||[0xzz] SP");
    }

    #[test]
    fn other_lines_are_no_records() {
        for line in ["", "2020-07-08 10:24:58 Error", "[gle=0x80004005]", "LogEntry: 2020-07-08 10:24:58, Error"] {
            check(line, "no record");
        }
    }

    #[test]
    fn continuation_lines_belong_to_the_message() {
        check(
            "2020-02-03 10:24:58, Info                  CBS    \r\n=====\r\nChecking",
            "2020-02-03T10:24:58|Info|CBS||=====\r\nChecking",
        );
    }
}
