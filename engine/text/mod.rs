//! Turns bytes of unknown encoding into text whose line numbers match the file.
//!
//! Called by `bundle` (names of entries), `logs` (contents of entries), and whatever compares or shows text. Nothing
//! here fails on dirty input: each byte stream has a reading, no line end is lost or invented, and NUL bytes and byte
//! order marks are gone. Where encodings are ambiguous the order is: byte order mark, NUL parity (UTF-16), valid UTF-8,
//! and for lines that are none of these GBK, Big5 or Windows-1252. The choice is made line by line, because logs are
//! appended to by programs that do not agree on an encoding.

mod cut;
mod detect;
mod fold;
mod legacy;
mod printable;
mod reader;
mod utf16;

pub use detect::is_binary;
pub use fold::{fold, fold_char};
pub use legacy::decode_name;
pub use printable::printable;
pub use reader::TextReader;

/// How the bytes of an entry spell its text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// Only ASCII was seen, or nothing at all.
    Ascii,
    /// UTF-8 without a byte order mark.
    Utf8,
    /// UTF-8 after a byte order mark.
    Utf8Bom,
    /// UTF-16, low byte first, with or without a byte order mark.
    Utf16Le,
    /// UTF-16, high byte first, with or without a byte order mark.
    Utf16Be,
    /// GBK, the code page of Windows in simplified Chinese.
    Gbk,
    /// Big5, the code page of Windows in traditional Chinese.
    Big5,
    /// Windows-1252, the code page of Windows in western Europe.
    Windows1252,
    /// Lines in more than one encoding.
    Mixed,
}

impl Encoding {
    /// The encoding's name in reports, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Ascii => "ascii",
            Encoding::Utf8 => "utf-8",
            Encoding::Utf8Bom => "utf-8-bom",
            Encoding::Utf16Le => "utf-16le",
            Encoding::Utf16Be => "utf-16be",
            Encoding::Gbk => "gbk",
            Encoding::Big5 => "big5",
            Encoding::Windows1252 => "windows-1252",
            Encoding::Mixed => "mixed",
        }
    }
}

/// Counts the line ends of a text: CR LF, LF and a bare CR each count once.
pub fn line_ends(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let feeds = memchr::memchr_iter(b'\n', bytes).count();
    let bare_returns = memchr::memchr_iter(b'\r', bytes).filter(|at| bytes.get(at + 1) != Some(&b'\n')).count();
    (feeds + bare_returns) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: u64) {
        assert_eq!(line_ends(text), expected, "{text:?}");
    }

    #[test]
    fn each_kind_of_line_end_counts_once() {
        check("", 0);
        check("no end", 0);
        check("a\nb\n", 2);
        check("a\r\nb\r\n", 2);
        check("a\rb\r", 2);
        check("a\r\r\n\n\rb", 4);
    }
}
