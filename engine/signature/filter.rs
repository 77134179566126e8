//! Filters: what a site does not want to hear of, in Sigma's form, in a folder of the site's own.
//!
//! Rules stay as they are. A filter says on which records some of them, or all of a log, are no finding here; a map of
//! levels says how much they weigh here.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_yaml::Value;

use crate::signature::condition::Condition;
use crate::signature::detection::{self, Detection, scalar};
use crate::signature::fault::Fault;
use crate::signature::head::{self, Level};
use crate::signature::library::{self, Rules};
use crate::signature::rule::{self, LogSource, Rule};
use crate::signature::schema;
use crate::signature::source::{Source, SourceError};
use crate::signature::texts::Texts;
use crate::signature::yaml::Yaml;

/// Records on which rules are no finding at a site.
#[derive(Debug)]
pub struct Filter {
    /// Its path below the folder, and behind it the name of a further document.
    pub id: String,
    /// What it leaves out.
    pub title: Texts,
    /// Ids of the rules it is for; none for all rules of its log.
    pub rules: Option<BTreeSet<String>>,
    /// The log whose rules it is for; none for any.
    pub service: Option<String>,
    /// The kind of event whose rules it is for; none for any.
    pub category: Option<String>,
    /// What it looks for.
    pub detection: Detection,
    /// Whether what it looks for stays, rather than goes.
    pub keeps: bool,
}

impl Filter {
    /// Whether it is for a rule.
    pub fn concerns(&self, rule: &Rule) -> bool {
        match &self.rules {
            Some(rules) => rules.contains(&rule.id),
            None => {
                self.service.as_ref().is_none_or(|service| rule.service.as_ref() == Some(service))
                    && self.category.as_ref().is_none_or(|category| rule.category.as_ref() == Some(category))
            }
        }
    }
}

/// What a site says of the rules.
#[derive(Default)]
pub(crate) struct Site {
    /// Its filters, by id.
    pub(crate) filters: Vec<Filter>,
    /// Levels by id of rule or correlation.
    pub(crate) levels: BTreeMap<String, Level>,
}

/// What a site does not want to hear of, in Sigma's form.
#[derive(Deserialize, JsonSchema)]
pub(super) struct FilterFile {
    /// What it leaves out, in English.
    title: String,
    /// Why, in English.
    #[serde(default)]
    description: String,
    /// The log whose rules are meant by `rules: any`.
    #[serde(default)]
    logsource: LogSource,
    /// The rules it is for, selections, and a condition over them.
    #[serde(default)]
    #[schemars(schema_with = "schema::filter")]
    filter: Option<Value>,
    /// Levels that rules and correlations have at this site, by id.
    #[serde(default)]
    level: BTreeMap<String, Level>,
    #[serde(flatten)]
    #[schemars(skip)]
    more: BTreeMap<String, Value>,
}

/// Keys that mean something here, for suggestions.
const KEYS: [&str; 9] =
    ["title", "description", "logsource", "product", "service", "category", "filter", "level", "condition"];

/// The file of values beside the filters.
const VALUES: &str = "values.yml";

/// Adds the values that a site has for placeholders.
pub(crate) fn values(folder: &Path, rules: &mut Rules, faults: &mut Vec<Fault>) -> Result<(), SourceError> {
    let source = Source::Folder(folder.to_owned());
    if folder.join(VALUES).is_file() {
        rules.values.add(&shown(folder, VALUES), &source.read(VALUES)?, faults);
    }
    Ok(())
}

/// Reads every filter in `folder`.
pub(crate) fn read(folder: &Path, rules: &Rules, faults: &mut Vec<Fault>) -> Result<Site, SourceError> {
    if !folder.is_dir() {
        let source = io::Error::from(io::ErrorKind::NotADirectory);
        return Err(SourceError::Unreadable { path: folder.to_owned(), source });
    }
    let source = Source::Folder(folder.to_owned());
    let mut site = Site::default();
    for file in source.list(".")? {
        let name = file.trim_start_matches("./");
        let path = shown(folder, name);
        if name.ends_with(".yaml") {
            faults.push(library::wrong_ending(&path));
        }
        if name == VALUES || !name.ends_with(".yml") {
            continue;
        }
        let documents = Yaml::documents(&path, &source.read(name)?, faults).unwrap_or_default();
        for (index, yaml) in documents.iter().enumerate() {
            if let Some(id) = library::id(yaml, name.trim_end_matches(".yml"), index, faults) {
                site.add(yaml, id, rules, faults);
            }
        }
    }
    Ok(site)
}

