//! Claims about the kinds of archive: what is in them comes out, named and in order, whatever holds it.

use super::build::{self, bzip2, cab_of, gzip, locked_sevenz_of, mszip, sevenz_of, stored_lzx, tar_members, tar_of};
use super::build::{xz, zstd};
use super::*;
use sevenz_rust2::EncoderMethod;

const FILES: [(&str, &[u8]); 2] = [("a.log", b"first"), ("d/b.log", b"second")];
const LINES: [&str; 2] = ["a.log = first", "d/b.log = second"];

// The rar archives hold FILES and were written by the writer of the rars crate 0.12.3, stored, the second one with
// the password `secret`: no other free program writes rar.

/// Version 5.
const RAR5: &str = "\
    526172211a070100c51a3332030100009b5254561103061c041c0061b7a10c00000452415253726172732f302e31322e\
    330a6d61726b65722d736368656d613d310a49713c38360203230504052057ee7192000005612e6c6f67220200489edf\
    9555b2341bd72a1d47e93c0722cd1aefaafcc2b3e98a023a768e00072a66697273747ed68a3f38020323060406206911\
    1fb6000007642f622e6c6f6722020024954a12395092935f0e0cb4ef4afd480215cff7ddc3ea92204023742f30d9ef73\
    65636f6e6419b23a3503050000";

/// Version 5, encrypted.
const LOCKED_RAR5: &str = "\
    526172211a070100c51a3332030100009b5254561103061c041c0061b7a10c00000452415253726172732f302e31322e\
    330a6d61726b65722d736368656d613d310a90c694e56702035410040520cad43cf7000005612e6c6f67300100030f21\
    9144719ea7d6b2dcdfb033538436d1f6c3e7da3dbded90974382ce10d99a3eae19751c27aea912637989c3220200e1b2\
    47859e15f0d157c18bae6cf44adb499da4f4ea83757c2477b6ce36ebc1a611c86d15562198fad7b0456540dbaed847ea\
    16fa6902035410040620d6adfb11000007642f622e6c6f67300100030fc2e615ee0f9c1e958962be5d9a937eacd85453\
    b67e028f0e3e2d6dea566f5bb06221c176d050caede5ae4ab322020085dffa3ca73fdd1712a5669e49eebe155938e2e5\
    afd0f444b1b93a6d53e99f5ab7a95a77b3359e6929f586132d2b001c19b23a3503050000";

/// Version 4.
const RAR4: &str = "\
    526172211a0700cf907300000d000000000000002ee77a00c024001c0000001c0000000061b7a10c000000001d300400\
    0000000052415253726172732f302e31322e330a6d61726b65722d736368656d613d310a844874208025000500000005\
    0000000057ee7192000000001d30050020000000612e6c6f6766697273742a5474208027000600000006000000006911\
    1fb6000000001d30070020000000642f622e6c6f677365636f6e64";

/// Checks what is shown of a single file of some name.
fn check_named(name: &str, contents: &[u8], expected: &[&str]) {
    compare(&show(&[(name, contents)], &[name], &Limits::default()).0, expected);
}

#[test]
fn a_single_packed_file_is_named_after_its_archive() {
    check_named("CBS.log.gz", &gzip(b"text"), &["CBS.log = text"]);
    check_named("CBS.log.bz2", &bzip2(b"text"), &["CBS.log = text"]);
    check_named("CBS.log.xz", &xz(b"text"), &["CBS.log = text"]);
    check_named("CBS.log.zst", &zstd(b"text"), &["CBS.log = text"]);
    check_named("renamed", &gzip(b"text"), &["renamed = text"]);
    check_named("empty.log.gz", &gzip(b""), &["empty.log = "]);
    let twice = [zstd(b"one, "), b"\x50\x2a\x4d\x18\x02\0\0\0xx".to_vec(), zstd(b"two")].concat();
    check_named("a.log.zst", &twice, &["a.log = one, two"]);
    check_named("a.log.gz", &[gzip(b"one, "), gzip(b"two")].concat(), &["a.log = one, two"]);
}

