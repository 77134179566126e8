//! The knowledge base of the repository proves itself.

use std::fs;

use crate::harness::{casebook, files, repository, write_files};

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

/// What stands before the line that counts.
fn table(page: &str) -> &str {
    page.rsplit_once("\n\n").map_or("", |(table, _)| table)
}

#[test]
fn the_tables_show_what_excerpts_match_and_what_rules_cost() {
    let run = casebook(&repository(), &["check", "--cross-match", "cases/restart-pending/known-error.yml"]);
    insta::assert_snapshot!("cross_match", table(&run.stdout));
    let run = casebook(&repository(), &["check", "--profile", "rules/cbs/package-smart-pended.yml"]);
    assert!(table(&run.stdout).contains("cbs/package-smart-pended"), "{}", run.stdout);
    let outcome = casebook(&repository(), &["check", "--profile", "--format", "json"]).json();
    assert!(outcome["profile"].as_array().is_some_and(|rows| rows.len() > 100));
    assert!(outcome["cross_matches"].as_array().is_some_and(|rows| rows.len() > 10));
}

#[test]
fn fix_puts_keys_in_order_and_touches_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    write_files(folder.path(), &files(&repository().join("tests/faults/sound")));
    let rule = folder.path().join("rules/setupact/gave-up.yml");
    let sound = fs::read_to_string(&rule).expect("it is there");
    let (title, rest) = sound.split_once('\n').expect("it has lines");
    fs::write(&rule, format!("{rest}# The name.\n{title}\n")).expect("it can be written");
    assert!(casebook(folder.path(), &["check", "--kb", "."]).stdout.contains("warning[untidy]"));
    let run = casebook(folder.path(), &["check", "--kb", ".", "--fix"]);
    assert_eq!(run.stderr, "mended: rules/setupact/gave-up.yml\n");
    assert!(run.stdout.ends_with("0 errors, 0 warnings\n"), "{}", run.stdout);
    assert_eq!(fs::read_to_string(&rule).expect("it is there"), format!("# The name.\n{sound}"));
}
