//! `scan` names the known error and the case behind each bundle of the thread, in both languages and as JSON.

use std::path::PathBuf;

use insta::assert_snapshot;
use serde_json::Value;

use crate::harness::{casebook, confirmed, report, repository};

/// The three bundles of the thread with their cases.
const BUNDLES: [(&str, &str); 3] = [
    ("upgrade-denied", "CAS-02564-J6C0B1"),
    ("mount-denied", "CAS-02695-W0F0D7"),
    ("patch-denied", "CAS-02713-B6R8B4"),
];

const THREAD: &str = "endpoint-control-denies-wpdmtp";

fn bundles() -> PathBuf {
    repository().join("tests/bundles")
}

/// The case comes first and confirmed, the other two behind it and not confirmed.
fn check(report: &Value, case: &str) {
    assert_eq!(confirmed(report), [THREAD]);
    let cases = report["matches"][0]["cases"].as_array().expect("cases is a list");
    assert_eq!(cases.len(), 3, "{case}");
    assert_eq!((&cases[0]["id"], &cases[0]["confidence"]), (&case.into(), &"confirmed".into()));
    for sibling in &cases[1..] {
        assert_ne!(sibling["confidence"], "confirmed", "{sibling:#}");
        assert_ne!(sibling["missing"].as_array().map(Vec::len), Some(0), "{sibling:#}");
    }
}

#[test]
fn each_bundle_of_the_thread_confirms_its_own_case_first() {
    for (bundle, case) in BUNDLES {
        check(&report(&bundles(), bundle, &[]), case);
    }
}

#[test]
fn logs_of_each_case_confirm_that_case_first() {
    for (_, case) in BUNDLES {
        check(&report(&repository().join("cases").join(THREAD).join(case), "logs", &[]), case);
    }
}

#[test]
fn report_for_a_person_in_english() {
    assert_snapshot!(casebook(&bundles(), &["scan", "patch-denied"]).whole());
}

#[test]
fn report_for_a_person_in_chinese() {
    assert_snapshot!(casebook(&bundles(), &["scan", "patch-denied", "--lang", "zh-CN"]).whole());
}

#[test]
fn healthy_machine_in_english() {
    assert_snapshot!(casebook(&bundles(), &["scan", "clean"]).whole());
}

#[test]
fn healthy_machine_in_chinese() {
    assert_snapshot!(casebook(&bundles(), &["scan", "clean", "--lang", "zh-CN"]).whole());
}

#[test]
fn report_for_a_program() {
    assert_snapshot!(casebook(&bundles(), &["scan", "mount-denied", "--format", "json"]).stdout);
}

#[test]
fn reports_keep_the_contract() {
    for bundle in ["upgrade-denied", "mount-denied", "patch-denied", "clean"] {
        contract(&report(&bundles(), bundle, &[]));
    }
}

#[test]
fn number_of_jobs_changes_no_byte() {
    for bundle in ["upgrade-denied", "patch-denied", "clean"] {
        for format in ["json", "text"] {
            let run = |jobs: &str| casebook(&bundles(), &["scan", bundle, "--format", format, "--jobs", jobs]).stdout;
            assert_eq!(run("1"), run("7"), "{bundle} as {format}");
        }
    }
}

#[test]
fn several_bundles_are_scanned_as_one() {
    let run = casebook(&bundles(), &["scan", "clean", "patch-denied", "--format", "json"]);
    let report = run.json();
    assert_eq!(report["bundle"]["name"], "clean and 1 more");
    assert_eq!(confirmed(&report), [THREAD]);
    let entries = report["entries"].as_array().expect("entries is a list");
    assert!(entries.iter().any(|entry| entry["path"] == "clean/WindowsUpdate.log"));
    assert!(entries.iter().any(|entry| entry["path"] == "patch-denied/WindowsUpdate.log"));
}

#[test]
fn output_file_holds_what_standard_output_would() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("report.txt");
    let file = file.to_str().expect("its name is UTF-8");
    let run = casebook(&bundles(), &["scan", "clean", "-o", file]);
    assert_eq!((run.status, run.stdout.as_str()), (0, ""));
    let written = std::fs::read_to_string(file).expect("it was written").replace("\r\n", "\n");
    assert_eq!(written, casebook(&bundles(), &["scan", "clean"]).stdout);
}

/// Every field that the contract names is there, with its type.
fn contract(report: &Value) {
    assert_eq!(report["schema"], "casebook-report/1");
    fields(&report["bundle"], "bundle", "name:s sha256:s entries:n bytes:n");
    each(&report["entries"], |entry| {
        fields(entry, "entry", "path:s format:s encoding:? bytes:n records:n first_time:? last_time:?");
    });
    each(&report["system"]["facts"], |fact| {
        fields(fact, "system fact", "name:s title:t values:l");
        each(&fact["values"], |value| fields(value, "system value", "value:s entry:s time:?"));
    });
    each(&report["matches"], |found| {
        fields(
            found,
            "match",
            "known_error:s title:t confidence:s score:n cause:t workaround:t fix:t evidence:l missing:l cases:l",
        );
        assert_ne!(found["confidence"], "sibling");
        proof(found);
        each(&found["cases"], |case| {
            fields(case, "case", "id:s title:t confidence:s score:n evidence:l missing:l");
            proof(case);
        });
    });
    each(&report["findings"], |finding| {
        fields(finding, "finding", "rule:s title:t level:s count:n first:o facts:o");
        fields(&finding["first"], "first", "entry:s line:n time:? text:s");
    });
    each(&report["unexplained"], |error| {
        fields(error, "unexplained", "error:s name:? count:n first:o");
        fields(&error["first"], "first", "entry:s line:n time:? text:s");
    });
    each(&report["warnings"], |warning| fields(warning, "warning", "entry:s message:s"));
}

/// What matches and cases have in common.
fn proof(found: &Value) {
    let confidence = found["confidence"].as_str().expect("confidence is a word");
    assert!(["confirmed", "likely", "possible", "sibling"].contains(&confidence), "{confidence}");
    each(&found["evidence"], |item| {
        fields(item, "evidence", "rule:s title:t entry:s line:n time:? text:s facts:o");
        assert_ne!(item["line"], 0, "lines are counted from one");
    });
    each(&found["missing"], |item| fields(item, "missing", "rule:s title:t logsource:s"));
}

fn each(list: &Value, check: impl Fn(&Value)) {
    list.as_array().expect("it is a list").iter().for_each(check);
}

/// `names` are fields with their types: string, number, list, object, text by language, or anything (also null).
fn fields(value: &Value, what: &str, names: &str) {
    for (name, kind) in names.split(' ').filter_map(|field| field.split_once(':')) {
        let field = value.get(name).unwrap_or_else(|| panic!("{what} has no `{name}`: {value:#}"));
        let right = match kind {
            "s" => field.is_string(),
            "n" => field.is_number(),
            "l" => field.is_array(),
            "o" => field.is_object(),
            "t" => field["en"].is_string() && field["zh-CN"].is_string(),
            _ => field.is_string() || field.is_null(),
        };
        assert!(right, "`{name}` of {what} has another type: {field:#}");
    }
}
