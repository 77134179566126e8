//! Logs that others published, each named as its `expect.md` says, on the lines that prove it.
//!
//! The logs lie beside the repository and not in it, so each test is skipped, with a word on standard error, where
//! they are not at hand.

use std::io::{Write, stderr};
use std::path::PathBuf;

use crate::harness::{confirmed, evidence, report, repository};

/// The folder of one input, or nothing where the inputs are not at hand.
fn input(name: &str) -> Option<PathBuf> {
    let folder = repository().join("../shared/inputs/cases").join(name);
    if !folder.is_dir() {
        let _ = writeln!(stderr(), "skipped: ../shared/inputs/cases/{name} is not at hand");
        return None;
    }
    Some(folder)
}

/// The known error that must come first, alone confirmed, with all its evidence; none for a negative.
fn check(name: &str, known_error: Option<&str>, expected: &[&str]) {
    let Some(folder) = input(name) else { return };
    let report = report(&folder, "logs", &[]);
    assert_eq!(confirmed(&report), known_error.into_iter().collect::<Vec<_>>(), "{report:#}");
    assert_eq!(evidence(&report), expected);
}

#[test]
fn damaged_data_is_not_the_known_error_of_the_thread() {
    check(
        "apply-gle1392-mscordbi",
        Some("damaged-data-during-apply"),
        &[
            "setupact/apply-data-corrupt setupact.log:5",
            "setupact/apply-image-failed setupact.log:6",
            "setupact/apply-operation-failed setupact.log:7",
        ],
    );
}

#[test]
fn full_disk_is_found_in_lines_of_level_info() {
    check(
        "itprodocs-diskfull-c19001df",
        Some("disk-full-during-upgrade"),
        &["setupact/disk-full-remapped setupact.log:1", "setupact/upgrade-error-reported setupact.log:3"],
    );
}

#[test]
fn old_servicing_stack_is_named_by_one_line() {
    check("ms-ssu-0x800f0823", Some("servicing-stack-too-old"), &["cbs/servicing-stack-too-old CBS.log:1"]);
}

#[test]
fn phone_that_was_plugged_in_confirms_nothing() {
    check("neg-wpdmtp-coinstaller", None, &[]);
}

#[test]
fn chinese_console_text_in_gbk_is_read() {
    check(
        "ps-0x80073701-console-gbk",
        Some("assembly-missing-from-store"),
        &["any/assembly-missing powershell输出.txt:2"],
    );
}

#[test]
fn protected_folder_is_told_from_a_barred_file() {
    check(
        "wsee-avast-programfiles",
        Some("security-product-protects-folder"),
        &[
            "dism/set-security-denied dism.log:6",
            "dism/wim-worker-access-denied dism.log:3",
            "dism/mount-access-denied dism.log:10",
        ],
    );
}

#[test]
fn missing_manifest_names_its_package() {
    check(
        "wsl1580-kb3201845-store",
        Some("package-manifest-missing"),
        &[
            "cbs/package-manifest-missing CBS.log:1",
            "cbs/package-not-resolved CBS.log:2",
            "any/operation-failed CBS.log:2",
        ],
    );
    let Some(folder) = input("wsl1580-kb3201845-store") else { return };
    let report = report(&folder, "logs", &[]);
    let facts = &report["matches"][0]["evidence"][0]["facts"];
    assert_eq!(facts["package"], "Package_3222_for_KB3201845~31bf3856ad364e35~amd64~~10.0.1.2");
    assert_eq!(facts["kb"], "KB3201845");
}

#[test]
fn pending_restart_is_found_without_any_error() {
    check(
        "wsl41299-pending-without-error",
        Some("restart-pending"),
        &["cbs/package-smart-pended CBS.log:1", "cbs/session-needs-restart CBS.log:9"],
    );
    let Some(folder) = input("wsl41299-pending-without-error") else { return };
    let report = report(&folder, "logs", &[]);
    assert_eq!(report["unexplained"], serde_json::json!([]), "harmless codes are no errors to explain");
}
