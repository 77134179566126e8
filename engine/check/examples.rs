//! A rule against the examples its author gave: it must fire on some, with the facts named, and not on others.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::facts;
use crate::logs::{Block, LogFormat, Record, Records};
use crate::matcher::{self, Fact};
use crate::signature::{Example, ExampleRecord, Fault, Rule};

/// Everything wrong with the proof of one rule.
pub(super) fn check(rule: &Rule) -> Vec<Fault> {
    let mut faults = Vec::new();
    if rule.examples.matching.is_empty() {
        let help = "add `examples: {match: [{text: '…'}]}` with a record it must fire on";
        faults.push(Fault::on_file("no-example", &rule.file, "the rule has no example that it matches", help));
    }
    if rule.examples.ignored.is_empty() {
        let help = "add `ignore:` under `examples` with a record that is near enough to be mistaken for it";
        faults.push(Fault::on_file("no-near-miss", &rule.file, "the rule has no example that it ignores", help));
    }
    if matcher::required(&rule.detection).is_none() {
        let message = "no fixed text is required by this rule, so it looks at every record of its log";
        let help = "give it a string, a pattern with fixed text, or an error that every match must hold";
        faults.push(Fault::on_file("no-literal", &rule.file, message, help).warning());
    }
    for example in &rule.examples.matching {
        faults.extend(must_match(rule, example));
    }
    for example in &rule.examples.ignored {
        if let Some(facts) = found(rule, example) {
            let message = format!("the rule fires on this record, which it must ignore ({})", written(&facts));
            let help = "narrow the detection, or remove the example if the rule should fire here";
            faults.push(fault("example-matched", rule, example, message, help));
        }
    }
    faults
}

fn must_match(rule: &Rule, example: &Example) -> Vec<Fault> {
    let Some(facts) = found(rule, example) else {
        let message = "the rule does not fire on this example".to_owned();
        let help =
            "compare the record with the detection word by word; the columns before the message are not part of it";
        return vec![fault("example-not-matched", rule, example, message, help)];
    };
    let wrong = example.facts.iter().filter(|(name, expected)| {
        let values = facts.get(*name).map(|fact| fact.values.as_slice()).unwrap_or_default();
        !values.iter().any(|value| same(value, expected))
    });
    wrong
        .map(|(name, expected)| {
            let message = format!("`{name}` should be {expected}; the rule gives {}", written(&facts));
            fault("wrong-fact", rule, example, message, "mend the pattern, or the fact the example expects")
        })
        .collect()
}

fn fault(code: &'static str, rule: &Rule, example: &Example, message: String, help: &str) -> Fault {
    Fault::on_file(code, &rule.file, message, help).at(example.position, &example.source)
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

/// The facts of the first record of the example on which the rule holds.
fn found(rule: &Rule, example: &Example) -> Option<BTreeMap<String, Fact>> {
    match &example.record {
        ExampleRecord::Text(text) => {
            let format = rule.service.as_deref().and_then(LogFormat::from_name).unwrap_or(LogFormat::Plain);
            let block = Block { first_line: 1, text: format!("{}\n", text.trim_end()), ..Block::default() };
            Records::new(format, &block).find_map(|record| matcher::try_rule(rule, &record))
        }
        ExampleRecord::Event(fields) => {
            let text = fields.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n");
            let fields = fields.iter().map(|(name, value)| (Cow::from(name.as_str()), Cow::from(value.as_str())));
            let record = Record {
                line: 1,
                start: 0,
                end: text.len(),
                text: &text,
                message: &text,
                time: None,
                level: None,
                component: None,
                fields: fields.collect(),
            };
            matcher::try_rule(rule, &record)
        }
    }
}