/// A file of the folder as faults name it.
fn shown(folder: &Path, name: &str) -> String {
    format!("{}/{name}", folder.to_string_lossy().replace('\\', "/").trim_end_matches('/'))
}

impl Site {
    fn add(&mut self, yaml: &Yaml, id: String, rules: &Rules, faults: &mut Vec<Fault>) {
        if !yaml.has("filter") && !yaml.has("level") || yaml.has("detection") || yaml.has("correlation") {
            let help = "a folder of filters holds documents with `filter:` or a map `level:`; rules belong to rules/";
            faults.push(yaml.fault_at("wrong-document", &[], "this is no filter", help));
            return;
        }
        let Some(decoded) = yaml.decode::<FilterFile>(&KEYS, &[], faults) else { return };
        let (title, _) = head::texts(yaml, decoded.title, decoded.description, &decoded.more, &KEYS, faults);
        rule::check_logsource(yaml, &decoded.logsource, faults);
        for (written, level) in decoded.level {
            let route = ["level".to_owned(), written.clone()];
            let meant = rules.meant(&written);
            if rules.has(meant) {
                self.levels.insert(meant.to_owned(), level);
            } else if !rules.refused.contains(meant) {
                faults.push(rules.unknown(yaml, &route, &written));
            }
        }
        let Some(section) = decoded.filter else { return };
        let concerned = concerned(yaml, &section, rules, faults);
        let mut selections = section;
        if let Some(map) = selections.as_mapping_mut() {
            map.remove("rules");
        }
        let detection = detection::read(yaml, &["filter".to_owned()], &selections, &rules.values, faults);
        let (Some(concerned), Some(detection)) = (concerned, detection) else { return };
        self.filters.push(Filter {
            id,
            title,
            rules: concerned,
            service: decoded.logsource.service,
            category: decoded.logsource.category,
            keeps: is_denial(&detection.condition),
            detection,
        });
    }
}

/// The rules that a filter names; the inner none stands for `any`.
fn concerned(yaml: &Yaml, section: &Value, rules: &Rules, faults: &mut Vec<Fault>) -> Option<Option<BTreeSet<String>>> {
    let route = ["filter".to_owned(), "rules".to_owned()];
    let written: Vec<String> = match section.get("rules") {
        Some(Value::String(word)) if word == "any" => return Some(None),
        Some(Value::Sequence(items)) => items.iter().filter_map(scalar).collect(),
        Some(one) => scalar(one).into_iter().collect(),
        None => Vec::new(),
    };
    if written.is_empty() {
        let help = "name rules by id, name or UUID, or write `rules: any`";
        faults.push(yaml.fault_at_key("missing-key", &route, "the filter names no rules", help));
        return None;
    }
    let mut ids = BTreeSet::new();
    for (index, written) in written.iter().enumerate() {
        let at = detection::child(&route, &index.to_string());
        let id = rules.meant(written);
        if rules.correlations.contains_key(id) {
            let help = "name the rules it rests on: what they do not find, it does not count";
            faults.push(yaml.fault_at("wrong-value", &at, format!("`{written}` is a correlation"), help));
        } else if !rules.has(id) && !rules.refused.contains(id) {
            faults.push(rules.unknown(yaml, &at, written));
        }
        ids.insert(id.to_owned());
    }
    Some(Some(ids))
}

/// Whether a condition only says what must not be there: Sigma's documents write both `selection` and `not selection`
/// for what goes.
fn is_denial(condition: &Condition) -> bool {
    match condition {
        Condition::Not(_) => true,
        Condition::All(parts) => parts.iter().all(is_denial),
        Condition::Any(_) | Condition::Selection(_) => false,
    }
}
