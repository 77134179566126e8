//! `|pattern` as plain Sigma: a string with `*` for what varies, or a regular expression where a capture is held to one.
//!
//! What rules and cases ask of a capture is put in its place: `GLE [{error}]` with `error: E_ACCESSDENIED` becomes
//! `GLE [5]`, `GLE [0x80070005]` and the other spellings, so that a search engine that has never heard of errors finds
//! them. The type of a placeholder is lost in the string, which is why it may find more.

use std::collections::BTreeMap;

use crate::export::portable::{Portable, literal};
use crate::facts;
use crate::signature::{FieldTest, FieldValue, Kind, Part, Pattern, Piece, TextTest, ValueTest};

/// What is asked of a capture.
#[derive(Clone, Debug)]
pub(super) enum Constraint {
    /// It is any of these strings with wildcards.
    Texts(Vec<Vec<Piece>>),
    /// It matches an expression.
    Regex(Portable),
}

/// Constraints by capture.
pub(super) type Constraints = BTreeMap<String, Constraint>;

/// Most strings that one pattern may become.
const MOST_STRINGS: usize = 400;

/// A text constraint as an author writes it: `path|endswith: '\file.dll'`.
pub(super) fn text_constraint(kind: Kind, modifiers: &[&str], written: &str) -> Vec<Vec<Piece>> {
    let has = |modifier: &str| modifiers.contains(&modifier);
    if kind == Kind::Error
        && modifiers.is_empty()
        && let Some(code) = facts::parse_code(written)
    {
        return facts::words(code).into_iter().map(|word| vec![Piece::Fixed(word)]).collect();
    }
    let mut pieces = TextTest::parse(written, true).pieces;
    if kind == Kind::Kb
        && let Some(Piece::Fixed(fixed)) = pieces.first_mut()
    {
        *fixed = fixed.trim_start_matches(|char: char| !char.is_ascii_digit()).to_owned();
    }
    // A path may have a prefix, a version a letter, and a number its `KB`, which the value has not.
    if has("contains") || has("endswith") || matches!(kind, Kind::Path | Kind::Version | Kind::Kb) {
        pieces.insert(0, Piece::Any);
    }
    if has("contains") || has("startswith") {
        pieces.push(Piece::Any);
    }
    vec![pieces]
}

/// Whether a capture of the pattern is held to an expression, so that no string can stand for it.
pub(super) fn needs_regex(pattern: &Pattern, constraints: &Constraints) -> bool {
    pattern.captures.iter().any(|(name, _)| matches!(constraints.get(name), Some(Constraint::Regex(_))))
}

/// The values of `contains`, or of `re`, any of which stands for the pattern with its captures held to `constraints`; `texts` are records it must match, which tell whether a blank
/// of it stands for several.
pub(super) fn plain(pattern: &Pattern, constraints: &Constraints, texts: &[&str], is_regex: bool) -> Vec<String> {
    let parts = pattern.parts();
    let narrow = pieces(&parts, false);
    let wide = texts.iter().any(|text| pattern.matches(text).next().is_some() && !stands_in(&narrow, text));
    if is_regex {
        return vec![regex(&parts, constraints, wide)];
    }
    let mut strings: Vec<Vec<Piece>> = vec![Vec::new()];
    for part in &parts {
        let added: Vec<Vec<Piece>> = match part {
            Part::Fixed(fixed) => vec![fixed_pieces(fixed, wide)],
            Part::Variable { name, .. } => match constraints.get(name) {
                Some(Constraint::Texts(texts)) if strings.len() * texts.len() <= MOST_STRINGS => texts.clone(),
                _ => vec![vec![Piece::Any]],
            },
        };
        strings =
            strings.iter().flat_map(|string| added.iter().map(move |more| [&string[..], &more[..]].concat())).collect();
    }
    strings.iter().map(|pieces| sigma(pieces)).collect()
}

/// Pieces as Sigma writes them, without wildcards at the ends.
fn sigma(pieces: &[Piece]) -> String {
    let start = pieces.iter().take_while(|piece| **piece == Piece::Any).count();
    let end = pieces.len() - pieces[start..].iter().rev().take_while(|piece| **piece == Piece::Any).count();
    let mut out = String::new();
    for piece in &pieces[start..end] {
        match piece {
            Piece::Any if !out.ends_with('*') || out.ends_with(r"\*") => out.push('*'),
            Piece::Any => {}
            Piece::One => out.push('?'),
            Piece::Fixed(fixed) => fixed.chars().for_each(|char| {
                if matches!(char, '*' | '?' | '\\') {
                    out.push('\\');
                }
                out.push(char);
            }),
        }
    }
    out
}

/// The pieces of a pattern whose captures are free.
fn pieces(parts: &[Part], wide: bool) -> Vec<Piece> {
    let piece = |part: &Part| match part {
        Part::Fixed(fixed) => fixed_pieces(fixed, wide),
        Part::Variable { .. } => vec![Piece::Any],
    };
    parts.iter().flat_map(piece).collect()
}

