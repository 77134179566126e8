//! What stands at the head of rules, correlations and filters: level, title and description in every language.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_yaml::Value;

use crate::signature::fault::{Fault, nearest};
use crate::signature::texts::Texts;
use crate::signature::yaml::Yaml;

/// How much a rule's evidence weighs by itself, in Sigma's words.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Says nothing is wrong.
    Informational,
    /// Worth a look.
    Low,
    /// A failure that may have mended itself.
    Medium,
    /// A failure.
    High,
    /// A failure that leaves a machine unusable.
    Critical,
}

/// The level of what names none.
pub(crate) fn medium() -> Level {
    Level::Medium
}

/// The texts of a rule in one language.
#[derive(Deserialize, JsonSchema)]
pub(super) struct RuleTexts {
    /// The title in this language.
    title: Option<String>,
    /// The description in this language.
    description: Option<String>,
}

/// Keys of Sigma's specification that say nothing about matching here.
pub(super) const SIGMA_KEYS: [&str; 17] = [
    "regression_tests_path",
    "id",
    "name",
    "related",
    "taxonomy",
    "status",
    "license",
    "author",
    "references",
    "date",
    "modified",
    "fields",
    "falsepositives",
    "tags",
    "scope",
    "simulation",
    "custom_attributes",
];

/// Title and description by language; `more` are the keys that the document's type does not know itself, `known`
/// those it knows, for suggestions.
pub(crate) fn texts(
    yaml: &Yaml,
    title: String,
    description: String,
    more: &BTreeMap<String, Value>,
    known: &[&str],
    faults: &mut Vec<Fault>,
) -> (Texts, Texts) {
    let mut texts = (Texts::default(), Texts::default());
    texts.0.insert("en", title);
    texts.1.insert("en", description);
    for (key, value) in more.iter().filter(|(key, _)| !SIGMA_KEYS.contains(&key.as_str())) {
        read_language(yaml, key, value, known, &mut texts, faults);
    }
    texts
}

/// A key that is neither ours nor plain Sigma must be a language with its texts.
fn read_language(
    yaml: &Yaml,
    key: &str,
    value: &Value,
    known: &[&str],
    texts: &mut (Texts, Texts),
    faults: &mut Vec<Fault>,
) {
    let route = [key.to_owned()];
    if !is_language(key) {
        let help = match nearest(key, known.iter().copied().chain(SIGMA_KEYS)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "remove it, or see docs/language.md for the keys that exist".to_owned(),
        };
        faults.push(yaml.fault_at_key("unknown-key", &route, format!("there is no key `{key}` here"), help));
        return;
    }
    let tag = if key == "zh" { "zh-CN" } else { key };
    match serde_yaml::from_value::<RuleTexts>(value.clone()) {
        Ok(read) => {
            texts.0.insert(tag, read.title.unwrap_or_default());
            texts.1.insert(tag, read.description.unwrap_or_default());
        }
        Err(_) => {
            let help = "write it as `zh: {title: …, description: …}`";
            faults.push(yaml.fault_at("wrong-value", &route, "a language holds a title and a description", help));
        }
    }
}

/// Two letters, with a region or script after them: `zh`, `zh-TW`, `ja`.
fn is_language(key: &str) -> bool {
    let (primary, rest) = key.split_once('-').unwrap_or((key, "XX"));
    primary.len() == 2
        && primary.bytes().all(|byte| byte.is_ascii_lowercase())
        && (2..=4).contains(&rest.len())
        && rest.bytes().all(|byte| byte.is_ascii_alphabetic())
}
