//! Reads what a person typed: free words first, then filters, phrases in quotes, and `-` before what must not stand.
//!
//! `mod.rs` calls [`read`]. Nothing is a syntax error: what is not clearly a filter, a phrase or an exclusion is words.
//! A pasted line of a log is words altogether, whatever signs it holds.

use crate::facts::{self, Code};

use super::analyser::{self, Token};

/// A query, taken apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Reading {
    /// The free words, joined.
    pub(super) words: String,
    /// Whether the words are a line out of a log.
    pub(super) pasted: bool,
    /// Phrases that must stand as they are.
    pub(super) phrases: Vec<String>,
    /// Words and phrases that must not stand.
    pub(super) excluded: Vec<String>,
    /// Filters, in the order in which they were typed.
    pub(super) filters: Vec<Filter>,
}

/// A filter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filter {
    /// Part of the customer's name.
    Customer(String),
    /// A KB number.
    Kb(String),
    /// An error.
    Error(Code),
    /// A part of servicing.
    Area(String),
    /// `open` or `closed`.
    Status(String),
    /// The name of a file, or a part of it.
    File(String),
    /// Opened or closed before this day, `yyyymmdd`.
    Before(u64),
    /// Opened or closed on this day or later.
    After(u64),
}

/// A line longer than this was pasted, not typed.
const LONGEST_TYPED: usize = 160;

/// Takes a query apart.
pub(super) fn read(query: &str) -> Reading {
    if is_pasted(query) {
        return Reading { words: query.trim().to_owned(), pasted: true, ..Reading::default() };
    }
    let mut reading = Reading::default();
    let mut words: Vec<&str> = Vec::new();
    let mut rest = query.trim_start();
    while !rest.is_empty() {
        let (word, after) = next_word(rest);
        rest = after.trim_start();
        if let Some(phrase) = quoted(word) {
            reading.phrases.push(phrase.to_owned());
        } else if let Some(excluded) = excluded(word) {
            reading.excluded.push(excluded.to_owned());
        } else if let Some(filter) = filter(word) {
            reading.filters.push(filter);
        } else {
            words.push(word);
        }
    }
    reading.words = words.join(" ");
    reading
}

impl Filter {
    /// The filter as one would type it.
    pub(super) fn written(&self) -> String {
        match self {
            Filter::Customer(name) => format!("customer:{name}"),
            Filter::Kb(number) => format!("kb:{number}"),
            Filter::Error(code) => format!("error:{code}"),
            Filter::Area(name) => format!("area:{name}"),
            Filter::Status(name) => format!("status:{name}"),
            Filter::File(name) => format!("file:{name}"),
            Filter::Before(day) => format!("before:{}", dashed(*day)),
            Filter::After(day) => format!("after:{}", dashed(*day)),
        }
    }
}

/// Whether a query is a line out of a log: long, of several lines, with tabs, or with a time at its head.
fn is_pasted(query: &str) -> bool {
    let query = query.trim();
    let head: String = query.chars().take(12).map(|char| if char.is_ascii_digit() { '9' } else { char }).collect();
    let head = head.trim_start_matches(['[', '(', '<', '"']);
    let has_time = ["9999-99-99", "9999/99/99", "99:99:99", "99/99/9999"].iter().any(|form| head.starts_with(form));
    has_time || query.contains(['\t', '\n', '\r']) || query.chars().count() > LONGEST_TYPED
}

/// The first word and what stands behind it; a quoted text is one word, also behind `-` or `key:`.
fn next_word(text: &str) -> (&str, &str) {
    let blank = text.find(char::is_whitespace).unwrap_or(text.len());
    if let Some(open) = text[..blank].find(is_quote) {
        let head = &text[..open];
        let inner = open + text[open..].chars().next().map_or(0, char::len_utf8);
        let opens = head.is_empty() || head == "-" || KEYS.iter().any(|key| key_of(head) == Some((*key, "")));
        if let Some(close) = text[inner..].find(is_quote).filter(|_| opens) {
            let end = inner + close + text[inner + close..].chars().next().map_or(0, char::len_utf8);
            if text[end..].is_empty() || text[end..].starts_with(char::is_whitespace) {
                return text.split_at(end);
            }
        }
    }
    text.split_at(blank)
}

fn is_quote(letter: char) -> bool {
    matches!(letter, '"' | '“' | '”' | '「' | '」')
}

/// What stands between quotes, where the whole word does.
fn quoted(word: &str) -> Option<&str> {
    let inner = word.strip_prefix(is_quote)?.strip_suffix(is_quote)?;
    (!analyser::tokens(inner).is_empty()).then_some(inner)
}

