//! What a search answers: hits in groups, and how the query was understood.
//!
//! `mod.rs` fills it, `render` draws it, and its JSON form is a contract (`casebook-search/1`, see docs/search.md):
//! fields may be added, never changed.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::signature::Texts;

use super::documents::Kind;
use super::snippets::Snippet;

/// An answer.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// [`super::SCHEMA`].
    pub schema: &'static str,
    /// What was typed.
    pub query: String,
    /// How many groups were found: a known error with its cases is one.
    pub total: usize,
    /// How many groups stand before the first one shown.
    pub skipped: usize,
    /// What was found, best first; members of a group stand together.
    pub hits: Vec<Hit>,
    /// What all that was found has in it.
    pub facets: Facets,
    /// Errors that the query names.
    pub errors: Vec<NamedError>,
    /// Words that the knowledge base does not hold, with what they were taken for.
    pub corrected: Vec<Correction>,
    /// Words that the knowledge base does not hold, with the nearest that it does.
    pub unknown: Vec<UnknownWord>,
    /// Parts of the query that nothing satisfies and that were left out.
    pub left_out: Vec<String>,
}

/// Something that was found.
#[derive(Clone, Debug, Serialize)]
pub struct Hit {
    /// What it is.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// The known error it is or belongs to, where there is one.
    pub known_error: Option<String>,
    /// What it is called.
    pub title: Texts,
    /// The part of servicing it belongs to, where it has one.
    pub area: Option<String>,
    /// How well it fits, against other hits of the same answer.
    pub score: f32,
    /// Number of the group, from 1.
    pub group: usize,
    /// Marks in the title in the reader's language.
    pub title_marks: Vec<(usize, usize)>,
    /// Why it was found.
    pub snippets: Vec<Snippet>,
    /// The file it was read from, where it has one of its own.
    pub file: Option<String>,
    /// How the file looked when it was indexed, where that is known.
    #[serde(skip)]
    pub(crate) stamp: Option<(u64, u64)>,
}

/// How many of the documents found have each value.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Facets {
    /// By kind.
    pub kinds: BTreeMap<String, u64>,
    /// By part of servicing.
    pub areas: BTreeMap<String, u64>,
    /// By customer.
    pub customers: BTreeMap<String, u64>,
    /// By `open` and `closed`.
    pub statuses: BTreeMap<String, u64>,
}

/// An error that a query names.
#[derive(Clone, Debug, Serialize)]
pub struct NamedError {
    /// In its one form, such as `0x80070005`.
    pub error: String,
    /// Its symbolic name, where it is known.
    pub name: Option<&'static str>,
    /// What it means, by language.
    pub meaning: Texts,
}

/// A word that the knowledge base does not hold.
#[derive(Clone, Debug, Serialize)]
pub struct Correction {
    /// As it was typed.
    pub word: String,
    /// What it was taken for.
    pub meant: Vec<String>,
}

/// A word that resembles none that the knowledge base holds.
#[derive(Clone, Debug, Serialize)]
pub struct UnknownWord {
    /// As it was typed.
    pub word: String,
    /// The words that come nearest.
    pub nearest: Vec<String>,
}
