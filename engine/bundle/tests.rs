//! Claims about whole bundles: small archives are built in memory, and one line is shown for each entry.

mod build;
mod hostile;
mod kinds;

use super::*;
use ::zip::unstable::write::FileOptionsExt;
use ::zip::write::{SimpleFileOptions, ZipWriter};
use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Write as _};
use std::slice::from_ref;

/// Writes files into a folder, walks it, and shows entries as `path = text` and problems as `path ! message`.
fn show(files: &[(&str, &[u8])], paths: &[&str], limits: &Limits) -> (String, Summary) {
    show_with(files, paths, limits, &[])
}

fn show_with(files: &[(&str, &[u8])], paths: &[&str], limits: &Limits, passwords: &[String]) -> (String, Summary) {
    let folder = tempfile::tempdir().unwrap();
    for (name, contents) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }
    let paths: Vec<PathBuf> = paths.iter().map(|path| folder.path().join(path)).collect();
    let mut shown = String::new();
    let summary = walk(&paths, limits, passwords, &mut |member| {
        let mut contents = Vec::new();
        let read = member.reader.read_to_end(&mut contents);
        let text = String::from_utf8_lossy(&contents[..contents.len().min(40)]).into_owned();
        let cut = if read.is_err() { " (cut)" } else { "" };
        writeln!(shown, "{} = {text}{cut}", member.path).unwrap();
    });
    let summary = summary.unwrap();
    for problem in &summary.problems {
        let entry = problem.entry.replace(&*folder.path().to_string_lossy(), "");
        writeln!(shown, "{entry} ! {}", problem.message).unwrap();
    }
    (shown, summary)
}

/// Checks what is shown of a single archive; of a problem, only the beginning is compared.
fn check(archive: &[u8], limits: Limits, expected: &[&str]) {
    compare(&show(&[("b.zip", archive)], &["b.zip"], &limits).0, expected);
}

/// Checks what is shown of a single archive that is opened with passwords.
fn check_with(archive: &[u8], passwords: &[&str], expected: &[&str]) {
    let passwords: Vec<String> = passwords.iter().map(|word| (*word).to_owned()).collect();
    compare(&show_with(&[("b.zip", archive)], &["b.zip"], &Limits::default(), &passwords).0, expected);
}

fn compare(shown: &str, expected: &[&str]) {
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines.len(), expected.len(), "{shown}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{shown}");
    }
}

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, contents) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(contents).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A zip as programs write it that cannot seek: sizes stand behind the data.
fn streamed_zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new_stream(Vec::new());
    for (name, contents) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(contents).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut out = bytes.to_vec();
    for at in 0..=out.len() - from.len() {
        if out[at..].starts_with(from) {
            out[at..at + to.len()].copy_from_slice(to);
        }
    }
    out
}

