//! The knowledge base of the repository proves itself.

use crate::harness::{casebook, repository};

#[test]
fn our_own_knowledge_base_has_no_fault() {
    let run = casebook(&repository(), &["check"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    assert!(run.stdout.ends_with(": 0 errors, 0 warnings\n"), "{}", run.stdout);
    assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
}

#[test]
fn check_counts_as_json_what_it_counts_as_text() {
    let report = casebook(&repository(), &["check", "--format", "json"]).json();
    assert_eq!(report["schema"], "casebook-check/1");
    assert_eq!(report["faults"], serde_json::json!([]));
    for count in ["rules", "known_errors", "cases"] {
        assert!(report[count].as_u64().is_some_and(|count| count > 0), "{count}: {report}");
    }
}
