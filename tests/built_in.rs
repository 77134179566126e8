//! The program alone, copied to a customer's machine, knows what the repository knows.

use std::fs;

use crate::harness::{casebook, finish, program, repository};

#[test]
fn program_alone_reports_the_same_as_with_the_repository() {
    let nowhere = tempfile::tempdir().expect("a folder can be made");
    for bundle in ["patch-denied", "clean"] {
        let path = repository().join("tests/bundles").join(bundle);
        let path = path.to_str().expect("the path is UTF-8");
        let alone = finish(program(nowhere.path()).args(["scan", path, "--format", "json"]));
        assert_eq!(alone.json(), casebook(nowhere.path(), &["scan", path, "--format", "json"]).json(), "{bundle}");
    }
}

#[test]
fn program_alone_drafts_the_same_mail() {
    let nowhere = tempfile::tempdir().expect("a folder can be made");
    let arguments = ["email", "closure", "--case", "CAS-02713", "--lang", "zh-CN"];
    let alone = finish(program(nowhere.path()).args(arguments));
    assert_eq!(alone.whole(), casebook(nowhere.path(), &arguments).whole());
}

#[test]
fn program_alone_proves_itself() {
    let nowhere = tempfile::tempdir().expect("a folder can be made");
    let alone = finish(program(nowhere.path()).arg("check"));
    assert_eq!(alone.whole(), casebook(nowhere.path(), &["check"]).whole());
}

#[test]
fn nearest_knowledge_base_upward_goes_before_the_built_in_one() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for name in ["rules", "cases", "below/this"] {
        fs::create_dir_all(folder.path().join(name)).expect("folders can be made");
    }
    let run = finish(program(&folder.path().join("below/this")).arg("check"));
    assert_eq!(run.stdout, "0 rules, 0 known errors, 0 cases: 0 errors, 0 warnings\n");
}

#[test]
fn folder_that_is_no_knowledge_base_is_wrong_usage() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let run = finish(program(folder.path()).args(["check", "--kb", "nowhere"]));
    let expected =
        "error: nowhere is not a knowledge base: it has no folder rules (name one that holds rules/ and cases/)\n";
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (2, "", expected));
}
