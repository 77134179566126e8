//! Past failures that resemble what a bundle shows: for a bundle that nothing confirmed, and for `search --bundle`.
//!
//! Not the texts are compared but what a report names: errors that nothing explains, rules that fired, files and
//! components in those records, and what the bundle tells of the machine. Each is worth the more the fewer known errors
//! name it. The share of that worth which a known error or one of its cases names is its score; a report that names
//! little is never sure. A feature that the base does not know at all speaks for none of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tantivy::collector::DocSetCollector;
use tantivy::query::{BooleanQuery, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, Searcher, Term};

use crate::facts;
use crate::signature::Level;
use crate::verdict::{Band, FindingInfo, Reason, Report, Similar, Trait};

use super::analyser::{self, Kind as Made};
use super::documents::Kind;
use super::index::{Fields, Index};
use super::{SearchError, ranking};

/// Never more than this many are shown.
const MOST_SIMILAR: usize = 5;

/// How many features of a report are compared, the most telling first.
const MOST_FEATURES: usize = 60;

/// The scores from which on a past failure is the same, close, or distant; below that nothing is said.
const BANDS: [(f64, Band); 3] = [(0.6, Band::Same), (0.4, Band::Close), (0.22, Band::Distant)];

/// The worth of a report that is half sure.
const HALF_SURE: f64 = 2.0;

/// One thing that a report names.
struct Feature {
    kind: Trait,
    value: String,
    worth: f64,
    documents: Vec<DocAddress>,
}

/// Whether a report names anything by which it could be compared: an error that nothing explains, or a finding.
pub fn is_comparable(report: &Report) -> bool {
    !report.unexplained.is_empty() || telling(report).next().is_some()
}

/// The known errors that resemble a report, best first; empty where none does.
///
/// # Errors
/// [`SearchError`] where the index cannot be read.
pub fn similar(index: &Index, report: &Report) -> Result<Vec<Similar>, SearchError> {
    let searcher = index.searcher();
    let features = features(index, &searcher, report)?;
    let all: f64 = features.iter().map(|feature| feature.worth).sum();
    let mut named: HashMap<DocAddress, Vec<&Feature>> = HashMap::new();
    for feature in &features {
        feature.documents.iter().for_each(|address| named.entry(*address).or_default().push(feature));
    }
    let mut best: BTreeMap<String, (f64, Vec<&Feature>, BTreeSet<String>)> = BTreeMap::new();
    for (address, features) in named {
        let (kind, known_error) = ranking::kind_and_known_error(&searcher, address)?;
        if !matches!(kind, Kind::KnownError | Kind::Case) {
            continue;
        }
        let worth: f64 = features.iter().map(|feature| feature.worth).sum();
        let score = worth / all * worth / (worth + HALF_SURE);
        let entry = best.entry(known_error).or_insert((0.0, Vec::new(), BTreeSet::new()));
        if kind == Kind::Case && score >= BANDS[2].0 {
            entry.2.insert(index.document(&searcher, address)?.id);
        }
        if score > entry.0 {
            (entry.0, entry.1) = (score, features);
        }
    }
    let mut best: Vec<_> = best.into_iter().filter(|(_, (score, ..))| band(*score).is_some()).collect();
    best.sort_by(|(a, (a_score, ..)), (b, (b_score, ..))| b_score.total_cmp(a_score).then_with(|| a.cmp(b)));
    let mut similar = Vec::new();
    for (known_error, (score, mut features, cases)) in best.into_iter().take(MOST_SIMILAR) {
        let Some(band) = band(score) else { continue };
        features.sort_by(|a, b| b.worth.total_cmp(&a.worth).then_with(|| a.value.cmp(&b.value)));
        let reasons = features.iter().map(|feature| Reason { kind: feature.kind, value: feature.value.clone() });
        let address = ranking::known_error(index, &searcher, &known_error)?;
        let title = match address {
            Some(address) => index.document(&searcher, address)?.title,
            None => crate::signature::Texts::default(),
        };
        let score = (score * 100.0).round() / 100.0;
        let cases = cases.into_iter().collect();
        similar.push(Similar { known_error, title, band, score, reasons: reasons.collect(), cases });
    }
    Ok(similar)
}

