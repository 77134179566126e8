//! The verdict: weighs findings against signatures, says what is missing, assembles the report.
//!
//! [`judge`] is the one door. A known error or case is *confirmed* when everything its signature asks for was found,
//! *likely* or *possible* when part of it was, *ruled out* when a `not` was found, and *cannot be told* when only
//! something that supports it was found and the logs that would decide are not in the bundle.

mod assess;
mod look;
mod ranking;
mod report;
mod scales;
mod system;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::DateTime;

pub use report::{
    Band, BundleInfo, CannotTell, CaseMatch, Confidence, Consequence, EntryInfo, Evidence, FilterInfo, FindingInfo,
    Gap, Match, Missing, Place, Reason, Report, RuledOut, SCHEMA, Similar, System, SystemFact, SystemValue, Trait,
    UnexplainedInfo, Warning,
};

use crate::matcher::{Fact, Finding, Scan, Seen};
use crate::signature::{FieldTest, Filter, Item, Knowledge, KnownError, LANGUAGES, Signature, Texts};
use crate::verdict::assess::{Assessment, Proof};
use crate::verdict::look::Nearest;
use crate::verdict::ranking::{Ranked, rank};
use crate::verdict::scales::{Scales, offsets, scales};

/// Share of a signature from which an open match is likely.
const LIKELY: f64 = 0.5;

/// Weighs what a scan found against all that is known.
pub fn judge(knowledge: &Knowledge, scan: &Scan) -> Report {
    let scales = scales(knowledge, scan);
    let concerned: BTreeSet<usize> = scales.findings.keys().flat_map(|rule| knowledge.users(rule)).copied().collect();
    let desk = Desk::new(knowledge, scan);
    let mut report = desk.empty_report();
    let mut ranked = Vec::new();
    for place in concerned {
        ranked.extend(desk.weigh(&knowledge.known_errors[place], &scales, &mut report));
    }
    rank(&mut ranked);
    let specific = |one: &&Ranked<'_>| !one.generic && one.found.confidence == Confidence::Confirmed;
    let causes: Vec<(String, BTreeSet<(String, u64)>)> = ranked
        .iter()
        .filter(specific)
        .map(|one| (one.found.known_error.clone(), records(&one.found.evidence)))
        .collect();
    for Ranked { found, generic, .. } in ranked {
        let shown = records(&found.evidence);
        match causes.iter().find(|(_, records)| generic && !records.is_disjoint(&shown)) {
            Some((of, _)) => {
                let consequence = Consequence { known_error: found.known_error, title: found.title, of: of.clone() };
                report.consequences.push(consequence);
            }
            None => report.matches.push(found),
        }
    }
    // What a confirmed match accounts for points to nothing else.
    let explained: BTreeSet<(String, u64)> = causes.into_iter().flat_map(|(_, records)| records).collect();
    report.cannot_tell.retain(|open| !records(&open.evidence).is_subset(&explained));
    report.gaps = gaps(knowledge, &report);
    report.unexplained = desk.unexplained(&report.matches);
    report
}

/// How sure one signature is by itself; none where nothing of it was found.
pub fn confidence(knowledge: &Knowledge, scan: &Scan, signature: &Signature) -> Option<Confidence> {
    let scales = scales(knowledge, scan);
    Desk::new(knowledge, scan).confidence(&assess::assess(signature, &scales))
}

/// What became of one item of a signature.
pub enum Look<'s> {
    /// It holds, on this record.
    Held(Evidence),
    /// Its rule fired, but a constraint fails; this record came closest.
    Failed {
        /// The first constraint that fails.
        test: &'s FieldTest,
        /// The values there are instead.
        values: Vec<String>,
        /// The record.
        evidence: Evidence,
    },
    /// The log was read, and the rule fired nowhere in it.
    NotFound,
    /// The log was not in the bundle.
    LogMissing,
}

/// Looks one item of a signature up in what a scan found.
pub fn look<'s>(knowledge: &Knowledge, scan: &'s Scan, item: &'s Item) -> Look<'s> {
    let desk = Desk::new(knowledge, scan);
    let evidence = |finding: &Finding| desk.proof(finding, &finding.seen[0]);
    match look::nearest(item, &scan.findings) {
        Nearest::Held(finding) => Look::Held(evidence(finding)),
        Nearest::Failed(test, finding) => {
            let values = finding.facts.get(&test.field).map(|fact| fact.values.clone()).unwrap_or_default();
            Look::Failed { test, values, evidence: evidence(finding) }
        }
        Nearest::Nothing if desk.has_log(item) => Look::NotFound,
        Nearest::Nothing => Look::LogMissing,
    }
}

