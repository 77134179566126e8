//! Rules that stand in each other's way: a noise rule that silences another rule's evidence, and two rules that cannot
//! be told apart.
//!
//! Each rule's examples are scanned as a customer's log would be, against all rules at once.

use std::collections::{BTreeMap, BTreeSet};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::check::{bare, examples};
use crate::logs::{Record, Records};
use crate::matcher::{self, Program};
use crate::signature::{Example, Fault, Knowledge, Rule};

/// Everything that is wrong between rules.
pub(super) fn check(knowledge: &Knowledge, program: &Program<'_>) -> Vec<Fault> {
    let rules: Vec<&Rule> = knowledge.rules.values().filter(|rule| !rule.noise).collect();
    let found: Vec<(&Rule, Vec<BTreeSet<&str>>)> =
        rules.into_par_iter().map(|rule| (rule, found_on_examples(rule, program))).collect();
    let silenced = found.iter().flat_map(|(rule, found)| {
        let examples = rule.examples.matching.iter().zip(found).filter(|(_, found)| !found.contains(rule.id.as_str()));
        examples.filter_map(|(example, _)| silenced(rule, example, knowledge)).collect::<Vec<_>>()
    });
    silenced.chain(alike(&found)).chain(common(&found)).collect()
}

/// What a scan finds on each example that the rule must match.
fn found_on_examples<'k>(rule: &Rule, program: &Program<'k>) -> Vec<BTreeSet<&'k str>> {
    let found = |example: &Example| {
        let (format, block) = examples::block(&example.record, rule.service.as_deref());
        matcher::found_rules(program, format, &block)
    };
    rule.examples.matching.iter().map(found).collect()
}

/// A fault if the rule holds on an example, but noise does as well.
fn silenced(rule: &Rule, example: &Example, knowledge: &Knowledge) -> Option<Fault> {
    let (format, block) = examples::block(&example.record, rule.service.as_deref());
    let record = Records::new(format, &block).find(|record| matcher::try_rule(rule, record).is_some())?;
    let noise = noise_on(&record, rule.service.as_deref(), knowledge)?;
    let message = format!("{} takes this record for noise, so the rule never fires on it", noise.id);
    let help = "narrow the noise rule with a `filter_*`, or remove the example if this is no failure";
    Some(Fault::on_file("silenced", &rule.file, message, help).at(example.position, &example.source))
}

/// The noise that holds on a record of the log of `service`, or of plain text.
pub(super) fn noise_on<'k>(record: &Record<'_>, service: Option<&str>, knowledge: &'k Knowledge) -> Option<&'k Rule> {
    let same = |other: Option<&str>| other.is_none() || service.is_none() || other == service;
    let serves = |noise: &&Rule| noise.noise && same(noise.service.as_deref());
    knowledge.rules.values().filter(serves).find(|noise| matcher::try_rule(noise, record).is_some())
}

/// Warnings of rules that fire on the examples of many others by an error alone.
fn common(found: &[(&Rule, Vec<BTreeSet<&str>>)]) -> Vec<Fault> {
    let mut others: BTreeMap<&str, usize> = BTreeMap::new();
    for (rule, found) in found {
        let fired: BTreeSet<&str> = found.iter().flatten().copied().filter(|id| *id != rule.id).collect();
        fired.into_iter().for_each(|id| *others.entry(id).or_default() += 1);
    }
    let number = |rule: &Rule| others.get(rule.id.as_str()).copied().unwrap_or_default();
    found.iter().filter_map(|(rule, _)| bare::check_others(rule, number(rule))).collect()
}

/// Faults of rules that fire on all of each other's examples.
fn alike(found: &[(&Rule, Vec<BTreeSet<&str>>)]) -> Vec<Fault> {
    let always = found.iter().map(|(rule, found)| {
        let (first, others) = found.split_first().map_or((None, found.as_slice()), |(first, rest)| (Some(first), rest));
        let first = first.into_iter().flatten().copied();
        let all: BTreeSet<&str> = first.filter(|id| others.iter().all(|found| found.contains(id))).collect();
        (rule.id.as_str(), all)
    });
    let always: BTreeMap<&str, BTreeSet<&str>> = always.collect();
    let twin = |rule: &Rule| {
        let others = always.get(rule.id.as_str())?.iter().filter(|other| **other < rule.id.as_str());
        others.copied().find(|other| always.get(other).is_some_and(|found| found.contains(rule.id.as_str())))
    };
    let fault = |(rule, _): &(&Rule, _)| {
        let message = format!("{} fires on all examples of this rule, and this rule on all of its", twin(rule)?);
        let help = "make them one rule, or show with examples where they differ";
        Some(Fault::on_file("same-evidence", &rule.file, message, help).warning())
    };
    found.iter().filter_map(fault).collect()
}
