//! `explain` says what an error, a rule, a known error or a case is, and why a case matches a bundle or does not.

use insta::assert_snapshot;

use crate::harness::{Run, casebook, repository};

fn explain(arguments: &[&str]) -> Run {
    let mut all = vec!["explain"];
    all.extend(arguments);
    casebook(&repository().join("tests/bundles"), &all)
}

/// The answer, which must be given without complaint.
fn answer(arguments: &[&str]) -> String {
    let run = explain(arguments);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    run.stdout
}

#[test]
fn every_spelling_of_an_error_has_the_same_answer() {
    let expected = answer(&["0x80070005", "--lang", "zh-CN"]);
    assert_snapshot!(expected);
    for spelling in
        ["E_ACCESSDENIED", "GLE [5]", "-2147024891", "2147942405", "拒绝访问。", "STATUS_ACCESS_DENIED", "5"]
    {
        assert_eq!(answer(&["--lang", "zh-CN", "--", spelling]), expected, "{spelling}");
    }
}

#[test]
fn pair_of_setup_is_told_with_phase_and_operation() {
    let told = answer(&["--lang", "en", "--", "0xC1900101 - 0x20017"]);
    assert!(told.starts_with("0xc1900101  MOSETUP_E_SETUP_PLATFORM\n"), "{told}");
    assert!(
        told.contains("0x20017  Phase: SafeOS, in the small system that applies the new one (SAFE_OS)\n"),
        "{told}"
    );
    assert!(told.contains("0x20017  Operation: booting (BOOT)\n"), "{told}");
    let told = answer(&["--lang", "zh-CN", "--", "80070005-0x4000D"]);
    assert!(told.contains("0x4000d  阶段: 新系统第二次启动，含 OOBE (SECOND_BOOT)\n"), "{told}");
    assert!(told.contains("0x4000d  操作: 迁移数据 (MIGRATE_DATA)\n"), "{told}");
    let told = answer(&["0x30099", "--lang", "en"]);
    assert!(told.contains("Phase: first boot of the new system (FIRST_BOOT)\n  0x30099  Operation: -\n"), "{told}");
    let told = answer(&["0x80070005", "--lang", "en"]);
    assert!(!told.contains("Phase"), "{told}");
}

#[test]
fn rule_is_told_in_words_with_its_users() {
    assert_snapshot!(answer(&["setupact/apply-access-denied", "--lang", "en"]));
}

#[test]
fn case_against_a_bundle_is_told_item_by_item() {
    assert_snapshot!(answer(&["CAS-02695", "--bundle", "upgrade-denied", "--lang", "en"]));
}

#[test]
fn constraint_that_fails_first_is_shown_with_the_record_that_came_closest() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let log = folder.path().join("setupact.log");
    let line = r"2020-07-08 10:24:58, Error                 SP     SPWIMCallback: Error in apply of C:\$WINDOWS.~BT\NewOS\other.dll. GLE [5]";
    std::fs::write(&log, line).expect("the log can be written");
    let told = answer(&["CAS-02564", "--bundle", &log.to_string_lossy(), "--lang", "en"]);
    assert!(
        told.contains(r"failed first: path ends with \wpdmtp.dll (found: C:\$WINDOWS.~BT\NewOS\other.dll)"),
        "{told}"
    );
    assert!(told.contains("setupact.log:1  2020-07-08"), "{told}");
}

#[test]
fn known_error_as_json_names_its_contract() {
    let told = answer(&["disk-full-during-upgrade", "--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&told).expect("it is JSON");
    assert_eq!(told["schema"], "casebook-explain/1");
    assert_eq!(told["kind"], "known_error");
    assert!(told["items"].as_array().is_some_and(|items| !items.is_empty()), "{told}");
}

#[test]
fn unknown_thing_names_the_nearest() {
    let run = explain(&["disk-full-upgrade"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("did you mean `disk-full-during-upgrade`?"), "{}", run.stderr);
}
