//! `detection`: Sigma's selections and condition, read from free-form YAML into tests.
//!
//! A selection is a map (all fields must hold), a list of maps (any), or a list of strings (keywords, any of
//! them anywhere in the record). `matcher` evaluates what is built here.

use std::collections::BTreeSet;

use serde_yaml::Value;

use crate::facts;
use crate::signature::condition::{self, Condition};
use crate::signature::fault::{Fault, nearest};
use crate::signature::modifiers::{self, Comparison, MODIFIERS, Network, TimePart};
use crate::signature::pattern::Pattern;
use crate::signature::places::Route;
use crate::signature::test::{FieldReference, FieldTest, Piece, RegexTest, TextTest, ValueTest};
use crate::signature::values::Values;
use crate::signature::yaml::Yaml;

/// What a rule looks for.
#[derive(Debug)]
pub struct Detection {
    /// The selections with their names, in the order of the file.
    pub selections: Vec<(String, Selection)>,
    /// How they combine.
    pub condition: Condition,
}

/// One named selection.
#[derive(Debug)]
pub enum Selection {
    /// Every field must hold.
    Fields(Vec<FieldTest>),
    /// At least one of several must hold.
    Any(Vec<Selection>),
}

impl Selection {
    /// Every field test inside, however nested.
    pub fn tests(&self) -> Vec<&FieldTest> {
        match self {
            Selection::Fields(tests) => tests.iter().collect(),
            Selection::Any(parts) => parts.iter().flat_map(Selection::tests).collect(),
        }
    }
}

impl Detection {
    /// Names of everything the patterns may capture.
    pub fn captures(&self) -> BTreeSet<&str> {
        let tests = self.selections.iter().flat_map(|(_, selection)| selection.tests());
        let patterns = tests.flat_map(FieldTest::patterns);
        patterns.flat_map(|pattern| pattern.captures.iter().map(|(name, _)| name.as_str())).collect()
    }
}

/// Reads the `detection` that stands at `route`.
pub(crate) fn read(
    yaml: &Yaml,
    route: &[String],
    value: &Value,
    values: &Values,
    faults: &mut Vec<Fault>,
) -> Option<Detection> {
    let before = faults.len();
    let Some(map) = value.as_mapping() else {
        faults.push(yaml.fault_at(
            "wrong-value",
            route,
            "detection is no map",
            "name selections and a condition: see docs/language.md",
        ));
        return None;
    };
    let mut reader = Reader { yaml, values, faults };
    let mut selections = Vec::new();
    let mut condition = None;
    for (key, value) in map {
        let name = scalar(key).unwrap_or_default();
        let route = child(route, &name);
        if name == "condition" {
            condition = Some((route, value));
        } else if let Some(selection) = reader.selection(&route, value) {
            selections.push((name, selection));
        }
    }
    let names: Vec<String> = map.keys().filter_map(scalar).filter(|name| name != "condition").collect();
    let condition = match condition {
        Some((route, value)) => reader.condition(&route, value, &names),
        None => {
            let fault =
                yaml.fault_at_key("missing-key", route, "detection has no condition", "add `condition: <selection>`");
            reader.faults.push(fault);
            None
        }
    };
    if faults.len() > before {
        return None;
    }
    let detection = Detection { selections, condition: condition? };
    let used = used_selections(&detection.condition);
    for (index, (name, _)) in detection.selections.iter().enumerate() {
        if !used.contains(&index) {
            let help = format!("use `{name}` in the condition or remove it");
            faults.push(yaml.fault_at_key(
                "unused-selection",
                &child(route, name),
                format!("the condition does not use `{name}`"),
                help,
            ));
        }
    }
    Some(detection)
}

/// Reads `where` of a case: each field must hold of a finding's captures and facts.
pub(crate) fn read_where(
    yaml: &Yaml,
    route: &[String],
    value: &Value,
    values: &Values,
    faults: &mut Vec<Fault>,
) -> Vec<FieldTest> {
    let mut reader = Reader { yaml, values, faults };
    match value {
        Value::Null => Vec::new(),
        Value::Mapping(_) => match reader.selection(route, value) {
            Some(Selection::Fields(tests)) => tests,
            _ => Vec::new(),
        },
        _ => {
            let fault = yaml.fault_at(
                "wrong-value",
                route,
                "where is no map",
                r"write it as `where: {path|endswith: '\file.dll'}`",
            );
            reader.faults.push(fault);
            Vec::new()
        }
    }
}

