//! Runs the program in a fixed environment and builds bundles for it.
//!
//! Used by every module of the end-to-end tests. The program sees no locale, no colours and the knowledge base of
//! the repository, whatever the machine of the tester is set to.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;
use zip::ZipWriter;
use zip::write::{FullFileOptions, SimpleFileOptions};

/// What a run of the program left behind.
pub(crate) struct Run {
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
    /// The exit status.
    pub(crate) status: i32,
}

impl Run {
    /// Status and both streams in one text, for snapshots.
    pub(crate) fn whole(&self) -> String {
        format!("status: {}\n--- stdout\n{}--- stderr\n{}", self.status, self.stdout, self.stderr)
    }

    /// Standard output as JSON, where the run succeeded.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.status, 0, "{}", self.stderr);
        serde_json::from_str(&self.stdout).expect("the program writes JSON")
    }
}

/// The folder of the repository.
pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The cache folder of the tests, emptied once in each run of them.
static CACHE: LazyLock<PathBuf> = LazyLock::new(|| {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
    // There is none on the first run.
    let _ = fs::remove_dir_all(&cache);
    cache
});

/// The program, ready to run in `folder`; without a knowledge base unless one is set.
pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_casebook"));
    for name in ["LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE", "CASEBOOK_KB", "CASEBOOK_CACHE", "COLUMNS"] {
        command.env_remove(name);
    }
    // Not `CASEBOOK_CACHE`, which help would take for an argument.
    for name in ["HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"] {
        command.env(name, &*CACHE);
    }
    command.env("NO_COLOR", "1").current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs `casebook` with `arguments` in `folder`, with the repository as knowledge base, in English unless told.
pub(crate) fn casebook(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = program(folder);
    command.env("CASEBOOK_KB", repository()).args(arguments);
    if !arguments.contains(&"--lang") {
        command.args(["--lang", "en"]);
    }
    finish(&mut command)
}

/// Waits for a prepared command; a program killed by a signal or a panic fails the test here.
pub(crate) fn finish(command: &mut Command) -> Run {
    let output = command.output().expect("the program can be started");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8").replace("\r\n", "\n");
    let run = Run {
        stdout: text(output.stdout),
        stderr: text(output.stderr),
        status: output.status.code().expect("the program ends by itself"),
    };
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    run
}

/// The report of `scan` on `path` below `folder`, with `more` options.
pub(crate) fn report(folder: &Path, path: &str, more: &[&str]) -> Value {
    let mut arguments = vec!["scan", path, "--format", "json"];
    arguments.extend(more);
    casebook(folder, &arguments).json()
}

/// Ids of the known errors that a report confirms, best first.
pub(crate) fn confirmed(report: &Value) -> Vec<&str> {
    let matches = report["matches"].as_array().expect("matches is a list");
    let confirmed = matches.iter().filter(|found| found["confidence"] == "confirmed");
    confirmed.filter_map(|found| found["known_error"].as_str()).collect()
}

/// Rule and place of each piece of evidence for the best match, as `rule entry:line`.
pub(crate) fn evidence(report: &Value) -> Vec<String> {
    let evidence = report["matches"][0]["evidence"].as_array().cloned().unwrap_or_default();
    let word = |item: &Value, key: &str| item[key].as_str().unwrap_or_default().to_owned();
    evidence.iter().map(|item| format!("{} {}:{}", word(item, "rule"), word(item, "entry"), item["line"])).collect()
}

/// Messages of a report's warnings, as `entry: message`.
pub(crate) fn warnings(report: &Value) -> Vec<String> {
    let warnings = report["warnings"].as_array().expect("warnings is a list");
    let word = |item: &Value, key: &str| item[key].as_str().unwrap_or_default().to_owned();
    warnings.iter().map(|item| format!("{}: {}", word(item, "entry"), word(item, "message"))).collect()
}

/// Every file below `folder` with its path from there, `/` between its parts, sorted.
pub(crate) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), folder.to_owned())];
    while let Some((prefix, folder)) = open.pop() {
        for entry in fs::read_dir(&folder).expect("the folder can be listed") {
            let path = entry.expect("its entries can be read").path();
            let name = format!("{prefix}{}", path.file_name().expect("it has a name").to_string_lossy());
            if path.is_dir() {
                open.push((format!("{name}/"), path));
            } else {
                found.push((name, fs::read(&path).expect("the file can be read")));
            }
        }
    }
    found.sort();
    found
}

/// Writes files below `folder`, whatever folders their paths need.
pub(crate) fn write_files(folder: &Path, files: &[(String, Vec<u8>)]) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("it lies in the folder")).expect("folders can be made");
        fs::write(path, bytes).expect("files can be written");
    }
}

/// A zip of `files`, packed.
pub(crate) fn zip_of(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name.as_str(), SimpleFileOptions::default()).expect("the member can be begun");
        zip.write_all(bytes).expect("the member can be written");
    }
    zip.finish().expect("the zip can be finished").into_inner()
}

/// A zip with one member whose name is `name` byte for byte, without the flag for UTF-8; the name is as long as
/// its stand-in, so that it can be put in its place.
pub(crate) fn zip_with_raw_name(name: &[u8], bytes: &[u8]) -> Vec<u8> {
    let stand_in = "?".repeat(name.len());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(stand_in.as_str(), FullFileOptions::default()).expect("the member can be begun");
    zip.write_all(bytes).expect("the member can be written");
    let mut zip = zip.finish().expect("the zip can be finished").into_inner();
    let places: Vec<usize> = (0..zip.len()).filter(|at| zip[*at..].starts_with(stand_in.as_bytes())).collect();
    assert_eq!(places.len(), 2, "once before the data, once in the directory");
    for at in places {
        zip[at..at + name.len()].copy_from_slice(name);
    }
    zip
}
