//! The schemas that editors use say what the loader says: every file of the repository is valid, mistakes are not, and
//! the copy in `.vscode/` is the program's.

use std::collections::BTreeMap;
use std::fs;

use serde::Deserialize;
use serde_json::Value;

use crate::harness::{casebook, files, repository};

type Schemas = BTreeMap<String, Value>;

fn schemas() -> Schemas {
    let printed = casebook(&repository(), &["export", "schema"]).json();
    serde_json::from_value(printed).expect("schemas by file name")
}

/// The schema of a file of the knowledge base.
fn schema_of(path: &str) -> Option<&'static str> {
    match path.split('/').collect::<Vec<_>>()[..] {
        ["rules", _, _] => Some("rule.schema.json"),
        ["cases", _, "known-error.yml"] => Some("known-error.schema.json"),
        ["cases", _, _, "case.yml"] => Some("case.schema.json"),
        _ => None,
    }
}

/// Every document of a YAML file.
fn documents(text: &str) -> Vec<Value> {
    let read = |document| Value::deserialize(document).expect("it is YAML");
    serde_yaml::Deserializer::from_str(text).map(read).collect()
}

/// What is wrong with `value`, with its place; empty where the schema of this name accepts it.
fn faults(schemas: &Schemas, name: &str, value: &Value) -> Vec<String> {
    Validator { schemas, root: name }.faults(&schemas[name], value, "")
}

/// As much of JSON Schema as the schemas use; a word that is not known here fails the test.
struct Validator<'s> {
    schemas: &'s Schemas,
    root: &'s str,
}

impl<'s> Validator<'s> {
    fn faults(&self, schema: &'s Value, value: &Value, at: &str) -> Vec<String> {
        let Value::Object(words) = schema else {
            return if schema == &Value::Bool(false) { vec![format!("{at}: not allowed")] } else { Vec::new() };
        };
        let mut found = Vec::new();
        for (word, asked) in words {
            match word.as_str() {
                "$schema" | "$defs" | "title" | "description" | "default" | "format" => {}
                "$ref" => {
                    let (file, path) = asked.as_str().and_then(|to| to.split_once('#')).expect("a reference");
                    let root = if file.is_empty() { self.root } else { file };
                    let target = self.schemas[root].pointer(path).unwrap_or_else(|| panic!("{asked} leads nowhere"));
                    found.extend(Validator { schemas: self.schemas, root }.faults(target, value, at));
                }
                "type" => {
                    let kinds = asked.as_array().map_or(std::slice::from_ref(asked), Vec::as_slice);
                    if !kinds.iter().any(|kind| is_of(value, kind.as_str().expect("a type"))) {
                        found.push(format!("{at}: no {asked}"));
                    }
                }
                "enum" if !asked.as_array().expect("a list").contains(value) => {
                    found.push(format!("{at}: no such value"))
                }
                "const" if asked != value => found.push(format!("{at}: not {asked}")),
                "minimum" | "maximum" | "enum" | "const" => {}
                "required" => {
                    let missing = asked.as_array().expect("a list").iter().filter_map(Value::as_str);
                    let missing = missing.filter(|key| value.is_object() && value.get(key).is_none());
                    found.extend(missing.map(|key| format!("{at}: {key} is missing")));
                }
                "minItems" => {
                    let least = asked.as_u64().expect("a number");
                    if value.as_array().is_some_and(|items| (items.len() as u64) < least) {
                        found.push(format!("{at}: too short"));
                    }
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        found.extend(self.faults(asked, item, &format!("{at}/{index}")));
                    }
                }
                "anyOf" | "oneOf" => {
                    let parts = asked.as_array().expect("a list");
                    let holding = parts.iter().filter(|part| self.faults(part, value, at).is_empty()).count();
                    if holding == 0 || word == "oneOf" && holding > 1 {
                        found.push(format!("{at}: none or several of {word}"));
                    }
                }
                "properties" | "patternProperties" | "additionalProperties" => {}
                other => panic!("the word {other} is not known to this test"),
            }
        }
        for (key, inner) in value.as_object().into_iter().flatten() {
            let at = format!("{at}/{key}");
            let mut known = false;
            if let Some(property) = words.get("properties").and_then(|all| all.get(key)) {
                known = true;
                found.extend(self.faults(property, inner, &at));
            }
            for (pattern, property) in words.get("patternProperties").and_then(Value::as_object).into_iter().flatten() {
                if regex::Regex::new(pattern).expect("an expression").is_match(key) {
                    known = true;
                    found.extend(self.faults(property, inner, &at));
                }
            }
            if let (false, Some(others)) = (known, words.get("additionalProperties")) {
                found.extend(self.faults(others, inner, &at));
            }
        }
        found
    }
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        other => panic!("there is no type {other}"),
    }
}

