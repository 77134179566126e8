//! Errors in a text: which failures a record speaks of, in which role, and where.
//!
//! The matcher calls [`errors`] on every record that the prefilter lets through, so the text is read once, by one
//! regular expression that knows every spelling; what it finds is then weighed by its surroundings, because a number
//! that means an error in one place is half of a GUID in another. One occurrence is reported once: `0x800f0831 -
//! CBS_E_STORE_CORRUPTION` is one error, and so is a number with its message.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::codes::{Code, by_message, by_name};
use super::grammar::{self, CONTEXTS, CONVERSIONS};
use super::table::TABLE;
use super::{char_after, char_before};

/// What an error says about the record it stands in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// The error the text is about.
    Main,
    /// The thread's last error in a trailing `[gle=0x000000b7]`, which often has nothing to do with the failure.
    LastError,
    /// The second half of a pair such as `0xC1900101 - 0x20017`: phase and operation, not a code of its own.
    Extend,
}

/// One error in a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ErrorFact {
    /// Which error it is.
    pub code: Code,
    /// What it says about the record.
    pub role: Role,
    /// The bytes of the text that spell it: the number, name or message alone, without the words that announce it.
    pub span: Range<usize>,
}

/// A result with its extend code, as Setup prints them: `0xC1900101 - 0x20017`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResultExtend {
    /// The error.
    pub result: Code,
    /// The phase (upper half) and the operation (lower half) in which it happened.
    pub extend: u32,
    /// The bytes of the text that spell the pair.
    pub span: Range<usize>,
}

/// Every error in a text, in order of appearance, each occurrence once.
pub fn errors(text: &str) -> Vec<ErrorFact> {
    let mut facts: Vec<ErrorFact> = Vec::new();
    let mut at = 0;
    while let Some(found) = SPELLING.find_at(text, at) {
        at = found.end();
        let Some((fact, is_words)) = read(text, found.range()) else { continue };
        if facts.iter().rev().take(2).any(|earlier| is_same_occurrence(text, earlier, &fact, is_words)) {
            continue;
        }
        let extend = extend_after(text, &fact);
        facts.push(fact);
        if let Some(extend) = extend {
            at = extend.span.end;
            facts.push(extend);
        }
    }
    facts
}

/// Every result with an extend code in a text, in order of appearance.
pub fn result_extends(text: &str) -> Vec<ResultExtend> {
    let facts = errors(text);
    let pairs = facts.iter().zip(facts.iter().skip(1)).filter(|(_, second)| second.role == Role::Extend);
    pairs
        .map(|(first, second)| ResultExtend {
            result: first.code,
            extend: second.code.value(),
            span: first.span.start..second.span.end,
        })
        .collect()
}

/// How far a name or a message may stand from the number that it explains: a function name with a line number fits
/// between.
const EXPLAINED_WITHIN: usize = 160;

/// How far apart two spellings of one error may stand to be taken for one occurrence: ` (` or `: ` fits between.
const RESPELLED_WITHIN: usize = 4;

/// The same for brackets after a message, where `. (Exception from HRESULT: 0x80070005 (` fits between.
const BRACKETED_WITHIN: usize = 64;

/// A word before a number that makes eight digits believable even where they could be a plain decimal number.
const NUMBER_WORDS: &[&str] = &["hr", "hresult", "error", "errorcode", "code", "result", "failed", "status"];

/// Words that may follow an announced decimal number; others make it a count, as in `Error 2 of 3` or `Error: 12
/// files`.
const FOLLOWING_WORDS: &[&str] = &[
    "at", "because", "during", "for", "from", "has", "in", "is", "occurred", "on", "returned", "to", "trying", "was",
    "when", "while",
];

/// Every spelling of an error; ASCII case folding throughout, so that the literals of `spellings` hold.
static SPELLING: LazyLock<Regex> = LazyLock::new(|| {
    let conversions = alternatives(CONVERSIONS.iter().copied());
    let contexts = alternatives(CONTEXTS.iter().map(|context| context.before));
    let messages = alternatives(TABLE.messages.keys().map(String::as_str));
    let facilities: Vec<String> = TABLE.facilities.iter().flat_map(|upper| with_nt_bit(*upper)).collect();
    let facilities = facilities.join("|");
    let spelling = [
        // `[0x00000005]`: all eight digits in brackets announce themselves.
        r"(?i-u:\[0x0000[0-9a-f]{4}\])".to_owned(),
        format!(r"(?i-u:(?:{conversions})(?:0x[0-9a-f]+|-?[0-9]+|[a-z][a-z0-9_]+)\))"),
        format!(r"(?i-u:(?:{contexts})(?:0x[0-9a-f]{{1,8}}|-?[0-9]{{1,10}}|[0-9a-f]{{8}})\b)"),
        r"(?i-u:\b0x[8cd][0-9a-f]{7}\b)".to_owned(),
        format!(r"(?i-u:\b(?:{facilities})[0-9a-f]{{4}}\b)"),
        r"(?-u:\b[2-4][0-9]{9}\b|-[0-9]{8,10}\b)".to_owned(),
        r"(?-u:\b[A-Z]{1,10}_[A-Z0-9_]+\b)".to_owned(),
        format!("(?i-u:{messages})"),
    ];
    Regex::new(&spelling.join("|")).expect("the parts above are valid expressions and escaped literals")
});

