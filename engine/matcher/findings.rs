//! What rules found, gathered over a bundle without growing with it.
//!
//! Findings of one rule with the same facts are one group with a count and its first records: a log that repeats
//! a failure a million times is one finding. Results are added in the order of entries and blocks, so the
//! outcome does not depend on how many threads scanned.

use std::collections::BTreeMap;

use jiff::civil::DateTime;

use crate::facts::Code;
use crate::matcher::block::Harvest;

/// A rule that held on records with the same facts.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Id of the rule.
    pub rule: String,
    /// The values it captured, and the facts of the record where it captured none of that name.
    pub facts: BTreeMap<String, Fact>,
    /// On how many records it held.
    pub count: u64,
    /// The first of those records, in order.
    pub seen: Vec<Seen>,
    /// The latest of all those records that have a time: its local time and the path of its entry.
    pub last: Option<(DateTime, String)>,
    /// Whether they tell only together, as those of a correlation do.
    pub joint: bool,
}

/// The values of one fact.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Fact {
    /// One or more values, in order of appearance.
    pub values: Vec<String>,
    /// Whether the rule's pattern captured it.
    pub captured: bool,
}

/// A record as evidence: where it stands and what it says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// Path of the entry inside the bundle.
    pub entry: String,
    /// The record in it.
    pub sight: Sight,
}

/// A record without its entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sight {
    /// 1-based line in the entry as the customer has it.
    pub line: u64,
    /// Local time, where the log gives one.
    pub time: Option<DateTime>,
    /// The text, cut at 4 KiB.
    pub text: String,
    /// Whether `text` is all of it.
    pub whole: bool,
}

/// An error that no finding and no noise rule covers.
#[derive(Clone, Debug)]
pub struct Unexplained {
    /// The error.
    pub code: Code,
    /// On how many records it stands.
    pub count: u64,
    /// The first of them.
    pub first: Seen,
}

/// A rule that held on one record.
pub(crate) struct Found {
    /// Index of the rule in the program.
    pub(crate) rule: usize,
    pub(crate) facts: BTreeMap<String, Fact>,
    pub(crate) sight: Sight,
    /// Values of the fields that correlations ask for, where one rests on the rule.
    pub(crate) values: Option<Vec<Vec<String>>>,
}

/// A rule with the facts it found: what one finding is.
type Key = (usize, BTreeMap<String, Fact>);

/// The records of one finding in one entry.
#[derive(Default)]
struct Group {
    count: u64,
    first: Vec<Sight>,
    last: Option<DateTime>,
}

impl Group {
    fn add(&mut self, sight: Sight) {
        self.count += 1;
        self.last = self.last.max(sight.time);
        if self.first.len() < KEPT_RECORDS {
            self.first.push(sight);
        }
    }
}

/// How many records each finding keeps.
pub(crate) const KEPT_RECORDS: usize = 16;

/// How many findings of one rule with different facts are kept per entry.
const KEPT_GROUPS: usize = 1_000;

/// Gathers the harvest of one entry, block by block in order.
#[derive(Default)]
pub(crate) struct Gathering {
    groups: BTreeMap<Key, Group>,
    per_rule: BTreeMap<usize, usize>,
    unexplained: BTreeMap<Code, (u64, Sight)>,
    /// Rules whose findings were too many to keep apart, with how many were left out.
    pub(crate) dropped: BTreeMap<usize, u64>,
}

impl Gathering {
    /// Adds the next block.
    pub(crate) fn add(&mut self, harvest: Harvest) {
        for found in harvest.found {
            let key = (found.rule, found.facts);
            if let Some(group) = self.groups.get_mut(&key) {
                group.add(found.sight);
                continue;
            }
            let groups = self.per_rule.entry(found.rule).or_default();
            if *groups == KEPT_GROUPS {
                *self.dropped.entry(found.rule).or_default() += 1;
                continue;
            }
            *groups += 1;
            self.groups.entry(key).or_default().add(found.sight);
        }
        for (code, (count, sight)) in harvest.unexplained {
            self.unexplained.entry(code).and_modify(|(sum, _)| *sum += count).or_insert((count, sight));
        }
    }
}

/// Joins what was gathered from the entries, in their order; `rules` gives the id of each rule.
pub(crate) fn join(
    entries: Vec<(String, Gathering)>,
    rules: impl Fn(usize) -> String,
) -> (Vec<Finding>, Vec<Unexplained>) {
    let mut findings: BTreeMap<Key, Finding> = BTreeMap::new();
    let mut unexplained: BTreeMap<Code, (u64, Seen)> = BTreeMap::new();
    for (entry, gathering) in entries {
        let seen = |sight: Sight| Seen { entry: entry.clone(), sight };
        for (key, group) in gathering.groups {
            let (rule, facts) = key.clone();
            let new = || Finding { rule: rules(rule), facts, count: 0, seen: Vec::new(), last: None, joint: false };
            let finding = findings.entry(key).or_insert_with(new);
            finding.count += group.count;
            let room = KEPT_RECORDS - finding.seen.len();
            finding.seen.extend(group.first.into_iter().take(room).map(seen));
            finding.last = finding.last.take().max(group.last.map(|time| (time, entry.clone())));
        }
        for (code, (count, sight)) in gathering.unexplained {
            unexplained.entry(code).and_modify(|(sum, _)| *sum += count).or_insert_with(|| (count, seen(sight)));
        }
    }
    let mut findings: Vec<Finding> = findings.into_values().collect();
    sort(&mut findings);
    let unexplained = unexplained.into_iter().map(|(code, (count, first))| Unexplained { code, count, first });
    (findings, unexplained.collect())
}

/// Sorts findings by the place of their first record.
pub(crate) fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| place(&a.seen).cmp(&place(&b.seen)).then_with(|| a.rule.cmp(&b.rule)));
}

fn place(seen: &[Seen]) -> Option<(&str, u64)> {
    seen.first().map(|seen| (seen.entry.as_str(), seen.sight.line))
}
