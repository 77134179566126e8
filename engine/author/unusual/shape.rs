//! The shape of a record: its text without what varies, as a key to count by and as a pattern to match with.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::facts::{self, Code, Role};
use crate::logs::{LogFormat, Record};

/// How much of a record's first line tells its shape.
const LONGEST: usize = 400;

/// Longest pattern.
const LONGEST_PATTERN: usize = 240;

/// Words before a number that make it a code, which is a part of the shape.
const CODE_WORDS: [&str; 7] = ["gle", "error", "result", "status", "code", "hr", "rc"];

/// A line with its variable parts named.
#[derive(Debug)]
pub(super) struct Shape {
    /// The pattern, as a rule has it.
    pub(super) pattern: String,
    /// The failure that it captures as `error`, and the bytes that spell it in the line.
    pub(super) error: Option<(Code, Range<usize>)>,
}

/// Whether records of the format are told by their fields and not by their text.
pub(super) fn by_fields(format: LogFormat) -> bool {
    format.is_events() || format == LogFormat::Procmon
}

/// A key that records of one shape share; `buffer` is only there to be used again.
pub(super) fn key(format: LogFormat, record: &Record<'_>, buffer: &mut String) -> u64 {
    buffer.clear();
    let field =
        |name: &str| record.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.as_ref());
    if by_fields(format) {
        let path = field("path").rsplit('\\').next().unwrap_or_default();
        for name in ["Channel", "Provider_Name", "EventID", "operation", "result"] {
            buffer.push_str(field(name));
            buffer.push('|');
        }
        // What succeeds is ordinary whatever the file.
        if field("result") != "SUCCESS" {
            write_shape(path, buffer);
        }
    } else {
        buffer.push_str(record.level.unwrap_or_default());
        buffer.push_str(record.component.unwrap_or_default());
        write_shape(record.message.lines().next().unwrap_or_default(), buffer);
    }
    let mut hasher = DefaultHasher::new();
    (format.service(), &buffer).hash(&mut hasher);
    hasher.finish()
}

/// Appends the words of a line; paths and packages become `P`, words with digits `#`, but codes stay.
fn write_shape(line: &str, shape: &mut String) {
    let line = &line[..line.floor_char_boundary(LONGEST.min(line.len()))];
    for word in line.split([' ', '\t']).filter(|word| !word.is_empty()) {
        shape.push(' ');
        if word.contains(['\\', '~']) {
            shape.push('P');
            continue;
        }
        for run in word.split_inclusive(|letter: char| !letter.is_alphanumeric()) {
            let bare = run.trim_end_matches(|letter: char| !letter.is_alphanumeric());
            let is_plain = !bare.bytes().any(|byte| byte.is_ascii_digit());
            if is_plain || is_code(bare) || follows_code_word(shape) {
                shape.push_str(run);
            } else {
                shape.push('#');
                shape.push_str(&run[bare.len()..]);
            }
        }
    }
}

