//! Rules that ask for an error and nothing else, although any program may return it.
//!
//! Mails and tickets quote lines without their columns, so plain text is tried against the rules of every text log: a
//! rule that asks for such an error alone does not hold of its log alone. Errors of one part of Windows, such as those
//! of CBS, say enough by themselves. `overlap` knows how many other rules a rule of every log meets.

use crate::logs::LogFormat;
use crate::signature::{self, Fault, FieldTest, Rule, Selection, ValueTest};

/// Families of errors that programs of every kind return.
const COMMON: [&str; 3] = ["WIN32", "COM", "NTSTATUS"];

/// How many other rules may have examples on which a rule of every log fires.
const MOST_OTHERS: usize = 8;

/// A warning of a rule that fires beyond the log it names.
pub(super) fn check(rule: &Rule) -> Option<Fault> {
    let service = rule.service.as_deref()?;
    let named = LogFormat::from_name(service).filter(|format| format.is_text() && *format != LogFormat::Plain);
    if named.is_none() || rule.noise || !is_bare(rule) {
        return None;
    }
    let message = format!(
        "one way to meet the condition asks for a common error only, so the rule fires on any plain text with that code, not only in {service} logs"
    );
    Some(fault(rule, message))
}

/// A warning of a rule of every log that fires on the examples of so many `others`.
pub(super) fn check_others(rule: &Rule, others: usize) -> Option<Fault> {
    if rule.service.is_some() || others < MOST_OTHERS || !is_bare(rule) {
        return None;
    }
    let message = format!(
        "one way to meet the condition asks for a common error only, which stands in the examples of {others} other rules as well"
    );
    Some(fault(rule, message))
}

fn fault(rule: &Rule, message: String) -> Fault {
    Fault::on_file("bare-error", &rule.file, message, "ask for words of the line as well: a text, or a pattern")
        .warning()
}

/// Whether one way to meet the condition asks for nothing but an error that is common.
fn is_bare(rule: &Rule) -> bool {
    let selections = &rule.detection.selections;
    let ways = signature::ways(&rule.detection.condition).unwrap_or_default();
    let bare = |way: &Vec<usize>| !way.is_empty() && way.iter().all(|index| is_bare_selection(&selections[*index].1));
    ways.iter().any(bare)
}

fn is_bare_selection(selection: &Selection) -> bool {
    match selection {
        Selection::Fields(tests) => !tests.is_empty() && tests.iter().all(is_common_error),
        Selection::Any(parts) => parts.iter().any(is_bare_selection),
    }
}

fn is_common_error(test: &FieldTest) -> bool {
    let is_common = |value: &ValueTest| match value {
        ValueTest::Error(code) => code.family().is_none_or(|family| COMMON.contains(&family)),
        _ => false,
    };
    test.field == "error" && test.values.iter().any(is_common)
}
