//! Opens whatever a customer sent as one flat list of entries, under stated limits.
//!
//! Called by `matcher` with the paths of the command line. A bundle is a file, a folder, or an archive (zip, 7z,
//! cab, rar, tar, gzip, bzip2, xz, zstd), and archives may lie in archives. Entries are handed to a visitor one
//! after the other, as streams: nothing is unpacked to a named file, so a name such as `../x` can do no harm,
//! and a log of any size takes constant memory. An archive inside an archive that is not read forward is kept
//! in memory, or in a nameless temporary file when it is large.
//!
//! Damage is not an error: what cannot be read becomes a [`Problem`], and the rest is read. [`walk`] fails
//! only where there is nothing to read at all. The order of entries depends on the bundle alone: folders
//! by name, archives in their own order.

mod archive;
mod body;
mod cab;
mod clock;
mod files;
mod guard;
mod limits;
mod name;
mod rar;
mod recover;
mod sevenz;
mod spool;
mod stream;
mod tar;
mod walker;
mod zip;
mod zstd;

pub use clock::{Clock, Stopwatch};
pub use limits::Limits;
pub use spool::keep;

use files::Ledger;
use name::Names;
use std::io::{self, Read};
use std::path::PathBuf;
use walker::Walker;

/// Evidence that could not be read: collected and shown, never fatal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Problem {
    /// The path of the entry in the bundle, or of the bundle itself.
    pub entry: String,
    /// What is wrong, and what can be done about it.
    pub message: String,
}

/// One file of a bundle while it is being walked.
pub struct Member<'a> {
    /// The path inside the bundle, with `/` between its parts and safe to show.
    pub path: &'a str,
    /// The size that the folder or the archive claims, where it claims one.
    pub size: Option<u64>,
    /// The first bytes, at most 64 KiB.
    pub head: &'a [u8],
    /// The whole contents, the head included.
    pub reader: &'a mut dyn Read,
}

/// What a walk saw of the bundle as a whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Summary {
    /// The name of the file or folder; with several paths, the first name and how many more there are.
    pub name: String,
    /// The SHA-256 of a single file; else that of the lines `<sha256> <path>` of all outermost files.
    pub sha256: String,
    /// The size of the outermost files together.
    pub bytes: u64,
    /// How many entries were visited.
    pub entries: u64,
    /// What could not be read, in the order of the walk.
    pub problems: Vec<Problem>,
}

/// Nothing at all could be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No path was given.
    #[error("no path was given: name a file, a folder or an archive")]
    NoPath,
    /// The first path does not exist, and no other could be read.
    #[error("{path}: there is no such file or folder")]
    NotFound {
        /// The path as it was given.
        path: String,
    },
    /// The first path exists but cannot be read, and no other could be read.
    #[error("{path}: cannot be read")]
    Unreadable {
        /// The path as it was given.
        path: String,
        /// What the operating system says.
        source: io::Error,
    },
}

/// Walks each file of each path in a stable order; archives in archives are walked in place.
///
/// Entries of a single path are named from there; with several paths, each entry begins with the name of
/// its path. The visitor may stop reading a member at any point. What is encrypted is opened with the first of
/// the passwords that fits.
pub fn walk(
    paths: &[PathBuf],
    limits: &Limits,
    passwords: &[String],
    visit: &mut dyn FnMut(Member<'_>),
) -> Result<Summary, OpenError> {
    let mut walker = Walker::new(limits, passwords, visit);
    let mut ledger = Ledger::default();
    let mut names = Names::default();
    let mut first_name = None;
    let mut first_error = None;
    let mut opened = false;
    for path in paths {
        let shown = name::of_path(path);
        let name = names.claim(name::of_last_part(path));
        first_name.get_or_insert_with(|| name.clone());
        match files::walk(path, &name, paths.len() > 1, &mut walker, &mut ledger) {
            Ok(()) => opened = true,
            Err(error) => {
                walker.problem(&shown, format!("cannot be read: {error}"));
                first_error.get_or_insert_with(|| open_error(shown, error));
            }
        }
    }
    if let Some(error) = first_error.filter(|_| !opened) {
        return Err(error);
    }
    let Some(mut name) = first_name else {
        return Err(OpenError::NoPath);
    };
    if paths.len() > 1 {
        name = format!("{name} and {} more", paths.len() - 1);
    }
    let bytes = ledger.bytes();
    let (entries, mut problems) = walker.finish();
    if entries == 0 && problems.is_empty() {
        problems
            .push(Problem { entry: name.clone(), message: "holds no file: was it packed or copied whole?".to_owned() });
    }
    Ok(Summary { name, sha256: ledger.finish(), bytes, entries, problems })
}

fn open_error(path: String, source: io::Error) -> OpenError {
    match source.kind() {
        io::ErrorKind::NotFound => OpenError::NotFound { path },
        _ => OpenError::Unreadable { path, source },
    }
}

#[cfg(test)]
mod tests;
