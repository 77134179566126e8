//! What signatures are weighed with: findings by rule, how much each rule tells, and the clocks of the logs.

use std::collections::BTreeMap;

use crate::matcher::{Finding, Scan};
use crate::signature::Knowledge;

/// What is needed to weigh signatures.
pub(crate) struct Scales<'s> {
    pub(crate) knowledge: &'s Knowledge,
    /// The findings of each rule.
    pub(crate) findings: BTreeMap<&'s str, Vec<&'s Finding>>,
    /// Minutes ahead of UTC by entry, where known.
    pub(crate) offsets: BTreeMap<&'s str, i32>,
}

/// Findings by the id of their rule.
fn by_rule(scan: &Scan) -> BTreeMap<&str, Vec<&Finding>> {
    let mut findings: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for finding in &scan.findings {
        findings.entry(finding.rule.as_str()).or_default().push(finding);
    }
    findings
}

/// What signatures are weighed with for a scan.
pub(super) fn scales<'s>(knowledge: &'s Knowledge, scan: &'s Scan) -> Scales<'s> {
    Scales { knowledge, findings: by_rule(scan), offsets: offsets(scan) }
}

/// Minutes ahead of UTC by entry, where they are known.
pub(super) fn offsets(scan: &Scan) -> BTreeMap<&str, i32> {
    scan.entries.iter().filter_map(|entry| Some((entry.path.as_str(), entry.utc_offset?))).collect()
}
