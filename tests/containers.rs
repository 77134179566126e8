//! What a bundle says depends on its text alone: not on the encoding, the line ends or the packing.

use std::fs;
use std::path::Path;

use encoding_rs::{Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};
use serde_json::{Value, json};

use crate::harness::{evidence, files, report, repository, write_files, zip_of};

type Files = Vec<(String, Vec<u8>)>;

/// How a text is written to a file.
#[derive(Clone, Copy, Debug)]
struct Writing {
    encoding: &'static Encoding,
    mark: bool,
    line_end: &'static str,
}

/// Every encoding with the line end that is usual with it, and every line end once more in UTF-8 and UTF-16.
fn writings() -> Vec<Writing> {
    let mut writings = Vec::new();
    for (encoding, marks) in [(UTF_8, 2), (UTF_16LE, 2), (UTF_16BE, 2), (GBK, 1)] {
        for mark in [false, true].into_iter().take(marks) {
            for line_end in ["\n", "\r\n", "\r"] {
                writings.push(Writing { encoding, mark, line_end });
            }
        }
    }
    writings
}

/// The text of a log of ours, which is UTF-8, UTF-16LE with a mark, or GBK.
fn text_of(bytes: &[u8]) -> String {
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or((UTF_8, 0));
    let sound = encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..]);
    sound.unwrap_or_else(|| GB18030.decode_without_bom_handling(bytes).0).into_owned()
}

/// The text as bytes, or nothing where the encoding has no room for it.
fn write(text: &str, writing: Writing) -> Option<Vec<u8>> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', writing.line_end);
    let mut bytes = Vec::new();
    let utf16 = |unit: u16| {
        if writing.encoding == UTF_16LE { unit.to_le_bytes() } else { unit.to_be_bytes() }
    };
    if writing.encoding == UTF_16LE || writing.encoding == UTF_16BE {
        let mark = writing.mark.then_some(0xfeff);
        bytes.extend(mark.into_iter().chain(text.encode_utf16()).flat_map(utf16));
        return Some(bytes);
    }
    if writing.mark {
        bytes.extend(b"\xef\xbb\xbf");
    }
    let (encoded, _, lossy) = writing.encoding.encode(&text);
    bytes.extend(encoded.iter());
    (!lossy).then_some(bytes)
}

/// What must not change: the matches, and rule, count and place of each finding.
fn essence(report: &Value) -> Value {
    let findings = report["findings"].as_array().expect("findings is a list");
    let findings: Vec<Value> = findings
        .iter()
        .map(|found| {
            json!([found["rule"], found["count"], found["first"]["entry"], found["first"]["line"], found["facts"]])
        })
        .collect();
    json!({ "matches": report["matches"], "findings": findings, "unexplained": report["unexplained"] })
}

fn scan(folder: &Path, files: &Files) -> Value {
    let bundle = folder.join("bundle");
    if bundle.exists() {
        fs::remove_dir_all(&bundle).expect("the last bundle can be removed");
    }
    write_files(&bundle, files);
    report(folder, "bundle", &[])
}

/// The same logs in every writing say what they say in UTF-8 with LF.
fn check(logs: Files) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let texts: Vec<(String, String)> = logs.into_iter().map(|(name, bytes)| (name, text_of(&bytes))).collect();
    let plain = Writing { encoding: UTF_8, mark: false, line_end: "\n" };
    let written = |writing: Writing| -> Files {
        let bytes = |text: &str| write(text, writing).or_else(|| write(text, plain)).expect("UTF-8 has room");
        texts.iter().map(|(name, text)| (name.clone(), bytes(text))).collect()
    };
    let expected = scan(folder.path(), &written(plain));
    for writing in writings() {
        let found = scan(folder.path(), &written(writing));
        assert_eq!(essence(&found), essence(&expected), "{writing:?}");
    }
}

/// The logs below a folder of the repository.
fn logs_below(folder: &str) -> Files {
    let all = files(&repository().join(folder)).into_iter();
    all.filter(|(name, _)| !name.ends_with(".yml") && !name.starts_with("clean/")).collect()
}

#[test]
fn bundles_of_the_thread_say_the_same_in_every_writing() {
    check(logs_below("tests/bundles"));
}

#[test]
fn logs_of_the_cases_say_the_same_in_every_writing() {
    let logs = logs_below("cases/endpoint-control-denies-wpdmtp");
    assert!(logs.len() > 4, "{}", logs.len());
    check(logs);
}

#[test]
fn zip_and_zip_in_zip_say_what_the_folder_says() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for bundle in ["upgrade-denied", "mount-denied", "patch-denied"] {
        let logs = files(&repository().join("tests/bundles").join(bundle));
        let packed = zip_of(&logs);
        write_files(folder.path(), &[("one.zip".to_owned(), packed.clone())]);
        write_files(folder.path(), &[("two.zip".to_owned(), zip_of(&[("inner.zip".to_owned(), packed)]))]);
        let plain = evidence(&scan(folder.path(), &logs));
        assert!(!plain.is_empty(), "{bundle}");
        assert_eq!(evidence(&report(folder.path(), "one.zip", &[])), plain, "{bundle}");
        let within = |proof: &String| proof.replacen(' ', " inner.zip/", 1);
        let nested: Vec<String> = plain.iter().map(within).collect();
        assert_eq!(evidence(&report(folder.path(), "two.zip", &[])), nested, "{bundle}");
    }
}
