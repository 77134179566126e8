//! A report for a person: what it is, on which lines, what to do, what is missing.
//!
//! Lines are wrapped by display width, so that Chinese text stays aligned. Styles are ANSI codes; the caller
//! writes through a stream that strips them where there is no terminal.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use crate::render::words::Words;
use crate::signature::Level;
use crate::text::printable;
use crate::verdict::{CaseMatch, Confidence, Evidence, FindingInfo, Match, Missing, Report, Similar};

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const CYAN: Style = AnsiColor::Cyan.on_default();

/// Most lines of one list before the rest is only counted.
const LONGEST_LIST: usize = 12;

/// Most physical lines of one record that are shown.
const LONGEST_RECORD: usize = 3;

/// Draws the report in `language`, at most `width` columns wide.
pub fn text(report: &Report, language: &str, width: usize) -> String {
    let mut page = Page { words: Words::of(language), width: width.clamp(40, 160), out: String::new() };
    page.report(report);
    page.out
}

/// Draws past failures that resemble a bundle, and nothing else of its report.
pub fn similar(similar: &[Similar], language: &str, width: usize) -> String {
    let mut page = Page { words: Words::of(language), width: width.clamp(40, 160), out: String::new() };
    page.similar(similar);
    page.out.trim_start().to_owned()
}

struct Page {
    words: &'static Words,
    width: usize,
    out: String,
}

impl Page {
    fn report(&mut self, report: &Report) {
        let bundle = &report.bundle;
        let files = if bundle.entries == 1 { self.words.file } else { self.words.files };
        let title = format!("{} — {} {files}, {}", bundle.name, bundle.entries, size(bundle.bytes));
        self.line(0, &styled(BOLD, &printable(&title)));
        self.machine(report);
        if report.matches.is_empty() {
            self.blank();
            self.line(0, self.words.nothing);
        }
        for (index, found) in report.matches.iter().enumerate() {
            self.found(index + 1, found);
        }
        self.consequences(report);
        self.open_questions(report);
        self.other_findings(report);
        self.unexplained(report);
        self.similar(&report.similar);
        self.filters(report);
        self.warnings(report);
    }

    /// What the bundle tells of the machine, one line for each name.
    fn machine(&mut self, report: &Report) {
        let facts = &report.system.facts;
        self.heading(self.words.machine, facts.len());
        let language = self.words.language;
        let width = facts.iter().map(|fact| fact.title.get(language).width()).max().unwrap_or_default();
        for fact in facts {
            let title = fact.title.get(language);
            let shown = fact.values.iter().take(LONGEST_LIST).map(|value| value.value.as_str());
            let mut body = shown.collect::<Vec<_>>().join(", ");
            if let Some(rest) = fact.values.len().checked_sub(LONGEST_LIST).filter(|rest| *rest > 0) {
                let _ = write!(body, ", … {rest} {}", self.words.more);
            }
            let mut start = format!("{title}{}", " ".repeat(width - title.width()));
            for line in self.wrap(width + 4, &body) {
                self.line(2, &format!("{start}  {line}"));
                start = " ".repeat(width);
            }
        }
    }

    fn found(&mut self, number: usize, found: &Match) {
        let words = self.words;
        self.blank();
        let confidence = self.confidence(found.confidence, found.score);
        self.line(0, &format!("{number}. {confidence}  {}", styled(BOLD, found.title.get(words.language))));
        self.line(3, &styled(DIM, &found.known_error));
        if let (true, Some(last_seen)) = (found.earlier, &found.last_seen) {
            self.labelled(words.last_seen, &format!("{}{}", last_seen.replace('T', " "), words.earlier));
        }
        self.labelled(words.cause, found.cause.get(words.language));
        self.labelled(words.workaround, found.workaround.get(words.language));
        self.labelled(words.fix, found.fix.get(words.language));
        self.references(&found.references);
        self.evidence_list(&found.evidence);
        self.missing_list(&found.missing);
        if !found.cases.is_empty() {
            self.line(3, &styled(BOLD, words.cases));
        }
        for case in &found.cases {
            self.case(case, found);
        }
    }

