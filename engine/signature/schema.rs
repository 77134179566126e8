//! JSON Schemas of the files that authors write, for editors that complete and check while they type.
//!
//! `export` writes them out. Keys and their descriptions come from the types that the loader itself reads with; what
//! those leave free (selections, languages, Sigma's own keys) is described here from the loader's tables. A schema
//! refuses what `check` would refuse of one file alone; names that a new file may add (rules, areas) are completed but
//! not enforced, so that a new rule and the case that names it can be written together.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::logs;
use crate::signature::case::{CaseFile, KnownErrorFile, Story};
use crate::signature::correlating::{CorrelationFile, TYPES};
use crate::signature::correlation::Operator;
use crate::signature::filter::FilterFile;
use crate::signature::head::{RuleTexts, SIGMA_KEYS};
use crate::signature::machine;
use crate::signature::modifiers::MODIFIERS;
use crate::signature::rule::{self, RuleFile};
use crate::signature::texts::LANGUAGES;

/// Names that the knowledge base gives and files refer to.
pub struct Names<'n> {
    /// Ids of rules and correlations.
    pub rules: Vec<&'n str>,
    /// Areas of known errors.
    pub areas: Vec<&'n str>,
}

/// The file that holds the names, to which the other schemas refer.
const NAMES: &str = "names.schema.json";

/// Every schema with its file name.
pub fn schemas(names: &Names<'_>) -> Vec<(&'static str, Value)> {
    let mut rule = of::<RuleFile>();
    let correlation = of::<CorrelationFile>();
    merge(&mut rule, &correlation, "properties");
    merge(&mut rule, &correlation, "$defs");
    rule["title"] = json!("A rule or a correlation");
    rule["required"] = json!(["title"]);
    rule["oneOf"] = json!([{ "required": ["detection"] }, { "required": ["correlation"] }]);
    open_head(&mut rule);
    let mut filter = of::<FilterFile>();
    open_head(&mut filter);
    let mut case = of::<Story>();
    let signature = of::<CaseFile>();
    merge(&mut case, &signature, "properties");
    merge(&mut case, &signature, "$defs");
    case["title"] = json!("A case");
    if let Some(required) = case["required"].as_array_mut() {
        required.push(json!("signature"));
    }
    let names = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Names in use",
        "$defs": { "area": { "enum": names.areas }, "rule": { "enum": names.rules } },
    });
    vec![
        ("rule.schema.json", rule),
        ("filter.schema.json", filter),
        ("known-error.schema.json", of::<KnownErrorFile>()),
        ("case.schema.json", case),
        (NAMES, names),
    ]
}

/// `detection` of a rule.
pub(super) fn detection(_: &mut SchemaGenerator) -> Schema {
    selections(json!({
        "condition": {
            "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" }, "minItems": 1 }],
            "description": "Selections joined by and, or, not, brackets, `1 of`, `all of`. Of a list any may hold."
        }
    }))
}

/// `filter` of a filter.
pub(super) fn filter(_: &mut SchemaGenerator) -> Schema {
    selections(json!({
        "condition": { "type": "string", "description": "What goes; or, where it only says `not`, what stays." },
        "rules": one_or_more(&named("rule")),
    }))
}

/// `where` of a signature.
pub(super) fn tests(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["object", "null"],
        "patternProperties": { (key_pattern()): values() },
        "additionalProperties": false,
    })
}

/// `rule` of a signature.
pub(super) fn rule(_: &mut SchemaGenerator) -> Schema {
    from(named("rule"))
}

/// `rules` of a correlation.
pub(super) fn rules(_: &mut SchemaGenerator) -> Schema {
    from(one_or_more(&named("rule")))
}

/// `area` of a known error.
pub(super) fn area(_: &mut SchemaGenerator) -> Schema {
    from(named("area"))
}

/// `service` of a log source.
pub(super) fn service(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": rule::services() })
}

/// `category` of a log source.
pub(super) fn category(_: &mut SchemaGenerator) -> Schema {
    let categories: Vec<&str> = logs::event_categories().collect();
    json_schema!({ "enum": categories })
}

/// `tells` of a rule.
pub(super) fn tells(_: &mut SchemaGenerator) -> Schema {
    let names = machine::machine_names().map(|name| {
        let title = machine::machine_title(name);
        (name.to_owned(), json!({ "type": "string", "description": title.get("en") }))
    });
    json_schema!({ "type": "object", "properties": Value::Object(names.collect()), "additionalProperties": false })
}

/// `type` of a correlation.
pub(super) fn correlation_type(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": TYPES })
}