#[test]
fn a_packed_tar_is_one_archive() {
    let tar = tar_of(&FILES);
    let once = Limits { depth: 1, ..Limits::default() };
    for archive in [gzip(&tar), bzip2(&tar), xz(&tar), zstd(&tar), tar] {
        check(&archive, once.clone(), &LINES);
        let nested = tar_of(&[("logs.tgz", &archive), ("c.log", b"third")]);
        check(&nested, Limits::default(), &["logs.tgz/a.log = first", "logs.tgz/d/b.log = second", "c.log = third"]);
    }
}

#[test]
fn a_tar_tells_long_names_and_links() {
    let long = format!("{}/a.log", "d".repeat(200));
    let pax = format!("{} path={long}\n", 10 + long.len());
    let members: [(u8, &str, &[u8]); 7] = [
        (b'L', "././@LongLink", long.as_bytes()),
        (b'0', "ddd", b"first"),
        (b'x', "PaxHeaders/ddd", pax.as_bytes()),
        (b'0', "ddd", b"second"),
        (b'5', "folder", b""),
        (b'2', "link", b""),
        (b'0', "c.log", b"third"),
    ];
    let expected = [
        &format!("{long} = first"),
        &format!("{long} (2) = second"),
        "c.log = third",
        "link ! is a link",
        "b.zip ! is a tar archive without an end",
    ];
    check(&tar_members(&members), Limits::default(), &expected);
}

#[test]
fn a_tar_is_read_on_after_damage() {
    let mut archive = tar_of(&[("a.log", b"first"), ("b.log", b"second"), ("c.log", b"third")]);
    archive[1024] ^= 1;
    check(&archive, Limits::default(), &["a.log = first", "c.log = third", "b.zip ! is damaged between its members"]);
    let cut =
        ["a.log = fir (cut)", "a.log ! is damaged and was read up to byte 3: the archive ends", "b.zip ! is a tar"];
    check(&archive[..515], Limits::default(), &cut);
}

#[test]
fn a_packed_tar_that_was_cut_off_gives_what_it_has() {
    let archive = gzip(&tar_of(&[("a.log", b"first"), ("b.log", &noise(200_000))]));
    let expected =
        ["a.log = first", "b.log = ", "b.log ! was read up to byte ", "b.zip ! is damaged and was read up to byte "];
    check(&archive[..100_000], Limits::default(), &expected);
}

#[test]
fn each_method_of_7z_is_read() {
    let methods = [
        EncoderMethod::COPY,
        EncoderMethod::LZMA,
        EncoderMethod::LZMA2,
        EncoderMethod::PPMD,
        EncoderMethod::BZIP2,
        EncoderMethod::DEFLATE,
    ];
    for method in methods {
        check(&sevenz_of(method, &FILES), Limits::default(), &LINES);
    }
    let with_empty = sevenz_of(EncoderMethod::LZMA2, &[("a.log", b"first"), ("empty.log", b"")]);
    check(&with_empty, Limits::default(), &["a.log = first", "empty.log = "]);
}

#[test]
fn an_encrypted_7z_needs_its_password() {
    let archive = locked_sevenz_of(false, &FILES);
    check_with(&archive, &["wrong", "secret"], &LINES);
    check_with(&archive, &[], &["a.log ! needs a password: give it with --password", "d/b.log ! needs a password"]);
    check_with(&archive, &["wrong"], &["a.log ! was not opened: no password", "d/b.log ! was not opened: no password"]);
    let archive = locked_sevenz_of(true, &FILES);
    check_with(&archive, &["secret"], &["b.zip ! was not opened: unpacking it takes too much memory"]);
    // The writer packs the header with a larger dictionary than 7-Zip does.
    let limits = Limits { dictionary: 2 << 30, ..Limits::default() };
    let check_header = |passwords: &[&str], expected: &[&str]| {
        let passwords: Vec<String> = passwords.iter().map(|word| (*word).to_owned()).collect();
        compare(&show_with(&[("b", &archive)], &["b"], &limits, &passwords).0, expected);
    };
    check_header(&["wrong", "secret"], &LINES);
    check_header(&[], &["b ! needs a password: give it with --password"]);
    check_header(&["wrong"], &["b ! was not opened: no password"]);
}

#[test]
fn a_7z_without_its_end_is_said_to_be_a_part() {
    let archive = sevenz_of(EncoderMethod::LZMA2, &FILES);
    check(
        &archive[..60],
        Limits::default(),
        &["b.zip ! is a 7z archive that cannot be read, perhaps cut off or one part"],
    );
}