/// What stands behind a `-` that excludes: a word or a phrase, not a number and not an option such as `--online`.
fn excluded(word: &str) -> Option<&str> {
    let rest = word.strip_prefix('-')?;
    let inner = quoted(rest).unwrap_or(rest);
    let first = inner.chars().next()?;
    (first.is_alphabetic()).then_some(inner)
}

const KEYS: [&str; 8] = ["customer", "kb", "error", "area", "status", "file", "before", "after"];

/// A key in lower case with a colon right behind it, and the rest of the word.
fn key_of(word: &str) -> Option<(&str, &str)> {
    let (key, value) = word.split_once([':', '：'])?;
    KEYS.contains(&key).then_some((key, value))
}

/// The filter that a word is, where its key is one and its value fits.
fn filter(word: &str) -> Option<Filter> {
    let (key, value) = key_of(word)?;
    let value = quoted(value).unwrap_or(value);
    if value.is_empty() {
        return None;
    }
    match key {
        "customer" => Some(Filter::Customer(value.to_lowercase())),
        "kb" => {
            let digits = value.trim_start_matches(['k', 'K', 'b', 'B']);
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| Filter::Kb(format!("KB{digits}")))
        }
        "error" => facts::parse_code(value).map(Filter::Error),
        "area" => Some(Filter::Area(value.to_lowercase())),
        "status" => Some(Filter::Status(value.to_lowercase())),
        "file" => Some(Filter::File(value.to_owned())),
        "before" => day(value).map(Filter::Before),
        "after" => day(value).map(Filter::After),
        _ => None,
    }
}

/// A year, month or day as its first day, `yyyymmdd`.
fn day(date: &str) -> Option<u64> {
    let parts: Vec<&str> = date.split(['-', '/', '.']).collect();
    let number = |index: usize| parts.get(index).map_or(Some(1), |part| part.parse::<u64>().ok());
    let (year, month, day) = (number(0)?, number(1)?, number(2)?);
    let is_day = (1900..2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    (is_day && parts.len() <= 3).then_some(year * 10_000 + month * 100 + day)
}

fn dashed(day: u64) -> String {
    format!("{:04}-{:02}-{:02}", day / 10_000, day / 100 % 100, day % 100)
}

/// The terms of words, without those that say nothing where they stand: in a pasted line, times and small numbers.
pub(super) fn terms(words: &str, pasted: bool) -> Vec<Token> {
    let tokens = analyser::tokens(words);
    let number = |token: &Token| token.term.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-');
    let is_noise = |token: &Token| pasted && number(token) && token.term.len() <= 10;
    tokens.into_iter().filter(|token| !is_noise(token)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, expected: &str) {
        let reading = read(query);
        let mut parts = vec![reading.words];
        parts.extend(reading.phrases.iter().map(|phrase| format!("+{phrase}")));
        parts.extend(reading.excluded.iter().map(|word| format!("!{word}")));
        parts.extend(reading.filters.iter().map(|filter| format!("?{}", filter.written())));
        assert_eq!(parts.join(" "), expected, "{query}");
    }

    #[test]
    fn free_words_stay_words() {
        check("upgrade stops at 32%", "upgrade stops at 32%");
        check("拒绝访问 wpdmtp", "拒绝访问 wpdmtp");
        check("", "");
    }

    #[test]
    fn filters_have_a_known_key_and_a_fitting_value() {
        check("失败 customer:ICBC kb:4561621 error:5", "失败 ?customer:icbc ?kb:KB4561621 ?error:0x80070005");
        check("x after:2023 before:2023-06", "x ?after:2023-01-01 ?before:2023-06-01");
        check("customer:\"China Bank\" x", "x ?customer:china bank");
        check("error:oops kb:x before:soon file:", "error:oops kb:x before:soon file:");
    }

    #[test]
    fn quotes_make_phrases_and_a_dash_excludes() {
        check("upgrade \"access denied\" -driver", "upgrade +access denied !driver");
        check("升级 “拒绝访问” -\"blue screen\"", "升级 +拒绝访问 !blue screen");
    }

    #[test]
    fn paths_codes_and_broken_quotes_are_words() {
        check(r"C:\$WINDOWS.~BT\NewOS [x", r"C:\$WINDOWS.~BT\NewOS [x");
        check("-2147024891", "-2147024891");
        check("say \"this", "say \"this");
        check("5\" disk \" ", "5\" disk \"");
        check("dism --online", "dism --online");
    }

    #[test]
    fn a_pasted_line_is_words_altogether() {
        let line = "2021-03-05 10:22:33, Error \"x\" -y error:5";
        check(line, line);
    }
}