/// An extend code right after its result: five digits, of which the second and third are zero.
static EXTEND: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^ ?[-–] ?((?-u:0[xX]0{0,3}[0-9a-fA-F]00[0-9a-fA-F]{2}\b))").expect("the expression above is valid")
});

/// One alternation of literals, the longest first, because the first that fits wins.
fn alternatives<'a>(literals: impl Iterator<Item = &'a str>) -> String {
    let mut literals: Vec<&str> = literals.collect();
    literals.sort_by_key(|literal| (std::cmp::Reverse(literal.len()), *literal));
    let literals: Vec<String> = literals.into_iter().map(regex::escape).collect();
    literals.join("|")
}

/// The digits of a facility, and for NTSTATUS facilities also those with bit 28 set.
fn with_nt_bit(upper: u16) -> impl Iterator<Item = String> {
    let embedded = (upper >> 12 == 0xC).then_some(upper | 0x1000);
    std::iter::once(upper).chain(embedded).map(|upper| format!("{upper:04x}"))
}

/// Decides whether a spelling is an error where it stands; the flag says that it is a name or a message, not a number.
fn read(text: &str, span: Range<usize>) -> Option<(ErrorFact, bool)> {
    let spelling = &text[span.clone()];
    if let Some(argument) = grammar::argument(spelling) {
        let code = by_name(argument).or_else(|| grammar::number(argument))?;
        return Some((main(code, span), false));
    }
    if let Some(inner) = spelling.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return Some((main(grammar::number(inner)?, span.start + 1..span.end - 1), false));
    }
    if let Some(token) = number_token(spelling) {
        let number = span.end - token.len()..span.end;
        return read_number(text, span.start, number).map(|fact| (fact, false));
    }
    if let Some(code) = by_name(spelling).filter(|code| code.is_failure()) {
        return Some((main(code, span), true));
    }
    if spelling.starts_with(|first: char| first.is_ascii_alphabetic()) && !stands_as_sentence(text, &span) {
        return None;
    }
    by_message(spelling).map(|code| (main(code, span), true))
}

fn main(code: Code, span: Range<usize>) -> ErrorFact {
    ErrorFact { code, role: Role::Main, span }
}

/// The number at the end of a spelling, unless the spelling is words; the end of `BG_E_HTTP_ERROR_404` is no number.
fn number_token(spelling: &str) -> Option<&str> {
    let token = spelling.rsplit(|letter: char| !letter.is_ascii_alphanumeric() && !"-_".contains(letter)).next()?;
    let is_number = token.starts_with(|first: char| first.is_ascii_digit() || first == '-');
    (is_number || token.len() == 8 && token.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(token)
}

/// Reads a number with the words before it, which begin at `start`; words that do not announce it are ignored.
fn read_number(text: &str, start: usize, number: Range<usize>) -> Option<ErrorFact> {
    let token = &text[number.clone()];
    let before = &text[start..number.start];
    if let Some(code) = announced(text, before, &number) {
        let in_brackets = before.eq_ignore_ascii_case("gle=") && char_before(text, start) == Some('[');
        let role = if in_brackets { Role::LastError } else { Role::Main };
        return Some(ErrorFact { code, role, span: number });
    }
    let code = grammar::failure(token)?;
    believable(text, &number, code).then(|| main(code, number))
}

/// The error that a number means because of the words before it.
fn announced(text: &str, before: &str, number: &Range<usize>) -> Option<Code> {
    let context = CONTEXTS.iter().find(|context| context.before.eq_ignore_ascii_case(before))?;
    let inside = char_before(text, number.start - before.len()).is_some_and(|letter| letter.is_ascii_alphanumeric());
    // `LastError = 5` is an announcement, `single=5` is not.
    let starts_word = !inside || !before.starts_with(['g', 'G']);
    let token = &text[number.clone()];
    let code = grammar::number(token)?;
    let is_decimal = token.bytes().all(|byte| byte.is_ascii_digit());
    let fits =
        starts_word && (context.firm || code.is_described()) && (!is_decimal || may_end_number(text, number.end));
    fits.then_some(code)
}

/// Whether what follows a decimal number lets it be an error rather than a count, a fraction or a version.
fn may_end_number(text: &str, end: usize) -> bool {
    let rest = &text[end..];
    let mut letters = rest.chars();
    match letters.next() {
        None | Some('\r' | '\n' | '\t' | ')' | ']' | '}' | ':' | ';' | '"' | '\'' | '[' | '(' | '>' | '|') => {
            return true;
        }
        Some('.' | ',') => return !letters.next().is_some_and(|next| next.is_ascii_digit()),
        Some(' ') => {}
        Some(other) => return !other.is_ascii(),
    }
    let word = rest.trim_start_matches(' ');
    let word = &word[..word.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(word.len())];
    let counts = word.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit());
    !counts || FOLLOWING_WORDS.contains(&word)
}

