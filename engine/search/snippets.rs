//! Shows why something was found: the passages that say most of what was asked, with the words marked.
//!
//! `mod.rs` calls this for the few documents that an answer shows. Passages are cut where sentences and lines end, and
//! each one chosen counts only for what those before it did not show.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::facts::{self, Code};

use super::analyser;
use super::documents::Document;
use super::meaning::Meaning;
use super::vocabulary::Vocabulary;

/// A passage with what was asked marked in it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Snippet {
    /// The key it stands under, such as `symptom`.
    pub field: String,
    /// Its language, where it has one.
    pub language: Option<String>,
    /// The text.
    pub text: String,
    /// First character and the one behind the last of each mark, in order.
    pub marks: Vec<(usize, usize)>,
}

/// What is to be marked, and what each is worth.
pub(super) struct Wanted {
    terms: HashMap<String, f32>,
    codes: HashSet<Code>,
}

/// First character and the one behind the last of each mark.
type Marks = Vec<(usize, usize)>;

/// Terms that a text says, with what each is worth.
type Said = Vec<(String, f32)>;

/// How many passages an answer shows of one document.
const MOST_SNIPPETS: usize = 2;

/// About how many characters a passage has.
const LENGTH: usize = 160;

/// How much more a passage counts in the reader's own language.
const OWN_LANGUAGE: f32 = 1.5;

impl Wanted {
    /// What a query means, weighed by how rare each term is.
    pub(super) fn new(meaning: &Meaning, phrases: &[String], vocabulary: &Vocabulary<'_>) -> Wanted {
        let mut terms: HashMap<String, f32> = HashMap::new();
        let all = vocabulary.documents() as f32 + 1.0;
        let mut want = |term: &str, weight: f32| {
            let count = vocabulary.count(term);
            let worth = weight * (all / (count as f32 + 0.5)).ln().max(0.1);
            if count > 0 && weight > 0.2 {
                let known = terms.entry(term.to_owned()).or_default();
                *known = known.max(worth);
            }
        };
        for way in meaning.units.iter().flat_map(|unit| &unit.ways) {
            way.terms.iter().for_each(|term| want(term, way.weight));
        }
        for token in phrases.iter().flat_map(|phrase| analyser::tokens(phrase)) {
            want(&token.term, 1.0);
        }
        Wanted { terms, codes: meaning.codes.iter().copied().collect() }
    }

    /// The marks in a text: character ranges, in order, none touching another; with the terms they stand for.
    fn marks(&self, text: &str) -> (Marks, Said) {
        let mut spans: Vec<(usize, usize)> = Vec::new();
        let mut said: Vec<(String, f32)> = Vec::new();
        for token in analyser::tokens(text) {
            if let Some(worth) = self.terms.get(&token.term) {
                spans.push((token.start, token.end));
                said.push((token.term, *worth));
            }
        }
        if !self.codes.is_empty() {
            for error in facts::errors(text).into_iter().filter(|error| self.codes.contains(&error.code)) {
                spans.push((error.span.start, error.span.end));
                said.push((error.code.hex(), 5.0));
            }
        }
        (characters(text, merged(spans)), said)
    }
}

/// The title's marks.
pub(super) fn title_marks(wanted: &Wanted, title: &str) -> Vec<(usize, usize)> {
    wanted.marks(title).0
}

/// The passages that say most of what was asked, beyond what the title in `language` says.
pub(super) fn snippets(wanted: &Wanted, document: &Document, language: &str) -> Vec<Snippet> {
    let mut shown: HashSet<String> =
        wanted.marks(document.title.get(language)).1.into_iter().map(|(term, _)| term).collect();
    let mut candidates: Vec<(f32, Said, Snippet)> = Vec::new();
    for passage in &document.passages {
        let own = passage.language.as_deref().is_none_or(|tag| tag == language);
        let factor = if own { OWN_LANGUAGE } else { 1.0 };
        for text in pieces(&passage.text) {
            let (marks, said) = wanted.marks(text);
            if !marks.is_empty() {
                let snippet = Snippet {
                    field: passage.name.clone(),
                    language: passage.language.clone(),
                    text: text.to_owned(),
                    marks,
                };
                candidates.push((factor, said, snippet));
            }
        }
    }
    let mut chosen = Vec::new();
    while chosen.len() < MOST_SNIPPETS {
        let gain = |(factor, said, _): &(f32, Said, Snippet)| {
            let mut seen = HashSet::new();
            let fresh = said.iter().filter(|(term, _)| seen.insert(term.as_str()));
            let worth: f32 = fresh.map(|(term, worth)| if shown.contains(term) { worth * 0.1 } else { *worth }).sum();
            worth * factor
        };
        let best = candidates
            .iter()
            .enumerate()
            .max_by(|(a_at, a), (b_at, b)| gain(a).total_cmp(&gain(b)).then(b_at.cmp(a_at)));
        let Some((index, _)) = best else { break };
        let (_, said, snippet) = candidates.swap_remove(index);
        let is_new = said.iter().any(|(term, _)| !shown.contains(term));
        if !chosen.is_empty() && !is_new {
            break;
        }
        shown.extend(said.into_iter().map(|(term, _)| term));
        chosen.push(snippet);
    }
    chosen
}

/// A text in pieces of about [`LENGTH`] characters that end where a sentence or line does.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    for line in text.lines() {
        let mut rest = line.trim();
        while rest.chars().count() > LENGTH {
            let limit = rest.char_indices().nth(LENGTH).map_or(rest.len(), |(at, _)| at);
            let stop = rest[..limit].rfind(['。', '；', '！']).map(|at| at + '。'.len_utf8());
            let stop = stop.or_else(|| rest[..limit].rfind(". ").map(|at| at + 1));
            let stop = stop.or_else(|| rest[..limit].rfind([' ', '，', '、']).filter(|at| *at > limit / 2));
            let at = stop.filter(|at| *at > 0).map_or(limit, |at| rest.ceil_char_boundary(at));
            pieces.push(rest[..at].trim());
            rest = rest[at..].trim_start();
        }
        pieces.push(rest);
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Spans in order, those that touch joined.
fn merged(mut spans: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    spans.sort_unstable();
    let mut merged: Vec<(usize, usize)> = Vec::new();
    for (start, end) in spans {
        match merged.last_mut() {
            Some((_, last)) if start <= *last => *last = (*last).max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

/// Byte spans as spans of characters.
fn characters(text: &str, spans: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let count = |end: usize| text[..end].chars().count();
    spans.into_iter().map(|(start, end)| (count(start), count(end))).collect()
}
