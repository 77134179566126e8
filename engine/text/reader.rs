//! Reads a byte stream of unknown encoding as clean UTF-8.
//!
//! Called by `logs`, once for each text entry. The encoding is decided on the first buffer; after that
//! bytes are decoded in chunks that end at a line end where there is one, so that whole chunks of valid
//! UTF-8 are copied with one check. A line without end is cut after a megabyte, between characters, so
//! memory does not grow with it. What comes out does not depend on how the stream hands out its bytes.

use super::Encoding;
use super::cut;
use super::detect::{self, Units};
use super::legacy::{self, Legacy};
use super::utf16;
use std::io::{self, ErrorKind, Read};

/// The first size of the buffer, and what most chunks hold.
const CHUNK: usize = 256 << 10;

/// Reads a byte stream of unknown encoding as UTF-8: no mark, no NUL, line ends as they were.
pub struct TextReader<R> {
    inner: R,
    raw: Vec<u8>,
    filled: usize,
    units: Option<Units>,
    marked: bool,
    seen: Vec<Encoding>,
    legacy: Legacy,
    bytes: u64,
    ended: bool,
    failure: Option<io::Error>,
}

impl<R: Read> TextReader<R> {
    /// Starts a text at the current position of a stream.
    pub fn new(inner: R) -> Self {
        TextReader {
            inner,
            raw: vec![0; CHUNK],
            filled: 0,
            units: None,
            marked: false,
            seen: Vec::new(),
            legacy: Legacy::new(),
            bytes: 0,
            ended: false,
            failure: None,
        }
    }

    /// Appends text until `out` holds at least `want` more bytes or the stream ends, and returns how many came.
    ///
    /// It never stops between CR and LF. Where the stream fails, the text before the failure comes first
    /// and the error with the next call; after that the stream has ended.
    pub fn fill(&mut self, out: &mut String, want: usize) -> io::Result<usize> {
        let start = out.len();
        while out.len() - start < want.max(1) {
            let cut = self.next_chunk();
            if cut == 0 {
                break;
            }
            self.decode(cut, out);
            self.raw.copy_within(cut..self.filled, 0);
            self.filled -= cut;
        }
        let appended = out.len() - start;
        if appended == 0
            && let Some(error) = self.failure.take()
        {
            return Err(error);
        }
        Ok(appended)
    }

    /// The encoding of what was read so far.
    pub fn encoding(&self) -> Encoding {
        match self.units {
            Some(Units::Utf16Le) => return Encoding::Utf16Le,
            Some(Units::Utf16Be) => return Encoding::Utf16Be,
            _ => {}
        }
        match (self.seen.as_slice(), self.marked) {
            ([] | [Encoding::Utf8], true) => Encoding::Utf8Bom,
            (_, true) | ([_, _, ..], _) => Encoding::Mixed,
            ([one], _) => *one,
            ([], _) => Encoding::Ascii,
        }
    }

    /// How many bytes were read from the stream so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reads until there is a chunk to decode and returns its length, 0 at the end.
    fn next_chunk(&mut self) -> usize {
        loop {
            self.refill();
            let raw = &self.raw[..self.filled];
            if self.units.is_none() {
                let form = detect::form(raw);
                self.units = Some(form.units);
                self.marked = form.mark > 0;
                self.raw.copy_within(form.mark..self.filled, 0);
                self.filled -= form.mark;
                continue;
            }
            if self.ended {
                return self.filled;
            }
            let cut = match self.units {
                Some(Units::Utf16Le) => cut::after_unit(raw, u16::from_le_bytes),
                Some(Units::Utf16Be) => cut::after_unit(raw, u16::from_be_bytes),
                _ => cut::after_line(raw),
            };
            if let Some(cut) = cut {
                return cut;
            }
            let longer = (self.raw.len() * 2).min(cut::LONGEST);
            self.raw.resize(longer, 0);
        }
    }

    /// Reads until the buffer is full or the stream ends, so that decoding never depends on short reads.
    fn refill(&mut self) {
        while !self.ended && self.filled < self.raw.len() {
            match self.inner.read(&mut self.raw[self.filled..]) {
                Ok(0) => self.ended = true,
                Ok(count) => {
                    self.filled += count;
                    self.bytes += count as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failure = Some(error);
                    self.ended = true;
                }
            }
        }
    }

    fn decode(&mut self, cut: usize, out: &mut String) {
        let start = out.len();
        let chunk = &self.raw[..cut];
        match self.units {
            Some(units @ (Units::Utf16Le | Units::Utf16Be)) => utf16::decode(chunk, units, out),
            _ => match std::str::from_utf8(chunk) {
                Ok(text) => {
                    note_utf8(&mut self.seen, text);
                    out.push_str(text);
                }
                Err(_) => decode_lines(chunk, &mut self.legacy, &mut self.seen, out),
            },
        }
        drop_nuls(out, start);
    }
}

fn decode_lines(chunk: &[u8], legacy: &mut Legacy, seen: &mut Vec<Encoding>, out: &mut String) {
    legacy.learn(chunk);
    for line in legacy::lines(chunk) {
        if let Ok(text) = std::str::from_utf8(line) {
            note_utf8(seen, text);
            out.push_str(text);
            continue;
        }
        let encoding = legacy.decode(line, out);
        note(seen, encoding);
    }
}

fn note_utf8(seen: &mut Vec<Encoding>, text: &str) {
    if !seen.contains(&Encoding::Utf8) && !text.is_ascii() {
        note(seen, Encoding::Utf8);
    }
}

