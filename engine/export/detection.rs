//! A detection as plain Sigma: what only casebook understands is put into words of Sigma, all else stays as written.
//!
//! `rules` and `signatures` call [`detection`], the latter with the constraints of a case, which are put where the
//! captures are that they constrain. What comes out never finds less than the original by itself; where it may find
//! more, a note says so.

use std::collections::{BTreeMap, BTreeSet};

use serde_yaml::{Mapping, Value};

use crate::export::pattern::{self, Constraint, Constraints};
use crate::export::portable::{Portable, portable};
use crate::export::yaml::sequence;
use crate::facts;
use crate::signature::{Condition, ExampleRecord, FACTS, Kind, Pattern, RegexTest, Rule, scalar};

/// A detection in Sigma's words.
pub(super) struct Plain {
    /// Selections and condition.
    pub(super) detection: Mapping,
    /// Where it finds more than the original, or less.
    pub(super) notes: BTreeSet<String>,
}

/// One key of a selection or of `where`, taken apart.
#[derive(Clone)]
struct Test<'v> {
    key: &'v str,
    field: String,
    modifiers: Vec<&'v str>,
    value: &'v Value,
}

/// One map of a selection: all of `all`, and none of `not`.
#[derive(Default)]
struct Clause {
    all: Vec<Mapping>,
    not: Vec<Mapping>,
}

/// The detection of `rule`, whose YAML is `raw`, held to the constraints of `extra`.
pub(super) fn detection(rule: &Rule, raw: &Mapping, extra: &Mapping) -> Plain {
    let tests: Vec<Test<'_>> = extra.iter().filter_map(|(key, value)| Test::of(key, value)).collect();
    let names: Vec<&str> = rule.detection.selections.iter().map(|(name, _)| name.as_str()).collect();
    let mut writer = Writer { rule, notes: BTreeSet::new(), taken: BTreeSet::new() };
    let captured = rule.detection.captures();
    let (bound, free): (Vec<_>, Vec<_>) = tests.into_iter().partition(|test| captured.contains(test.field.as_str()));
    let mut out = Mapping::new();
    let mut expressions = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let before = writer.notes.len();
        let clauses = writer.selection(raw.get(*name).unwrap_or(&Value::Null), &bound);
        if writer.notes.len() > before && is_denied(&rule.detection.condition, index, false) {
            // What takes out too much would find less than the original.
            writer.notes.insert(format!("`{name}` takes nothing out"));
            expressions.push(String::new());
            continue;
        }
        expressions.push(spread(name, &names, clauses, &mut out));
    }
    for test in bound.iter().filter(|test| !writer.taken.contains(test.key)) {
        writer.notes.insert(format!("`{}` is not asked", test.key));
    }
    let changed = expressions.iter().zip(&names).any(|(expression, name)| expression != name);
    let written = raw.get("condition").and_then(Value::as_str).unwrap_or_default();
    let mut condition = written.to_owned();
    if changed {
        condition = spelled(&rule.detection.condition, &expressions, false);
        // What stood beside a selection that is let hold is asked no longer.
        let asked: BTreeSet<&str> = condition.split([' ', '(', ')']).collect();
        out.retain(|name, _| name.as_str().is_some_and(|name| asked.contains(name)));
    }
    if !free.is_empty() {
        let mut clause = Clause::default();
        for test in &free {
            writer.put_plain(&mut clause, test);
        }
        let held = spread("where", &names, vec![clause], &mut out);
        condition = format!("({condition}) and {held}");
    }
    out.insert("condition".into(), condition.into());
    Plain { detection: out, notes: writer.notes }
}

impl<'v> Test<'v> {
    fn of(key: &'v Value, value: &'v Value) -> Option<Test<'v>> {
        let key = key.as_str()?;
        let mut parts = key.split('|');
        let field = parts.next()?.to_lowercase();
        Some(Test { key, field, modifiers: parts.collect(), value })
    }

    fn has(&self, modifier: &str) -> bool {
        self.modifiers.contains(&modifier)
    }

    /// Every pattern among the values.
    fn patterns(&self) -> Vec<Pattern> {
        if !self.has("pattern") {
            return Vec::new();
        }
        sequence(self.value).iter().filter_map(|value| Pattern::parse(&scalar(value)?).ok()).collect()
    }
}

