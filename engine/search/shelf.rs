//! The index of a large knowledge base, kept on disk between runs.
//!
//! `catalogue` opens it where a base is too large to be indexed on every run. It lies in the user's cache folder, in a
//! folder of its own for each knowledge base, named by a hash of the base's path and of the program's version, so that
//! neither two bases nor two versions ever share one. That of the base built into the program is named by what is in it
//! and never changes. What was indexed, and how the folders of the base looked then, is
//! part of what a commit writes: a run that is cut off leaves the last commit as it was, and two processes see one
//! commit or the other. Only one process writes at a time; the others answer from what is there and say so. What
//! cannot be opened is removed and made anew.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use tantivy::{Index as Inner, IndexWriter, Term};

use crate::signature::{self, Knowledge, Source, Synonyms};

use super::documents::{self, CaseFacts, Document};
use super::index::{Fields, Index};
use super::looks::{self, CaseLooks, KnownErrorLooks, Looks};
use super::{Answer, Request, SearchError};

/// An index on disk, as it was found and brought up to date.
pub struct Shelf {
    /// The folder of the base; none for the one built in.
    root: Option<PathBuf>,
    inner: Inner,
    index: Index,
    looks: Looks,
    /// What the person at the keyboard should know of it.
    pub(super) notes: Vec<String>,
}

/// How many known errors and cases are read at once while an index is made.
const BATCH: usize = 2_000;

/// Memory of the writer.
const WRITER_MEMORY: usize = 64 << 20;

impl Shelf {
    /// Opens the index of the base in `root`, or of the one built in, below the folder `cache`, brought up to date; makes
    /// it where there is none. `all` has every file looked at, not only those in folders that changed.
    ///
    /// # Errors
    /// [`SearchError`] where the folder cannot be used at all.
    pub(super) fn open(root: Option<&Path>, cache: &Path, all: bool) -> Result<Shelf, SearchError> {
        let place = place(root, cache)?;
        let opened = guarded(|| {
            let mut shelf = Shelf::at(root, &place)?;
            shelf.freshen(all)?;
            Ok(shelf)
        });
        match opened {
            Ok(shelf) => Ok(shelf),
            Err(SearchError::Absent) => Shelf::anew(root, &place, Vec::new()),
            Err(error) => {
                let note = format!("the search index was damaged and is made anew ({error})");
                Shelf::anew(root, &place, vec![note])
            }
        }
    }

    /// The synonyms of the base.
    fn synonyms(&self) -> &Synonyms {
        &self.looks.synonyms
    }

    /// The index itself.
    pub(super) fn index(&self) -> &Index {
        &self.index
    }

    /// Answers a request. Where a file behind the answer has changed since it was indexed, the index is brought up to
    /// date first.
    ///
    /// # Errors
    /// [`SearchError`] where the index cannot be read.
    pub(super) fn search(&mut self, request: &Request<'_>) -> Result<Answer, SearchError> {
        let answer = guarded(|| super::search(&self.index, self.synonyms(), request))?;
        let Some(root) = &self.root else { return Ok(answer) };
        if answer.hits.iter().all(|hit| looks::is_fresh(root, hit)) {
            return Ok(answer);
        }
        self.freshen(true)?;
        guarded(|| super::search(&self.index, self.synonyms(), request))
    }

    fn at(root: Option<&Path>, place: &Path) -> Result<Shelf, SearchError> {
        if !place.join("meta.json").is_file() {
            return Err(SearchError::Absent);
        }
        let inner = Inner::open_in_dir(place)?;
        let payload = inner.load_metas()?.payload.unwrap_or_default();
        let looks = serde_json::from_str(&payload)?;
        let index = Index::of_inner(&inner)?;
        Ok(Shelf { root: root.map(Path::to_owned), inner, index, looks, notes: Vec::new() })
    }

    /// A new index in place of what is there. It is made beside its place and moved there whole, so that nobody sees
    /// half of it; where another process was faster, the other's is taken.
    fn anew(root: Option<&Path>, place: &Path, notes: Vec<String>) -> Result<Shelf, SearchError> {
        let beside = place.parent().unwrap_or(place);
        fs::create_dir_all(beside)?;
        if place.exists() {
            fs::remove_dir_all(place)?;
        }
        let draft = tempfile::Builder::new().prefix("draft-").tempdir_in(beside)?;
        let (schema, _) = Fields::new();
        let inner = Inner::create_in_dir(draft.path(), schema)?;
        let index = Index::of_inner(&inner)?;
        let mut shelf = Shelf { root: root.map(Path::to_owned), inner, index, looks: Looks::default(), notes };
        shelf.freshen(false)?;
        let Shelf { notes, .. } = shelf;
        match fs::rename(draft.path(), place) {
            Ok(()) => drop(draft.keep()),
            Err(error) if !place.join("meta.json").is_file() => return Err(error.into()),
            Err(_) => {}
        }
        let mut shelf = Shelf::at(root, place)?;
        shelf.notes = notes;
        Ok(shelf)
    }

