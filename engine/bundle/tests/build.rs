//! Builds small archives of each kind in memory, for the claims about them.

use flate2::{Compress, Compression, FlushCompress};
use lzma_rust2::{XzOptions, XzWriter};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use sevenz_rust2::encoder_options::AesEncoderOptions;
use sevenz_rust2::{ArchiveEntry, ArchiveWriter, EncoderConfiguration, EncoderMethod, Password, SourceReader};
use std::io::{Cursor, Write as _};

/// A tar archive: kind, name and contents of each member, without an end mark.
pub(super) fn tar_members(members: &[(u8, &str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (kind, name, contents) in members {
        let mut header = [0; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", contents.len()).as_bytes());
        header[148..156].fill(b' ');
        header[156] = *kind;
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        archive.extend_from_slice(&header);
        archive.extend_from_slice(contents);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive
}

/// A whole tar archive of files.
pub(super) fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let members: Vec<(u8, &str, &[u8])> = files.iter().map(|(name, contents)| (b'0', *name, *contents)).collect();
    [tar_members(&members), vec![0; 1024]].concat()
}

pub(super) fn gzip(contents: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), Compression::fast());
    writer.write_all(contents).unwrap();
    writer.finish().unwrap()
}

pub(super) fn bzip2(contents: &[u8]) -> Vec<u8> {
    let mut writer = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::fast());
    writer.write_all(contents).unwrap();
    writer.finish().unwrap()
}

pub(super) fn xz(contents: &[u8]) -> Vec<u8> {
    let mut writer = XzWriter::new(Vec::new(), XzOptions::with_preset(0)).unwrap();
    writer.write_all(contents).unwrap();
    writer.finish().unwrap()
}

pub(super) fn zstd(contents: &[u8]) -> Vec<u8> {
    compress_to_vec(contents, CompressionLevel::Fastest)
}

/// A solid 7z archive.
pub(super) fn sevenz_of(method: EncoderMethod, files: &[(&str, &[u8])]) -> Vec<u8> {
    sevenz_with(vec![method.into()], false, files)
}

/// A solid 7z archive whose contents are encrypted, and on demand the header, too.
pub(super) fn locked_sevenz_of(header: bool, files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut lock = AesEncoderOptions::new(Password::from("secret"));
    lock.num_cycles_power = 4;
    sevenz_with(vec![lock.into(), EncoderMethod::LZMA2.into()], header, files)
}

fn sevenz_with(methods: Vec<EncoderConfiguration>, header: bool, files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ArchiveWriter::new(Cursor::new(Vec::new())).unwrap();
    writer.set_content_methods(methods);
    writer.set_encrypt_header(header);
    let entries = files.iter().map(|(name, _)| ArchiveEntry::new_file(name)).collect();
    let contents = files.iter().map(|(_, contents)| SourceReader::new(*contents)).collect();
    writer.push_archive_entries(entries, contents).unwrap();
    writer.finish().unwrap().into_inner()
}

/// A cabinet of one folder: its method, its blocks as packed bytes and unpacked size, and its members.
pub(super) fn cab_of(method: u16, blocks: &[(Vec<u8>, usize)], members: &[(&str, usize)]) -> Vec<u8> {
    let names: usize = members.iter().map(|(name, _)| 16 + name.len() + 1).sum();
    let mut archive = b"MSCF".to_vec();
    archive.resize(16, 0);
    archive.extend_from_slice(&44u32.to_le_bytes());
    archive.extend_from_slice(&[0, 0, 0, 0, 3, 1, 1, 0]);
    archive.extend_from_slice(&(members.len() as u16).to_le_bytes());
    archive.extend_from_slice(&[0; 6]);
    archive.extend_from_slice(&(44 + names as u32).to_le_bytes());
    archive.extend_from_slice(&(blocks.len() as u16).to_le_bytes());
    archive.extend_from_slice(&method.to_le_bytes());
    let mut offset = 0;
    for (name, size) in members {
        archive.extend_from_slice(&(*size as u32).to_le_bytes());
        archive.extend_from_slice(&(offset as u32).to_le_bytes());
        archive.extend_from_slice(&[0; 8]);
        archive.extend_from_slice(name.as_bytes());
        archive.push(0);
        offset += size;
    }
    for (packed, size) in blocks {
        archive.extend_from_slice(&[0; 4]);
        archive.extend_from_slice(&(packed.len() as u16).to_le_bytes());
        archive.extend_from_slice(&(*size as u16).to_le_bytes());
        archive.extend_from_slice(packed);
    }
    archive
}

/// The blocks of a folder packed by MSZIP, each with the one before as its dictionary.
pub(super) fn mszip(contents: &[u8]) -> Vec<(Vec<u8>, usize)> {
    let mut last: &[u8] = &[];
    let mut blocks = Vec::new();
    for chunk in contents.chunks(32 << 10) {
        let mut deflate = Compress::new(Compression::best(), false);
        if !last.is_empty() {
            deflate.set_dictionary(last).unwrap();
        }
        let mut packed = Vec::with_capacity(40 << 10);
        deflate.compress_vec(chunk, &mut packed, FlushCompress::Finish).unwrap();
        blocks.push(([b"CK".as_slice(), &packed].concat(), chunk.len()));
        last = chunk;
    }
    blocks
}

/// A block of LZX that is stored: one bit, three for the kind, 24 for the size, three offsets, the bytes.
pub(super) fn stored_lzx(contents: &[u8]) -> Vec<(Vec<u8>, usize)> {
    let bits = 3u32 << 28 | (contents.len() as u32) << 4;
    let mut packed = Vec::new();
    packed.extend_from_slice(&((bits >> 16) as u16).to_le_bytes());
    packed.extend_from_slice(&(bits as u16).to_le_bytes());
    packed.extend_from_slice(&[1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
    packed.extend_from_slice(contents);
    packed.resize(packed.len().next_multiple_of(2), 0);
    vec![(packed, contents.len())]
}

/// Bytes from hexadecimal digits.
pub(super) fn bytes(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
