//! Facts lie in the text they are read from, and the prefilter lets every text through from which an error is read.

use std::ops::Range;
use std::sync::LazyLock;

use casebook::facts::{self, Fact};

static SWEEP: LazyLock<Vec<String>> = LazyLock::new(facts::sweep);

/// Reads every fact of the text.
pub fn check(data: &[u8]) {
    let text = &*String::from_utf8_lossy(data);
    errors(text);
    let paths = facts::paths(text);
    for path in &paths {
        assert!(!facts::path_forms(&path.value).is_empty() && !facts::same_file(&path.value).is_empty(), "{path:?}");
    }
    let others = [facts::kbs(text), facts::packages(text), facts::versions(text), facts::processes(text)];
    for fact in paths.iter().chain(others.iter().flatten()) {
        let Fact { value, span } = fact;
        spells(text, span);
        assert!(!value.is_empty(), "{fact:?} of {text:?}");
    }
    if let Some(code) = facts::parse_code(text) {
        assert_eq!(facts::parse_code(&code.hex()), Some(code));
    }
}

fn errors(text: &str) {
    let folded = text.to_ascii_lowercase();
    let mut start = 0;
    let errors = facts::errors(text);
    for error in &errors {
        spells(text, &error.span);
        assert!(error.span.start >= start, "errors out of order in {text:?}");
        start = error.span.start;
        let passes = facts::spellings(error.code).iter().any(|literal| folded.contains(literal));
        assert!(passes, "{text:?} holds {} and none of its literals", error.code.hex());
    }
    let swept = SWEEP.iter().any(|literal| folded.contains(literal));
    assert!(errors.is_empty() || swept, "{text:?} holds an error and escapes the sweep");
    for pair in facts::result_extends(text) {
        spells(text, &pair.span);
    }
}

fn spells(text: &str, span: &Range<usize>) {
    assert!(text.get(span.clone()).is_some_and(|spelling| !spelling.is_empty()), "{span:?} is no part of {text:?}");
}
