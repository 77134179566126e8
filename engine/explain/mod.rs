//! What a thing is and who uses it: an error in any spelling, a rule, a known error, a case; and why a case or known
//! error does or does not match a bundle, item by item.
//!
//! [`explain`] is the one door. Its JSON form is a contract (`casebook-explain/1`); [`text`] draws it for a person.

mod correlation;
mod text;
mod words;

use std::collections::BTreeSet;

use serde::Serialize;

pub use correlation::CorrelationInfo;
pub use text::text;

use crate::facts::{self, Code};
use crate::matcher::{self, Scan};
use crate::signature::{
    FieldTest, Item, Knowledge, LANGUAGES, Level, Rule, Selection, Signature, Texts, ValueTest, nearest,
};
use crate::verdict::{self, Evidence, Look};

/// Name and version of the JSON contract.
pub const SCHEMA: &str = "casebook-explain/1";

/// An answer.
#[derive(Debug, Serialize)]
pub struct Explanation {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The thing itself.
    #[serde(flatten)]
    pub thing: Thing,
}

/// What was asked for.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Thing {
    /// An error.
    Code(CodeInfo),
    /// A rule.
    Rule(RuleInfo),
    /// A correlation.
    Correlation(CorrelationInfo),
    /// A known error.
    KnownError(SignatureInfo),
    /// A case.
    Case(SignatureInfo),
}

/// An error with its other spellings.
#[derive(Debug, Serialize)]
pub struct CodeInfo {
    /// As a HRESULT, such as `0x80070005`.
    pub error: String,
    /// Its symbolic name, where it is known.
    pub name: Option<&'static str>,
    /// The family it belongs to, such as `WIN32` or `CBS`.
    pub family: Option<&'static str>,
    /// What it means, by language.
    pub meaning: Texts,
    /// In which phase of Windows Setup it happened, where a pair such as `0xC1900101 - 0x20017` was asked for.
    pub extend: Option<ExtendInfo>,
    /// As scripts and event logs print it.
    pub unsigned: u32,
    /// As scripts and event logs print it, with a sign.
    pub signed: i32,
    /// The Win32 number inside, where there is one.
    pub win32: Option<u32>,
    /// Rules that ask for it.
    pub rules: Vec<Named>,
    /// Known errors and cases whose signatures use those rules.
    pub used_by: Vec<Named>,
}

/// The second half of a pair such as `0xC1900101 - 0x20017`.
#[derive(Debug, Serialize)]
pub struct ExtendInfo {
    /// As Windows Setup prints it, such as `0x20017`.
    pub code: String,
    /// The phase, where it is known.
    pub phase: Option<StageInfo>,
    /// The operation, where it is known.
    pub operation: Option<StageInfo>,
}

/// A phase or an operation of Windows Setup.
#[derive(Debug, Serialize)]
pub struct StageInfo {
    /// As Windows Setup prints it, such as `SAFE_OS`.
    pub name: &'static str,
    /// What it is, by language.
    pub meaning: Texts,
}

/// A rule in words.
#[derive(Debug, Serialize)]
pub struct RuleInfo {
    /// Its id.
    pub id: String,
    /// What it says.
    pub title: Texts,
    /// What the evidence means.
    pub description: Texts,
    /// How much it weighs by itself.
    pub level: Level,
    /// The log it looks at; `any` where it looks at every log.
    pub logsource: String,
    /// Each selection in words.
    pub selections: Vec<SelectionInfo>,
    /// What its patterns capture.
    pub captures: Vec<String>,
    /// Texts of which one must stand in a record before the rule is tried; empty where it is tried on every record.
    pub literals: Vec<String>,
    /// Known errors and cases whose signatures use it.
    pub used_by: Vec<Named>,
}

/// A selection in words.
#[derive(Debug, Serialize)]
pub struct SelectionInfo {
    /// Its name.
    pub name: String,
    /// Its tests, each in words; of a list of maps, one entry each.
    pub tests: Vec<String>,
}

/// A signature in words.
#[derive(Debug, Serialize)]
pub struct SignatureInfo {
    /// The known error's or case's id.
    pub id: String,
    /// What it is.
    pub title: Texts,
    /// For a case, the known error it belongs to.
    pub known_error: Option<String>,
    /// What it asks for.
    pub items: Vec<ItemInfo>,
    /// Captures that must agree.
    pub same: Vec<String>,
    /// Longest time from first to last evidence, in seconds.
    pub within_seconds: Option<i64>,
    /// The excerpts that prove it, as paths in the knowledge base.
    pub proof: Vec<String>,
    /// How sure the match is, where a bundle was given and something of it was found.
    pub confidence: Option<verdict::Confidence>,
}