/// The records that evidence stands on.
fn records(evidence: &[Evidence]) -> BTreeSet<(String, u64)> {
    evidence.iter().map(|evidence| (evidence.entry.clone(), evidence.line)).collect()
}

/// Logs outside the bundle that would decide an open match.
fn gaps(knowledge: &Knowledge, report: &Report) -> Vec<Gap> {
    let mut decides: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let note = |id: &str, missing: &[Missing]| -> Vec<(String, String)> {
        missing
            .iter()
            .filter(|missing| !missing.searched)
            .map(|missing| (missing.logsource.clone(), id.to_owned()))
            .collect()
    };
    let mut pairs = Vec::new();
    for found in &report.matches {
        if found.confidence != Confidence::Confirmed {
            pairs.extend(note(found.known_error.as_str(), &found.missing));
        }
        for case in &found.cases {
            if matches!(case.confidence, Confidence::Likely | Confidence::Possible) {
                pairs.extend(note(case.id.as_str(), &case.missing));
            }
        }
    }
    for open in &report.cannot_tell {
        pairs.extend(note(open.id.as_str(), &open.missing));
    }
    for (logsource, id) in &pairs {
        decides.entry(logsource).or_default().insert(id);
    }
    let gap = |(logsource, ids): (&str, BTreeSet<&str>)| {
        let guide = knowledge.guide(logsource);
        Gap {
            logsource: logsource.to_owned(),
            name: guide.map(|guide| guide.name.clone()),
            paths: guide.map(|guide| guide.paths.clone()).unwrap_or_default(),
            decides: ids.into_iter().map(str::to_owned).collect(),
        }
    };
    decides.into_iter().map(gap).collect()
}

/// What lies on the table while a bundle is judged.
struct Desk<'d> {
    knowledge: &'d Knowledge,
    scan: &'d Scan,
    services: BTreeSet<&'static str>,
    offsets: BTreeMap<&'d str, i32>,
}

impl<'d> Desk<'d> {
    fn new(knowledge: &'d Knowledge, scan: &'d Scan) -> Self {
        let services = scan.entries.iter().flat_map(|entry| entry.services.iter().copied()).collect();
        Desk { knowledge, scan, services, offsets: offsets(scan) }
    }

    /// Whether the log that an item's rule looks at is in the bundle.
    fn has_log(&self, item: &Item) -> bool {
        self.absent_log(&item.rule).is_none()
    }