/// Text that hardly packs.
fn noise(length: usize) -> Vec<u8> {
    let next = |seed: &u32| Some(seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    std::iter::successors(Some(1), next).map(|seed: u32| b'!' + (seed >> 24) as u8 % 90).take(length).collect()
}

#[test]
fn a_single_file_keeps_its_name_and_its_hash() {
    let (shown, summary) = show(&[("CBS.log", b"abc")], &["CBS.log"], &Limits::default());
    assert_eq!(shown, "CBS.log = abc\n");
    assert_eq!(summary.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!((summary.name.as_str(), summary.bytes, summary.entries), ("CBS.log", 3, 1));
}

#[test]
fn a_visitor_that_stops_early_changes_no_hash() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    fs::write(&path, vec![b'a'; 300_000]).unwrap();
    let whole =
        walk(from_ref(&path), &Limits::default(), &[], &mut |member| drop(io::copy(member.reader, &mut io::sink())));
    let part = walk(from_ref(&path), &Limits::default(), &[], &mut |member| assert_eq!(member.head.len(), 65_536));
    assert_eq!(whole.unwrap(), part.unwrap());
}

#[test]
fn a_folder_is_walked_by_name_with_its_archives() {
    let archive = zip_of(&[("x.log", b"x")]);
    let files: [(&str, &[u8]); 4] = [("f/b.log", b"b"), ("f/a/z.log", b"z"), ("f/a.zip", &archive), ("f/empty", b"")];
    let (shown, summary) = show(&files, &["f"], &Limits::default());
    assert_eq!(shown, "a/z.log = z\na.zip/x.log = x\nb.log = b\nempty = \n");
    assert_eq!(summary.bytes, 2 + archive.len() as u64);
}

#[test]
fn several_paths_are_named_and_one_may_be_missing() {
    let archive = zip_of(&[("x.log", b"x")]);
    let files: [(&str, &[u8]); 3] = [("b.zip", &archive), ("one/a.log", b"1"), ("two/a.log", b"2")];
    let (shown, summary) = show(&files, &["b.zip", "one/a.log", "two/a.log", "gone.log"], &Limits::default());
    let shown = shown.split("(os").next().unwrap();
    assert_eq!(
        shown,
        "b.zip/x.log = x\na.log = 1\na.log (2) = 2\n/gone.log ! cannot be read: No such file or directory "
    );
    assert_eq!(summary.name, "b.zip and 3 more");
}

#[test]
fn only_nothing_at_all_is_an_error() {
    let gone = walk(&["gone/a.log".into(), "gone/b.log".into()], &Limits::default(), &[], &mut |_| ());
    assert!(matches!(gone, Err(OpenError::NotFound { path }) if path == "gone/a.log"));
    assert!(matches!(walk(&[], &Limits::default(), &[], &mut |_| ()), Err(OpenError::NoPath)));
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(walk(&[folder.path().into()], &Limits::default(), &[], &mut |_| ()).unwrap().entries, 0);
}

#[cfg(unix)]
#[test]
fn links_in_a_folder_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
    let summary = walk(&[folder.path().into()], &Limits::default(), &[], &mut |_| ()).unwrap();
    assert_eq!(summary.problems[0].entry, "loop");
}

#[test]
fn archives_in_archives_are_walked_in_place() {
    let inner = zip_of(&[("logs/CBS.log", b"inner")]);
    let outer = zip_of(&[("inner.zip", &inner), ("a.log", b"outer")]);
    let expected = ["inner.zip/logs/CBS.log = inner", "a.log = outer"];
    check(&outer, Limits::default(), &expected);
    check(&outer, Limits { memory: 0, ..Limits::default() }, &expected);
}

#[test]
fn names_are_decoded_and_cleaned() {
    let archive = zip_of(&[("XXXX/setup.log", b"gbk"), ("a.b.c.log", b"backslash"), ("UU/up.log", b"up")]);
    let archive = replaced(&archive, b"XXXX", b"\xc8\xd5\xd6\xbe");
    let archive = replaced(&archive, b"a.b.c", b"a\\b\\c");
    let archive = replaced(&archive, b"UU/up", b"../up");
    check(&archive, Limits::default(), &["日志/setup.log = gbk", "a/b/c.log = backslash", "../up.log = up"]);
}

#[test]
fn equal_names_are_both_read() {
    let archive = replaced(&zip_of(&[("one.log", b"1"), ("two.log", b"2")]), b"two", b"one");
    check(&archive, Limits::default(), &["one.log = 1", "one.log (2) = 2"]);
}

#[test]
fn an_encrypted_member_needs_a_password() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let encrypted = SimpleFileOptions::default().with_deprecated_encryption(b"secret").unwrap();
    writer.start_file("secret.log", encrypted).unwrap();
    writer.write_all(b"secret").unwrap();
    writer.start_file("open.log", SimpleFileOptions::default()).unwrap();
    writer.write_all(b"open").unwrap();
    let archive = writer.finish().unwrap().into_inner();
    check(&archive, Limits::default(), &["open.log = open", "secret.log ! needs a password: give it with --password"]);
    check_with(&archive, &["wrong"], &["open.log = open", "secret.log ! was not opened: no password that was given"]);
    check_with(&archive, &["wrong", "secret"], &["secret.log = secret", "open.log = open"]);
}

