//! The signature of a case: narrower than its known error's, from the logs there are, else from what is told of them.
//!
//! With logs, every item of the known error that holds on them is asked for, with the values that were captured, and
//! so is what else weighs on them. Without, the items whose logs are spoken of are kept, and rules that name the update
//! or the error in question are added; what they ask for must then be found by a person. What is drafted is never
//! wider than the known error.

use std::collections::BTreeSet;

use crate::author::sketch::{Item, Sketch};
use crate::author::yaml;
use crate::facts::{self, Code, Role};
use crate::matcher::{self, Finding, forms};
use crate::signature::{self, FieldTest, Knowledge, KnownError, Level, Piece, Rule, ValueTest};

/// What a person tells of a failure.
pub(super) struct Account<'a> {
    /// The story of the case.
    pub(super) story: &'a str,
    /// All that was written about it, the story included.
    pub(super) all: &'a str,
}

/// A signature as YAML, and what its author should know of it.
pub(super) struct Evidence {
    pub(super) signature: String,
    pub(super) notes: Vec<String>,
}

/// The parts of a sketch by their place.
const ALL: usize = 0;
const ANY: usize = 1;
const SUPPORTS: usize = 3;

/// How many rules beside the known error's are asked for.
const MOST_BESIDE: usize = 4;

/// Shortest text of a rule that tells something where a story has it, too.
const TELLING: usize = 6;

/// Services of logs, and the words by which people call them.
static LOGS: &str = include_str!("logs.csv");

/// Drafts the signature of a case below `known`, whose own one is `inherited`.
pub(super) fn draft(
    knowledge: &Knowledge,
    known: &KnownError,
    inherited: &str,
    logs: &[(String, Vec<u8>)],
    account: &Account<'_>,
) -> Evidence {
    let mut notes = Vec::new();
    let Some(mut sketch) = Sketch::of(known, inherited) else {
        let note = "the signature is the known error's: narrow it to what only this case shows";
        return Evidence { signature: inherited.to_owned(), notes: vec![note.to_owned()] };
    };
    let findings = matcher::scan_files(logs, &matcher::compile(knowledge)).findings;
    if !from_logs(knowledge, known, &findings, account, &mut sketch) {
        if !logs.is_empty() {
            notes.push(format!("the logs show nothing that {} asks for: is it the right known error?", known.id));
        }
        notes.push(from_account(knowledge, known, account, &mut sketch));
    }
    Evidence { signature: sketch.text(), notes }
}

/// Narrows the sketch to what logs show; false where they show nothing of the known error.
fn from_logs(
    knowledge: &Knowledge,
    known: &KnownError,
    findings: &[Finding],
    account: &Account<'_>,
    sketch: &mut Sketch,
) -> bool {
    let signature = &known.signature;
    let meeting = |asked: &signature::Item| findings.iter().find(|finding| meets(asked, finding));
    if !signature.all.iter().chain(&signature.any).any(|asked| meeting(asked).is_some()) {
        return false;
    }
    let any = std::mem::take(&mut sketch.parts[ANY]);
    let all = std::mem::take(&mut sketch.parts[ALL]);
    for (item, asked) in all.into_iter().zip(&signature.all) {
        sketch.parts[ALL].push(narrowed(item, asked, meeting(asked)));
    }
    for (item, asked) in any.into_iter().zip(&signature.any) {
        if let Some(finding) = meeting(asked) {
            sketch.parts[ALL].push(narrowed(item, asked, Some(finding)));
        }
    }
    let updates = updates(account);
    let weight = |finding: &Finding| {
        let names = finding.facts.get("kb").is_some_and(|fact| fact.values.iter().any(|kb| updates.contains(kb)));
        let level = knowledge.level(&finding.rule).unwrap_or(Level::Informational);
        if names { level.max(Level::Medium) } else { level }
    };
    let mut beside: Vec<&Finding> = Vec::new();
    for finding in findings.iter().filter(|finding| !sketch.has(&finding.rule) && weight(finding) >= Level::Medium) {
        if !beside.iter().any(|other| other.rule == finding.rule) {
            beside.push(finding);
        }
    }
    beside.sort_by_key(|finding| std::cmp::Reverse(weight(finding)));
    for (index, finding) in beside.into_iter().enumerate() {
        let item = Item { rule: finding.rule.clone(), constraints: values(finding, &[]) };
        sketch.parts[if index < MOST_BESIDE { ALL } else { SUPPORTS }].push(item);
    }
    true
}

