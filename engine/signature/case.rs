//! Known errors and the past cases below them, as they stand in `cases/`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_yaml::Value;

use crate::signature::correlating;
use crate::signature::detection::{self, child};
use crate::signature::fault::{Fault, nearest};
use crate::signature::library::Rules;
use crate::signature::schema;
use crate::signature::test::FieldTest;
use crate::signature::texts::Texts;
use crate::signature::yaml::Yaml;

/// A cause that is understood, with its workaround and fix (ITIL's word).
#[derive(Debug)]
pub struct KnownError {
    /// Its folder's name below `cases/`.
    pub id: String,
    /// The file, for faults.
    pub file: String,
    /// What it is, in a sentence.
    pub title: Texts,
    /// The part of servicing it belongs to.
    pub area: String,
    /// How much it hurts.
    pub severity: Severity,
    /// Whether it only wraps others, such as a code that says "something below failed".
    pub generic: bool,
    /// Why it happens.
    pub cause: Texts,
    /// What helps at once.
    pub workaround: Texts,
    /// What removes the cause.
    pub fix: Texts,
    /// Where the facts came from.
    pub references: Vec<String>,
    /// What must be found for it.
    pub signature: Signature,
    /// Its past cases, by id.
    pub cases: Vec<Case>,
    /// Its own excerpts, as paths in the knowledge base.
    pub logs: Vec<String>,
}

/// How much a known error hurts a user.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// An annoyance.
    Low,
    /// Something does not work, the machine does.
    Medium,
    /// The machine misses updates or upgrades.
    High,
    /// The machine cannot be used.
    Critical,
}

/// One past case.
#[derive(Debug)]
pub struct Case {
    /// Its number, such as `CAS-02713-B6R8B4`.
    pub id: String,
    /// The file, for faults.
    pub file: String,
    /// All it says of itself, by key.
    pub story: Story,
    /// What must be found for it.
    pub signature: Signature,
    /// Its excerpts, as paths in the knowledge base.
    pub logs: Vec<String>,
}

/// What a case tells, as the mails and the search need it.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Story {
    /// The case's number.
    pub id: String,
    /// The subject line, without numbers.
    pub title: Texts,
    /// What kind of request it was.
    pub category: Texts,
    /// Who asked.
    pub customer: String,
    /// The priority it was given.
    pub priority: String,
    /// The day it was opened (`yyyy-mm-dd`), where known.
    pub opened: Option<String>,
    /// The day it was closed (`yyyy-mm-dd`), where known.
    pub closed: Option<String>,
    /// How many machines, where known.
    pub affected: Option<Texts>,
    /// What the machines had in common, where known.
    pub environment: Option<Texts>,
    /// What the customer saw.
    pub symptom: Texts,
    /// What it kept them from.
    pub impact: Texts,
    /// What was found.
    pub analysis: Texts,
    /// What was tried.
    pub actions: Texts,
    /// How it ended.
    pub outcome: Texts,
    /// Whether the excerpts are the customer's or built from an account of them.
    pub evidence: Evidence,
}

impl Story {
    /// The texts every case must have, by key.
    pub fn texts(&self) -> [(&'static str, &Texts); 7] {
        [
            ("title", &self.title),
            ("category", &self.category),
            ("symptom", &self.symptom),
            ("impact", &self.impact),
            ("analysis", &self.analysis),
            ("actions", &self.actions),
            ("outcome", &self.outcome),
        ]
    }
}

/// Where a case's excerpts come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// Byte for byte from the customer's logs.
    Original,
    /// Built from an account of them.
    Reconstructed,
}

/// Which findings make a match.
#[derive(Debug, Default)]
pub struct Signature {
    /// Every one must be found.
    pub all: Vec<Item>,
    /// At least one must be found.
    pub any: Vec<Item>,
    /// None may be found.
    pub not: Vec<Item>,
    /// Strengthen, but are not needed.
    pub supports: Vec<Item>,
    /// Captures that must agree across the findings of `all` and `any`.
    pub same: Vec<String>,
    /// Longest time from first to last finding, in seconds.
    pub within: Option<i64>,
}

impl Signature {
    /// Every item, whatever its part.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.all.iter().chain(&self.any).chain(&self.not).chain(&self.supports)
    }
}

/// One finding that a signature asks for.
#[derive(Debug)]
pub struct Item {
    /// Id of the rule.
    pub rule: String,
    /// What must hold of its captures and facts.
    pub constraints: Vec<FieldTest>,
}

