//! Walks a zip archive by its directory.
//!
//! Called for outermost files and for nested archives. The directory is read entry by entry, not into one
//! map, so that neither equal names nor millions of entries are lost or kept. A zip whose directory is
//! missing or broken is walked by its local headers instead (`recover`).

use super::name;
use super::recover;
use super::walker::{Offer, Place, Walker};
use ::zip::read::{Config, OwnedZipFileEntry, ZipFile};
use ::zip::result::{ZipError, ZipResult};
use ::zip::unstable::read::{ZipIterable, ZipIterableFiles};
use ::zip::{SUPPORTED_COMPRESSION_METHODS, ZipReadOptions};
use std::io::{Read, Seek};

/// Walks the members of a zip archive in the order of its directory.
pub(super) fn walk<R: Read + Seek>(mut file: R, place: &Place, walker: &mut Walker<'_>) {
    let spans = match spans(&mut file, walker.room()) {
        Ok(spans) => spans,
        Err(ZipError::UnsupportedArchive(reason)) => {
            walker.problem(
                &place.label,
                format!("is a zip archive that cannot be opened, perhaps one part of a split one: {reason}"),
            );
            return;
        }
        Err(_) => {
            recover::walk(&mut file, place, walker);
            return;
        }
    };
    if overlap(spans) {
        walker.problem(&place.label, "was not opened: its entries overlap, as in a zip bomb");
        return;
    }
    if let Err(error) = walk_directory(&mut file, place, walker) {
        walker.problem(&place.label, format!("has a damaged directory, and entries may be missing: {error}"));
    }
}

/// Enters a member and hands it to the walker.
///
/// The member comes as a result, because a reason not to read it is a problem of its own entry.
pub(super) fn offer<R: Read>(path: String, member: ZipResult<ZipFile<'_, R>>, place: &Place, walker: &mut Walker<'_>) {
    let Some(path) = walker.enter(format!("{}{path}", place.prefix)) else {
        return;
    };
    let mut member = match member {
        Ok(member) => member,
        Err(error) => {
            walker.problem(&path, refusal(&error));
            return;
        }
    };
    if member.is_symlink() {
        walker.problem(&path, "is a link, which is not followed");
        return;
    }
    let method = member.compression();
    if !SUPPORTED_COMPRESSION_METHODS.contains(&method) {
        walker.problem(
            &path,
            format!("is packed with a method that is not supported ({method}): pack the files again as zip"),
        );
        return;
    }
    let packed = place.share(member.compressed_size());
    // A member that was written as a stream claims no size before its data.
    let size = Some(member.size()).filter(|size| *size > 0 || member.compressed_size() == 0);
    walker.offer(Offer { path, size, packed: Some(packed), depth: place.depth }, &mut member);
}

/// Where each entry lies at least, for as many entries as will be read.
fn spans<R: Read + Seek>(file: R, room: u64) -> ZipResult<Vec<(u64, u64)>> {
    /// The length of a local header before the name.
    const HEADER: u64 = 30;
    let mut spans = Vec::new();
    let mut archive = ZipIterable::try_new(file, Config::default())?;
    for entry in archive.files()?.take(usize::try_from(room).unwrap_or(usize::MAX)) {
        match entry {
            Ok(entry) => {
                let length = HEADER.saturating_add(entry.compressed_size());
                spans.push((entry.header_start(), entry.header_start().saturating_add(length)));
            }
            // What comes before the damage is read.
            Err(_) if !spans.is_empty() => break,
            Err(error) => return Err(error),
        }
    }
    Ok(spans)
}

fn overlap(mut spans: Vec<(u64, u64)>) -> bool {
    spans.sort_unstable();
    spans.windows(2).any(|pair| pair[0].1 > pair[1].0)
}

fn walk_directory<R: Read + Seek>(file: R, place: &Place, walker: &mut Walker<'_>) -> ZipResult<()> {
    let mut archive = ZipIterable::try_new(file, Config::default())?;
    let entries = archive.files()?;
    while let Some(entry) = entries.next() {
        let entry = OwnedZipFileEntry::from(entry?);
        walk_entry(&entry, entries, place, walker)?;
        if walker.is_full() {
            break;
        }
    }
    Ok(())
}

fn walk_entry<R: Read + Seek>(
    entry: &OwnedZipFileEntry,
    entries: &mut ZipIterableFiles<R>,
    place: &Place,
    walker: &mut Walker<'_>,
) -> ZipResult<()> {
    let path = name::of_member(entry.name_raw(), &entry.name()?);
    if path.ends_with('/') {
        return Ok(());
    }
    let member = entry.as_ref().with_reader(entries.reader_mut(), ZipReadOptions::new());
    offer(path, member, place, walker);
    Ok(())
}

fn refusal(error: &ZipError) -> String {
    match error {
        ZipError::UnsupportedArchive(reason) if *reason == ZipError::PASSWORD_REQUIRED => {
            "needs a password: unpack it and scan the folder, or ask for it without one".to_owned()
        }
        error => format!("cannot be read: {error}"),
    }
}
