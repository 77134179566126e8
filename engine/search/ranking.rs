//! Asks the index for what a query means and puts what it finds in order.
//!
//! A unit of the query is worth what its best way is worth in the document's best field, so that a document gains by
//! saying more of what was asked and not by saying one thing in many places. Known errors and their cases come out as
//! one group, as good as its best member and a little of the next; rules and codes, which only lead to known errors,
//! count half.

use std::collections::{BTreeMap, HashSet};
use std::ops::Bound;

use tantivy::collector::{DocSetCollector, TopDocs};
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, EnableScoring, Occur, PhraseQuery, Query,
    RangeQuery, TermQuery, Weight,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, Searcher, Term};

use super::analyser;
use super::documents::Kind;
use super::index::Index;
use super::meaning::{Unit, Way};
use super::reading::Filter;
use super::vocabulary::Vocabulary;
use super::{Facets, SearchError};

/// All that is asked of the index.
pub(super) struct Question<'q> {
    pub(super) units: &'q [Unit],
    pub(super) phrases: &'q [String],
    pub(super) excluded: &'q [String],
    pub(super) filters: &'q [Filter],
    pub(super) kinds: &'q [Kind],
}

/// A document that was found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) address: DocAddress,
    pub(super) kind: Kind,
    pub(super) known_error: String,
    pub(super) score: f32,
}

/// Documents that belong together, best first.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) score: f32,
    pub(super) members: Vec<Found>,
}

/// What rules, codes and guides are worth, which only lead to known errors.
const LEADING: f32 = 0.5;

/// What the second best member of a group adds to it.
const SECOND: f32 = 0.15;

/// What an error counts that a signature looks for, beside one that texts speak of.
const ASKED: f32 = 1.5;

/// What the fields and ways count in which a unit is said less well than in the best.
const TIE: f32 = 0.1;

/// How many documents are looked at, however few are shown: a group needs its members.
const MOST_DOCUMENTS: usize = 400;

/// Best groups first, at most as many as the documents that are looked at form, and what all that was found has in it.
pub(super) fn ask(
    index: &Index,
    searcher: &Searcher,
    question: &Question<'_>,
) -> Result<(Vec<Group>, Facets), SearchError> {
    let Some(query) = build(index, searcher, question) else { return Ok((Vec::new(), Facets::default())) };
    let excluded = excluded(index, searcher, question)?;
    let best = TopDocs::with_limit(MOST_DOCUMENTS + excluded.len()).order_by_score();
    let (mut best, mut all) = searcher.search(&query, &(best, DocSetCollector))?;
    best.retain(|(_, address)| !excluded.contains(address));
    all.retain(|address| !excluded.contains(address));
    cover(index, searcher, question.units, &mut best)?;
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for (number, (score, address)) in best.into_iter().enumerate() {
        let found = found(searcher, address, score)?;
        let key = if found.known_error.is_empty() { format!("\0{number}") } else { found.known_error.clone() };
        let group = groups.entry(key).or_insert(Group { score: 0.0, members: Vec::new() });
        group.score = group.score.max(found.score);
        group.members.push(found);
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    for group in &mut groups {
        group.members.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.kind.cmp(&b.kind)));
        group.score += group.members.get(1).map_or(0.0, |second| SECOND * second.score);
    }
    groups.sort_by(|a, b| b.score.total_cmp(&a.score));
    Ok((groups, facets(searcher, all)?))
}

/// Documents that say what must not be said. They are not excluded by the query itself: where a phrase is excluded,
/// tantivy 0.27 asks its scorer for documents behind which that stands already.
fn excluded(index: &Index, searcher: &Searcher, question: &Question<'_>) -> Result<HashSet<DocAddress>, SearchError> {
    let builder = Builder { index, vocabulary: Vocabulary::new(searcher, index.fields) };
    let mut documents = HashSet::new();
    for phrase in question.excluded {
        if let Some(query) = builder.phrase(&all_terms(phrase), 1.0) {
            documents.extend(searcher.search(&query, &DocSetCollector)?);
        }
    }
    Ok(documents)
}

