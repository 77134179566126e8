//! What can be found: each known error, case, rule, correlation, guide and error code as one document of named passages.
//!
//! `mod.rs` asks for all of them for an index in memory, `shelf` for those that changed. A document carries all that an
//! answer shows, so that an answer needs no second look at the knowledge base.

use std::collections::BTreeSet;
use std::io::Cursor;

use serde::{Deserialize, Serialize};

use crate::facts::{self, Code};
use crate::signature::{Case, Guide, Knowledge, KnownError, LANGUAGES, Rule, Signature, Source, SourceError, Texts};
use crate::text::TextReader;

use super::signs::{self, Signs};

/// What kind of thing was found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A known error.
    KnownError,
    /// A past case.
    Case,
    /// An error code.
    Code,
    /// A rule or correlation.
    Rule,
    /// How a customer collects a log.
    Guide,
}

impl Kind {
    /// Every kind, in the order in which answers of equal weight stand.
    pub const ALL: [Kind; 5] = [Kind::KnownError, Kind::Case, Kind::Code, Kind::Rule, Kind::Guide];

    /// Its name in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Kind::KnownError => "known_error",
            Kind::Case => "case",
            Kind::Code => "code",
            Kind::Rule => "rule",
            Kind::Guide => "guide",
        }
    }
}

/// One thing that can be found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Document {
    /// What it is.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// The known error it belongs to; empty for rules and codes.
    pub known_error: String,
    /// What it is called.
    pub title: Texts,
    /// The part of servicing it belongs to; empty where it has none.
    pub area: String,
    /// Who asked: the case's customer, or those of the known error's cases.
    pub customers: BTreeSet<String>,
    /// `open` or `closed`, of the case or of the known error's cases.
    pub statuses: BTreeSet<String>,
    /// Days on which it was opened and closed, as `yyyymmdd`.
    pub days: BTreeSet<u64>,
    /// Errors it speaks of, in their one form.
    pub codes: BTreeSet<String>,
    /// Errors that its signature or its rule looks for.
    pub asked: BTreeSet<String>,
    /// Ids of the rules its signature names.
    pub rules: BTreeSet<String>,
    /// KB numbers it speaks of.
    pub kbs: BTreeSet<String>,
    /// The file it was read from, where it has one of its own.
    pub file: String,
    /// How the file looked, where that is known.
    pub stamp: Option<(u64, u64)>,
    /// What it says.
    pub passages: Vec<Passage>,
}

/// What a known error's document takes from a case.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub(super) struct CaseFacts {
    customers: BTreeSet<String>,
    statuses: BTreeSet<String>,
    days: BTreeSet<u64>,
}

impl CaseFacts {
    /// What the document of a case tells.
    pub(super) fn of(document: &Document) -> CaseFacts {
        CaseFacts {
            customers: document.customers.clone(),
            statuses: document.statuses.clone(),
            days: document.days.clone(),
        }
    }

    /// Adds it to the document of a known error.
    pub(super) fn add_to(&self, document: &mut Document) {
        document.customers.extend(self.customers.iter().cloned());
        document.statuses.extend(self.statuses.iter().cloned());
        document.days.extend(&self.days);
    }
}

/// A text of a document.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Passage {
    /// The key it stands under, such as `symptom`; `log` for a quoted log, `evidence` for what rules say.
    pub name: String,
    /// Its language, where it has one.
    pub language: Option<String>,
    /// The text.
    pub text: String,
}

/// How much of one quoted log is searched; an excerpt is a few lines.
const LONGEST_LOG: usize = 16 << 10;

/// The known errors and cases of a knowledge base.
///
/// # Errors
/// [`SourceError`] where a quoted log cannot be read.
pub(super) fn of_cases(knowledge: &Knowledge, source: &Source) -> Result<Vec<Document>, SourceError> {
    let mut documents = Vec::new();
    for known_error in &knowledge.known_errors {
        for case in &known_error.cases {
            documents.push(of_case(knowledge, known_error, case, source)?);
        }
        documents.push(of_known_error(knowledge, known_error, source)?);
    }
    documents.iter_mut().for_each(Document::note_facts);
    Ok(documents)
}

