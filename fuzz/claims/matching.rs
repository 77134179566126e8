//! Whatever a rule asks for, the index finds what asking each record finds: the prefilter loses nothing.

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
    let path = "a.log".to_owned();
    let format = logs::recognise(&path, log.as_bytes());
    if !format.is_text() {
        return;
    }
    let blocks: Vec<_> = Blocks::new(format, log.as_bytes()).flatten().collect();
    let records = blocks.iter().flat_map(|block| Records::new(format, block));
    let held = records.filter(|record| matcher::try_rule(rule, record).is_some()).count() as u64;
    let program = matcher::compile(&knowledge);
    let scan = matcher::scan_files(&[(path, log.as_bytes().to_owned())], &program);
    // Where more is found than can be kept apart, the scan says so and counts the rest nowhere else.
    let full = scan.problems.iter().any(|problem| problem.message.contains(RULE));
    let found: u64 = scan.findings.iter().filter(|finding| finding.rule == RULE).map(|finding| finding.count).sum();
    assert!(full || rule.noise || found == held, "{found} found and {held} held as {}: {text:?}", format.name());
}
