//! Regular expressions in the subset that every search engine reads, from the syntax tree of any expression.
//!
//! Lucene, Elasticsearch's ES|QL and Splunk agree on `. * + ? {n,m} [] | ()` and on little else: Lucene has no anchors,
//! no `\b`, no classes such as `\d` and no flags, and covers the whole value where others search in it. So classes are
//! spelled out, letters whose case does not count become `[Ee]`, and assertions are dropped and said to be dropped.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look};

/// An expression in the subset, to be put in place of the original.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Portable {
    /// The expression, without anchors at its ends.
    pub(super) body: String,
    /// Whether it stands at the start of the value.
    pub(super) at_start: bool,
    /// Whether it stands at the end of the value.
    pub(super) at_end: bool,
    /// Whether it means what the original means, and not more.
    pub(super) exact: bool,
}

/// Spells out the syntax tree of an expression.
pub(super) fn portable(hir: &Hir) -> Portable {
    let mut portable = Portable { body: String::new(), at_start: false, at_end: false, exact: true };
    let mut parts: &[Hir] = match hir.kind() {
        HirKind::Concat(parts) => parts,
        _ => std::slice::from_ref(hir),
    };
    if let [first, rest @ ..] = parts
        && matches!(first.kind(), HirKind::Look(Look::Start))
    {
        (portable.at_start, parts) = (true, rest);
    }
    if let [rest @ .., last] = parts
        && matches!(last.kind(), HirKind::Look(Look::End))
    {
        (portable.at_end, parts) = (true, rest);
    }
    let mut exact = true;
    let alone = parts.len() == 1 && matches!(parts[0].kind(), HirKind::Alternation(_));
    let body: String = parts.iter().map(|part| print(part, &mut exact)).collect();
    portable.body = if alone { format!("({body})") } else { body };
    portable.exact = exact;
    portable
}

/// Fixed text as an expression; with `fold`, ASCII letters in either case.
pub(super) fn literal(text: &str, fold: bool) -> String {
    let mut out = String::new();
    for char in text.chars() {
        if fold && char.is_ascii_alphabetic() {
            out.extend(['[', char.to_ascii_uppercase(), char.to_ascii_lowercase(), ']']);
        } else {
            push_literal(&mut out, char);
        }
    }
    out
}

fn push_literal(out: &mut String, char: char) {
    match char {
        '.' | '^' | '$' | '*' | '+' | '?' | '{' | '}' | '[' | ']' | '|' | '(' | ')' | '\\' => out.extend(['\\', char]),
        // Operators of Lucene. A backslash before `<` means something else in other engines, a class does not.
        '#' | '@' | '&' | '<' | '>' | '~' | '"' => out.extend(['[', char, ']']),
        _ => out.push(char),
    }
}

fn print(hir: &Hir, exact: &mut bool) -> String {
    match hir.kind() {
        HirKind::Empty => String::new(),
        HirKind::Literal(bytes) => literal(&String::from_utf8_lossy(&bytes.0), false),
        HirKind::Class(class) => print_class(class, exact),
        HirKind::Look(_) => {
            *exact = false;
            String::new()
        }
        HirKind::Repetition(repetition) => {
            let inner = print(&repetition.sub, exact);
            let single = matches!(repetition.sub.kind(), HirKind::Class(_) | HirKind::Capture(_))
                || matches!(repetition.sub.kind(), HirKind::Literal(bytes) if std::str::from_utf8(&bytes.0).is_ok_and(|text| text.chars().count() == 1));
            let inner = if single { inner } else { format!("({inner})") };
            match (repetition.min, repetition.max) {
                (0, None) => format!("{inner}*"),
                (1, None) => format!("{inner}+"),
                (0, Some(1)) => format!("{inner}?"),
                (min, None) => format!("{inner}{{{min},}}"),
                (min, Some(max)) if min == max => format!("{inner}{{{min}}}"),
                (min, Some(max)) => format!("{inner}{{{min},{max}}}"),
            }
        }
        HirKind::Capture(capture) => match capture.sub.kind() {
            HirKind::Alternation(_) => print(&capture.sub, exact),
            _ => format!("({})", print(&capture.sub, exact)),
        },
        HirKind::Concat(parts) => parts.iter().map(|part| print(part, exact)).collect(),
        HirKind::Alternation(parts) => {
            let mut parts: Vec<String> = parts.iter().map(|part| print(part, exact)).collect();
            let all = parts.len();
            parts.retain(|part| !part.is_empty());
            // Lucene knows no empty branch.
            let mark = if parts.len() < all { "?" } else { "" };
            format!("({}){mark}", parts.join("|"))
        }
    }
}

