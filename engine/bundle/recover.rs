//! Walks a zip archive whose directory is missing, by the header before each member.
//!
//! Called by `zip` for archives that were cut off while they were copied or uploaded: the directory stands
//! at the end. The file is read forward once. A member that was written as a stream does not say its size
//! in its header but in a descriptor behind its data, which is searched for; where there is none, the
//! member reaches to the end of the file and is the last.

use super::name;
use super::walker::{Place, Walker};
use super::zip;
use ::zip::read::read_zipfile_from_stream_with_options;
use ::zip::{CompressionMethod, ZipReadOptions};
use std::io::{self, Read, Seek, SeekFrom};

const HEADER: &[u8; 4] = b"PK\x03\x04";
const DESCRIPTOR: &[u8; 4] = b"PK\x07\x08";

/// How much is searched at once.
const BLOCK: usize = 64 << 10;

/// What the header before a member says.
struct Header {
    streamed: bool,
    encrypted: bool,
    name: Vec<u8>,
    packed: u64,
    data: u64,
}

/// Walks what is left of a zip archive.
pub(super) fn walk<R: Read + Seek>(file: &mut R, place: &Place, walker: &mut Walker<'_>) {
    if let Err(error) = walk_members(file, place, walker) {
        walker.problem(&place.label, format!("cannot be read further: {error}"));
    }
}

/// Where the data of the member begin whose header stands at a position.
pub(super) fn data_start<R: Read + Seek>(file: &mut R, header_start: u64) -> io::Result<u64> {
    let header = header(file, header_start)?;
    header.map(|header| header.data).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

fn walk_members<R: Read + Seek>(file: &mut R, place: &Place, walker: &mut Walker<'_>) -> io::Result<()> {
    let mut at = 0;
    while let Some(start) = find(file, at, HEADER)? {
        let Some(header) = header(file, start)? else {
            break;
        };
        let mut packed = header.packed;
        let mut options = ZipReadOptions::new();
        if header.streamed {
            let (crc, end) = descriptor(file, header.data)?;
            packed = end - header.data;
            options = options.override_compressed_size(packed);
            options = match crc {
                Some(crc) => options.override_crc(crc),
                None => options.ignore_crc32(true),
            };
        }
        if header.encrypted {
            let password = password(file, start, &options, walker.passwords())?;
            options = options.password(password);
        }
        file.seek(SeekFrom::Start(start))?;
        let member = read_zipfile_from_stream_with_options(file, options).transpose();
        if let Some(Ok(member)) = &member {
            // A member of more than 4 GiB has its size in an extra field, which the crate has read.
            packed = member.compressed_size();
        }
        let path = name::of_member(&header.name, &String::from_utf8_lossy(&header.name));
        if let Some(member) = member.filter(|_| !path.ends_with('/')) {
            let Some(path) = walker.enter(format!("{}{path}", place.prefix)) else {
                break;
            };
            // The dictionary stands in the data; the member's size is what it is at most.
            let lzma = member.as_ref().is_ok_and(|member| member.compression() == CompressionMethod::LZMA);
            if lzma && member.as_ref().is_ok_and(|member| member.size() > walker.limits().dictionary) {
                walker.problem(&path, zip::TOO_MUCH_MEMORY);
            } else {
                zip::offer(path, member, place, walker);
            }
        }
        at = header.data.saturating_add(packed);
    }
    Ok(())
}

/// The password that opens the member at a position, if there is one.
fn password<'p, R: Read + Seek>(
    file: &mut R,
    start: u64,
    options: &ZipReadOptions<'p>,
    passwords: &'p [String],
) -> io::Result<Option<&'p [u8]>> {
    for word in passwords {
        file.seek(SeekFrom::Start(start))?;
        let options = options.clone().password(Some(word.as_bytes()));
        let member = read_zipfile_from_stream_with_options(file, options).transpose();
        if let Some(password) = member.and_then(|member| zip::fitting(member, word)) {
            return Ok(Some(password));
        }
    }
    Ok(None)
}

/// Reads what is needed of the header at a position, or nothing where the file ends before.
fn header<R: Read + Seek>(file: &mut R, start: u64) -> io::Result<Option<Header>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.by_ref().take(30).read_to_end(&mut bytes)?;
    if bytes.len() < 30 {
        return Ok(None);
    }
    let short = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let mut name = Vec::new();
    file.by_ref().take(u64::from(short(26))).read_to_end(&mut name)?;
    Ok(Some(Header {
        streamed: short(6) & 8 != 0,
        encrypted: short(6) & 1 != 0,
        packed: u64::from(short(18)) | u64::from(short(20)) << 16,
        data: start + 30 + u64::from(short(26)) + u64::from(short(28)),
        name,
    }))
}

/// Finds the descriptor behind the data of a member: its checksum, and where the data end.
fn descriptor<R: Read + Seek>(file: &mut R, data: u64) -> io::Result<(Option<u32>, u64)> {
    let mut at = data;
    while let Some(found) = find(file, at, DESCRIPTOR)? {
        let mut bytes = [0; 12];
        file.seek(SeekFrom::Start(found + 4))?;
        if file.read_exact(&mut bytes).is_err() {
            break;
        }
        let long = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        // The low half of a long size stands where a short one does.
        if u64::from(long(4)) == (found - data) & u64::from(u32::MAX) {
            return Ok((Some(long(0)), found));
        }
        at = found + 1;
    }
    Ok((None, file.seek(SeekFrom::End(0))?.max(data)))
}

/// Finds the next place of a signature at or after a position.
fn find<R: Read + Seek>(file: &mut R, from: u64, signature: &[u8; 4]) -> io::Result<Option<u64>> {
    file.seek(SeekFrom::Start(from))?;
    let mut block = Vec::with_capacity(BLOCK + signature.len());
    let mut start = from;
    loop {
        if file.by_ref().take(BLOCK as u64).read_to_end(&mut block)? == 0 {
            return Ok(None);
        }
        if let Some(at) = block.windows(signature.len()).position(|window| window == signature) {
            return Ok(Some(start + at as u64));
        }
        // A signature may lie across two blocks.
        let done = block.len().saturating_sub(signature.len() - 1);
        block.drain(..done);
        start += done as u64;
    }
}
