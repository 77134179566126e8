//! The terms that the index holds: whether one is known, and which ones a misspelt word may mean.

use std::collections::BTreeMap;

use tantivy::query::FuzzyTermQuery;
use tantivy::schema::Field;
use tantivy::{Searcher, SegmentReader, Term};

use super::index::Fields;
use super::meaning::Unit;

/// The terms of an index.
pub(super) struct Vocabulary<'i> {
    searcher: &'i Searcher,
    fields: Fields,
}

/// The shortest word that may be misspelt, and the shortest that may be so twice.
const SHORTEST: (usize, usize) = (4, 8);

/// How many words one misspelt word may stand for.
const MOST_MEANT: usize = 3;

/// The shortest beginning that stands for the whole word.
const SHORTEST_BEGINNING: usize = 3;

impl<'i> Vocabulary<'i> {
    pub(super) fn new(searcher: &'i Searcher, fields: Fields) -> Self {
        Vocabulary { searcher, fields }
    }

    /// How many documents hold a term, at most in any one field.
    pub(super) fn count(&self, term: &str) -> u64 {
        let counts = self.fields.texts().into_iter().map(|(field, _)| self.count_in(field, term));
        counts.max().unwrap_or_default()
    }

    /// How many documents hold a term in one field; what cannot be read holds nothing.
    pub(super) fn count_in(&self, field: Field, term: &str) -> u64 {
        self.searcher.doc_freq(&Term::from_field_text(field, term)).unwrap_or_default()
    }

    /// The segments of the index.
    pub(super) fn segments(&self) -> &[SegmentReader] {
        self.searcher.segment_readers()
    }

    /// How many documents there are.
    pub(super) fn documents(&self) -> u64 {
        self.searcher.num_docs()
    }

    /// How rare a unit is: that of its rarest term, or of its error.
    pub(super) fn rarity(&self, unit: &Unit) -> f32 {
        let terms = unit.ways.iter().take(1).flat_map(|way| &way.terms).map(|term| self.count(term));
        let counts = terms.chain(
            unit.ways.iter().filter_map(|way| way.code).map(|code| self.count_in(self.fields.code, &code.hex())),
        );
        self.rarity_of(counts.filter(|count| *count > 0).min().unwrap_or(1))
    }

    /// How rare something is that so many documents say.
    pub(super) fn rarity_of(&self, count: u64) -> f32 {
        let all = self.documents() as f32 + 1.0;
        (all / count.max(1) as f32).ln().max(0.1)
    }

    /// The words that differ by one slip from a word that is written so nowhere, though its stem is known.
    pub(super) fn slips(&self, word: &str) -> Vec<String> {
        if word.chars().count() <= SHORTEST.0 || self.count_in(self.fields.word, word) > 0 {
            return Vec::new();
        }
        let mut found = self.expand(&FuzzyTermQuery::new(Term::from_field_text(self.fields.word, word), 1, true));
        found.truncate(MOST_MEANT);
        found
    }

    /// Whether any term of a unit is known.
    pub(super) fn knows_any(&self, unit: &Unit) -> bool {
        unit.ways.iter().flat_map(|way| &way.terms).any(|term| self.count(term) > 0)
    }

    /// The words that an unknown one may mean, best first, as they are written: those that differ by one slip, those it
    /// begins, two known words written as one, and for a long word those that differ by two slips.
    pub(super) fn near(&self, word: &str) -> Vec<String> {
        let term = Term::from_field_text(self.fields.word, word);
        let length = word.chars().count();
        let slips = |number: u8| self.expand(&FuzzyTermQuery::new(term.clone(), number, true));
        let mut found = if length >= SHORTEST.0 { slips(1) } else { Vec::new() };
        if found.is_empty() && length >= SHORTEST_BEGINNING {
            found = self.expand(&FuzzyTermQuery::new_prefix(term.clone(), 0, true));
        }
        if found.is_empty() {
            found = self.halves(word).into_iter().collect();
        }
        if found.is_empty() && length >= SHORTEST.1 {
            found = slips(2);
        }
        found.truncate(MOST_MEANT);
        found
    }

    /// The words that come nearest to one that resembles none enough to be taken for it.
    pub(super) fn nearest(&self, word: &str) -> Vec<String> {
        let term = Term::from_field_text(self.fields.word, word);
        let mut found = self.expand(&FuzzyTermQuery::new(term, 2, true));
        found.truncate(MOST_MEANT);
        found
    }

    /// Two known words that were written as one.
    fn halves(&self, word: &str) -> Option<String> {
        let cuts = (3..word.len().saturating_sub(2)).filter(|cut| word.is_char_boundary(*cut));
        let count = |half: &str| self.count_in(self.fields.word, half);
        let known = cuts.map(|cut| word.split_at(cut)).filter(|(head, tail)| count(head).min(count(tail)) > 2);
        let (head, tail) = known.max_by_key(|(head, tail)| count(head).min(count(tail)))?;
        Some(format!("{head} {tail}"))
    }

    /// The words that an automaton accepts, the most frequent first.
    fn expand(&self, query: &FuzzyTermQuery) -> Vec<String> {
        let Ok(automaton) = query.automaton() else { return Vec::new() };
        let mut found: BTreeMap<String, u64> = BTreeMap::new();
        for segment in self.segments() {
            let Ok(inverted) = segment.inverted_index(self.fields.word) else { continue };
            let Ok(mut stream) = inverted.terms().search(&automaton).into_stream() else { continue };
            while let Some((bytes, info)) = stream.next() {
                let Ok(word) = std::str::from_utf8(bytes) else { continue };
                *found.entry(word.to_owned()).or_default() += u64::from(info.doc_freq);
            }
        }
        let mut found: Vec<(String, u64)> = found.into_iter().collect();
        found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        found.into_iter().map(|(word, _)| word).collect()
    }
}
