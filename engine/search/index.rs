//! The index: documents as tantivy keeps them.
//!
//! Terms come from our own analyser and are handed over ready-made, so an index needs nothing registered before it can
//! be opened. A document is kept whole beside its terms: an answer is drawn from the index alone.

use std::collections::BTreeSet;

use tantivy::collector::DocSetCollector;
use tantivy::directory::RamDirectory;
use tantivy::query::TermQuery;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value,
};
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{DocAddress, Index as Inner, IndexReader, ReloadPolicy, Searcher, TantivyDocument, Term};

use super::SearchError;
use super::analyser;
use super::documents::{Document, Passage};
use super::looks::KnownErrorLooks;

/// An index of a knowledge base, ready to be asked.
pub struct Index {
    pub(super) fields: Fields,
    reader: IndexReader,
}

/// The fields of the index.
#[derive(Clone, Copy)]
pub(super) struct Fields {
    /// Texts by how much they tell: see [`Fields::texts`].
    pub(super) title: Field,
    pub(super) id: Field,
    pub(super) body: Field,
    pub(super) signs: Field,
    pub(super) patterns: Field,
    pub(super) logs: Field,
    /// Words as they are written, for those that are misspelt.
    pub(super) word: Field,
    /// Errors in their one form.
    pub(super) code: Field,
    /// Those that a signature looks for.
    pub(super) asked: Field,
    pub(super) kb: Field,
    /// Ids of the rules that a signature asks for.
    pub(super) rule: Field,
    pub(super) kind: Field,
    pub(super) known_error: Field,
    pub(super) area: Field,
    pub(super) customer: Field,
    pub(super) status: Field,
    pub(super) day: Field,
    /// The name under which a document is replaced.
    pub(super) key: Field,
    /// The document itself, as JSON.
    card: Field,
}

/// Memory of the writer, the least that tantivy takes; a knowledge base is small.
const WRITER_MEMORY: usize = 16 << 20;

impl Fields {
    /// The text fields with what a term in each is worth.
    pub(super) fn texts(&self) -> [(Field, f32); 6] {
        [(self.title, 2.0), (self.id, 1.6), (self.body, 1.0), (self.signs, 0.7), (self.patterns, 0.7), (self.logs, 0.6)]
    }

    /// The schema of every index, and its fields.
    pub(super) fn new() -> (Schema, Fields) {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default().set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let text = TextOptions::default().set_indexing_options(indexing);
        let words = TextFieldIndexing::default().set_index_option(IndexRecordOption::Basic).set_fieldnorms(false);
        let words = TextOptions::default().set_indexing_options(words);
        let fields = Fields {
            title: schema.add_text_field("title", text.clone()),
            id: schema.add_text_field("id", text.clone()),
            body: schema.add_text_field("body", text.clone()),
            signs: schema.add_text_field("signs", text.clone()),
            patterns: schema.add_text_field("patterns", text.clone()),
            logs: schema.add_text_field("logs", text),
            word: schema.add_text_field("word", words),
            code: schema.add_text_field("code", STRING),
            asked: schema.add_text_field("asked", STRING),
            kb: schema.add_text_field("kb", STRING),
            rule: schema.add_text_field("rule", STRING),
            kind: schema.add_text_field("kind", STRING | FAST),
            known_error: schema.add_text_field("known_error", STRING | FAST),
            area: schema.add_text_field("area", STRING | FAST),
            customer: schema.add_text_field("customer", STRING | FAST),
            status: schema.add_text_field("status", STRING | FAST),
            day: schema.add_u64_field("day", INDEXED),
            key: schema.add_text_field("key", STRING),
            card: schema.add_bytes_field("card", STORED),
        };
        (schema.build(), fields)
    }

    /// The field that a passage is searched in.
    fn of(&self, passage: &Passage) -> Field {
        match passage.name.as_str() {
            "evidence" | "support" | "sign" | "reference" => self.signs,
            "pattern" => self.patterns,
            "log" => self.logs,
            "spellings" | "file" => self.id,
            _ => self.body,
        }
    }

    /// How a known error looked when it was indexed, as a document of its own.
    pub(super) fn looks(&self, id: &str, looks: &KnownErrorLooks) -> Result<TantivyDocument, SearchError> {
        let mut built = TantivyDocument::default();
        built.add_text(self.key, format!("{id}/"));
        built.add_text(self.known_error, id);
        built.add_bytes(self.card, &serde_json::to_vec(looks)?);
        Ok(built)
    }

