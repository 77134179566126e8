//! Walks a gzip, bzip2, xz or zstd stream: a tar archive, or one file.
//!
//! Called for files that begin like one. A packed tar counts as one archive, its members are named as those
//! of any other; a single file is named after the archive, without the ending. `zip` takes decoders from here
//! for the methods that its crate does not read within limits.

use super::archive::Streamed;
use super::body::Failing;
use super::guard::Failure;
use super::tar;
use super::walker::{Offer, Place, Walker};
use super::zstd;
use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;
use std::io::{BufReader, Read};

/// Walks what a packed stream holds.
pub(super) fn walk(kind: Streamed, packed: &mut dyn Read, place: &Place, walker: &mut Walker<'_>) {
    let mut unpacked = decoder(kind, packed, walker.limits().dictionary);
    let mut head = Vec::new();
    let error = unpacked.by_ref().take(tar::BLOCK as u64).read_to_end(&mut head).err();
    let mut contents = head.as_slice().chain(Failing::new(error)).chain(unpacked);
    if head.len() == tar::BLOCK && tar::is_header(&head) {
        let mut guard = walker.guard_archive(&mut contents, place.packed);
        // How large the tar is nobody knows before its end, so a member may have been packed into anything.
        let inner = Place { label: place.label.clone(), prefix: place.prefix.clone(), size: place.packed, ..*place };
        tar::walk(&mut guard, &inner, walker);
        match guard.into_failure() {
            None | Some(Failure::Surrounded(_)) => {}
            Some(failure) => walker.problem(&place.label, failure.to_string()),
        }
        return;
    }
    let path = format!("{}{}", place.prefix, unpacked_name(kind, &place.label));
    if let Some(path) = walker.enter(path) {
        let offer = Offer { path, size: None, packed: Some(place.packed), depth: place.depth, whole: false };
        walker.offer(offer, &mut contents);
    }
}

/// Unpacks a stream with a dictionary of at most so many bytes.
pub(super) fn decoder<'a>(kind: Streamed, packed: impl Read + 'a, dictionary: u64) -> Box<dyn Read + 'a> {
    let kib = u32::try_from(dictionary >> 10).unwrap_or(u32::MAX);
    let packed = BufReader::new(packed);
    match kind {
        Streamed::Tar => Box::new(packed),
        Streamed::Gzip => Box::new(MultiGzDecoder::new(packed)),
        Streamed::Bzip2 => Box::new(MultiBzDecoder::new(packed)),
        Streamed::Xz => Box::new(XzReader::new_mem_limit(packed, true, kib)),
        Streamed::Zstd => Box::new(zstd::Frames::new(packed, dictionary)),
    }
}

/// The last part of an archive's path without the ending of its kind.
fn unpacked_name(kind: Streamed, label: &str) -> String {
    let name = label.rsplit('/').next().unwrap_or(label);
    let endings: &[(&str, &str)] = match kind {
        Streamed::Tar => &[],
        Streamed::Gzip => &[(".tgz", ".tar"), (".gz", "")],
        Streamed::Bzip2 => &[(".tbz2", ".tar"), (".tbz", ".tar"), (".bz2", "")],
        Streamed::Xz => &[(".txz", ".tar"), (".xz", "")],
        Streamed::Zstd => &[(".tzst", ".tar"), (".zst", "")],
    };
    for (ending, instead) in endings {
        let Some(at) = name.len().checked_sub(ending.len()).filter(|at| *at > 0 && name.is_char_boundary(*at)) else {
            continue;
        };
        if name[at..].eq_ignore_ascii_case(ending) {
            return format!("{}{instead}", &name[..at]);
        }
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: Streamed, label: &str, expected: &str) {
        assert_eq!(unpacked_name(kind, label), expected);
    }

    #[test]
    fn a_single_file_loses_the_ending_of_its_archive() {
        check(Streamed::Gzip, "a/CBS.log.gz", "CBS.log");
        check(Streamed::Gzip, "logs.TGZ", "logs.tar");
        check(Streamed::Zstd, "日志.zst", "日志");
        check(Streamed::Xz, "日志", "日志");
        check(Streamed::Bzip2, ".bz2", ".bz2");
    }
}
