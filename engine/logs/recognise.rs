//! Decides an entry's format: by its bytes, then by its first lines, and only then by its name.
//!
//! Called once per entry with the head of its bytes. Names deceive both ways: `CBS.log` may be a
//! student's homework, and `1.txt` may be a renamed CBS.log. So a name never makes a format of
//! text that does not look like it; it decides where lines of the shared columns could belong to
//! several logs, and it lends belief to a log that begins in the middle of a long record.

use crate::text::{self, TextReader};

use super::lines::is_blank;
use super::{
    LogFormat, bluebox, checksur, cmtrace, coinstaller, eventxml, ini, magic, msi, panther, pfro, procmon,
    reportingevents, setupapi, setupdiag, windowsupdate, worker,
};

/// How many lines tell the format of a text without a telling name.
const SAMPLE: usize = 50;
/// How many lines may stand before one that only a log of one format has.
const HEADING: usize = 5;
/// A format and whether a line looks like one of its records.
type Shape = (LogFormat, fn(&str) -> bool);
/// The formats that are told by lines of their own.
const SHAPES: [Shape; 9] = [
    (LogFormat::WindowsUpdate, windowsupdate::starts),
    (LogFormat::Coinstaller, coinstaller::starts),
    (LogFormat::SetupApi, setupapi::starts),
    (LogFormat::ReportingEvents, reportingevents::starts),
    (LogFormat::BlueBox, bluebox::starts),
    (LogFormat::CheckSur, checksur::starts),
    (LogFormat::Pfro, pfro::starts),
    (LogFormat::CmTrace, cmtrace::starts),
    (LogFormat::Msi, msi::starts),
];

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
        Some(first) if first.trim_start().starts_with('<') && !cmtrace::starts(first) => by_tags(&text, named),
        Some(first) if name.ends_with(".ini") && first.trim_start().starts_with(['[', ';']) => by_settings(&lines),
        Some(_) => by_heading(&lines).unwrap_or_else(|| by_lines(&lines, named)),
    }
}

/// Tells XML files apart by the elements at their beginning.
fn by_tags(text: &str, named: Option<LogFormat>) -> LogFormat {
    const ELEMENTS: [(&str, LogFormat); 8] = [
        (eventxml::MARK, LogFormat::EventXml),
        ("<SetupDiag", LogFormat::SetupDiag),
        ("<z:row", LogFormat::DiagXml),
        ("#RowsetSchema", LogFormat::DiagXml),
        ("<CompatReport", LogFormat::CompatData),
        ("<DriverPackage", LogFormat::CompatData),
        ("<PropertyList", LogFormat::CompatData),
        ("<WicaRun", LogFormat::CompatData),
    ];
    let found = ELEMENTS.iter().find(|(element, _)| text.contains(element)).map(|(_, format)| *format);
    let named = named.filter(|named| *named == LogFormat::CompatData);
    found.or(named).unwrap_or(LogFormat::Plain)
}

fn by_settings(lines: &[&str]) -> LogFormat {
    let fits = lines.iter().take(SAMPLE).all(|line| ini::fits(line));
    if fits { LogFormat::Ini } else { LogFormat::Plain }
}

/// The format of which a line near the beginning leaves no doubt.
fn by_heading(lines: &[&str]) -> Option<LogFormat> {
    let heading = lines.iter().take(HEADING).take_while(|line| !panther::starts(line));
    heading.into_iter().find_map(|line| match line {
        line if checksur::starts(line) => Some(LogFormat::CheckSur),
        line if setupdiag::is_mark(line) => Some(LogFormat::SetupDiag),
        line if line.trim() == "[Device Install Log]" => Some(LogFormat::SetupApi),
        _ => None,
    })
}

