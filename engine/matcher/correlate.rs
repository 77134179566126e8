//! Correlations over the hits of a bundle: which of them hold, and on which records.
//!
//! [`run`] is called once, when all is scanned. Hits with the same values of `group-by` are one group. In a group every
//! window begins at a hit and ends with the last one that is near enough; windows inside others are none. Where what
//! is asked holds of a window, it is a finding, and the next window begins behind it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::facts;
use crate::matcher::findings::{Fact, Finding, KEPT_RECORDS, Seen};
use crate::matcher::hits::{Hit, Hits};
use crate::matcher::program::Program;
use crate::matcher::question::Question;
use crate::matcher::window::{Event, Point, Tally};
use crate::signature::Correlation;

/// Most findings of one correlation.
const MOST_FINDINGS: usize = 1_000;

/// Most steps that one correlation may take: some seconds.
const MOST_STEPS: usize = 50_000_000;

/// An entry as correlations need it.
pub(crate) struct Clock {
    /// Its path.
    pub(crate) path: String,
    /// Minutes that its time is ahead of UTC; 0 where nobody knows.
    pub(crate) offset: i32,
}

/// What the correlations of a program come to.
#[derive(Default)]
pub(crate) struct Correlated {
    /// The windows in which they held.
    pub(crate) findings: Vec<Finding>,
    /// What was left out, each in a sentence.
    pub(crate) losses: Vec<String>,
}

/// Evaluates all correlations of the program; `clocks` are the entries by index.
pub(crate) fn run(program: &Program<'_>, hits: &Hits, clocks: &[Clock]) -> Correlated {
    let mut correlated = Correlated::default();
    let ranks = ranks(clocks);
    let mut events: BTreeMap<&str, Vec<Event<'_>>> = BTreeMap::new();
    for (rule, hits) in &hits.by_rule {
        let id = program.rules[*rule].id.as_str();
        events.insert(id, hits.iter().map(|hit| event(hit, program.wanted(id), clocks, &ranks)).collect());
    }
    for correlation in &program.correlations {
        let held = weigh(correlation, &events, &mut correlated.losses);
        correlated.findings.extend(held.iter().map(|held| finding(correlation, held, clocks)));
        let names = program.wanted(&correlation.id);
        let further = held.into_iter().map(|held| held.event(names)).collect();
        events.insert(&correlation.id, further);
    }
    correlated
}

/// A window in which a correlation held.
struct Held<'h> {
    /// Values of `group-by` and the number that was measured, by name.
    facts: BTreeMap<String, String>,
    /// How many hits lie in it.
    count: usize,
    /// When and where it was complete, with what is known of that event.
    at: Option<i64>,
    entry: usize,
    line: u64,
    known: BTreeMap<String, Vec<String>>,
    /// Its records, the first and the telling ones.
    records: Vec<&'h Hit>,
}

impl<'h> Held<'h> {
    /// What a further correlation sees of it.
    fn event(self, names: &'h [String]) -> Event<'h> {
        let own = |name: &String| {
            let fact = self.facts.iter().find(|(fact, _)| fact.eq_ignore_ascii_case(name));
            let fact = fact.map(|(_, value)| vec![value.clone()]);
            fact.or_else(|| self.known.get(name).cloned()).unwrap_or_default()
        };
        let values = Cow::Owned(names.iter().map(own).collect());
        Event { at: self.at, entry: self.entry, line: self.line, names, values, records: self.records }
    }
}

/// The place of each entry among all by path.
fn ranks(clocks: &[Clock]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..clocks.len()).collect();
    order.sort_by(|a, b| clocks[*a].path.cmp(&clocks[*b].path));
    let mut ranks = vec![0; clocks.len()];
    for (rank, entry) in order.into_iter().enumerate() {
        ranks[entry] = rank;
    }
    ranks
}

fn event<'h>(hit: &'h Hit, names: &'h [String], clocks: &[Clock], ranks: &[usize]) -> Event<'h> {
    let time = hit.sight.time.and_then(|time| time.to_zoned(jiff::tz::TimeZone::UTC).ok());
    Event {
        at: time.map(|time| time.timestamp().as_millisecond() - i64::from(clocks[hit.entry].offset) * 60_000),
        entry: ranks[hit.entry],
        line: hit.sight.line,
        names,
        values: Cow::Borrowed(&hit.values),
        records: vec![hit],
    }
}

