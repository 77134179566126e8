//! One field against the values an author wrote for it: Sigma's strings, modifiers and wildcards.
//!
//! Selections in rules and `where` in cases are made of the same tests, so a modifier means the same in both.
//! A field may have several values (a record has several paths): a test holds if any of them passes.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::Regex;
use regex_syntax::hir::Hir;

use crate::facts::{self, Code};
use crate::signature::modifiers::{Comparison, Network, TimePart};
use crate::signature::pattern::{Captures, Pattern};
use crate::text;

/// A field's name and what must hold of it.
#[derive(Debug)]
pub struct FieldTest {
    /// Lower-case name of the field; empty for keywords, which look at the whole record.
    pub field: String,
    /// The values, as written.
    pub values: Vec<ValueTest>,
    /// Whether every value must hold (`|all`) rather than any.
    pub all: bool,
}

/// One value an author wrote.
#[derive(Debug)]
pub enum ValueTest {
    /// A string, with wildcards and modifiers.
    Text(TextTest),
    /// A regular expression (`|re`), matched anywhere.
    Regex(RegexTest),
    /// A line with named parts (`|pattern`).
    Pattern(Pattern),
    /// An error, in whatever spelling it was written.
    Error(Code),
    /// The field has no value (`null`).
    Null,
    /// The field exists, or does not (`|exists`).
    Exists(bool),
    /// A number is smaller or larger (`|lt`, `|lte`, `|gt`, `|gte`).
    Comparison(Comparison),
    /// An address lies in a network (`|cidr`).
    Network(Network),
    /// A part of a time is a number (`|hour` and the like).
    TimePart(TimePart),
    /// The value of another field (`|fieldref`).
    Field(FieldReference),
    /// Any of several spellings of one value.
    Any(Vec<ValueTest>),
    /// The value must not hold (`|neq`).
    Not(Box<ValueTest>),
}

/// A comparison with another field of the same record, without regard to case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldReference {
    /// Lower-case name of the other field.
    pub field: String,
    /// Whether more may stand before its value.
    pub open_start: bool,
    /// Whether more may stand behind its value.
    pub open_end: bool,
}

impl FieldReference {
    fn holds(&self, value: &FieldValue<'_>, other: &str) -> bool {
        let (value, other) = (value.folded(), text::fold(other));
        match (self.open_start, self.open_end) {
            (false, false) => value == other,
            (false, true) => value.starts_with(&other),
            (true, false) => value.ends_with(&other),
            (true, true) => value.contains(&other),
        }
    }
}

/// A value of a record's field, with its folded form at hand.
#[derive(Debug)]
pub struct FieldValue<'v> {
    raw: Cow<'v, str>,
    folded: OnceLock<String>,
}

impl<'v> FieldValue<'v> {
    /// A value as it stands in the evidence.
    pub fn new(raw: impl Into<Cow<'v, str>>) -> Self {
        FieldValue { raw: raw.into(), folded: OnceLock::new() }
    }

    /// The text itself.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    fn folded(&self) -> &str {
        self.folded.get_or_init(|| text::fold(&self.raw))
    }
}

impl FieldTest {
    /// Whether the test holds of `values`; `other` gives the values of other fields of the same record. Every way in
    /// which a pattern matches is offered to `accept` until it takes one.
    pub fn holds(
        &self,
        values: &[FieldValue<'_>],
        other: &dyn Fn(&str) -> Vec<String>,
        accept: &mut dyn FnMut(&Captures) -> bool,
    ) -> bool {
        let mut holds_one = |test: &ValueTest| test.holds(values, other, accept);
        if self.all { self.values.iter().all(&mut holds_one) } else { self.values.iter().any(&mut holds_one) }
    }

    /// The patterns among the values.
    pub fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.values.iter().filter_map(|value| match value {
            ValueTest::Pattern(pattern) => Some(pattern),
            _ => None,
        })
    }
}

impl ValueTest {
    fn holds(
        &self,
        values: &[FieldValue<'_>],
        other: &dyn Fn(&str) -> Vec<String>,
        accept: &mut dyn FnMut(&Captures) -> bool,
    ) -> bool {
        match self {
            ValueTest::Null => values.iter().all(|value| value.raw().is_empty()),
            ValueTest::Exists(expected) => values.is_empty() != *expected,
            ValueTest::Pattern(pattern) => {
                values.iter().any(|value| pattern.matches(value.raw()).any(|captures| accept(&captures)))
            }
            ValueTest::Text(test) => values.iter().any(|value| test.holds(value)),
            ValueTest::Regex(test) => values.iter().any(|value| test.holds(value.raw())),
            ValueTest::Error(code) => values.iter().any(|value| facts::parse_code(value.raw()) == Some(*code)),
            ValueTest::Comparison(comparison) => values.iter().any(|value| comparison.holds(value.raw())),
            ValueTest::Network(network) => values.iter().any(|value| network.holds(value.raw())),
            ValueTest::TimePart(part) => values.iter().any(|value| part.holds(value.raw())),
            ValueTest::Field(reference) => {
                let others = other(&reference.field);
                values.iter().any(|value| others.iter().any(|other| reference.holds(value, other)))
            }
            ValueTest::Any(tests) => tests.iter().any(|test| test.holds(values, other, accept)),
            ValueTest::Not(test) => !test.holds(values, other, &mut |_| true),
        }
    }
}

/// A piece of a string with wildcards.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece {
    /// Text that must stand there.
    Fixed(String),
    /// `*`: any text, also none.
    Any,
    /// `?`: one character.
    One,
}

/// A string with wildcards that must cover the whole value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextTest {
    /// Its pieces; fixed text is folded unless `cased`.
    pub pieces: Vec<Piece>,
    /// Whether case counts.
    pub cased: bool,
}