/// The rules, correlations and guides of a knowledge base, and every error code that is described.
pub(super) fn of_rules(knowledge: &Knowledge) -> Vec<Document> {
    let mut documents: Vec<Document> = knowledge.rules.values().map(of_rule).collect();
    documents.extend(knowledge.correlations.values().map(|correlation| {
        let mut document = Document::new(Kind::Rule, &correlation.id, "", &correlation.title);
        document.add("description", &correlation.description);
        document
    }));
    documents.extend(knowledge.guides.iter().map(of_guide));
    // An error of which only the name is known is told by the head of an answer, and has nothing else to find it by.
    let described = facts::known_codes().filter(|code| code.meaning("en").is_some());
    documents.extend(described.map(of_code));
    documents.iter_mut().for_each(Document::note_facts);
    documents
}

fn of_known_error(knowledge: &Knowledge, known_error: &KnownError, source: &Source) -> Result<Document, SourceError> {
    let mut document = Document::new(Kind::KnownError, &known_error.id, &known_error.id, &known_error.title);
    document.area.clone_from(&known_error.area);
    document.file.clone_from(&known_error.file);
    for case in &known_error.cases {
        document.note_case(case);
    }
    document.add("cause", &known_error.cause);
    document.add("workaround", &known_error.workaround);
    document.add("fix", &known_error.fix);
    document.add_evidence(knowledge, &known_error.signature);
    document.add_logs(&known_error.logs, source)?;
    document.add_plain("reference", known_error.references.join("\n"));
    Ok(document)
}

fn of_case(
    knowledge: &Knowledge,
    known_error: &KnownError,
    case: &Case,
    source: &Source,
) -> Result<Document, SourceError> {
    let story = &case.story;
    let mut document = Document::new(Kind::Case, &case.id, &known_error.id, &story.title);
    document.area.clone_from(&known_error.area);
    document.file.clone_from(&case.file);
    document.note_case(case);
    let more = [("environment", &story.environment), ("affected", &story.affected)];
    let more = more.into_iter().filter_map(|(name, texts)| Some((name, texts.as_ref()?)));
    for (name, texts) in story.texts().into_iter().chain(more).filter(|(name, _)| *name != "title") {
        document.add(name, texts);
    }
    document.add_plain("customer", format!("{} {}", story.customer, story.priority));
    document.add_evidence(knowledge, &case.signature);
    document.add_logs(&case.logs, source)?;
    Ok(document)
}

fn of_rule(rule: &Rule) -> Document {
    let mut document = Document::new(Kind::Rule, &rule.id, "", &rule.title);
    document.add("description", &rule.description);
    document.add_signs(signs::of_rule(rule));
    document
}

fn of_guide(guide: &Guide) -> Document {
    let mut document = Document::new(Kind::Guide, &guide.source, "", &guide.name);
    document.add("steps", &guide.steps);
    document.add_plain("file", guide.paths.join("\n"));
    document
}

fn of_code(code: Code) -> Document {
    let title = code.name().map_or_else(|| code.hex(), |name| format!("{} {name}", code.hex()));
    let mut titles = Texts::default();
    LANGUAGES.into_iter().for_each(|language| titles.insert(language, title.clone()));
    let mut document = Document::new(Kind::Code, &code.hex(), "", &titles);
    document.codes.insert(code.hex());
    document.asked.insert(code.hex());
    document.add("meaning", &meaning(code));
    document.add_plain("spellings", code.names().join("\n"));
    document
}

/// What an error means, in every language.
pub(super) fn meaning(code: Code) -> Texts {
    let mut meaning = Texts::default();
    for language in LANGUAGES {
        if let Some(text) = code.meaning(language) {
            meaning.insert(language, text.to_owned());
        }
    }
    meaning
}

/// A day (`yyyy-mm-dd`) as a number that sorts.
fn day(date: &str) -> Option<u64> {
    let digits: String = date.chars().filter(char::is_ascii_digit).collect();
    (digits.len() == 8).then(|| digits.parse().ok()).flatten()
}

