//! Any file can be walked as a bundle: the limits hold, and names are unique and safe to show.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Write;

use casebook::bundle::{self, Limits};
use casebook::text;

/// Walks the bytes as a file, under limits so low that small inputs reach each of them.
pub fn check(data: &[u8]) {
    let limits = Limits {
        depth: 3,
        entries: 40,
        entry_bytes: 256 << 10,
        total_bytes: 1 << 20,
        ratio: 50,
        free: 64 << 10,
        memory: 16 << 10,
        dictionary: 1 << 20,
        ..Limits::default()
    };
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    file.write_all(data).expect("it can be written");
    let mut paths = BTreeSet::new();
    let mut total = 0;
    let summary = bundle::walk(&[file.path().to_owned()], &limits, &[], &mut |member| {
        let mut contents = Vec::new();
        let read = member.reader.read_to_end(&mut contents);
        total += contents.len() as u64;
        assert!(contents.len() as u64 <= limits.entry_bytes, "{} is over the limit", member.path);
        assert!(read.is_err() || contents.starts_with(member.head), "the head is no head");
        assert!(matches!(text::printable(member.path), Cow::Borrowed(_)), "{:?} is not safe to show", member.path);
        assert!(paths.insert(member.path.to_owned()), "{} comes twice", member.path);
    });
    let summary = summary.expect("the file is there");
    assert_eq!(summary.bytes, data.len() as u64);
    assert_eq!(summary.entries, paths.len() as u64);
    assert!(summary.entries <= limits.entries && total <= limits.total_bytes, "a limit of the bundle is broken");
    for problem in &summary.problems {
        assert!(!problem.message.is_empty());
        assert!(matches!(text::printable(&problem.entry), Cow::Borrowed(_)), "{:?}", problem.entry);
    }
}