#[test]
fn damage_in_a_solid_block_costs_what_follows_it() {
    let mut archive = sevenz_of(EncoderMethod::COPY, &[("a.log", &noise(100_000)), ("b.log", b"b"), ("c.log", b"c")]);
    archive[50_000] ^= 1;
    let expected = ["a.log = ", "a.log ! is damaged", "b.zip ! could not be unpacked further: 2 entries were not read"];
    check(&archive, Limits::default(), &expected);
}

#[test]
fn a_cabinet_is_read_stored_mszip_and_lzx() {
    let contents = [noise(40_000), b"second".to_vec()].concat();
    let members = [("a.log", 40_000), ("d\\b.log", 6)];
    let blocks: Vec<(Vec<u8>, usize)> = contents.chunks(32 << 10).map(|chunk| (chunk.to_vec(), chunk.len())).collect();
    let begin = format!("a.log = {}", String::from_utf8_lossy(&contents[..40]));
    for archive in [cab_of(0, &blocks, &members), cab_of(1, &mszip(&contents), &members)] {
        check(&archive, Limits::default(), &[&begin, "d/b.log = second"]);
    }
    let lzx = cab_of(15 << 8 | 3, &stored_lzx(b"firstsecond"), &[("a.log", 5), ("d\\b.log", 6)]);
    check(&lzx, Limits::default(), &LINES);
    check(
        &cab_of(2, &blocks, &members),
        Limits::default(),
        &["a.log ! is packed with a method", "d/b.log ! is packed"],
    );
}

#[test]
fn a_cabinet_that_was_cut_off_gives_what_it_has() {
    let contents = noise(40_000);
    let archive = cab_of(1, &mszip(&contents), &[("a.log", 30_000), ("b.log", 10_000), ("c.log", 0)]);
    let expected = ["a.log = ", "b.log = ", "b.log ! is damaged", "b.zip ! could not be unpacked further: 1 entries"];
    check(&archive[..archive.len() - 100], Limits::default(), &expected);
    check(&archive[..40], Limits::default(), &["b.zip ! is a cab archive with a damaged directory"]);
}

#[test]
fn a_member_outside_of_its_cabinet_is_named() {
    let archive = cab_of(0, &[(b"first".to_vec(), 5)], &[("a.log", 5), ("b.log", 7)]);
    check(&archive, Limits::default(), &["a.log = first", "b.log ! is damaged and was read up to byte 0"]);
}

#[test]
fn rar_is_read() {
    check(&build::bytes(RAR5), Limits::default(), &LINES);
    check(&build::bytes(RAR4), Limits::default(), &LINES);
    let locked = build::bytes(LOCKED_RAR5);
    check_with(&locked, &["wrong", "secret"], &LINES);
    check_with(&locked, &[], &["a.log ! needs a password: give it with --password", "d/b.log ! needs a password"]);
    check_with(&locked, &["wrong"], &["a.log ! was not opened: no password", "d/b.log ! was not opened: no password"]);
    check(b"Rar!\x1a\x07\x01\0 and so on", Limits::default(), &["b.zip ! is a rar archive that cannot be read"]);
}

#[test]
fn kinds_lie_in_each_other() {
    let cab = cab_of(1, &mszip(b"inner"), &[("CBS.log", 5)]);
    let sevenz = sevenz_of(EncoderMethod::LZMA2, &[("c.cab", &cab), ("a.log", b"a")]);
    let tar = gzip(&tar_of(&[("s.7z", &sevenz), ("b.log", b"b")]));
    let zip = zip_of(&[("t.tgz", &tar), ("c.log.xz", &xz(b"c"))]);
    let expected =
        ["t.tgz/s.7z/c.cab/CBS.log = inner", "t.tgz/s.7z/a.log = a", "t.tgz/b.log = b", "c.log.xz/c.log = c"];
    check(&zip, Limits::default(), &expected);
    check(&zip, Limits { memory: 0, ..Limits::default() }, &expected);
    let shallow = [
        "t.tgz/s.7z/a.log = a",
        "t.tgz/b.log = b",
        "c.log.xz/c.log = c",
        "t.tgz/s.7z/c.cab ! was not opened: 4 archives lie in each other; raise --max-depth",
    ];
    check(&zip, Limits { depth: 3, ..Limits::default() }, &shallow);
}
