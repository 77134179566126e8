//! What the words of a query mean: each as typed, as its synonyms, as the error it names, as the word it misspells.
//!
//! `mod.rs` hands over the words; `ranking` asks the index for what comes out. A unit is something the person said once,
//! in all the ways in which a document may say it; a document is credited with a unit once, for the best of its ways.

use std::collections::HashMap;

use crate::facts::{self, Code};
use crate::signature::Synonyms;

use super::analyser::{self, Kind, Token};
use super::documents;
use super::vocabulary::Vocabulary;

/// Something a query says once.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unit {
    /// What was typed.
    pub(super) typed: String,
    /// All ways to say it.
    pub(super) ways: Vec<Way>,
    /// Whether it only explains another unit, and a document need not say it.
    pub(super) explains: bool,
}

/// One way to say it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Way {
    /// Terms of which each adds what it is worth.
    pub(super) terms: Vec<String>,
    /// Whether the terms must stand one behind the other.
    pub(super) phrase: bool,
    /// The error, where the way is one.
    pub(super) code: Option<Code>,
    /// How much this way counts.
    pub(super) weight: f32,
}

/// What the words of a query mean.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Meaning {
    /// The units.
    pub(super) units: Vec<Unit>,
    /// Words that nothing knows, each with the words it was taken for.
    pub(super) corrected: Vec<(String, Vec<String>)>,
    /// Words that nothing knows and that resemble nothing enough, each with the nearest words.
    pub(super) unknown: Vec<(String, Vec<String>)>,
    /// The errors that the query names.
    pub(super) codes: Vec<Code>,
}

/// What the ways count beside the word itself.
mod weights {
    /// A technical token whole; its parts count less.
    pub(super) const WHOLE: f32 = 1.3;
    pub(super) const PARTS: f32 = 0.6;
    pub(super) const SYNONYM: f32 = 0.7;
    /// An error that was typed as a number or a name, and one that was typed as its message.
    pub(super) const CODE: f32 = 2.0;
    pub(super) const MESSAGE: f32 = 0.5;
    /// The names and messages of an error that was typed as a number.
    pub(super) const NAME: f32 = 0.8;
    /// What an error means, word by word.
    pub(super) const EXPLAINED: f32 = 0.15;
    pub(super) const MISSPELT: f32 = 0.7;
    /// Two words that stand side by side, beside what each is worth by itself.
    pub(super) const NEIGHBOURS: f32 = 0.5;
}

/// Finds out what `words` mean; `pasted` says that they are a line of a log.
pub(super) fn of(words: &str, pasted: bool, synonyms: &Synonyms, vocabulary: &Vocabulary<'_>) -> Meaning {
    let mut meaning = Meaning::default();
    let all = super::reading::terms(words, pasted);
    let errors = errors(words);
    let spans = spans(&all, synonyms, &errors);
    let mut tokens = without_ignored(&all, &spans, synonyms);
    if tokens.is_empty() {
        tokens.clone_from(&all);
    }
    meaning.codes = errors.iter().map(|error| error.code).collect();
    meaning.codes.dedup();
    for group in groups(&tokens, &spans) {
        let mut unit = unit(words, &group);
        if let Some(span) = spans.iter().find(|span| span.holds(&group[0])) {
            unit.ways.extend(span.others.iter().map(|terms| Way::phrase(terms.clone(), weights::SYNONYM)));
        }
        let (start, end) = (group[0].start, group.iter().map(|token| token.end).max().unwrap_or_default());
        let error = errors.iter().find(|error| error.start < end && start < error.end);
        if let Some(error) = error {
            unit.ways.extend(ways_of(error));
        } else if !vocabulary.knows_any(&unit) {
            correct(&mut unit, &group, vocabulary, &mut meaning);
        } else if let [only] = group.as_slice()
            && only.kind == Kind::Word
            && !pasted
        {
            let written = analyser::words(&unit.typed);
            let meant = written.iter().flat_map(|word| vocabulary.slips(word)).map(|word| terms_of(&word));
            let meant: Vec<Vec<String>> =
                meant.filter(|terms| unit.ways.iter().all(|way| way.terms != *terms)).collect();
            unit.ways.extend(meant.into_iter().map(|terms| Way::phrase(terms, weights::MISSPELT)));
        }
        if !meaning.units.iter().any(|earlier| earlier.ways == unit.ways) {
            meaning.units.push(unit);
        }
    }
    meaning.units.extend(neighbours(&tokens));
    for error in errors.iter().filter(|error| error.is_number) {
        meaning.units.extend(explained(error.code));
    }
    meaning
}

impl Way {
    fn terms(terms: Vec<String>, weight: f32) -> Way {
        Way { terms, phrase: false, code: None, weight }
    }

    fn phrase(terms: Vec<String>, weight: f32) -> Way {
        Way { phrase: terms.len() > 1, terms, code: None, weight }
    }