/// Fixed text; a run of blanks stands for any run of blanks where there are two, or where `wide` says that one may.
fn fixed_pieces(fixed: &str, wide: bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut blanks = 0;
    for char in fixed.chars().chain(['\0']) {
        if char.is_whitespace() {
            blanks += 1;
            continue;
        }
        match blanks {
            0 => {}
            1 if !wide => text.push(' '),
            _ => {
                pieces.extend([Piece::Fixed(std::mem::take(&mut text)), Piece::Any]);
            }
        }
        blanks = 0;
        if char != '\0' {
            text.push(char);
        }
    }
    pieces.push(Piece::Fixed(text));
    pieces.retain(|piece| !matches!(piece, Piece::Fixed(text) if text.is_empty()));
    pieces
}

/// Whether the pieces stand somewhere in the text, in any case.
fn stands_in(pieces: &[Piece], text: &str) -> bool {
    let folded = pieces.iter().map(|piece| match piece {
        Piece::Fixed(fixed) => Piece::Fixed(crate::text::fold(fixed)),
        other => other.clone(),
    });
    let pieces = std::iter::once(Piece::Any).chain(folded).chain([Piece::Any]).collect();
    let values = vec![ValueTest::Text(TextTest { pieces, cased: false })];
    let test = FieldTest { field: String::new(), values, all: false };
    test.holds(&[FieldValue::new(text)], &|_| Vec::new(), &mut |_| true)
}

fn regex(parts: &[Part], constraints: &Constraints, wide: bool) -> String {
    let mut out = String::from(".*");
    for part in parts {
        match part {
            Part::Fixed(fixed) => {
                for piece in fixed_pieces(fixed, wide) {
                    match piece {
                        Piece::Fixed(text) => out.push_str(&literal(&text, true)),
                        Piece::Any | Piece::One => out.push_str(" +"),
                    }
                }
            }
            Part::Variable { name, kind } => match constraints.get(name) {
                Some(Constraint::Regex(portable)) => out.push_str(&held(*kind, portable)),
                Some(Constraint::Texts(texts)) => {
                    let texts: Vec<String> = texts.iter().map(|pieces| expression(pieces)).collect();
                    out.push_str(&format!("({})", texts.join("|")));
                }
                None => out.push_str(typed(*kind)),
            },
        }
    }
    if !out.ends_with(".*") {
        out.push_str(".*");
    }
    out
}

/// A capture of this kind in which the expression stands.
fn held(kind: Kind, portable: &Portable) -> String {
    let more = if matches!(kind, Kind::Path | Kind::Rest) { ".*" } else { "[^ ]*" };
    let before = if portable.at_start { "" } else { more };
    let after = if portable.at_end { "" } else { more };
    format!("{before}{}{after}", portable.body)
}

fn expression(pieces: &[Piece]) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Fixed(fixed) => literal(fixed, true),
        Piece::Any => ".*".to_owned(),
        Piece::One => ".".to_owned(),
    };
    pieces.iter().map(piece).collect()
}

/// What a placeholder takes, in the subset that every search engine reads.
fn typed(kind: Kind) -> &'static str {
    match kind {
        Kind::Path | Kind::Rest => ".*",
        Kind::Error => r"\-?[0-9A-Za-z_]+(\([0-9A-Za-z_]+\))?",
        Kind::Kb => "([Kk][Bb] ?)?[0-9]{6,8}",
        Kind::Package | Kind::Word => "[^ ]+",
        Kind::Version => r"v?[0-9]+(\.[0-9]+){1,3}",
        Kind::Guid => r"\{?[0-9A-Fa-f\-]{36}\}?",
        Kind::Int => r"\-?[0-9]+",
        Kind::Hex => "(0[xX])?[0-9A-Fa-f]+",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, constraints: &[(&str, Constraint)], texts: &[&str], is_regex: bool, expected: &[&str]) {
        let pattern = Pattern::parse(pattern).expect("the pattern is sound");
        let constraints = constraints.iter().map(|(name, held)| ((*name).to_owned(), held.clone())).collect();
        assert_eq!(needs_regex(&pattern, &constraints), is_regex);
        assert_eq!(plain(&pattern, &constraints, texts, is_regex), expected);
    }

    #[test]
    fn what_varies_becomes_a_wildcard() {
        check("{path} failed. GLE [{error}", &[], &[], false, &[" failed. GLE ["]);
        check(r"on \??\{path}: 5*{int}  end", &[], &[], false, &[r"on \\\?\?\\*: 5\**end"]);
        check("a b {int} c", &[], &["a  b 7 c"], false, &["a*b*c"]);
    }

    #[test]
    fn what_is_asked_of_a_capture_stands_in_its_place() {
        let file = Constraint::Texts(text_constraint(Kind::Path, &["endswith"], r"\Wpd.dll"));
        check("of {path}. GLE [{int}]", &[("path", file)], &[], false, &[r"of *\\Wpd.dll. GLE [*]"]);
        let number = text_constraint(Kind::Error, &[], "5");
        let number =
            Constraint::Texts(number.into_iter().filter(|word| *word == [Piece::Fixed("5".to_owned())]).collect());
        check("GLE [{error}]", &[("error", number)], &[], false, &["GLE [5]"]);
    }

    #[test]
    fn expression_for_a_capture_makes_the_whole_an_expression() {
        let held = Portable { body: "0?17".to_owned(), at_start: true, at_end: true, exact: true };
        let expected = r".*[Hh][Rr] = \-?[0-9]+, 0?17\].*";
        check("hr = {int}, {extend:hex}]", &[("extend", Constraint::Regex(held))], &[], true, &[expected]);
    }
}
