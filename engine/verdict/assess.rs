//! One signature against the findings: which of its items hold, with which records, and what is missing.
//!
//! Items are met by findings whose captures and facts pass the item's constraints. Where a signature says `same` or
//! `within`, every value and every span of time that the findings offer is tried, and the best one counts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::DateTime;

use crate::facts;
use crate::matcher::{Finding, Seen};
use crate::signature::{Item, Signature};
use crate::verdict::look::passes;
use crate::verdict::scales::Scales;

/// A record that meets an item.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Proof<'s> {
    pub(crate) finding: &'s Finding,
    pub(crate) seen: &'s Seen,
}

impl<'s> Proof<'s> {
    /// The record itself, or all records of a finding that tell only together.
    fn records(self) -> impl Iterator<Item = Proof<'s>> {
        let more = self.finding.seen.iter().filter(move |seen| self.finding.joint && *seen != self.seen);
        std::iter::once(self).chain(more.map(move |seen| Proof { seen, ..self }))
    }
}

/// What became of a signature.
#[derive(Clone, Debug, Default)]
pub(crate) struct Assessment<'s> {
    /// Records for the items of `all`, `any` and `supports` that hold.
    pub(crate) evidence: Vec<Proof<'s>>,
    /// Items of `all`, and of `any` where none holds, that do not.
    pub(crate) missing: Vec<&'s Item>,
    /// Records for the items of `not` that hold.
    pub(crate) against: Vec<Proof<'s>>,
    /// Whether an item of `all` or `any` holds.
    pub(crate) touched: bool,
    /// Weight of what holds of `all` and `any`, and of all they ask for.
    pub(crate) held: f64,
    pub(crate) asked: f64,
    /// Weight of what holds, supports included.
    pub(crate) information: f64,
    /// When an item of `all` or `any` last held.
    pub(crate) last: Option<Last<'s>>,
}

impl Assessment<'_> {
    /// Whether everything the signature asks for holds.
    pub(crate) fn is_whole(&self) -> bool {
        self.missing.is_empty() && self.touched && self.against.is_empty()
    }

    /// The weighed share that holds, from 0 to 1, with two decimals.
    pub(crate) fn score(&self) -> f64 {
        if self.asked == 0.0 { 0.0 } else { (self.held / self.asked * 100.0).round() / 100.0 }
    }
}

/// The latest record of an item.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Last<'s> {
    /// In seconds; in UTC where its log gives the offset.
    pub(crate) seconds: i64,
    /// Its local time.
    pub(crate) time: DateTime,
    /// Path of its entry.
    pub(crate) entry: &'s str,
}

/// Most values and spans of time that are tried for one signature.
const MOST_TRIES: usize = 512;

/// Weighs `signature` in the best way the findings allow.
pub(crate) fn assess<'s>(signature: &'s Signature, scales: &'s Scales<'s>) -> Assessment<'s> {
    let mut best: Option<Assessment<'s>> = None;
    for key in keys(signature, scales) {
        for span in spans(signature, scales, key.as_ref()) {
            let tried = weigh(signature, scales, key.as_ref(), span);
            let better = best.as_ref().is_none_or(|best| rank(&tried) > rank(best));
            if better {
                best = Some(tried);
            }
        }
    }
    best.unwrap_or_default()
}

/// Whole before partial, then by what holds; in millionths, so that it has an order.
fn rank(assessment: &Assessment<'_>) -> (bool, i64, i64) {
    let millionths = |weight: f64| (weight * 1e6) as i64;
    (assessment.is_whole(), millionths(assessment.held), millionths(assessment.information))
}

/// Values that the captures named by `same` may agree on.
type Key = BTreeMap<String, String>;

fn keys(signature: &Signature, scales: &Scales<'_>) -> Vec<Option<Key>> {
    if signature.same.is_empty() {
        return vec![None];
    }
    let mut keys = BTreeSet::new();
    for item in signature.all.iter().chain(&signature.any) {
        for finding in meeting(item, scales) {
            let key: Option<Key> =
                signature.same.iter().map(|name| Some((name.clone(), agreed(name, finding)?))).collect();
            keys.extend(key);
        }
    }
    let mut keys: Vec<Option<Key>> = keys.into_iter().map(Some).take(MOST_TRIES).collect();
    if keys.is_empty() {
        keys.push(Some(Key::new()));
    }
    keys
}

/// The form in which a value is compared across logs: a path by the file it names in any image.
fn agreed(name: &str, finding: &Finding) -> Option<String> {
    let value = finding.facts.get(name)?.values.first()?;
    Some(if name == "path" { facts::same_file(value) } else { value.to_lowercase() })
}

/// First and last second of the spans to try; none where time does not matter.
type Span = Option<(i64, i64)>;