/// One item of a signature.
#[derive(Debug, Serialize)]
pub struct ItemInfo {
    /// `all`, `any`, `not` or `supports`.
    pub part: &'static str,
    /// Id of the rule.
    pub rule: String,
    /// What the rule shows.
    pub title: Texts,
    /// The log it looks at.
    pub logsource: String,
    /// What must hold of its captures, each in words.
    pub constraints: Vec<String>,
    /// What became of it in the bundle, where one was given.
    pub outcome: Option<Outcome>,
}

/// What became of an item in a bundle.
#[derive(Debug, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Outcome {
    /// It holds, on this record.
    Held {
        /// The record.
        evidence: Box<Evidence>,
    },
    /// The rule fired, but a constraint failed; this record came closest.
    ConstraintFailed {
        /// The first constraint that failed, in words.
        constraint: String,
        /// The values the record had instead.
        values: Vec<String>,
        /// The record.
        evidence: Box<Evidence>,
    },
    /// The log was read, and the rule fired nowhere in it.
    NotFound,
    /// The log was not in the bundle.
    LogMissing,
}

/// A thing with its title.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: Texts,
}

/// Nothing of that name is known.
#[derive(Debug, thiserror::Error)]
#[error("there is no error, rule, known error or case `{thing}`{hint}")]
pub struct Unknown {
    /// What was asked for.
    pub thing: String,
    /// The nearest name.
    pub hint: String,
}

/// Explains `thing`; with a scan of a bundle, also what became of its signature there.
///
/// # Errors
/// [`Unknown`] where it is the name of nothing.
pub fn explain(knowledge: &Knowledge, thing: &str, scan: Option<&Scan>) -> Result<Explanation, Unknown> {
    let found = case(knowledge, thing, scan)
        .or_else(|| known_error(knowledge, thing, scan))
        .or_else(|| knowledge.rules.get(thing).map(|rule| Thing::Rule(rule_info(knowledge, rule))))
        .or_else(|| {
            let correlation = knowledge.correlations.get(thing)?;
            Some(Thing::Correlation(correlation::info(knowledge, correlation)))
        })
        .or_else(|| code(thing).map(|(code, extend)| Thing::Code(code_info(knowledge, code, extend))));
    match found {
        Some(thing) => Ok(Explanation { schema: SCHEMA, thing }),
        None => {
            let cases =
                knowledge.known_errors.iter().flat_map(|known_error| &known_error.cases).map(|case| case.id.as_str());
            let known_errors = knowledge.known_errors.iter().map(|known_error| known_error.id.as_str());
            let rules = knowledge.rules.keys().chain(knowledge.correlations.keys()).map(String::as_str);
            let names = cases.chain(known_errors).chain(rules);
            let hint = nearest(thing, names).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
            Err(Unknown { thing: thing.to_owned(), hint })
        }
    }
}

/// The error that a text is, or the first that it holds, with the extend code of a pair such as `0xC1900101 - 0x20017`;
/// an extend code alone is both.
fn code(text: &str) -> Option<(Code, Option<u32>)> {
    if let Some(pair) = facts::result_extends(text).first() {
        return Some((pair.result, Some(pair.extend)));
    }
    let code = facts::parse_code(text).or_else(|| facts::errors(text).first().map(|error| error.code))?;
    let is_extend = !code.is_failure() && code.name().is_none() && facts::phase(code.value()).is_some();
    Some((code, is_extend.then_some(code.value())))
}

fn case(knowledge: &Knowledge, id: &str, scan: Option<&Scan>) -> Option<Thing> {
    let (known_error, case) = knowledge.case(id)?;
    let mut info = signature_info(knowledge, &case.signature, scan);
    info.id.clone_from(&case.id);
    info.title = case.story.title.clone();
    info.known_error = Some(known_error.id.clone());
    info.proof.clone_from(&case.logs);
    Some(Thing::Case(info))
}

fn known_error(knowledge: &Knowledge, id: &str, scan: Option<&Scan>) -> Option<Thing> {
    let known_error = knowledge.known_errors.iter().find(|known_error| known_error.id == id)?;
    let mut info = signature_info(knowledge, &known_error.signature, scan);
    info.id.clone_from(&known_error.id);
    info.title = known_error.title.clone();
    let cases = known_error.cases.iter().flat_map(|case| &case.logs);
    info.proof = known_error.logs.iter().chain(cases).cloned().collect();
    Some(Thing::KnownError(info))
}