/// `condition` of a correlation.
pub(super) fn correlation_condition(_: &mut SchemaGenerator) -> Schema {
    let mut keys: Map<String, Value> =
        Operator::NAMES.iter().map(|(name, _)| ((*name).to_owned(), json!({ "type": "number" }))).collect();
    keys.insert("field".to_owned(), json!({ "type": "string", "description": "Whose values are measured." }));
    keys.insert("percentile".to_owned(), json!({ "type": "number", "minimum": 1, "maximum": 100 }));
    json_schema!({
        "anyOf": [{ "type": "string" }, { "type": "object", "properties": keys, "additionalProperties": false }]
    })
}

/// The fields of an event, or facts by name.
pub(super) fn fields(_: &mut SchemaGenerator) -> Schema {
    from(fields_by_name())
}

/// Several events.
pub(super) fn events(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": fields_by_name() })
}

/// `ignore` of the examples.
pub(super) fn ignored(_: &mut SchemaGenerator) -> Schema {
    let record = json!({
        "type": "object",
        "properties": {
            "text": { "type": "string" },
            "event": fields_by_name(),
            "events": { "type": "array", "items": fields_by_name() },
        },
        "additionalProperties": false,
    });
    json_schema!({ "type": "array", "items": { "anyOf": [scalar(), record] } })
}

/// The schema of one type, which knows all its keys.
fn of<T: JsonSchema>() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value();
    close(&mut schema);
    schema
}

/// Refuses keys that a type does not have, wherever in the schema it stands, and asks texts for their languages.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.contains_key("properties") && !map.contains_key("additionalProperties") {
                map.insert("additionalProperties".to_owned(), json!(false));
            }
            if let Some(texts) = map.get_mut("$defs").and_then(|defs| defs.get_mut("Texts")) {
                let languages = LANGUAGES.iter().map(|tag| ((*tag).to_owned(), json!({ "type": "string" })));
                texts["properties"] = Value::Object(languages.collect());
            }
            map.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// Adds what the head of rules, correlations and filters may hold beside the keys of their types: Sigma's own keys,
/// and texts by language.
fn open_head(schema: &mut Value) {
    for key in SIGMA_KEYS {
        schema["properties"][key] = json!({ "description": "Sigma's own key; kept and not read." });
    }
    for key in ["id", "name"] {
        let description = "A name under which other documents find this one.";
        schema["properties"][key] = json!({ "type": "string", "description": description });
    }
    schema["patternProperties"] = json!({ "^[a-z]{2}(-[A-Za-z]{2,4})?$": { "$ref": "#/$defs/RuleTexts" } });
    schema["$defs"]["RuleTexts"] = of::<RuleTexts>();
    schema["properties"]["zh"] = json!({ "$ref": "#/$defs/RuleTexts", "description": "The texts in Chinese (zh-CN)." });
}

fn merge(schema: &mut Value, other: &Value, part: &str) {
    for (key, value) in other[part].as_object().into_iter().flatten() {
        schema[part][key] = value.clone();
    }
}

/// A map of named selections, with some keys that are none.
fn selections(keys: Value) -> Schema {
    let tests = json!({
        "type": "object",
        "patternProperties": { (key_pattern()): values() },
        "additionalProperties": false,
    });
    let listed = json!({ "anyOf": [tests, { "type": ["string", "number"] }] });
    json_schema!({
        "type": "object",
        "properties": keys,
        "required": ["condition"],
        "additionalProperties": {
            "description": "A selection: a map of fields, a list of such maps, or a list of keywords.",
            "anyOf": [tests, { "type": "array", "items": listed, "minItems": 1 }, { "type": ["string", "number"] }],
        },
    })
}

/// A field's name with modifiers behind it.
fn key_pattern() -> String {
    format!("^[^|]*([|]({}))*$", MODIFIERS.join("|"))
}

fn values() -> Value {
    let one = json!({ "type": ["string", "number", "boolean", "null"] });
    json!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
}

fn scalar() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

fn fields_by_name() -> Value {
    json!({ "type": "object", "additionalProperties": scalar() })
}

/// A name that is completed from those in use, and may be another.
fn named(what: &str) -> Value {
    json!({ "anyOf": [{ "$ref": format!("{NAMES}#/$defs/{what}") }, { "type": "string" }] })
}

fn one_or_more(one: &Value) -> Value {
    json!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
}

fn from(value: Value) -> Schema {
    let Value::Object(map) = value else { return Schema::from(true) };
    Schema::from(map)
}
