//! Which texts a rule cannot do without: the prefilter searches for these and nothing else.
//!
//! For each rule a set of literals is derived of which at least one stands in every record the rule can fire
//! on. The search ignores ASCII case, so a literal is cut at letters that have a case outside ASCII, and at line
//! ends, so that a hit lies within one record. (U+017F and U+212A, which Unicode folds to `s` and `k`, are
//! not looked for: no Windows log holds them.)

use std::collections::BTreeSet;

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::facts;
use crate::logs;
use crate::signature::{Condition, Detection, FieldTest, Pattern, Piece, Selection, TextTest, ValueTest};

/// Literals of which at least one occurs in every record that `detection` holds of; none where there is no
/// such set and the rule must look at every record.
pub fn required(detection: &Detection) -> Option<Vec<String>> {
    let captured = detection.captures();
    let mut literals = of_condition(&detection.condition, &detection.selections, &captured)?;
    if literals.iter().any(|literal| literal.trim().len() < SHORTEST) {
        return None;
    }
    literals.sort_unstable();
    literals.dedup();
    Some(literals)
}

/// A shorter literal stands in nearly every record and filters nothing.
const SHORTEST: usize = 3;

/// The names that patterns of a detection capture.
type Captured<'d> = BTreeSet<&'d str>;

fn of_condition(
    condition: &Condition,
    selections: &[(String, Selection)],
    captured: &Captured<'_>,
) -> Option<Vec<String>> {
    match condition {
        Condition::All(parts) => best(parts.iter().map(|part| of_condition(part, selections, captured))),
        Condition::Any(parts) => union(parts.iter().map(|part| of_condition(part, selections, captured))),
        Condition::Not(_) => None,
        Condition::Selection(index) => of_selection(&selections[*index].1, captured),
    }
}

fn of_selection(selection: &Selection, captured: &Captured<'_>) -> Option<Vec<String>> {
    match selection {
        Selection::Fields(tests) => best(tests.iter().map(|test| of_test(test, captured))),
        Selection::Any(parts) => union(parts.iter().map(|part| of_selection(part, captured))),
    }
}

fn of_test(test: &FieldTest, captured: &Captured<'_>) -> Option<Vec<String>> {
    let values = test.values.iter().map(|value| of_value(&test.field, value, captured));
    if test.all { best(values) } else { union(values) }
}

fn of_value(field: &str, value: &ValueTest, captured: &Captured<'_>) -> Option<Vec<String>> {
    if logs::is_hidden(field) {
        return None;
    }
    match value {
        // A pattern reads a mere number as an error where it asks for one.
        ValueTest::Error(_) if captured.contains(field) => None,
        ValueTest::Error(code) => Some(facts::spellings(*code)),
        ValueTest::Pattern(pattern) => of_pattern(pattern),
        ValueTest::Text(test) => of_text(field, test),
        // A code, a path or a level stands in the log in several forms: their text proves nothing.
        ValueTest::Regex(test) if matches!(field, "" | "message" | "text") => of_hir(&test.hir),
        ValueTest::Regex(test) if !matches!(field, "error" | "path" | "kb" | "level" | "section") => {
            union(of_hir(&test.hir)?.iter().map(|literal| longest(as_written(literal))))
        }
        ValueTest::Any(tests) => union(tests.iter().map(|test| of_value(field, test, captured))),
        ValueTest::Regex(_)
        | ValueTest::Null
        | ValueTest::Exists(_)
        | ValueTest::Comparison(_)
        | ValueTest::Network(_)
        | ValueTest::TimePart(_)
        | ValueTest::Field(_)
        | ValueTest::Not(_) => None,
    }
}

fn of_pattern(pattern: &Pattern) -> Option<Vec<String>> {
    longest(pattern.literals.iter().flat_map(|literal| searchable(literal)))
}

fn of_text(field: &str, test: &TextTest) -> Option<Vec<String>> {
    let fixed = test.pieces.iter().filter_map(|piece| match piece {
        Piece::Fixed(text) => Some(text.as_str()),
        Piece::Any | Piece::One => None,
    });
    match field {
        // Not in the record's text: a level may be a mark or a number there, a section's title stands elsewhere.
        "error" | "level" | "section" => None,
        // The digits alone, because `KB 4561621` is the same update.
        "kb" => longest(fixed.map(|text| text.trim_start_matches("kb"))),
        "path" => longest(
            fixed.flat_map(|text| text.split(['\\', '/'])).filter(|part| !has_short_form(part)).flat_map(as_written),
        ),
        "" | "message" | "text" => longest(fixed.flat_map(searchable)),
        _ => longest(fixed.flat_map(as_written)),
    }
}

