//! One item of a signature against the findings, for explanations: does it hold, and if not, how near was it?

use crate::matcher::{Finding, forms};
use crate::signature::{FieldTest, Item};

/// How near the findings of an item's rule came.
pub(super) enum Nearest<'s> {
    /// Every constraint holds of this finding.
    Held(&'s Finding),
    /// Of all findings, this one passed the most constraints before this test failed.
    Failed(&'s FieldTest, &'s Finding),
    /// The rule found nothing.
    Nothing,
}

/// Looks for the finding of the item's rule that passes the most of its constraints.
pub(super) fn nearest<'s>(item: &'s Item, findings: &'s [Finding]) -> Nearest<'s> {
    let mut best: Option<(usize, &Finding)> = None;
    for finding in findings.iter().filter(|finding| finding.rule == item.rule) {
        let passed = item.constraints.iter().take_while(|test| passes(test, finding)).count();
        if passed == item.constraints.len() {
            return Nearest::Held(finding);
        }
        if best.is_none_or(|(most, _)| passed > most) {
            best = Some((passed, finding));
        }
    }
    match best {
        Some((passed, finding)) => Nearest::Failed(&item.constraints[passed], finding),
        None => Nearest::Nothing,
    }
}

/// Whether a constraint holds of what a finding captured.
pub(super) fn passes(test: &FieldTest, finding: &Finding) -> bool {
    let values = |name: &str| finding.facts.get(name).map(|fact| fact.values.clone()).unwrap_or_default();
    test.holds(&forms(&test.field, values(&test.field)), &values, &mut |_| true)
}
