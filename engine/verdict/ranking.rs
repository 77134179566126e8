//! The order of matches.

use crate::verdict::assess::Last;
use crate::verdict::report::{Confidence, Match};

/// A failure that was last seen this many seconds before another one is an earlier one.
const EARLIER: i64 = 24 * 60 * 60;

/// A match with what decides where it stands.
pub(super) struct Ranked<'s> {
    pub(super) found: Match,
    /// Whether it only wraps another failure.
    pub(super) generic: bool,
    /// How much speaks for it.
    pub(super) information: f64,
    /// When it was last seen.
    pub(super) last: Option<Last<'s>>,
}

/// Sorts matches, best first: sure ones, causes before what only wraps them, what was seen to the end before earlier
/// failures.
pub(super) fn rank(ranked: &mut [Ranked<'_>]) {
    let confirmed = ranked.iter().filter(|one| one.found.confidence == Confidence::Confirmed);
    let latest = confirmed.filter_map(|one| one.last).map(|last| last.seconds).max();
    for one in &mut *ranked {
        let last = one.last.map(|last| last.seconds);
        one.found.earlier = last.zip(latest).is_some_and(|(last, latest)| last + EARLIER < latest);
    }
    ranked.sort_by(|a, b| {
        let by_confidence = a.found.confidence.cmp(&b.found.confidence);
        // A wrapper says less than any cause, however rare its rules are.
        let by_kind = by_confidence.then(a.generic.cmp(&b.generic)).then(a.found.earlier.cmp(&b.found.earlier));
        let by_score = by_kind.then(b.found.score.total_cmp(&a.found.score));
        let by_rank = by_score.then(b.information.total_cmp(&a.information));
        by_rank.then_with(|| a.found.known_error.cmp(&b.found.known_error))
    });
}
