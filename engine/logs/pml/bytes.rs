//! Takes numbers and texts off a run of bytes, and finds places in a file; nothing here trusts a length.

use std::io::{BufReader, Read, Seek, SeekFrom};

use jiff::civil::DateTime;
use jiff::{SignedDuration, civil::date};

/// Bytes that are read from the front; every read gives nothing once they run short.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'b>(pub(super) &'b [u8]);

impl<'b> Bytes<'b> {
    /// The bytes from a place on.
    pub(super) fn at(self, place: usize) -> Option<Self> {
        self.0.get(place..).map(Self)
    }

    /// Takes that many bytes.
    pub(super) fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// Takes a byte.
    pub(super) fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// Takes a number of 16 bits.
    pub(super) fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    /// Takes a number of 32 bits.
    pub(super) fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    /// Takes a number of 64 bits.
    pub(super) fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    /// Takes a number as wide as a pointer.
    pub(super) fn pointer(&mut self, width: usize) -> Option<u64> {
        if width == 8 { self.u64() } else { self.u32().map(u64::from) }
    }

    /// Takes a text of that many bytes of UTF-16, which a zero may end earlier.
    pub(super) fn utf16(&mut self, bytes: usize) -> Option<String> {
        Some(utf16(self.take(bytes)?))
    }

    /// Takes a text whose length and coding its mark tells: the top bit stands for one byte a character.
    pub(super) fn text(&mut self, mark: u16) -> Option<String> {
        let count = usize::from(mark & 0x7fff);
        if mark & 0x8000 == 0 {
            return self.utf16(count * 2);
        }
        Some(self.take(count)?.iter().map(|byte| char::from(*byte)).collect())
    }

    /// Takes texts of UTF-16 up to an empty one, or to the end.
    pub(super) fn texts(&mut self) -> Vec<String> {
        let mut texts = Vec::new();
        loop {
            let units = self.0.len() / 2;
            let length = self.0.chunks_exact(2).position(|unit| unit == [0, 0]).unwrap_or(units);
            if length == 0 {
                return texts;
            }
            texts.extend(self.utf16(length * 2));
            self.take(2);
        }
    }
}

fn utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    char::decode_utf16(units.take_while(|unit| *unit != 0)).map(|unit| unit.unwrap_or('\u{fffd}')).collect()
}

/// The time, in UTC, that a count of 100 ns since 1601 stands for.
pub(super) fn time(filetime: u64) -> Option<DateTime> {
    let seconds = i64::try_from(filetime / 10_000_000).ok()?;
    let nanoseconds = i32::try_from(filetime % 10_000_000 * 100).ok()?;
    date(1601, 1, 1).at(0, 0, 0, 0).checked_add(SignedDuration::new(seconds, nanoseconds)).ok()
}

/// A file that is read at places; what lies close behind the last place costs no seek.
pub(super) struct Places<S> {
    reader: BufReader<S>,
    /// Where the last read ended.
    pub(super) at: u64,
    /// The file's length.
    pub(super) length: u64,
}

impl<S: Read + Seek> Places<S> {
    /// Makes a file ready; none if it cannot be sought in.
    pub(super) fn of(source: S) -> Option<Self> {
        let mut reader = BufReader::with_capacity(256 << 10, source);
        let length = reader.seek(SeekFrom::End(0)).ok()?;
        Some(Self { reader, at: length, length })
    }

    /// Reads bytes at a place into `buffer`; none if the file does not reach that far.
    pub(super) fn read(&mut self, place: u64, count: usize, buffer: &mut Vec<u8>) -> Option<()> {
        buffer.clear();
        let end = place.checked_add(u64::try_from(count).ok()?)?;
        if end > self.length {
            return None;
        }
        self.reader.seek_relative(i64::try_from(place).ok()? - i64::try_from(self.at).ok()?).ok()?;
        self.at = place;
        buffer.resize(count, 0);
        if self.reader.read_exact(buffer).is_err() {
            self.at = self.reader.stream_position().ok()?;
            return None;
        }
        self.at = end;
        Some(())
    }

    /// The bytes from a place to the end of the file, but at most `limit`.
    pub(super) fn region(&mut self, place: u64, limit: u64) -> Option<Vec<u8>> {
        let count = self.length.checked_sub(place)?.min(limit);
        let mut region = Vec::new();
        self.read(place, usize::try_from(count).ok()?, &mut region)?;
        Some(region)
    }
}
