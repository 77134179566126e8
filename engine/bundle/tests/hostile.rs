//! Claims about hostile archives: each limit holds for each kind, and no input panics.

use super::build::{bzip2, cab_of, gzip, locked_sevenz_of, mszip, sevenz_of, tar_members, tar_of, xz, zstd};
use super::*;
use sevenz_rust2::EncoderMethod;

/// How large the bombs unpack, and from where on their ratio counts.
const BOMB: usize = 2 << 20;
const FREE: u64 = 1 << 20;

#[test]
fn a_bomb_of_each_kind_is_cut() {
    let zeros = vec![b'0'; BOMB];
    let limits = Limits { ratio: 100, free: FREE, ..Limits::default() };
    let cut = "0000000000000000000000000000000000000000 (cut)";
    for archive in [gzip(&zeros), bzip2(&zeros), xz(&zeros), zstd(&zeros)] {
        check(&archive, limits.clone(), &[&format!("b.zip = {cut}"), "b.zip ! unpacks to more than 100 times"]);
    }
    let bomb = format!("bomb.log = {cut}");
    let message = "bomb.log ! unpacks to more than 100 times its size, as in a zip bomb; raise --max-ratio";
    let files: [(&str, &[u8]); 2] = [("bomb.log", &zeros), ("a.log", b"a")];
    check(&gzip(&tar_of(&files)), limits.clone(), &[&bomb, message, "b.zip ! unpacks to more than 100 times"]);
    let lost = "b.zip ! could not be unpacked further: 1 entries were not read";
    check(&sevenz_of(EncoderMethod::LZMA2, &files), limits.clone(), &[&bomb, message, lost]);
    let folder = [zeros.as_slice(), b"a"].concat();
    let cab = cab_of(1, &mszip(&folder), &[("bomb.log", BOMB), ("a.log", 1)]);
    check(&cab, limits, &[&bomb, message, lost]);
}

#[test]
fn the_other_limits_hold_for_each_kind() {
    let files: [(&str, &[u8]); 3] = [("a.log", b"aaaa"), ("b.log", b"bbbb"), ("c.log", b"cccc")];
    let cab = cab_of(0, &[(b"aaaabbbbcccc".to_vec(), 12)], &[("a.log", 4), ("b.log", 4), ("c.log", 4)]);
    for archive in [tar_of(&files), gzip(&tar_of(&files)), sevenz_of(EncoderMethod::LZMA2, &files), cab] {
        let one = Limits { entries: 1, ..Limits::default() };
        check(&archive, one, &["a.log = aaaa", "b.log ! was not read, nor what follows it: the bundle has more than"]);
        let (shown, _) = show(&[("b", &archive)], &["b"], &Limits { total_bytes: 6, ..Limits::default() });
        assert!(shown.contains("raise --max-bytes"), "{shown}");
        let (shown, _) = show(&[("b", &archive)], &["b"], &Limits { entry_bytes: 2, ..Limits::default() });
        assert!(shown.starts_with("a.log = aa (cut)"), "{shown}");
        assert!(shown.contains("a.log ! is larger than 2 bytes and was read up to there; raise --max-entry-bytes"));
    }
}

#[test]
fn a_dictionary_over_the_limit_is_refused() {
    let limits = Limits { dictionary: 64 << 10, ..Limits::default() };
    let noise = noise(300_000);
    let check_memory = |archive: &[u8]| {
        let (shown, _) = show(&[("b", archive)], &["b"], &limits);
        assert!(!shown.contains('='), "{shown}");
        shown
    };
    for method in [EncoderMethod::LZMA2, EncoderMethod::PPMD] {
        let shown = check_memory(&sevenz_of(method, &[("a.log", &noise)]));
        assert!(shown.contains("raise --max-memory"), "{shown}");
    }
    check_memory(&xz(&noise));
    assert!(check_memory(&zstd(&noise)).contains("raise --max-memory"));
}

#[test]
fn a_long_name_of_a_tar_is_not_kept() {
    let name = vec![b'n'; 2 << 20];
    let archive = tar_members(&[(b'L', "././@LongLink", &name), (b'0', "a.log", b"a")]);
    let expected = ["a.log = a", "b.zip ! has a header of more than 1 MiB", "b.zip ! is a tar archive without an end"];
    check(&archive, Limits::default(), &expected);
}

#[test]
fn packed_files_in_each_other_end_at_the_limit() {
    let archive = (0..6).fold(b"text".to_vec(), |contents, _| gzip(&contents));
    check(&archive, Limits::default(), &["b.zip/b.zip/b.zip/b.zip ! was not opened: 5 archives lie in each other"]);
}

#[test]
fn no_cut_and_no_changed_byte_of_any_kind_panics() {
    let files: [(&str, &[u8]); 2] = [("a.log", b"first"), ("b.log", b"second")];
    let archives = [
        gzip(&tar_of(&files)),
        bzip2(b"text"),
        xz(b"text"),
        zstd(b"text"),
        tar_of(&[("a.log", b"first")]),
        sevenz_of(EncoderMethod::PPMD, &files),
        locked_sevenz_of(true, &files),
        cab_of(1, &mszip(b"firstsecond"), &[("a.log", 5), ("b.log", 6)]),
    ];
    let limits = Limits { dictionary: 1 << 24, ..Limits::default() };
    let passwords = ["secret".to_owned()];
    for archive in archives {
        for at in 0..archive.len() {
            let mut changed = archive.clone();
            changed[at] ^= 0x55;
            show_with(&[("b", &changed), ("c", &archive[..at])], &["b", "c"], &limits, &passwords);
        }
    }
}