fn note(seen: &mut Vec<Encoding>, encoding: Encoding) {
    if !seen.contains(&encoding) {
        seen.push(encoding);
    }
}

fn drop_nuls(out: &mut String, start: usize) {
    if memchr::memchr(0, &out.as_bytes()[start..]).is_none() {
        return;
    }
    let tail = out.split_off(start);
    out.extend(tail.split('\0'));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out a few bytes at a time, then fails if told to.
    struct Trickle<'a> {
        bytes: &'a [u8],
        step: usize,
        fails: bool,
    }

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.bytes.is_empty() && self.fails {
                return Err(io::Error::other("cut off"));
            }
            let count = self.step.min(self.bytes.len()).min(buffer.len());
            let (now, later) = self.bytes.split_at(count);
            buffer[..count].copy_from_slice(now);
            self.bytes = later;
            Ok(count)
        }
    }

    fn check(bytes: &[u8], expected: (&str, Encoding)) {
        for (step, want) in [(1, 1), (7, 300_000), (64 << 10, usize::MAX)] {
            let mut reader = TextReader::new(Trickle { bytes, step, fails: false });
            let mut out = String::new();
            let mut line_ends = 0;
            loop {
                let start = out.len();
                if reader.fill(&mut out, want).unwrap() == 0 {
                    break;
                }
                line_ends += crate::text::line_ends(&out[start..]);
            }
            assert!(out == expected.0, "steps of {step}: text differs");
            assert_eq!(reader.encoding(), expected.1);
            assert_eq!(reader.bytes(), bytes.len() as u64);
            assert_eq!(line_ends, crate::text::line_ends(&out));
        }
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    /// Checks that each encoding of a text that GBK can write is read as the same text.
    fn check_all(text: &str) {
        let plain = if text.is_ascii() { Encoding::Ascii } else { Encoding::Utf8 };
        let gbk = if text.is_ascii() { Encoding::Ascii } else { Encoding::Gbk };
        let marked = format!("\u{feff}{text}");
        check(text.as_bytes(), (text, plain));
        check(marked.as_bytes(), (text, Encoding::Utf8Bom));
        check(&encoding_rs::GBK.encode(text).0, (text, gbk));
        check(&utf16(text, u16::to_le_bytes), (text, Encoding::Utf16Le));
        check(&utf16(text, u16::to_be_bytes), (text, Encoding::Utf16Be));
        check(&utf16(&marked, u16::to_le_bytes), (text, Encoding::Utf16Le));
        check(&utf16(&marked, u16::to_be_bytes), (text, Encoding::Utf16Be));
    }

    #[test]
    fn a_text_reads_the_same_in_each_encoding() {
        check_all("2023-05-17, Error   Failed to open C:\\日志\\安装.log [0x80070005]\r\n拒绝访问。\r\nend");
        check_all("all ascii\r\n\r\nmixed ends\nand\rbare returns\r\r\n");
        check_all("拒绝访问。\r\n驱动程序无法安装\r\n");
    }

    #[test]
    fn a_text_of_many_chunks_reads_the_same_in_each_encoding() {
        check_all(&"08:15:32 Info  驱动程序 WudfCoInstaller: ReadWdfSection: Checking WdfSection\r\n".repeat(3_500));
        for ends in ["\r\n", "a\r"] {
            let text = ends.repeat(CHUNK * 2 / 3);
            check(text.as_bytes(), (&text, Encoding::Ascii));
        }
    }

    #[test]
    fn a_line_without_end_is_cut_between_characters() {
        let text = format!("{}\r\nend\r\n", "访问 access 拒绝 ".repeat(60_000));
        check(text.as_bytes(), (&text, Encoding::Utf8));
        check(&encoding_rs::GBK.encode(&text).0, (&text, Encoding::Gbk));
    }

    #[test]
    fn nothing_is_an_empty_text() {
        check(b"", ("", Encoding::Ascii));
        check(b"\xef\xbb\xbf", ("", Encoding::Utf8Bom));
        check(b"\xff\xfe", ("", Encoding::Utf16Le));
    }

    #[test]
    fn nul_bytes_vanish_and_lines_stay() {
        check(b"one\r\n\0\0\0\0two\r\n", ("one\r\ntwo\r\n", Encoding::Ascii));
        check(b"\xff\xfeo\0n\0\0\0\0\0e\0\n\0", ("one\n", Encoding::Utf16Le));
    }

    #[test]
    fn lines_of_two_encodings_are_read_line_by_line() {
        check("拒绝\n".as_bytes(), ("拒绝\n", Encoding::Utf8));
        check(b"plain\n\xbe\xdc\xbe\xf8\n", ("plain\n拒绝\n", Encoding::Gbk));
        check(b"\xe6\x8b\x92\xe7\xbb\x9d\n\xbe\xdc\xbe\xf8\n", ("拒绝\n拒绝\n", Encoding::Mixed));
    }

    #[test]
    fn an_odd_byte_at_the_end_of_utf16_is_tolerated() {
        check(b"\xff\xfea\0\r\0\n\0b", ("a\r\n", Encoding::Utf16Le));
    }

    #[test]
    fn text_before_a_failure_is_kept() {
        let mut reader = TextReader::new(Trickle { bytes: b"one\ntw", step: 3, fails: true });
        let mut out = String::new();
        assert_eq!(reader.fill(&mut out, 100).unwrap(), 6);
        assert_eq!(reader.fill(&mut out, 100).unwrap_err().to_string(), "cut off");
        assert_eq!(reader.fill(&mut out, 100).unwrap(), 0);
        assert_eq!(out, "one\ntw");
    }
}