/// The text of a string, number or boolean as an author wrote it.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

pub(crate) fn child(route: &[String], name: &str) -> Route {
    let mut route = route.to_vec();
    route.push(name.to_owned());
    route
}

fn used_selections(condition: &Condition) -> BTreeSet<usize> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().flat_map(used_selections).collect(),
        Condition::Not(part) => used_selections(part),
        Condition::Selection(index) => BTreeSet::from([*index]),
    }
}

struct Reader<'r> {
    yaml: &'r Yaml,
    values: &'r Values,
    faults: &'r mut Vec<Fault>,
}

impl Reader<'_> {
    fn selection(&mut self, route: &[String], value: &Value) -> Option<Selection> {
        match value {
            Value::Mapping(map) => {
                let tests = map.iter().filter_map(|(key, value)| {
                    let key = scalar(key)?;
                    self.field(&child(route, &key), &key, value)
                });
                Some(Selection::Fields(tests.collect()))
            }
            Value::Sequence(items) if items.iter().all(Value::is_mapping) && !items.is_empty() => {
                let parts = items
                    .iter()
                    .enumerate()
                    .filter_map(|(index, item)| self.selection(&child(route, &index.to_string()), item));
                Some(Selection::Any(parts.collect()))
            }
            Value::Sequence(_) | Value::String(_) | Value::Number(_) => {
                Some(Selection::Fields(vec![self.field(route, "|contains", value)?]))
            }
            _ => {
                let help = "write a map of fields, a list of maps, or a list of keywords";
                self.fault("wrong-value", route, "this is no selection", help);
                None
            }
        }
    }

    fn field(&mut self, route: &[String], key: &str, value: &Value) -> Option<FieldTest> {
        let mut parts = key.split('|');
        let field = parts.next().unwrap_or_default().to_lowercase();
        let mut modifiers: Vec<&str> = parts.collect();
        if field.is_empty() && !modifiers.contains(&"contains") {
            modifiers.push("contains");
        }
        if let Some(unknown) = modifiers.iter().find(|modifier| !MODIFIERS.contains(modifier)) {
            let help = match nearest(unknown, MODIFIERS) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("these are understood: {}", MODIFIERS.join(", ")),
            };
            let fault =
                self.yaml.fault_at_key("unknown-modifier", route, format!("there is no modifier `{unknown}`"), help);
            self.faults.push(fault);
            return None;
        }
        let items: Vec<(Route, &Value)> = match value {
            Value::Sequence(items) => {
                items.iter().enumerate().map(|(index, item)| (child(route, &index.to_string()), item)).collect()
            }
            _ => vec![(route.to_vec(), value)],
        };
        if items.is_empty() {
            self.fault("wrong-value", route, "the list is empty", "name at least one value");
        }
        let negated = modifiers.contains(&"neq");
        let values = items.into_iter().filter_map(|(route, item)| {
            let value = self.value(&route, &field, &modifiers, item)?;
            Some(if negated { ValueTest::Not(Box::new(value)) } else { value })
        });
        // With `neq`, none of several values may hold.
        let all = negated || modifiers.contains(&"all");
        Some(FieldTest { values: values.collect(), all, field })
    }

    fn value(&mut self, route: &[String], field: &str, modifiers: &[&str], value: &Value) -> Option<ValueTest> {
        let has = |modifier: &str| modifiers.contains(&modifier);
        if value.is_null() {
            return Some(ValueTest::Null);
        }
        let Some(written) = scalar(value) else {
            self.fault(
                "wrong-value",
                route,
                "this is no string, number or null",
                "values are strings, numbers or null, or a list of them",
            );
            return None;
        };
        if has("expand") {
            return self.expanded(route, field, modifiers, &written);
        }
        if has("exists") {
            return Some(ValueTest::Exists(written == "true"));
        }
        if has("pattern") {
            return match Pattern::parse(&written) {
                Ok(pattern) => Some(ValueTest::Pattern(pattern)),
                Err(error) => {
                    self.fault(error.code, route, error.message, error.help);
                    None
                }
            };
        }
        if has("re") {
            let flags: String =
                modifiers.iter().copied().filter(|modifier| matches!(*modifier, "i" | "m" | "s")).collect();
            return match RegexTest::parse(&written, &flags) {
                Ok(test) => Some(ValueTest::Regex(test)),
                Err(message) => {
                    let help =
                        "mend the expression; look-around and back-references are not in Sigma's portable subset";
                    self.fault("bad-regex", route, format!("this is no regular expression: {message}"), help);
                    None
                }
            };
        }
        if has("fieldref") {
            let open = |modifier| has("contains") || has(modifier);
            let field = written.to_lowercase();
            return Some(ValueTest::Field(FieldReference {
                field,
                open_start: open("endswith"),
                open_end: open("startswith"),
            }));
        }
        if has("cidr") {
            let network = Network::parse(&written);
            if network.is_none() {
                self.fault(
                    "wrong-value",
                    route,
                    format!("`{written}` is no network"),
                    "write it as 192.168.0.0/16 or fe80::/10",
                );
            }
            return network.map(ValueTest::Network);
        }
        let comparison = Comparison::parse(modifiers, &written).map(|parsed| parsed.map(ValueTest::Comparison));
        let part = TimePart::parse(modifiers, &written).map(|parsed| parsed.map(ValueTest::TimePart));
        match comparison.or(part) {
            Some(Ok(test)) => return Some(test),
            Some(Err(message)) => {
                self.fault("wrong-value", route, message, "this modifier compares numbers");
                return None;
            }
            None => {}
        }
        let Some(mut spellings) = modifiers::spellings(&written, modifiers) else {
            let help = "put base64 or base64offset behind the modifier that makes wide text";
            self.fault("bad-modifier", route, "these modifiers make bytes that are no text", help);
            return None;
        };
        let mut tests: Vec<ValueTest> = Vec::new();
        for spelling in spellings.drain(..) {
            tests.push(self.text(route, field, modifiers, &spelling)?);
        }
        if tests.len() == 1 { tests.pop() } else { Some(ValueTest::Any(tests)) }
    }

    /// Any of the values that the placeholders stand for.
    fn expanded(&mut self, route: &[String], field: &str, modifiers: &[&str], written: &str) -> Option<ValueTest> {
        let modifiers: Vec<&str> = modifiers.iter().copied().filter(|modifier| *modifier != "expand").collect();
        match self.values.expand(written) {
            Ok(texts) => {
                let tests: Option<Vec<ValueTest>> =
                    texts.into_iter().map(|text| self.value(route, field, &modifiers, &Value::String(text))).collect();
                tests.map(ValueTest::Any)
            }
            Err(message) => {
                let help = match nearest(written.trim_matches('%'), self.values.names()) {
                    Some(meant) => format!("did you mean `%{meant}%`?"),
                    None => {
                        "add its values to rules/values.yml, or to values.yml in the folder of --filters".to_owned()
                    }
                };
                self.fault("unknown-placeholder", route, message, help);
                None
            }
        }
    }

    fn text(&mut self, route: &[String], field: &str, modifiers: &[&str], written: &str) -> Option<ValueTest> {
        let has = |modifier: &str| modifiers.contains(&modifier);
        // What base64 makes holds no wildcard, and its case counts.
        let encoded = modifiers.iter().any(|modifier| modifier.starts_with("base64"));
        let mut test = if encoded { TextTest::exactly(written) } else { TextTest::parse(written, has("cased")) };
        if has("contains") || has("endswith") {
            test.pieces.insert(0, Piece::Any);
        }
        if has("contains") || has("startswith") {
            test.pieces.push(Piece::Any);
        }
        let fixed = test.pieces.iter().all(|piece| matches!(piece, Piece::Fixed(_)));
        if field == "error" && fixed {
            return self.error(route, written);
        }
        Some(ValueTest::Text(test))
    }

    fn error(&mut self, route: &[String], written: &str) -> Option<ValueTest> {
        let code = facts::parse_code(written);
        if code.is_none() {
            let help = "write a name such as E_ACCESSDENIED, eight hexadecimal digits such as 0x80070005, or a Win32 number such as 5";
            self.fault("unknown-error", route, format!("`{written}` is no error that is known"), help);
        }
        code.map(ValueTest::Error)
    }

    /// A condition, or a list of conditions of which any may hold.
    fn condition(&mut self, route: &[String], value: &Value, names: &[String]) -> Option<Condition> {
        if let Value::Sequence(items) = value
            && !items.is_empty()
            && items.iter().all(Value::is_string)
        {
            let parts = items.iter().enumerate().map(|(index, item)| {
                let route = child(route, &index.to_string());
                self.condition(&route, item, names)
            });
            // All are read before one that is wrong ends it, so that every fault is told.
            let parts: Vec<Option<Condition>> = parts.collect();
            return parts.into_iter().collect::<Option<Vec<Condition>>>().map(Condition::Any);
        }
        let Some(written) = value.as_str() else {
            self.fault(
                "wrong-value",
                route,
                "condition is no string",
                "write a condition, or a list of conditions of which any may hold",
            );
            return None;
        };
        match condition::parse(written, names) {
            Ok(condition) => Some(condition),
            Err(error) => {
                let (code, help) = match &error.unknown {
                    Some(word) => (
                        "unknown-selection",
                        match nearest(word, names.iter().map(String::as_str)) {
                            Some(meant) => format!("did you mean `{meant}`?"),
                            None => format!("the selections are: {}", names.join(", ")),
                        },
                    ),
                    None => (
                        "bad-condition",
                        "selections are joined by and, or, not, brackets, `1 of` and `all of`".to_owned(),
                    ),
                };
                let mut fault = self.yaml.fault_at(code, route, error.message, help);
                let quoted = fault.source.chars().nth(fault.column - 1).is_some_and(|char| matches!(char, '\'' | '"'));
                fault.column += written[..error.at].chars().count() + usize::from(quoted);
                fault.width =
                    written[error.at..].split([' ', '(', ')']).next().map_or(1, |word| word.chars().count().max(1));
                self.faults.push(fault);
                None
            }
        }
    }

    fn fault(&mut self, code: &'static str, route: &[String], message: impl Into<String>, help: impl Into<String>) {
        self.faults.push(self.yaml.fault_at(code, route, message, help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a detection with the selections `a` and `b` and this condition, and gives it or the faults' places.
    fn check(condition: &str, expected: Result<Condition, &[&str]>) {
        let text = format!("a: {{x: 1}}\nb: {{x: 2}}\ncondition: {condition}\n");
        let mut faults = Vec::new();
        let yaml = Yaml::read("rule.yml", text.as_bytes(), &mut faults).expect("it is YAML");
        let value = yaml.decode::<Value>(&[], &[], &mut faults).expect("it is a map");
        let detection = read(&yaml, &[], &value, &Values::default(), &mut faults);
        let places: Vec<String> =
            faults.iter().map(|fault| format!("{} {}:{}", fault.code, fault.line, fault.column)).collect();
        let found = detection.filter(|_| faults.is_empty()).map(|detection| detection.condition);
        assert_eq!(found.ok_or(places), expected.map_err(|places| places.iter().map(ToString::to_string).collect()));
    }

    #[test]
    fn of_a_list_of_conditions_any_may_hold() {
        let all = Condition::All(vec![Condition::Selection(0), Condition::Selection(1)]);
        check("[a and b, b]", Ok(Condition::Any(vec![all.clone(), Condition::Selection(1)])));
        check("a and b", Ok(all));
        check("[a and, c]", Err(&["bad-condition 3:18", "unknown-selection 3:20"]));
        check("[]", Err(&["wrong-value 3:12"]));
        check("[a, 1]", Err(&["wrong-value 3:12"]));
    }
}