    /// The first log that a rule, or a rule below a correlation, looks at and that is not in the bundle.
    fn absent_log(&self, rule: &str) -> Option<&'d str> {
        let services = self.knowledge.base_rules(rule).into_iter().filter_map(|rule| rule.service.as_deref());
        services.into_iter().find(|service| !self.services.contains(service))
    }

    /// The match of one known error with its cases; none where nothing speaks for it.
    fn weigh<'s>(
        &self,
        known_error: &'s KnownError,
        scales: &'s Scales<'s>,
        report: &mut Report,
    ) -> Option<Ranked<'s>> {
        let own = assess::assess(&known_error.signature, scales);
        let (mut information, mut last) = (own.information, own.last);
        let mut confidence = self.confidence(&own);
        let mut score = own.score();
        let mut evidence = own.evidence.clone();
        let mut cases = Vec::new();
        for case in &known_error.cases {
            let assessment = assess::assess(&case.signature, scales);
            let found = self.confidence(&assessment);
            self.note_open(&case.id, &case.story.title, &assessment, found, report);
            if found == Some(Confidence::Confirmed) {
                confidence = found;
                score = 1.0;
                evidence.extend(&assessment.evidence);
                information = information.max(assessment.information);
                last = last.max(assessment.last);
            }
            let case_match = CaseMatch {
                id: case.id.clone(),
                title: case.story.title.clone(),
                confidence: found.unwrap_or(Confidence::Sibling),
                score: assessment.score(),
                evidence: self.evidence(&assessment.evidence),
                missing: self.missing(&assessment.missing),
            };
            cases.push((assessment.information, case_match));
        }
        self.note_open(&known_error.id, &known_error.title, &own, confidence, report);
        let confidence = match confidence {
            Some(confidence) if confidence <= Confidence::Possible => confidence,
            _ => return None,
        };
        cases.sort_by(|(a_rank, a), (b_rank, b)| {
            let by_confidence = a.confidence.cmp(&b.confidence).then(b.score.total_cmp(&a.score));
            by_confidence.then(b_rank.total_cmp(a_rank)).then_with(|| a.id.cmp(&b.id))
        });
        let found = Match {
            known_error: known_error.id.clone(),
            title: known_error.title.clone(),
            area: known_error.area.clone(),
            severity: known_error.severity,
            confidence,
            score,
            last_seen: last.map(|last| iso(last.time, self.offsets.get(last.entry).copied())),
            earlier: false,
            cause: known_error.cause.clone(),
            workaround: known_error.workaround.clone(),
            fix: known_error.fix.clone(),
            references: known_error.references.clone(),
            evidence: self.evidence(&evidence),
            missing: if confidence == Confidence::Confirmed { Vec::new() } else { self.missing(&own.missing) },
            cases: cases.into_iter().map(|(_, case)| case).collect(),
        };
        Some(Ranked { found, generic: known_error.generic, information, last })
    }

    /// How sure an assessment is; none where nothing of it was found.
    fn confidence(&self, assessment: &Assessment<'_>) -> Option<Confidence> {
        if !assessment.touched {
            return None;
        }
        if !assessment.against.is_empty() {
            return Some(Confidence::RuledOut);
        }
        if assessment.is_whole() {
            return Some(Confidence::Confirmed);
        }
        let searched = self.missing(&assessment.missing).iter().any(|missing| missing.searched);
        let likely = assessment.score() >= LIKELY && !searched;
        Some(if likely { Confidence::Likely } else { Confidence::Possible })
    }

    /// Notes what is ruled out, and what points somewhere without deciding anything.
    fn note_open(
        &self,
        id: &str,
        title: &Texts,
        assessment: &Assessment<'_>,
        confidence: Option<Confidence>,
        report: &mut Report,
    ) {
        if confidence == Some(Confidence::RuledOut) {
            report.ruled_out.push(RuledOut {
                id: id.to_owned(),
                title: title.clone(),
                by: self.evidence(&assessment.against),
            });
        }
        let missing = self.missing(&assessment.missing);
        let undecided =
            confidence.is_none() && !assessment.evidence.is_empty() && missing.iter().any(|missing| !missing.searched);
        if undecided {
            let evidence = self.evidence(&assessment.evidence);
            report.cannot_tell.push(CannotTell { id: id.to_owned(), title: title.clone(), evidence, missing });
        }
    }

    fn evidence(&self, proofs: &[Proof<'_>]) -> Vec<Evidence> {
        let mut evidence: Vec<Evidence> = Vec::new();
        for proof in proofs {
            let item = self.proof(proof.finding, proof.seen);
            if !evidence.contains(&item) {
                evidence.push(item);
            }
        }
        evidence
    }

    fn proof(&self, finding: &Finding, seen: &Seen) -> Evidence {
        let Place { entry, line, time, text } = self.place(seen);
        Evidence {
            rule: finding.rule.clone(),
            title: self.title(&finding.rule),
            entry,
            line,
            time,
            text,
            facts: first_facts(&finding.facts),
        }
    }

    fn missing(&self, items: &[&Item]) -> Vec<Missing> {
        let mut all: Vec<Missing> = Vec::new();
        for item in items {
            let first = || self.knowledge.base_rules(&item.rule).first().and_then(|rule| rule.service.as_deref());
            let service = self.absent_log(&item.rule).or_else(first);
            let searched = self.has_log(item);
            let missing = Missing {
                rule: item.rule.clone(),
                title: self.title(&item.rule),
                logsource: service.unwrap_or("any").to_owned(),
                searched,
            };
            if !all.contains(&missing) {
                all.push(missing);
            }
        }
        all
    }

    /// Errors that neither a finding nor a confirmed match accounts for.
    fn unexplained(&self, matches: &[Match]) -> Vec<UnexplainedInfo> {
        let confirmed = matches.iter().filter(|found| found.confidence == Confidence::Confirmed);
        let explained: BTreeSet<_> = confirmed
            .flat_map(|found| &found.evidence)
            .filter_map(|evidence| crate::facts::parse_code(evidence.facts.get("error")?))
            .collect();
        let open = self.scan.unexplained.iter().filter(|unexplained| !explained.contains(&unexplained.code));
        let mut open: Vec<UnexplainedInfo> = open
            .map(|unexplained| {
                let mut meaning = Texts::default();
                for language in LANGUAGES {
                    if let Some(text) = unexplained.code.meaning(language) {
                        meaning.insert(language, text.to_owned());
                    }
                }
                UnexplainedInfo {
                    error: unexplained.code.hex(),
                    name: unexplained.code.name(),
                    meaning,
                    count: unexplained.count,
                    first: self.place(&unexplained.first),
                }
            })
            .collect();
        open.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.error.cmp(&b.error)));
        open
    }

    fn empty_report(&self) -> Report {
        let scan = self.scan;
        let entry_info = |entry: &crate::matcher::Entry| EntryInfo {
            path: entry.path.clone(),
            format: entry.format.name(),
            encoding: entry.encoding,
            bytes: entry.bytes,
            records: entry.records,
            first_time: entry.times.map(|(first, _)| iso(first, entry.utc_offset)),
            last_time: entry.times.map(|(_, last)| iso(last, entry.utc_offset)),
            utc_offset: entry.utc_offset.map(system::offset),
            utc_offset_inferred: entry.utc_offset_inferred,
        };
        let finding_info = |finding: &Finding| FindingInfo {
            rule: finding.rule.clone(),
            title: self.title(&finding.rule),
            level: self.knowledge.level(&finding.rule).unwrap_or(crate::signature::Level::Medium),
            count: finding.count,
            first: self.place(&finding.seen[0]),
            facts: first_facts(&finding.facts),
        };
        Report {
            schema: SCHEMA,
            bundle: BundleInfo {
                name: scan.summary.name.clone(),
                sha256: scan.summary.sha256.clone(),
                entries: scan.summary.entries,
                bytes: scan.summary.bytes,
            },
            entries: scan.entries.iter().map(entry_info).collect(),
            system: system::system(self.knowledge, scan),
            matches: Vec::new(),
            consequences: Vec::new(),
            ruled_out: Vec::new(),
            cannot_tell: Vec::new(),
            gaps: Vec::new(),
            findings: scan.findings.iter().map(finding_info).collect(),
            unexplained: Vec::new(),
            similar: Vec::new(),
            filters: self.knowledge.filters.iter().zip(&scan.filtered).map(filter_info).collect(),
            warnings: scan
                .problems
                .iter()
                .map(|problem| Warning { entry: problem.entry.clone(), message: problem.message.clone() })
                .collect(),
        }
    }

    fn place(&self, seen: &Seen) -> Place {
        let offset = self.offsets.get(seen.entry.as_str()).copied();
        Place {
            entry: seen.entry.clone(),
            line: seen.sight.line,
            time: seen.sight.time.map(|time| iso(time, offset)),
            text: seen.sight.text.clone(),
        }
    }

    fn title(&self, rule: &str) -> Texts {
        self.knowledge.title(rule).cloned().unwrap_or_default()
    }
}

fn filter_info((filter, records): (&Filter, &u64)) -> FilterInfo {
    FilterInfo { filter: filter.id.clone(), title: filter.title.clone(), records: *records }
}

/// What the rule captured; where it captures nothing, the facts of the record.
fn first_facts(facts: &BTreeMap<String, Fact>) -> BTreeMap<String, String> {
    let captures = facts.values().any(|fact| fact.captured);
    let shown = facts.iter().filter(|(_, fact)| fact.captured || !captures);
    shown.filter_map(|(name, fact)| Some((name.clone(), fact.values.first()?.clone()))).collect()
}

/// A local time in ISO 8601, with its offset where it is known.
fn iso(time: DateTime, offset: Option<i32>) -> String {
    format!("{time}{}", offset.map(system::offset).unwrap_or_default())
}
