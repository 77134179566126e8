//! What each rule costs: which texts the index searches for it, and how often they stand in logs on which it does not
//! hold.
//!
//! Measured in counts and not in seconds, over the clean bundle and all excerpts, so that it is the same on every
//! machine.

use std::collections::{BTreeMap, BTreeSet};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::Serialize;

use crate::check::proof::CLEAN;
use crate::logs::{self, Block, Blocks};
use crate::matcher::{self, Program};
use crate::signature::{Knowledge, Source, SourceError};

/// What one rule costs.
#[derive(Debug, Serialize)]
pub struct RuleProfile {
    /// Its id.
    pub rule: String,
    /// Texts of which one must stand in a record; empty where the rule looks at every record of its log.
    pub literals: Vec<String>,
    /// Whether the clean bundle holds a log that the rule looks at: if not, it proves nothing of the rule.
    pub reached: bool,
    /// How often one of the texts stands in the clean bundle.
    pub clean_hits: u64,
    /// How often one of them stands in the excerpts of known errors and cases.
    pub hits: u64,
    /// In how many files of excerpts the rule holds.
    pub files: u64,
}

/// The profile of every rule, the costliest on healthy machines first.
///
/// # Errors
/// [`SourceError`] where an excerpt cannot be read.
pub fn profile(source: &Source, knowledge: &Knowledge) -> Result<Vec<RuleProfile>, SourceError> {
    let program = matcher::compile(knowledge);
    let errors = knowledge.known_errors.iter();
    let excerpts = errors.flat_map(|error| error.logs.iter().chain(error.cases.iter().flat_map(|case| &case.logs)));
    let excerpts: Vec<String> = excerpts.cloned().collect();
    let (clean, excerpts) = (measure(source, &program, &source.list(CLEAN)?)?, measure(source, &program, &excerpts)?);
    let row = |rule: &crate::signature::Rule| RuleProfile {
        rule: rule.id.clone(),
        literals: matcher::required(&rule.detection).unwrap_or_default(),
        reached: clean.reached.contains(rule.id.as_str()),
        clean_hits: clean.hits.get(rule.id.as_str()).copied().unwrap_or_default(),
        hits: excerpts.hits.get(rule.id.as_str()).copied().unwrap_or_default(),
        files: excerpts.files.get(rule.id.as_str()).copied().unwrap_or_default(),
    };
    let mut rows: Vec<RuleProfile> = knowledge.rules.values().map(row).collect();
    rows.sort_by(|a, b| (b.clean_hits, b.hits).cmp(&(a.clean_hits, a.hits)).then_with(|| a.rule.cmp(&b.rule)));
    Ok(rows)
}

/// What was counted in some files, by the id of the rule.
#[derive(Default)]
struct Measured<'k> {
    hits: BTreeMap<&'k str, u64>,
    files: BTreeMap<&'k str, u64>,
    reached: BTreeSet<&'k str>,
}

impl<'k> Measured<'k> {
    fn join(mut self, other: Self) -> Self {
        for (mine, others) in [(&mut self.hits, other.hits), (&mut self.files, other.files)] {
            others.into_iter().for_each(|(rule, count)| *mine.entry(rule).or_default() += count);
        }
        self.reached.extend(other.reached);
        self
    }
}

fn measure<'k>(source: &Source, program: &Program<'k>, files: &[String]) -> Result<Measured<'k>, SourceError> {
    let measured = files.par_iter().map(|file| Ok(of_file(program, file, &source.read(file)?)));
    measured.try_reduce(Measured::default, |a, b| Ok(a.join(b)))
}

fn of_file<'k>(program: &Program<'k>, file: &str, bytes: &[u8]) -> Measured<'k> {
    let format = logs::recognise(file, bytes);
    let mut measured = Measured::default();
    let mut held = BTreeSet::new();
    let mut look = |block: &Block| {
        for (rule, hits) in matcher::literal_hits(program, format, block) {
            *measured.hits.entry(rule).or_default() += hits;
        }
        held.extend(matcher::found_rules(program, format, block));
        measured.reached.extend(program.looks_at(format, block));
    };
    if format.is_events() {
        logs::read_events(format, std::io::Cursor::new(bytes), &mut |block| {
            look(&block);
            true
        });
    } else if format.is_text() {
        Blocks::new(format, bytes).flatten().for_each(|block| look(&block));
    }
    measured.files = held.into_iter().map(|rule| (rule, 1)).collect();
    measured
}