    fn code(code: Code, weight: f32) -> Way {
        Way { terms: Vec::new(), phrase: false, code: Some(code), weight }
    }
}

/// Words that stand side by side in the query: a document that has them so too is more likely meant.
fn neighbours(tokens: &[Token]) -> Vec<Unit> {
    let words: Vec<&Token> = tokens.iter().filter(|token| token.kind == Kind::Word).collect();
    let pairs = words.windows(2).filter(|pair| pair[0].position + 1 == pair[1].position).take(MOST_NEIGHBOURS);
    let unit = |pair: &[&Token]| {
        let terms: Vec<String> = pair.iter().map(|token| token.term.clone()).collect();
        Unit { typed: terms.join(" "), ways: vec![Way::phrase(terms, weights::NEIGHBOURS)], explains: true }
    };
    pairs.map(unit).collect()
}

/// How many pairs of neighbours are looked for.
const MOST_NEIGHBOURS: usize = 16;

/// An error in the words, with its place.
struct Error {
    code: Code,
    start: usize,
    end: usize,
    /// Whether it was typed as a number or a name, and not as a message.
    is_number: bool,
}

/// The errors that words name: those a log would be believed, and those only a person is, such as `8024200d`.
fn errors(words: &str) -> Vec<Error> {
    let is_message = |text: &str| text.contains(' ') || !text.is_ascii();
    let mut errors: Vec<Error> = facts::errors(words)
        .into_iter()
        .map(|error| Error {
            code: error.code,
            is_number: !is_message(&words[error.span.clone()]),
            start: error.span.start,
            end: error.span.end,
        })
        .collect();
    let mut at = 0;
    for word in words.split_whitespace() {
        let start = at + words[at..].find(word).unwrap_or_default();
        at = start + word.len();
        let word = word.trim_matches(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
        let taken = errors.iter().any(|error| error.start < at && start < error.end);
        // A small number is an error only where it is all that was asked.
        let is_small = word.len() < 5 && word.bytes().all(|byte| byte.is_ascii_digit());
        if taken || word.len() < 3 && !is_small || is_small && word.len() != words.trim().len() {
            continue;
        }
        let is_plain = word.bytes().all(|byte| byte.is_ascii_digit()) && word.len() < 8 && !is_small;
        if let Some(code) = facts::parse_code(word).filter(|_| !is_plain) {
            errors.push(Error { code, start, end: at, is_number: true });
        }
    }
    errors
}

/// The ways to write an error: its one form, which stands for every spelling, its names and its messages.
fn ways_of(error: &Error) -> Vec<Way> {
    let weight = if error.is_number { weights::CODE } else { weights::MESSAGE };
    let mut ways = vec![Way::code(error.code, weight)];
    if error.is_number {
        for name in error.code.names() {
            let tokens = analyser::tokens(name);
            let whole = tokens.first().filter(|first| first.kind == Kind::Whole);
            ways.push(match whole {
                Some(whole) => Way::terms(vec![whole.term.clone()], weights::NAME),
                None => Way::phrase(tokens.into_iter().map(|token| token.term).collect(), weights::MESSAGE),
            });
        }
    }
    ways
}

/// What an error means, as words that help where nothing speaks of the error itself.
fn explained(code: Code) -> Option<Unit> {
    let meaning = documents::meaning(code);
    let texts: Vec<&str> = meaning.iter().map(|(_, text)| text).collect();
    let ways = texts.iter().map(|text| {
        let terms = analyser::tokens(text).into_iter().map(|token| token.term).collect();
        Way::terms(terms, weights::EXPLAINED)
    });
    (!texts.is_empty()).then(|| Unit { typed: code.hex(), ways: ways.collect(), explains: true })
}

/// A synonym or an error in the query: the places it takes, and the other words of its group.
struct Span {
    start: usize,
    end: usize,
    others: Vec<Vec<String>>,
}

impl Span {
    fn holds(&self, token: &Token) -> bool {
        token.start >= self.start && token.end <= self.end
    }
}

/// The synonyms in a query, the longest at each place, none inside another, and the errors that are written with several
/// terms where no synonym stands.
fn spans(tokens: &[Token], synonyms: &Synonyms, errors: &[Error]) -> Vec<Span> {
    let at: HashMap<(usize, &str), &Token> =
        tokens.iter().map(|token| ((token.position, token.term.as_str()), token)).collect();
    let groups: Vec<Vec<Vec<String>>> =
        synonyms.same.iter().map(|group| group.iter().map(|word| terms_of(word)).collect()).collect();
    let mut spans: Vec<Span> = Vec::new();
    for token in tokens {
        if spans.last().is_some_and(|span| token.start < span.end) {
            continue;
        }
        let last_of = |terms: &[String]| {
            let places = terms.iter().enumerate();
            let mut found = places.map(|(offset, term)| at.get(&(token.position + offset, term.as_str())).copied());
            let first = found.next()??;
            (first.start == token.start && first.term == token.term).then_some(())?;
            found.try_fold(first, |_, next| next)
        };
        let longest = groups
            .iter()
            .flatten()
            .filter(|terms| terms.first().is_some_and(|first| *first == token.term))
            .filter_map(|terms| Some((last_of(terms)?.end, terms)))
            .max_by_key(|(end, _)| *end);
        if let Some((end, terms)) = longest {
            // A word may stand in several groups.
            let groups = groups.iter().filter(|group| group.contains(terms));
            let others = groups.flatten().filter(|other| *other != terms).cloned().collect();
            spans.push(Span { start: token.start, end, others });
        }
    }
    for error in errors {
        if !spans.iter().any(|span| span.start < error.end && error.start < span.end) {
            spans.push(Span { start: error.start, end: error.end, others: Vec::new() });
        }
    }
    spans
}

fn terms_of(words: &str) -> Vec<String> {
    analyser::tokens(words).into_iter().filter(|token| token.kind != Kind::Part).map(|token| token.term).collect()
}

/// The tokens without those that touch words which say nothing, unless a synonym holds them.
fn without_ignored(tokens: &[Token], spans: &[Span], synonyms: &Synonyms) -> Vec<Token> {
    let mut ignored: Vec<(usize, usize)> = Vec::new();
    let at: HashMap<(usize, &str), &Token> =
        tokens.iter().map(|token| ((token.position, token.term.as_str()), token)).collect();
    for terms in synonyms.ignored.iter().map(|word| terms_of(word)) {
        for token in tokens.iter().filter(|token| Some(&token.term) == terms.first()) {
            let places = terms.iter().enumerate();
            let mut found = places.map(|(offset, term)| at.get(&(token.position + offset, term.as_str())));
            if let Some(last) = found.try_fold(token, |_, next| next.copied()) {
                ignored.push((token.start, last.end));
            }
        }
    }
    let keep = |token: &&Token| {
        spans.iter().any(|span| span.holds(token))
            || !ignored.iter().any(|(start, end)| token.start < *end && *start < token.end)
    };
    tokens.iter().filter(keep).cloned().collect()
}

/// The tokens of each unit: a technical token with its parts, a pair of characters by itself, a synonym as a whole.
fn groups(tokens: &[Token], spans: &[Span]) -> Vec<Vec<Token>> {
    let mut groups: Vec<Vec<Token>> = Vec::new();
    let span_of = |token: &Token| spans.iter().position(|span| span.holds(token));
    for token in tokens {
        let joins = groups.last().is_some_and(|group| {
            let end = group.iter().map(|earlier| earlier.end).max().unwrap_or_default();
            let overlaps = token.start < end && token.kind != Kind::Han;
            span_of(&group[0]) == span_of(token) && (overlaps || span_of(token).is_some())
        });
        match groups.last_mut().filter(|_| joins) {
            Some(group) => group.push(token.clone()),
            None => groups.push(vec![token.clone()]),
        }
    }
    groups
}

fn unit(words: &str, group: &[Token]) -> Unit {
    let end = group.iter().map(|token| token.end).max().unwrap_or_default();
    let typed = words.get(group[0].start..end).unwrap_or_default().to_owned();
    let (parts, whole): (Vec<&Token>, Vec<&Token>) = group.iter().partition(|token| token.kind == Kind::Part);
    let terms = |tokens: Vec<&Token>| tokens.into_iter().map(|token| token.term.clone()).collect::<Vec<_>>();
    let mut ways = Vec::new();
    if !whole.is_empty() {
        let weight = if parts.is_empty() { 1.0 } else { weights::WHOLE };
        ways.push(Way::terms(terms(whole), weight));
    }
    // A share is not the number in it: `32%` is not meant by `32-bit`.
    let is_share = group.iter().any(|token| token.term.ends_with('%'));
    if !parts.is_empty() && !is_share {
        ways.push(Way::terms(terms(parts), weights::PARTS));
    }
    Unit { typed, ways, explains: false }
}

/// Adds to a unit that nothing knows the words it may be a slip for, or the beginning of; never to a number or code.
fn correct(unit: &mut Unit, group: &[Token], vocabulary: &Vocabulary<'_>, meaning: &mut Meaning) {
    let written = analyser::words(&unit.typed);
    let has_digits = group.iter().any(|token| token.term.bytes().any(|byte| byte.is_ascii_digit()));
    let meant: Vec<String> = match has_digits {
        true => Vec::new(),
        false => written.iter().flat_map(|word| vocabulary.near(word)).collect(),
    };
    if meant.is_empty() {
        let nearest = written.iter().flat_map(|word| vocabulary.nearest(word)).collect();
        meaning.unknown.push((unit.typed.clone(), nearest));
    } else {
        unit.ways.extend(meant.iter().map(|words| Way::phrase(terms_of(words), weights::MISSPELT)));
        meaning.corrected.push((unit.typed.clone(), meant));
    }
}