/// Weakens each document by what it does not say: a unit that is missing counts by how rare it is.
fn cover(
    index: &Index,
    searcher: &Searcher,
    units: &[Unit],
    best: &mut [(f32, DocAddress)],
) -> Result<(), SearchError> {
    let builder = Builder { index, vocabulary: Vocabulary::new(searcher, index.fields) };
    best.sort_by_key(|(_, address)| *address);
    let mut said = vec![0.0; best.len()];
    let mut all = 0.0;
    for unit in units.iter().filter(|unit| !unit.explains) {
        let worth = builder.vocabulary.rarity(unit);
        let mut shares = vec![0.0_f32; best.len()];
        let mut is_known = false;
        for way in &unit.ways {
            let mut share_of_way = vec![0.0_f32; best.len()];
            for (query, share) in builder.shares(way) {
                is_known = true;
                let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
                for at in holders(searcher, weight.as_ref(), best)? {
                    share_of_way[at] += share * way.weight.min(1.0);
                }
            }
            shares.iter_mut().zip(share_of_way).for_each(|(share, other)| *share = share.max(other));
        }
        if is_known {
            all += worth;
            said.iter_mut().zip(shares).for_each(|(said, share)| *said += worth * share);
        }
    }
    if all > 0.0 {
        let shares = said.iter().map(|said: &f32| said / all);
        best.iter_mut().zip(shares).for_each(|((score, _), share)| *score *= share);
    }
    Ok(())
}

/// Which of the documents, sorted by address, a query finds.
fn holders(
    searcher: &Searcher,
    weight: &dyn Weight,
    documents: &[(f32, DocAddress)],
) -> Result<Vec<usize>, SearchError> {
    let mut holders = Vec::new();
    for (number, segment) in searcher.segment_readers().iter().enumerate() {
        let mut scorer = weight.scorer(segment, 1.0)?;
        for (at, (_, address)) in documents.iter().enumerate() {
            if address.segment_ord as usize != number {
                continue;
            }
            if scorer.doc() < address.doc_id {
                scorer.seek(address.doc_id);
            }
            if scorer.doc() == address.doc_id {
                holders.push(at);
            }
        }
    }
    Ok(holders)
}

/// The document of a known error, whether or not it was found by itself.
pub(super) fn known_error(index: &Index, searcher: &Searcher, id: &str) -> Result<Option<DocAddress>, SearchError> {
    let fields = index.fields;
    let is = |field: Field, text: &str| (Occur::Must, term_only(Term::from_field_text(field, text)));
    let query = BooleanQuery::new(vec![is(fields.kind, Kind::KnownError.name()), is(fields.known_error, id)]);
    let best = searcher.search(&query, &TopDocs::with_limit(1).order_by_score())?;
    Ok(best.first().map(|(_, address)| *address))
}

fn found(searcher: &Searcher, address: DocAddress, score: f32) -> Result<Found, SearchError> {
    let (kind, known_error) = kind_and_known_error(searcher, address)?;
    let worth = if known_error.is_empty() { LEADING } else { 1.0 };
    Ok(Found { address, kind, known_error, score: score * worth })
}

/// What a document is, and the known error that it is or belongs to; empty where there is none.
pub(super) fn kind_and_known_error(searcher: &Searcher, address: DocAddress) -> Result<(Kind, String), SearchError> {
    let kind = values(searcher, address, "kind")?.pop().unwrap_or_default();
    let kind = Kind::ALL.into_iter().find(|known| known.name() == kind).unwrap_or(Kind::Rule);
    Ok((kind, values(searcher, address, "known_error")?.pop().unwrap_or_default()))
}

/// The values of a document in a field that is kept by document.
fn values(searcher: &Searcher, address: DocAddress, field: &str) -> Result<Vec<String>, SearchError> {
    let segment = searcher.segment_reader(address.segment_ord);
    let Some(column) = segment.fast_fields().str(field)? else { return Ok(Vec::new()) };
    let mut values = Vec::new();
    for ord in column.term_ords(address.doc_id) {
        let mut value = String::new();
        column.ord_to_str(ord, &mut value)?;
        values.push(value);
    }
    Ok(values)
}