fn spans(signature: &Signature, scales: &Scales<'_>, key: Option<&Key>) -> Vec<Span> {
    let Some(within) = signature.within else { return vec![None] };
    let mut starts = BTreeSet::new();
    for item in signature.all.iter().chain(&signature.any) {
        for finding in meeting(item, scales).filter(|finding| agrees(finding, key)) {
            starts.extend(finding.seen.iter().filter_map(|seen| scales.seconds(seen)));
        }
    }
    if starts.is_empty() {
        return vec![None];
    }
    starts.into_iter().take(MOST_TRIES).map(|start| Some((start, start + within))).collect()
}

fn meeting<'s>(item: &Item, scales: &'s Scales<'s>) -> impl Iterator<Item = &'s Finding> {
    let findings = scales.findings.get(item.rule.as_str()).map(Vec::as_slice).unwrap_or_default();
    findings.iter().copied().filter(|finding| meets(item, finding))
}

fn meets(item: &Item, finding: &Finding) -> bool {
    item.constraints.iter().all(|test| passes(test, finding))
}

fn agrees(finding: &Finding, key: Option<&Key>) -> bool {
    key.is_none_or(|key| key.iter().all(|(name, value)| agreed(name, finding).as_ref() == Some(value)))
}

impl Scales<'_> {
    /// How much a rule tells: evidence that many known errors share tells little.
    fn weight(&self, item: &Item) -> f64 {
        let all = self.knowledge.known_errors.len().max(1) as f64;
        let users = self.knowledge.users(&item.rule).len().max(1) as f64;
        1.0 + (all / users).ln()
    }

    /// Seconds of a record's time, in UTC where its log gives the offset.
    fn seconds(&self, seen: &Seen) -> Option<i64> {
        self.seconds_of(seen.sight.time?, &seen.entry)
    }

    fn seconds_of(&self, time: DateTime, entry: &str) -> Option<i64> {
        let offset = self.offsets.get(entry).copied().unwrap_or_default();
        let time = time.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(time.timestamp().as_second() - i64::from(offset) * 60)
    }

    /// When an item last held.
    fn last<'s>(&'s self, item: &Item, key: Option<&Key>) -> Option<Last<'s>> {
        let held = meeting(item, self).filter(|finding| agrees(finding, key));
        let last = held.filter_map(|finding| {
            let (time, entry) = finding.last.as_ref()?;
            Some(Last { seconds: self.seconds_of(*time, entry)?, time: *time, entry })
        });
        last.max()
    }

    fn proof<'s>(&'s self, item: &'s Item, key: Option<&Key>, span: Span) -> Option<Proof<'s>> {
        let in_span = |seen: &&'s Seen| match (span, self.seconds(seen)) {
            (Some((first, last)), Some(time)) => (first..=last).contains(&time),
            _ => true,
        };
        let mut proofs = meeting(item, self).filter(|finding| agrees(finding, key)).filter_map(|finding| {
            let seen = finding.seen.iter().find(in_span)?;
            Some(Proof { finding, seen })
        });
        proofs.next()
    }
}

fn weigh<'s>(signature: &'s Signature, scales: &'s Scales<'s>, key: Option<&Key>, span: Span) -> Assessment<'s> {
    let mut assessment = Assessment::default();
    for item in &signature.all {
        assessment.asked += scales.weight(item);
        match scales.proof(item, key, span) {
            Some(proof) => {
                assessment.held += scales.weight(item);
                assessment.evidence.extend(proof.records());
            }
            None => assessment.missing.push(item),
        }
    }
    assessment.information = assessment.held;
    assessment.last = signature.all.iter().chain(&signature.any).filter_map(|item| scales.last(item, key)).max();
    let met: Vec<(f64, Proof<'s>)> =
        signature.any.iter().filter_map(|item| Some((scales.weight(item), scales.proof(item, key, span)?))).collect();
    if let Some(asked) = signature.any.iter().map(|item| scales.weight(item)).reduce(f64::max) {
        assessment.asked += asked;
        if met.is_empty() {
            assessment.missing.extend(&signature.any);
        } else {
            assessment.held += asked;
        }
    }
    assessment.evidence.extend(met.iter().flat_map(|(_, proof)| (*proof).records()));
    assessment.touched = !assessment.evidence.is_empty();
    assessment.information += met.iter().map(|(weight, _)| weight).sum::<f64>();
    for item in &signature.supports {
        if let Some(proof) = scales.proof(item, None, None) {
            assessment.information += scales.weight(item);
            assessment.evidence.extend(proof.records());
        }
    }
    let against = signature.not.iter().filter_map(|item| scales.proof(item, None, None));
    assessment.against = against.flat_map(Proof::records).collect();
    assessment
}
