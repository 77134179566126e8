//! The language: loads `rules/` and `cases/`, and refuses what is wrong with file, line, column and help.
//!
//! [`load`] is the one door. Rules know no cases; cases name rules and constrain what those capture. Everything
//! wrong is collected, so that an author sees all of it at once.

mod case;
mod condition;
mod correlating;
mod correlation;
mod decode;
mod detection;
mod examples;
mod fault;
mod filter;
mod guide;
mod head;
mod library;
mod machine;
mod misplaced;
mod modifiers;
mod pattern;
mod places;
mod rule;
mod schema;
mod slips;
mod source;
mod story;
mod synonyms;
mod test;
mod texts;
mod tidy;
mod values;
mod ways;
mod wording;
mod written;
mod yaml;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::OnceLock;

use library::{misnamed, wrong_ending};
use yaml::Yaml;

pub use case::{Case, FACTS, Item, KnownError, Severity as Harm, Signature};
pub use condition::Condition;
pub use correlation::{Bound, Correlation, Measure, Operator, Window};
pub(crate) use detection::scalar;
pub use detection::{Detection, Selection};
pub use examples::{Example, ExampleRecord, Examples};
pub use fault::{Fault, Position, Severity, nearest};
pub use filter::Filter;
pub use guide::Guide;
pub use head::Level;
pub use machine::{UTC_OFFSET, machine_names, machine_title};
pub use modifiers::{Comparison, Network, TimePart};
pub use pattern::{Capture, Captures, Kind, Part, Pattern};
pub use rule::Rule;
pub use schema::{Names, schemas};
pub use source::{Source, SourceError};
pub use story::{Evidence, Story};
pub use synonyms::Synonyms;
pub use test::{FieldReference, FieldTest, FieldValue, Piece, RegexTest, TextTest, ValueTest};
pub use texts::{LANGUAGES, Texts};
pub use tidy::tidied;
pub use ways::{KEPT_HITS, ways};

/// All that the knowledge base knows.
#[derive(Debug, Default)]
pub struct Knowledge {
    /// The rules by id.
    pub rules: BTreeMap<String, Rule>,
    /// The correlations by id.
    pub correlations: BTreeMap<String, Correlation>,
    /// What a site does not want to hear of.
    pub filters: Vec<Filter>,
    /// Ids of rules and correlations that cannot be used.
    pub refused: BTreeSet<String>,
    /// The known errors, by id.
    pub known_errors: Vec<KnownError>,
    /// Words that mean the same to someone who searches.
    pub synonyms: Synonyms,
    /// How each log is collected, in the order of the file.
    pub guides: Vec<Guide>,
    /// Places in `known_errors` by the rules that their signatures and those of their cases name.
    users: OnceLock<HashMap<String, Vec<usize>>>,
}

impl Knowledge {
    /// How the log of a service is collected.
    pub fn guide(&self, service: &str) -> Option<&Guide> {
        self.guides.iter().find(|guide| guide.source == service)
    }

    /// The known errors whose signatures, or whose cases' signatures, name a rule: their places in `known_errors`.
    pub fn users(&self, rule: &str) -> &[usize] {
        let users = self.users.get_or_init(|| {
            let mut users: HashMap<String, Vec<usize>> = HashMap::new();
            for (place, known_error) in self.known_errors.iter().enumerate() {
                let signatures = known_error.cases.iter().map(|case| &case.signature).chain([&known_error.signature]);
                let rules: BTreeSet<&str> =
                    signatures.flat_map(Signature::items).map(|item| item.rule.as_str()).collect();
                for rule in rules {
                    users.entry(rule.to_owned()).or_default().push(place);
                }
            }
            users
        });
        users.get(rule).map(Vec::as_slice).unwrap_or_default()
    }

    /// What a rule or correlation says.
    pub fn title(&self, id: &str) -> Option<&Texts> {
        let correlation = || self.correlations.get(id).map(|correlation| &correlation.title);
        self.rules.get(id).map(|rule| &rule.title).or_else(correlation)
    }

    /// How much a rule or correlation weighs.
    pub fn level(&self, id: &str) -> Option<Level> {
        let correlation = || self.correlations.get(id).map(|correlation| correlation.level);
        self.rules.get(id).map(|rule| rule.level).or_else(correlation)
    }

    /// Gives rules and correlations the levels that a site has for them.
    fn weigh_by(&mut self, levels: BTreeMap<String, Level>) {
        for (id, level) in levels {
            if let Some(rule) = self.rules.get_mut(&id) {
                rule.level = level;
            } else if let Some(correlation) = self.correlations.get_mut(&id) {
                correlation.level = level;
            }
        }
    }

    /// The rule, or the rules that a correlation rests on, each once.
    pub fn base_rules(&self, id: &str) -> Vec<&Rule> {
        let mut seen = BTreeSet::from([id]);
        let mut open = vec![id];
        let mut rules = Vec::new();
        while let Some(id) = open.pop() {
            rules.extend(self.rules.get(id));
            let below = self.correlations.get(id).map(|correlation| correlation.rules.as_slice()).unwrap_or_default();
            open.extend(below.iter().rev().map(String::as_str).filter(|rule| seen.insert(rule)));
        }
        rules
    }

