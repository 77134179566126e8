//! What a subject line tells: number, priority, customer and title.

use std::sync::LazyLock;

use regex::Regex;

use super::words::{after, words};

/// The parts of a subject line; empty where it does not tell.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Subject {
    /// The case's number.
    pub(super) number: String,
    /// The priority.
    pub(super) priority: String,
    /// Who asks.
    pub(super) customer: String,
    /// What is left.
    pub(super) title: String,
}

static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?-u:\b)[A-Z]{2,6}-[0-9]{3,}(?:-[A-Z0-9]+)*(?-u:\b)").expect("the expression is valid")
});

/// The first case number in a text.
pub(super) fn number(text: &str) -> Option<&str> {
    NUMBER.find(text).map(|found| found.as_str())
}

/// Reads `[案例号: CAS-1-A ] |P2|Bank|title % more`, or any other subject as far as it goes.
pub(super) fn read(line: &str) -> Subject {
    static FIELDS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\|\s*(P[0-9])\s*\|\s*([^|]+?)\s*\|\s*([^|%\r\n]+)").expect("the expression is valid")
    });
    static PRIORITY: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?-u:\b)P[0-4](?-u:\b)").expect("the expression is valid"));
    let number = number(line).unwrap_or_default().to_owned();
    if let Some(found) = FIELDS.captures(line) {
        let (_, [priority, customer, title]) = found.extract();
        let title = title.trim().to_owned();
        return Subject { number, priority: priority.to_owned(), customer: customer.to_owned(), title };
    }
    let priority = PRIORITY.find(line).map(|found| found.as_str().to_owned()).unwrap_or_default();
    Subject { title: title(line, &number), number, priority, customer: String::new() }
}

/// The line without the marks of replies and without the number and its brackets.
fn title(line: &str, number: &str) -> String {
    let mut rest = line.trim();
    while let Some(next) = words("reply").find_map(|word| after(rest, word)?.trim_start().strip_prefix([':', '：'])) {
        rest = next.trim_start();
    }
    let marks = |letter: char| {
        letter.is_whitespace() || matches!(letter, '[' | ']' | '【' | '】' | '#' | '|' | '%' | ':' | '：' | '-')
    };
    if number.is_empty() {
        return rest.trim_matches(marks).to_owned();
    }
    let (before, behind) = rest.split_once(number).unwrap_or((rest, ""));
    let mut before = before.trim_end_matches(marks);
    if let Some(word) = words("case").find(|word| before.len() >= word.len() && before.ends_with(word)) {
        before = before[..before.len() - word.len()].trim_end_matches(marks);
    }
    format!("{before} {}", behind.trim_matches(marks)).trim_matches(marks).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: [&str; 4]) {
        let Subject { number, priority, customer, title } = read(line);
        assert_eq!([number, priority, customer, title], expected.map(str::to_owned), "{line}");
    }

    #[test]
    fn subjects_with_fields_tell_everything() {
        let line = "回复: 回复: [案例号: CAS-00001-A1B2 ] % |P2|Bank|某分行补丁安装问题 % 初次响应 X:0001508";
        check(line, ["CAS-00001-A1B2", "P2", "Bank", "某分行补丁安装问题"]);
    }

    #[test]
    fn other_subjects_tell_number_and_title() {
        check("RE: [Case CAS-00002] Upgrade fails (P3)", ["CAS-00002", "P3", "", "Upgrade fails (P3)"]);
        check("Fwd: Re: Upgrade fails", ["", "", "", "Upgrade fails"]);
        check("升级失败 - 案例号：CAS-00003", ["CAS-00003", "", "", "升级失败"]);
    }
}
