//! The machine: what the findings of rules that tell something of it come to, and the offset of its clock.
//!
//! Which rule tells what is the rules' to know; here values are only put in order. A value that several records
//! tell stands once, with the first of them.

use std::collections::BTreeMap;

use super::iso;
use super::report::{System, SystemFact, SystemValue};
use crate::matcher::{Finding, Scan};
use crate::signature::{Knowledge, UTC_OFFSET, machine_names, machine_title};

/// Everything that a scan tells of the machine.
pub(super) fn system(knowledge: &Knowledge, scan: &Scan) -> System {
    let mut told: BTreeMap<&str, Vec<SystemValue>> = BTreeMap::new();
    let offsets: BTreeMap<&str, i32> =
        scan.entries.iter().filter_map(|entry| Some((entry.path.as_str(), entry.utc_offset?))).collect();
    // Binary logs count in UTC, whatever the clock of the machine shows.
    let texts = scan.entries.iter().filter(|entry| entry.encoding.is_some());
    for (entry, minutes) in texts.filter_map(|entry| Some((entry.path.as_str(), entry.utc_offset?))) {
        let value = SystemValue { value: offset(minutes), entry: entry.to_owned(), line: None, time: None };
        add(told.entry(UTC_OFFSET).or_default(), value);
    }
    for finding in &scan.findings {
        let Some(rule) = knowledge.rules.get(&finding.rule) else { continue };
        for (name, capture) in &rule.tells {
            for value in values(finding, capture, &offsets) {
                add(told.entry(name).or_default(), value);
            }
        }
    }
    let fact = |name| Some(SystemFact { name, title: machine_title(name), values: told.remove(name)? });
    System { facts: machine_names().filter_map(fact).collect() }
}

/// The values of a capture, with the first record of the finding. Logs write several in one line with commas.
fn values(finding: &Finding, capture: &str, offsets: &BTreeMap<&str, i32>) -> Vec<SystemValue> {
    let (Some(fact), Some(seen)) = (finding.facts.get(capture), finding.seen.first()) else { return Vec::new() };
    let offset = offsets.get(seen.entry.as_str()).copied();
    let words = fact.values.iter().flat_map(|value| value.split(',')).map(str::trim).filter(|word| !word.is_empty());
    let value = |word: &str| SystemValue {
        value: word.to_owned(),
        entry: seen.entry.clone(),
        line: Some(seen.sight.line),
        time: seen.sight.time.map(|time| iso(time, offset)),
    };
    words.map(value).collect()
}

fn add(values: &mut Vec<SystemValue>, value: SystemValue) {
    if !values.iter().any(|known| known.value.eq_ignore_ascii_case(&value.value)) {
        values.push(value);
    }
}

/// An offset from UTC in the form of ISO 8601.
pub(super) fn offset(minutes: i32) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.unsigned_abs();
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}
