//! A correlation in words: which rules, near each other how, and what is asked of their hits.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Named, used_by};
use crate::signature::{Condition, Correlation, Knowledge, Level, Measure, Texts};

/// A correlation in words.
#[derive(Debug, Serialize)]
pub struct CorrelationInfo {
    /// Its id.
    pub id: String,
    /// What it says.
    pub title: Texts,
    /// What it means.
    pub description: Texts,
    /// How much it weighs by itself.
    pub level: Level,
    /// The rules and correlations it rests on, in their order.
    pub rules: Vec<Named>,
    /// What is asked of their hits.
    pub asks: String,
    /// Names whose values must agree.
    pub group_by: Vec<String>,
    /// Seconds from first to last hit; none for any.
    pub within_seconds: Option<i64>,
    /// Lines from first to last hit; none for any.
    pub within_lines: Option<u64>,
    /// Known errors and cases whose signatures use it.
    pub used_by: Vec<Named>,
}

/// Puts a correlation into words.
pub(super) fn info(knowledge: &Knowledge, correlation: &Correlation) -> CorrelationInfo {
    let named = |id: &String| Named { id: id.clone(), title: knowledge.title(id).cloned().unwrap_or_default() };
    CorrelationInfo {
        id: correlation.id.clone(),
        title: correlation.title.clone(),
        description: correlation.description.clone(),
        level: correlation.level,
        rules: correlation.rules.iter().map(named).collect(),
        asks: asks(correlation),
        group_by: correlation.group_by.clone(),
        within_seconds: correlation.window.seconds,
        within_lines: correlation.window.lines,
        used_by: used_by(knowledge, &BTreeSet::from([correlation.id.as_str()])),
    }
}

/// The measure with its limits: `value_count(path) ≥ 3`.
fn asks(correlation: &Correlation) -> String {
    let measured = match &correlation.measure {
        Measure::Events => "event_count".to_owned(),
        Measure::Values(field) => format!("value_count({field})"),
        Measure::Sum(field) => format!("value_sum({field})"),
        Measure::Average(field) => format!("value_avg({field})"),
        Measure::Percentile(field, percent) => format!("value_percentile({field}, {percent})"),
        Measure::Median(field) => format!("value_median({field})"),
        Measure::Together { ordered, condition } => {
            let kind = if *ordered { "temporal_ordered" } else { "temporal" };
            match condition {
                Some(condition) => format!("{kind}: {}", words(condition, &correlation.rules)),
                None => kind.to_owned(),
            }
        }
    };
    let bounds = correlation.bounds.iter().map(|bound| format!(" {bound}"));
    format!("{measured}{}", bounds.collect::<Vec<_>>().join(","))
}

fn words(condition: &Condition, rules: &[String]) -> String {
    let join = |parts: &[Condition], word: &str| {
        let parts: Vec<String> = parts.iter().map(|part| words(part, rules)).collect();
        if parts.len() == 1 { parts.concat() } else { format!("({})", parts.join(word)) }
    };
    match condition {
        Condition::All(parts) => join(parts, " and "),
        Condition::Any(parts) => join(parts, " or "),
        Condition::Not(part) => format!("not {}", words(part, rules)),
        Condition::Selection(index) => rules[*index].clone(),
    }
}
