//! A rule or correlation against the examples its author gave: it must fire on some, with the facts named, and not on
//! others.

use std::collections::BTreeMap;

use crate::check::overlap;
use crate::facts;
use crate::logs::{self, Block, LogFormat, Record, Records};
use crate::matcher::{self, Fact, Program};
use crate::signature::{Correlation, Example, ExampleRecord, Examples, Fault, Knowledge, Rule};

/// Everything wrong with the proof of one rule.
pub(super) fn check(rule: &Rule) -> Vec<Fault> {
    let found = |example: &Example| -> Option<BTreeMap<String, Fact>> {
        let (format, block) = block(&example.record, rule.service.as_deref());
        Records::new(format, &block).find_map(|record| matcher::try_rule(rule, &record))
    };
    let mut faults = prove(&rule.file, "rule", &rule.examples, &found);
    if matcher::required(&rule.detection).is_none() {
        let message = "no fixed text is required by this rule, so it looks at every record of its log";
        let help = "give it a string, a pattern with fixed text, or an error that every match must hold";
        faults.push(Fault::on_file("no-literal", &rule.file, message, help).warning());
    }
    faults
}

/// Everything wrong with the proof of one correlation; its examples are logs of the first rule it rests on.
pub(super) fn check_correlation(correlation: &Correlation, knowledge: &Knowledge, program: &Program<'_>) -> Vec<Fault> {
    let rules = knowledge.base_rules(&correlation.id);
    let service = rules.first().and_then(|rule| rule.service.as_deref());
    let found = |example: &Example| {
        let (format, block) = block(&example.record, service);
        matcher::try_correlation(program, &correlation.id, format, &block)
    };
    let mut faults = prove(&correlation.file, "correlation", &correlation.examples, &found);
    for example in correlation.examples.matching.iter().filter(|example| found(example).is_none()) {
        let (format, block) = block(&example.record, service);
        let silenced = |record: Record<'_>| {
            let hit = rules.iter().any(|rule| matcher::try_rule(rule, &record).is_some());
            hit.then(|| overlap::noise_on(&record, service, knowledge)).flatten().map(|noise| (noise, record.line))
        };
        let Some((noise, line)) = Records::new(format, &block).find_map(silenced) else { continue };
        let message = format!("{} takes line {line} of this log for noise, so the correlation never holds", noise.id);
        let help = "narrow the noise rule with a `filter_*`, or remove the example if this is no failure";
        faults.retain(|fault| fault.code != "example-not-matched" || fault.line != example.position.line);
        faults.push(fault("silenced", &correlation.file, example, message, help));
    }
    faults
}

/// What a rule or correlation finds in an example.
type Found<'f> = &'f dyn Fn(&Example) -> Option<BTreeMap<String, Fact>>;

fn prove(file: &str, what: &str, examples: &Examples, found: Found<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    if examples.matching.is_empty() {
        let help = "add `examples: {match: [{text: '…'}]}` with a record it must fire on";
        faults.push(Fault::on_file("no-example", file, format!("the {what} has no example that it matches"), help));
    }
    if examples.ignored.is_empty() {
        let help = "add `ignore:` under `examples` with a record that is near enough to be mistaken for it";
        faults.push(Fault::on_file("no-near-miss", file, format!("the {what} has no example that it ignores"), help));
    }
    for example in &examples.matching {
        faults.extend(must_match(file, what, example, found));
    }
    for example in &examples.ignored {
        if let Some(facts) = found(example) {
            let message = format!("the {what} fires on this record, which it must ignore ({})", written(&facts));
            let help = "narrow the detection, or remove the example if the rule should fire here";
            faults.push(fault("example-matched", file, example, message, help));
        }
    }
    faults
}

fn must_match(file: &str, what: &str, example: &Example, found: Found<'_>) -> Vec<Fault> {
    let Some(facts) = found(example) else {
        let message = format!("the {what} does not fire on this example");
        let help =
            "compare the record with the detection word by word; the columns before the message are not part of it";
        return vec![fault("example-not-matched", file, example, message, help)];
    };
    let wrong = example.facts.iter().filter(|(name, expected)| {
        let values = facts.get(*name).map(|fact| fact.values.as_slice()).unwrap_or_default();
        !values.iter().any(|value| same(value, expected))
    });
    wrong
        .map(|(name, expected)| {
            let message = format!("`{name}` should be {expected}; the {what} gives {}", written(&facts));
            fault("wrong-fact", file, example, message, "mend the pattern, or the fact the example expects")
        })
        .collect()
}

fn fault(code: &'static str, file: &str, example: &Example, message: String, help: &str) -> Fault {
    Fault::on_file(code, file, message, help).at(example.position, &example.source)
}

/// Whether a fact is what the example expects; an error in whatever spelling.
fn same(value: &str, expected: &str) -> bool {
    value == expected || facts::parse_code(value).is_some_and(|code| facts::parse_code(expected) == Some(code))
}

fn written(facts: &BTreeMap<String, Fact>) -> String {
    if facts.is_empty() {
        return "no facts".to_owned();
    }
    let facts = facts.iter().map(|(name, fact)| format!("{name}: {}", fact.values.join(" | ")));
    facts.collect::<Vec<_>>().join(", ")
}

/// An example as the block of a log that holds nothing else.
pub(super) fn block(example: &ExampleRecord, service: Option<&str>) -> (LogFormat, Block) {
    match example {
        ExampleRecord::Text(text) => {
            let format = service.and_then(LogFormat::from_name).unwrap_or(LogFormat::Plain);
            (format, Block { first_line: 1, text: format!("{}\n", text.trim_end()), ..Block::default() })
        }
        ExampleRecord::Events(events) => {
            let is_trace = service == Some(LogFormat::Pml.service());
            let format = if is_trace { LogFormat::Pml } else { LogFormat::Evtx };
            (format, logs::event_block(format, events))
        }
    }
}
