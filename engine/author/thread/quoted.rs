//! Logs that mails quote, cleaned of what mail clients do to them, under the names Windows gives the logs.
//!
//! The engine's own recogniser says of each line whether a log begins a record so. Around records, lines of worker
//! threads and continuations are taken along; prose, headings and signatures end a log. A line with a log's name before
//! it (`Dism.log`) lends the recogniser that name.

use std::sync::LazyLock;

use regex::Regex;

use super::own::number_alone;
use super::split::is_rule;
use super::words::{label, words};
use crate::logs::{self, Block, LogFormat, Records};

/// How many lines without a stamp may stand between a log's name and its first record.
const HEADING: usize = 20;

/// Where mail clients wrap lines, at the earliest and at the latest.
const WRAPPED: std::ops::RangeInclusive<usize> = 72..=80;

/// Marks of quotations and lists before a line.
const MARKS: [char; 8] = [' ', '\t', '>', '-', '*', '•', '|', '\u{feff}'];

/// How many Chinese letters a line of a log may have that is no record: a message such as access denied.
const FEW: usize = 6;

/// A log that is being read.
#[derive(Default)]
struct Run {
    /// The name that the mail gives the log.
    name: Option<String>,
    lines: Vec<String>,
    /// The format of its records so far, none before the first.
    format: Option<LogFormat>,
    /// How wide the last line was in the mail.
    width: usize,
    after_blank: bool,
}

/// What a line is by itself.
enum Kind {
    Record(LogFormat),
    Worker,
    Other,
}

/// Name and text of each log quoted in `mails`, each once; what a later mail quotes again is not taken again.
pub(super) fn read(mails: &[Vec<&str>]) -> Vec<(String, String)> {
    let mut logs: Vec<(String, String)> = Vec::new();
    for lines in mails {
        let wraps = lines.iter().all(|line| !matches!(kind(line), Kind::Record(_)) || line.len() <= *WRAPPED.end());
        let mut run = Run::default();
        for line in lines {
            if let Some(name) = file_name(line) {
                close(std::mem::take(&mut run), &mut logs);
                run.name = Some(name.to_owned());
            } else if !run.take(line, wraps) {
                close(std::mem::take(&mut run), &mut logs);
                run.take(line, wraps);
            }
        }
        close(run, &mut logs);
    }
    logs
}

impl Run {
    /// Adds a line; false where it cannot belong to this log.
    fn take(&mut self, line: &str, wraps: bool) -> bool {
        let is_open = self.name.is_some() || !self.lines.is_empty();
        let width = std::mem::replace(&mut self.width, line.len());
        match kind(line) {
            Kind::Record(format) => {
                if self.format.is_some_and(|open| !go_together(open, format)) {
                    return false;
                }
                self.format.get_or_insert(format);
                self.lines.push(clean(line, format));
            }
            Kind::Worker => self.lines.push(line.trim_start_matches(MARKS).to_owned()),
            Kind::Other if !is_open => return true,
            Kind::Other if line.trim().is_empty() => {
                self.after_blank = true;
                return true;
            }
            Kind::Other if ends(line) => return false,
            Kind::Other if wraps && self.format.is_some() && !self.after_blank && was_wrapped(width, line) => {
                if let Some(last) = self.lines.last_mut() {
                    last.push(' ');
                    last.push_str(line.trim_start());
                }
            }
            Kind::Other if is_log_like(line) && (self.format.is_none() || !self.after_blank) => {
                self.lines.push(line.to_owned());
            }
            // Prose between the name of a log and its first record.
            Kind::Other if self.format.is_none() && self.lines.len() < HEADING => self.lines.clear(),
            Kind::Other => return false,
        }
        self.after_blank = false;
        true
    }
}