/// Whether a part of a path may stand in the log in another form (`\SystemRoot`, `C:\PROGRA~1`), and so proves nothing.
fn has_short_form(part: &str) -> bool {
    matches!(part, "windows" | "program files" | "program files (x86)") || part.ends_with(':')
}

/// The parts of a field's value that stand in the log as they are: in a table, a quote inside a cell is doubled; in XML,
/// these characters are written as entities.
fn as_written(text: &str) -> impl Iterator<Item = &str> {
    text.split(['"', '&', '<', '>', '\'']).flat_map(searchable)
}

/// The parts of a text that a byte-wise search without ASCII case finds wherever the text stands.
fn searchable(text: &str) -> impl Iterator<Item = &str> {
    let has_case = |char: char| !char.is_ascii() && (char.is_lowercase() || char.is_uppercase());
    text.split(move |char: char| has_case(char) || matches!(char, '\r' | '\n')).filter(|part| !part.is_empty())
}

fn longest<'t>(parts: impl Iterator<Item = &'t str>) -> Option<Vec<String>> {
    let longest = parts.filter(|part| !part.is_empty()).max_by_key(|part| part.len())?;
    Some(vec![longest.to_ascii_lowercase()])
}

/// The set that will be met least often: its shortest literal is longest, then the fewest literals.
fn best(sets: impl Iterator<Item = Option<Vec<String>>>) -> Option<Vec<String>> {
    let worth = |set: &Vec<String>| {
        let shortest = set.iter().map(String::len).min().unwrap_or_default();
        (shortest.min(16), usize::MAX - set.len())
    };
    sets.flatten().max_by_key(worth)
}

fn union(sets: impl Iterator<Item = Option<Vec<String>>>) -> Option<Vec<String>> {
    let sets: Option<Vec<Vec<String>>> = sets.collect();
    sets.map(|sets| sets.concat()).filter(|set| !set.is_empty())
}

/// What every match of an expression holds.
fn of_hir(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => longest(searchable(std::str::from_utf8(&literal.0).ok()?)),
        HirKind::Capture(capture) => of_hir(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => of_hir(&repetition.sub),
        HirKind::Alternation(parts) => union(parts.iter().map(of_hir)),
        HirKind::Concat(parts) => of_concat(parts),
        _ => None,
    }
}

fn of_concat(parts: &[Hir]) -> Option<Vec<String>> {
    let mut runs = vec![String::new()];
    let mut sets = Vec::new();
    for part in parts {
        match part.kind() {
            HirKind::Look(_) => {}
            HirKind::Literal(literal) if std::str::from_utf8(&literal.0).is_ok() => {
                let text = String::from_utf8_lossy(&literal.0).into_owned();
                runs.last_mut().expect("there is always a run").push_str(&text);
            }
            HirKind::Class(class) => match one_letter(class) {
                Some(letter) => runs.last_mut().expect("there is always a run").push(letter),
                None => runs.push(String::new()),
            },
            _ => {
                sets.push(of_hir(part));
                runs.push(String::new());
            }
        }
    }
    sets.push(longest(runs.iter().flat_map(|run| searchable(run))));
    best(sets.into_iter())
}

/// The letter that a class such as `[Kk]` stands for.
fn one_letter(class: &Class) -> Option<char> {
    let Class::Unicode(class) = class else { return None };
    let mut letters = class.ranges().iter().flat_map(|range| [range.start(), range.end()]).filter(char::is_ascii);
    let narrow = class.ranges().iter().all(|range| range.start() == range.end() || !range.start().is_ascii());
    let first = letters.next()?.to_ascii_lowercase();
    let same = letters.all(|letter| letter.to_ascii_lowercase() == first);
    let strange =
        class.ranges().iter().any(|range| !range.end().is_ascii() && !matches!(range.end(), '\u{17f}' | '\u{212a}'));
    (narrow && same && !strange && first.is_ascii_alphabetic()).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str, expected: Option<&[&str]>) {
        let hir = regex_syntax::Parser::new().parse(expression).expect("the expression is sound");
        let mut found = of_hir(&hir);
        if let Some(literals) = found.as_mut() {
            literals.sort_unstable();
        }
        assert_eq!(
            found.as_deref().map(|literals| literals.iter().map(String::as_str).collect::<Vec<_>>()).as_deref(),
            expected,
            "{expression}"
        );
    }

    #[test]
    fn literals_in_the_middle_of_an_expression_are_found() {
        check(r"\d+ms elapsed \w", Some(&["ms elapsed "]));
        check(r"(?i)Error in Apply", Some(&["error in apply"]));
        check(r"^(foo|barbar)+x?$", Some(&["barbar", "foo"]));
    }

    #[test]
    fn expression_without_required_text_has_no_literal() {
        check(r"(foo)*\d", None);
        check(r"foo|\d", None);
        check(r"[a-z]+", None);
    }
}
