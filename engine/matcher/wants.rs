//! What correlations ask the rules they rest on for, so that a scan keeps that and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use crate::signature::{Correlation, Knowledge};

/// All correlations, each behind those it rests on; that none rests on itself is seen to when they are loaded.
pub(crate) fn in_order(knowledge: &Knowledge) -> Vec<&Correlation> {
    let mut placed: BTreeSet<&str> = BTreeSet::new();
    let mut order = Vec::new();
    let mut open: Vec<&Correlation> = knowledge.correlations.values().collect();
    while !open.is_empty() {
        let is_ready = |correlation: &&Correlation| {
            let mut inner = correlation.rules.iter().filter(|rule| knowledge.correlations.contains_key(*rule));
            inner.all(|rule| placed.contains(rule.as_str()))
        };
        let (ready, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(is_ready);
        if ready.is_empty() {
            break;
        }
        placed.extend(ready.iter().map(|correlation| correlation.id.as_str()));
        order.extend(ready);
        open = rest;
    }
    order
}

/// The fields that each rule and correlation is asked for, in lower case, by id.
pub(crate) fn fields<'k>(correlations: &[&'k Correlation]) -> BTreeMap<&'k str, Vec<String>> {
    let mut wanted: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    // Outer ones first: what they ask for and the inner one does not give by itself, its rules must give.
    for correlation in correlations.iter().rev() {
        let asked = wanted.get(correlation.id.as_str()).cloned().unwrap_or_default();
        let given = |field: &&String| correlation.captures().any(|name| name.eq_ignore_ascii_case(field));
        let passed: Vec<&String> = asked.iter().filter(|field| !given(field)).collect();
        for (position, rule) in correlation.rules.iter().enumerate() {
            let names = correlation.group_by.iter().map(String::as_str).chain(correlation.measure.field());
            let own = names.map(|name| correlation.field(name, position));
            wanted.entry(rule).or_default().extend(own.chain(passed.iter().map(|field| (*field).clone())));
        }
    }
    wanted.into_iter().map(|(id, fields)| (id, fields.into_iter().collect())).collect()
}
