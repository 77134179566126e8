//! Proves the knowledge base with the program alone: every rule against its examples, every case against its own
//! logs and everybody else's, the clean bundle against everything.
//!
//! [`check`] is the one door; it collects all faults before it returns. The program is the same that scans
//! customers' bundles, so a proof here is a proof there.

mod coverage;
mod cross_match;
mod examples;
mod overlap;
mod privacy;
mod profile;
mod proof;

use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelExtend, ParallelIterator};
use serde::Serialize;

use crate::matcher::{self, Program};
use crate::signature::{self, Fault, Knowledge, Source, SourceError, Texts};
use crate::verdict::{self, Report};

pub use coverage::{COVERAGE, coverage};
pub use cross_match::{CrossMatch, Fired, Matched};
pub use privacy::neutral;
pub use profile::{RuleProfile, profile};

/// Name and version of the JSON contract.
pub const SCHEMA: &str = "casebook-check/1";

/// What a check counted and found wrong.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// How many rules and correlations were loaded.
    pub rules: usize,
    /// How many rules and correlations cannot be loaded; the faults say why.
    pub refused: usize,
    /// How many filters of the site were loaded.
    pub filters: usize,
    /// How many known errors were loaded.
    pub known_errors: usize,
    /// How many cases were loaded.
    pub cases: usize,
    /// What the excerpts of every known error and case show beside what they must.
    pub cross_matches: Vec<CrossMatch>,
    /// What each rule costs, where that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profile: Vec<RuleProfile>,
    /// Everything that is wrong, by file and line.
    pub faults: Vec<Fault>,
}

/// Checks `knowledge`, which was loaded from `source` with `faults`.
///
/// # Errors
/// [`SourceError`] where an excerpt or template cannot be read.
pub fn check(source: &Source, knowledge: &Knowledge, mut faults: Vec<Fault>) -> Result<Outcome, SourceError> {
    let program = matcher::compile(knowledge);
    let rules: Vec<_> = knowledge.rules.values().collect();
    faults.par_extend(rules.par_iter().flat_map_iter(|rule| examples::check(rule)));
    faults.extend(overlap::check(knowledge, &program));
    let correlations: Vec<_> = knowledge.correlations.values().collect();
    let check_correlation = |correlation| examples::check_correlation(correlation, knowledge, &program);
    faults.par_extend(correlations.into_par_iter().flat_map_iter(check_correlation));
    for known_error in &knowledge.known_errors {
        let texts = [
            ("title", &known_error.title),
            ("cause", &known_error.cause),
            ("workaround", &known_error.workaround),
            ("fix", &known_error.fix),
        ];
        faults.extend(missing_texts(&known_error.file, &texts));
        for case in &known_error.cases {
            faults.extend(missing_texts(&case.file, &case.story.texts()));
        }
    }
    let (cross_matches, proof_faults) = proof::check(source, knowledge, &program)?;
    faults.extend(proof_faults);
    faults.extend(privacy::check(source)?);
    faults.extend(untidy(source)?);
    faults.extend(coverage::stale(source, &coverage(knowledge, &cross_matches))?);
    faults.sort_by(|a, b| (&a.file, a.line, a.column, a.code).cmp(&(&b.file, b.line, b.column, b.code)));
    Ok(Outcome {
        schema: SCHEMA,
        rules: knowledge.rules.len() + knowledge.correlations.len(),
        refused: knowledge.refused.len(),
        filters: knowledge.filters.len(),
        known_errors: knowledge.known_errors.len(),
        cases: knowledge.known_errors.iter().map(|known_error| known_error.cases.len()).sum(),
        cross_matches,
        profile: Vec::new(),
        faults,
    })
}

/// What a scan of the excerpts `files` of the knowledge base reports.
///
/// # Errors
/// [`SourceError`] where one of them cannot be read.
pub fn report_of(
    source: &Source,
    files: &[String],
    knowledge: &Knowledge,
    program: &Program<'_>,
) -> Result<Report, SourceError> {
    let mut read = Vec::new();
    for file in files {
        let name = file.split_once("/logs/").map_or(file.as_str(), |(_, name)| name);
        read.push((name.to_owned(), source.read(file)?));
    }
    Ok(verdict::judge(knowledge, &matcher::scan_files(&read, program)))
}

/// Files that are not in their customary form.
fn untidy(source: &Source) -> Result<Vec<Fault>, SourceError> {
    let mut faults = Vec::new();
    for file in source.list("rules")?.into_iter().chain(source.list("cases")?).filter(|file| file.ends_with(".yml")) {
        let text = String::from_utf8(source.read(&file)?).unwrap_or_default();
        if signature::tidied(&file, &text).is_some() {
            let message = "the keys are not in their customary order";
            faults.push(Fault::on_file("untidy", &file, message, "`casebook check --fix` mends it").warning());
        }
    }
    Ok(faults)
}

/// Texts that lack one of the languages every customer may need.
fn missing_texts(file: &str, texts: &[(&'static str, &Texts)]) -> Vec<Fault> {
    let missing = texts.iter().filter(|(_, texts)| !texts.missing().is_empty());
    let fault = |(key, texts): &(&'static str, &Texts)| {
        let message = format!("`{key}` has no text in {}", texts.missing().join(" and "));
        Fault::on_file("missing-text", file, message, "write it in zh-CN and en")
    };
    missing.map(fault).collect()
}
