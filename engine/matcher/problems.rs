//! Sums up what many parts of a bundle could not be read for, so that a report of a hostile bundle stays short.
//!
//! Only problems of what is no entry are summed up, such as archives that lie too deep: an entry that was not read
//! always has its reason.

use std::collections::{BTreeMap, BTreeSet};

use crate::bundle::Problem;
use crate::matcher::Entry;

/// How many problems of one kind are named one by one.
const NAMED: usize = 20;

/// Leaves of each message the first problems in order, and one that counts the others.
pub(super) fn summed_up(problems: Vec<Problem>, entries: &[Entry]) -> Vec<Problem> {
    let read: BTreeSet<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut kept = Vec::new();
    for problem in problems {
        let count = kinds.entry(problem.message.clone()).or_default();
        *count += usize::from(!read.contains(problem.entry.as_str()));
        if *count <= NAMED {
            kept.push(problem);
        }
    }
    for (message, count) in kinds {
        if let Some(more) = count.checked_sub(NAMED).filter(|more| *more > 0) {
            kept.push(Problem { entry: format!("… and {more} more"), message });
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_problems_of_one_kind_are_counted() {
        let problem = |entry: String| Problem { entry, message: "too deep".to_owned() };
        let problems = (0..65).map(|number| problem(format!("{number:02}.zip"))).collect();
        let kept = summed_up(problems, &[]);
        assert_eq!(kept.len(), NAMED + 1);
        assert_eq!((kept[19].entry.as_str(), kept[20].entry.as_str()), ("19.zip", "… and 45 more"));
        assert_eq!(summed_up(kept[..20].to_vec(), &[]).len(), 20);
    }
}
