//! Walks a zip archive by its directory.
//!
//! Called for outermost files and for nested archives. The directory is read entry by entry, not into one
//! map, so that neither equal names nor millions of entries are lost or kept. A zip whose directory is
//! missing, broken or in another part is walked by its local headers instead (`recover`). Members packed by
//! xz and zstd are unpacked by `stream`, because the zip crate reads xz without a limit on memory and zstd
//! through C.

use super::archive::Streamed;
use super::name;
use super::recover;
use super::stream;
use super::walker::{Offer, Place, Walker};
use ::zip::read::{Config, OwnedZipFileEntry, ZipFile};
use ::zip::result::{ZipError, ZipResult};
use ::zip::unstable::read::{ZipIterable, ZipIterableFiles};
use ::zip::{CompressionMethod, SUPPORTED_COMPRESSION_METHODS, ZipReadOptions};
use std::io::{self, Read, Seek, SeekFrom};

/// How much of an encrypted member must unpack before its password is believed.
const PROBE: u64 = 64 << 10;

/// What is said of a member whose dictionary is over the limit.
pub(super) const TOO_MUCH_MEMORY: &str = "was not read: unpacking it takes too much memory; raise --max-memory";

/// Walks the members of a zip archive in the order of its directory.
pub(super) fn walk<R: Read + Seek>(mut file: R, place: &Place, walker: &mut Walker<'_>) {
    let spans = match spans(&mut file, walker.room()) {
        Ok(spans) => spans,
        Err(ZipError::UnsupportedArchive(_)) => {
            walker.problem(
                &place.label,
                "is one part of a split zip archive: only what begins in it was read; put the parts together, or send \
                 them as one archive",
            );
            return recover::walk(&mut file, place, walker);
        }
        Err(_) => {
            walker.problem(
                &place.label,
                "is a zip archive without a readable directory, perhaps cut off or split: entries may be missing",
            );
            return recover::walk(&mut file, place, walker);
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

/// Hands a member that was entered to the walker.
///
/// The member comes as a result, because a reason not to read it is a problem of its own entry.
pub(super) fn offer<R: Read>(path: String, member: ZipResult<ZipFile<'_, R>>, place: &Place, walker: &mut Walker<'_>) {
    let mut member = match member {
        Ok(member) => member,
        Err(error) => {
            let message = refusal(&error, walker);
            walker.problem(&path, message);
            return;
        }
    };
    if member.is_symlink() {
        walker.problem(&path, "is a link, which is not followed");
        return;
    }
    let method = member.compression();
    // The list of the crate has no LZMA, though it reads it.
    if method != CompressionMethod::LZMA && !SUPPORTED_COMPRESSION_METHODS.contains(&method) {
        walker.problem(
            &path,
            format!("is packed with a method that is not supported ({method}): pack the files again as zip"),
        );
        return;
    }
    let packed = place.share(member.compressed_size());
    // A member that was written as a stream claims no size before its data.
    let size = Some(member.size()).filter(|size| *size > 0 || member.compressed_size() == 0);
    walker.offer(Offer { path, size, packed: Some(packed), depth: place.depth, whole: false }, &mut member);
}

/// A password, where it unpacks the beginning of the member that was opened with it.
pub(super) fn fitting<'p, R: Read>(member: ZipResult<ZipFile<'_, R>>, password: &'p str) -> Option<&'p [u8]> {
    io::copy(&mut member.ok()?.take(PROBE), &mut io::sink()).is_ok().then_some(password.as_bytes())
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
    let Some(path) = walker.enter(format!("{}{path}", place.prefix)) else {
        return Ok(());
    };
    let file = entries.reader_mut();
    match entry.compression() {
        CompressionMethod::ZSTD if !entry.encrypted() => offer_raw(Streamed::Zstd, path, entry, file, place, walker)?,
        CompressionMethod::XZ if !entry.encrypted() => offer_raw(Streamed::Xz, path, entry, file, place, walker)?,
        CompressionMethod::LZMA if lzma_memory(entry, file) > walker.limits().dictionary => {
            walker.problem(&path, TOO_MUCH_MEMORY);
        }
        _ => {
            let mut words = walker.passwords().iter().filter(|_| entry.encrypted());
            let password = words.find_map(|word| fitting(open(entry, file, Some(word.as_bytes())), word));
            offer(path, open(entry, file, password), place, walker);
        }
    }
    Ok(())
}

fn open<'a, R: Read + Seek>(
    entry: &'a OwnedZipFileEntry,
    file: &'a mut R,
    password: Option<&[u8]>,
) -> ZipResult<ZipFile<'a, R>> {
    entry.as_ref().with_reader(file, ZipReadOptions::new().password(password))
}

/// Hands a member to the walker that is unpacked here and not by the crate.
fn offer_raw<R: Read + Seek>(
    kind: Streamed,
    path: String,
    entry: &OwnedZipFileEntry,
    file: &mut R,
    place: &Place,
    walker: &mut Walker<'_>,
) -> io::Result<()> {
    let start = recover::data_start(file, entry.header_start())?;
    file.seek(SeekFrom::Start(start))?;
    let mut unpacked = stream::decoder(kind, file.take(entry.compressed_size()), walker.limits().dictionary);
    let packed = Some(place.share(entry.compressed_size()));
    let size = Some(entry.size());
    walker.offer(Offer { path, size, packed, depth: place.depth, whole: false }, &mut unpacked);
    Ok(())
}

/// How many bytes of memory unpacking an LZMA member takes: the dictionary, or the member where that is smaller.
fn lzma_memory<R: Read + Seek>(entry: &OwnedZipFileEntry, file: &mut R) -> u64 {
    // Version and length of the properties take four bytes, the first property one; then comes the dictionary.
    let mut properties = [0; 9];
    let read = recover::data_start(file, entry.header_start())
        .and_then(|start| file.seek(SeekFrom::Start(start)))
        .and_then(|_| file.read_exact(&mut properties));
    let [.., a, b, c, d] = properties;
    match read {
        Ok(()) if !entry.encrypted() => u64::from(u32::from_le_bytes([a, b, c, d])).min(entry.size()),
        _ => entry.size(),
    }
}

fn refusal(error: &ZipError, walker: &Walker<'_>) -> String {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            walker.locked().to_owned()
        }
        error => format!("cannot be read: {error}"),
    }
}
