//! The report: plain, serialisable, the same bytes for the same bundle and knowledge.
//!
//! Its JSON form is a contract (`casebook-report/1`): fields may be added, never changed. docs/report.md explains
//! each. Renderers, mails and pages get nothing else but the cases' own text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::signature::{Harm, Level, Texts};

/// Name and version of the JSON contract.
pub const SCHEMA: &str = "casebook-report/1";

/// Everything that was learned of one bundle.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The bundle as a whole.
    pub bundle: BundleInfo,
    /// Its entries, by path.
    pub entries: Vec<EntryInfo>,
    /// What it tells of the machine.
    pub system: System,
    /// Known errors that the bundle shows, best first.
    pub matches: Vec<Match>,
    /// Wrapper errors that are the consequence of a match above.
    pub consequences: Vec<Consequence>,
    /// Known errors and cases that evidence speaks against.
    pub ruled_out: Vec<RuledOut>,
    /// Known errors and cases that only logs outside the bundle could decide.
    pub cannot_tell: Vec<CannotTell>,
    /// Logs that were not in the bundle and would decide an open match.
    pub gaps: Vec<Gap>,
    /// Every rule that fired, by entry and line.
    pub findings: Vec<FindingInfo>,
    /// Errors that no finding and no noise rule covers.
    pub unexplained: Vec<UnexplainedInfo>,
    /// Past failures that resemble the bundle, where nothing is confirmed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub similar: Vec<Similar>,
    /// The site's filters, where it has any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<FilterInfo>,
    /// What could not be read, and why.
    pub warnings: Vec<Warning>,
}

/// The bundle as a whole.
#[derive(Clone, Debug, Serialize)]
pub struct BundleInfo {
    /// Its file name.
    pub name: String,
    /// SHA-256 of the file; of a folder, of the list of its files' hashes and paths.
    pub sha256: String,
    /// How many files it holds.
    pub entries: u64,
    /// How many bytes it has on disk.
    pub bytes: u64,
}

/// One file of the bundle.
#[derive(Clone, Debug, Serialize)]
pub struct EntryInfo {
    /// Path inside the bundle.
    pub path: String,
    /// Its log format, one lower-case word.
    pub format: &'static str,
    /// Its encoding, where it is text.
    pub encoding: Option<&'static str>,
    /// How many bytes of it were read.
    pub bytes: u64,
    /// How many records it has.
    pub records: u64,
    /// Local time of its first record, ISO 8601, with the offset where the log tells it.
    pub first_time: Option<String>,
    /// Local time of its last record.
    pub last_time: Option<String>,
    /// How far its local time is ahead of UTC, such as `+08:00`, where the bundle tells it.
    pub utc_offset: Option<String>,
    /// Whether another log of the bundle told the offset, and not this one.
    pub utc_offset_inferred: bool,
}

/// What a bundle tells of the machine it came from.
#[derive(Clone, Debug, Default, Serialize)]
pub struct System {
    /// What is known, in a fixed order; nothing stands for what is not.
    pub facts: Vec<SystemFact>,
}

/// One thing that is known of the machine.
#[derive(Clone, Debug, Serialize)]
pub struct SystemFact {
    /// Its name, such as `source-build`.
    pub name: &'static str,
    /// What a report calls it.
    pub title: Texts,
    /// Its values, in the order in which the logs tell them.
    pub values: Vec<SystemValue>,
}

/// A value of the machine with the first record that tells it.
#[derive(Clone, Debug, Serialize)]
pub struct SystemValue {
    /// The value as the log writes it.
    pub value: String,
    /// Path of the entry.
    pub entry: String,
    /// 1-based line; none where the entry as a whole tells it.
    pub line: Option<u64>,
    /// Time of the record, where it has one.
    pub time: Option<String>,
}

/// How sure a match is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Everything the signature asks for was found.
    Confirmed,
    /// Most of it was found; what is missing was not in the bundle.
    Likely,
    /// Part of it was found.
    Possible,
    /// A case of a known error that matched, of which this bundle shows nothing by itself.
    Sibling,
    /// Evidence speaks against it.
    RuledOut,
}

impl std::fmt::Display for Confidence {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Confidence::Confirmed => "confirmed",
            Confidence::Likely => "likely",
            Confidence::Possible => "possible",
            Confidence::Sibling => "sibling",
            Confidence::RuledOut => "ruled-out",
        })
    }
}

/// A known error that the bundle shows.
#[derive(Clone, Debug, Serialize)]
pub struct Match {
    /// Its id.
    pub known_error: String,
    /// What it is.
    pub title: Texts,
    /// The part of servicing it belongs to.
    pub area: String,
    /// How much it hurts.
    pub severity: Harm,
    /// How sure the match is.
    pub confidence: Confidence,
    /// The weighed share of its signature that was found, from 0 to 1.
    pub score: f64,
    /// Time of the latest record that its signature asks for: local, with the offset where the log gives it.
    pub last_seen: Option<String>,
    /// Whether that was more than a day before another confirmed match was last seen.
    pub earlier: bool,
    /// Why it happens.
    pub cause: Texts,
    /// What helps at once.
    pub workaround: Texts,
    /// What removes the cause.
    pub fix: Texts,
    /// Where the facts came from.
    pub references: Vec<String>,
    /// The records that prove it.
    pub evidence: Vec<Evidence>,
    /// What its signature asks for and was not found.
    pub missing: Vec<Missing>,
    /// Its past cases, best first.
    pub cases: Vec<CaseMatch>,
}

