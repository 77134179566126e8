//! Whatever a rule asks for, each record it holds of has one of the literals the prefilter searches for.

use std::collections::BTreeMap;

use casebook::logs::{self, Blocks, Records};
use casebook::matcher;
use casebook::signature::{self, Source};

/// What parts the rule's detection from the log.
pub const BETWEEN: &str = "\n---\n";

const RULE: &str = "any/a";

/// Matches what follows [`BETWEEN`] against the detection before it.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some((detection, log)) = text.split_once(BETWEEN) else { return };
    let rule = format!("title: A\nlogsource: {{product: windows}}\ndetection: {detection}\n");
    let files = BTreeMap::from([(format!("rules/{RULE}.yml"), rule.into_bytes())]);
    let (knowledge, _) = signature::load(&Source::Memory(files)).expect("memory can be read");
    let Some(rule) = knowledge.rules.get(RULE) else { return };
    let format = logs::recognise("a.log", log.as_bytes());
    if !format.is_text() {
        return;
    }
    // The automaton that searches for the literals is left out: to build it takes longer than all the rest.
    let Some(literals) = matcher::required(&rule.detection) else { return };
    let blocks: Vec<_> = Blocks::new(format, log.as_bytes()).flatten().collect();
    for record in blocks.iter().flat_map(|block| Records::new(format, block)) {
        if matcher::try_rule(rule, &record).is_some() {
            let text = record.text.to_ascii_lowercase();
            let found = literals.iter().any(|literal| text.contains(&literal.to_ascii_lowercase()));
            assert!(found, "none of {literals:?} is in {:?}", record.text);
        }
    }
}
