//! A bundle that nothing confirms is shown past failures that resemble it, and no other bundle is.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::small_base;
use crate::harness::{Run, finish, program};

const UNEXPLAINED: &str =
    r"2022-03-01 10:11:12, Error SP Cannot carve C:\Windows\System32\marble.dll. Error: 0x80070BC2[gle=0x00000bc2]";

/// A base that tells of the error and the file above, and a log with one line.
fn base(line: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    small_base(folder.path(), &|text| text.replace("Pigeons sit on them", "marble.dll is refused with 0x80070BC2"));
    fs::write(folder.path().join("setupact.log"), format!("{line}\r\n")).expect("it can be written");
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Run {
    finish(program(folder).args(arguments).args(["--lang", "en", "--kb", "."]))
}

/// What the report of a scan shows as similar; nothing where it has no such list.
fn similar(folder: &Path) -> Vec<Value> {
    let report: Value =
        serde_json::from_str(&run(folder, &["scan", "setupact.log", "--format", "json"]).stdout).expect("it is JSON");
    report["similar"].as_array().cloned().unwrap_or_default()
}

#[test]
fn a_bundle_that_nothing_confirms_is_shown_what_resembles_it() {
    let folder = base(UNEXPLAINED);
    let similar = similar(folder.path());
    assert_eq!(similar[0]["known_error"], "marble", "{similar:?}");
    let reasons: Vec<&str> = similar[0]["reasons"]
        .as_array()
        .expect("reasons is a list")
        .iter()
        .filter_map(|reason| reason["value"].as_str())
        .collect();
    assert!(reasons.contains(&"0x80070bc2") && reasons.contains(&"marble.dll"), "{reasons:?}");
    assert_eq!(reasons.iter().filter(|reason| **reason == "marble.dll").count(), 1, "{reasons:?}");
    let text = run(folder.path(), &["scan", "setupact.log"]).stdout;
    assert!(text.contains("Past failures that resemble this bundle"), "{text}");
    let answer = run(folder.path(), &["search", "--bundle", "setupact.log", "--format", "json"]).json();
    assert_eq!(answer["similar"][0]["known_error"], "marble", "{answer}");
}

#[test]
fn a_bundle_that_is_confirmed_needs_nothing_similar() {
    let folder = base("2022-03-01 10:11:12, Error SP Error READ, 0x80070BC2 while gathering marble.dll");
    assert!(similar(folder.path()).is_empty());
}

#[test]
fn a_bundle_that_resembles_nothing_is_shown_nothing() {
    let folder = base("2022-03-01 10:11:12, Error SP Cannot water the roses. Error: 0x80070642");
    assert!(similar(folder.path()).is_empty());
    let run = run(folder.path(), &["search", "--bundle", "setupact.log"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(!run.stdout.contains("Marble"), "{}", run.stdout);
}

#[test]
fn never_more_than_five_are_shown() {
    let folder = base(UNEXPLAINED);
    let known_error = folder.path().join("cases/marble/known-error.yml");
    for number in 0..7 {
        let copy = folder.path().join(format!("cases/marble-{number}"));
        fs::create_dir(&copy).expect("a folder can be made");
        fs::copy(&known_error, copy.join("known-error.yml")).expect("it can be copied");
    }
    assert_eq!(similar(folder.path()).len(), 5);
}