/// Every window in which the correlation holds, group by group.
fn weigh<'h>(
    correlation: &Correlation,
    events: &BTreeMap<&str, Vec<Event<'h>>>,
    losses: &mut Vec<String>,
) -> Vec<Held<'h>> {
    let question = Question::new(correlation);
    let mut held = Vec::new();
    let mut steps = 0;
    let mut lose = |what: &str| losses.push(format!("the correlation {} {what}", correlation.id));
    for points in groups(correlation, events).into_values() {
        let mut tally = Tally::new(correlation.rules.len());
        let (mut start, mut end) = (0, 0);
        while end < points.len() {
            while end < points.len() && points[end].is_near(&points[start], correlation.window) {
                tally.add(&points[end], &correlation.measure);
                end += 1;
            }
            let window = &points[start..end];
            steps += question.cost(&tally, window.len());
            if steps > MOST_STEPS {
                lose("was not weighed to the end: it has too many hits near each other");
                return held;
            }
            let Some(telling) = question.answer(&tally, window) else {
                // The next window worth a look is the first that reaches the hit at which this one ended.
                while end < points.len() && !points[end].is_near(&points[start], correlation.window) {
                    tally.remove(&points[start], &correlation.measure);
                    start += 1;
                }
                continue;
            };
            if held.len() == MOST_FINDINGS {
                lose("holds more often than can be shown");
                return held;
            }
            held.push(hold(correlation, &question, &tally, window, &telling));
            tally = Tally::new(correlation.rules.len());
            start = end;
        }
    }
    held
}

/// Values that make a group; with `lines`, the entry too.
type Group = (Vec<String>, Option<usize>);

/// The hits that can be compared, by group, in order of time or line.
fn groups<'e, 'h>(
    correlation: &Correlation,
    events: &'e BTreeMap<&str, Vec<Event<'h>>>,
) -> BTreeMap<Group, Vec<Point<'e, 'h>>> {
    let by_line = correlation.window.lines.is_some();
    let mut groups: BTreeMap<Group, Vec<Point<'e, 'h>>> = BTreeMap::new();
    for (rule, id) in correlation.rules.iter().enumerate() {
        let fields: Vec<String> = correlation.group_by.iter().map(|name| correlation.field(name, rule)).collect();
        let measured = correlation.measure.field().map(|name| correlation.field(name, rule));
        for event in events.get(id.as_str()).map(Vec::as_slice).unwrap_or_default() {
            let key: Option<Vec<String>> = fields.iter().map(|field| agreed(field, event)).collect();
            let placed = by_line || correlation.window.seconds.is_none() || event.at.is_some();
            let Some(key) = key.filter(|_| placed) else { continue };
            let measured = measured.as_ref().map(|field| event.values(field)).unwrap_or_default();
            groups.entry((key, by_line.then_some(event.entry))).or_default().push(Point { rule, event, measured });
        }
    }
    for points in groups.values_mut() {
        points.sort_by_key(|point| {
            let event = point.event;
            (event.at.filter(|_| !by_line), event.entry, event.line, point.rule)
        });
    }
    groups
}

/// The form in which a value is compared across logs: a path by the file it names in any image.
fn agreed(field: &str, event: &Event<'_>) -> Option<String> {
    let value = event.values(field).first()?;
    Some(if field == "path" { facts::same_file(value) } else { value.to_lowercase() })
}

fn hold<'h>(
    correlation: &Correlation,
    question: &Question<'_>,
    tally: &Tally,
    window: &[Point<'_, 'h>],
    telling: &[usize],
) -> Held<'h> {
    let mut facts = BTreeMap::new();
    for name in &correlation.group_by {
        let value = window[0].event.values(&correlation.field(name, window[0].rule)).first();
        facts.insert(name.clone(), value.cloned().unwrap_or_default());
    }
    let number = tally.number(&correlation.measure).unwrap_or_default();
    facts.insert(correlation.measure.fact().to_owned(), format!("{}", (number * 1000.0).round() / 1000.0));
    let complete = telling.iter().copied().max().unwrap_or_else(|| question.completed(window));
    let last = window[complete].event;
    let names = last.names.iter().cloned().zip(last.values.iter().cloned());
    let mut shown: Vec<usize> = telling.iter().copied().take(KEPT_RECORDS).collect();
    let room = KEPT_RECORDS - shown.len();
    shown.extend((0..window.len()).filter(|index| !telling.contains(index)).take(room));
    shown.sort_unstable();
    let mut records: Vec<&'h Hit> = Vec::new();
    for hit in shown.into_iter().flat_map(|index| &window[index].event.records) {
        let is_new = !records.iter().any(|known| (known.entry, known.sight.line) == (hit.entry, hit.sight.line));
        if is_new && records.len() < KEPT_RECORDS {
            records.push(hit);
        }
    }
    Held {
        facts,
        count: window.len(),
        at: last.at,
        entry: last.entry,
        line: last.line,
        known: names.collect(),
        records,
    }
}

fn finding(correlation: &Correlation, held: &Held<'_>, clocks: &[Clock]) -> Finding {
    let fact = |(name, value): (&String, &String)| (name.clone(), Fact { values: vec![value.clone()], captured: true });
    let seen = held.records.iter().map(|hit| Seen { entry: clocks[hit.entry].path.clone(), sight: hit.sight.clone() });
    let seen: Vec<Seen> = seen.collect();
    let timed = seen.iter().filter_map(|seen| Some((seen.sight.time?, seen.entry.clone())));
    Finding {
        rule: correlation.id.clone(),
        facts: held.facts.iter().map(fact).collect(),
        count: held.count as u64,
        last: timed.max(),
        seen,
        joint: true,
    }
}