/// Whether a number that looks like a failure is one, and not a part of a GUID, an address, a stamp, a path or a binary
/// value.
fn believable(text: &str, number: &Range<usize>, code: Code) -> bool {
    let token = &text[number.clone()];
    let before = char_before(text, number.start);
    if matches!(before, Some('@' | '+')) {
        return false;
    }
    if token.len() > 8 && !token.starts_with('-') {
        return true;
    }
    if token.starts_with('-') {
        return !before.is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    }
    let rest = &text[number.end..];
    let is_inner = matches!(before, Some('-' | '{' | '\\' | '/' | '.' | '~' | '#' | '$' | '%'))
        || text[..number.start].ends_with("b:")
        || rest.starts_with('@')
        || rest.starts_with(['-', '.'])
            && !rest.starts_with("-0x")
            && char_after(rest, 1).is_some_and(|next| next.is_ascii_alphanumeric());
    let could_be_decimal = token.bytes().all(|byte| byte.is_ascii_digit()) && !code.is_described();
    !is_inner && (!could_be_decimal || before == Some('[') || follows_number_word(&text[..number.start]))
}

/// Whether a text ends in a word such as `hr = ` or `ErrorCode: `.
fn follows_number_word(text: &str) -> bool {
    let word_end = text.trim_end_matches([' ', '=', ':', '(']);
    let word = word_end.rsplit(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or_default();
    NUMBER_WORDS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Whether an English message stands for itself and is not the beginning or the end of other words.
fn stands_as_sentence(text: &str, span: &Range<usize>) -> bool {
    let after = text[span.end..].strip_prefix(' ').unwrap_or(&text[span.end..]);
    let goes_on = after.starts_with(|next: char| next.is_ascii_lowercase() || next.is_ascii_digit());
    let joined = char_after(text, span.end).is_some_and(|next| next.is_ascii_alphanumeric() || next == '_');
    let inside = char_before(text, span.start).is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    !goes_on && !joined && !inside
}

/// Whether a fact only says again what an earlier one said: its name, its message, or another form of the same number
/// beside it.
fn is_same_occurrence(text: &str, earlier: &ErrorFact, fact: &ErrorFact, is_words: bool) -> bool {
    if earlier.code != fact.code || fact.role != Role::Main {
        return false;
    }
    let between = &text[earlier.span.end..fact.span.start];
    let earlier_spelling = &text[earlier.span.clone()];
    if is_words && (number_token(earlier_spelling).is_some() || earlier_spelling.ends_with(')')) {
        return between.len() <= EXPLAINED_WITHIN;
    }
    let is_beside = between.len() <= RESPELLED_WITHIN && !between.contains(['\n', '\t', ',']);
    let bracket = between.trim_start_matches(['.', '。', ' ']);
    let is_in_bracket = between.len() <= BRACKETED_WITHIN && bracket.starts_with('(') && !bracket.contains(')');
    earlier.role == Role::Main && (is_beside || is_in_bracket)
}

fn extend_after(text: &str, fact: &ErrorFact) -> Option<ErrorFact> {
    if fact.role != Role::Main || !fact.code.is_failure() {
        return None;
    }
    let extend = EXTEND.captures(&text[fact.span.end..])?.get(1)?;
    let value = u32::from_str_radix(grammar::hex_digits(extend.as_str())?, 16).ok()?;
    let span = fact.span.end + extend.start()..fact.span.end + extend.end();
    // Phases begin at 0x10000; a smaller value would be taken for a Win32 error.
    (value > 0xFFFF).then(|| ErrorFact { code: Code::from_raw(value), role: Role::Extend, span })
}

#[cfg(test)]
mod tests;
