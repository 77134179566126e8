//! Whether a rule's detection holds of a record, and what it captured.

use crate::matcher::view::{View, forms};
use crate::signature::{Capture, Captures, Condition, Detection, FieldTest, Kind, Selection};

/// The captures where `detection` holds of the record, none where it does not.
pub(crate) fn holds(detection: &Detection, view: &View<'_>) -> Option<Captures> {
    condition(&detection.condition, &detection.selections, view)
}

fn condition(tree: &Condition, selections: &[(String, Selection)], view: &View<'_>) -> Option<Captures> {
    match tree {
        Condition::All(parts) => {
            let mut captures = Captures::new();
            for part in parts {
                captures.append(&mut condition(part, selections, view)?);
            }
            Some(captures)
        }
        Condition::Any(parts) => parts.iter().find_map(|part| condition(part, selections, view)),
        Condition::Not(part) => match condition(part, selections, view) {
            Some(_) => None,
            None => Some(Captures::new()),
        },
        Condition::Selection(index) => selection(&selections[*index].1, view),
    }
}

fn selection(selection_: &Selection, view: &View<'_>) -> Option<Captures> {
    match selection_ {
        Selection::Fields(tests) => fields(tests, view, &Captures::new()),
        Selection::Any(parts) => parts.iter().find_map(|part| selection(part, view)),
    }
}

/// Every test holds; what an earlier pattern captured stands for the record's fact of that name.
fn fields(tests: &[FieldTest], view: &View<'_>, bound: &Captures) -> Option<Captures> {
    let Some((test, rest)) = tests.split_first() else { return Some(bound.clone()) };
    let mut found = None;
    let mut accept = |captures: &Captures| {
        let mut merged = bound.clone();
        merged.extend(captures.iter().map(|(name, capture)| (name.clone(), capture.clone())));
        found = fields(rest, view, &merged);
        found.is_some()
    };
    let other = |name: &str| match bound.get(name) {
        Some(capture) => vec![capture.value.clone()],
        None => view.values(name).iter().map(|value| value.raw().to_owned()).collect(),
    };
    let held = match bound.get(&test.field) {
        Some(capture) => test.holds(&forms(kind_name(capture), vec![capture.value.clone()]), &other, &mut accept),
        None => test.holds(view.values(&test.field), &other, &mut accept),
    };
    match (held, found) {
        (false, _) => None,
        (true, Some(captures)) => Some(captures),
        (true, None) => fields(rest, view, bound),
    }
}

fn kind_name(capture: &Capture) -> &'static str {
    Kind::ALL.iter().find(|(_, kind)| *kind == capture.kind).map_or("", |(name, _)| name)
}