/// Whether a word is a failure in eight hexadecimal digits.
fn is_code(word: &str) -> bool {
    let digits = word.strip_prefix("0x").unwrap_or(word);
    digits.len() == 8
        && digits.starts_with(['8', 'c', 'C', 'd', 'D'])
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn follows_code_word(shape: &str) -> bool {
    let before = shape.trim_end_matches([' ', '[', '(', '=', ':', '"']);
    let before = &before.as_bytes()[before.len().saturating_sub(8)..];
    CODE_WORDS.iter().any(|word| {
        before.len() >= word.len() && before[before.len() - word.len()..].eq_ignore_ascii_case(word.as_bytes())
    })
}

/// A line as a pattern; `loose` lets paths be anything, for lines in which nothing shows where they end.
pub(super) fn pattern(line: &str, loose: bool) -> Shape {
    let mut spans = Spans::default();
    spans.add_all(facts::packages(line).into_iter().map(|fact| fact.span), "package");
    spans.add_all(facts::paths(line).into_iter().map(|fact| fact.span), if loose { "rest" } else { "path" });
    spans.add_all(GUID.find_iter(line).map(|found| found.range()), "guid");
    let mut error = None;
    for fact in facts::errors(line) {
        let written = &line[fact.span.clone()];
        let is_value = fact.role == Role::Main && facts::parse_code(written) == Some(fact.code);
        if is_value && error.is_none() && !written.contains(' ') && spans.add(fact.span.clone(), "error") {
            // The name that often follows the number says the same again.
            let name = NAMED.captures_at(line, fact.span.end).and_then(|found| found.get(1));
            let name = name.filter(|name| facts::parse_code(name.as_str()) == Some(fact.code));
            spans.add_all(name.into_iter().map(|name| name.range()), "word");
            error = Some((fact.code, fact.span));
        }
    }
    spans.add_all(facts::kbs(line).into_iter().map(|fact| fact.span), "kb");
    for (expression, kind) in [(&*VERSION, "version"), (&*HEX, "hex"), (&*INT, "int")] {
        spans.add_all(expression.find_iter(line).map(|found| found.range()), kind);
    }
    let Spans(mut spans) = spans;
    spans.sort_by_key(|(span, _)| span.start);
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    let mut pattern = String::new();
    let mut at = 0;
    for (span, kind) in spans {
        push_fixed(&line[at..span.start], &mut pattern);
        at = span.end;
        let number = taken.entry(kind).and_modify(|number| *number += 1).or_insert(1);
        pattern.push_str(&if *number == 1 { format!("{{{kind}}}") } else { format!("{{{kind}{number}:{kind}}}") });
        if pattern.len() > LONGEST_PATTERN && (error.is_none() || taken.contains_key("error")) {
            at = line.len();
            break;
        }
    }
    let rest = &line[at..];
    let room = LONGEST_PATTERN.saturating_sub(pattern.len());
    let rest = if rest.len() > room {
        rest[..rest.floor_char_boundary(room)].rsplit_once(' ').map_or("", |(head, _)| head)
    } else {
        rest
    };
    push_fixed(rest, &mut pattern);
    Shape { pattern: pattern.trim().to_owned(), error }
}

/// Parts of a line with their kinds, none over another.
#[derive(Default)]
struct Spans(Vec<(Range<usize>, &'static str)>);

impl Spans {
    /// Adds a part; false where it is empty or taken.
    fn add(&mut self, span: Range<usize>, kind: &'static str) -> bool {
        let is_free = self.0.iter().all(|(taken, _)| taken.end <= span.start || span.end <= taken.start);
        let is_new = is_free && !span.is_empty();
        if is_new {
            self.0.push((span, kind));
        }
        is_new
    }

    fn add_all(&mut self, spans: impl Iterator<Item = Range<usize>>, kind: &'static str) {
        for span in spans {
            self.add(span, kind);
        }
    }
}

/// Fixed text, in which braces are doubled.
fn push_fixed(text: &str, pattern: &mut String) {
    pattern.push_str(&text.replace('{', "{{").replace('}', "}}"));
}

static GUID: LazyLock<Regex> = LazyLock::new(|| {
    let digits = r"(?i-u)\{?\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b\}?";
    Regex::new(digits).expect("the expression is valid")
});
static NAMED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?-u) - ([A-Z][A-Z0-9_]+)").expect("the expression is valid"));
static VERSION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?-u)\bv?[0-9]+(?:\.[0-9]+){2,3}\b").expect("the expression is valid"));
static HEX: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i-u)\b(?:0x[0-9a-f]+|[0-9a-f]*[0-9][0-9a-f]{7,})\b").expect("the expression is valid")
});
static INT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?-u)\b[0-9]+\b").expect("the expression is valid"));

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        assert_eq!(pattern(line, false).pattern, expected);
    }

    #[test]
    fn what_varies_becomes_a_placeholder() {
        check(
            r"SPWIMCallback: Error in apply of C:\Windows\a b\c.dll. GLE [5][gle=0x000000b7]",
            "SPWIMCallback: Error in apply of {path}. GLE [{error}][gle={hex}]",
        );
        check(
            r#"Package "Package_for_KB5012170~31bf3856ad364e35~amd64~~14393.5285.1.4" requires v10.0.14393.5285, PID=12 TID=34"#,
            r#"Package "{package}" requires {version}, PID={int} TID={int2:int}"#,
        );
        check("Failed [HRESULT = 0x800f0805 - CBS_E_INVALID_PACKAGE]", "Failed [HRESULT = {error} - {word}]");
        check("Install {3F0C5B1E-7A42-4D0D-9C1B-6E58A2D417F0} of KB4561621 {now}", "Install {guid} of {kb} {{now}}");
    }

    #[test]
    fn lines_of_one_shape_share_their_key_and_codes_tell_apart() {
        let shape = |line: &str| {
            let mut shape = String::new();
            write_shape(line, &mut shape);
            shape
        };
        assert_eq!(shape(r"Copied C:\a\b.dll in 12 ms"), shape(r"Copied D:\x.sys in 7 ms"));
        assert_ne!(shape("Failed, GLE [5]"), shape("Failed, GLE [32]"));
        assert_ne!(shape("Failed 0x80070005"), shape("Failed 0x80070020"));
    }
}
