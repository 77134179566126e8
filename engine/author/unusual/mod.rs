//! `new rule --from`: proposes the lines of a bundle that are most unlike ordinary ones, and drafts a rule of one.
//!
//! `census` counts the lines of a bundle by shape, in bounded memory; the clean bundle and all excerpts of cases are
//! counted the same way and tell what is ordinary. `rank` orders what is left, `shape` names the variable parts, and
//! `draw` writes a rule that `check` has accepted before it is shown. What noise or any rule knows is not proposed.

mod census;
mod draw;
mod rank;
mod shape;

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::author::{AuthorError, Written, name, place};
use crate::bundle::Limits;
use crate::facts::{self, Code};
use crate::logs;
use crate::matcher;
use crate::signature::{Knowledge, Level, Source};
use crate::text::printable;

use census::{Census, Sample};
use draw::Drawn;

/// The excerpts of a healthy machine.
const CLEAN: &str = "tests/bundles/clean";

/// How many lines are proposed.
const SHOWN: usize = 20;

/// How many of them may have one name, so that a failure on many files does not hide others.
const ALIKE: usize = 2;

/// How many lines are tried, at most.
const TRIED: usize = 500;

/// A bundle to look for unusual lines in.
#[derive(Debug)]
pub struct Search<'a> {
    /// The files, folders or archives that make it up.
    pub paths: &'a [PathBuf],
    /// Limits on hostile bundles.
    pub limits: &'a Limits,
    /// Passwords that may open what is encrypted.
    pub passwords: &'a [String],
}

/// Lines of which a rule may be made, best first.
#[derive(Debug)]
pub struct Proposals {
    lines: Vec<Proposal>,
    /// What was not looked at, a sentence each.
    notes: Vec<String>,
}

#[derive(Debug)]
struct Proposal {
    sample: Sample,
    why: Vec<String>,
    drawn: Drawn,
}

/// Looks for the lines of a bundle that no rule knows and that are most unlike ordinary ones; `progress` is told how
/// many bytes have been read.
///
/// # Errors
/// [`AuthorError`] where nothing could be opened, or the knowledge base cannot be read.
pub fn propose(
    source: &Source,
    knowledge: &Knowledge,
    search: &Search<'_>,
    progress: &dyn Fn(u64),
) -> Result<Proposals, AuthorError> {
    let mut ordinary = Census::default();
    let mut logs = 0;
    for file in source.list(CLEAN)?.into_iter().chain(excerpts(knowledge)) {
        ordinary.count_file(&file, &source.read(&file)?);
        logs += 1;
    }
    let ordinary_codes: BTreeSet<Code> = ordinary.samples().flat_map(|(sample, _)| codes(sample)).collect();
    let mut census = Census::default();
    let mut notes = census.count_bundle(search, progress)?;
    let mut found: Vec<(f64, Vec<String>, &Sample)> = census
        .kinds
        .iter()
        .filter(|(key, _)| !ordinary.kinds.contains_key(key))
        .filter_map(|(_, kind)| {
            let (score, mut why) = rank::weigh(&kind.first, kind.count, &ordinary_codes)?;
            why.push(format!("unlike every line of {logs} ordinary logs"));
            Some((score, why, &kind.first))
        })
        .collect();
    found.sort_by(|(a, _, one), (b, _, other)| b.total_cmp(a).then_with(|| one.number.cmp(&other.number)));
    if census.lost > 0 {
        notes.push(format!("{} records of rare shape were not kept apart: look at fewer logs at once", census.lost));
    }
    let near: Vec<&Sample> = ordinary.samples().chain(census.samples()).map(|(sample, _)| sample).collect();
    let mut lines = Vec::new();
    for (_, why, sample) in found.into_iter().take(TRIED) {
        if lines.len() == SHOWN {
            break;
        }
        if is_known(knowledge, sample) {
            continue;
        }
        let Some(id) = draw::id(sample) else { continue };
        if lines.iter().filter(|line: &&Proposal| line.drawn.id == id).count() == ALIKE {
            continue;
        }
        if let Some(drawn) = draw::draw(sample, &near) {
            lines.push(Proposal { sample: sample.clone(), why, drawn });
        }
    }
    Ok(Proposals { lines, notes })
}