/// How many of the documents found are of each kind, area, customer and status.
fn facets(searcher: &Searcher, all: impl IntoIterator<Item = DocAddress>) -> Result<Facets, SearchError> {
    let mut facets = Facets::default();
    let all: Vec<DocAddress> = all.into_iter().collect();
    let lists = [
        ("kind", &mut facets.kinds),
        ("area", &mut facets.areas),
        ("customer", &mut facets.customers),
        ("status", &mut facets.statuses),
    ];
    for (field, counts) in lists {
        for (number, segment) in searcher.segment_readers().iter().enumerate() {
            let Some(column) = segment.fast_fields().str(field)? else { continue };
            let mut by_ord: BTreeMap<u64, u64> = BTreeMap::new();
            for address in all.iter().filter(|address| address.segment_ord as usize == number) {
                column.term_ords(address.doc_id).for_each(|ord| *by_ord.entry(ord).or_default() += 1);
            }
            for (ord, count) in by_ord {
                let mut value = String::new();
                column.ord_to_str(ord, &mut value)?;
                if !value.is_empty() {
                    *counts.entry(value).or_default() += count;
                }
            }
        }
    }
    Ok(facets)
}

/// The query for a question; none where nothing known is asked.
fn build(index: &Index, searcher: &Searcher, question: &Question<'_>) -> Option<BooleanQuery> {
    let vocabulary = Vocabulary::new(searcher, index.fields);
    let builder = Builder { index, vocabulary };
    let units: Vec<Box<dyn Query>> = question.units.iter().filter_map(|unit| builder.unit(unit)).collect();
    let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
    match units.is_empty() {
        false => clauses.push((Occur::Must, Box::new(BooleanQuery::union(units)))),
        true if !question.units.is_empty() => return None,
        true if question.filters.is_empty() && question.phrases.is_empty() => return None,
        true => clauses.push((Occur::Must, Box::new(ConstScoreQuery::new(of_kinds(index, &Kind::ALL), 1.0)))),
    }
    for phrase in question.phrases {
        clauses.push((Occur::Must, builder.phrase(&all_terms(phrase), 1.0)?));
    }
    for filter in question.filters {
        clauses.push((Occur::Must, Box::new(ConstScoreQuery::new(builder.filter(filter)?, 0.0))));
    }
    if !question.kinds.is_empty() {
        clauses.push((Occur::Must, Box::new(ConstScoreQuery::new(of_kinds(index, question.kinds), 0.0))));
    }
    Some(BooleanQuery::new(clauses))
}

fn of_kinds(index: &Index, kinds: &[Kind]) -> Box<dyn Query> {
    let kinds = kinds.iter().map(|kind| Term::from_field_text(index.fields.kind, kind.name()));
    Box::new(BooleanQuery::new_multiterms_query(kinds.collect()))
}

/// The terms of a phrase in their order, one at each place.
fn all_terms(phrase: &str) -> Vec<String> {
    let mut terms: Vec<(usize, String)> = Vec::new();
    for token in analyser::tokens(phrase) {
        if terms.last().is_none_or(|(position, _)| *position != token.position) {
            terms.push((token.position, token.term));
        }
    }
    terms.into_iter().map(|(_, term)| term).collect()
}

fn term_only(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}

struct Builder<'b> {
    index: &'b Index,
    vocabulary: Vocabulary<'b>,
}

