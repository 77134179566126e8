//! A rule: the detector of one piece of evidence, in Sigma's form.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_yaml::Value;

use crate::logs::{self, LogFormat};
use crate::signature::detection::{self, Detection, child};
use crate::signature::fault::{Fault, Position, nearest};
use crate::signature::machine;
use crate::signature::texts::Texts;
use crate::signature::yaml::Yaml;

/// How much a rule's evidence weighs by itself, in Sigma's words.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
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

/// A detector of one piece of evidence.
#[derive(Debug)]
pub struct Rule {
    /// Its path below `rules/`, without the ending: `setupact/apply-access-denied`.
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
    /// The fields of an event, where the log is no text.
    Event(Vec<(String, String)>),
}

#[derive(Deserialize)]
struct RuleFile {
    title: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    logsource: LogSource,
    detection: Value,
    #[serde(default = "medium")]
    level: Level,
    #[serde(default)]
    noise: bool,
    #[serde(default)]
    tells: BTreeMap<String, String>,
    examples: Option<ExamplesFile>,
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

#[derive(Deserialize, Default)]
struct LogSource {
    product: Option<String>,
    service: Option<String>,
    category: Option<String>,
    #[serde(rename = "definition")]
    _definition: Option<Value>,
}

#[derive(Deserialize)]
struct RuleTexts {
    title: Option<String>,
    description: Option<String>,
}

#[derive(Deserialize)]
struct ExamplesFile {
    #[serde(default, rename = "match")]
    matching: Vec<ExampleFile>,
    #[serde(default)]
    ignore: Vec<Value>,
}

#[derive(Deserialize)]
struct ExampleFile {
    text: Option<String>,
    event: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    facts: BTreeMap<String, Value>,
}

/// Keys of Sigma's specification that say nothing about matching here.
const SIGMA_KEYS: [&str; 17] = [
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

/// Reads the rule in `file`, whose path gives its id.
pub(crate) fn read(file: &str, bytes: &[u8], faults: &mut Vec<Fault>) -> Option<Rule> {
    let yaml = Yaml::read(file, bytes, faults)?;
    let before = faults.len();
    let decoded: RuleFile = yaml.decode(&KEYS, &[], faults)?;
    let mut rule_texts = (Texts::default(), Texts::default());
    rule_texts.0.insert("en", decoded.title);
    rule_texts.1.insert("en", decoded.description);
    for (key, value) in &decoded.more {
        read_more(&yaml, key, value, &mut rule_texts, faults);
    }
    check_logsource(&yaml, &decoded.logsource, faults);
    let detection = detection::read(&yaml, &["detection".to_owned()], &decoded.detection, faults);
    if let Some(detection) = &detection {
        machine::check(&yaml, &decoded.tells, detection, faults);
    }
    let examples = read_examples(&yaml, decoded.examples, faults);
    if faults.len() > before {
        return None;
    }
    Some(Rule {
        id: id(file).to_owned(),
        file: file.to_owned(),
        title: rule_texts.0,
        description: rule_texts.1,
        level: decoded.level,
        noise: decoded.noise,
        tells: decoded.tells,
        service: decoded.logsource.service,
        category: decoded.logsource.category,
        detection: detection?,
        examples,
    })
}

/// The id that a rule has by its path.
pub(crate) fn id(file: &str) -> &str {
    let id = file.strip_prefix("rules/").unwrap_or(file);
    id.strip_suffix(".yml").unwrap_or(id)
}

fn medium() -> Level {
    Level::Medium
}

/// A key that is neither ours nor plain Sigma must be a language with its texts.
fn read_more(yaml: &Yaml, key: &str, value: &Value, texts: &mut (Texts, Texts), faults: &mut Vec<Fault>) {
    if SIGMA_KEYS.contains(&key) {
        return;
    }
    let route = [key.to_owned()];
    let language = is_language(key);
    if !language {
        let names = KEYS.into_iter().chain(SIGMA_KEYS);
        let help = match nearest(key, names) {
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

fn check_logsource(yaml: &Yaml, logsource: &LogSource, faults: &mut Vec<Fault>) {
    if let Some(product) = logsource.product.as_deref().filter(|product| *product != "windows") {
        let route = ["logsource".to_owned(), "product".to_owned()];
        let message = format!("rules for `{product}` are not read here");
        faults.push(yaml.fault_at("unknown-logsource", &route, message, "write `product: windows`"));
    }
    let formats = LogFormat::ALL.iter().map(|format| format.name());
    let services: Vec<&str> = formats.chain(logs::event_services()).collect();
    let categories: Vec<&str> = logs::event_categories().collect();
    for (key, name, known) in [("service", &logsource.service, services), ("category", &logsource.category, categories)]
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

fn read_examples(yaml: &Yaml, examples: Option<ExamplesFile>, faults: &mut Vec<Fault>) -> Examples {
    let Some(examples) = examples else { return Examples::default() };
    let at = |list: &str, index: usize| child(&["examples".to_owned(), list.to_owned()], &index.to_string());
    let mut read = Examples::default();
    for (index, example) in examples.matching.into_iter().enumerate() {
        let route = at("match", index);
        let facts = example.facts.iter().filter_map(|(name, value)| Some((name.clone(), detection::scalar(value)?)));
        let facts = facts.collect();
        let record = match (example.text, example.event) {
            (Some(text), None) => ExampleRecord::Text(text),
            (None, Some(event)) => ExampleRecord::Event(event_fields(event)),
            _ => {
                let help = "write `text:` with a record of the log, or `event:` with the fields of an event";
                faults.push(yaml.fault_at("wrong-value", &route, "an example is either a text or an event", help));
                continue;
            }
        };
        read.matching.push(example_at(yaml, &route, record, facts));
    }
    for (index, value) in examples.ignore.into_iter().enumerate() {
        let route = at("ignore", index);
        let event = value.get("event").and_then(|event| serde_yaml::from_value(event.clone()).ok());
        let text = detection::scalar(&value).or_else(|| value.get("text").and_then(detection::scalar));
        let record = match (text, event) {
            (Some(text), None) => ExampleRecord::Text(text),
            (None, Some(event)) => ExampleRecord::Event(event_fields(event)),
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

fn event_fields(event: BTreeMap<String, Value>) -> Vec<(String, String)> {
    event.into_iter().filter_map(|(name, value)| Some((name, detection::scalar(&value)?))).collect()
}

fn example_at(yaml: &Yaml, route: &[String], record: ExampleRecord, facts: BTreeMap<String, String>) -> Example {
    let (position, source) = yaml.place(route);
    Example { record, facts, position, source }
}
