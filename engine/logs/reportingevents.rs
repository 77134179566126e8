//! `ReportingEvents.log`: what the update agent reports of each search, download and installation.
//!
//! ```text
//! {8F1D…}<TAB>2026-09-23 15:29:04:734+0300<TAB>1<TAB>182 [AGENT_INSTALLING_FAILED]<TAB>101<TAB>{624F…}<TAB>1<TAB>800f0820<TAB>…
//! ```
//! Copies turn the tabs into blanks; there the columns after the result are told apart only
//! around the word that says how it ended.

use std::borrow::Cow;

use super::cursor::{Clock, Cursor};
use super::layout::Columns;
use super::lines::{first_line, without_marks};

/// Whether a record begins with this line.
pub(super) fn starts(line: &str) -> bool {
    split(line).is_some()
}

/// Reads the columns of a record.
pub(super) fn columns(text: &str) -> Columns<'_> {
    let Some((date, clock, _, rest)) = split(text) else { return Columns::of(text) };
    let mut cursor = Cursor::new(rest);
    let mut next = |wanted: &'static str, fields: &mut Vec<_>| {
        cursor.blanks();
        let word = cursor.word();
        if !wanted.is_empty() && !word.is_empty() {
            fields.push((Cow::Borrowed(wanted), Cow::Borrowed(word.trim_matches(['[', ']']))));
        }
    };
    let mut fields = Vec::new();
    for name in ["", "event", "name", "", "update", "revision", "result"] {
        next(name, &mut fields);
    }
    let rest = cursor.rest.trim_start();
    let (caller, status, rest) = outcome(rest).unwrap_or(("", "", rest));
    let (category, message) = rest.split_once('\t').unwrap_or(("", rest));
    let (message, tracking) = message.split_once('\t').unwrap_or((message, ""));
    for (name, value) in [("caller", caller), ("status", status), ("category", category), ("tracking", tracking)] {
        if !value.trim().is_empty() {
            fields.push((Cow::Borrowed(name), Cow::Borrowed(value.trim())));
        }
    }
    let level = match status {
        "Failure" => Some("Error"),
        "" => None,
        _ => Some("Info"),
    };
    Columns { time: clock.on(date), level, fields, ..Columns::of(message) }
}

/// The minutes local time is ahead of UTC, as the first line that tells has it.
pub(super) fn utc_offset(text: &str) -> Option<i32> {
    text.split(['\n', '\r']).take(64).find_map(|line| split(line)?.2)
}

type Stamp<'t> = ([i32; 3], Clock, Option<i32>, &'t str);

fn split(line: &str) -> Option<Stamp<'_>> {
    let mut cursor = Cursor::new(without_marks(line));
    cursor.eat(&['{'])?;
    cursor.word().strip_suffix('}')?;
    cursor.blanks();
    let date = cursor.date(&['-', '/'])?;
    cursor.blanks();
    let clock = cursor.clock()?;
    let sign = if cursor.eat(&['+', '-'])? == '-' { -1 } else { 1 };
    let digits = cursor.number(4..=4)?;
    let offset = (digits % 100 < 60 && digits <= 1400).then_some(sign * (digits / 100 * 60 + digits % 100));
    Some((date, clock, offset, cursor.rest))
}

/// Splits `caller Success category…` at the word that says how it ended.
fn outcome(rest: &str) -> Option<(&str, &str, &str)> {
    let line = first_line(rest);
    ["Success", "Failure"].into_iter().find_map(|status| {
        let at = line
            .match_indices(status)
            .map(|(at, _)| at)
            .find(|at| line[..*at].ends_with(['\t', ' ']) && line[at + status.len()..].starts_with(['\t', ' ']))?;
        Some((&rest[..at], &rest[at..at + status.len()], rest[at + status.len()..].trim_start()))
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
    fn tabbed_columns_are_read() {
        check(
            "{A}\t2026-09-23 15:29:04:734+0300\t1\t182 [AGENT_INSTALLING_FAILED]\t101\t{B}\t1\t800f0820\tOrchestrator x\tFailure\tContent Install\tInstallation Failure: it failed\tcv.1",
            "2026-09-23T15:29:04.734|Error||event=182 name=AGENT_INSTALLING_FAILED update={B} revision=1 result=800f0820 caller=Orchestrator x status=Failure category=Content Install tracking=cv.1|Installation Failure: it failed",
        );
    }

    #[test]
    fn copies_without_tabs_keep_the_message() {
        check(
            "> {A} 2020-03-04 13:14:20:702-0130 1 148 [AGENT_DETECTION_FAILED] 101 {0} 0 80240438 <<PROCESS>>: a.exe Failure Software Sync",
            "2020-03-04T13:14:20.702|Error||event=148 name=AGENT_DETECTION_FAILED update={0} revision=0 result=80240438 caller=<<PROCESS>>: a.exe status=Failure|Software Sync",
        );
        assert_eq!(utc_offset("x\r\n{A} 2020-03-04 13:14:20:702-0130 1"), Some(-90));
    }

    #[test]
    fn other_lines_are_no_records() {
        for line in ["", "{A} x", "{A}\t2020-03-04 13:14:20:702", "2020-03-04 13:14:20:702+0100"] {
            check(line, "no record");
        }
    }
}