    /// One address a line, never broken, so that it can be opened from the terminal.
    fn references(&mut self, references: &[String]) {
        let mut label = self.words.references.to_owned();
        for reference in references {
            let start = self.label(&label);
            self.line(0, &format!("{start}{}", printable(reference)));
            label.clear();
        }
    }

    fn case(&mut self, case: &CaseMatch, found: &Match) {
        let words = self.words;
        let confidence = self.confidence(case.confidence, case.score);
        self.line(5, &format!("{} {confidence}  {}", styled(BOLD, &case.id), case.title.get(words.language)));
        if case.confidence == Confidence::Confirmed {
            return;
        }
        let shared: BTreeSet<&str> = match case.evidence.is_empty() {
            true => BTreeSet::from([found.title.get(words.language)]),
            false => case.evidence.iter().map(|evidence| evidence.title.get(words.language)).collect(),
        };
        self.wrapped(7, &format!("{}: {}", words.shares, shared.into_iter().collect::<Vec<_>>().join("; ")));
        let lacks: Vec<String> = case.missing.iter().map(|missing| self.missing(missing)).collect();
        if !lacks.is_empty() {
            self.wrapped(7, &format!("{}: {}", words.lacks, lacks.join("; ")));
        }
    }

    fn evidence_list(&mut self, evidence: &[Evidence]) {
        if evidence.is_empty() {
            return;
        }
        self.line(3, &styled(BOLD, self.words.evidence));
        for item in evidence.iter().take(LONGEST_LIST) {
            self.evidence(item);
        }
        self.rest(5, evidence.len());
    }

    fn evidence(&mut self, item: &Evidence) {
        let place = format!("{}:{}", printable(&item.entry), item.line);
        let time = item
            .time
            .as_deref()
            .map(|time| format!("  {}", styled(DIM, &time.replacen('T', " ", 1))))
            .unwrap_or_default();
        self.line(5, &format!("{}{time}  {}", styled(CYAN, &place), item.title.get(self.words.language)));
        self.record(&item.text);
    }

    /// The first lines of a record, as they stand in the log.
    fn record(&mut self, text: &str) {
        let lines: Vec<&str> = text.split(['\r', '\n']).filter(|line| !line.trim().is_empty()).collect();
        for line in lines.iter().take(LONGEST_RECORD) {
            let line = printable(line.trim_end());
            let line = if line.width() > 400 { format!("{} …", cut(&line, 400)) } else { line.into_owned() };
            self.line(7, &format!("{} {line}", styled(DIM, "|")));
        }
        if lines.len() > LONGEST_RECORD {
            let rest = format!("| … {} {}", lines.len() - LONGEST_RECORD, self.words.more_lines);
            self.line(7, &styled(DIM, &rest));
        }
    }

    fn missing_list(&mut self, missing: &[Missing]) {
        if missing.is_empty() {
            return;
        }
        self.line(3, &styled(BOLD, self.words.missing));
        for item in missing.iter().take(LONGEST_LIST) {
            let text = self.missing(item);
            self.wrapped(5, &text);
        }
        self.rest(5, missing.len());
    }

    fn missing(&self, missing: &Missing) -> String {
        let state = if missing.searched { self.words.searched } else { self.words.not_in_bundle };
        format!("{} ({}: {state})", missing.title.get(self.words.language), missing.logsource)
    }

    fn consequences(&mut self, report: &Report) {
        self.heading(self.words.consequences, report.consequences.len());
        for item in &report.consequences {
            let text = format!("{} — {} {}", item.title.get(self.words.language), self.words.follows_from, item.of);
            self.wrapped(2, &text);
        }
    }

