//! Walks a tar archive: old, ustar, GNU and pax headers, read forward.
//!
//! Called for streams that begin with a tar header, also inside gzip, bzip2, xz or zstd. Headers are read
//! here and not by a crate, because the crate takes long names into memory whatever their size, and because
//! after damage the next header that is sound is looked for.

use super::body::Body;
use super::name;
use super::walker::{Offer, Place, Walker};
use std::io::{self, Read};

/// Headers and contents begin at multiples of this.
pub(super) const BLOCK: usize = 512;

/// Up to which size a long name or a pax header is read.
const LONGEST_NOTE: u64 = 1 << 20;

/// What the headers before a member say about it.
#[derive(Default)]
struct Notes {
    path: Option<Vec<u8>>,
    size: Option<u64>,
    sparse: bool,
}

/// True where a block has the checksum of a tar header.
pub(super) fn is_header(block: &[u8]) -> bool {
    let Some(stated) = block.get(148..156).and_then(number) else {
        return false;
    };
    let blank = 8 * u64::from(b' ');
    let sum: u64 =
        block.iter().enumerate().filter(|(at, _)| !(148..156).contains(at)).map(|(_, b)| u64::from(*b)).sum();
    stated == sum + blank && block[0] != 0
}

/// Walks the members of a tar archive in its order.
///
/// A failure of the stream itself is left to whoever owns the stream.
pub(super) fn walk(stream: &mut dyn Read, place: &Place, walker: &mut Walker<'_>) {
    let mut block = [0; BLOCK];
    let mut notes = Notes::default();
    let (mut ended, mut lost) = (false, false);
    loop {
        match fill(stream, &mut block) {
            Ok(BLOCK) => {}
            Ok(_) => break,
            Err(_) => return,
        }
        if block.iter().all(|byte| *byte == 0) {
            ended = true;
            continue;
        }
        if !is_header(&block) {
            if !ended && !lost {
                walker.problem(&place.label, "is damaged between its members: entries may be missing");
            }
            lost = true;
            continue;
        }
        (ended, lost) = (false, false);
        let size = notes.size.or_else(|| number(&block[124..136])).unwrap_or(0);
        let mut body = Body::new(stream, size);
        match block[156] {
            kind @ (b'L' | b'x') => take_note(kind, &mut body, &mut notes, place, walker),
            // The long name of a link, and what holds for all members: neither is needed.
            b'K' | b'g' => {}
            kind => {
                let notes = std::mem::take(&mut notes);
                if !walk_member(kind, &block, notes, &mut body, place, walker) {
                    return;
                }
            }
        }
        let cut = body.is_cut();
        let rest = body.left() + (size.next_multiple_of(BLOCK as u64) - size);
        match io::copy(&mut stream.take(rest), &mut io::sink()) {
            Ok(skipped) if skipped == rest && !cut => {}
            Ok(_) => break,
            Err(_) => return,
        }
    }
    if !ended {
        walker.problem(&place.label, "is a tar archive without an end, perhaps cut off: entries may be missing");
    }
}

/// Offers a member; false where the walk is at its end.
fn walk_member(
    kind: u8,
    header: &[u8; BLOCK],
    notes: Notes,
    body: &mut Body<'_>,
    place: &Place,
    walker: &mut Walker<'_>,
) -> bool {
    let path = notes.path.unwrap_or_else(|| stored_path(header));
    let path = name::of_member(&path, &String::from_utf8_lossy(&path));
    let hindrance = match kind {
        b'0' | 0 | b'7' if path.ends_with('/') => return true,
        b'0' | 0 | b'7' if notes.sparse => Some("is stored with holes, which is not supported: pack the files as zip"),
        b'0' | 0 | b'7' => None,
        b'S' => Some("is stored with holes, which is not supported: pack the files as zip"),
        b'1' | b'2' => Some("is a link, which is not followed"),
        _ => return true,
    };
    let Some(path) = walker.enter(format!("{}{path}", place.prefix)) else {
        return false;
    };
    if let Some(hindrance) = hindrance {
        walker.problem(&path, hindrance);
        return true;
    }
    let packed = Some(place.share(body.left()));
    walker.offer(Offer { path, size: Some(body.left()), packed, depth: place.depth, whole: false }, body);
    true
}

/// Reads a long name or a pax header, which tells about the next member.
fn take_note(kind: u8, body: &mut Body<'_>, notes: &mut Notes, place: &Place, walker: &mut Walker<'_>) {
    let mut note = Vec::new();
    // A failure shows again when the rest is skipped.
    let read = body.take(LONGEST_NOTE).read_to_end(&mut note);
    if read.is_ok() && body.left() > 0 {
        walker.problem(&place.label, "has a header of more than 1 MiB, which was not read: a name may be wrong");
        return;
    }
    if kind == b'L' {
        note.truncate(note.iter().position(|byte| *byte == 0).unwrap_or(note.len()));
        notes.path = Some(note);
        return;
    }
    for (key, value) in pax_records(&note) {
        match key {
            b"path" => notes.path = Some(value.to_vec()),
            b"size" => notes.size = str::from_utf8(value).ok().and_then(|digits| digits.parse().ok()),
            key if key.starts_with(b"GNU.sparse.") => notes.sparse = true,
            _ => {}
        }
    }
}

/// The keys and values of a pax header: each record is `<its length> <key>=<value>` and a line feed.
fn pax_records(mut note: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let digits = note.iter().position(|byte| *byte == b' ')?;
        let length: usize = str::from_utf8(&note[..digits]).ok()?.parse().ok()?;
        let (record, rest) = note.split_at_checked(length)?;
        note = rest;
        let record = record.get(digits + 1..length.checked_sub(1)?)?;
        let equals = record.iter().position(|byte| *byte == b'=')?;
        Some((&record[..equals], &record[equals + 1..]))
    })
}

/// The path in a header; ustar keeps the beginning of a long one in a field of its own.
fn stored_path(header: &[u8; BLOCK]) -> Vec<u8> {
    let field = |bytes: &[u8]| bytes.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
    let name = field(&header[..100]);
    let prefix = field(&header[345..500]);
    if header[257..263] != *b"ustar\0" || prefix.is_empty() {
        return name;
    }
    [prefix, name].join(&b'/')
}

/// A number of a header: octal digits, or for very large ones bytes after a set first bit.
fn number(field: &[u8]) -> Option<u64> {
    if field.first()? & 0x80 != 0 {
        let (high, low) = field.split_at(field.len().saturating_sub(8));
        let low = low.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        return high.iter().all(|byte| byte & 0x7f == 0).then_some(low);
    }
    let text = str::from_utf8(field).ok()?;
    u64::from_str_radix(text.trim_matches([' ', '\0']), 8).ok()
}

/// Reads until the buffer is full or the stream has ended.
fn fill(stream: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match stream.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