/// A cause that is understood, with its workaround and fix.
#[derive(Deserialize, JsonSchema)]
pub(super) struct KnownErrorFile {
    /// What it is, in a sentence.
    title: Texts,
    /// The part of servicing it belongs to, one word.
    #[schemars(schema_with = "schema::area")]
    area: String,
    /// How much it hurts.
    severity: Severity,
    /// Whether it only wraps others, such as a code that says "something below failed".
    #[serde(default)]
    generic: bool,
    /// Why it happens.
    cause: Texts,
    /// What helps at once.
    workaround: Texts,
    /// What removes the cause.
    fix: Texts,
    /// Where the facts came from: links.
    #[serde(default)]
    references: Vec<String>,
    /// What must be found for it.
    signature: SignatureFile,
}

/// What a case asks for, beside its story.
#[derive(Deserialize, JsonSchema)]
pub(super) struct CaseFile {
    /// What must be found for it.
    signature: SignatureFile,
}

/// Which findings make a match.
#[derive(Deserialize, Default, JsonSchema)]
struct SignatureFile {
    /// Every one must be found.
    #[serde(default)]
    all: Vec<ItemFile>,
    /// At least one must be found.
    #[serde(default)]
    any: Vec<ItemFile>,
    /// None may be found: what is found here rules it out.
    #[serde(default)]
    not: Vec<ItemFile>,
    /// Strengthen, but are not needed.
    #[serde(default)]
    supports: Vec<ItemFile>,
    /// Captures and facts that must agree across `all` and `any`.
    #[serde(default)]
    same: Vec<String>,
    /// From first to last of `all` and `any`: a number with s, m, h or d.
    within: Option<String>,
}

/// One finding that a signature asks for.
#[derive(Deserialize, JsonSchema)]
struct ItemFile {
    /// Id of the rule: its path below rules/ without .yml.
    #[schemars(schema_with = "schema::rule")]
    rule: String,
    /// What must hold of its captures and of the facts.
    #[serde(default, rename = "where")]
    #[schemars(schema_with = "schema::tests")]
    constraints: Value,
}

/// Facts that every record has, whatever the rule captures.
pub const FACTS: [&str; 6] = ["error", "path", "kb", "package", "version", "process"];

/// Keys inside a signature, for suggestions.
const SIGNATURE_KEYS: [&str; 8] = ["all", "any", "not", "supports", "same", "within", "rule", "where"];

const KNOWN_ERROR_KEYS: [&str; 9] =
    ["title", "area", "severity", "generic", "cause", "workaround", "fix", "references", "signature"];

const CASE_KEYS: [&str; 16] = [
    "id",
    "title",
    "category",
    "customer",
    "priority",
    "opened",
    "closed",
    "affected",
    "environment",
    "symptom",
    "impact",
    "analysis",
    "actions",
    "outcome",
    "evidence",
    "signature",
];

/// Reads `cases/<id>/known-error.yml`; its cases and logs are filled in by the caller.
pub(crate) fn read_known_error(file: &str, bytes: &[u8], rules: &Rules, faults: &mut Vec<Fault>) -> Option<KnownError> {
    let yaml = Yaml::read(file, bytes, faults)?;
    let known: Vec<&str> = KNOWN_ERROR_KEYS.into_iter().chain(SIGNATURE_KEYS).collect();
    let decoded: KnownErrorFile = yaml.decode(&known, &[], faults)?;
    let signature = read_signature(&yaml, decoded.signature, rules, faults)?;
    Some(KnownError {
        id: file.split('/').nth(1).unwrap_or_default().to_owned(),
        file: file.to_owned(),
        title: decoded.title,
        area: decoded.area,
        severity: decoded.severity,
        generic: decoded.generic,
        cause: decoded.cause,
        workaround: decoded.workaround,
        fix: decoded.fix,
        references: decoded.references,
        signature,
        cases: Vec::new(),
        logs: Vec::new(),
    })
}