/// Whether a finding meets an item.
fn meets(item: &signature::Item, finding: &Finding) -> bool {
    let values = |name: &str| finding.facts.get(name).map(|fact| fact.values.clone()).unwrap_or_default();
    let passes = |test: &FieldTest| test.holds(&forms(&test.field, values(&test.field)), &values, &mut |_| true);
    item.rule == finding.rule && item.constraints.iter().all(passes)
}

/// The item with the values that its finding captured.
fn narrowed(mut item: Item, asked: &signature::Item, finding: Option<&Finding>) -> Item {
    let constrained: Vec<&str> = asked.constraints.iter().map(|test| test.field.as_str()).collect();
    item.constraints.extend(finding.into_iter().flat_map(|finding| values(finding, &constrained)));
    item
}

/// What a finding captured, as constraints that hold of other machines too: files by name, packages by update.
fn values(finding: &Finding, constrained: &[&str]) -> Vec<String> {
    let mut values = Vec::new();
    for (name, fact) in finding.facts.iter().filter(|(name, _)| !constrained.contains(&name.as_str())) {
        let Some(value) = fact.values.first() else { continue };
        let last = value.rsplit(['\\', '/']).next().unwrap_or_default();
        values.extend(match name.as_str() {
            "kb" => Some(format!("kb: {value}")),
            "error" if fact.captured => Some(format!("error: {value}")),
            "path" if fact.captured && !last.is_empty() && last != value => {
                Some(format!("path|endswith: {}", yaml::quoted(&format!("\\{last}"))))
            }
            "process" if fact.captured => Some(format!("process|endswith: {}", yaml::quoted(last))),
            "package" if fact.captured => {
                let identity = value.split_once('~').map_or(value.as_str(), |(identity, _)| identity);
                Some(format!("package|startswith: {}", yaml::quoted(identity)))
            }
            _ => None,
        });
    }
    values
}

/// Narrows the sketch to what is told, and says what is still to be shown.
fn from_account(knowledge: &Knowledge, known: &KnownError, account: &Account<'_>, sketch: &mut Sketch) -> String {
    let any = std::mem::take(&mut sketch.parts[ANY]);
    let told = spoken_of(knowledge, any.iter().map(|item| item.rule.as_str()), account);
    let mut kept: Vec<Item> = any.iter().filter(|item| told.contains(item.rule.as_str())).cloned().collect();
    if let Some(best) = best_told(knowledge, &kept, account.story) {
        sketch.parts[ALL].push(kept.remove(best));
        sketch.parts[SUPPORTS].splice(0..0, kept);
    } else {
        sketch.parts[ANY] = kept;
    }
    let free = |rule: &&Rule| !rule.noise && !belongs_elsewhere(knowledge, known, &rule.id);
    let mut names = Vec::new();
    if let Some(update) = updates(account).into_iter().next() {
        if !constrain(knowledge, known, sketch, &update) {
            let naming = knowledge.rules.values().filter(free).filter(|rule| captures_update(rule));
            let naming: Vec<&str> = naming.map(|rule| rule.id.as_str()).collect();
            let told = spoken_of(knowledge, naming.iter().copied(), account);
            let chosen = naming.into_iter().filter(|rule| told.contains(rule));
            add(sketch, chosen, &format!("kb: {update}"));
        }
        names.push(update);
    }
    if let Some(code) = errors(account).into_iter().next() {
        let about = knowledge.rules.values().filter(free).filter(|rule| is_about(rule, code));
        add(sketch, about.map(|rule| rule.id.as_str()), "");
        names.push(code.name().map_or_else(|| code.hex(), str::to_owned));
    }
    sketch.comments.push("Drafted from what is told: no log is quoted that shows it.".to_owned());
    let rules = |part: usize| sketch.parts[part].iter().map(|item| item.rule.as_str()).collect::<Vec<&str>>();
    let one_of = match rules(ANY)[..] {
        [] => String::new(),
        ref any => format!("{}one of {}", if rules(ALL).is_empty() { "" } else { ", and " }, any.join(", ")),
    };
    let about = match names[..] {
        [] => "which does not narrow it: say what only this case shows".to_owned(),
        ref names => format!("about {}", names.join(" and ")),
    };
    let wanted = format!("{}{one_of}", rules(ALL).join(", "));
    format!("no log is quoted that shows it, so the signature rests on what is told, {about}; logs/ must show {wanted}")
}

/// Asks the items whose rules capture an update for this one; false where none does.
fn constrain(knowledge: &Knowledge, known: &KnownError, sketch: &mut Sketch, update: &str) -> bool {
    let asks = |rule: &str| {
        let items = known.signature.items().filter(|item| item.rule == rule);
        items.flat_map(|item| &item.constraints).any(|test| test.field == "kb")
    };
    let mut found = false;
    for item in sketch.parts[..=ANY].iter_mut().flatten() {
        if knowledge.rules.get(&item.rule).is_some_and(captures_update) && !asks(&item.rule) {
            item.constraints.push(format!("kb: {update}"));
            found = true;
        }
    }
    found
}

