//! Decides an entry's format: by its bytes, then by its first lines, and only then by its name.
//!
//! Called once per entry with the head of its bytes. Names deceive both ways: `CBS.log` may be a
//! student's homework, and `1.txt` may be a renamed CBS.log. So a name never makes a format of
//! text that does not look like it; it decides where lines of the shared columns could belong to
//! several logs, and it lends belief to a log that begins in the middle of a long record.

use crate::text::{self, TextReader};

use super::lines::is_blank;
use super::{LogFormat, coinstaller, magic, panther, procmon, windowsupdate, worker};

/// How many lines tell the format of a text without a telling name.
const SAMPLE: usize = 50;

/// Decides the format of an entry from its path and its first bytes (64 KiB are plenty).
///
/// ```text
/// recognise("logs/1.txt", b"2023-11-01 13:12:37, Info                  CBS    …") is Cbs
/// ```
pub fn recognise(path: &str, head: &[u8]) -> LogFormat {
    if let Some(format) = magic::recognise(head) {
        return format;
    }
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_ascii_lowercase();
    if text::is_binary(head) {
        return if name.ends_with(".etl") { LogFormat::Etl } else { LogFormat::Binary };
    }
    let named = by_name(&name);
    let mut text = String::new();
    // Reading from a slice cannot fail; if it did, the text so far would have to do.
    let _ = TextReader::new(head).fill(&mut text, head.len());
    let lines: Vec<&str> = text.split(['\n', '\r']).filter(|line| !is_blank(line)).collect();
    match lines.first() {
        None => named.unwrap_or(LogFormat::Plain),
        Some(first) if procmon::header(first).is_some() => LogFormat::Procmon,
        Some(_) => by_lines(&lines, named),
    }
}

/// The text format a file of this name should have.
fn by_name(name: &str) -> Option<LogFormat> {
    const NAMES: [(&str, LogFormat); 7] = [
        ("setupact", LogFormat::Setupact),
        ("setuperr", LogFormat::Setupact),
        ("cbs", LogFormat::Cbs),
        ("checksur", LogFormat::Cbs),
        ("dism", LogFormat::Dism),
        ("updateagent", LogFormat::UpdateAgent),
        ("windowsupdate", LogFormat::WindowsUpdate),
    ];
    NAMES.iter().find(|(part, _)| name.contains(part)).map(|(_, format)| *format)
}

fn by_lines(lines: &[&str], named: Option<LogFormat>) -> LogFormat {
    let sample = &lines[..lines.len().min(SAMPLE)];
    let first_lines = Votes::count(sample);
    let votes = if named.is_some() { Votes::count(lines) } else { first_lines };
    let believed = named.is_some()
        || sample.first().is_some_and(|line| Votes::count(&[*line]).stamped() > 0)
        || (votes.stamped() + votes.worker) * 4 >= sample.len();
    if votes.stamped() == 0 || !believed {
        return LogFormat::Plain;
    }
    if votes.panther >= votes.windowsupdate.max(votes.coinstaller) {
        return by_components(lines, named);
    }
    if votes.windowsupdate >= votes.coinstaller { LogFormat::WindowsUpdate } else { LogFormat::Coinstaller }
}

/// How many lines look like a record of each kind.
struct Votes {
    panther: usize,
    windowsupdate: usize,
    coinstaller: usize,
    worker: usize,
}

impl Votes {
    fn count(lines: &[&str]) -> Self {
        let count = |starts: fn(&str) -> bool| lines.iter().filter(|line| starts(line)).count();
        Self {
            panther: count(panther::starts),
            windowsupdate: count(windowsupdate::starts),
            coinstaller: count(coinstaller::starts),
            worker: count(worker::starts),
        }
    }

    fn stamped(&self) -> usize {
        self.panther + self.windowsupdate + self.coinstaller
    }
}

/// Tells the logs with shared columns apart.
///
/// Set-up logs also hold lines of the servicing and imaging components, a `setuperr.log` often
/// nothing else, so their name is believed; another name is believed if a quarter of the lines
/// agree; otherwise most lines win.
fn by_components(lines: &[&str], named: Option<LogFormat>) -> LogFormat {
    let stamped = lines.iter().filter(|line| panther::starts(line));
    let voices: Vec<LogFormat> = stamped.filter_map(|line| voice(line)).collect();
    let count = |format: LogFormat| voices.iter().filter(|voice| **voice == format).count();
    let family = [LogFormat::Setupact, LogFormat::Cbs, LogFormat::Dism, LogFormat::UpdateAgent];
    if let Some(named) = named.filter(|named| family.contains(named)) {
        let agreeing = count(named);
        if named == LogFormat::Setupact || agreeing * 4 >= voices.len() {
            return named;
        }
    }
    // `max_by_key` keeps the last of equals, and the more general format should win a tie.
    let most = family.into_iter().rev().max_by_key(|format| count(*format));
    most.unwrap_or(LogFormat::Setupact)
}