impl TextTest {
    /// Reads Sigma's string: `*` and `?` are wildcards, `\` escapes them and itself, and stands for itself elsewhere.
    pub(crate) fn parse(written: &str, cased: bool) -> TextTest {
        let mut pieces = Vec::new();
        let mut fixed = String::new();
        let mut chars = written.chars().peekable();
        while let Some(char) = chars.next() {
            let wildcard = match char {
                '*' => Piece::Any,
                '?' => Piece::One,
                '\\' => {
                    fixed.push(chars.next_if(|next| matches!(next, '*' | '?' | '\\')).unwrap_or('\\'));
                    continue;
                }
                _ => {
                    fixed.push(char);
                    continue;
                }
            };
            push_fixed(&mut pieces, &mut fixed, cased);
            pieces.push(wildcard);
        }
        push_fixed(&mut pieces, &mut fixed, cased);
        TextTest { pieces, cased }
    }

    /// A string without wildcards whose case counts.
    pub(crate) fn exactly(written: &str) -> TextTest {
        TextTest { pieces: vec![Piece::Fixed(written.to_owned())], cased: true }
    }

    fn holds(&self, value: &FieldValue<'_>) -> bool {
        let text = if self.cased { value.raw() } else { value.folded() };
        covers(&self.pieces, text)
    }
}

fn push_fixed(pieces: &mut Vec<Piece>, fixed: &mut String, cased: bool) {
    if !fixed.is_empty() {
        let text = std::mem::take(fixed);
        pieces.push(Piece::Fixed(if cased { text } else { text::fold(&text) }));
    }
}

/// Whether `pieces` cover `text` wholly. Only the last `*` ever takes more, so the cost is at most the product
/// of the two lengths, whatever the evidence holds.
fn covers(pieces: &[Piece], text: &str) -> bool {
    let (mut piece, mut at) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        let rest = &text[at..];
        let step = match pieces.get(piece) {
            Some(Piece::Any) => {
                star = Some((piece + 1, at));
                Some(0)
            }
            Some(Piece::Fixed(fixed)) => rest.starts_with(fixed.as_str()).then_some(fixed.len()),
            Some(Piece::One) => rest.chars().next().map(char::len_utf8),
            None if rest.is_empty() => return true,
            None => None,
        };
        match (step, star) {
            (Some(length), _) => (piece, at) = (piece + 1, at + length),
            (None, None) => return false,
            (None, Some((after, from))) => {
                let Some(char) = text[from..].chars().next() else { return false };
                let from = from + char.len_utf8();
                let next = match pieces.get(after) {
                    Some(Piece::Fixed(fixed)) => text[from..].find(fixed.as_str()).map(|found| from + found),
                    Some(_) => Some(from),
                    None => Some(text.len()),
                };
                let Some(next) = next else { return false };
                star = Some((after, next));
                (piece, at) = (after, next);
            }
        }
    }
}

/// A regular expression, compiled when it is first needed.
#[derive(Debug)]
pub struct RegexTest {
    expression: String,
    regex: OnceLock<Option<Regex>>,
    /// The expression's syntax tree, for the prefilter.
    pub hir: Hir,
}

impl RegexTest {
    /// Checks the syntax of `written` under `flags` (of `i`, `m`, `s`).
    pub(crate) fn parse(written: &str, flags: &str) -> Result<RegexTest, String> {
        let expression = if flags.is_empty() { written.to_owned() } else { format!("(?{flags}){written}") };
        let hir = regex_syntax::Parser::new().parse(&expression).map_err(|error| match error {
            regex_syntax::Error::Parse(error) => error.kind().to_string(),
            regex_syntax::Error::Translate(error) => error.kind().to_string(),
            other => other.to_string(),
        })?;
        Ok(RegexTest { expression, regex: OnceLock::new(), hir })
    }

    /// The expression as it was written, with its flags.
    pub fn written(&self) -> &str {
        &self.expression
    }

    fn holds(&self, text: &str) -> bool {
        let regex = self.regex.get_or_init(|| Regex::new(&self.expression).ok());
        regex.as_ref().is_some_and(|regex| regex.is_match(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, text: &str, expected: bool) {
        let test = TextTest::parse(pattern, false);
        assert_eq!(test.holds(&FieldValue::new(text)), expected, "{pattern:?} on {text:?}");
    }

    #[test]
    fn plain_string_must_equal_the_value_without_case() {
        check("Access Denied", "ACCESS DENIED", true);
        check("Access Denied", "ACCESS DENIED!", false);
        check("", "", true);
    }

    #[test]
    fn wildcards_cover_any_text_or_one_character() {
        check(r"*\WpdMtp.dll", r"C:\x\WPDMTP.DLL", true);
        check("a*b*c", "a-b-b-c", true);
        check("a*b*c", "a-b-b-c-", false);
        check("a?c", "a拒c", true);
        check("a?c", "ac", false);
        check("*ab", "aab", true);
        check("*a?b*", "xaab", true);
        check("*", "", true);
    }

    #[test]
    fn backslash_escapes_wildcards_and_itself_only() {
        check(r"a\*b", "a*b", true);
        check(r"a\*b", "axb", false);
        check(r"a\\*", r"a\b", true);
        check(r"C:\Windows", r"c:\windows", true);
    }

    #[test]
    fn cased_string_counts_case() {
        let test = TextTest::parse("Abc*", true);
        assert!(test.holds(&FieldValue::new("Abcd")));
        assert!(!test.holds(&FieldValue::new("abcd")));
    }

    #[test]
    fn many_stars_on_long_text_end_soon() {
        check(&"a*".repeat(50), &"a".repeat(10_000), true);
        check(&format!("{}b", "a*".repeat(50)), &"a".repeat(10_000), false);
    }
}
