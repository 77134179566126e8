//! Damaged and hostile evidence: each a clear message, no panic, and everything readable is still read.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::harness::{casebook, confirmed, evidence, files, report, repository, warnings, zip_of, zip_with_raw_name};

const THREAD: &str = "endpoint-control-denies-wpdmtp";

/// The lines that prove the known error of the thread.
const PROOF: &str = "2020-09-02 09:15:08, Error                 SP     SPWIMCallback: Error in apply of \
    C:\\$WINDOWS.~BT\\NewOS\\Windows\\WinSxS\\x\\WpdMtp.dll. GLE [5]\r\n";

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

fn put(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) {
    fs::write(folder.path().join(name), bytes).expect("the file can be written");
}

/// Scans `path`, which must hold the proof somewhere, and gives the warnings.
fn proven(folder: &TempDir, path: &str, options: &[&str]) -> Vec<String> {
    let report = report(folder.path(), path, options);
    assert_eq!(confirmed(&report), [THREAD], "{report:#}");
    warnings(&report)
}

/// Numbers that look random and are the same in each run.
fn random_bytes(count: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33).to_le_bytes()[0]
    };
    (0..count).map(|_| next()).collect()
}

#[test]
fn empty_file_is_read_and_says_nothing() {
    let folder = folder();
    put(&folder, "setupact.log", "");
    let run = casebook(folder.path(), &["scan", "setupact.log"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert_eq!(
        run.stdout,
        "setupact.log — 1 file, 0 B\n\nNo known error matches this bundle.\n\n\
         Not read, or only in part\n  setupact.log: the file is empty\n"
    );
}

#[test]
fn empty_folder_says_that_there_is_nothing_in_it() {
    let folder = folder();
    fs::create_dir(folder.path().join("bundle")).expect("a folder can be made");
    insta::assert_snapshot!(casebook(folder.path(), &["scan", "bundle"]).whole());
}

#[test]
fn folder_without_logs_is_read_all_the_same() {
    let folder = folder();
    put(&folder, "photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01");
    put(&folder, "letter.txt", "Dear support,\nthe update fails.\n");
    insta::assert_snapshot!(casebook(folder.path(), &["scan", "photo.jpg", "letter.txt"]).whole());
}

#[test]
fn missing_path_is_an_error() {
    let run = casebook(folder().path(), &["scan", "nowhere.zip"]);
    let expected = "error: nowhere.zip: there is no such file or folder\n";
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (2, "", expected));
}

#[test]
fn one_missing_path_of_two_is_a_warning() {
    let folder = folder();
    put(&folder, "setupact.log", PROOF);
    let run = casebook(folder.path(), &["scan", "nowhere.zip", "setupact.log", "--format", "json"]);
    let report = run.json();
    assert_eq!(confirmed(&report), [THREAD]);
    let found = warnings(&report);
    assert!(found.len() == 1 && found[0].starts_with("nowhere.zip: cannot be read"), "{found:?}");
}

#[test]
fn strict_run_with_a_warning_ends_with_status_1() {
    let folder = folder();
    put(&folder, "setupact.log", PROOF);
    let run = casebook(folder.path(), &["scan", "nowhere.zip", "setupact.log", "--strict"]);
    assert_eq!(run.status, 1, "{}", run.whole());
    assert!(run.stdout.contains("nowhere.zip"), "{}", run.stdout);
    assert_eq!(casebook(folder.path(), &["scan", "setupact.log", "--strict"]).status, 0);
}

#[test]
fn truncated_zip_gives_what_is_before_the_end() {
    let folder = folder();
    let noise = random_bytes(200_000, 7);
    let whole = zip_of(&[("setupact.log".to_owned(), PROOF.into()), ("other.log".to_owned(), noise)]);
    put(&folder, "cut.zip", &whole[..whole.len() / 2]);
    let warnings = proven(&folder, "cut.zip", &[]);
    assert!(warnings.iter().any(|warning| warning.starts_with("cut.zip: ")), "{warnings:?}");
}

#[test]
fn zip_cut_anywhere_never_panics() {
    let folder = folder();
    let whole = zip_of(&files(&repository().join("cases/restart-pending")));
    for part in 0..16 {
        put(&folder, "cut.zip", &whole[..whole.len() * part / 16]);
        assert_eq!(casebook(folder.path(), &["scan", "cut.zip"]).status, 0);
    }
}

#[test]
fn zip_bomb_stops_at_the_ratio() {
    let folder = folder();
    let bomb = vec![b'0'; 80 << 20];
    put(&folder, "bomb.zip", zip_of(&[("bomb.log".to_owned(), bomb), ("setupact.log".to_owned(), PROOF.into())]));
    let warnings = proven(&folder, "bomb.zip", &["--max-ratio", "100"]);
    assert!(warnings.len() == 1 && warnings[0].contains("--max-ratio"), "{warnings:?}");
}

#[test]
fn bytes_beyond_the_limit_are_not_read() {
    let folder = folder();
    let logs = [("a/setupact.log".to_owned(), PROOF.into()), ("b.log".to_owned(), vec![b'0'; 1 << 20])];
    put(&folder, "large.zip", zip_of(&logs));
    let warnings = proven(&folder, "large.zip", &["--max-bytes", "100000"]);
    assert!(warnings.iter().any(|warning| warning.contains("--max-bytes")), "{warnings:?}");
}

#[test]
fn archives_beyond_the_depth_are_named_and_not_opened() {
    let folder = folder();
    let mut packed = zip_of(&[("deep.log".to_owned(), PROOF.into())]);
    for depth in 0..5 {
        packed = zip_of(&[(format!("level{depth}.zip"), packed), (format!("setupact{depth}.log"), PROOF.into())]);
    }
    put(&folder, "deep.zip", packed);
    let warnings = proven(&folder, "deep.zip", &["--max-depth", "3"]);
    assert!(warnings.len() == 1 && warnings[0].contains("--max-depth"), "{warnings:?}");
}

#[test]
fn entries_beyond_the_limit_are_not_read() {
    let folder = folder();
    let logs: Vec<(String, Vec<u8>)> =
        (0..50).map(|number| (format!("{number:02}/setupact.log"), PROOF.into())).collect();
    put(&folder, "many.zip", zip_of(&logs));
    let report = report(folder.path(), "many.zip", &["--max-entries", "10"]);
    assert_eq!(report["bundle"]["entries"], 10);
    let warnings = warnings(&report);
    assert!(warnings.len() == 1 && warnings[0].contains("--max-entries"), "{warnings:?}");
}

#[test]
fn names_that_climb_out_are_shown_and_never_followed() {
    for name in ["../../setupact.log", "/etc/setupact.log", "C:\\Windows\\setupact.log", "..\\..\\setupact.log"] {
        let folder = folder();
        put(&folder, "names.zip", zip_with_raw_name(name.as_bytes(), PROOF.as_bytes()));
        let report = report(folder.path(), "names.zip", &[]);
        assert_eq!(report["entries"][0]["path"], name.replace('\\', "/"), "{report:#}");
        assert_eq!(confirmed(&report), [THREAD]);
        assert_eq!(files(folder.path()).len(), 1, "nothing is unpacked");
    }
}

#[test]
fn names_in_gbk_are_read() {
    let folder = folder();
    put(&folder, "names.zip", zip_with_raw_name(b"\xc8\xd5\xd6\xbe/setupact.log", PROOF.as_bytes()));
    let report = report(folder.path(), "names.zip", &[]);
    assert_eq!(evidence(&report), ["setupact/apply-access-denied 日志/setupact.log:1"]);
}

#[test]
fn random_bytes_under_the_names_of_logs_never_panic() {
    let folder = folder();
    for (seed, name) in ["setupact.log", "CBS.log", "dism.log", "WindowsUpdate.log", "Logfile.CSV", "a.evtx", "a.zip"]
        .into_iter()
        .enumerate()
    {
        let start = if name.ends_with(".zip") { "PK\u{3}\u{4}" } else { "" };
        let mut bytes = start.as_bytes().to_vec();
        bytes.extend(random_bytes(300_000, 40 + seed as u64));
        put(&folder, name, bytes);
    }
    put(&folder, "z-setupact.log", PROOF);
    proven(&folder, ".", &[]);
}

#[test]
fn damaged_sectors_in_a_log_hide_nothing_behind_them() {
    let folder = folder();
    let ordinary = "2020-09-02 09:15:07, Info                  SP     Executing progress.\r\n".repeat(400);
    let sectors = random_bytes(1024, 3);
    put(&folder, "setupact.log", [ordinary.as_bytes(), &sectors, b"\r\n", PROOF.as_bytes(), &sectors].concat());
    proven(&folder, "setupact.log", &[]);
}

#[test]
fn line_of_thirty_megabytes_is_read_and_so_is_the_next() {
    let folder = folder();
    let mut text = b"2020-09-02 09:15:07, Info                  SP     ".to_vec();
    text.extend(b"0123456789abcde ".repeat(30 << 16));
    text.extend(b"\r\n");
    text.extend(PROOF.as_bytes());
    put(&folder, "setupact.log", text);
    let started = Instant::now();
    let report = report(folder.path(), "setupact.log", &[]);
    assert_eq!(evidence(&report), ["setupact/apply-access-denied setupact.log:2"]);
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}

#[test]
fn log_of_nuls_hides_nothing_behind_it() {
    let folder = folder();
    let nuls = vec![0; 1 << 20];
    put(&folder, "setupact.log", [PROOF.as_bytes(), &nuls, b"\r\n", PROOF.as_bytes()].concat());
    let report = report(folder.path(), "setupact.log", &[]);
    assert_eq!(confirmed(&report), [THREAD]);
    put(&folder, "nuls.log", nuls);
    assert_eq!(casebook(folder.path(), &["scan", "nuls.log"]).status, 0);
}

#[test]
fn escape_sequence_in_a_log_never_reaches_the_terminal() {
    let folder = folder();
    let line = PROOF.replace("\\x\\", "\\\u{1b}[2J\u{9b}31m\u{202e}\\");
    put(&folder, "setupact.log", line);
    for format in ["text", "json"] {
        let run = casebook(folder.path(), &["scan", "setupact.log", "--format", format]);
        assert!(run.stdout.contains("WpdMtp.dll"), "{}", run.stdout);
        let raw = |text: &str| text.contains(['\u{1b}', '\u{9b}', '\u{202e}']);
        assert!(format == "json" || !raw(&run.stdout), "{:?}", run.stdout);
        assert!(!run.stdout.contains('\u{1b}'), "{:?}", run.stdout);
    }
    let mail = casebook(folder.path(), &["email", "closure", "--case", "CAS-02564", "--bundle", "setupact.log"]);
    assert!(mail.status == 0 && mail.stdout.contains("WpdMtp.dll"), "{}", mail.whole());
    assert!(!mail.stdout.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{:?}", mail.stdout);
}

#[test]
fn report_that_cannot_be_written_leaves_no_file() {
    let folder = folder();
    put(&folder, "setupact.log", PROOF);
    let run = casebook(folder.path(), &["scan", "setupact.log", "-o", "nowhere/report.txt"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.starts_with("error: cannot write nowhere/report.txt: "), "{}", run.stderr);
    assert_eq!(files(folder.path()).len(), 1);
}

#[test]
fn report_replaces_an_older_one_whole() {
    let folder = folder();
    put(&folder, "setupact.log", PROOF);
    put(&folder, "report.txt", vec![b'x'; 1 << 20]);
    let run = casebook(folder.path(), &["scan", "setupact.log", "-o", "report.txt"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let report = fs::read_to_string(folder.path().join("report.txt")).expect("it was written");
    assert!(report.starts_with("setupact.log — 1 file") && !report.contains("xxx"), "{report}");
    assert_eq!(files(folder.path()).len(), 2);
}

#[test]
fn zip_that_claims_another_size_is_no_danger() {
    let folder = folder();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("setupact.log", SimpleFileOptions::default()).expect("the member can be begun");
    zip.write_all(PROOF.as_bytes()).expect("the member can be written");
    let mut bytes = zip.finish().expect("the zip can be finished").into_inner();
    let directory = bytes.windows(4).position(|window| window == b"PK\x01\x02").expect("it has a directory");
    bytes[directory + 24..directory + 28].copy_from_slice(&u32::MAX.saturating_sub(1).to_le_bytes());
    put(&folder, "claims.zip", bytes);
    assert_eq!(casebook(folder.path(), &["scan", "claims.zip"]).status, 0);
}

#[cfg(unix)]
#[test]
fn reader_that_goes_away_is_no_error() {
    use std::process::Stdio;

    let bundles = repository().join("tests/bundles");
    let mut command = crate::harness::program(&bundles);
    command.args(["scan", "patch-denied", "--format", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program can be started");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success(), "{:?}", output.status);
}

#[cfg(unix)]
#[test]
fn pipe_and_link_in_a_folder_are_not_opened() {
    let folder = folder();
    put(&folder, "setupact.log", PROOF);
    let pipe = folder.path().join("pipe.log");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo can be run");
    assert!(made.success());
    std::os::unix::fs::symlink("/", folder.path().join("link")).expect("a link can be made");
    std::os::unix::fs::symlink(".", folder.path().join("loop")).expect("a link can be made");
    let warnings = proven(&folder, ".", &[]);
    insta::assert_snapshot!(warnings.join("\n"));
}

#[cfg(unix)]
#[test]
fn file_without_the_right_to_read_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder();
    put(&folder, "setupact.log", PROOF);
    put(&folder, "secret.log", "x");
    let secret = folder.path().join("secret.log");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).expect("rights can be set");
    // The superuser may read everything.
    let hidden = fs::read(&secret).is_err();
    let warnings = proven(&folder, ".", &[]);
    assert_eq!(warnings.len(), usize::from(hidden), "{warnings:?}");
}

#[test]
fn folder_in_place_of_the_output_file_is_an_error() {
    let folder = folder();
    put(&folder, "setupact.log", PROOF);
    fs::create_dir(folder.path().join("report.txt")).expect("a folder can be made");
    let run = casebook(folder.path(), &["scan", "setupact.log", "-o", "report.txt"]);
    assert_eq!(run.status, 2, "{}", run.whole());
    assert!(run.stderr.starts_with("error: cannot write report.txt"), "{}", run.stderr);
    assert!(Path::new(&folder.path().join("report.txt")).is_dir());
}
