//! One block of one log against all rules: search the raw text, parse records only around hits.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::Code;
use crate::logs::{self, Block, LogFormat, Record, Records};
use crate::matcher::correlate::{self, Clock};
use crate::matcher::evaluate;
use crate::matcher::findings::{Fact, Found, Sight};
use crate::matcher::hits::Hits;
use crate::matcher::program::{Program, Route, SWEEP};
use crate::matcher::view::View;
use crate::signature::{Captures, FACTS, Filter, Rule};

/// Longest text of a record that a finding keeps, in bytes.
const LONGEST_TEXT: usize = 4 << 10;

/// What one block held.
#[derive(Default)]
pub(crate) struct Harvest {
    /// Rules that fired, in the order of the records.
    pub(crate) found: Vec<Found>,
    /// On how many records each filter took something out.
    pub(crate) filtered: BTreeMap<usize, u64>,
    /// Errors that no rule explains, with count and first record.
    pub(crate) unexplained: BTreeMap<Code, (u64, Sight)>,
}

/// Scans a block with the index: the way every scan goes.
pub(crate) fn scan(program: &Program<'_>, format: LogFormat, block: &Block) -> Harvest {
    let mut harvest = Harvest::default();
    let Some(route) = program.route(format) else { return harvest };
    if !route.always.is_empty() {
        scan_each(program, route, format, block, &mut harvest);
        return harvest;
    }
    let mut records = Records::new(format, block);
    let mut open: Option<(Record<'_>, Vec<usize>)> = None;
    for hit in route.automaton.find_overlapping_iter(&block.text) {
        let owners = &route.owners[hit.pattern().as_usize()];
        match open.as_mut() {
            Some((record, candidates)) if hit.start() < record.end => candidates.extend(owners),
            _ => {
                if let Some((record, candidates)) = open.take() {
                    weigh(program, &record, candidates, &mut harvest);
                }
                open = Some((records.at(hit.start()), owners.clone()));
            }
        }
    }
    if let Some((record, candidates)) = open {
        weigh(program, &record, candidates, &mut harvest);
    }
    harvest
}

/// What `rule` finds on one record, none where it does not hold: for examples.
pub fn try_rule(rule: &Rule, record: &Record<'_>) -> Option<BTreeMap<String, Fact>> {
    let view = View::new(record);
    evaluate::holds(&rule.detection, &view).map(|captures| facts(&view, captures))
}

/// The rules that a scan of a block finds, by id, noise left out: for examples.
pub fn found_rules<'k>(program: &Program<'k>, format: LogFormat, block: &Block) -> BTreeSet<&'k str> {
    scan(program, format, block).found.iter().map(|found| program.rules[found.rule].id.as_str()).collect()
}

/// How often a literal of each rule stands in a block, by id: each time costs the search a look at the rule.
pub fn literal_hits<'k>(program: &Program<'k>, format: LogFormat, block: &Block) -> BTreeMap<&'k str, u64> {
    let mut hits = BTreeMap::new();
    let Some(route) = program.route(format) else { return hits };
    for hit in route.automaton.find_overlapping_iter(&block.text) {
        for rule in route.owners[hit.pattern().as_usize()].iter().filter(|rule| **rule != SWEEP) {
            *hits.entry(program.rules[*rule].id.as_str()).or_default() += 1;
        }
    }
    hits
}

/// What the correlation `id` finds in the block of one log, noise left out; none where it does not hold: for examples.
pub fn try_correlation(
    program: &Program<'_>,
    id: &str,
    format: LogFormat,
    block: &Block,
) -> Option<BTreeMap<String, Fact>> {
    let noise = program.rules_for(format).filter(|rule| program.rules[*rule].noise);
    let wanted = (0..program.rules.len()).filter(|rule| program.wanted_of(*rule).is_some());
    let rules: Vec<usize> = noise.chain(wanted).collect();
    let mut hits = Hits::default();
    for record in Records::new(format, block) {
        let mut harvest = Harvest::default();
        weigh(program, &record, rules.clone(), &mut harvest);
        harvest.found.iter_mut().for_each(|found| hits.add(0, found));
    }
    let clock = Clock { path: String::new(), offset: 0 };
    let correlated = correlate::run(program, &hits, &[clock]);
    correlated.findings.into_iter().find(|finding| finding.rule == id).map(|finding| finding.facts)
}