fn band(score: f64) -> Option<Band> {
    BANDS.iter().find(|(from, _)| score >= *from).map(|(_, band)| *band)
}

/// What a report names, with what each is worth and where it stands; what nothing in the base names is left out, but
/// for errors, which count against all of it.
fn features(index: &Index, searcher: &Searcher, report: &Report) -> Result<Vec<Feature>, SearchError> {
    let mut features = Vec::new();
    for (kind, value, weight) in named_in(report) {
        let documents = documents(index.fields, searcher, kind, &value)?;
        let all = searcher.num_docs().max(2) as f64;
        let rarity = (all / (documents.len() as f64).max(1.0)).ln() / all.ln();
        if !documents.is_empty() || kind == Trait::Error {
            features.push(Feature { kind, value, worth: weight * rarity, documents });
        }
    }
    features.sort_by(|a, b| b.worth.total_cmp(&a.worth).then_with(|| a.value.cmp(&b.value)));
    features.truncate(MOST_FEATURES);
    Ok(features)
}

/// Errors, rules, files, components and data of the machine that a report names, with their weights, each once.
fn named_in(report: &Report) -> Vec<(Trait, String, f64)> {
    let mut named: BTreeMap<(Trait, String), f64> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut name = |kind: Trait, value: &str, weight: f64| {
        if !value.is_empty() && seen.insert(value.to_lowercase()) {
            named.insert((kind, value.to_owned()), weight);
        }
    };
    for finding in telling(report) {
        name(Trait::Rule, &finding.rule, 2.0);
    }
    for unexplained in &report.unexplained {
        name(Trait::Error, &unexplained.error, 2.0);
    }
    let texts = telling(report).map(|finding| &finding.first.text);
    for text in report.unexplained.iter().map(|unexplained| &unexplained.first.text).chain(texts) {
        for path in facts::paths(text) {
            let last = path.value.rsplit(['\\', '/']).next().unwrap_or_default();
            name(Trait::File, &last.to_lowercase(), 1.5);
        }
        let names = analyser::tokens(text).into_iter().filter(|token| token.kind == Made::Whole);
        let names = names.filter(|token| token.term.len() > 4 && token.term.chars().any(char::is_alphabetic));
        names.for_each(|token| name(Trait::Word, &token.term, 0.7));
    }
    for fact in &report.system.facts {
        for value in fact.values.iter().take(8) {
            name(Trait::Machine, &value.value.to_lowercase(), 0.5);
        }
    }
    named.into_iter().map(|((kind, value), weight)| (kind, value, weight)).collect()
}

/// The findings that say something is wrong.
fn telling(report: &Report) -> impl Iterator<Item = &FindingInfo> {
    report.findings.iter().filter(|finding| finding.level > Level::Low)
}

/// The documents that name a feature.
fn documents(fields: Fields, searcher: &Searcher, kind: Trait, value: &str) -> Result<Vec<DocAddress>, SearchError> {
    let exact = |field| vec![Term::from_field_text(field, value)];
    let terms = match kind {
        Trait::Error => exact(fields.code),
        Trait::Rule => exact(fields.rule),
        Trait::File | Trait::Word | Trait::Machine => {
            let term = analyser::tokens(value).into_iter().find(|token| token.end - token.start == value.len());
            let term = term.map(|token| token.term).unwrap_or_default();
            let terms = fields.texts().into_iter().map(|(field, _)| Term::from_field_text(field, &term));
            if term.is_empty() { Vec::new() } else { terms.collect() }
        }
    };
    let terms = terms.into_iter().map(|term| {
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        Box::new(query) as Box<dyn tantivy::query::Query>
    });
    let mut documents: Vec<DocAddress> =
        searcher.search(&BooleanQuery::union(terms.collect()), &DocSetCollector)?.into_iter().collect();
    documents.sort();
    Ok(documents)
}
