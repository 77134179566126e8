//! Process Monitor traces in their own format: what is refused in them confirms the case that its CSV confirms.

#[path = "../engine/logs/pml/writer.rs"]
mod writer;

use crate::harness::{confirmed, files, report, repository, write_files};

const CASE: &str = "cases/endpoint-control-denies-wpdmtp/CAS-02713-B6R8B4/logs";

const DENIED: u32 = 0xc000_0022;

const PATH: &str = r"C:\Windows\SoftwareDistribution\Download\5e2b\inst\amd64_dual_wpdmtp.inf_31bf3856ad364e35_10.0.17134.1550_none_8c1f5d0a72be3e96\wpdmtp.dll";

/// A trace with one request for the file: asked for with `access`, answered with `result`.
fn trace(access: u32, result: u32) -> Vec<u8> {
    let tail = [access.to_le_bytes(), [0; 4]].concat();
    let request = writer::request(8, 0, 0, &[0, 0x0100_0060, 0x0007_0000, 0, 0, 0], PATH, &tail);
    writer::Writer::of(8).event(3, 20, result, &request, &[]).bytes()
}

/// Whether the report is sure of the case where the trace stands in place of the CSV.
fn confirms(trace: Vec<u8>) -> bool {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut logs = files(&repository().join(CASE));
    logs.retain(|(name, _)| !name.to_lowercase().ends_with(".csv"));
    logs.push(("trace".to_owned(), trace));
    write_files(&folder.path().join("bundle"), &logs);
    let report = report(folder.path(), "bundle", &[]);
    let matches = report["matches"].as_array().expect("matches is a list");
    let cases = matches.iter().filter_map(|found| found["cases"].as_array()).flatten();
    let is_confirmed =
        cases.into_iter().any(|case| case["id"] == "CAS-02713-B6R8B4" && case["confidence"] == "confirmed");
    assert_eq!(confirmed(&report).first() == Some(&"endpoint-control-denies-wpdmtp"), is_confirmed, "{report:#}");
    is_confirmed
}

#[test]
fn a_write_that_was_refused_confirms_the_case() {
    assert!(confirms(trace(0x0010_0100, DENIED)));
}

#[test]
fn a_refused_look_at_the_file_and_a_write_that_succeeded_do_not() {
    assert!(!confirms(trace(0x0010_0080, DENIED)));
    assert!(!confirms(trace(0x0010_0100, 0)));
}