/// The slow way, for formats with a rule that has no literal: every record is parsed.
fn scan_each(program: &Program<'_>, route: &Route, format: LogFormat, block: &Block, harvest: &mut Harvest) {
    for record in Records::new(format, block) {
        let mut candidates = route.always.clone();
        for hit in route.automaton.find_overlapping_iter(record.text) {
            candidates.extend(&route.owners[hit.pattern().as_usize()]);
        }
        weigh(program, &record, candidates, harvest);
    }
}

/// Every rule of the format on every record: what the index must agree with.
#[cfg(test)]
pub(crate) fn scan_plainly(program: &Program<'_>, format: LogFormat, block: &Block) -> Harvest {
    let mut harvest = Harvest::default();
    for record in Records::new(format, block) {
        weigh(program, &record, program.rules_for(format).collect(), &mut harvest);
    }
    harvest
}

/// Evaluates the candidate rules on a record, noise first.
fn weigh(program: &Program<'_>, record: &Record<'_>, mut candidates: Vec<usize>, harvest: &mut Harvest) {
    candidates.sort_unstable();
    candidates.dedup();
    let sweep = candidates.last() == Some(&SWEEP);
    candidates.retain(|rule| *rule != SWEEP);
    let view = View::new(record);
    let before = harvest.found.len();
    let mut filtered = BTreeSet::new();
    for rule in candidates {
        if !looks_at(program.rules[rule], record) {
            continue;
        }
        let Some(captures) = evaluate::holds(&program.rules[rule].detection, &view) else { continue };
        if program.rules[rule].noise {
            return;
        }
        let takes_out =
            |(_, filter): &(usize, &Filter)| evaluate::holds(&filter.detection, &view).is_some() != filter.keeps;
        if let Some((filter, _)) = program.filters_of(rule).find(takes_out) {
            filtered.insert(filter);
            continue;
        }
        let wanted = program.wanted_of(rule);
        let values = wanted.map(|names| names.iter().map(|name| values(&view, &captures, name)).collect());
        let facts = facts(&view, captures);
        harvest.found.push(Found { rule, facts, sight: sight(record), values });
    }
    for filter in &filtered {
        *harvest.filtered.entry(*filter).or_default() += 1;
    }
    if !sweep || harvest.found.len() > before || !filtered.is_empty() {
        return;
    }
    for code in view.main_errors().filter(|code| code.is_failure()) {
        harvest.unexplained.entry(code).and_modify(|(count, _)| *count += 1).or_insert_with(|| (1, sight(record)));
    }
}

/// Whether the rule looks at this record: an event's channel and id decide, a text log was routed as a whole.
fn looks_at(rule: &Rule, record: &Record<'_>) -> bool {
    let field = |name| record.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_ref());
    let Some(channel) = field("Channel") else { return true };
    let id = field("EventID").unwrap_or_default();
    rule.service.as_deref().is_none_or(|service| logs::serves_channel(service, channel))
        && rule.category.as_deref().is_none_or(|category| logs::serves_event(category, channel, id))
}

/// What a rule captured, and the facts of the record where it captured none of that name.
fn facts(view: &View<'_>, captures: Captures) -> BTreeMap<String, Fact> {
    let mut facts = BTreeMap::new();
    for name in FACTS {
        let values = view.fact(name);
        if !values.is_empty() {
            facts.insert(name.to_owned(), Fact { values, captured: false });
        }
    }
    for (name, capture) in captures {
        facts.insert(name, Fact { values: vec![capture.value], captured: true });
    }
    facts
}

/// The values of a capture, a fact or a field of the record, as a report would show them.
fn values(view: &View<'_>, captures: &Captures, name: &str) -> Vec<String> {
    let captured = captures.iter().find(|(capture, _)| capture.eq_ignore_ascii_case(name));
    match captured {
        Some((_, capture)) => vec![capture.value.clone()],
        None if FACTS.contains(&name) => view.fact(name),
        None => view.values(name).iter().map(|value| value.raw().to_owned()).collect(),
    }
}

/// The record as evidence; its lines end alike, whatever the customer's system ends lines with.
fn sight(record: &Record<'_>) -> Sight {
    let mut end = record.text.len().min(LONGEST_TEXT);
    while !record.text.is_char_boundary(end) {
        end -= 1;
    }
    let text = record.text[..end].trim_end().replace("\r\n", "\n").replace('\r', "\n");
    Sight { line: record.line, time: record.time, text, whole: end == record.text.len() }
}