fn signature_info(knowledge: &Knowledge, signature: &Signature, scan: Option<&Scan>) -> SignatureInfo {
    let parts =
        [("all", &signature.all), ("any", &signature.any), ("not", &signature.not), ("supports", &signature.supports)];
    let items = parts.into_iter().flat_map(|(part, items)| items.iter().map(move |item| (part, item)));
    SignatureInfo {
        id: String::new(),
        title: Texts::default(),
        known_error: None,
        items: items.map(|(part, item)| item_info(knowledge, part, item, scan)).collect(),
        same: signature.same.clone(),
        within_seconds: signature.within,
        proof: Vec::new(),
        confidence: scan.and_then(|scan| verdict::confidence(knowledge, scan, signature)),
    }
}

fn item_info(knowledge: &Knowledge, part: &'static str, item: &Item, scan: Option<&Scan>) -> ItemInfo {
    let outcome = scan.map(|scan| match verdict::look(knowledge, scan, item) {
        Look::Held(evidence) => Outcome::Held { evidence: Box::new(evidence) },
        Look::Failed { test, values, evidence } => {
            Outcome::ConstraintFailed { constraint: words::test(test), values, evidence: Box::new(evidence) }
        }
        Look::NotFound => Outcome::NotFound,
        Look::LogMissing => Outcome::LogMissing,
    });
    ItemInfo {
        part,
        rule: item.rule.clone(),
        title: knowledge.title(&item.rule).cloned().unwrap_or_default(),
        logsource: logsources(&knowledge.base_rules(&item.rule)),
        constraints: item.constraints.iter().map(words::test).collect(),
        outcome,
    }
}

/// The logs of several rules, each once.
fn logsources(rules: &[&Rule]) -> String {
    let names: BTreeSet<String> = rules.iter().map(|rule| logsource(rule)).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

fn logsource(rule: &Rule) -> String {
    rule.service.as_deref().or(rule.category.as_deref()).unwrap_or("any").to_owned()
}

fn rule_info(knowledge: &Knowledge, rule: &Rule) -> RuleInfo {
    let selection = |(name, selection): &(String, Selection)| SelectionInfo {
        name: name.clone(),
        tests: words::selection(selection),
    };
    RuleInfo {
        id: rule.id.clone(),
        title: rule.title.clone(),
        description: rule.description.clone(),
        level: rule.level,
        logsource: logsource(rule),
        selections: rule.detection.selections.iter().map(selection).collect(),
        captures: rule.detection.captures().into_iter().map(str::to_owned).collect(),
        literals: matcher::required(&rule.detection).unwrap_or_default(),
        used_by: used_by(knowledge, &BTreeSet::from([rule.id.as_str()])),
    }
}

/// Phase and operation of an extend code.
fn extend_info(extend: u32) -> ExtendInfo {
    let info = |stage: &'static facts::Stage| StageInfo {
        name: &stage.name,
        meaning: texts(|language| Some(stage.meaning(language))),
    };
    ExtendInfo {
        code: format!("{extend:#x}"),
        phase: facts::phase(extend).map(info),
        operation: facts::operation(extend).map(info),
    }
}

/// A text in every language that has it.
fn texts<'t>(text: impl Fn(&str) -> Option<&'t str>) -> Texts {
    let mut texts = Texts::default();
    for language in LANGUAGES {
        if let Some(text) = text(language) {
            texts.insert(language, text.to_owned());
        }
    }
    texts
}

fn code_info(knowledge: &Knowledge, code: Code, extend: Option<u32>) -> CodeInfo {
    let asks = |rule: &&Rule| {
        let tests = rule.detection.selections.iter().flat_map(|(_, selection)| selection.tests());
        tests
            .flat_map(|test: &FieldTest| &test.values)
            .any(|value| matches!(value, ValueTest::Error(asked) if *asked == code))
    };
    let rules: Vec<&Rule> = knowledge.rules.values().filter(asks).collect();
    let value = code.value();
    CodeInfo {
        error: code.hex(),
        name: code.name(),
        family: code.family(),
        meaning: texts(|language| code.meaning(language)),
        extend: extend.map(extend_info),
        unsigned: value,
        signed: value.cast_signed(),
        win32: (value >> 16 == 0x8007).then_some(value & 0xffff),
        used_by: used_by(knowledge, &rules.iter().map(|rule| rule.id.as_str()).collect()),
        rules: rules.iter().map(|rule| Named { id: rule.id.clone(), title: rule.title.clone() }).collect(),
    }
}

fn used_by(knowledge: &Knowledge, rules: &BTreeSet<&str>) -> Vec<Named> {
    let uses = |signature: &Signature| signature.items().any(|item| rules.contains(item.rule.as_str()));
    let mut users = Vec::new();
    for known_error in &knowledge.known_errors {
        if uses(&known_error.signature) {
            users.push(Named { id: known_error.id.clone(), title: known_error.title.clone() });
        }
        let cases = known_error.cases.iter().filter(|case| uses(&case.signature));
        users.extend(cases.map(|case| Named { id: case.id.clone(), title: case.story.title.clone() }));
    }
    users
}