    /// A document as tantivy takes it.
    pub(super) fn document(&self, document: &Document) -> Result<TantivyDocument, SearchError> {
        let mut built = TantivyDocument::default();
        for (_, title) in document.title.iter() {
            built.add_pre_tokenized_text(self.title, terms(title));
        }
        built.add_pre_tokenized_text(self.id, terms(&document.id));
        for passage in &document.passages {
            built.add_pre_tokenized_text(self.of(passage), terms(&passage.text));
        }
        built.add_pre_tokenized_text(self.word, words(document));
        built.add_text(self.kind, document.kind.name());
        built.add_text(self.known_error, &document.known_error);
        built.add_text(self.area, &document.area);
        let lists = [
            (self.code, &document.codes),
            (self.asked, &document.asked),
            (self.kb, &document.kbs),
            (self.rule, &document.rules),
            (self.status, &document.statuses),
        ];
        for (field, values) in lists {
            values.iter().for_each(|value| built.add_text(field, value));
        }
        document.customers.iter().for_each(|customer| built.add_text(self.customer, customer.to_lowercase()));
        document.days.iter().for_each(|day| built.add_u64(self.day, *day));
        built.add_text(self.key, document.key());
        built.add_bytes(self.card, &serde_json::to_vec(document)?);
        Ok(built)
    }
}

/// The terms of a text as tantivy takes them.
fn terms(text: &str) -> PreTokenizedString {
    let tokens = analyser::tokens(text).into_iter().map(|token| Token {
        offset_from: token.start,
        offset_to: token.end,
        position: token.position,
        text: token.term,
        position_length: 1,
    });
    PreTokenizedString { text: String::new(), tokens: tokens.collect() }
}

/// The words of a document as they are written, in lower case, each once; not those of logs, which are full of names.
fn words(document: &Document) -> PreTokenizedString {
    let told = document
        .passages
        .iter()
        .filter(|passage| !matches!(passage.name.as_str(), "log" | "pattern"))
        .map(|passage| passage.text.as_str());
    let texts = document.title.iter().map(|(_, title)| title).chain(told);
    let words: BTreeSet<String> = texts.flat_map(analyser::words).collect();
    let token = |(position, text): (usize, String)| Token { position, text, ..Token::default() };
    PreTokenizedString { text: String::new(), tokens: words.into_iter().enumerate().map(token).collect() }
}

impl Index {
    /// An index of `documents` in memory.
    ///
    /// # Errors
    /// [`SearchError::Index`] where memory does not suffice.
    pub(super) fn in_memory(documents: &[Document]) -> Result<Index, SearchError> {
        let (schema, fields) = Fields::new();
        // One segment, written by this thread: threads cost more than a small base has work for.
        let builder = Inner::builder().schema(schema);
        let mut writer = builder.single_segment_index_writer(RamDirectory::create(), WRITER_MEMORY)?;
        for document in documents {
            writer.add_document(fields.document(document)?)?;
        }
        let reader = writer.finalize()?.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Index { fields, reader })
    }

    /// The index that lies on disk.
    ///
    /// # Errors
    /// [`SearchError::Absent`] where it has another form.
    pub(super) fn of_inner(inner: &Inner) -> Result<Index, SearchError> {
        let (schema, fields) = Fields::new();
        if inner.schema() != schema {
            return Err(SearchError::Absent);
        }
        let reader = inner.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Index { fields, reader })
    }

    /// Takes up what was committed since it was opened.
    pub(super) fn reload(&self) -> Result<(), SearchError> {
        Ok(self.reader.reload()?)
    }

    /// How a known error looked when it was indexed; none where it was not.
    pub(super) fn looks_of(&self, id: &str) -> Result<Option<KnownErrorLooks>, SearchError> {
        let searcher = self.searcher();
        let term = Term::from_field_text(self.fields.key, &format!("{id}/"));
        let found = searcher.search(&TermQuery::new(term, IndexRecordOption::Basic), &DocSetCollector)?;
        let Some(address) = found.into_iter().next() else { return Ok(None) };
        Ok(Some(serde_json::from_slice(&self.card(&searcher, address)?)?))
    }

    /// Known errors whose signatures name a rule of these files, given by their ids.
    pub(super) fn users_of_rules(&self, files: &[String]) -> Result<Vec<String>, SearchError> {
        let searcher = self.searcher();
        let mut users = BTreeSet::new();
        for segment in searcher.segment_readers() {
            let inverted = segment.inverted_index(self.fields.rule)?;
            let mut stream = inverted.terms().stream()?;
            while let Some((rule, _)) = stream.next() {
                let Ok(rule) = std::str::from_utf8(rule) else { continue };
                let file = rule.split('#').next().unwrap_or(rule);
                if !files.iter().any(|changed| changed == file) {
                    continue;
                }
                let term = Term::from_field_text(self.fields.rule, rule);
                for address in searcher.search(&TermQuery::new(term, IndexRecordOption::Basic), &DocSetCollector)? {
                    users.insert(self.document(&searcher, address)?.known_error);
                }
            }
        }
        Ok(users.into_iter().collect())
    }

    /// The document at an address, as it was put in.
    pub(super) fn document(&self, searcher: &Searcher, address: DocAddress) -> Result<Document, SearchError> {
        Ok(serde_json::from_slice(&self.card(searcher, address)?)?)
    }

    fn card(&self, searcher: &Searcher, address: DocAddress) -> Result<Vec<u8>, SearchError> {
        let stored: TantivyDocument = searcher.doc(address)?;
        Ok(stored.get_first(self.fields.card).and_then(|value| value.as_bytes()).unwrap_or_default().to_vec())
    }

    pub(super) fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }
}
