//! Values that YAML reads as something else than their author wrote, and keys that only look right.
//!
//! `detection` and `examples` call it for what they test and show. Such a value loads without complaint and never
//! matches, so it is refused with the form that was meant.

use serde_yaml::Value;

use crate::signature::detection::scalar;
use crate::signature::fault::Fault;
use crate::signature::yaml::Yaml;

/// The value `plain` of a field as the test is to have it.
///
/// # Errors
/// The fault of a value that cannot mean what was written.
pub(super) fn read(
    yaml: &Yaml,
    route: &[String],
    field: &str,
    modifiers: &[&str],
    plain: String,
    value: &Value,
) -> Result<String, Box<Fault>> {
    let has = |modifier: &str| modifiers.contains(&modifier);
    let fault = |code, message: String, help: String| Err(Box::new(yaml.fault_at(code, route, message, help)));
    let shown = yaml.written(route).unwrap_or_default();
    if has("exists") && !matches!(value, Value::Bool(_)) {
        let help = "write true where the field must be there, false where it must not";
        return fault("wrong-value", format!("`{plain}` is neither true nor false"), help.to_owned());
    }
    if let Some(number) = other_number(value, &shown) {
        let compares = modifiers.iter().any(|modifier| COMPARING.contains(modifier));
        // A code means the same in any spelling, and most are written in this one.
        if field == "error" && !compares {
            return Ok(shown);
        }
        if !compares {
            let message = format!("without quotes, `{shown}` is the number {number}");
            return fault("needs-quotes", message, format!("write it in quotes: '{shown}'"));
        }
    }
    // Tabs, line ends and the sets of a regular expression are written so on purpose.
    let strange = |char: char| char.is_control() && !matches!(char, '\t' | '\n');
    if !has("re") && shown.starts_with('"') && plain.contains(strange) {
        let message = "in double quotes, a `\\` and the letter behind it became one control character";
        return fault("needs-quotes", message.to_owned(), "write paths and patterns in single quotes".to_owned());
    }
    if enclosed(&plain) {
        let message = format!("the quotes around `{plain}` are full-width ones, so they are a part of the text");
        return fault("needs-quotes", message, "write ' before and behind it".to_owned());
    }
    if has("pattern") && plain.contains(['｛', '｝']) {
        let message = "the braces around this placeholder are full-width ones";
        return fault("unknown-placeholder", message.to_owned(), "write { and }".to_owned());
    }
    let digits = plain.len() > 4 && plain.bytes().all(|byte| byte.is_ascii_digit());
    if field == "kb" && digits && modifiers.iter().all(|modifier| *modifier == "neq") {
        let message = format!("an update is called KB{plain}, so `{plain}` never holds");
        return fault("wrong-value", message, format!("write KB{plain}"));
    }
    Ok(plain)
}

/// The fault of a field with modifiers behind it that only looks like one.
pub(super) fn key(yaml: &Yaml, route: &[String], key: &str) -> Option<Fault> {
    let strange = key.chars().find(|char| matches!(char, '｜' | '：'))?;
    let message = format!("the `{strange}` in `{key}` is a full-width one");
    Some(yaml.fault_at_key("unknown-modifier", route, message, "write | between a field and its modifiers"))
}

/// A value of an example as it stands in the file: what is shown there is text, whatever YAML takes it for.
pub(super) fn shown(yaml: &Yaml, route: &[String], value: &Value) -> Option<String> {
    let plain = scalar(value)?;
    let shown = yaml.written(route).unwrap_or_default();
    Some(if other_number(value, &shown).is_some() { shown } else { plain })
}

/// Modifiers that take a number for what it is.
const COMPARING: [&str; 10] = ["lt", "lte", "gt", "gte", "minute", "hour", "day", "week", "month", "year"];

/// The number that a value is, where it reads otherwise in the file.
fn other_number(value: &Value, shown: &str) -> Option<String> {
    let Value::Number(number) = value else { return None };
    let number = number.to_string();
    let begins = shown.starts_with(|char: char| char.is_ascii_digit() || matches!(char, '+' | '-' | '.'));
    (begins && number != shown).then_some(number)
}

fn enclosed(text: &str) -> bool {
    [('“', '”'), ('‘', '’'), ('＇', '＇'), ('＂', '＂')]
        .iter()
        .any(|(open, close)| text.starts_with(*open) && text.ends_with(*close) && text.chars().count() > 1)
}
