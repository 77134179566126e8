//! Any bytes can stand in a file of the knowledge base: it is loaded, or each fault has a place in the file.

use std::collections::BTreeMap;

use casebook::signature::{self, Severity, Source};
use casebook::{matcher, render};

/// The files that may hold anything, and what stands in them otherwise.
const FILES: [(&str, &str); 3] = [
    ("rules/any/a.yml", "title: A\ndetection: {s: {message|pattern: 'at {path}'}, condition: s}\n"),
    ("cases/a/known-error.yml", "title: A\nsignature: {all: [any/a]}\n"),
    ("cases/a/CAS-00001/case.yml", "title: A\nsignature: {all: [any/a]}\n"),
];

/// Loads a knowledge base in which the first byte picks the file that holds the others.
pub fn check(data: &[u8]) {
    let Some((pick, bytes)) = data.split_first() else { return };
    let picked = usize::from(*pick) % FILES.len();
    let mut files = BTreeMap::new();
    for (index, (path, text)) in FILES.into_iter().enumerate() {
        let contents = if index == picked { bytes } else { text.as_bytes() };
        files.insert(path.to_owned(), contents.to_owned());
    }
    let (knowledge, faults) = signature::load(&Source::Memory(files.clone())).expect("memory can be read");
    for fault in &faults {
        let contents = files.get(&fault.file).expect("a fault names a file that is there");
        let lines = contents.split(|byte| matches!(byte, b'\n' | b'\r')).count();
        assert!((1..=lines + 1).contains(&fault.line), "line {} of {lines}: {fault:?}", fault.line);
        assert!(fault.column >= 1 && !fault.code.is_empty() && !fault.message.is_empty(), "{fault:?}");
    }
    render::fault_list(&faults, true);
    let is_refused = faults.iter().any(|fault| fault.severity == Severity::Error);
    let documents = knowledge.rules.len() + knowledge.correlations.len();
    assert!(is_refused || documents >= 1, "a rule is gone without a fault");
    let _ = matcher::compile(&knowledge);
}