/// Most ranges of a class that are spelled out; classes such as `\w` have hundreds beyond ASCII.
const MOST_RANGES: usize = 16;

fn print_class(class: &Class, exact: &mut bool) -> String {
    let mut class = match class {
        Class::Unicode(class) => class.clone(),
        Class::Bytes(class) => match class.to_unicode_class() {
            Some(class) => class,
            None => return ".".to_owned(),
        },
    };
    let mut negated = class.clone();
    negated.negate();
    let to_the_end = class.ranges().last().is_some_and(|range| range.end() == char::MAX);
    if to_the_end && negated.ranges().iter().all(|range| range.start() == '\n' && range.end() == '\n') {
        return ".".to_owned();
    }
    let sign = if to_the_end { "^" } else { "" };
    if to_the_end {
        class = negated;
    }
    let is_letter = class.ranges().iter().any(|range| range.start().is_ascii_alphabetic());
    let few = class.ranges().iter().all(|range| range.start() == range.end()) && class.ranges().len() <= 4;
    let is_long = class.ranges().len() > MOST_RANGES;
    if is_letter && few || is_long {
        // The long s and the sign for kelvin, which fold to ASCII letters and stand in no log; or most scripts.
        class.intersect(&ClassUnicode::new([ClassUnicodeRange::new('\0', '\u{7f}')]));
    }
    if is_long {
        *exact = false;
        if is_letter && !to_the_end {
            class.union(&ClassUnicode::new([ClassUnicodeRange::new('\u{a1}', '\u{fffd}')]));
        }
    }
    let mut out = String::new();
    for range in class.ranges() {
        push_in_class(&mut out, range.start());
        if range.end() != range.start() {
            if range.end() as u32 > range.start() as u32 + 1 {
                out.push('-');
            }
            push_in_class(&mut out, range.end());
        }
    }
    format!("[{sign}{out}]")
}

fn push_in_class(out: &mut String, char: char) {
    if matches!(char, '[' | ']' | '\\' | '^' | '-') {
        out.push('\\');
    }
    out.push(char);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(written: &str, expected: &str, ends: (bool, bool), exact: bool) {
        let hir = regex_syntax::Parser::new().parse(written).expect("it is an expression");
        let portable = portable(&hir);
        assert_eq!(portable.body, expected, "{written}");
        assert_eq!((portable.at_start, portable.at_end, portable.exact), (ends.0, ends.1, exact), "{written}");
    }

    #[test]
    fn flags_and_classes_are_spelled_out() {
        check("(?i)gle ?= ?k5", "[Gg][Ll][Ee] ?= ?[Kk]5", (false, false), true);
        check(r"oem\d+\.inf", r"oem[0-9]+\.inf", (false, false), false);
        check(r"\p{L}:", "[A-Za-z¡-\u{fffd}]:", (false, false), false);
        check("[^0-9a-f].", "[^0-9a-f].", (false, false), true);
        check(r"a{2}(?:bc){1,3}x{4,}", r"a{2}(bc){1,3}x{4,}", (false, false), true);
        check(r#"<a>"b"#, r#"[<]a[>]["]b"#, (false, false), true);
    }

    #[test]
    fn anchors_at_the_ends_are_told_and_others_dropped() {
        check("^(0x)?0*(20017)$", "(0x)?0*(20017)", (true, true), true);
        check("^a|b", "((a|b))", (false, false), false);
        check(r"5([^0-9]|$)", "5([^0-9])?", (false, false), false);
        check(r"\bbcd", "bcd", (false, false), false);
    }
}