#[test]
fn an_unknown_method_is_named() {
    let mut archive = zip_of(&[("a.log", b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]);
    let directory = archive.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    archive[8] = 97;
    archive[directory + 10] = 97;
    check(&archive, Limits::default(), &["a.log ! is packed with a method that is not supported ("]);
}

#[test]
fn damaged_data_are_read_up_to_the_damage() {
    let mut archive = zip_of(&[("a.log", &noise(200_000)), ("b.log", b"b")]);
    archive[100_000] ^= 0xff;
    check(&archive, Limits::default(), &["a.log = ", "b.log = b", "a.log ! is damaged"]);
}

#[test]
fn a_zip_that_was_cut_off_gives_what_it_has() {
    let files: [(&str, &[u8]); 3] = [("a.log", b"first"), ("d/b.log", b"second"), ("c.log", &noise(100_000))];
    let cut_message = "b.zip ! is a zip archive without a readable directory";
    for archive in [zip_of(&files), streamed_zip_of(&files)] {
        let expected = ["a.log = first", "d/b.log = second", "c.log = ", cut_message, "c.log ! is damaged"];
        check(&archive[..50_000], Limits::default(), &expected);
        let whole = ["a.log = first", "d/b.log = second", "c.log = ", cut_message];
        check(&archive[..archive.len() - 30], Limits::default(), &whole);
    }
    check(b"PK\x03\x04", Limits::default(), &[cut_message]);
}

#[test]
fn a_bomb_is_cut_and_the_rest_is_read() {
    let archive = zip_of(&[("bomb.log", &vec![b'0'; 2 << 20]), ("a.log", b"a")]);
    let expected = [
        "bomb.log = 0000000000000000000000000000000000000000 (cut)",
        "a.log = a",
        "bomb.log ! unpacks to more than 100 times",
    ];
    check(&archive, Limits { ratio: 100, free: 1 << 20, ..Limits::default() }, &expected);
}

#[test]
fn overlapping_entries_are_not_read() {
    let mut archive = zip_of(&[("a.log", b"a"), ("b.log", b"b")]);
    let second = archive.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    archive[second + 42..second + 46].fill(0);
    check(&archive, Limits::default(), &["b.zip ! was not opened: its entries overlap"]);
}

#[test]
fn limits_are_named_and_what_is_within_them_is_read() {
    let archive = zip_of(&[("a.log", b"aaaa"), ("b.log", b"bbbb"), ("c.log", b"cccc")]);
    let limits = Limits::default();
    check(
        &archive,
        Limits { entries: 1, ..limits.clone() },
        &["a.log = aaaa", "b.log ! was not read, nor what follows it"],
    );
    let cut = ["a.log = aaaa", "b.log = bb (cut)", "b.log ! was not read whole", "c.log ! was not read, nor what"];
    check(&archive, Limits { total_bytes: 6, ..limits.clone() }, &cut);
    let each =
        ["a.log = aa (cut)", "b.log = bb (cut)", "c.log = cc (cut)", "a.log ! is larger", "b.log ! is", "c.log ! is"];
    check(&archive, Limits { entry_bytes: 2, ..limits.clone() }, &each);
    let nested = zip_of(&[("n.zip", &archive), ("a.log", b"a")]);
    check(
        &nested,
        Limits { depth: 1, ..limits },
        &["a.log = a", "n.zip ! was not opened: 2 archives lie in each other"],
    );
}

#[test]
fn no_cut_and_no_changed_byte_panics() {
    let archive = zip_of(&[("a.log", b"first"), ("n.zip", &streamed_zip_of(&[("b.log", b"second")]))]);
    for at in 0..archive.len() {
        let mut changed = archive.clone();
        changed[at] ^= 0x55;
        show(&[("b.zip", &changed), ("cut.zip", &archive[..at])], &["b.zip", "cut.zip"], &Limits::default());
    }
}
