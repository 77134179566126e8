//! A text does not depend on how its bytes arrive, and clean UTF-8 is left as it is.

use std::io::{self, Read};

use casebook::text::{Encoding, TextReader, line_ends};

/// Longer than the buffer of the reader, so that texts are cut.
const LONG: usize = 600 << 10;

/// Reads the bytes after the first two at once and in pieces; the first says how they arrive, and whether they are
/// repeated until they fill several buffers, the second how much is asked for.
pub fn check(data: &[u8]) {
    let [step, want, bytes @ ..] = data else { return };
    let long;
    let bytes = if *step >= 0xf0 && !bytes.is_empty() {
        long = bytes.repeat(LONG / bytes.len() + 1);
        long.as_slice()
    } else {
        bytes
    };
    let want = 1 + usize::from(*want) * 700;
    let (whole, encoding) = read(bytes, usize::MAX);
    let mut pieces = TextReader::new(Pieces { bytes, step: 1 + usize::from(*step) * usize::from(*step) });
    let (mut out, mut ends) = (String::new(), 0);
    loop {
        let start = out.len();
        if pieces.fill(&mut out, want).expect("memory can be read") == 0 {
            break;
        }
        ends += line_ends(&out[start..]);
    }
    assert!(out == whole, "the text depends on how its bytes arrive");
    assert_eq!(pieces.encoding(), encoding);
    assert_eq!(pieces.bytes(), bytes.len() as u64);
    assert_eq!(ends, line_ends(&whole), "a line end was lost between two pieces");
    assert!(!whole.contains('\0'));
    if let Ok(clean) = std::str::from_utf8(bytes)
        && !clean.contains('\0')
        && !clean.starts_with('\u{feff}')
    {
        assert!(whole == clean, "clean text was changed");
    }
}

fn read(bytes: &[u8], want: usize) -> (String, Encoding) {
    let mut reader = TextReader::new(bytes);
    let mut text = String::new();
    while reader.fill(&mut text, want).expect("memory can be read") > 0 {}
    (text, reader.encoding())
}

/// Hands out a few bytes at a time.
struct Pieces<'a> {
    bytes: &'a [u8],
    step: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.step.min(buffer.len()).min(self.bytes.len());
        let (now, later) = self.bytes.split_at(count);
        buffer[..count].copy_from_slice(now);
        self.bytes = later;
        Ok(count)
    }
}
