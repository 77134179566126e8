//! Tests of the language in words that an author can compare with the YAML.

use crate::signature::{FieldTest, Piece, Selection, TextTest, ValueTest};

/// The tests of a selection, each in words.
pub(super) fn selection(selection_: &Selection) -> Vec<String> {
    match selection_ {
        Selection::Fields(tests) => tests.iter().map(test).collect(),
        Selection::Any(parts) => parts.iter().map(|part| selection(part).join(" and ")).collect(),
    }
}

/// One test in words: `path ends with \x.dll`.
pub(super) fn test(test: &FieldTest) -> String {
    let field = if test.field.is_empty() { "the record" } else { &test.field };
    let values: Vec<String> = test.values.iter().map(value).collect();
    format!("{field} {}", values.join(if test.all { " and " } else { " or " }))
}

fn value(value_: &ValueTest) -> String {
    match value_ {
        ValueTest::Text(test) => text(test),
        ValueTest::Regex(test) => format!("matches /{}/", test.written()),
        ValueTest::Pattern(pattern) => format!("reads {}", pattern.written),
        ValueTest::Error(code) => format!("is {}", code.name().map_or_else(|| code.hex(), str::to_owned)),
        ValueTest::Null => "is absent".to_owned(),
        ValueTest::Exists(true) => "exists".to_owned(),
        ValueTest::Exists(false) => "does not exist".to_owned(),
        ValueTest::Comparison(comparison) => format!("is {comparison}"),
        ValueTest::Network(network) => format!("lies in {network}"),
        ValueTest::TimePart(part) => format!("has {part}"),
        ValueTest::Field(reference) => format!("agrees with {}", reference.field),
        ValueTest::Any(tests) => tests.iter().map(value).collect::<Vec<_>>().join(" or "),
        ValueTest::Not(test) => format!("not ({})", value(test)),
    }
}

fn text(test: &TextTest) -> String {
    let written: String = test
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Fixed(text) => text.as_str(),
            Piece::Any => "*",
            Piece::One => "?",
        })
        .collect();
    match test.pieces.as_slice() {
        [Piece::Any, Piece::Fixed(fixed), Piece::Any] => format!("contains {fixed}"),
        [Piece::Any, Piece::Fixed(fixed)] => format!("ends with {fixed}"),
        [Piece::Fixed(fixed), Piece::Any] => format!("starts with {fixed}"),
        _ => format!("is {written}"),
    }
}
