//! Walks files and folders of the file system, and hashes the outermost files on the way.
//!
//! Called by the front door, once for each path. A folder is walked by name; links and special files in it
//! are not followed, because they may lead out of it. A log is hashed in the same read that scans it, and so
//! is an archive that is read forward; one with a directory is hashed before, because walking it jumps about.

use super::archive::{self, Kind};
use super::name;
use super::walker::{Offer, Place, Walker};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

/// What the outermost files add up to.
#[derive(Default)]
pub(super) struct Ledger {
    bytes: u64,
    lines: Sha256,
    single: Option<String>,
}

impl Ledger {
    /// The size of all files together.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The hash of the one file there is, or of the list of files.
    pub(super) fn finish(self) -> String {
        self.single.unwrap_or_else(|| hex(self.lines))
    }

    fn add(&mut self, path: &str, bytes: u64, hash: &str) {
        self.bytes += bytes;
        self.lines.update(format!("{hash} {path}\n"));
    }
}

/// Walks a path whose entries are named after it where there are several.
///
/// It fails where the path itself cannot be read; what lies below it becomes a problem.
pub(super) fn walk(
    path: &Path,
    name: &str,
    several: bool,
    walker: &mut Walker<'_>,
    ledger: &mut Ledger,
) -> io::Result<()> {
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        let prefix = if several { format!("{name}/") } else { String::new() };
        return walk_folder(path, &prefix, walker, ledger);
    }
    if !metadata.is_file() {
        return Err(io::Error::other("it is neither a file nor a folder"));
    }
    let prefix = if several { format!("{name}/") } else { String::new() };
    let hash = walk_file(path, name, prefix, walker, ledger)?;
    if !several {
        ledger.single = Some(hash);
    }
    Ok(())
}

fn walk_folder(folder: &Path, prefix: &str, walker: &mut Walker<'_>, ledger: &mut Ledger) -> io::Result<()> {
    let mut waiting = children(folder, prefix)?;
    while let Some((path, entry)) = waiting.pop() {
        if walker.is_full() {
            break;
        }
        let walked = match fs::symlink_metadata(&path).map(|metadata| metadata.file_type()) {
            Ok(kind) if kind.is_dir() => children(&path, &format!("{entry}/")).map(|below| waiting.extend(below)),
            Ok(kind) if kind.is_file() => walk_file(&path, &entry, format!("{entry}/"), walker, ledger).map(drop),
            Ok(kind) if kind.is_symlink() => Err(io::Error::other("it is a link, which is not followed")),
            Ok(_) => Err(io::Error::other("it is a special file")),
            Err(error) => Err(error),
        };
        if let Err(error) = walked {
            walker.problem(&entry, format!("was not read: {error}"));
        }
    }
    Ok(())
}

/// The contents of a folder, last name first, so that the first is taken first.
fn children(folder: &Path, prefix: &str) -> io::Result<Vec<(PathBuf, String)>> {
    let mut names = fs::read_dir(folder)?.map(|child| Ok(child?.file_name())).collect::<io::Result<Vec<_>>>()?;
    names.sort_unstable_by(|one, other| other.cmp(one));
    let child = |name| {
        let path = folder.join(name);
        let entry = format!("{prefix}{}", name::of_last_part(&path));
        (path, entry)
    };
    Ok(names.into_iter().map(child).collect())
}

/// Walks one file, as an archive or as an entry, and returns its hash.
fn walk_file(
    path: &Path,
    entry: &str,
    prefix: String,
    walker: &mut Walker<'_>,
    ledger: &mut Ledger,
) -> io::Result<String> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut head = Vec::new();
    file.by_ref().take(archive::HEAD as u64).read_to_end(&mut head)?;
    file.rewind()?;
    let mut hashing = Hashing { file, hash: Sha256::new(), bytes: 0 };
    let place = Place { label: entry.to_owned(), prefix, depth: 1, packed: size, size };
    match archive::recognise(&head) {
        Some(Kind::Indexed(kind)) => {
            hashing.drain(entry, walker);
            hashing.file.rewind()?;
            archive::walk_indexed(kind, BufReader::new(hashing.file), &place, walker);
        }
        Some(Kind::Streamed(kind)) => {
            archive::walk_streamed(kind, &mut hashing, &place, walker);
            hashing.drain(entry, walker);
        }
        None => {
            if let Some(path) = walker.enter(entry.to_owned()) {
                let offer = Offer { path, size: Some(size), packed: None, depth: 0, whole: false };
                walker.offer(offer, &mut hashing);
            }
            hashing.drain(entry, walker);
        }
    }
    let hash = hex(hashing.hash);
    ledger.add(entry, hashing.bytes, &hash);
    Ok(hash)
}

/// A file that is hashed as it is read.
struct Hashing {
    file: File,
    hash: Sha256,
    bytes: u64,
}

impl Hashing {
    /// Hashes what was left unread.
    fn drain(&mut self, entry: &str, walker: &mut Walker<'_>) {
        if let Err(error) = io::copy(self, &mut io::sink())
            && !walker.has_just_failed(entry)
        {
            walker.problem(entry, format!("was not read whole: {error}"));
        }
    }
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.hash.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
