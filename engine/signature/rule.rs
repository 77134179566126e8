//! A rule: the detector of one piece of evidence, in Sigma's form.
//!
//! `library` calls [`read`] for every document that is neither a correlation nor a filter.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_yaml::Value;

use crate::logs::{self, LogFormat};
use crate::signature::detection::{self, Detection};
use crate::signature::examples::{self, Examples, ExamplesFile};
use crate::signature::fault::{Fault, nearest};
use crate::signature::head::{self, Level};
use crate::signature::machine;
use crate::signature::schema;
use crate::signature::texts::Texts;
use crate::signature::values::Values;
use crate::signature::yaml::Yaml;

/// A detector of one piece of evidence.
#[derive(Debug)]
pub struct Rule {
    /// Its path below `rules/`, without the ending: `setupact/apply-access-denied`; of a further document in the
    /// file, `path#name`.
    pub id: String,
    /// The file, for faults.
    pub file: String,
    /// What a support engineer would call the evidence.
    pub title: Texts,
    /// What it is and what it does not say.
    pub description: Texts,
    /// How much it weighs.
    pub level: Level,
    /// Whether it names what healthy machines write.
    pub noise: bool,
    /// What it tells of the machine: names of the report's list, with the capture or fact that gives the value.
    pub tells: BTreeMap<String, String>,
    /// Sigma's service, the log it looks at; none for any log.
    pub service: Option<String>,
    /// Sigma's category, the kind of event it looks at; none for any.
    pub category: Option<String>,
    /// What it looks for.
    pub detection: Detection,
    /// Records it must and must not fire on.
    pub examples: Examples,
}

/// A detector of one piece of evidence, in Sigma's form.
#[derive(Deserialize, JsonSchema)]
pub(super) struct RuleFile {
    /// The evidence in a sentence a support engineer would say, in English.
    title: String,
    /// What it is, and what it does not say, in English.
    #[serde(default)]
    description: String,
    /// The log it looks at; without `service`, every log.
    #[serde(default)]
    logsource: LogSource,
    /// Selections, and a condition over them.
    #[schemars(schema_with = "schema::detection")]
    detection: Value,
    /// How much it weighs by itself; `medium` where it is not said.
    #[serde(default = "head::medium")]
    level: Level,
    /// Whether it names what healthy machines write.
    #[serde(default)]
    noise: bool,
    /// What the record tells of the machine: names of the report's list, each with a capture or fact.
    #[serde(default)]
    #[schemars(schema_with = "schema::tells")]
    tells: BTreeMap<String, String>,
    /// Records the rule must match and must ignore; `check` asks for at least one of each.
    examples: Option<ExamplesFile>,
    #[serde(flatten)]
    #[schemars(skip)]
    more: BTreeMap<String, Value>,
}

/// Sigma's `logsource`, in rules and filters.
#[derive(Deserialize, Default, JsonSchema)]
pub(crate) struct LogSource {
    /// Always `windows`.
    product: Option<String>,
    /// The log: a format of text logs or a channel of event logs.
    #[serde(default)]
    #[schemars(schema_with = "schema::service")]
    pub(crate) service: Option<String>,
    /// A kind of event, such as `process_creation`.
    #[serde(default)]
    #[schemars(schema_with = "schema::category")]
    pub(crate) category: Option<String>,
    /// What a machine must be set to write; not read here.
    #[serde(default, rename = "definition")]
    #[schemars(with = "String")]
    _definition: Option<Value>,
}

/// Keys that mean something here, for suggestions.
const KEYS: [&str; 15] = [
    "title",
    "description",
    "logsource",
    "product",
    "service",
    "category",
    "definition",
    "detection",
    "level",
    "noise",
    "tells",
    "examples",
    "match",
    "ignore",
    "facts",
];

/// Reads the document `yaml` of `file` as the rule `id`.
pub(crate) fn read(yaml: &Yaml, file: &str, id: &str, values: &Values, faults: &mut Vec<Fault>) -> Option<Rule> {
    let before = faults.len();
    let decoded: RuleFile = yaml.decode(&KEYS, &[], faults)?;
    let (title, description) = head::texts(yaml, decoded.title, decoded.description, &decoded.more, &KEYS, faults);
    check_logsource(yaml, &decoded.logsource, faults);
    let detection = detection::read(yaml, &["detection".to_owned()], &decoded.detection, values, faults);
    if let Some(detection) = &detection {
        machine::check(yaml, &decoded.tells, detection, faults);
    }
    let examples = examples::read(yaml, decoded.examples, faults);
    if faults.len() > before {
        return None;
    }
    Some(Rule {
        id: id.to_owned(),
        file: file.to_owned(),
        title,
        description,
        level: decoded.level,
        noise: decoded.noise,
        tells: decoded.tells,
        service: decoded.logsource.service,
        category: decoded.logsource.category,
        detection: detection?,
        examples,
    })
}

/// The names that rules may give for a log.
pub(crate) fn services() -> Vec<&'static str> {
    LogFormat::ALL.iter().map(|format| format.name()).chain(logs::event_services()).collect()
}

/// Refuses products, services and categories that no log here has.
pub(crate) fn check_logsource(yaml: &Yaml, logsource: &LogSource, faults: &mut Vec<Fault>) {
    if let Some(product) = logsource.product.as_deref().filter(|product| *product != "windows") {
        let route = ["logsource".to_owned(), "product".to_owned()];
        let message = format!("rules for `{product}` are not read here");
        faults.push(yaml.fault_at("unknown-logsource", &route, message, "write `product: windows`"));
    }
    let categories: Vec<&str> = logs::event_categories().collect();
    for (key, name, known) in
        [("service", &logsource.service, services()), ("category", &logsource.category, categories)]
    {
        let Some(name) = name.as_deref().filter(|name| !known.contains(name)) else { continue };
        let help = match nearest(name, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("known here: {}", known.join(", ")),
        };
        let route = ["logsource".to_owned(), key.to_owned()];
        faults.push(yaml.fault_at("unknown-logsource", &route, format!("there is no {key} `{name}`"), help));
    }
}
