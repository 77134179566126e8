//! Knows archives by their first bytes, and opens them.
//!
//! Called by the walker and for outermost files, before anything else looks at the contents; names are
//! not asked, because customers rename archives to get them through mail filters. Archives that are read
//! through a directory need a file; the others are read forward from any stream.

use super::walker::{Place, Walker};
use super::{cab, rar, sevenz, stream, tar, zip};
use std::io::{Read, Seek};

/// A kind of archive or compressed file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// It is read through a directory, and back and forth.
    Indexed(Indexed),
    /// It is read forward, once.
    Streamed(Streamed),
}

/// The archives with a directory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Indexed {
    Zip,
    SevenZip,
    Cab,
    Rar,
}

/// The archives without one, and single compressed files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Streamed {
    Tar,
    Gzip,
    Bzip2,
    Xz,
    Zstd,
}

/// How many bytes of a file decide on its kind.
pub(super) const HEAD: usize = tar::BLOCK;

/// Tells the kind of archive that starts with these bytes, if it is one.
pub(super) fn recognise(head: &[u8]) -> Option<Kind> {
    // The second is a zip without entries, the third the first part of a split one.
    let starts: [(&[u8], Kind); 10] = [
        (b"PK\x03\x04", Kind::Indexed(Indexed::Zip)),
        (b"PK\x05\x06", Kind::Indexed(Indexed::Zip)),
        (b"PK\x07\x08", Kind::Indexed(Indexed::Zip)),
        (b"7z\xbc\xaf\x27\x1c", Kind::Indexed(Indexed::SevenZip)),
        (b"Rar!\x1a\x07", Kind::Indexed(Indexed::Rar)),
        (b"MSCF\0\0\0\0", Kind::Indexed(Indexed::Cab)),
        (b"\x1f\x8b\x08", Kind::Streamed(Streamed::Gzip)),
        (b"BZh", Kind::Streamed(Streamed::Bzip2)),
        (b"\xfd7zXZ\0", Kind::Streamed(Streamed::Xz)),
        (b"\x28\xb5\x2f\xfd", Kind::Streamed(Streamed::Zstd)),
    ];
    let start = starts.iter().find(|(start, _)| head.starts_with(start));
    match start {
        // Three letters may begin a text, so the magic of the first block, or of an empty file's end, is asked for.
        Some((_, kind @ Kind::Streamed(Streamed::Bzip2))) => {
            let block = head.get(4..10)?;
            (block == b"1AY&SY" || block == b"\x17\x72\x45\x38\x50\x90").then_some(*kind)
        }
        Some((_, kind)) => Some(*kind),
        None => tar::is_header(head.get(..HEAD)?).then_some(Kind::Streamed(Streamed::Tar)),
    }
}

/// Walks the members of an archive that is read through a directory.
pub(super) fn walk_indexed<R>(kind: Indexed, file: R, place: &Place, walker: &mut Walker<'_>)
where
    R: Read + Seek + Send + 'static,
{
    match kind {
        Indexed::Zip => zip::walk(file, place, walker),
        Indexed::SevenZip => sevenz::walk(file, place, walker),
        Indexed::Cab => cab::walk(file, place, walker),
        Indexed::Rar => rar::walk(file, place, walker),
    }
}

/// Walks the members of an archive that is read forward.
pub(super) fn walk_streamed(kind: Streamed, contents: &mut dyn Read, place: &Place, walker: &mut Walker<'_>) {
    match kind {
        Streamed::Tar => tar::walk(contents, place, walker),
        kind => stream::walk(kind, contents, place, walker),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &[u8], expected: Option<Kind>) {
        assert_eq!(recognise(head), expected);
    }

    #[test]
    fn archives_are_known_by_their_first_bytes() {
        check(b"PK\x03\x04\x14\0", Some(Kind::Indexed(Indexed::Zip)));
        check(b"MSCF\0\0\0\0\x10", Some(Kind::Indexed(Indexed::Cab)));
        check(b"BZh91AY&SY..", Some(Kind::Streamed(Streamed::Bzip2)));
    }

    #[test]
    fn text_is_no_archive() {
        check(b"", None);
        check(b"PK is a word", None);
        check(b"BZh is a word, too", None);
        check(&[b'a'; 600], None);
        check(&[0; 600], None);
    }
}