/// Writes selections of one rule.
struct Writer<'r> {
    rule: &'r Rule,
    notes: BTreeSet<String>,
    /// Keys of the constraints that found their capture.
    taken: BTreeSet<String>,
}

impl Writer<'_> {
    fn selection(&mut self, value: &Value, extra: &[Test<'_>]) -> Vec<Clause> {
        match value {
            Value::Mapping(map) => vec![self.clause(map, extra, false)],
            Value::Sequence(items) if items.iter().all(Value::is_mapping) => {
                let maps: Vec<&Mapping> = items.iter().filter_map(Value::as_mapping).collect();
                maps.into_iter().map(|map| self.clause(map, extra, true)).collect()
            }
            keywords => {
                let mut map = Mapping::new();
                map.insert("text|contains".into(), keywords.clone());
                vec![Clause { all: vec![map], not: Vec::new() }]
            }
        }
    }

    /// One map, with those constraints whose captures are in it; where it stands beside others that may capture,
    /// constraints on facts hold of it too.
    fn clause(&mut self, map: &Mapping, extra: &[Test<'_>], is_one_of_several: bool) -> Clause {
        let own: Vec<Test<'_>> = map.iter().filter_map(|(key, value)| Test::of(key, value)).collect();
        let mut clause = Clause::default();
        let mut bound: BTreeSet<usize> = BTreeSet::new();
        let all: Vec<&Test<'_>> = own.iter().chain(extra).collect();
        for (index, test) in own.iter().enumerate() {
            let patterns = test.patterns();
            if patterns.is_empty() {
                continue;
            }
            let captures: BTreeMap<String, Kind> =
                patterns.iter().flat_map(|pattern| pattern.captures.iter().cloned()).collect();
            let is_bound = |(at, other): &(usize, &&Test<'_>)| *at > index && captures.contains_key(&other.field);
            let held: Vec<(usize, &&Test<'_>)> = all.iter().enumerate().filter(is_bound).collect();
            bound.extend(held.iter().map(|(at, _)| *at));
            self.put_patterns(&mut clause, test, &patterns, &captures, held.iter().map(|(_, test)| **test));
        }
        for (index, test) in all.iter().enumerate() {
            let is_extra = index >= own.len();
            if bound.contains(&index) {
                if is_extra {
                    self.taken.insert(test.key.to_owned());
                }
                continue;
            }
            let is_asked =
                if is_extra { is_one_of_several && FACTS.contains(&test.field.as_str()) } else { !test.has("pattern") };
            if is_asked {
                self.put_plain(&mut clause, test);
            }
        }
        clause
    }

    /// The patterns of one key, with what is asked of their captures in place of these.
    fn put_patterns<'t>(
        &mut self,
        clause: &mut Clause,
        test: &Test<'_>,
        patterns: &[Pattern],
        captures: &BTreeMap<String, Kind>,
        held: impl Iterator<Item = &'t Test<'t>>,
    ) {
        let mut asked: Vec<Constraints> = vec![Constraints::new()];
        let mut denied: Vec<(String, Constraint)> = Vec::new();
        for held in held {
            let kind = captures.get(&held.field).copied().unwrap_or(Kind::Rest);
            let Some(constraint) = self.constraint(kind, held) else { continue };
            if held.has("neq") {
                denied.push((held.field.clone(), constraint));
                continue;
            }
            match asked.iter_mut().find(|asked| !asked.contains_key(&held.field)) {
                Some(asked) => drop(asked.insert(held.field.clone(), constraint)),
                None => asked.push(Constraints::from([(held.field.clone(), constraint)])),
            }
        }
        let records = records(self.rule);
        let texts: Vec<&str> = records.iter().map(String::as_str).collect();
        for constraints in &asked {
            put_pattern(&mut clause.all, test, patterns, constraints, &texts);
        }
        for (name, constraint) in denied {
            let mut constraints = asked[0].clone();
            constraints.insert(name, constraint);
            let mut map = Vec::new();
            put_pattern(&mut map, test, patterns, &constraints, &texts);
            clause.not.append(&mut map);
        }
    }

    /// What a test asks of a capture; none where Sigma has no words for it.
    fn constraint(&mut self, kind: Kind, test: &Test<'_>) -> Option<Constraint> {
        let values: Option<Vec<String>> = sequence(test.value).iter().map(scalar).collect();
        let values = values.unwrap_or_default();
        if test.has("re") {
            let expressions: Vec<_> = values.iter().filter_map(|value| self.expression(test, value)).collect();
            if let [one] = &expressions[..] {
                return Some(Constraint::Regex(one.clone()));
            }
        }
        let modifiers: Vec<&str> = test.modifiers.iter().copied().filter(|modifier| *modifier != "neq").collect();
        let known = modifiers.iter().all(|modifier| matches!(*modifier, "contains" | "startswith" | "endswith"));
        if !known || values.is_empty() {
            self.notes.insert(format!("`{}` is not asked", test.key));
            return None;
        }
        let texts = values.iter().flat_map(|value| pattern::text_constraint(kind, &modifiers, value));
        Some(Constraint::Texts(texts.collect()))
    }

    fn expression(&mut self, test: &Test<'_>, written: &str) -> Option<Portable> {
        let flags: String =
            test.modifiers.iter().copied().filter(|modifier| matches!(*modifier, "i" | "m" | "s")).collect();
        let parsed = portable(&RegexTest::parse(written, &flags).ok()?.hir);
        if !parsed.exact {
            self.notes.insert(format!("`{}` is asked without its `\\b`, `^` or `$`", test.key));
        }
        Some(parsed)
    }

    /// A test that is Sigma's own, but for the values of errors and the dialect of expressions.
    fn put_plain(&mut self, clause: &mut Clause, test: &Test<'_>) {
        let mut modifiers = test.modifiers.clone();
        let mut value = test.value.clone();
        let written = test.key.split('|').next().unwrap_or_default();
        let field = if written.is_empty() { "text" } else { written };
        if written.is_empty() && !modifiers.contains(&"contains") {
            modifiers.insert(0, "contains");
        }
        if test.has("re") {
            let is_text = matches!(field, "text" | "message");
            let expressions = sequence(test.value).iter().filter_map(|value| {
                let found = self.expression(test, &scalar(value)?)?;
                if is_text && (found.at_start || found.at_end) {
                    self.notes.insert(format!("`{}` is asked anywhere in the line", test.key));
                }
                let start = if found.at_start && !is_text { "" } else { ".*" };
                let end = if found.at_end && !is_text { "" } else { ".*" };
                Some(Value::from(format!("{start}{}{end}", found.body)))
            });
            value = listed(expressions.collect());
            modifiers.retain(|modifier| !matches!(*modifier, "i" | "m" | "s"));
        }
        if test.field == "message" && modifiers.contains(&"startswith") {
            // A shipper most often sends the line with its columns.
            modifiers
                .iter_mut()
                .filter(|modifier| **modifier == "startswith")
                .for_each(|modifier| *modifier = "contains");
            self.notes.insert(format!("`{}` is asked anywhere in the line", test.key));
        }
        if modifiers.contains(&"cased") {
            modifiers.retain(|modifier| *modifier != "cased");
            self.notes.insert(format!("`{}` is asked in any case", test.key));
        }
        if test.field == "error" && modifiers.iter().all(|modifier| matches!(*modifier, "neq" | "all")) {
            value = codes(&value, modifiers.contains(&"all"));
        }
        let key = std::iter::once(field).chain(modifiers).collect::<Vec<_>>().join("|");
        put(&mut clause.all, &key, value);
    }
}

/// Errors under the names that a field `error` holds: the symbolic name and the number.
fn codes(value: &Value, one_each: bool) -> Value {
    let mut names: Vec<Value> = Vec::new();
    for value in sequence(value) {
        match scalar(value).and_then(|written| facts::parse_code(&written)) {
            Some(code) if one_each => names.push(code.hex().into()),
            Some(code) => names.extend(code.name().map(str::to_owned).into_iter().chain([code.hex()]).map(Value::from)),
            None => names.push(value.clone()),
        }
    }
    listed(names)
}

fn put_pattern(maps: &mut Vec<Mapping>, test: &Test<'_>, patterns: &[Pattern], held: &Constraints, texts: &[&str]) {
    let is_regex = patterns.iter().any(|pattern| pattern::needs_regex(pattern, held));
    let values = patterns.iter().flat_map(|pattern| pattern::plain(pattern, held, texts, is_regex));
    let values: Vec<Value> = values.map(Value::from).collect();
    let field = test.key.split('|').next().unwrap_or_default();
    if values.iter().any(|value| value == "") {
        put(maps, field, Value::from("*"));
    } else {
        let modifier = if is_regex { "re" } else { "contains" };
        put(maps, &format!("{field}|{modifier}"), listed(values));
    }
}

/// Adds a test to the first map that has no such key.
fn put(maps: &mut Vec<Mapping>, key: &str, value: Value) {
    match maps.iter_mut().find(|map| !map.contains_key(key)) {
        Some(map) => drop(map.insert(key.into(), value)),
        None => {
            let mut map = Mapping::new();
            map.insert(key.into(), value);
            maps.push(map);
        }
    }
}

fn listed(mut values: Vec<Value>) -> Value {
    if values.len() == 1 { values.remove(0) } else { Value::Sequence(values) }
}

/// Texts that the rule must match.
fn records(rule: &Rule) -> Vec<String> {
    let texts = rule.examples.matching.iter().flat_map(|example| match &example.record {
        ExampleRecord::Text(text) => vec![text.clone()],
        ExampleRecord::Events(events) => events.iter().flatten().map(|(_, value)| value.clone()).collect(),
    });
    texts.collect()
}

/// Writes the clauses of a selection into `out` and gives the expression that stands for it.
fn spread(name: &str, names: &[&str], clauses: Vec<Clause>, out: &mut Mapping) -> String {
    let name = safe(name);
    let is_simple = clauses.iter().all(|clause| clause.all.len() == 1 && clause.not.is_empty());
    if is_simple {
        let maps = clauses.into_iter().flat_map(|clause| clause.all).map(Value::Mapping);
        out.insert(name.as_str().into(), listed(maps.collect()));
        return name;
    }
    let mut number = 0;
    let mut part = |map: Mapping| {
        number += 1;
        let mut part = format!("{name}_part{number}");
        while names.contains(&part.as_str()) {
            part.push('x');
        }
        out.insert(part.clone().into(), Value::Mapping(map));
        part
    };
    let clauses = clauses.into_iter().map(|clause| {
        let mut words: Vec<String> = clause.all.into_iter().map(&mut part).collect();
        words.extend(clause.not.into_iter().map(|map| format!("not {}", part(map))));
        if words.len() == 1 { words.remove(0) } else { format!("({})", words.join(" and ")) }
    });
    let clauses: Vec<String> = clauses.collect();
    if clauses.len() == 1 { clauses[0].clone() } else { format!("({})", clauses.join(" or ")) }
}

/// The name of a selection as every converter reads it: pySigma takes `note` for `not e`, and YAML 1.1 `off` for false.
fn safe(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let is_misread = lower.starts_with("not")
        || matches!(lower.as_str(), "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false");
    if is_misread { format!("selection_{name}") } else { name.to_owned() }
}

/// A condition with an expression for each selection. What has none is let hold, or under a `not` taken never to hold, so
/// that the whole finds no less.
fn spelled(condition: &Condition, expressions: &[String], denied: bool) -> String {
    let join = |parts: &[Condition], word: &str, skips: bool| {
        let mut parts: Vec<String> = parts.iter().map(|part| spelled(part, expressions, denied)).collect();
        if !skips && parts.iter().any(String::is_empty) {
            return String::new();
        }
        parts.retain(|part| !part.is_empty());
        match &parts[..] {
            [] => String::new(),
            [one] => one.clone(),
            several => format!("({})", several.join(word)),
        }
    };
    match condition {
        Condition::All(parts) => join(parts, " and ", !denied),
        Condition::Any(parts) => join(parts, " or ", denied),
        Condition::Not(part) => match spelled(part, expressions, !denied) {
            nothing if nothing.is_empty() => nothing,
            part => format!("not ({part})"),
        },
        Condition::Selection(index) => expressions.get(*index).cloned().unwrap_or_default(),
    }
}

/// Whether the selection of this index stands under a `not`.
fn is_denied(condition: &Condition, index: usize, under: bool) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(|part| is_denied(part, index, under)),
        Condition::Not(part) => is_denied(part, index, !under),
        Condition::Selection(selection) => under && *selection == index,
    }
}
