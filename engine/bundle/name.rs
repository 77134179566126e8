//! Names entries: decodes what archives and folders call their files, and keeps each name unique.
//!
//! Called wherever an entry gets its path. Names are for showing and for recognising logs, never for
//! opening files, so `..` and drive letters are kept as they are written.

use crate::text;
use std::collections::HashMap;
use std::path::Path;

/// A name longer than this is cut: it is no name, and a hundred thousand of them would fill the memory.
const LONGEST: usize = 1024;

/// The names that were given to entries.
#[derive(Default)]
pub(super) struct Names {
    used: HashMap<String, u64>,
}

impl Names {
    /// Gives a name to one entry; later ones of the same name get ` (2)`, ` (3)` and so on.
    pub(super) fn claim(&mut self, name: String) -> String {
        let Some(mut count) = self.used.get(&name).copied() else {
            self.used.insert(name.clone(), 1);
            return name;
        };
        loop {
            count += 1;
            let other = format!("{name} ({count})");
            if !self.used.contains_key(&other) {
                self.used.insert(name, count);
                self.used.insert(other.clone(), 1);
                return other;
            }
        }
    }
}

/// The path of an archive's member below its archive; one that ends in `/` is a folder.
///
/// `bytes` is the name as stored; `fallback` is its reading in the code page of DOS.
pub(super) fn of_member(bytes: &[u8], fallback: &str) -> String {
    match text::decode_name(bytes) {
        Some(name) => clean(&name),
        None => clean(fallback),
    }
}

/// A file's or folder's own name.
pub(super) fn of_last_part(path: &Path) -> String {
    if let Some(name) = path.file_name() {
        return of_member(name.as_encoded_bytes(), &name.to_string_lossy());
    }
    // `.` and `..` have no name of their own.
    match path.canonicalize() {
        Ok(full) if full.file_name().is_some() => of_last_part(&full),
        _ => of_path(path),
    }
}

/// A path of the file system as it was given.
pub(super) fn of_path(path: &Path) -> String {
    text::printable(&path.to_string_lossy()).into_owned()
}

/// Puts `/` between parts, drops empty parts and `.`, and makes the rest safe to show.
fn clean(name: &str) -> String {
    let name = name.replace('\\', "/");
    let mut kept = String::with_capacity(name.len());
    if name.starts_with('/') {
        kept.push('/');
    }
    let parts: Vec<&str> = name.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    kept.push_str(&parts.join("/"));
    if kept.is_empty() {
        kept.push_str("(no name)");
    }
    if let Some((cut, _)) = kept.char_indices().nth(LONGEST) {
        kept.truncate(cut);
        kept.push('…');
    }
    if name.ends_with('/') && !kept.ends_with('/') {
        kept.push('/');
    }
    text::printable(&kept).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(of_member(bytes, "fallback"), expected);
    }

    #[test]
    fn names_are_utf8_or_gbk_or_what_dos_reads() {
        check("日志/安装.log".as_bytes(), "日志/安装.log");
        check(b"\xc8\xd5\xd6\xbe/a.log", "日志/a.log");
        check(b"\x95\x5c\\a.log", "昞/a.log");
        check(b"\x81.\xff", "fallback");
    }

    #[test]
    fn dangerous_names_are_kept_as_text() {
        check(b"../../x", "../../x");
        check(b"/etc/x", "/etc/x");
        check(b"C:\\x", "C:/x");
        check(b"a\x1b[2Jb", "a␛[2Jb");
    }

    #[test]
    fn parts_that_say_nothing_are_dropped() {
        check(b"./a//b", "a/b");
        check(b"a\\b\\", "a/b/");
        check(b"", "(no name)");
        check(&[b'a'; 5000], &format!("{}…", "a".repeat(LONGEST)));
    }

    #[test]
    fn names_stay_unique() {
        let mut names = Names::default();
        let given: Vec<String> = ["a", "a", "a (2)", "a"].map(|name| names.claim(name.to_owned())).into();
        assert_eq!(given, ["a", "a (2)", "a (2) (2)", "a (3)"]);
    }
}
