//! What a correlation asks of a window, and which of its hits answer.

use crate::matcher::window::{Point, Tally};
use crate::signature::{Condition, Correlation, Measure, ways};

/// A correlation's condition, ready to be asked of many windows.
pub(crate) struct Question<'c> {
    correlation: &'c Correlation,
    /// For a condition over rules, the sets of rules that meet it.
    ways: Vec<Vec<usize>>,
}

impl<'c> Question<'c> {
    pub(crate) fn new(correlation: &'c Correlation) -> Self {
        let ways = match &correlation.measure {
            Measure::Together { condition: Some(condition), .. } => ways(condition).unwrap_or_default(),
            _ => Vec::new(),
        };
        Question { correlation, ways }
    }

    /// About how many steps an answer takes.
    pub(crate) fn cost(&self, tally: &Tally, points: usize) -> usize {
        1 + match &self.correlation.measure {
            Measure::Together { condition: Some(condition), .. } if !met(condition, tally) => 0,
            Measure::Together { ordered: true, .. } => points * self.correlation.rules.len(),
            Measure::Percentile(..) | Measure::Median(_) => tally.spread(),
            _ => 0,
        }
    }

    /// The hits that tell, by index, where the window answers the question; none of them where all do.
    pub(crate) fn answer(&self, tally: &Tally, points: &[Point<'_, '_>]) -> Option<Vec<usize>> {
        match &self.correlation.measure {
            Measure::Together { ordered, condition: Some(condition) } => {
                if !met(condition, tally) {
                    return None;
                }
                let present = self.ways.iter().filter(|way| !way.is_empty() && way.iter().all(|rule| tally.has(*rule)));
                present.into_iter().find_map(|way| chain(points, way, *ordered))
            }
            Measure::Together { ordered: false, condition: None } => {
                let present: Vec<usize> = (0..self.correlation.rules.len()).filter(|rule| tally.has(*rule)).collect();
                self.keeps(present.len() as f64).then(|| chain(points, &present, false))?
            }
            Measure::Together { ordered: true, condition: None } => {
                let longest = longest(points, self.correlation.rules.len());
                self.keeps(longest.len() as f64).then_some(longest)
            }
            measure => self.keeps(tally.number(measure)?).then(Vec::new),
        }
    }

    /// The hit with which a window answers that does so as a whole.
    pub(crate) fn completed(&self, points: &[Point<'_, '_>]) -> usize {
        let mut tally = Tally::new(self.correlation.rules.len());
        let first = points.iter().position(|point| {
            tally.add(point, &self.correlation.measure);
            tally.spread() < MOST_REPLAYED && self.answer(&tally, &[]).is_some()
        });
        first.unwrap_or(points.len() - 1)
    }

    fn keeps(&self, number: f64) -> bool {
        self.correlation.bounds.iter().all(|bound| bound.holds(number))
    }
}

/// Different numbers up to which a window is replayed to tell when it was complete.
const MOST_REPLAYED: usize = 1_000;

fn met(condition: &Condition, tally: &Tally) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| met(part, tally)),
        Condition::Any(parts) => parts.iter().any(|part| met(part, tally)),
        Condition::Not(part) => !met(part, tally),
        Condition::Selection(rule) => tally.has(*rule),
    }
}

/// The first hit of each of these rules; where it is asked for, each not before the one of the rule above it.
fn chain(points: &[Point<'_, '_>], rules: &[usize], ordered: bool) -> Option<Vec<usize>> {
    let mut chain: Vec<usize> = Vec::new();
    for rule in rules {
        let fits = |(index, point): &(usize, &Point<'_, '_>)| {
            let last = chain.last().filter(|_| ordered);
            point.rule == *rule && last.is_none_or(|last| last != index && point.follows(&points[*last]))
        };
        let next = points.iter().enumerate().find(fits).map(|(index, _)| index)?;
        chain.push(next);
    }
    Some(chain)
}

/// The longest row of hits whose rules follow each other in the order of the list.
fn longest(points: &[Point<'_, '_>], rules: usize) -> Vec<usize> {
    let mut best: Vec<Vec<usize>> = vec![Vec::new(); rules];
    for (index, point) in points.iter().enumerate() {
        let before =
            best[..point.rule].iter().filter(|row| row.last().is_some_and(|last| point.follows(&points[*last])));
        let row = before.max_by_key(|row| row.len()).cloned().unwrap_or_default();
        if row.len() + 1 > best[point.rule].len() {
            best[point.rule] = [&row[..], &[index]].concat();
        }
    }
    best.into_iter().max_by_key(Vec::len).unwrap_or_default()
}