    fn open_questions(&mut self, report: &Report) {
        let language = self.words.language;
        self.heading(self.words.ruled_out, report.ruled_out.len());
        for item in &report.ruled_out {
            self.wrapped(2, &format!("{}  {}", item.id, item.title.get(language)));
            item.by.iter().take(LONGEST_LIST).for_each(|evidence| self.evidence(evidence));
        }
        self.heading(self.words.cannot_tell, report.cannot_tell.len());
        for item in &report.cannot_tell {
            self.wrapped(2, &format!("{}  {}", item.id, item.title.get(language)));
            item.evidence.iter().take(LONGEST_LIST).for_each(|evidence| self.evidence(evidence));
        }
        self.heading(self.words.gaps, report.gaps.len());
        for gap in &report.gaps {
            let name = gap.name.as_ref().map_or(gap.logsource.as_str(), |name| name.get(language));
            let decides = gap.decides.iter().take(LONGEST_LIST).map(String::as_str).collect::<Vec<_>>().join(", ");
            let rest = gap.decides.len().saturating_sub(LONGEST_LIST);
            let rest = if rest > 0 { format!(", … +{rest}") } else { String::new() };
            self.line(2, &format!("{}  ({}: {decides}{rest})", styled(BOLD, name), self.words.decides));
            gap.paths.iter().for_each(|path| self.line(4, path));
        }
    }

    /// Findings that no match shows as evidence, one line a rule.
    fn other_findings(&mut self, report: &Report) {
        let cases = report.matches.iter().flat_map(|found| &found.cases).flat_map(|case| &case.evidence);
        let shown: BTreeSet<(&str, &str, u64)> = report
            .matches
            .iter()
            .flat_map(|found| &found.evidence)
            .chain(cases)
            .map(|evidence| (evidence.rule.as_str(), evidence.entry.as_str(), evidence.line))
            .collect();
        let mut others: Vec<(u64, &FindingInfo)> = Vec::new();
        for finding in report.findings.iter().filter(|finding| finding.level > Level::Informational) {
            let first = (finding.rule.as_str(), finding.first.entry.as_str(), finding.first.line);
            if shown.contains(&first) {
                continue;
            }
            match others.iter_mut().find(|(_, other)| other.rule == finding.rule) {
                Some((count, _)) => *count += finding.count,
                None => others.push((finding.count, finding)),
            }
        }
        self.heading(self.words.other_findings, others.len());
        for (count, finding) in others.iter().take(LONGEST_LIST) {
            let place = format!("{}:{}", printable(&finding.first.entry), finding.first.line);
            let title = finding.title.get(self.words.language);
            self.line(2, &format!("{count:>5}×  {title}  {}", styled(CYAN, &place)));
        }
        self.rest(2, others.len());
    }

    fn unexplained(&mut self, report: &Report) {
        self.heading(self.words.unexplained, report.unexplained.len());
        let name_width = report.unexplained.iter().take(LONGEST_LIST).filter_map(|item| item.name).map(str::len).max();
        for item in report.unexplained.iter().take(LONGEST_LIST) {
            let place = format!("{}:{}", printable(&item.first.entry), item.first.line);
            let name = format!("{:width$}", item.name.unwrap_or_default(), width = name_width.unwrap_or_default());
            let meaning = item.meaning.get(self.words.language);
            let code = styled(YELLOW, &item.error);
            self.line(2, &format!("{:>5}×  {code}  {name}  {meaning}  {}", item.count, styled(CYAN, &place)));
        }
        self.rest(2, report.unexplained.len());
    }

    /// Past failures that resemble the bundle, with what both name.
    pub(super) fn similar(&mut self, similar: &[Similar]) {
        self.heading(self.words.similar, similar.len());
        for item in similar {
            let band = styled(YELLOW, self.words.bands[item.band as usize]);
            self.line(2, &format!("{band}  {}", item.title.get(self.words.language)));
            let ids = std::iter::once(item.known_error.as_str()).chain(item.cases.iter().map(String::as_str));
            self.line(4, &styled(DIM, &printable(&ids.collect::<Vec<_>>().join(", "))));
            let shown = item.reasons.iter().take(LONGEST_LIST).map(|reason| reason.value.as_str());
            self.wrapped(4, &format!("{}: {}", self.words.shared, shown.collect::<Vec<_>>().join(", ")));
        }
    }