/// The text format a file of this name should have.
fn by_name(name: &str) -> Option<LogFormat> {
    const NAMES: [(&str, LogFormat); 17] = [
        ("setupact", LogFormat::Setupact),
        ("setuperr", LogFormat::Setupact),
        ("cbs", LogFormat::Cbs),
        ("checksur", LogFormat::CheckSur),
        ("dism", LogFormat::Dism),
        ("updateagent", LogFormat::UpdateAgent),
        ("windowsupdate", LogFormat::WindowsUpdate),
        ("setupapi", LogFormat::SetupApi),
        ("reportingevents", LogFormat::ReportingEvents),
        ("bluebox", LogFormat::BlueBox),
        ("pfro", LogFormat::Pfro),
        ("setupdiag", LogFormat::SetupDiag),
        ("compatdata", LogFormat::CompatData),
        ("appraiser_humanreadable", LogFormat::CompatData),
        ("scanresult", LogFormat::CompatData),
        ("diagerr", LogFormat::DiagXml),
        ("diagwrn", LogFormat::DiagXml),
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
    // `max_by_key` keeps the last of equals; the first stands for the more frequent log.
    let most = SHAPES.iter().zip(votes.others).rev().max_by_key(|(_, count)| *count);
    match most {
        Some(((format, _), count)) if count > votes.panther => *format,
        _ => by_components(lines, named),
    }
}

/// How many lines look like a record of each kind.
struct Votes {
    panther: usize,
    /// In the order of [`SHAPES`].
    others: [usize; SHAPES.len()],
    worker: usize,
}

impl Votes {
    fn count(lines: &[&str]) -> Self {
        let count = |starts: fn(&str) -> bool| lines.iter().filter(|line| starts(line)).count();
        Self {
            panther: count(panther::starts),
            others: SHAPES.map(|(_, starts)| count(starts)),
            worker: count(worker::starts),
        }
    }

    fn stamped(&self) -> usize {
        self.panther + self.others.iter().sum::<usize>()
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
    fn logs_beside_setup_are_known_by_content() {
        check(
            "1.txt",
            ">>>  [Device Install - x]\r\n>>>  Section start 2012/02/08 20:55:17.486\r\n",
            LogFormat::SetupApi,
        );
        check(
            "1.txt",
            "     sto:      {IMPORT} 22:39:38.936\r\n     flq:      Hardlinking 'a'\r\n",
            LogFormat::SetupApi,
        );
        check("1.txt", "{A}\t2026-09-23 15:29:04:734+0300\t1\t182 [X]\t101\t{B}\t1\t0\t", LogFormat::ReportingEvents);
        check("1.txt", "2025-04-26 05:07:00: CommandLine: [x]\r\n", LogFormat::BlueBox);
        check("1.txt", "=====\r\nChecking System Update Readiness.\r\nBinary Version 6.1\r\n", LogFormat::CheckSur);
        check("1.txt", "<![LOG[x]LOG]!><time=\"1\">\r\n", LogFormat::CmTrace);
        check("1.txt", "MSI (s) (84:58) [16:04:27:498]: x\r\n", LogFormat::Msi);
        check("1.txt", "2/27/2024 15:9:4 - 1 Successful PFRO operations\r\n", LogFormat::Pfro);
        check("1.txt", format!("\r\nMatching Profile found: A - 1\nLogEntry: {SP}"), LogFormat::SetupDiag);
        check("CBS.log", format!("{CBS}=====\r\nChecking System Update Readiness.\r\n"), LogFormat::Cbs);
    }

    #[test]
    fn utf16_without_a_mark_is_read_for_its_content() {
        let text = "2/27/2024 15:9:4 - 1 Successful PFRO operations\r\n".repeat(4);
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        check("1.txt", bytes, LogFormat::Pfro);
    }

    #[test]
    fn xml_and_settings_are_known_by_content() {
        check("1.xml", "<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n<SetupDiag xmlns=\"x\">", LogFormat::SetupDiag);
        check("1.xml", "<xml><rs:data><z:row Cls=\"D\"/></rs:data></xml>", LogFormat::DiagXml);
        check("1.xml", "<CompatReport><Programs/></CompatReport>", LogFormat::CompatData);
        check("ScanResult.xml", "<?xml version=\"1.0\"?><Result/>", LogFormat::CompatData);
        let event = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>";
        check("Setup.evtx", event, LogFormat::EventXml);
        check("1.txt", format!("<?xml version=\"1.0\"?>\r\n<Events>{event}"), LogFormat::EventXml);
        check("rollbackinfo.ini", "[A]\r\nCurrentPhase=FirstBoot,Start\r\n", LogFormat::Ini);
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
        check("notes.xml", "<?xml version=\"1.0\"?><notes/>", LogFormat::Plain);
        check("a.ini", "[a]\r\nthis is prose\r\n", LogFormat::Plain);
        check("mail.txt", "Dear all,\nto: you\ncc: me\n", LogFormat::Plain);
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
