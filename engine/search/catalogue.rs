//! What a search is asked of: an index in memory for a small base, else the one on disk.
//!
//! `main` opens one and asks it; what it is kept in makes no difference to an answer.

use std::path::Path;

use crate::signature::{Knowledge, Source, Synonyms};

use super::index::Index;
use super::looks;
use super::shelf::Shelf;
use super::{Answer, Request, SearchError};

/// A knowledge base, ready to be searched.
pub enum Catalogue {
    /// Small enough to be indexed on every run.
    Memory(Index, Synonyms),
    /// Kept on disk.
    Disk(Box<Shelf>),
}

/// Known errors and cases from which on a base is kept on disk.
const LARGE: usize = 200;

/// Whether a knowledge base is so large that its index should be kept on disk.
pub fn is_large(source: &Source) -> bool {
    match source {
        Source::Folder(root) => looks::count(root, LARGE) >= LARGE,
        Source::BuiltIn => true,
        Source::Memory(_) => false,
    }
}

impl Catalogue {
    /// Indexes a knowledge base in memory.
    ///
    /// # Errors
    /// [`SearchError`] where a quoted log cannot be read.
    pub fn of(knowledge: &Knowledge, source: &Source) -> Result<Catalogue, SearchError> {
        Ok(Catalogue::Memory(Index::of(knowledge, source)?, knowledge.synonyms.clone()))
    }

    /// Opens the index of a folder's base, or of the one built in, below the folder `cache`, and makes it or brings it up
    /// to date where needed.
    /// `all` has every file looked at, not only those in folders that changed.
    ///
    /// # Errors
    /// [`SearchError`] where the index cannot be kept there.
    pub fn on_disk(source: &Source, cache: &Path, all: bool) -> Result<Catalogue, SearchError> {
        match source {
            Source::Folder(root) => Ok(Catalogue::Disk(Box::new(Shelf::open(Some(root), cache, all)?))),
            Source::BuiltIn => Ok(Catalogue::Disk(Box::new(Shelf::open(None, cache, all)?))),
            Source::Memory(_) => Err(SearchError::Absent),
        }
    }

    /// Answers a request.
    ///
    /// # Errors
    /// [`SearchError`] where the index cannot be read.
    pub fn search(&mut self, request: &Request<'_>) -> Result<Answer, SearchError> {
        match self {
            Catalogue::Memory(index, synonyms) => super::search(index, synonyms, request),
            Catalogue::Disk(shelf) => shelf.search(request),
        }
    }

    /// The index itself.
    pub fn index(&self) -> &Index {
        match self {
            Catalogue::Memory(index, _) => index,
            Catalogue::Disk(shelf) => shelf.index(),
        }
    }

    /// What the person at the keyboard should know of the index.
    pub fn notes(&self) -> &[String] {
        match self {
            Catalogue::Memory(..) => &[],
            Catalogue::Disk(shelf) => &shelf.notes,
        }
    }
}
