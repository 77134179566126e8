//! Walks a 7z archive block by block.
//!
//! Called for outermost files and for nested archives. The members of a solid block are packed as one stream,
//! so each is unpacked to its end, within the limits, before the next; where one cannot be, the rest of its
//! block is lost and the next block is read. Nothing in a 7z archive says whether a password is right, so a
//! password is believed once the beginning of a block unpacks with it.

use super::name;
use super::walker::{Offer, Place, Walker};
use sevenz_rust2::{Archive, ArchiveEntry, BlockDecoder, Error, Password};
use std::io::{self, Read, Seek};

/// How much of an encrypted block must unpack before its password is believed.
const PROBE: u64 = 16 << 20;

/// A member takes one byte of the header at least, and about this many in memory.
const MEMORY_OF_A_MEMBER: u64 = 128;

/// Walks the members of a 7z archive in its order, empty ones last.
pub(super) fn walk<R: Read + Seek>(mut file: R, place: &Place, walker: &mut Walker<'_>) {
    let (archive, mut password) = match open(&mut file, walker) {
        Ok(opened) => opened,
        Err(error) => {
            let message = refusal(&error, walker);
            return walker.problem(&place.label, message);
        }
    };
    for block in 0..archive.blocks.len() {
        if walker.is_full() {
            return;
        }
        let mut walked = walk_block(&archive, block, &password, &mut file, place, walker);
        if matches!(walked, Err(Error::PasswordRequired)) {
            let fits = |word: &&String| probe(&archive, block, &Password::from(word.as_str()), &mut file, walker);
            if let Some(word) = walker.passwords().iter().find(fits) {
                password = Password::from(word.as_str());
                walked = walk_block(&archive, block, &password, &mut file, place, walker);
            }
        }
        if let Err(error) = walked {
            let message = refusal(&error, walker);
            refuse_block(&archive, block, &message, place, walker);
        }
    }
    let blocks = &archive.stream_map.file_block_index;
    for (member, _) in archive.files.iter().zip(blocks).filter(|(_, block)| block.is_none()) {
        if !walk_member(member, None, &mut io::empty(), place, walker) && walker.is_full() {
            return;
        }
    }
}

/// Reads the header, with the password that opens it where it is encrypted.
fn open<R: Read + Seek>(file: &mut R, walker: &Walker<'_>) -> Result<(Archive, Password), Error> {
    let limit = kib(walker.limits().dictionary / MEMORY_OF_A_MEMBER);
    let mut refused = match Archive::read_with_memory_limit(file, &Password::empty(), limit) {
        Err(Error::PasswordRequired) => Error::PasswordRequired,
        read => return Ok((read?, Password::empty())),
    };
    for word in walker.passwords() {
        let password = Password::from(word.as_str());
        match Archive::read_with_memory_limit(file, &password, limit) {
            Ok(archive) => return Ok((archive, password)),
            Err(error @ Error::MaxMemLimited { .. }) => refused = error,
            Err(_) => {}
        }
    }
    Err(refused)
}

/// Offers the members of a block, as far as they can be unpacked.
fn walk_block<R: Read + Seek>(
    archive: &Archive,
    block: usize,
    password: &Password,
    file: &mut R,
    place: &Place,
    walker: &mut Walker<'_>,
) -> Result<(), Error> {
    let limit = kib(walker.limits().dictionary);
    let decoder = BlockDecoder::new_with_memory_limit(1, limit, block, archive, password, file);
    let members = decoder.entry_count();
    let mut walked = 0;
    let unpacked = decoder.for_each_entries(&mut |member, contents| {
        walked += 1;
        let packed = packed_share(archive, block, member.size());
        Ok(walk_member(member, Some(place.share(packed)), contents, place, walker))
    });
    match unpacked {
        Err(error) if walked == 0 => return Err(error),
        // The member itself has been reported.
        Err(_) | Ok(false) if walked == members || walker.is_full() => {}
        Err(_) | Ok(false) => {
            let message = format!("could not be unpacked further: {} entries were not read", members - walked);
            walker.problem(&place.label, message);
        }
        Ok(true) => {}
    }
    Ok(())
}

/// Offers a member; false where it could not be read whole.
fn walk_member(
    member: &ArchiveEntry,
    packed: Option<u64>,
    contents: &mut dyn Read,
    place: &Place,
    walker: &mut Walker<'_>,
) -> bool {
    if member.is_directory() || member.is_anti_item() {
        return true;
    }
    let path = name::of_member(member.name().as_bytes(), member.name());
    let Some(path) = walker.enter(format!("{}{path}", place.prefix)) else {
        return false;
    };
    let packed = packed.or(Some(0));
    walker.offer(Offer { path, size: Some(member.size()), packed, depth: place.depth, whole: true }, contents)
}

/// Reports why the members of a block were not read.
fn refuse_block(archive: &Archive, block: usize, message: &str, place: &Place, walker: &mut Walker<'_>) {
    let blocks = &archive.stream_map.file_block_index;
    for (member, _) in archive.files.iter().zip(blocks).filter(|(_, index)| **index == Some(block)) {
        let path = name::of_member(member.name().as_bytes(), member.name());
        let Some(path) = walker.enter(format!("{}{path}", place.prefix)) else {
            return;
        };
        walker.problem(&path, message);
    }
}

/// True where the beginning of a block unpacks with a password.
fn probe<R: Read + Seek>(
    archive: &Archive,
    block: usize,
    password: &Password,
    file: &mut R,
    walker: &Walker<'_>,
) -> bool {
    let limit = kib(walker.limits().dictionary);
    let decoder = BlockDecoder::new_with_memory_limit(1, limit, block, archive, password, file);
    let mut fits = false;
    let unpacked = decoder.for_each_entries(&mut |_, contents| {
        // The checksum is compared where the member ends.
        fits = io::copy(&mut contents.take(PROBE), &mut io::sink()).is_ok();
        Ok(false)
    });
    fits && unpacked.is_ok()
}

/// How many packed bytes of a block belong to a member of so many unpacked ones.
fn packed_share(archive: &Archive, block: usize, size: u64) -> u64 {
    let streams = archive.stream_map.block_first_pack_stream_index();
    let first = streams.get(block).copied().unwrap_or_default();
    let end = streams.get(block + 1).copied().unwrap_or(archive.pack_sizes().len());
    let packed: u128 =
        archive.pack_sizes().get(first..end).unwrap_or_default().iter().map(|size| u128::from(*size)).sum();
    let unpacked = u128::from(archive.blocks[block].get_unpack_size().max(1));
    u64::try_from(u128::from(size).saturating_mul(packed) / unpacked).unwrap_or(u64::MAX)
}

fn kib(bytes: u64) -> usize {
    usize::try_from(bytes >> 10).unwrap_or(usize::MAX)
}

fn refusal(error: &Error, walker: &Walker<'_>) -> String {
    match error {
        Error::PasswordRequired => walker.locked().to_owned(),
        Error::MaxMemLimited { .. } => {
            "was not opened: unpacking it takes too much memory; raise --max-memory".to_owned()
        }
        Error::UnsupportedCompressionMethod(method) => {
            format!("is packed with a method that is not supported ({method}): pack the files again as zip")
        }
        error => format!(
            "is a 7z archive that cannot be read, perhaps cut off or one part of a split one; \
             put the parts together, or send it again: {}",
            reason(error)
        ),
    }
}

fn reason(error: &Error) -> String {
    match error {
        Error::Io(error, _) | Error::MaybeBadPassword(error) => error.to_string(),
        Error::Other(reason) | Error::Unsupported(reason) => reason.to_string(),
        error => error.to_string(),
    }
}