/// A past case against this bundle.
#[derive(Clone, Debug, Serialize)]
pub struct CaseMatch {
    /// Its number.
    pub id: String,
    /// Its subject.
    pub title: Texts,
    /// How sure the match is.
    pub confidence: Confidence,
    /// The weighed share of its signature that was found, from 0 to 1.
    pub score: f64,
    /// The records that prove it.
    pub evidence: Vec<Evidence>,
    /// What its signature asks for and was not found.
    pub missing: Vec<Missing>,
}

/// A record that proves a part of a signature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Id of the rule that fired on it.
    pub rule: String,
    /// What the rule says it is.
    pub title: Texts,
    /// Path of the entry.
    pub entry: String,
    /// 1-based line in the entry as the customer has it.
    pub line: u64,
    /// Local time of the record, where it has one.
    pub time: Option<String>,
    /// The record's text, cut at 4 KiB.
    pub text: String,
    /// What the rule captured; where it captures nothing, the first fact of each kind in the record.
    pub facts: BTreeMap<String, String>,
}

/// A part of a signature that was not found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Missing {
    /// Id of the rule.
    pub rule: String,
    /// What the rule would have shown.
    pub title: Texts,
    /// The log it looks at; `any` where it looks at every log.
    pub logsource: String,
    /// Whether that log was in the bundle: it was read, and the evidence is not in it.
    pub searched: bool,
}

/// A log that would decide an open match.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gap {
    /// The log.
    pub logsource: String,
    /// What it is called, where a guide for it exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Texts>,
    /// Where Windows keeps it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Known errors and cases it would decide.
    pub decides: Vec<String>,
}

/// A wrapper error below a more specific one.
#[derive(Clone, Debug, Serialize)]
pub struct Consequence {
    /// Id of the wrapper.
    pub known_error: String,
    /// What it is.
    pub title: Texts,
    /// Id of the known error it follows from.
    pub of: String,
}

/// Something that evidence speaks against.
#[derive(Clone, Debug, Serialize)]
pub struct RuledOut {
    /// Id of the known error or case.
    pub id: String,
    /// What it is.
    pub title: Texts,
    /// The records that speak against it.
    pub by: Vec<Evidence>,
}

/// Something that the bundle cannot decide.
#[derive(Clone, Debug, Serialize)]
pub struct CannotTell {
    /// Id of the known error or case.
    pub id: String,
    /// What it is.
    pub title: Texts,
    /// What points to it.
    pub evidence: Vec<Evidence>,
    /// What would decide it.
    pub missing: Vec<Missing>,
}

/// A rule that fired.
#[derive(Clone, Debug, Serialize)]
pub struct FindingInfo {
    /// Its id.
    pub rule: String,
    /// What it says.
    pub title: Texts,
    /// How much it weighs by itself.
    pub level: Level,
    /// On how many records it held.
    pub count: u64,
    /// The first of them.
    pub first: Place,
    /// What the rule captured; where it captures nothing, the first fact of each kind in the record.
    pub facts: BTreeMap<String, String>,
}

/// A filter of the site.
#[derive(Clone, Debug, Serialize)]
pub struct FilterInfo {
    /// Its id.
    pub filter: String,
    /// What it leaves out.
    pub title: Texts,
    /// On how many records it took a finding out.
    pub records: u64,
}

/// An error nothing explains.
#[derive(Clone, Debug, Serialize)]
pub struct UnexplainedInfo {
    /// The error as a HRESULT, such as `0x80070005`.
    pub error: String,
    /// Its symbolic name, where it is known.
    pub name: Option<&'static str>,
    /// What it means, by language, where it is known.
    pub meaning: Texts,
    /// On how many records it stands.
    pub count: u64,
    /// The first of them.
    pub first: Place,
}

/// A past failure that resembles what a bundle shows.
#[derive(Clone, Debug, Serialize)]
pub struct Similar {
    /// Id of the known error.
    pub known_error: String,
    /// What it is.
    pub title: Texts,
    /// How near it comes.
    pub band: Band,
    /// The weighed share of what the bundle names that it names too, from 0 to 1.
    pub score: f64,
    /// What both name, the most telling first.
    pub reasons: Vec<Reason>,
    /// Its cases that come near by themselves.
    pub cases: Vec<String>,
}

/// How near a past failure comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Band {
    /// Nearly all that the bundle names.
    Same,
    /// Most of it.
    Close,
    /// Part of it.
    Distant,
}

/// Something that a bundle and a past failure both name.
#[derive(Clone, Debug, Serialize)]
pub struct Reason {
    /// What it is.
    pub kind: Trait,
    /// The thing itself.
    pub value: String,
}

/// What kind of thing a bundle and a past failure share.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Trait {
    /// An error that nothing explains.
    Error,
    /// A rule that fired.
    Rule,
    /// A file or component.
    File,
    /// A name in a record.
    Word,
    /// What is known of the machine.
    Machine,
}

/// A record in the bundle.
#[derive(Clone, Debug, Serialize)]
pub struct Place {
    /// Path of the entry.
    pub entry: String,
    /// 1-based line.
    pub line: u64,
    /// Local time, where the record has one.
    pub time: Option<String>,
    /// Its text, cut at 4 KiB.
    pub text: String,
}

/// Something that could not be read.
#[derive(Clone, Debug, Serialize)]
pub struct Warning {
    /// Path of the entry.
    pub entry: String,
    /// What happened and what to do.
    pub message: String,
}
