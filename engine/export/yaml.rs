//! The files of the knowledge base as plain YAML, to be changed and written again.
//!
//! `signature` has read and proved them before; here they are read once more in the form in which an author wrote
//! them, because an export keeps all that Sigma knows and the program does not.

use serde::Deserialize;
use serde_yaml::{Mapping, Value};

use crate::export::ExportError;
use crate::signature::{Source, scalar};

/// The document of `file` that has the id `path` or `path#name`.
pub(super) fn document(source: &Source, file: &str, id: &str) -> Result<Mapping, ExportError> {
    let changed = || ExportError::Changed { file: file.to_owned() };
    let text = String::from_utf8(source.read(file)?).map_err(|_| changed())?;
    let name = id.split_once('#').map(|(_, name)| name);
    for (index, document) in serde_yaml::Deserializer::from_str(&text).enumerate() {
        let Ok(Value::Mapping(map)) = Value::deserialize(document) else { continue };
        let is_meant = match name {
            Some(name) => map.get("name").and_then(scalar).is_some_and(|own| own == name),
            None => index == 0,
        };
        if is_meant {
            return Ok(map);
        }
    }
    Err(changed())
}

/// The items of a list, or the one value.
pub(super) fn sequence(value: &Value) -> &[Value] {
    match value {
        Value::Sequence(items) => items,
        one => std::slice::from_ref(one),
    }
}

/// Documents as one file, which YAML 1.1 (Python's) and YAML 1.2 read alike: what is not plainly a word is quoted.
pub(super) fn text(documents: &[Mapping]) -> String {
    let texts = documents.iter().map(|document| {
        let mut out = String::new();
        push_map(&mut out, document, 0);
        out
    });
    texts.collect::<Vec<_>>().join("---\n")
}

fn push_map(out: &mut String, map: &Mapping, indent: usize) {
    for (index, (key, value)) in map.iter().enumerate() {
        // The first key of a map in a list stands behind the dash.
        if index > 0 || !out.ends_with("- ") {
            out.push_str(&" ".repeat(indent));
        }
        out.push_str(&inline(key));
        out.push(':');
        push_value(out, value, indent);
    }
}

fn push_value(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Mapping(map) if !map.is_empty() => {
            out.push('\n');
            push_map(out, map, indent + 2);
        }
        Value::Sequence(items) if !items.is_empty() => {
            out.push('\n');
            for item in items {
                out.push_str(&format!("{}- ", " ".repeat(indent + 2)));
                match item {
                    Value::Mapping(map) if !map.is_empty() => push_map(out, map, indent + 4),
                    one => out.push_str(&format!("{}\n", inline(one))),
                }
            }
        }
        Value::String(text) if is_block(text) => {
            out.push_str(" |-\n");
            for line in text.lines() {
                let pad = if line.is_empty() { 0 } else { indent + 2 };
                out.push_str(&format!("{}{line}\n", " ".repeat(pad)));
            }
        }
        one => out.push_str(&format!(" {}\n", inline(one))),
    }
}

/// Whether a text of several lines can stand as a block.
fn is_block(text: &str) -> bool {
    let is_plain = |char: char| char == '\n' || !char.is_control();
    text.contains('\n') && !text.starts_with([' ', '\n']) && !text.ends_with('\n') && text.chars().all(is_plain)
}

/// A value on one line.
fn inline(value: &Value) -> String {
    match value {
        Value::String(text) if is_word(text) => text.clone(),
        Value::String(text) if text.chars().any(char::is_control) => serde_json::to_string(text).unwrap_or_default(),
        Value::String(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Null => "null".to_owned(),
        Value::Mapping(_) => "{}".to_owned(),
        Value::Sequence(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        other => scalar(other).unwrap_or_default(),
    }
}

/// Whether a text needs no quotes in any YAML.
fn is_word(text: &str) -> bool {
    const MEANT_OTHERWISE: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, ' ' | '_' | '-' | '/' | '.' | '|');
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && !text.ends_with(' ')
        && text.chars().all(plain)
        && !MEANT_OTHERWISE.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_the_same() {
        let written = "off: 'No'\nlist: [a b, '12:30', '0x5', 7, true, null, {k|re: '.*x', 'y': [1]}, [a, 'b: c']]\n\
                       text: \"one\\n\\n  two: #\"\nodd: \" \\ttab\\n\"\nnest:\n  'it''s': {}\n  empty: []\n";
        let map: Mapping = serde_yaml::from_str(written).expect("it is YAML");
        let text = text(&[map.clone(), map.clone()]);
        let back: Vec<Mapping> = serde_yaml::Deserializer::from_str(&text)
            .map(|document| Mapping::deserialize(document).expect("it is YAML"))
            .collect();
        assert_eq!(back, [map.clone(), map], "{text}");
        assert!(text.starts_with("'off': 'No'\nlist:\n  - a b\n  - '12:30'\n"), "{text}");
    }
}
