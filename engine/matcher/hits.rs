//! Hits of the rules that correlations rest on, kept over a whole bundle in bounded memory.
//!
//! Of each hit only what a correlation can ask for is kept: where and when, the values of the fields it groups by or
//! measures, and the record's text cut short. Hits come in the order of the walk, so what is left out where they are
//! too many does not depend on how many threads scanned.

use std::collections::BTreeMap;

use crate::matcher::findings::{Found, Sight};
use crate::signature::KEPT_HITS;

/// Longest text of a record that is kept with a hit, in bytes.
const LONGEST_TEXT: usize = 1 << 10;

/// A record on which a rule held.
pub(crate) struct Hit {
    /// Index of the entry.
    pub(crate) entry: usize,
    /// The record in it.
    pub(crate) sight: Sight,
    /// Values of the fields that correlations ask this rule for, in the order of the program's list.
    pub(crate) values: Vec<Vec<String>>,
}

/// All hits that correlations look at.
#[derive(Default)]
pub(crate) struct Hits {
    /// The hits by rule, in the order of the walk.
    pub(crate) by_rule: BTreeMap<usize, Vec<Hit>>,
    /// Of rules that hit too often, the entry in which the first hit was left out, and how many were.
    pub(crate) dropped: BTreeMap<usize, (usize, u64)>,
}

impl Hits {
    /// Keeps what a rule found in an entry, if a correlation rests on the rule.
    pub(crate) fn add(&mut self, entry: usize, found: &mut Found) {
        let Some(values) = found.values.take() else { return };
        let kept = self.by_rule.entry(found.rule).or_default();
        if kept.len() == KEPT_HITS {
            self.dropped.entry(found.rule).or_insert((entry, 0)).1 += 1;
            return;
        }
        kept.push(Hit { entry, sight: cut(&found.sight), values });
    }
}

fn cut(sight: &Sight) -> Sight {
    let end = sight.text.floor_char_boundary(LONGEST_TEXT);
    let whole = sight.whole && end == sight.text.len();
    Sight { line: sight.line, time: sight.time, text: sight.text[..end].to_owned(), whole }
}
