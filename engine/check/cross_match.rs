//! What the excerpts of a known error or case show: the rules that fire on them, every match, and what nothing explains.
//!
//! Each excerpt is a test of all other knowledge: what matches here beside its own known error would match a customer's
//! bundle of that failure as well.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::signature::KnownError;
use crate::verdict::{Confidence, Report};

/// One row of the cross-match table.
#[derive(Debug, Serialize)]
pub struct CrossMatch {
    /// The known error whose excerpts, or whose case's excerpts, these are.
    pub known_error: String,
    /// The case they belong to; none where they are the known error's own.
    pub case: Option<String>,
    /// The file of that known error or case.
    pub file: String,
    /// Rules that fire on them, by id.
    pub fired: Vec<Fired>,
    /// Known errors that they match in whole or in part, best first.
    pub matched: Vec<Matched>,
    /// Wrapper errors that are a consequence of a match.
    pub consequences: Vec<String>,
    /// Errors in the evidence of its own match.
    pub errors: Vec<String>,
    /// Errors that nothing explains, with how often each stands there.
    pub unexplained: Vec<Fired>,
}

/// A rule that fired or an error that was found, and how often.
#[derive(Debug, Serialize)]
pub struct Fired {
    /// Id of the rule, or the error's name.
    pub id: String,
    /// On how many records.
    pub count: u64,
}

/// A known error that excerpts match.
#[derive(Debug, Serialize)]
pub struct Matched {
    /// Its id.
    pub known_error: String,
    /// How sure the match is.
    pub confidence: Confidence,
    /// The share of its signature that was found, from 0 to 1.
    pub score: f64,
}

impl CrossMatch {
    /// The row of a report on the excerpts of a known error or of one of its cases.
    pub(super) fn of(known_error: &KnownError, case: Option<&str>, file: &str, report: &Report) -> Self {
        let mut fired: BTreeMap<&str, u64> = BTreeMap::new();
        for finding in &report.findings {
            *fired.entry(&finding.rule).or_default() += finding.count;
        }
        let matched = report.matches.iter().map(|found| Matched {
            known_error: found.known_error.clone(),
            confidence: found.confidence,
            score: found.score,
        });
        let unexplained = report
            .unexplained
            .iter()
            .map(|item| Fired { id: item.name.map_or_else(|| item.error.clone(), str::to_owned), count: item.count });
        let own = report.matches.iter().filter(|found| found.known_error == known_error.id);
        let evidence = own.flat_map(|found| &found.evidence);
        let errors: BTreeSet<&str> = evidence.filter_map(|item| item.facts.get("error")).map(String::as_str).collect();
        Self {
            known_error: known_error.id.clone(),
            case: case.map(str::to_owned),
            file: file.to_owned(),
            fired: fired.into_iter().map(|(rule, count)| Fired { id: rule.to_owned(), count }).collect(),
            matched: matched.collect(),
            errors: errors.into_iter().map(str::to_owned).collect(),
            consequences: report.consequences.iter().map(|consequence| consequence.known_error.clone()).collect(),
            unexplained: unexplained.collect(),
        }
    }
}
