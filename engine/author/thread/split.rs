//! Cuts the text of a thread into its mails by the headers that clients write above a quoted mail.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use super::words::{label, words};
use crate::logs::{self, LogFormat};

/// A thread, its oldest mail first.
#[derive(Debug, Default)]
pub(super) struct Thread {
    /// The subject line.
    pub(super) subject: String,
    /// The mails.
    pub(super) mails: Vec<Mail>,
}

/// One mail of a thread.
#[derive(Debug, Default)]
pub(super) struct Mail {
    /// Who wrote it and to whom, as the headers name them.
    pub(super) people: Vec<String>,
    /// The day it was sent.
    pub(super) sent: Option<Date>,
    /// The text without headers and without marks of quotation.
    pub(super) lines: Vec<String>,
}

impl Mail {
    fn is_begun(&self) -> bool {
        self.lines.iter().any(|line| !line.trim().is_empty())
    }
}

/// Cuts a text into mails, oldest first.
pub(super) fn split(text: &str) -> Thread {
    let mut thread = Thread::default();
    let mut mail = Mail::default();
    let mut in_header = false;
    for line in text.lines() {
        let line = without_quotation(line).trim_end();
        let line = if line.starts_with(' ') && in_header { line.trim_start() } else { line };
        let found = label(line);
        let is_from = matches!(found, Some(("from", rest)) if !rest.is_empty());
        let is_quotation = words("wrote").any(|word| line.ends_with(word));
        if is_from || is_quotation || divides(line) {
            if mail.is_begun() {
                thread.mails.push(std::mem::take(&mut mail));
            }
            in_header = is_from;
            if is_from || is_quotation {
                mail.people.push(found.map_or(line, |(_, rest)| rest).to_owned());
            }
            if is_quotation {
                mail.sent = day(line);
            }
            continue;
        }
        match found {
            Some(("subject", rest)) if in_header || !mail.is_begun() => {
                if thread.subject.is_empty() {
                    rest.clone_into(&mut thread.subject);
                }
            }
            Some(("sent", rest)) if in_header => mail.sent = day(rest),
            Some(("to", rest)) if in_header => mail.people.push(rest.to_owned()),
            Some(("body", rest)) if in_header => {
                in_header = false;
                mail.lines.extend((!rest.is_empty()).then(|| rest.to_owned()));
            }
            _ => {
                in_header &= line.is_empty();
                mail.lines.push(line.to_owned());
            }
        }
    }
    if mail.is_begun() {
        thread.mails.push(mail);
    }
    let days: Vec<Date> = thread.mails.iter().filter_map(|mail| mail.sent).collect();
    let count = |newer: fn(&Date, &Date) -> bool| days.windows(2).filter(|pair| newer(&pair[0], &pair[1])).count();
    // Clients put an answer above the mail it quotes.
    if count(|first, second| first > second) > count(|first, second| first < second) {
        thread.mails.reverse();
    }
    thread
}

/// The line without the marks that clients put before quoted lines; a log may begin its lines with them, too.
fn without_quotation(line: &str) -> &str {
    let bare = line.trim_start_matches('\u{feff}');
    let is_log = bare.starts_with(">>>  ") && logs::recognise("", bare.as_bytes()) != LogFormat::Plain;
    if is_log { bare } else { bare.trim_start_matches(['>', '\u{feff}']) }
}

/// Whether a line is nothing but a rule, such as `-----`.
pub(super) fn is_rule(line: &str) -> bool {
    let line: String = line.chars().filter(|letter| *letter != ' ').collect();
    line.len() >= 2 && line.chars().all(|letter| matches!(letter, '-' | '=' | '_' | '*'))
}

/// Whether a line is a rule with words in it, such as `-----Original Message-----`.
fn divides(line: &str) -> bool {
    let line = line.trim();
    ["---", "===", "___"].iter().any(|mark| line.starts_with(mark) && line.ends_with(mark)) && !is_rule(line)
}

/// The first day that a text names, in any of the orders that mail clients write.
pub(super) fn day(text: &str) -> Option<Date> {
    static NUMBERS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})").expect("the expression is valid")
    });
    static NAMES: LazyLock<Regex> = LazyLock::new(|| {
        let month = "(?i-u:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)";
        let expression = format!(r"(?:([0-9]{{1,2}}) )?({month})[a-z]*\.?(?: ([0-9]{{1,2}}))?,? ([0-9]{{4}})");
        Regex::new(&expression).expect("the expression is valid")
    });
    if let Some(found) = NUMBERS.captures(text) {
        let (_, [year, month, day]) = found.extract();
        return Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok();
    }
    let found = NAMES.captures(text)?;
    let day = found.get(1).or(found.get(3))?.as_str().parse().ok()?;
    let months = "janfebmaraprmayjunjulaugsepoctnovdec";
    let month = months.find(&found[2].to_ascii_lowercase())? / 3 + 1;
    Date::new(found[4].parse().ok()?, i8::try_from(month).ok()?, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_mails_stand_apart() {
        let text = "新消息\n\n-----原始邮件-----\n发件人：甲 <a@b.example>\n发送时间：2020年8月3日 11:47\n收件人: 乙\n主题: 回复: 升级\n\n正文一\n\
            > From: C <c@d.example>\n> Sent: Monday, August 10, 2020 9:00 AM\n> To: D\n> Subject: x\n>\n> body two\n> more";
        let thread = split(text);
        let told: Vec<String> = thread
            .mails
            .iter()
            .map(|mail| {
                let sent = mail.sent.map(|day| day.to_string()).unwrap_or_default();
                format!("{sent} {} {}", mail.people.join(","), mail.lines.join("/"))
            })
            .collect();
        let expected =
            ["  新消息/", "2020-08-03 甲 <a@b.example>,乙 /正文一", "2020-08-10 C <c@d.example>,D /body two/ more"];
        assert_eq!(told, expected);
        assert_eq!(thread.subject, "回复: 升级");
    }

    #[test]
    fn days_are_read_in_every_order() {
        for text in ["2020-08-03 11:47:37", "2020年8月3日", "Mon, 3 Aug 2020 11:47", "Monday, August 3, 2020 9:00 AM"]
        {
            assert_eq!(day(text).map(|day| day.to_string()).as_deref(), Some("2020-08-03"), "{text}");
        }
        assert_eq!(day("tomorrow, 2020-13-45"), None);
    }
}