    /// The case whose id is `id`, or begins with it where only one does, with its known error.
    pub fn case(&self, id: &str) -> Option<(&KnownError, &Case)> {
        let all = || {
            self.known_errors
                .iter()
                .flat_map(|known_error| known_error.cases.iter().map(move |case| (known_error, case)))
        };
        let exact = all().find(|(_, case)| case.id.eq_ignore_ascii_case(id));
        let begins = |case: &Case| case.id.get(..id.len()).is_some_and(|head| head.eq_ignore_ascii_case(id));
        let mut beginning = all().filter(|(_, case)| begins(case));
        match (exact, beginning.next(), beginning.next()) {
            (Some(found), _, _) | (None, Some(found), None) => Some(found),
            _ => None,
        }
    }
}

/// Loads everything in `source`. What has a fault is left out of the knowledge, and so is what rests on it.
///
/// # Errors
/// [`SourceError`] where the files cannot be listed or read.
pub fn load(source: &Source) -> Result<(Knowledge, Vec<Fault>), SourceError> {
    load_with(source, None)
}

/// Loads everything in `source`, with the filters, levels and values of a site in the folder `site`.
///
/// # Errors
/// [`SourceError`] where the files cannot be listed or read.
pub fn load_with(source: &Source, site: Option<&Path>) -> Result<(Knowledge, Vec<Fault>), SourceError> {
    let mut knowledge = Knowledge::default();
    let mut faults = Vec::new();
    let rules = library::read(source, site, &mut faults)?;
    let site = site.map(|folder| filter::read(folder, &rules, &mut faults)).transpose()?.unwrap_or_default();
    if source.list("rules")?.iter().any(|file| file == synonyms::FILE) {
        let bytes = source.read_or_fault(synonyms::FILE, &mut faults);
        knowledge.synonyms = bytes.and_then(|bytes| synonyms::read(&bytes, &mut faults)).unwrap_or_default();
    }
    let files = source.list("cases")?;
    let mut unproven = BTreeSet::new();
    for file in &files {
        if let [_, _, "known-error.yml"] = file.split('/').collect::<Vec<_>>()[..] {
            let bytes = source.read_or_fault(file, &mut faults);
            let read = bytes.and_then(|bytes| case::read_known_error(file, &bytes, &rules, &mut faults));
            if let Some(mut known_error) = read {
                known_error.logs = logs_beside(file, &files);
                knowledge.known_errors.push(known_error);
            }
        } else if let Some(fault) = misplaced::misplaced(file) {
            // What stands beside it may miss it: that would be said twice.
            let folder = file.split('/').nth(1).filter(|_| fault.severity == Severity::Error);
            unproven.extend(folder.map(str::to_owned));
            faults.push(fault);
        }
    }
    for file in &files {
        let [_, folder, _, "case.yml"] = file.split('/').collect::<Vec<_>>()[..] else { continue };
        let bytes = source.read_or_fault(file, &mut faults);
        let Some(mut case) = bytes.and_then(|bytes| case::read_case(file, &bytes, &rules, &mut faults)) else {
            unproven.insert(folder.to_owned());
            continue;
        };
        case.logs = logs_beside(file, &files);
        match knowledge.known_errors.iter_mut().find(|known_error| known_error.id == folder) {
            Some(known_error) => known_error.cases.push(case),
            None if files.contains(&format!("cases/{folder}/known-error.yml")) || unproven.contains(folder) => {}
            None => faults.push(Fault::on_file(
                "no-known-error",
                file,
                "the case stands under no known error",
                format!("add cases/{folder}/known-error.yml, or move the case below the known error it belongs to"),
            )),
        }
    }
    // A known error may have no other proof than the case that was left out.
    knowledge.known_errors.retain(|known_error| !unproven.contains(&known_error.id));
    (knowledge.rules, knowledge.correlations, knowledge.refused) = (rules.sound, rules.correlations, rules.refused);
    knowledge.weigh_by(site.levels);
    knowledge.filters = site.filters;
    if source.list("templates")?.iter().any(|file| file == guide::FILE) {
        let bytes = source.read_or_fault(guide::FILE, &mut faults);
        knowledge.guides = bytes.map(|bytes| guide::read(&bytes, &mut faults)).unwrap_or_default();
    }
    faults.extend(
        source.list("templates")?.iter().filter(|file| misnamed(file).is_some()).map(|file| wrong_ending(file)),
    );
    faults.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    Ok((knowledge, faults))
}

/// Where the value of an outermost key stands in a file, with the text of that line: for faults that are found later.
pub fn place_of(file: &str, bytes: &[u8], key: &str) -> Option<(Position, String)> {
    let yaml = Yaml::read(file, bytes, &mut Vec::new())?;
    Some(yaml.place(&[key.to_owned()]))
}

/// The excerpts in the folder `logs` beside `file`; `files` are sorted.
fn logs_beside(file: &str, files: &[String]) -> Vec<String> {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let prefix = format!("{folder}/logs/");
    let first = files.partition_point(|file| *file < prefix);
    files[first..].iter().take_while(|file| file.starts_with(&prefix)).cloned().collect()
}
