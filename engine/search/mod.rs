//! Answers a question in free words: the known error, with its cases, that a colleague half remembers.
//!
//! A [`Catalogue`] is a knowledge base ready to be searched, [`search`] asks the index in it. What is searched, how it
//! is cut into terms, what a query may hold and how answers are put in order is told in docs/search.md. An answer is
//! drawn by `render`; its JSON form is a contract (`casebook-search/1`).

mod analyser;
mod answer;
mod catalogue;
mod chinese;
mod documents;
mod index;
mod looks;
mod meaning;
mod ranking;
mod reading;
mod shelf;
mod signs;
mod similar;
mod snippets;
mod vocabulary;

use serde::Serialize;

use crate::signature::{Knowledge, Source, SourceError, Synonyms};
use crate::verdict::{Report, Similar};

pub use answer::{Answer, Correction, Facets, Hit, NamedError, UnknownWord};
pub use catalogue::{Catalogue, is_large};
pub use documents::{Document, Kind, Passage};
pub use index::Index;
pub use shelf::Shelf;
pub use similar::{is_comparable, similar};
pub use snippets::Snippet;

use meaning::Meaning;
use ranking::{Found, Group, Question};
use reading::Reading;
use snippets::Wanted;
use vocabulary::Vocabulary;

/// Name and version of the JSON contract.
pub const SCHEMA: &str = "casebook-search/1";

/// A question.
#[derive(Clone, Debug)]
pub struct Request<'r> {
    /// What was typed.
    pub query: &'r str,
    /// The kinds to look for; empty for all.
    pub kinds: &'r [Kind],
    /// How many groups to leave out at the beginning.
    pub skip: usize,
    /// How many groups to show.
    pub number: usize,
    /// The language of the reader.
    pub language: &'r str,
}

/// Past failures that resemble a bundle.
#[derive(Clone, Debug, Serialize)]
pub struct Resemblance {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The bundle's file name.
    pub bundle: String,
    /// The known errors that resemble it, best first; empty where none does.
    pub similar: Vec<Similar>,
}

impl Resemblance {
    /// What resembles the bundle of a report.
    ///
    /// # Errors
    /// [`SearchError`] where the index cannot be read.
    pub fn of(index: &Index, report: &Report) -> Result<Resemblance, SearchError> {
        Ok(Resemblance { schema: SCHEMA, bundle: report.bundle.name.clone(), similar: similar(index, report)? })
    }
}