/// Which log a line speaks for; a blank component speaks only through the agent's own words.
fn voice(line: &str) -> Option<LogFormat> {
    let columns = panther::columns(line);
    match columns.component {
        Some("CBS" | "CSI" | "DPX" | "DEPLOY") => Some(LogFormat::Cbs),
        Some("DISM") => Some(LogFormat::Dism),
        Some(_) => Some(LogFormat::Setupact),
        None => ["ICbsServicingProcessor", "UpdateAgent"]
            .iter()
            .any(|word| columns.message.contains(word))
            .then_some(LogFormat::UpdateAgent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SP: &str = "2020-07-08 10:24:58, Error                 SP     Operation failed\r\n";
    const CBS: &str = "2023-11-01 13:12:37, Info                  CBS    Exec: done\r\n";
    const DISM: &str = "2023-07-05 21:36:53, Error                 DISM   Failed\r\n";
    const AGENT: &str = "2021-06-09 12:08:20, Error                        ICbsServicingProcessor->Process failed\r\n";

    fn check(path: &str, head: impl AsRef<[u8]>, expected: LogFormat) {
        assert_eq!(recognise(path, head.as_ref()), expected, "{path}");
    }

    #[test]
    fn content_decides_whatever_the_name() {
        check("1.txt", SP, LogFormat::Setupact);
        check("1.txt", CBS, LogFormat::Cbs);
        check("CBS.log", DISM, LogFormat::Dism);
        check("1.txt", AGENT, LogFormat::UpdateAgent);
        check("setupact.log", "[05/08/2025 09:40.53.963] A: b\n", LogFormat::Coinstaller);
        check("1.txt", "2019/11/04 13:45:06.2666002 5084  14248 Misc  x", LogFormat::WindowsUpdate);
        check("CBS.log", "Operation,Path,Result\nCreateFile,C:\\,SUCCESS\n", LogFormat::Procmon);
    }

    #[test]
    fn the_name_decides_where_content_is_ambiguous() {
        let blank = "2021-06-09 12:08:20, Error                        It failed\r\n";
        check("UpdateAgent.log", blank, LogFormat::UpdateAgent);
        check("a/dism.log", blank, LogFormat::Dism);
        check("1.log", blank, LogFormat::Setupact);
        check("C:\\Panther\\setuperr.log", CBS, LogFormat::Setupact);
        check("dism.log", CBS.repeat(2) + DISM, LogFormat::Dism);
        check("CBS.log", "", LogFormat::Cbs);
    }

    #[test]
    fn a_log_may_begin_with_other_lines() {
        check("1.txt", format!("\r\n{SP}"), LogFormat::Setupact);
        check("1.txt", format!("the error is below\r\n{SP}"), LogFormat::Setupact);
        check("1.txt", format!("  (p) CSI Payload Corrupt\r\n  (w) x\r\n{CBS}{CBS}"), LogFormat::Cbs);
        check("CBS.log", "  (0)  LockComponentPath\r\n".repeat(200) + CBS, LogFormat::Cbs);
        check("1.txt", format!("[7952] A:(1)\r\n[7952] B:(1)\r\n{SP}"), LogFormat::Setupact);
        check("1.txt", format!("> {SP}"), LogFormat::Setupact);
    }

    #[test]
    fn text_that_is_no_log_is_plain_whatever_its_name() {
        check("CBS.log", "Course: business studies\r\nWeek 1\r\n", LogFormat::Plain);
        check("SetupDiagResults.log", format!("\r\nMatching Profile found\nLogEntry: {SP}"), LogFormat::Plain);
        check("mail.txt", "Dear all,\n".repeat(40) + SP, LogFormat::Plain);
        check("data.csv", "Path,User,Version\na,b,c\n", LogFormat::Plain);
        check("1.txt", "", LogFormat::Plain);
    }

    #[test]
    fn bytes_that_are_no_text_are_named() {
        check("CBS.log", b"ElfFile\0\0\0", LogFormat::Evtx);
        check("WindowsUpdate.1.etl", [0u8; 64], LogFormat::Etl);
        check("CBS.log", [0u8; 64], LogFormat::Binary);
    }
}
