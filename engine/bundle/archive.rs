//! Knows archives by their first bytes.
//!
//! Called by the walker and for outermost files, before anything else looks at the contents; names are
//! not asked, because customers rename archives to get them through mail filters. Zip is read. The other
//! kinds are recognised so that the report can say what to do with them.

/// A kind of archive or compressed file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Zip,
    SevenZip,
    Rar,
    Cab,
    Tar,
    Gzip,
    Bzip2,
    Xz,
    Zstd,
}

/// How many bytes of a file decide on its kind.
pub(super) const HEAD: usize = 512;

/// Tells the kind of archive that starts with these bytes, if it is one.
pub(super) fn recognise(head: &[u8]) -> Option<Kind> {
    // The second is a zip without entries, the third the first part of a split one.
    let starts: [(&[u8], Kind); 10] = [
        (b"PK\x03\x04", Kind::Zip),
        (b"PK\x05\x06", Kind::Zip),
        (b"PK\x07\x08", Kind::Zip),
        (b"7z\xbc\xaf\x27\x1c", Kind::SevenZip),
        (b"Rar!\x1a\x07", Kind::Rar),
        (b"MSCF\0\0\0\0", Kind::Cab),
        (b"\x1f\x8b\x08", Kind::Gzip),
        (b"BZh", Kind::Bzip2),
        (b"\xfd7zXZ\0", Kind::Xz),
        (b"\x28\xb5\x2f\xfd", Kind::Zstd),
    ];
    let start = starts.iter().find(|(start, _)| head.starts_with(start));
    match start {
        // Three letters may begin a text, so the first block's magic is asked for as well.
        Some((_, Kind::Bzip2)) => head.get(4..10).filter(|block| block == b"1AY&SY").map(|_| Kind::Bzip2),
        Some((_, kind)) => Some(*kind),
        None => (head.get(257..262) == Some(b"ustar")).then_some(Kind::Tar),
    }
}

/// What the report says about an archive of a kind that is not read.
pub(super) fn advice(kind: Kind) -> String {
    let name = match kind {
        Kind::Zip => "zip",
        Kind::SevenZip => "7z",
        Kind::Rar => "rar",
        Kind::Cab => "cab",
        Kind::Tar => "tar",
        Kind::Gzip => "gzip",
        Kind::Bzip2 => "bzip2",
        Kind::Xz => "xz",
        Kind::Zstd => "zstd",
    };
    format!(
        "is a {name} archive, which cannot be opened: unpack it and scan the folder, or pack the files again as zip"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &[u8], expected: Option<Kind>) {
        assert_eq!(recognise(head), expected);
    }

    #[test]
    fn archives_are_known_by_their_first_bytes() {
        check(b"PK\x03\x04\x14\0", Some(Kind::Zip));
        check(b"MSCF\0\0\0\0\x10", Some(Kind::Cab));
        check(b"BZh91AY&SY..", Some(Kind::Bzip2));
        let mut tar = [0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        check(&tar, Some(Kind::Tar));
    }

    #[test]
    fn text_is_no_archive() {
        check(b"", None);
        check(b"PK is a word", None);
        check(b"BZh is a word, too", None);
    }
}
