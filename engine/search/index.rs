//! The index: documents as tantivy keeps them.
//!
//! Terms come from our own analyser and are handed over ready-made, so an index needs nothing registered before it can
//! be opened. A document is kept whole beside its terms: an answer is drawn from the index alone.

use std::collections::BTreeSet;

use tantivy::directory::RamDirectory;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value,
};
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{DocAddress, Index as Inner, IndexReader, ReloadPolicy, Searcher, TantivyDocument};

use super::SearchError;
use super::analyser;
use super::documents::{Document, Kind, Passage};

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
    pub(super) logs: Field,
    /// Words as they are written, for those that are misspelt.
    pub(super) word: Field,
    /// Errors in their one form.
    pub(super) code: Field,
    pub(super) kb: Field,
    pub(super) kind: Field,
    pub(super) known_error: Field,
    pub(super) area: Field,
    pub(super) customer: Field,
    pub(super) status: Field,
    pub(super) day: Field,
    /// The document itself, as JSON.
    card: Field,
}

/// Memory of the writer, the least that tantivy takes; a knowledge base is small.
const WRITER_MEMORY: usize = 16 << 20;

impl Fields {
    /// The text fields with what a term in each is worth.
    pub(super) fn texts(&self) -> [(Field, f32); 5] {
        [(self.title, 2.0), (self.id, 1.6), (self.body, 1.0), (self.signs, 0.7), (self.logs, 0.6)]
    }

    fn new() -> (Schema, Fields) {
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
            logs: schema.add_text_field("logs", text),
            word: schema.add_text_field("word", words),
            code: schema.add_text_field("code", STRING),
            kb: schema.add_text_field("kb", STRING),
            kind: schema.add_text_field("kind", STRING | FAST),
            known_error: schema.add_text_field("known_error", STRING | FAST),
            area: schema.add_text_field("area", STRING | FAST),
            customer: schema.add_text_field("customer", STRING | FAST),
            status: schema.add_text_field("status", STRING | FAST),
            day: schema.add_u64_field("day", INDEXED),
            card: schema.add_bytes_field("card", STORED),
        };
        (schema.build(), fields)
    }

    /// The field that a passage is searched in.
    fn of(&self, passage: &Passage) -> Field {
        match passage.name.as_str() {
            "evidence" | "support" | "sign" | "reference" => self.signs,
            "log" => self.logs,
            "spellings" | "file" => self.id,
            _ => self.body,
        }
    }

    fn document(&self, document: &Document) -> Result<TantivyDocument, SearchError> {
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
        let lists = [(self.code, &document.codes), (self.kb, &document.kbs), (self.status, &document.statuses)];
        for (field, values) in lists {
            values.iter().for_each(|value| built.add_text(field, value));
        }
        document.customers.iter().for_each(|customer| built.add_text(self.customer, customer.to_lowercase()));
        document.days.iter().for_each(|day| built.add_u64(self.day, *day));
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
    let told = document.passages.iter().filter(|passage| passage.name != "log").map(|passage| passage.text.as_str());
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

    /// The document at an address, as it was put in.
    pub(super) fn document(&self, searcher: &Searcher, address: DocAddress) -> Result<Document, SearchError> {
        let stored: TantivyDocument = searcher.doc(address)?;
        let card = stored.get_first(self.fields.card).and_then(|value| value.as_bytes()).unwrap_or_default();
        Ok(serde_json::from_slice(card)?)
    }

    pub(super) fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }
}
