//! Unpacks the data blocks of a folder of a cabinet: stored, MSZIP or LZX.
//!
//! Called by the front of the room, which knows where members begin and end in what comes out here. A block
//! has at most 32 KiB, so little is kept whatever the folder claims.

use flate2::{Decompress, FlushDecompress};
use lzxd::{Lzxd, WindowSize};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

/// How much a block unpacks to at most, and how far back MSZIP refers.
const BLOCK: usize = 32 << 10;

/// What the directory says of a folder.
pub(super) struct Folder {
    /// Where its first block stands.
    pub(super) start: u64,
    /// How many blocks it has.
    pub(super) blocks: u16,
    /// How its blocks are packed: the kind in the low four bits, parameters above.
    pub(super) method: u16,
    /// How many bytes of each block's header are for other programs.
    pub(super) reserve: u8,
}

/// The unpacked contents of a folder.
pub(super) struct Contents<'a, R> {
    file: &'a mut R,
    folder: Folder,
    decoder: Decoder,
    block: Vec<u8>,
    at: usize,
}

enum Decoder {
    Stored,
    MsZip { inflate: Decompress, history: Vec<u8> },
    Lzx(Box<Lzxd>),
}

impl<'a, R: Read + Seek> Contents<'a, R> {
    /// Opens a folder, or says why its kind cannot be read.
    pub(super) fn new(file: &'a mut R, folder: Folder) -> io::Result<Self> {
        let decoder = match folder.method & 15 {
            0 => Decoder::Stored,
            1 => Decoder::MsZip { inflate: Decompress::new(false), history: Vec::new() },
            3 => Decoder::Lzx(Box::new(Lzxd::new(window(folder.method >> 8)?))),
            _ => {
                let message = "is packed with a method that is not supported: pack the files again as zip";
                return Err(io::Error::new(ErrorKind::Unsupported, message));
            }
        };
        Ok(Contents { file, folder, decoder, block: Vec::new(), at: 0 })
    }

    fn next_block(&mut self) -> io::Result<()> {
        let mut header = [0; 8];
        self.file.seek(SeekFrom::Start(self.folder.start))?;
        self.file.read_exact(&mut header)?;
        let [_, _, _, _, packed_low, packed_high, size_low, size_high] = header;
        let packed = u16::from_le_bytes([packed_low, packed_high]);
        let size = usize::from(u16::from_le_bytes([size_low, size_high]));
        let mut reserved = vec![0; usize::from(self.folder.reserve)];
        self.file.read_exact(&mut reserved)?;
        let mut data = vec![0; usize::from(packed)];
        self.file.read_exact(&mut data)?;
        let length = header.len() + reserved.len() + data.len();
        self.folder.start += length as u64;
        self.folder.blocks -= 1;
        let stated = u32::from_le_bytes([header[0], header[1], header[2], header[3]]);
        let described = [&header[4..], &reserved].concat();
        if stated != 0 && stated != checksum(&data) ^ checksum(&described) {
            return Err(damage("the checksum of a block is wrong"));
        }
        if size == 0 || size > BLOCK {
            return Err(damage("it goes on in the next cabinet"));
        }
        self.at = 0;
        self.block = self.decoder.unpack(data, size)?;
        Ok(())
    }
}

impl<R: Read + Seek> Read for Contents<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.block.len() {
            if self.folder.blocks == 0 {
                return Ok(0);
            }
            self.next_block()?;
        }
        let count = buffer.len().min(self.block.len() - self.at);
        buffer[..count].copy_from_slice(&self.block[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

impl Decoder {
    /// Unpacks a block to exactly `size` bytes.
    fn unpack(&mut self, data: Vec<u8>, size: usize) -> io::Result<Vec<u8>> {
        let block = match self {
            Decoder::Stored => data,
            Decoder::MsZip { inflate, history } => {
                let packed = data.strip_prefix(b"CK").ok_or_else(|| damage("a block does not begin as MSZIP does"))?;
                let mut block = Vec::with_capacity(size);
                inflate.reset(false);
                if !history.is_empty() {
                    inflate.set_dictionary(history)?;
                }
                inflate.decompress_vec(packed, &mut block, FlushDecompress::Finish)?;
                history.extend_from_slice(&block);
                history.drain(..history.len().saturating_sub(BLOCK));
                block
            }
            Decoder::Lzx(decoder) => decoder.decompress_next(&data, size).map_err(io::Error::other)?.to_vec(),
        };
        if block.len() == size { Ok(block) } else { Err(damage("a block has not the size it claims")) }
    }
}

fn window(bits: u16) -> io::Result<WindowSize> {
    Ok(match bits & 31 {
        15 => WindowSize::KB32,
        16 => WindowSize::KB64,
        17 => WindowSize::KB128,
        18 => WindowSize::KB256,
        19 => WindowSize::KB512,
        20 => WindowSize::MB1,
        21 => WindowSize::MB2,
        _ => return Err(damage("is damaged: it claims a window that LZX has not")),
    })
}

/// All groups of four bytes, each over the one before; a shorter last one counts from its first byte down.
fn checksum(bytes: &[u8]) -> u32 {
    let (groups, rest) = bytes.as_chunks::<4>();
    let sum = groups.iter().fold(0, |sum, group| sum ^ u32::from_le_bytes(*group));
    sum ^ rest.iter().fold(0, |last, byte| last << 8 | u32::from(*byte))
}

fn damage(reason: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, reason)
}