/// Keeps what was read, where it is a log.
fn close(run: Run, logs: &mut Vec<(String, String)>) {
    let text: String = run.lines.iter().map(|line| format!("{line}\n")).collect();
    let format = logs::recognise(run.name.as_deref().unwrap_or_default(), text.as_bytes());
    if run.format.is_none() || !format.is_text() || format == LogFormat::Plain {
        return;
    }
    let usual = format.file_name().map_or_else(|| format!("{}.log", format.name()), str::to_owned);
    let name = run.name.filter(|name| !name.eq_ignore_ascii_case(&usual)).unwrap_or(usual);
    match logs.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&name)) {
        Some((_, known)) if known.contains(&text) => {}
        Some((_, known)) => known.push_str(&text),
        None => logs.push((name, text)),
    }
}

fn kind(line: &str) -> Kind {
    if !line.contains(|letter: char| letter.is_ascii_digit() || matches!(letter, ',' | '<' | '>')) {
        return Kind::Other;
    }
    let format = logs::recognise("", line.as_bytes());
    if format.is_text() && format != LogFormat::Plain {
        return Kind::Record(format);
    }
    let block = Block { first_line: 1, text: line.to_owned(), ..Block::default() };
    let is_worker = |record: logs::Record<'_>| record.fields.iter().any(|(name, _)| name == "pid");
    let worker = Records::new(LogFormat::Setupact, &block).next().is_some_and(is_worker);
    if worker { Kind::Worker } else { Kind::Other }
}

/// Whether records of two formats stand in one log: set-up and servicing logs hold each other's lines.
fn go_together(one: LogFormat, other: LogFormat) -> bool {
    let shared = [LogFormat::Setupact, LogFormat::Cbs, LogFormat::Dism, LogFormat::UpdateAgent];
    let apart = [LogFormat::Cbs, LogFormat::Dism];
    one == other
        || shared.contains(&one) && shared.contains(&other) && !(apart.contains(&one) && apart.contains(&other))
}

/// The name of a log that a line consists of, such as `2）C:\Windows\Logs\DISM\dism.log:`.
fn file_name(line: &str) -> Option<&str> {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        let before = r"^\s*[【\[*#>•-]*\s*(?:[（(]?[0-9]{1,2}[)）.、．])?\s*(?:[A-Za-z]:\\\S*\\|%\S*\\)?";
        let name = r"([A-Za-z][\w.-]*\.(?i:log|csv|xml|ini|evtx|txt))";
        let behind = r"\s*(?:[(（][^)）]*[)）])?\s*(?:[】\]*:：]|如下|内容|片段|excerpt|says|shows)*\s*$";
        Regex::new(&format!("{before}{name}{behind}")).expect("the expression is valid")
    });
    Some(NAME.captures(line)?.get(1)?.as_str())
}

/// Whether a line is a part of the mail, and of no log.
fn ends(line: &str) -> bool {
    let begins = |kind| words(kind).any(|word| line.trim_start().starts_with(word));
    label(line).is_some_and(|(kind, _)| kind != "affected")
        || is_rule(line)
        || number_alone(line).is_some()
        || begins("farewell")
        || begins("greeting")
}

/// Whether a line that is no record reads like one that continues a record.
fn is_log_like(line: &str) -> bool {
    let chinese = line.chars().filter(|letter| matches!(letter, '\u{4e00}'..='\u{9fff}')).count();
    let is_sentence = line.trim_end().ends_with(['.', ':', '?', '!']) && line.split(' ').count() > 5;
    let marks = line.starts_with([' ', '\t', '(']) || line.contains(['\\', '=', '[', '{', '"']) || line.contains("0x");
    marks && chinese <= FEW && !is_sentence
}

/// Whether a mail client wrapped a line of that width because the first word of `next` did not fit; what reads like a
/// new sentence is none.
fn was_wrapped(width: usize, next: &str) -> bool {
    let word = next.split_whitespace().next().unwrap_or_default();
    let begins_anew = word.starts_with(char::is_uppercase) && !is_log_like(next) || !next.is_ascii();
    width <= *WRAPPED.end() && width + 1 + word.len() > *WRAPPED.start() && !begins_anew
}

