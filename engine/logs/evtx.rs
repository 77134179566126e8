//! Windows event logs: every event with its values under the names that Sigma's rules use.
//!
//! The evtx crate reads the binary XML; here its JSON is laid flat. Values of `EventData` keep their names; those
//! without names get the ones that newer Windows gives them, from `event-fields.csv`. A damaged record or chunk
//! costs itself and is named; the rest is read. An event's number is its record number.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{Read, Seek};
use std::sync::LazyLock;

use evtx::err::EvtxError;
use evtx::{EvtxParser, ParserSettings, SerializedEvtxRecord};
use jiff::tz::TimeZone;
use serde_json::Value;

use super::event::{Draft, EventBlocks};

/// The value that is shown in front of the others, without its name.
pub(super) const PROVIDER: &str = "Provider_Name";

/// Values that say where an event happened and not what: rules may ask for them, a report need not repeat them.
pub(super) const HIDDEN: [&str; 12] = [
    PROVIDER,
    "Provider_Guid",
    "Computer",
    "Version",
    "Level",
    "Task",
    "Opcode",
    "Keywords",
    "EventRecordID",
    "ActivityID",
    "Security_UserID",
    "SystemTime",
];

/// Most losses that are named one by one.
const NAMED_LOSSES: usize = 5;

/// Names of values that older events leave without one, by provider and event id.
static NAMES: LazyLock<BTreeMap<(&str, &str), Vec<&str>>> = LazyLock::new(|| {
    let rows = include_str!("event-fields.csv").lines().skip(1);
    let row = |row: &'static str| {
        let mut cells = row.split(',');
        Some(((cells.next()?, cells.next()?), cells.next()?.split(' ').collect()))
    };
    rows.filter_map(row).collect()
});

/// Reads all events of a log; gives what could not be read.
pub(super) fn read<S: Read + Seek>(source: S, blocks: &mut EventBlocks<'_>) -> Vec<String> {
    let mut parser = match EvtxParser::from_read_seek(source) {
        Ok(parser) => parser.with_configuration(ParserSettings::new().indent(false)),
        Err(error) => return vec![format!("this event log cannot be read: {}", told(&error))],
    };
    let mut losses = Vec::new();
    let mut next = None;
    let mut torn = None;
    for record in parser.records_json_value() {
        match record {
            Ok(record) => {
                if let Some(index) = torn.take() {
                    name_records(&mut losses, index, next, Some(record.event_record_id));
                }
                next = record.event_record_id.checked_add(1);
                if !blocks.push(draft(record)) {
                    break;
                }
            }
            Err(error) => {
                if matches!(error, EvtxError::FailedToParseChunk { .. }) {
                    torn.get_or_insert(losses.len());
                }
                losses.push(loss(&error));
            }
        }
    }
    if let Some(index) = torn {
        name_records(&mut losses, index, next, None);
    }
    summed_up(losses)
}

/// Adds to a loss which records went with the chunks: those between the last one read before and the next.
fn name_records(losses: &mut [String], index: usize, first: Option<u64>, next: Option<u64>) {
    let Some(loss) = losses.get_mut(index) else { return };
    let lost = match (first, next) {
        (Some(first), Some(next)) if first.checked_add(1) == Some(next) => format!("record {first} is lost"),
        (Some(first), Some(next)) if first < next => format!("records {first} to {} are lost", next - 1),
        (Some(first), None) => format!("records from {first} on are lost"),
        (None, Some(next)) if next > 1 => format!("records before {next} are lost"),
        _ => return,
    };
    *loss = format!("{loss}: {lost}");
}

/// What an error says with its causes.
fn told(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told.push_str(": ");
        told.push_str(&error.to_string());
        cause = error.source();
    }
    told
}

fn loss(error: &EvtxError) -> String {
    match error {
        EvtxError::FailedToParseRecord { record_id, .. } => format!("record {record_id} is damaged"),
        EvtxError::FailedToParseChunk { chunk_id, source } => format!("chunk {chunk_id} (64 KiB) is damaged: {source}"),
        other => told(other),
    }
}

