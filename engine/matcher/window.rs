//! The hits that lie in one window, counted as the window moves: what a correlation measures of them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::matcher::hits::Hit;
use crate::signature::{Measure, Window};

/// A hit of a rule, or of a correlation that held.
pub(crate) struct Event<'h> {
    /// Milliseconds on the common clock, where the record has a time.
    pub(crate) at: Option<i64>,
    /// Place of its entry among all by path.
    pub(crate) entry: usize,
    /// Its line.
    pub(crate) line: u64,
    /// Names of the fields that are known, in lower case.
    pub(crate) names: &'h [String],
    /// Their values, in the same order.
    pub(crate) values: Cow<'h, [Vec<String>]>,
    /// The records it stands for.
    pub(crate) records: Vec<&'h Hit>,
}

impl Event<'_> {
    /// The values of a field.
    pub(crate) fn values(&self, field: &str) -> &[String] {
        let index = self.names.iter().position(|name| name == field);
        index.and_then(|index| self.values.get(index)).map(Vec::as_slice).unwrap_or_default()
    }
}

/// An event as one correlation sees it.
pub(crate) struct Point<'e, 'h> {
    /// Position of its rule in the correlation.
    pub(crate) rule: usize,
    /// The event.
    pub(crate) event: &'e Event<'h>,
    /// Values of the field that is measured.
    pub(crate) measured: &'e [String],
}

impl Point<'_, '_> {
    /// Whether the point is not before the other: by line in one entry, else by time.
    pub(crate) fn follows(&self, other: &Point<'_, '_>) -> bool {
        let (this, other) = (self.event, other.event);
        if this.entry == other.entry {
            return this.line >= other.line;
        }
        matches!((this.at, other.at), (Some(after), Some(before)) if after >= before)
    }

    /// Whether a window that begins at `first` reaches this point.
    pub(crate) fn is_near(&self, first: &Point<'_, '_>, window: Window) -> bool {
        let (this, first) = (self.event, first.event);
        let in_time = match (window.seconds, this.at, first.at) {
            (Some(seconds), Some(at), Some(begin)) => at.abs_diff(begin) <= seconds.unsigned_abs() * 1000,
            _ => true,
        };
        in_time && window.lines.is_none_or(|lines| this.line.abs_diff(first.line) <= lines)
    }

    /// The measured value as a number, where it is one.
    fn number(&self) -> Option<f64> {
        self.measured.first().and_then(|value| number(value))
    }
}

/// What the points from one to another come to.
pub(crate) struct Tally {
    points: usize,
    per_rule: Vec<usize>,
    values: BTreeMap<String, usize>,
    numbers: BTreeMap<i64, usize>,
    sum: f64,
}

/// Numbers are sorted by their thousandths.
const PARTS: f64 = 1000.0;

impl Tally {
    /// The count of no points, for so many rules.
    pub(crate) fn new(rules: usize) -> Self {
        Tally { points: 0, per_rule: vec![0; rules], values: BTreeMap::new(), numbers: BTreeMap::new(), sum: 0.0 }
    }

    /// How many different numbers there are: what reading a percentile costs.
    pub(crate) fn spread(&self) -> usize {
        self.numbers.len()
    }

    /// Whether a rule hit.
    pub(crate) fn has(&self, rule: usize) -> bool {
        self.per_rule[rule] > 0
    }

    /// Takes a point in.
    pub(crate) fn add(&mut self, point: &Point<'_, '_>, measure: &Measure) {
        self.points += 1;
        self.per_rule[point.rule] += 1;
        match (measure, point.number()) {
            (Measure::Values(_), _) => {
                for value in point.measured {
                    *self.values.entry(value.to_lowercase()).or_default() += 1;
                }
            }
            (_, Some(number)) => {
                *self.numbers.entry(parts(number)).or_default() += 1;
                self.sum += number;
            }
            (_, None) => {}
        }
    }

    /// Takes a point out that was taken in.
    pub(crate) fn remove(&mut self, point: &Point<'_, '_>, measure: &Measure) {
        self.points -= 1;
        self.per_rule[point.rule] -= 1;
        match (measure, point.number()) {
            (Measure::Values(_), _) => {
                for value in point.measured {
                    take(&mut self.values, &value.to_lowercase());
                }
            }
            (_, Some(number)) => {
                take(&mut self.numbers, &parts(number));
                // A sum that is empty is nothing, whatever rounding left of it.
                self.sum = if self.numbers.is_empty() { 0.0 } else { self.sum - number };
            }
            (_, None) => {}
        }
    }

    /// The number that a measure gives; none where there is nothing to measure.
    pub(crate) fn number(&self, measure: &Measure) -> Option<f64> {
        let numbers: usize = self.numbers.values().sum();
        match measure {
            Measure::Events | Measure::Together { .. } => Some(self.points as f64),
            Measure::Values(_) => (!self.values.is_empty()).then_some(self.values.len() as f64),
            _ if numbers == 0 => None,
            Measure::Sum(_) => Some(self.sum),
            Measure::Average(_) => Some(self.sum / numbers as f64),
            Measure::Percentile(_, percent) => self.nth((numbers * usize::from(*percent)).div_ceil(100)),
            Measure::Median(_) => {
                let (lower, upper) = (self.nth(numbers.div_ceil(2))?, self.nth(numbers / 2 + 1)?);
                Some(f64::midpoint(lower, upper))
            }
        }
    }

    /// The number in this place, counted from 1 upward.
    fn nth(&self, place: usize) -> Option<f64> {
        let mut passed = 0;
        let found = self.numbers.iter().find(|(_, count)| {
            passed += **count;
            passed >= place
        });
        found.map(|(parts, _)| *parts as f64 / PARTS)
    }
}

fn take<K: Ord>(counts: &mut BTreeMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

fn parts(number: f64) -> i64 {
    (number * PARTS).round() as i64
}

/// A number as logs write it: decimal, or hexadecimal after `0x`.
fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok().map(|number| number as f64),
        None => text.parse().ok().filter(|number: &f64| number.is_finite()),
    }
}