/// A record without the marks before it and with the columns it had.
fn clean(line: &str, format: LogFormat) -> String {
    static NUMBER: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^[0-9]{1,7}[:.)|\s]\s*").expect("the expression is valid"));
    if format == LogFormat::SetupApi {
        return line.to_owned();
    }
    let bare = line.trim_start_matches(MARKS);
    let unnumbered = NUMBER.replace(bare, "");
    let shorter = [bare, unnumbered.trim_start_matches(MARKS)].into_iter().rev();
    let bare = shorter.into_iter().find(|bare| logs::recognise("", bare.as_bytes()) == format).unwrap_or(line);
    in_columns(bare).unwrap_or_else(|| bare.to_owned())
}

/// A record of the logs that share their columns, with the blanks that were lost; none where nothing was.
fn in_columns(line: &str) -> Option<String> {
    const STAMP: usize = 20;
    let stamp = line.get(..STAMP).filter(|stamp| stamp.ends_with(','))?;
    let block = Block { first_line: 1, text: line.to_owned(), ..Block::default() };
    let record = Records::new(LogFormat::Setupact, &block).next()?;
    let (level, component) = (record.level?, record.component?);
    let event = record.fields.iter().find(|(name, _)| name == "event").map(|(_, event)| format!("[{event}]"));
    let event = event.unwrap_or_default();
    Some(format!("{stamp} {level:<10} {event:<10} {component:<6} {}", record.message))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SP: &str = "2020-07-08 10:24:58, Error                 SP     Operation failed: C:\\x";

    fn check(mail: &str, expected: &[(&str, &str)]) {
        let read = read(&[mail.lines().collect()]);
        let shown: Vec<(&str, &str)> = read.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!(shown, expected, "{mail}");
    }

    #[test]
    fn records_in_prose_are_a_log_with_the_name_windows_gives_it() {
        check(
            &format!("我们看到：\n[7952] C:\\x (Error = 5)\n{SP}\n以上说明访问被拒绝。\n2020-07 is past."),
            &[("setupact.log", &format!("[7952] C:\\x (Error = 5)\n{SP}\n"))],
        );
        check("The date 2020-07-08 10:24:58 is no log.\nC:\\x\\dism.log\n[1] a footnote", &[]);
    }

    #[test]
    fn marks_and_lost_columns_are_mended() {
        for mark in ["> ", "* ", "• ", "17: "] {
            check(
                &format!("{mark}2020-07-08 10:24:58, Error SP Operation failed: C:\\x"),
                &[("setupact.log", &format!("{SP}\n"))],
            );
        }
    }

    #[test]
    fn several_logs_stand_apart() {
        let dism = "2020-07-30 16:38:03, Error                 DISM   DISM WIM Provider: PID=5808 failed";
        let update = "2021/02/18 10:21:44.5128340 2316  9024  Handler         *FAILED* [8024200D] Install";
        check(
            &format!("Setupact.log\n{SP}\nDism.log\nWim: [E:\\a.wim]\n{dism}\n\n{update}\nRegards\nx"),
            &[
                ("setupact.log", &format!("{SP}\n")),
                ("dism.log", &format!("Wim: [E:\\a.wim]\n{dism}\n")),
                ("WindowsUpdate.log", &format!("{update}\n")),
            ],
        );
    }

    #[test]
    fn wrapped_lines_are_joined() {
        check(
            "2020-07-08 10:24:58, Error SP SPWIMCallback: Error in apply of\nC:\\$WINDOWS.~BT\\NewOS\\Windows\\a.dll. GLE [5]",
            &[(
                "setupact.log",
                "2020-07-08 10:24:58, Error                 SP     SPWIMCallback: Error in apply of C:\\$WINDOWS.~BT\\NewOS\\Windows\\a.dll. GLE [5]\n",
            )],
        );
    }

    #[test]
    fn what_is_quoted_again_is_taken_once() {
        let mails = [vec![SP], vec!["> see above", SP]];
        assert_eq!(read(&mails), [("setupact.log".to_owned(), format!("{SP}\n"))]);
    }
}