/// A question that cannot be answered.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The knowledge base cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The index cannot be made or read.
    #[error("the search index cannot be used")]
    Index(#[from] tantivy::TantivyError),
    /// A document of the index is damaged.
    #[error("the search index is damaged")]
    Document(#[from] serde_json::Error),
    /// A file of the index or of the knowledge base cannot be read or written.
    #[error("the search index cannot be read or written")]
    File(#[from] std::io::Error),
    /// There is no index yet, or one of another form.
    #[error("there is no search index yet")]
    Absent,
}

impl Index {
    /// An index of a knowledge base, in memory.
    ///
    /// # Errors
    /// [`SearchError`] where a quoted log cannot be read.
    pub fn of(knowledge: &Knowledge, source: &Source) -> Result<Index, SearchError> {
        Index::in_memory(&documents(knowledge, source)?)
    }
}

/// Everything in a knowledge base that can be found.
///
/// # Errors
/// [`SearchError`] where a quoted log cannot be read.
pub fn documents(knowledge: &Knowledge, source: &Source) -> Result<Vec<Document>, SearchError> {
    let mut documents = documents::of_cases(knowledge, source)?;
    documents.extend(documents::of_rules(knowledge));
    Ok(documents)
}

/// Answers `request` from `index`.
///
/// # Errors
/// [`SearchError`] where the index cannot be read.
pub fn search(index: &Index, synonyms: &Synonyms, request: &Request<'_>) -> Result<Answer, SearchError> {
    let searcher = index.searcher();
    let vocabulary = Vocabulary::new(&searcher, index.fields);
    let mut reading = reading::read(request.query);
    let mut left_out = Vec::new();
    let (meaning, groups, facets) = loop {
        let meaning = meaning::of(&reading.words, reading.pasted, synonyms, &vocabulary);
        let question = Question {
            units: &meaning.units,
            phrases: &reading.phrases,
            excluded: &reading.excluded,
            filters: &reading.filters,
            kinds: request.kinds,
        };
        let (groups, facets) = ranking::ask(index, &searcher, &question)?;
        match groups.is_empty().then(|| relax(&mut reading)).flatten() {
            Some(part) => left_out.push(part),
            None => break (meaning, groups, facets),
        }
    };
    if groups.is_empty() {
        left_out.clear();
    }
    let wanted = Wanted::new(&meaning, &reading.phrases, &vocabulary);
    let mut hits = Vec::new();
    for (number, group) in groups.iter().enumerate().skip(request.skip).take(request.number) {
        let members = with_known_error(index, &searcher, group, request.kinds)?;
        for member in members.iter().take(MOST_MEMBERS) {
            let document = index.document(&searcher, member.address)?;
            hits.push(hit(&document, member, number + 1, &wanted, request.language));
        }
    }
    Ok(Answer {
        schema: SCHEMA,
        query: request.query.to_owned(),
        total: groups.len(),
        skipped: request.skip.min(groups.len()),
        hits,
        facets,
        errors: named_errors(&meaning),
        corrected: meaning.corrected.into_iter().map(|(word, meant)| Correction { word, meant }).collect(),
        unknown: meaning.unknown.into_iter().map(|(word, nearest)| UnknownWord { word, nearest }).collect(),
        left_out,
    })
}

/// How many members of a group are shown: the known error and its best cases.
const MOST_MEMBERS: usize = 6;

/// Takes one condition out of a query that nothing satisfies: phrases first, then the last filter, then exclusions.
fn relax(reading: &mut Reading) -> Option<String> {
    if let Some(phrase) = reading.phrases.pop() {
        let words = format!("{} {phrase}", reading.words);
        words.trim().clone_into(&mut reading.words);
        return Some(format!("\"{phrase}\""));
    }
    if let Some(filter) = reading.filters.pop() {
        return Some(filter.written());
    }
    reading.excluded.pop().map(|word| format!("-{word}"))
}

/// A group with its known error, which introduces its cases even where only these were found.
fn with_known_error(
    index: &Index,
    searcher: &tantivy::Searcher,
    group: &Group,
    kinds: &[Kind],
) -> Result<Vec<Found>, SearchError> {
    let mut members = group.members.clone();
    let id = members.first().map(|member| member.known_error.clone()).unwrap_or_default();
    let has_known_error = members.iter().any(|member| member.kind == Kind::KnownError);
    if !id.is_empty() && !has_known_error && kinds.is_empty() {
        let address = ranking::known_error(index, searcher, &id)?;
        members.extend(address.map(|address| Found { address, kind: Kind::KnownError, known_error: id, score: 0.0 }));
    }
    Ok(members)
}

fn hit(document: &Document, found: &Found, group: usize, wanted: &Wanted, language: &str) -> Hit {
    let known = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Hit {
        kind: document.kind,
        id: document.id.clone(),
        known_error: known(&document.known_error),
        title: document.title.clone(),
        area: known(&document.area),
        score: found.score,
        group,
        title_marks: snippets::title_marks(wanted, document.title.get(language)),
        snippets: snippets::snippets(wanted, document, language),
        file: known(&document.file),
        stamp: document.stamp,
    }
}

fn named_errors(meaning: &Meaning) -> Vec<NamedError> {
    let named = |code: &crate::facts::Code| NamedError {
        error: code.hex(),
        name: code.name(),
        meaning: documents::meaning(*code),
    };
    meaning.codes.iter().map(named).collect()
}