/// Reads `cases/<known error>/<id>/case.yml`; its logs are filled in by the caller.
pub(crate) fn read_case(file: &str, bytes: &[u8], rules: &Rules, faults: &mut Vec<Fault>) -> Option<Case> {
    let yaml = Yaml::read(file, bytes, faults)?;
    let known: Vec<&str> = CASE_KEYS.into_iter().chain(SIGNATURE_KEYS).collect();
    let story: Option<Story> = yaml.decode(&known, &["signature"], faults);
    let decoded: Option<CaseFile> = yaml.decode(&known, &CASE_KEYS, faults);
    let signature = decoded.and_then(|decoded| read_signature(&yaml, decoded.signature, rules, faults));
    let (story, signature) = (story?, signature?);
    let folder = file.split('/').nth(2).unwrap_or_default();
    if story.id != folder {
        let help = format!("name the folder {} or write `id: {folder}`", story.id);
        faults.push(yaml.fault_at("wrong-id", &["id".to_owned()], format!("the folder is called {folder}"), help));
        return None;
    }
    Some(Case { id: story.id.clone(), file: file.to_owned(), story, signature, logs: Vec::new() })
}

/// The signature, where it has no fault and every rule it names can be used.
fn read_signature(yaml: &Yaml, decoded: SignatureFile, rules: &Rules, faults: &mut Vec<Fault>) -> Option<Signature> {
    let before = faults.len();
    let route = ["signature".to_owned()];
    if decoded.all.is_empty() && decoded.any.is_empty() {
        let help = "name at least one rule under `all:` or `any:`";
        faults.push(yaml.fault_at_key("empty-signature", &route, "the signature asks for nothing", help));
    }
    let mut items = |part: &str, list: Vec<ItemFile>| -> Vec<Item> {
        let list = list.into_iter().enumerate();
        let route = child(&route, part);
        list.map(|(index, item)| read_item(yaml, &child(&route, &index.to_string()), item, rules, faults)).collect()
    };
    let mut signature = Signature {
        all: items("all", decoded.all),
        any: items("any", decoded.any),
        not: items("not", decoded.not),
        supports: items("supports", decoded.supports),
        same: decoded.same,
        within: None,
    };
    for (index, name) in signature.same.iter().enumerate() {
        let route = child(&child(&route, "same"), &index.to_string());
        for item in signature.all.iter().chain(&signature.any) {
            check_capture(yaml, &route, name, &item.rule, rules, faults);
        }
    }
    if let Some(written) = decoded.within {
        signature.within = correlating::span(&written);
        if signature.within.is_none() {
            let help = "write a number with s, m, h or d: 90s, 30m, 24h, 7d";
            faults.push(yaml.fault_at(
                "bad-span",
                &child(&route, "within"),
                format!("`{written}` is no span of time"),
                help,
            ));
        }
    }
    let usable = signature.items().all(|item| rules.has(&item.rule));
    (usable && faults.len() == before).then_some(signature)
}

fn read_item(yaml: &Yaml, route: &[String], item: ItemFile, rules: &Rules, faults: &mut Vec<Fault>) -> Item {
    let constraints_route = child(route, "where");
    let constraints = detection::read_where(yaml, &constraints_route, &item.constraints, &rules.values, faults);
    if rules.refused.contains(&item.rule) {
        return Item { rule: item.rule, constraints };
    }
    if !rules.has(&item.rule) {
        let help = match nearest(&item.rule, rules.ids()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "a rule's id is its path below rules/ without .yml".to_owned(),
        };
        let message = format!("there is no rule `{}`", item.rule);
        faults.push(yaml.fault_at("unknown-rule", &child(route, "rule"), message, help));
    } else if let Some(constraints) = item.constraints.as_mapping() {
        for key in constraints.keys().filter_map(detection::scalar) {
            let name = key.split('|').next().unwrap_or_default();
            check_capture(yaml, &child(&constraints_route, &key), name, &item.rule, rules, faults);
        }
    }
    Item { rule: item.rule, constraints }
}

/// A constraint must name a capture of the rule, or a fact that every record has.
fn check_capture(yaml: &Yaml, route: &[String], name: &str, rule: &str, rules: &Rules, faults: &mut Vec<Fault>) {
    let names: Vec<&str> = match (rules.sound.get(rule), rules.correlations.get(rule)) {
        (Some(rule), _) => rule.detection.captures().into_iter().chain(FACTS).collect(),
        (None, Some(correlation)) => correlation.captures().collect(),
        (None, None) => return,
    };
    if names.contains(&name) {
        return;
    }
    let help = match nearest(name, names.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("it has: {}", names.join(", ")),
    };
    faults.push(yaml.fault_at_key("unknown-capture", route, format!("the rule `{rule}` captures no `{name}`"), help));
}