impl Document {
    /// The name under which an index replaces it: that of the known error, or of the case below it.
    pub(super) fn key(&self) -> String {
        match self.kind {
            Kind::Case => format!("{}/{}", self.known_error, self.id),
            _ => self.id.clone(),
        }
    }

    fn new(kind: Kind, id: &str, known_error: &str, title: &Texts) -> Document {
        Document {
            kind,
            id: id.to_owned(),
            known_error: known_error.to_owned(),
            title: title.clone(),
            area: String::new(),
            customers: BTreeSet::new(),
            statuses: BTreeSet::new(),
            days: BTreeSet::new(),
            codes: BTreeSet::new(),
            asked: BTreeSet::new(),
            rules: BTreeSet::new(),
            kbs: BTreeSet::new(),
            file: String::new(),
            stamp: None,
            passages: Vec::new(),
        }
    }

    fn add(&mut self, name: &str, texts: &Texts) {
        for language in LANGUAGES {
            let text = texts.get(language);
            let repeated = self.passages.iter().any(|passage| passage.name == name && passage.text == text);
            if !text.is_empty() && !repeated {
                let language = Some(language.to_owned());
                self.passages.push(Passage { name: name.to_owned(), language, text: text.to_owned() });
            }
        }
    }

    fn add_plain(&mut self, name: &str, text: String) {
        if !text.trim().is_empty() {
            self.passages.push(Passage { name: name.to_owned(), language: None, text });
        }
    }

    /// What the rules of a signature say, and the errors they ask for.
    fn add_evidence(&mut self, knowledge: &Knowledge, signature: &Signature) {
        let asked: BTreeSet<&str> = signature.all.iter().chain(&signature.any).map(|item| item.rule.as_str()).collect();
        let supports: BTreeSet<&str> = signature.supports.iter().map(|item| item.rule.as_str()).collect();
        self.rules = asked.iter().chain(&supports).map(|rule| (*rule).to_owned()).collect();
        for (name, rules) in [("evidence", &asked), ("support", &supports)] {
            let titles = rules.iter().filter_map(|rule| knowledge.title(rule));
            titles.for_each(|title| self.add(name, title));
        }
        for rule in asked.iter().flat_map(|rule| knowledge.base_rules(rule)) {
            self.add("sign", &rule.description);
        }
        self.add_signs(signs::of_items(knowledge, signature.all.iter().chain(&signature.any)));
    }

    fn add_signs(&mut self, signs: Signs) {
        self.add_plain("pattern", signs.words.into_iter().collect::<Vec<_>>().join("\n"));
        self.codes.extend(signs.codes.iter().cloned());
        self.asked.extend(signs.codes);
    }

    fn add_logs(&mut self, logs: &[String], source: &Source) -> Result<(), SourceError> {
        for log in logs {
            let mut text = String::new();
            // What cannot be decoded is no text to search in.
            let _ = TextReader::new(Cursor::new(source.read(log)?)).fill(&mut text, LONGEST_LOG);
            text.truncate(text.floor_char_boundary(LONGEST_LOG));
            self.add_plain("file", log.rsplit('/').next().unwrap_or(log).to_owned());
            self.add_plain("log", text);
        }
        Ok(())
    }

    fn note_case(&mut self, case: &Case) {
        self.customers.insert(case.story.customer.clone());
        self.statuses.insert(if case.story.closed.is_some() { "closed" } else { "open" }.to_owned());
        self.days.extend(case.story.opened.iter().chain(&case.story.closed).filter_map(|date| day(date)));
    }

    /// The errors and updates that its texts name.
    fn note_facts(&mut self) {
        let titles = LANGUAGES.map(|language| self.title.get(language).to_owned());
        for text in titles.iter().chain(self.passages.iter().map(|passage| &passage.text)) {
            if self.kind != Kind::Code {
                self.codes.extend(facts::errors(text).iter().map(|error| error.code.hex()));
            }
            self.kbs.extend(facts::kbs(text).into_iter().map(|kb| kb.value));
        }
    }
}