/// Writes the rule of the line `pick`, counted from 1, under `id` or a name made of the line's words.
///
/// # Errors
/// [`AuthorError`] where there is no such line, the name cannot be used or is of another log, or the file cannot be
/// written.
pub fn new_rule_of(
    source: &Source,
    proposals: &Proposals,
    pick: usize,
    id: Option<&str>,
) -> Result<Written, AuthorError> {
    let root = place::root(source)?;
    let count = proposals.lines.len();
    let proposal = pick.checked_sub(1).and_then(|at| proposals.lines.get(at));
    let proposal = proposal.ok_or(AuthorError::NoSuchLine { pick, count })?;
    let drawn = &proposal.drawn;
    let id = id.unwrap_or(&drawn.id);
    let (folder, called) = name::rule(id)?;
    let own = drawn.id.split('/').next().unwrap_or_default();
    if folder != own {
        let why = format!("the line is of the log {own}: write {own}/{called}");
        return Err(AuthorError::BadName { name: id.to_owned(), why });
    }
    let file = format!("rules/{id}.yml");
    place::write_file(root, &file, &drawn.titled(called))?;
    let note = "read the pattern: words that vary from case to case should become {word}, {rest} or the like";
    Ok(Written { files: vec![file], notes: vec![note.to_owned()] })
}

impl Proposals {
    /// The lines as a numbered list, for a person.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (index, proposal) in self.lines.iter().enumerate() {
            let sample = &proposal.sample;
            text.push_str(&format!(
                "{:>3}. {}:{} ({})\n     {}\n     why: {}\n",
                index + 1,
                printable(&sample.entry),
                sample.line,
                proposal.drawn.id,
                printable(&proposal.drawn.shown),
                proposal.why.join("; "),
            ));
        }
        for note in &self.notes {
            text.push_str(&format!("note: {}\n", printable(note)));
        }
        text.push_str(if self.lines.is_empty() {
            "nothing unusual: rules, noise and ordinary logs know every line that looks like a failure\n"
        } else {
            "next: the same with `--pick N` writes the rule of line N; the line then leaves the list\n"
        });
        text
    }
}

/// The excerpts of all known errors and cases.
fn excerpts(knowledge: &Knowledge) -> impl Iterator<Item = String> + '_ {
    knowledge
        .known_errors
        .iter()
        .flat_map(|known| known.logs.iter().chain(known.cases.iter().flat_map(|case| &case.logs)).cloned())
}

/// The part of a line that may tell of a failure: of a trace only the result.
fn telling(sample: &Sample) -> &str {
    sample.field("result").unwrap_or(&sample.text)
}

/// The failures that a line is about.
fn codes(sample: &Sample) -> Vec<Code> {
    let main = facts::errors(telling(sample)).into_iter().filter(|fact| fact.role == facts::Role::Main);
    main.map(|fact| fact.code).filter(|code| code.is_failure()).collect()
}

/// Whether a rule fires on the line already and says more than that something ended with an error: a rule of noise, or
/// one of level `medium` or above.
fn is_known(knowledge: &Knowledge, sample: &Sample) -> bool {
    let channel = sample.field("Channel").unwrap_or_default();
    let id = sample.field("EventID").unwrap_or_default();
    let looks = |service: &str| service == sample.format.service() || logs::serves_channel(service, channel);
    let record = sample.record();
    knowledge.rules.values().filter(|rule| rule.noise || rule.level >= Level::Medium).any(|rule| {
        rule.service.as_deref().is_none_or(looks)
            && rule.category.as_deref().is_none_or(|category| logs::serves_event(category, channel, id))
            && matcher::try_rule(rule, &record).is_some()
    })
}
