//! What a case tells of itself: its texts, its days, and where its excerpts come from.
//!
//! `case` reads it and asks for what no type can say: languages that are some, and days that are.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::signature::detection::child;
use crate::signature::fault::Fault;
use crate::signature::head;
use crate::signature::texts::Texts;
use crate::signature::yaml::Yaml;

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

    /// The texts that a case may have, where it has them, by key.
    pub fn optional_texts(&self) -> impl Iterator<Item = (&'static str, &Texts)> {
        let affected = self.affected.as_ref().map(|text| ("affected", text));
        affected.into_iter().chain(self.environment.as_ref().map(|text| ("environment", text)))
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

/// The keys of a case whose texts stand by language.
pub(super) const TEXT_KEYS: [&str; 9] =
    ["title", "category", "affected", "environment", "symptom", "impact", "analysis", "actions", "outcome"];

/// Refuses what is no language under a key whose texts stand by language.
pub(super) fn check_languages(yaml: &Yaml, keys: &[&str], faults: &mut Vec<Fault>) {
    for key in keys {
        let route = [(*key).to_owned()];
        for name in yaml.keys_below(&route).into_iter().filter(|name| !head::is_language(name)) {
            let help = match name {
                "zh_CN" | "cn" | "zh-cn" | "ZH-CN" => "write `zh-CN`",
                "En" | "EN" | "eng" => "write `en`",
                _ => "write zh-CN and en; a text with a comma inside braces needs quotes",
            };
            faults.push(yaml.fault_at_key(
                "unknown-key",
                &child(&route, name),
                format!("there is no language `{name}`"),
                help,
            ));
        }
    }
}

/// Refuses days that are none, and an end before the beginning.
pub(super) fn check_days(yaml: &Yaml, story: Option<&Story>, faults: &mut Vec<Fault>) {
    let Some(story) = story else { return };
    let day = |key: &str, written: &Option<String>, faults: &mut Vec<Fault>| {
        let written = written.as_deref()?;
        let day = written.parse::<Date>().ok().filter(|day| day.to_string() == written);
        if day.is_none() {
            let help = "write the day as year, month and day: 2024-01-05";
            faults.push(yaml.fault_at("bad-date", &[key.to_owned()], format!("`{written}` is no day"), help));
        }
        day
    };
    let (opened, closed) = (day("opened", &story.opened, faults), day("closed", &story.closed, faults));
    if let (Some(opened), Some(closed)) = (opened, closed)
        && closed < opened
    {
        let message = format!("the case was closed before it was opened on {opened}");
        faults.push(yaml.fault_at("bad-date", &["closed".to_owned()], message, "mend one of the two days"));
    }
}
