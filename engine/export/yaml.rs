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

/// Documents as one file.
pub(super) fn text(documents: &[Mapping]) -> Result<String, ExportError> {
    let texts: Result<Vec<String>, _> = documents.iter().map(serde_yaml::to_string).collect();
    Ok(texts?.join("---\n"))
}