#[test]
fn every_file_of_the_knowledge_base_is_valid() {
    let schemas = schemas();
    let mut wrong = Vec::new();
    for folder in ["rules", "cases"] {
        for (path, bytes) in files(&repository().join(folder)) {
            let path = format!("{folder}/{path}");
            let Some(schema) = schema_of(&path).filter(|_| path.ends_with(".yml")) else { continue };
            for document in documents(&String::from_utf8(bytes).expect("it is UTF-8")) {
                wrong.extend(faults(&schemas, schema, &document).into_iter().map(|fault| format!("{path}{fault}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn mistakes_that_a_file_shows_by_itself_are_refused() {
    let schemas = schemas();
    for code in ["missing-key", "unknown-correlation", "unknown-key", "unknown-logsource", "unknown-modifier"] {
        let mut found = Vec::new();
        for (path, bytes) in files(&repository().join("tests/faults").join(code)) {
            let Some(schema) = schema_of(&path) else { continue };
            for document in documents(&String::from_utf8(bytes).expect("it is UTF-8")) {
                found.extend(faults(&schemas, schema, &document));
            }
        }
        assert!(!found.is_empty(), "{code} is valid");
    }
}

#[test]
fn the_documentation_names_every_key_and_no_other() {
    let page = fs::read_to_string(repository().join("docs/language.md")).expect("the page is there");
    let schemas = schemas();
    let keys = |name: &str, pointer: &str| -> Vec<String> {
        let properties = schemas[name].pointer(pointer).and_then(Value::as_object).expect("properties");
        properties.keys().cloned().collect()
    };
    let parts = [
        ("## Rules: ", "\n## Filters", "rule.schema.json", "/properties"),
        ("### Correlations", "\n## Filters", "rule.schema.json", "/$defs/Section/properties"),
        ("## Known errors: ", "\n## Cases", "known-error.schema.json", "/properties"),
        ("## Cases: ", "\n## Signatures", "case.schema.json", "/properties"),
    ];
    for (from, to, schema, pointer) in parts {
        let start = page.find(from).expect("the section is there");
        let section = &page[start..start + page[start..].find(to).expect("the next section is there")];
        let known = keys(schema, pointer);
        let mut anywhere = Vec::new();
        properties(&schemas[schema], &mut anywhere);
        let mut in_table = false;
        for line in section.lines() {
            in_table = line.starts_with("| key |") || in_table && line.starts_with('|');
            let cell = line.split(" | ").next().filter(|_| in_table).unwrap_or_default();
            for key in cell.split('`').skip(1).step_by(2).filter(|key| key.len() != 2 && !key.contains("-T")) {
                assert!(anywhere.contains(&key.to_owned()), "{schema} does not know {key}");
            }
        }
        for key in known.iter().filter(|key| key.as_str() != "regression_tests_path") {
            assert!(section.contains(key.as_str()), "docs/language.md does not name {key} of {schema}");
        }
    }
}

/// Names of the properties of a schema, however deep.
fn properties(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(map) => {
            names.extend(
                map.get("properties").and_then(Value::as_object).into_iter().flat_map(|all| all.keys().cloned()),
            );
            map.values().for_each(|inner| properties(inner, names));
        }
        Value::Array(items) => items.iter().for_each(|inner| properties(inner, names)),
        _ => {}
    }
}

#[test]
fn editors_use_the_schemas_of_the_program() {
    let folder = repository().join(".vscode/schemas");
    let fresh = tempfile::tempdir().expect("a folder can be made");
    let target =
        if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") { &folder } else { fresh.path() };
    let run = casebook(&repository(), &["export", "schema", &target.to_string_lossy()]);
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    let plain = |files: Vec<(String, Vec<u8>)>| -> Vec<(String, String)> {
        files.into_iter().map(|(name, bytes)| (name, String::from_utf8_lossy(&bytes).replace("\r\n", "\n"))).collect()
    };
    assert!(
        plain(files(&folder)) == plain(files(target)),
        ".vscode/schemas is stale: run `casebook export schema .vscode/schemas`"
    );
}
