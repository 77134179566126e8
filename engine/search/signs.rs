//! What a signature looks for in a record: the fixed words of its rules' tests and of its own, and the errors it asks for.
//!
//! `documents` adds it to what a known error, a case or a rule says, so that a line pasted from a log finds what would
//! fire on it, also where no excerpt quotes such a line.

use std::collections::BTreeSet;

use crate::signature::{Condition, FieldTest, Item, Knowledge, Piece, Rule, ValueTest};

/// What is looked for.
#[derive(Default)]
pub(super) struct Signs {
    /// Words that a record must hold, one test a line.
    pub(super) words: BTreeSet<String>,
    /// Errors that a record must hold, in their one form.
    pub(super) codes: BTreeSet<String>,
}

/// What the items of a signature look for, their rules included.
pub(super) fn of_items<'k>(knowledge: &Knowledge, items: impl Iterator<Item = &'k Item>) -> Signs {
    let mut signs = Signs::default();
    for item in items {
        item.constraints.iter().for_each(|test| signs.note(test));
        knowledge.base_rules(&item.rule).into_iter().for_each(|rule| signs.note_rule(rule));
    }
    signs
}

/// What a rule looks for.
pub(super) fn of_rule(rule: &Rule) -> Signs {
    let mut signs = Signs::default();
    signs.note_rule(rule);
    signs
}

impl Signs {
    fn note_rule(&mut self, rule: &Rule) {
        let mut wanted = BTreeSet::new();
        wanted_by(&rule.detection.condition, &mut wanted);
        for (_, selection) in wanted.into_iter().filter_map(|index| rule.detection.selections.get(index)) {
            selection.tests().into_iter().for_each(|test| self.note(test));
        }
    }

    fn note(&mut self, test: &FieldTest) {
        test.values.iter().for_each(|value| self.note_value(value));
    }

    fn note_value(&mut self, value: &ValueTest) {
        match value {
            ValueTest::Error(code) => drop(self.codes.insert(code.hex())),
            ValueTest::Pattern(pattern) => drop(self.words.insert(pattern.literals.join(" "))),
            ValueTest::Any(values) => values.iter().for_each(|value| self.note_value(value)),
            ValueTest::Text(text) => {
                let fixed = text.pieces.iter().filter_map(|piece| match piece {
                    Piece::Fixed(fixed) => Some(fixed.as_str()),
                    Piece::Any | Piece::One => None,
                });
                self.words.insert(fixed.collect::<Vec<_>>().join(" "));
            }
            _ => {}
        }
    }
}

/// The selections that a condition asks for, without those that must not hold.
fn wanted_by(condition: &Condition, wanted: &mut BTreeSet<usize>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| wanted_by(part, wanted)),
        Condition::Selection(index) => drop(wanted.insert(*index)),
        Condition::Not(_) => {}
    }
}
