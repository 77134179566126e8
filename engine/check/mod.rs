//! Proves the knowledge base with the program alone: every rule against its examples, every case against its own
//! logs and everybody else's, the clean bundle against everything.
//!
//! [`check`] is the one door; it collects all faults before it returns. The program is the same that scans
//! customers' bundles, so a proof here is a proof there.

mod examples;
mod overlap;
mod privacy;
mod proof;

use std::collections::BTreeMap;

use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelExtend, ParallelIterator};
use serde::Serialize;

use crate::mail::{self, Request};
use crate::matcher::{self, Program};
use crate::signature::{Fault, Knowledge, Source, SourceError, Texts};
use crate::verdict::{self, Report};

pub use privacy::neutral;

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
    faults.extend(proof::check(source, knowledge, &program)?);
    faults.extend(templates(source, knowledge, &program)?);
    faults.extend(privacy::check(source)?);
    faults.sort_by(|a, b| (&a.file, a.line, a.column, a.code).cmp(&(&b.file, b.line, b.column, b.code)));
    Ok(Outcome {
        schema: SCHEMA,
        rules: knowledge.rules.len() + knowledge.correlations.len(),
        refused: knowledge.refused.len(),
        filters: knowledge.filters.len(),
        known_errors: knowledge.known_errors.len(),
        cases: knowledge.known_errors.iter().map(|known_error| known_error.cases.len()).sum(),
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

/// Every mail that can be drafted for every case, so that a missing value is found here and not before a customer.
fn templates(source: &Source, knowledge: &Knowledge, program: &Program<'_>) -> Result<Vec<Fault>, SourceError> {
    let mut faults = BTreeMap::new();
    let templates = mail::templates(source)?;
    for case in knowledge.known_errors.iter().flat_map(|known_error| &known_error.cases) {
        let report = report_of(source, &case.logs, knowledge, program)?;
        for name in &templates {
            let Some((language, template)) = name.split_once('/') else { continue };
            let request = Request { template, language, case: Some(&case.id), report: Some(&report), set: &[] };
            if let Err(error) = mail::draft(source, knowledge, &request) {
                let file = format!("templates/{name}.txt");
                let message = format!("the mail for {} cannot be drafted: {error}", case.id);
                let help = "mend the template, or add what it needs to the case";
                faults.entry(file.clone()).or_insert_with(|| Fault::on_file("template-fails", &file, message, help));
            }
        }
    }
    Ok(faults.into_values().collect())
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