fn captures_update(rule: &Rule) -> bool {
    rule.detection.captures().contains("kb")
}

/// Adds rules of which one is enough: to `all` where there is one, to `any` where that is free, else to `supports`.
fn add<'r>(sketch: &mut Sketch, rules: impl Iterator<Item = &'r str>, constraint: &str) {
    let new: Vec<&str> = rules.filter(|rule| !sketch.has(rule)).collect();
    let part = match (new.len(), sketch.parts[ANY].is_empty()) {
        (1, _) => ALL,
        (_, true) => ANY,
        _ => SUPPORTS,
    };
    let constraints: Vec<String> =
        [constraint].iter().filter(|text| !text.is_empty()).map(|text| (*text).to_owned()).collect();
    sketch.parts[part]
        .extend(new.into_iter().map(|rule| Item { rule: rule.to_owned(), constraints: constraints.clone() }));
}

/// Of rules, those whose logs the story speaks of; else all that was written; else every one.
fn spoken_of<'r>(
    knowledge: &Knowledge,
    rules: impl Iterator<Item = &'r str>,
    account: &Account<'_>,
) -> BTreeSet<&'r str> {
    let rules: Vec<&str> = rules.collect();
    for text in [account.story, account.all] {
        let text = text.to_lowercase();
        let is_named = |service: &str| {
            LOGS.lines()
                .filter_map(|line| line.split_once(','))
                .any(|(log, word)| log == service && text.contains(word))
        };
        let service = |rule: &str| knowledge.rules.get(rule).and_then(|rule| rule.service.as_deref());
        if rules.iter().any(|rule| service(rule).is_some_and(is_named)) {
            return rules.into_iter().filter(|rule| service(rule).is_none_or(is_named)).collect();
        }
    }
    rules.into_iter().collect()
}

/// The one item of whose rule the story repeats more words than of every other's.
fn best_told(knowledge: &Knowledge, items: &[Item], story: &str) -> Option<usize> {
    let story = story.to_lowercase();
    let score = |item: &Item| {
        let rule = knowledge.rules.get(&item.rule)?;
        let texts =
            rule.detection.selections.iter().flat_map(|(_, selection)| selection.tests()).flat_map(|test| &test.values);
        let fixed = texts.filter_map(|value| match value {
            ValueTest::Text(text) => Some(&text.pieces),
            _ => None,
        });
        let fixed = fixed.flatten().filter_map(|piece| match piece {
            Piece::Fixed(text) if text.len() >= TELLING => Some(text.to_lowercase()),
            _ => None,
        });
        Some(fixed.filter(|text| story.contains(text.as_str())).count())
    };
    let scores: Vec<usize> = items.iter().map(|item| score(item).unwrap_or_default()).collect();
    let best = scores.iter().copied().max().filter(|best| *best > 0)?;
    let mut at = scores.iter().enumerate().filter(|(_, score)| **score == best).map(|(at, _)| at);
    at.next().filter(|_| at.next().is_none())
}

/// Whether a rule is what another known error is told by.
fn belongs_elsewhere(knowledge: &Knowledge, known: &KnownError, rule: &str) -> bool {
    let others = knowledge.known_errors.iter().filter(|other| other.id != known.id && !other.generic);
    others.flat_map(|other| other.signature.all.iter().chain(&other.signature.any)).any(|item| item.rule == rule)
}

/// Whether an example of the rule is about the error.
fn is_about(rule: &Rule, code: Code) -> bool {
    let shown = rule.examples.matching.iter().filter_map(|example| example.facts.get("error"));
    shown.filter_map(|error| facts::parse_code(error)).any(|error| error == code)
}

/// The updates that the story names, else all that was written.
fn updates(account: &Account<'_>) -> Vec<String> {
    let named = |text| facts::kbs(text).into_iter().map(|fact| fact.value).collect::<Vec<String>>();
    let told = named(account.story);
    if told.is_empty() { named(account.all) } else { told }
}

/// The failures that the story names, else all that was written.
fn errors(account: &Account<'_>) -> Vec<Code> {
    let named = |text| {
        let main = facts::errors(text).into_iter().filter(|fact| fact.role == Role::Main);
        main.map(|fact| fact.code).filter(|code| code.is_failure()).collect::<Vec<Code>>()
    };
    let told = named(account.story);
    if told.is_empty() { named(account.all) } else { told }
}
