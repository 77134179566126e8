//! `email` drafts the closure mail of each case, and names everything it would need and does not have.

use std::fs;

use insta::assert_snapshot;
use tempfile::TempDir;

use crate::harness::{Run, casebook, files, finish, program, repository, write_files};

fn email(arguments: &[&str]) -> Run {
    let mut all = vec!["email"];
    all.extend(arguments);
    casebook(&repository().join("tests/bundles"), &all)
}

fn closure(case: &str, language: &str) -> String {
    let run = email(&["closure", "--case", case, "--lang", language]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    run.stdout
}

/// A copy of the knowledge base with one more English template.
fn with_template(text: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for part in ["rules", "cases", "templates"] {
        write_files(&folder.path().join(part), &files(&repository().join(part)));
    }
    fs::write(folder.path().join("templates/en/other.txt"), text).expect("the template can be written");
    folder
}

fn draft_other(template: &str, more: &[&str]) -> Run {
    let folder = with_template(template);
    finish(program(folder.path()).args(["email", "other", "--lang", "en", "--case", "CAS-02713"]).args(more))
}

#[test]
fn closure_of_the_upgrade_case_in_chinese() {
    assert_snapshot!(closure("CAS-02564", "zh-CN"));
}

#[test]
fn closure_of_the_upgrade_case_in_english() {
    assert_snapshot!(closure("CAS-02564", "en"));
}

#[test]
fn closure_of_the_mount_case_in_chinese() {
    assert_snapshot!(closure("CAS-02695", "zh-CN"));
}

#[test]
fn closure_of_the_mount_case_in_english() {
    assert_snapshot!(closure("CAS-02695", "en"));
}

#[test]
fn closure_of_the_patch_case_in_chinese() {
    assert_snapshot!(closure("CAS-02713", "zh-CN"));
}

#[test]
fn closure_of_the_patch_case_in_english() {
    assert_snapshot!(closure("CAS-02713", "en"));
}

#[test]
fn bundle_gives_the_evidence_of_the_mail() {
    let run = email(&["closure", "--case", "CAS-02564", "--bundle", "upgrade-denied"]);
    assert!(run.stdout.contains("日志/Panther/setupact.log, line 167"), "{}", run.whole());
}

#[test]
fn bundle_alone_leads_to_its_best_case() {
    let run = email(&["closure", "--bundle", "patch-denied"]);
    assert_eq!(run.stdout, email(&["closure", "--case", "CAS-02713-B6R8B4", "--bundle", "patch-denied"]).stdout);
}

#[test]
fn bundle_that_confirms_nothing_leaves_everything_missing() {
    assert_snapshot!(email(&["closure", "--bundle", "clean"]).whole());
}

#[test]
fn unknown_case_names_the_nearest() {
    assert_snapshot!(email(&["closure", "--case", "CAS-02731-B6R8B4"]).whole());
}

#[test]
fn beginning_of_several_case_numbers_names_them() {
    assert_snapshot!(email(&["closure", "--case", "CAS-02"]).whole());
}

#[test]
fn unknown_template_names_those_there_are() {
    assert_snapshot!(email(&["closing", "--case", "CAS-02713"]).whole());
}

#[test]
fn closure_without_a_case_names_every_missing_value() {
    assert_snapshot!(email(&["closure"]).whole());
}

#[test]
fn template_with_several_undefined_values_names_them_all() {
    let text = "Subject: {{ ticket }}\n\n{{ contact.name }} {{ contact.mail }} {{ case.id }} {{ case.colour }}\n";
    let run = draft_other(text, &[]);
    assert_eq!(run.status, 2);
    assert_eq!(
        run.stderr,
        "error: templates/en/other.txt needs values that are missing: case.colour, contact.mail, contact.name, ticket \
         (give a case with --case, or each with --set name=value)\n"
    );
}

#[test]
fn optional_value_of_a_template_is_not_asked_for() {
    let text = "Subject: x\n\n{% if note is defined %}{{ note }}{% endif %}{{ ticket }}\n";
    let run = draft_other(text, &[]);
    assert!(run.stderr.contains("are missing: ticket (give"), "{}", run.whole());
    let run = draft_other(text, &["--set", "ticket=42"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, "Subject: x\n\n42\n"));
}

#[test]
fn set_adds_and_replaces_values() {
    let text = "Subject: {{ case.id }} {{ contact.name }}\n\n{{ settings.hotline }}\n";
    let run = draft_other(text, &["--set", "contact.name=A=B", "--set", "settings.hotline=400-000-0000"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, "Subject: CAS-02713-B6R8B4 A=B\n\n400-000-0000\n"));
}

#[test]
fn set_without_a_value_is_wrong_usage() {
    let run = email(&["closure", "--case", "CAS-02713", "--set", "hotline"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("write it as NAME=VALUE"), "{}", run.stderr);
}

#[test]
fn template_with_a_mistake_names_its_line() {
    assert_snapshot!(draft_other("Subject: x\n\n{{ case.id }\n", &[]).whole());
}

#[test]
fn template_without_a_subject_is_refused() {
    assert_snapshot!(draft_other("Dear customer,\n", &[]).whole());
}

#[test]
fn template_that_never_ends_is_stopped() {
    let text = "Subject: x\n\n{% for a in range(9999) %}{% for b in range(9999) %}{{ b }}{% endfor %}{% endfor %}\n";
    let run = draft_other(text, &[]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("templates/en/other.txt:3"), "{}", run.stderr);
}

#[test]
fn mail_goes_to_the_file_that_was_named() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("mail.txt");
    let file = file.to_str().expect("its name is UTF-8");
    let run = email(&["closure", "--case", "CAS-02713", "--lang", "zh-CN", "-o", file]);
    assert_eq!((run.status, run.stdout.as_str()), (0, ""));
    let written = fs::read_to_string(file).expect("it was written").replace("\r\n", "\n");
    assert_eq!(written, closure("CAS-02713", "zh-CN"));
}

#[test]
fn collection_asks_for_logs_that_are_missing_and_comparison_shows_the_other_cases() {
    for (language, asked, other) in
        [("en", "setupact.log", "CAS-02564-J6C0B1"), ("zh-CN", "安装日志", "CAS-02713-B6R8B4")]
    {
        let from = ["--case", "CAS-02695", "--bundle", "mount-denied/Logs/DISM/dism.log", "--lang", language];
        let mail = email(&[&["collection"], &from[..]].concat()).stdout;
        assert!(mail.starts_with("Subject: ") && mail.contains(asked), "{mail}");
        assert!(!mail.contains("DISM\\dism.log"), "a log that was sent is asked for again: {mail}");
        let mail = email(&[&["comparison"], &from[..]].concat()).stdout;
        assert!(mail.contains(other), "{mail}");
    }
}
