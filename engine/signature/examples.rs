//! The proof an author gives with a rule or a correlation: records it must fire on, and near misses.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_yaml::Value;

use crate::signature::detection::{self, child};
use crate::signature::fault::{Fault, Position};
use crate::signature::schema;
use crate::signature::yaml::Yaml;

/// The proof an author gives with a rule.
#[derive(Debug, Default)]
pub struct Examples {
    /// Records the rule must fire on, with the facts it must capture.
    pub matching: Vec<Example>,
    /// Near misses it must not fire on.
    pub ignored: Vec<Example>,
}

/// One example record.
#[derive(Debug)]
pub struct Example {
    /// The record itself.
    pub record: ExampleRecord,
    /// Captures and facts by name, as the report would show them.
    pub facts: BTreeMap<String, String>,
    /// Where it stands in the file.
    pub position: Position,
    /// The text of that line.
    pub source: String,
}

/// What an example is made of.
#[derive(Debug)]
pub enum ExampleRecord {
    /// Text as it stands in the log.
    Text(String),
    /// The fields of one or more events, where the log is no text.
    Events(Vec<Vec<(String, String)>>),
}

/// The proof an author gives.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct ExamplesFile {
    /// Records it must match.
    #[serde(default, rename = "match")]
    matching: Vec<ExampleFile>,
    /// Records near enough to be mistaken for it, which it must ignore: a text, or `event:`.
    #[serde(default)]
    #[schemars(schema_with = "schema::ignored")]
    ignore: Vec<Value>,
}

/// A record that must be matched.
#[derive(Deserialize, JsonSchema)]
struct ExampleFile {
    /// Lines as they stand in the log.
    text: Option<String>,
    /// The fields of an event.
    #[serde(default)]
    #[schemars(schema_with = "schema::fields")]
    event: Option<BTreeMap<String, Value>>,
    /// The fields of several events, with their time in `SystemTime`.
    #[serde(default)]
    #[schemars(schema_with = "schema::events")]
    events: Option<Vec<BTreeMap<String, Value>>>,
    /// Captures and facts that must be found; errors in any spelling.
    #[serde(default)]
    #[schemars(schema_with = "schema::fields")]
    facts: BTreeMap<String, Value>,
}

/// Reads `examples`; what is no example becomes a fault.
pub(crate) fn read(yaml: &Yaml, examples: Option<ExamplesFile>, faults: &mut Vec<Fault>) -> Examples {
    let Some(examples) = examples else { return Examples::default() };
    let at = |list: &str, index: usize| child(&["examples".to_owned(), list.to_owned()], &index.to_string());
    let mut read = Examples::default();
    for (index, example) in examples.matching.into_iter().enumerate() {
        let route = at("match", index);
        let facts = example.facts.iter().filter_map(|(name, value)| Some((name.clone(), detection::scalar(value)?)));
        let facts = facts.collect();
        let record = match (example.text, example.event, example.events) {
            (Some(text), None, None) => ExampleRecord::Text(text),
            (None, Some(event), None) => events(vec![event]),
            (None, None, Some(list)) => events(list),
            _ => {
                let help = "write `text:` with lines of the log, or `event:` with the fields of an event";
                faults.push(yaml.fault_at("wrong-value", &route, "an example is either a text or an event", help));
                continue;
            }
        };
        read.matching.push(example_at(yaml, &route, record, facts));
    }
    for (index, value) in examples.ignore.into_iter().enumerate() {
        let route = at("ignore", index);
        let list = |event: &Value| serde_yaml::from_value(event.clone()).ok().map(|event| vec![event]);
        let event = value.get("event").and_then(list);
        let several = value.get("events").and_then(|events| serde_yaml::from_value(events.clone()).ok());
        let text = detection::scalar(&value).or_else(|| value.get("text").and_then(detection::scalar));
        let record = match (text, event.or(several)) {
            (Some(text), None) => ExampleRecord::Text(text),
            (None, Some(list)) => events(list),
            _ => {
                let help = "write the record as a string, or `event:` with the fields of an event";
                faults.push(yaml.fault_at("wrong-value", &route, "this is no record to ignore", help));
                continue;
            }
        };
        read.ignored.push(example_at(yaml, &route, record, BTreeMap::new()));
    }
    read
}

fn events(events: Vec<BTreeMap<String, Value>>) -> ExampleRecord {
    let fields = |event: BTreeMap<String, Value>| {
        event.into_iter().filter_map(|(name, value)| Some((name, detection::scalar(&value)?))).collect()
    };
    ExampleRecord::Events(events.into_iter().map(fields).collect())
}

fn example_at(yaml: &Yaml, route: &[String], record: ExampleRecord, facts: BTreeMap<String, String>) -> Example {
    let (position, source) = yaml.place(route);
    Example { record, facts, position, source }
}