    /// What the site does not want to hear of, and how much that was.
    fn filters(&mut self, report: &Report) {
        self.heading(self.words.filters, report.filters.len());
        for filter in report.filters.iter().take(LONGEST_LIST) {
            let title = filter.title.get(self.words.language);
            self.wrapped(2, &format!("{}× {title} ({})", filter.records, filter.filter));
        }
        self.rest(2, report.filters.len());
    }

    fn warnings(&mut self, report: &Report) {
        self.heading(self.words.warnings, report.warnings.len());
        for warning in report.warnings.iter().take(LONGEST_LIST) {
            let message = printable(&warning.message);
            match warning.entry.as_str() {
                "" => self.wrapped(2, &message),
                entry => self.wrapped(2, &format!("{}: {message}", printable(entry))),
            }
        }
        self.rest(2, report.warnings.len());
    }

    fn confidence(&self, confidence: Confidence, score: f64) -> String {
        let word = self.words.confidence(confidence);
        match confidence {
            Confidence::Confirmed => styled(RED, word),
            Confidence::Likely | Confidence::Possible => styled(YELLOW, &format!("{word} {:.0} %", score * 100.0)),
            Confidence::Sibling | Confidence::RuledOut => styled(DIM, word),
        }
    }

    fn heading(&mut self, title: &str, count: usize) {
        if count > 0 {
            self.blank();
            self.line(0, &styled(BOLD, title));
        }
    }

    /// Says how many items of a list of `length` were not shown.
    fn rest(&mut self, indent: usize, length: usize) {
        if length > LONGEST_LIST {
            let rest = format!("… {} {}", length - LONGEST_LIST, self.words.more);
            self.line(indent, &styled(DIM, &rest));
        }
    }

    /// A label with its text beside it, wrapped.
    fn labelled(&mut self, label: &str, body: &str) {
        let mut start = self.label(label);
        let rest = self.label("");
        for line in self.wrap(rest.len(), body) {
            self.line(0, &format!("{start}{line}"));
            start.clone_from(&rest);
        }
    }

    /// The beginning of a labelled line, as wide for every label.
    fn label(&self, label: &str) -> String {
        let words = self.words;
        let labels = [words.cause, words.workaround, words.fix, words.references, words.last_seen];
        let width = labels.iter().map(|label| label.width()).max().unwrap_or_default();
        let padding = " ".repeat(width - label.width());
        let label = if label.is_empty() { String::new() } else { styled(BOLD, label) };
        format!("   {label}{padding}  ")
    }

    fn wrapped(&mut self, indent: usize, body: &str) {
        let mut pad = indent;
        for line in self.wrap(indent + 2, body) {
            self.line(pad, &line);
            pad = indent + 2;
        }
    }

    fn wrap(&self, indent: usize, body: &str) -> Vec<String> {
        let room = self.width.saturating_sub(indent).max(20);
        let lines = body.trim_end().lines().map(|line| printable(line));
        lines
            .flat_map(|line| textwrap::wrap(&line, room).into_iter().map(Cow::into_owned).collect::<Vec<_>>())
            .collect()
    }

    fn line(&mut self, indent: usize, body: &str) {
        let _ = writeln!(self.out, "{:indent$}{body}", "");
    }

    fn blank(&mut self) {
        self.out.push('\n');
    }
}

/// A text in a style that ends with it.
pub(super) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// The beginning of a text, at most `width` columns wide.
fn cut(text: &str, width: usize) -> &str {
    let mut columns = 0;
    for (at, char) in text.char_indices() {
        columns += unicode_width::UnicodeWidthChar::width(char).unwrap_or(0);
        if columns > width {
            return &text[..at];
        }
    }
    text
}

/// A number of bytes for a person.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["B", "KiB", "MiB", "GiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}
