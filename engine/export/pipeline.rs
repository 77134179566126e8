//! The pySigma processing pipeline that leads our fields to those of the Elastic Common Schema.
//!
//! docs/fleet.md says which shipper fills them. Services and categories come from the tables by which the program
//! itself tells logs apart, so that a new one is in the pipeline too.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::export::ExportError;
use crate::logs::{LogFormat, event_sources};

/// Our fields and those of the Elastic Common Schema.
const FIELDS: [(&str, &str); 19] = [
    ("text", "message"),
    ("message", "message"),
    ("level", "log.level"),
    ("component", "log.logger"),
    ("pid", "process.pid"),
    ("tid", "process.thread.id"),
    ("process", "process.name"),
    ("command_line", "process.command_line"),
    ("image_path", "process.executable"),
    ("operation", "event.action"),
    ("error", "error.code"),
    ("path", "file.path"),
    ("package", "package.name"),
    ("host", "host.name"),
    ("EventID", "event.code"),
    ("Channel", "winlog.channel"),
    ("Provider_Name", "winlog.provider_name"),
    ("Level", "winlog.level"),
    ("Computer", "winlog.computer_name"),
];

/// The pipeline.
pub(super) fn text() -> Result<String, ExportError> {
    let texts: Vec<&str> =
        LogFormat::ALL.into_iter().filter(|format| format.is_text()).map(LogFormat::service).collect();
    let is_text: Vec<Value> = texts.iter().map(|service| logsource("service", service)).collect();
    let unmapped = json!([{ "type": "processing_item_applied", "processing_item_id": "fields" }]);
    let fields: BTreeMap<&str, &str> = FIELDS.into_iter().collect();
    let mut steps = vec![
        json!({ "id": "fields", "type": "field_name_mapping", "mapping": fields }),
        json!({
            "id": "fields_of_text_logs",
            "type": "field_name_prefix",
            "prefix": "casebook.",
            "field_name_conditions": unmapped,
            "field_name_cond_not": true,
            "rule_conditions": is_text,
            "rule_cond_op": "or",
        }),
        json!({
            "id": "fields_of_events",
            "type": "field_name_prefix",
            "prefix": "winlog.event_data.",
            "field_name_conditions": unmapped,
            "field_name_cond_not": true,
            "rule_conditions": is_text,
            "rule_cond_op": "or",
            "rule_cond_not": true,
        }),
    ];
    for service in texts {
        steps.push(condition("service", service, &json!({ "event.dataset": format!("casebook.{service}") })));
    }
    let sources: BTreeSet<(&str, &str)> = event_sources().map(|row| (row.kind, row.name)).collect();
    for (kind, name) in sources {
        let rows = || event_sources().filter(move |row| (row.kind, row.name) == (kind, name));
        let channels: BTreeSet<&str> = rows().map(|row| row.channel).collect();
        let events: BTreeSet<&str> = rows().flat_map(|row| row.events.iter().copied()).collect();
        let mut asked = json!({ "winlog.channel": channels });
        if !events.is_empty() {
            asked["event.code"] = json!(events);
        }
        steps.push(condition(kind, name, &asked));
    }
    let pipeline = json!({ "name": "casebook to the Elastic Common Schema", "priority": 20, "transformations": steps });
    Ok(serde_yaml::to_string(&pipeline)?)
}

/// The step that holds rules of one log to the records of that log.
fn condition(kind: &str, name: &str, conditions: &Value) -> Value {
    json!({
        "id": format!("{kind}_{name}"),
        "type": "add_condition",
        "conditions": conditions,
        "rule_conditions": [logsource(kind, name)],
    })
}

fn logsource(kind: &str, name: &str) -> Value {
    json!({ "type": "logsource", "product": "windows", kind: name })
}