    /// Indexes what looks otherwise than it did.
    fn freshen(&mut self, all: bool) -> Result<(), SearchError> {
        let Some(root) = self.root.clone() else { return self.fill() };
        let now = Looks::of(&root)?;
        let all = all || now.commits != self.looks.commits;
        if now == self.looks && !all {
            return Ok(());
        }
        let writer: IndexWriter = match self.inner.writer_with_num_threads(1, WRITER_MEMORY) {
            Ok(writer) => writer,
            Err(tantivy::TantivyError::LockFailure(..)) if !self.looks.known_errors.is_empty() => {
                self.notes
                    .push("another process updates the search index; the newest changes may be missing".to_owned());
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let mut next = now;
        self.update(&root, &writer, &mut next, all)?;
        self.commit(writer, next)
    }

    /// Indexes the base built in, where that is not done yet.
    fn fill(&mut self) -> Result<(), SearchError> {
        if !self.looks.known_errors.is_empty() {
            return Ok(());
        }
        let (knowledge, _) = signature::load(&Source::BuiltIn)?;
        let writer: IndexWriter = self.inner.writer_with_num_threads(1, WRITER_MEMORY)?;
        for document in super::documents(&knowledge, &Source::BuiltIn)? {
            writer.add_document(self.index.fields.document(&document)?)?;
        }
        let ids = knowledge.known_errors.into_iter().map(|known_error| (known_error.id, Default::default()));
        let looks = Looks { known_errors: ids.collect(), synonyms: knowledge.synonyms, ..Looks::default() };
        self.commit(writer, looks)
    }

    /// Commits what the writer was handed, with how the base looks now.
    fn commit(&mut self, mut writer: IndexWriter, next: Looks) -> Result<(), SearchError> {
        let is_new = self.looks.known_errors.is_empty();
        let mut commit = writer.prepare_commit()?;
        commit.set_payload(&serde_json::to_string(&next)?);
        commit.commit()?;
        if is_new {
            let segments = self.inner.searchable_segment_ids()?;
            if segments.len() > 1 {
                writer.merge(&segments).wait()?;
            }
        }
        writer.wait_merging_threads()?;
        self.index.reload()?;
        self.looks = next;
        Ok(())
    }

    /// Hands the writer what has changed between how the base looked and how it looks `now`.
    fn update(&mut self, root: &Path, writer: &IndexWriter, now: &mut Looks, all: bool) -> Result<(), SearchError> {
        let rules_changed = now.rules != self.looks.rules;
        let rules = looks::rules(root)?;
        let fields = self.index.fields;
        if rules_changed {
            let (knowledge, _) = signature::load(&Source::Memory(rules.clone()))?;
            for kind in [documents::Kind::Rule, documents::Kind::Guide, documents::Kind::Code] {
                writer.delete_term(Term::from_field_text(fields.kind, kind.name()));
            }
            for document in documents::of_rules(&knowledge) {
                writer.add_document(fields.document(&document)?)?;
            }
            now.synonyms = knowledge.synonyms;
        } else {
            now.synonyms = self.looks.synonyms.clone();
        }
        for gone in self.looks.known_errors.keys().filter(|id| !now.known_errors.contains_key(*id)) {
            writer.delete_term(Term::from_field_text(fields.known_error, gone));
        }
        let uses = if rules_changed { self.users_of_changed(&now.rules)? } else { Vec::new() };
        let changed: Vec<String> = now
            .known_errors
            .iter()
            .filter(|(id, looks)| all || self.looks.known_errors.get(*id) != Some(looks) || uses.contains(id))
            .map(|(id, _)| id.clone())
            .collect();
        let mut batch: Vec<Changed> = Vec::new();
        for id in changed {
            let before = if uses.contains(&id) { None } else { self.index.looks_of(&id)? };
            batch.extend(Changed::of(root, id, before)?);
            if batch.iter().map(Changed::len).sum::<usize>() >= BATCH {
                add(writer, fields, &rules, &std::mem::take(&mut batch))?;
            }
        }
        add(writer, fields, &rules, &batch)
    }

    /// Known errors whose documents name a rule of a file that changed.
    fn users_of_changed(&self, now: &BTreeMap<String, looks::Stamp>) -> Result<Vec<String>, SearchError> {
        let before = &self.looks.rules;
        let files = now.iter().filter(|(file, stamp)| before.get(*file) != Some(stamp)).map(|(file, _)| file);
        let gone = before.keys().filter(|file| !now.contains_key(*file));
        let ids = files.chain(gone).map(|file| file.trim_start_matches("rules/").trim_end_matches(".yml").to_owned());
        self.index.users_of_rules(&ids.collect::<Vec<_>>())
    }
}

/// A known error of which something changed.
struct Changed {
    id: String,
    /// How it looks now, with what its cases tell.
    looks: KnownErrorLooks,
    /// Cases that changed or are gone.
    cases: Vec<String>,
    /// The files to read: its own and those of cases that changed.
    bytes: BTreeMap<String, Vec<u8>>,
}

impl Changed {
    /// What changed below a known error since it looked as `before`; none where nothing did.
    fn of(root: &Path, id: String, before: Option<KnownErrorLooks>) -> Result<Option<Changed>, SearchError> {
        let mut looks = KnownErrorLooks::of(root, &id)?;
        let before = before.unwrap_or_default();
        if before.same_files(&looks) {
            return Ok(None);
        }
        looks.keep_facts(&before);
        let is_new = |(case, looks): &(&String, &CaseLooks)| {
            before.cases.get(*case).is_none_or(|before| before.stamps != looks.stamps)
        };
        let new: Vec<String> = looks.cases.iter().filter(is_new).map(|(case, _)| case.clone()).collect();
        let mut bytes = BTreeMap::new();
        let folders = new.iter().map(|case| format!("cases/{id}/{case}"));
        let files = folders.map(|folder| looks::files_of(root, &folder)).collect::<Result<Vec<_>, _>>()?;
        for file in files.into_iter().flatten().chain(looks.own.keys().cloned()) {
            bytes.insert(file.clone(), fs::read(root.join(file))?);
        }
        let gone = before.cases.keys().filter(|case| !looks.cases.contains_key(*case)).cloned();
        let cases = new.into_iter().chain(gone).collect();
        Ok(Some(Changed { id, looks, cases, bytes }))
    }

    fn len(&self) -> usize {
        1 + self.cases.len()
    }
}

/// Reads known errors and cases that changed and hands them to the writer in place of what it had.
fn add(
    writer: &IndexWriter,
    fields: Fields,
    rules: &BTreeMap<String, Vec<u8>>,
    batch: &[Changed],
) -> Result<(), SearchError> {
    if batch.is_empty() {
        return Ok(());
    }
    let mut files = rules.clone();
    files.extend(batch.iter().flat_map(|changed| changed.bytes.clone()));
    let source = Source::Memory(files);
    let (knowledge, _): (Knowledge, _) = signature::load(&source)?;
    let mut documents: BTreeMap<String, Vec<Document>> = BTreeMap::new();
    for document in documents::of_cases(&knowledge, &source)? {
        documents.entry(document.known_error.clone()).or_default().push(document);
    }
    for changed in batch {
        let mut looks = changed.looks.clone();
        let mut found = documents.remove(&changed.id).unwrap_or_default();
        for document in found.iter().filter(|document| document.kind == documents::Kind::Case) {
            if let Some(case) = looks.cases.get_mut(&document.id) {
                case.facts = CaseFacts::of(document);
            }
        }
        for document in &mut found {
            document.stamp = looks.stamp_of(&document.file);
            if document.kind == documents::Kind::KnownError {
                looks.cases.values().for_each(|case| case.facts.add_to(document));
            }
        }
        let keys = changed.cases.iter().map(|case| format!("{}/{case}", changed.id));
        for key in keys.chain([changed.id.clone(), format!("{}/", changed.id)]) {
            writer.delete_term(Term::from_field_text(fields.key, &key));
        }
        for document in &found {
            writer.add_document(fields.document(document)?)?;
        }
        writer.add_document(fields.looks(&changed.id, &looks)?)?;
    }
    Ok(())
}

/// The folder of a base's index.
fn place(root: Option<&Path>, cache: &Path) -> Result<PathBuf, SearchError> {
    let mut hasher = DefaultHasher::new();
    (env!("CARGO_PKG_VERSION"), VERSION).hash(&mut hasher);
    match root {
        Some(root) => fs::canonicalize(root)?.hash(&mut hasher),
        None => {
            for file in ["rules", "cases", "templates"].iter().flat_map(|folder| Source::BuiltIn.list(folder)).flatten()
            {
                Source::BuiltIn.read(&file)?.hash(&mut hasher);
            }
        }
    }
    Ok(cache.join("search").join(format!("{:016x}", hasher.finish())))
}

/// Counts changes of what is indexed and how.
const VERSION: u32 = 2;

/// Runs what reads files that anybody may have damaged: a panic inside becomes an error.
fn guarded<T>(work: impl FnOnce() -> Result<T, SearchError>) -> Result<T, SearchError> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    panic::set_hook(hook);
    done.unwrap_or_else(|_| Err(SearchError::File(io::Error::from(io::ErrorKind::InvalidData))))
}

#[cfg(test)]
#[path = "shelf_tests.rs"]
mod tests;
