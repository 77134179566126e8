//! What signatures are weighed with: findings by rule, how much each rule tells, and the clocks of the logs.

use std::collections::BTreeMap;

use crate::matcher::{Finding, Scan};
use crate::signature::{Knowledge, KnownError, Signature};

/// What is needed to weigh signatures.
pub(crate) struct Scales<'s> {
    /// The findings of each rule.
    pub(crate) findings: BTreeMap<&'s str, Vec<&'s Finding>>,
    /// How much each rule tells.
    pub(crate) weights: BTreeMap<&'s str, f64>,
    /// Minutes ahead of UTC by entry, where known.
    pub(crate) offsets: BTreeMap<&'s str, i32>,
}

/// The signatures of a known error and its cases.
pub(super) fn signatures(known_error: &KnownError) -> impl Iterator<Item = &Signature> {
    std::iter::once(&known_error.signature).chain(known_error.cases.iter().map(|case| &case.signature))
}

/// Findings by the id of their rule.
pub(super) fn by_rule(scan: &Scan) -> BTreeMap<&str, Vec<&Finding>> {
    let mut findings: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for finding in &scan.findings {
        findings.entry(finding.rule.as_str()).or_default().push(finding);
    }
    findings
}

/// Findings by rule, and how much each rule that `asked` name tells: evidence that many known errors share tells little.
pub(super) fn scales<'s>(
    knowledge: &'s Knowledge,
    scan: &'s Scan,
    asked: impl Iterator<Item = &'s Signature>,
) -> Scales<'s> {
    // How many known errors use a rule, and which one was counted last.
    let mut users: BTreeMap<&str, (usize, usize)> =
        asked.flat_map(Signature::items).map(|item| (item.rule.as_str(), (0, usize::MAX))).collect();
    for (index, known_error) in knowledge.known_errors.iter().enumerate() {
        for item in signatures(known_error).flat_map(Signature::items) {
            if let Some((count, last)) = users.get_mut(item.rule.as_str())
                && *last != index
            {
                (*count, *last) = (*count + 1, index);
            }
        }
    }
    let all = knowledge.known_errors.len().max(1) as f64;
    let weight = |users: usize| 1.0 + (all / users.max(1) as f64).ln();
    let weights = users.into_iter().map(|(rule, (users, _))| (rule, weight(users))).collect();
    Scales { findings: by_rule(scan), weights, offsets: offsets(scan) }
}

/// Minutes ahead of UTC by entry, where they are known.
pub(super) fn offsets(scan: &Scan) -> BTreeMap<&str, i32> {
    scan.entries.iter().filter_map(|entry| Some((entry.path.as_str(), entry.utc_offset?))).collect()
}