impl Builder<'_> {
    /// The best of a unit's ways; none where the index knows none of them.
    fn unit(&self, unit: &Unit) -> Option<Box<dyn Query>> {
        let ways: Vec<Box<dyn Query>> = unit.ways.iter().filter_map(|way| self.way(way)).collect();
        best_of(ways)
    }

    fn way(&self, way: &Way) -> Option<Box<dyn Query>> {
        if let Some(code) = way.code {
            let fields = [(self.index.fields.code, 1.0), (self.index.fields.asked, ASKED)];
            let in_field = |(field, worth): (Field, f32)| {
                let term = term_only(Term::from_field_text(field, &code.hex()));
                Box::new(BoostQuery::new(term, worth * way.weight)) as Box<dyn Query>
            };
            return best_of(fields.into_iter().map(in_field).collect());
        }
        if way.phrase {
            return self.phrase(&way.terms, way.weight);
        }
        let terms: Vec<Box<dyn Query>> = way.terms.iter().filter_map(|term| self.term(term, way.weight)).collect();
        (!terms.is_empty()).then(|| Box::new(BooleanQuery::union(terms)) as Box<dyn Query>)
    }

    /// What a way says, piece by piece: a query for each piece, with its share of the whole by how rare it is.
    fn shares(&self, way: &Way) -> Vec<(Box<dyn Query>, f32)> {
        if way.phrase || way.terms.len() < 2 {
            return self.way(way).map(|query| (query, 1.0)).into_iter().collect();
        }
        let worths: Vec<f32> =
            way.terms.iter().map(|term| self.vocabulary.rarity_of(self.vocabulary.count(term))).collect();
        let all: f32 = worths.iter().sum();
        let pieces = way.terms.iter().zip(worths);
        pieces.filter_map(|(term, worth)| Some((self.term(term, 1.0)?, worth / all))).collect()
    }

    /// A term in the field where it tells most.
    fn term(&self, term: &str, weight: f32) -> Option<Box<dyn Query>> {
        let texts = self.index.fields.texts();
        let known = texts.into_iter().filter(|(field, _)| self.vocabulary.count_in(*field, term) > 0);
        let fields = known.map(|(field, worth)| {
            let query = TermQuery::new(Term::from_field_text(field, term), IndexRecordOption::WithFreqs);
            Box::new(BoostQuery::new(Box::new(query), worth * weight)) as Box<dyn Query>
        });
        best_of(fields.collect())
    }

    /// Terms that stand one behind the other in a field.
    fn phrase(&self, terms: &[String], weight: f32) -> Option<Box<dyn Query>> {
        if let [term] = terms {
            return self.term(term, weight);
        }
        if terms.is_empty() {
            return None;
        }
        let fields = self.index.fields.texts().into_iter().map(|(field, worth)| {
            let terms = terms.iter().map(|term| Term::from_field_text(field, term)).collect();
            Box::new(BoostQuery::new(Box::new(PhraseQuery::new(terms)), worth * weight)) as Box<dyn Query>
        });
        best_of(fields.collect())
    }

    /// What a filter lets through; none where nothing can.
    fn filter(&self, filter: &Filter) -> Option<Box<dyn Query>> {
        let fields = self.index.fields;
        let exact = |field: Field, text: &str| Some(term_only(Term::from_field_text(field, text)));
        match filter {
            Filter::Kb(number) => exact(fields.kb, number),
            Filter::Error(code) => exact(fields.code, &code.hex()),
            Filter::Status(status) => exact(fields.status, status),
            Filter::Area(area) => self.containing(fields.area, area),
            Filter::Customer(customer) => self.containing(fields.customer, customer),
            Filter::File(name) => self.phrase(&all_terms(name), 1.0),
            Filter::Before(day) => Some(self.days(Bound::Unbounded, Bound::Excluded(*day))),
            Filter::After(day) => Some(self.days(Bound::Included(*day), Bound::Unbounded)),
        }
    }

    fn days(&self, from: Bound<u64>, to: Bound<u64>) -> Box<dyn Query> {
        let term = |day: u64| Term::from_field_u64(self.index.fields.day, day);
        Box::new(RangeQuery::new(from.map(term), to.map(term)))
    }

    /// Documents of which a value holds the text: customers and areas are few.
    fn containing(&self, field: Field, text: &str) -> Option<Box<dyn Query>> {
        let mut terms = Vec::new();
        for segment in self.vocabulary.segments() {
            let Ok(inverted) = segment.inverted_index(field) else { continue };
            let Ok(mut stream) = inverted.terms().stream() else { continue };
            while let Some((bytes, _)) = stream.next() {
                if std::str::from_utf8(bytes).is_ok_and(|value| value.contains(text)) {
                    terms.push(Term::from_field_bytes(field, bytes));
                }
            }
        }
        (!terms.is_empty()).then(|| Box::new(BooleanQuery::new_multiterms_query(terms)) as Box<dyn Query>)
    }
}

/// The best of several, with a little of the rest; none of none.
fn best_of(mut queries: Vec<Box<dyn Query>>) -> Option<Box<dyn Query>> {
    match queries.len() {
        0 => None,
        1 => queries.pop(),
        _ => Some(Box::new(DisjunctionMaxQuery::with_tie_breaker(queries, TIE))),
    }
}