fn summed_up(mut losses: Vec<String>) -> Vec<String> {
    losses.dedup();
    if losses.is_empty() {
        return losses;
    }
    let rest = losses.len().saturating_sub(NAMED_LOSSES);
    losses.truncate(NAMED_LOSSES);
    let more = if rest > 0 { format!("; and {rest} more") } else { String::new() };
    vec![format!("read in part: {}{more}", losses.join("; "))]
}

fn draft(record: SerializedEvtxRecord<Value>) -> Draft {
    let mut fields = Vec::new();
    let event = &record.data["Event"];
    system(&event["System"], &mut fields);
    let provider = take(&fields, PROVIDER);
    let id = take(&fields, "EventID");
    event_data(&event["EventData"], names(&provider, &id), &mut fields);
    user_data(&event["UserData"], &mut fields);
    Draft {
        number: record.event_record_id,
        time: Some(record.timestamp.to_zoned(TimeZone::UTC).datetime()),
        level: level(&take(&fields, "Level")),
        component: Some(provider),
        fields,
        hidden: &HIDDEN,
    }
}

type Fields = Vec<(Cow<'static, str>, String)>;

fn take(fields: &Fields, name: &str) -> String {
    fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

/// The values of `System`; attributes are named `Element_Attribute`, except where Sigma has a name of its own.
fn system(system: &Value, fields: &mut Fields) {
    let Some(system) = system.as_object() else { return };
    for (element, value) in system {
        if let Some(attributes) = value.get("#attributes").and_then(Value::as_object) {
            for (attribute, value) in attributes {
                let name = match (element.as_str(), attribute.as_str()) {
                    ("TimeCreated" | "Execution" | "Correlation", name) => name.to_owned(),
                    (element, attribute) => format!("{element}_{attribute}"),
                };
                push(fields, name, value);
            }
        }
        match value.get("#text") {
            Some(text) => push(fields, element.clone(), text),
            None if !value.is_object() => push(fields, element.clone(), value),
            None => {}
        }
    }
}

fn event_data(data: &Value, names: &[&'static str], fields: &mut Fields) {
    let Some(data) = data.as_object() else { return };
    for (name, value) in data {
        match (name.as_str(), value.get("#text").unwrap_or(value)) {
            ("#attributes", _) => {}
            ("Data", Value::Array(values)) => {
                for (index, value) in values.iter().enumerate() {
                    push(fields, names.get(index).copied().unwrap_or("Data"), value.get("#text").unwrap_or(value));
                }
            }
            ("Data", value) => push(fields, names.first().copied().unwrap_or("Data"), value),
            (_, value) => push(fields, name.clone(), value),
        }
    }
}

/// The values of `UserData`, which stand one element deeper.
fn user_data(data: &Value, fields: &mut Fields) {
    let Some(data) = data.as_object() else { return };
    for element in data.values().filter_map(Value::as_object) {
        for (name, value) in element.iter().filter(|(name, _)| *name != "#attributes") {
            push(fields, name.clone(), value.get("#text").unwrap_or(value));
        }
    }
}

fn push(fields: &mut Fields, name: impl Into<Cow<'static, str>>, value: &Value) {
    let text = match value {
        Value::Null => return,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    fields.push((name.into(), text));
}

fn names(provider: &str, id: &str) -> &'static [&'static str] {
    NAMES.iter().find(|((known, event), _)| *known == provider && *event == id).map_or(&[], |(_, names)| names)
}

/// The word that Windows shows for a level.
fn level(number: &str) -> Option<&'static str> {
    Some(match number {
        "0" | "4" => "Information",
        "1" => "Critical",
        "2" => "Error",
        "3" => "Warning",
        "5" => "Verbose",
        _ => return None,
    })
}
