//! All rules compiled for one pass: an automaton over the required literals of every rule, per log format.
//!
//! An automaton is built when the first entry of its format arrives, from the rules whose logsource names that
//! format, so that a rule for one log costs nothing on another.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::facts;
use crate::logs::{self, Block, LogFormat};
use crate::matcher::{literals, wants};
use crate::signature::{Correlation, Filter, Knowledge, Rule};

/// Bytes of literals up to which the faster, larger automaton is built (about 40 MiB for the limit).
const DFA_LIMIT: usize = 128 << 10;

/// The rules of a knowledge base, ready to scan.
pub struct Program<'k> {
    /// The rules, noise first, so that noise is known before anything else is weighed.
    pub(crate) rules: Vec<&'k Rule>,
    /// The correlations, each behind those it rests on.
    pub(crate) correlations: Vec<&'k Correlation>,
    /// For each rule and correlation that another rests on, the fields it is asked for.
    wanted: BTreeMap<&'k str, Vec<String>>,
    /// The filters of a site.
    pub(crate) filters: &'k [Filter],
    /// For each rule, the filters that are for it.
    filters_of: Vec<Vec<usize>>,
    required: Vec<Option<Vec<String>>>,
    routes: BTreeMap<LogFormat, OnceLock<Route>>,
}

/// What the rules of one log format look for.
pub(crate) struct Route {
    /// Finds every required literal.
    pub(crate) automaton: AhoCorasick,
    /// For each literal, the rules that need it; [`SWEEP`] stands for the sweep for unexplained errors.
    pub(crate) owners: Vec<Vec<usize>>,
    /// Rules without a literal, which look at every record.
    pub(crate) always: Vec<usize>,
}

/// Stands among a literal's owners for "this record may hold an error".
pub(crate) const SWEEP: usize = usize::MAX;

/// Compiles the rules of a knowledge base.
pub fn compile(knowledge: &Knowledge) -> Program<'_> {
    let mut rules: Vec<&Rule> = knowledge.rules.values().collect();
    rules.sort_by_key(|rule| !rule.noise);
    let correlations = wants::in_order(knowledge);
    let concerning = |rule: &&Rule| -> Vec<usize> {
        let filters = knowledge.filters.iter().enumerate().filter(|(_, filter)| filter.concerns(rule));
        filters.map(|(index, _)| index).collect()
    };
    Program {
        filters: &knowledge.filters,
        filters_of: rules.iter().map(concerning).collect(),
        wanted: wants::fields(&correlations),
        correlations,
        required: rules.iter().map(|rule| literals::required(&rule.detection)).collect(),
        rules,
        routes: LogFormat::ALL.iter().map(|format| (*format, OnceLock::new())).collect(),
    }
}

impl<'k> Program<'k> {
    /// The rules that look at logs of this format, by index.
    pub(crate) fn rules_for(&self, format: LogFormat) -> impl Iterator<Item = usize> + '_ {
        self.rules.iter().enumerate().filter(move |(_, rule)| serves(rule, format)).map(|(index, _)| index)
    }

    /// What the rules for logs of this format look for.
    pub(crate) fn route(&self, format: LogFormat) -> Option<&Route> {
        self.routes.get(&format).map(|route| route.get_or_init(|| self.build(format)))
    }

    /// The filters that are for a rule, with their index.
    pub(crate) fn filters_of(&self, rule: usize) -> impl Iterator<Item = (usize, &Filter)> {
        self.filters_of[rule].iter().map(|index| (*index, &self.filters[*index]))
    }

    /// The fields that correlations ask a rule or another correlation for, by id.
    pub(crate) fn wanted(&self, id: &str) -> &[String] {
        self.wanted.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The fields that correlations ask a rule for; none where no correlation rests on it.
    pub(crate) fn wanted_of(&self, rule: usize) -> Option<&[String]> {
        self.wanted.get(self.rules[rule].id.as_str()).map(Vec::as_slice)
    }

    /// The ids of the rules that look at a block of a log of this format; of an event log, at one of its channels.
    pub fn looks_at(&self, format: LogFormat, block: &Block) -> impl Iterator<Item = &'k str> {
        let services = logs::services(format, block);
        let looks = move |rule: &usize| match self.rules[*rule].service.as_deref() {
            Some(service) => services.contains(service),
            None => self.rules[*rule].category.is_none(),
        };
        self.rules_for(format).filter(looks).map(|rule| self.rules[rule].id.as_str())
    }

    fn build(&self, format: LogFormat) -> Route {
        let mut owners: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut always = Vec::new();
        for rule in self.rules_for(format) {
            match &self.required[rule] {
                Some(literals) => {
                    for literal in literals {
                        owners.entry(literal.to_ascii_lowercase()).or_default().push(rule);
                    }
                }
                None => always.push(rule),
            }
        }
        for literal in facts::sweep() {
            owners.entry(literal.to_ascii_lowercase()).or_default().push(SWEEP);
        }
        let bytes: usize = owners.keys().map(String::len).sum();
        let kind = if bytes <= DFA_LIMIT { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(kind))
            .build(owners.keys())
            .expect("the literals are far fewer than the automaton's limit");
        Route { automaton, owners: owners.into_values().collect(), always }
    }
}

/// Whether a rule's logsource includes logs of this format; for event logs channel and event decide later. Plain text
/// may quote lines of any log, as mails and tickets do, so rules of all text logs look at it.
fn serves(rule: &Rule, format: LogFormat) -> bool {
    if format == LogFormat::Plain && rule.category.is_none() {
        let named = rule.service.as_deref().map(LogFormat::from_name);
        return named.is_none_or(|format| format.is_some_and(LogFormat::is_text));
    }
    if format.service() == LogFormat::Evtx.name() {
        return rule.service.as_deref().is_none_or(|service| logs::event_services().any(|known| known == service));
    }
    rule.category.is_none() && rule.service.as_deref().is_none_or(|service| service == format.service())
}
