//! Decodes lines that are not valid UTF-8: GBK, Big5, Windows-1252, or UTF-8 with damage.
//!
//! Called by the reader for chunks with an invalid byte. Each line is decided on its own, because one
//! log can hold lines of several programs. The same bytes are often valid GBK and valid Big5, and a
//! western letter before an ASCII one is valid GBK too; a statistical guess over the first invalid lines
//! breaks such ties and nothing else. Nothing fails: Windows-1252 has a letter for each byte.

use super::Encoding;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};

/// How many bytes the guess is made on: it is slow, and more bytes do not change it.
const SAMPLE: usize = 64 << 10;

/// What has been learnt from the lines that are not valid UTF-8.
pub(super) struct Legacy {
    detector: EncodingDetector,
    fed: usize,
    guess: Guess,
}

/// The tie-breaker between encodings that share byte sequences.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Guess {
    Big5,
    Western,
    Other,
}

impl Legacy {
    pub(super) fn new() -> Self {
        let detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        Legacy { detector, fed: 0, guess: Guess::Other }
    }

    /// Looks at the invalid lines of a chunk before they are decoded.
    pub(super) fn learn(&mut self, chunk: &[u8]) {
        if self.fed >= SAMPLE {
            return;
        }
        for line in lines(chunk).filter(|line| std::str::from_utf8(line).is_err()) {
            let line = &line[..line.len().min(SAMPLE - self.fed)];
            self.detector.feed(line, false);
            self.fed += line.len();
            if self.fed >= SAMPLE {
                break;
            }
        }
        let guess = self.detector.guess(None, Utf8Detection::Deny);
        self.guess = match guess.name() {
            "Big5" => Guess::Big5,
            "windows-1252" | "windows-1250" | "windows-1254" | "ISO-8859-2" => Guess::Western,
            _ => Guess::Other,
        };
    }

    /// Appends the text of a line that is not valid UTF-8 and tells how it was read.
    pub(super) fn decode(&self, line: &[u8], out: &mut String) -> Encoding {
        if is_damaged_utf8(line) {
            out.push_str(&String::from_utf8_lossy(line));
            return Encoding::Utf8;
        }
        if self.guess == Guess::Big5 && push_exact(encoding_rs::BIG5, line, out) {
            return Encoding::Big5;
        }
        let western = self.guess == Guess::Western && has_lone_letters_only(line);
        if !western && push_exact(encoding_rs::GBK, line, out) {
            return Encoding::Gbk;
        }
        let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(line);
        out.push_str(&text);
        Encoding::Windows1252
    }
}

/// The text of a name that is UTF-8 or GBK, or nothing where it is neither.
pub fn decode_name(bytes: &[u8]) -> Option<String> {
    if let Ok(name) = std::str::from_utf8(bytes) {
        return Some(name.to_owned());
    }
    let name = encoding_rs::GBK.decode_without_bom_handling_and_without_replacement(bytes)?;
    Some(name.into_owned())
}

/// The lines of a chunk with their line ends; a bare CR does not end one here.
pub(super) fn lines(chunk: &[u8]) -> impl Iterator<Item = &[u8]> {
    chunk.split_inclusive(|byte| *byte == b'\n')
}

fn push_exact(encoding: &'static encoding_rs::Encoding, line: &[u8], out: &mut String) -> bool {
    match encoding.decode_without_bom_handling_and_without_replacement(line) {
        Some(text) => {
            out.push_str(&text);
            true
        }
        None => false,
    }
}

/// True where most letters are long UTF-8 sequences, which other encodings form only by rare accident.
///
/// Programs that cut a message at a fixed number of bytes leave such lines. They are told from others by
/// their first letter, so that a file of GBK is not searched for UTF-8 line by line.
fn is_damaged_utf8(line: &[u8]) -> bool {
    let valid = std::str::from_utf8(line).map_or_else(|error| error.valid_up_to(), str::len);
    if line[..valid].is_ascii() {
        return false;
    }
    let mut long = 0;
    let mut damaged = 0;
    for chunk in line.utf8_chunks() {
        long += chunk.valid().chars().filter(|letter| letter.len_utf8() >= 3).count();
        damaged += usize::from(!chunk.invalid().is_empty());
    }
    long > damaged
}

/// True where no two bytes above ASCII stand together, as in western words and hardly ever in Chinese.
fn has_lone_letters_only(line: &[u8]) -> bool {
    line.windows(2).all(|pair| pair[0].is_ascii() || pair[1].is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &[u8], expected: (&str, Encoding)) {
        let mut legacy = Legacy::new();
        legacy.learn(line);
        let mut out = String::new();
        let encoding = legacy.decode(line, &mut out);
        assert_eq!((out.as_str(), encoding), expected);
    }

    #[test]
    fn four_characters_of_gbk_are_enough() {
        check(b"Error \xbe\xdc\xbe\xf8\xb7\xc3\xce\xca\r\n", ("Error 拒绝访问\r\n", Encoding::Gbk));
    }

    #[test]
    fn a_trail_byte_that_looks_like_a_backslash_stays_in_its_character() {
        check(b"C:\\\x95\x5c\\\xc8\xd5\xd6\xbe.log", ("C:\\昞\\日志.log", Encoding::Gbk));
    }

    #[test]
    fn traditional_chinese_is_big5() {
        let text = "無法安裝驅動程式，存取被拒。系統找不到指定的檔案，請重新啟動電腦後再試一次。\n";
        let (bytes, _, _) = encoding_rs::BIG5.encode(text);
        check(&bytes, (text, Encoding::Big5));
    }

    #[test]
    fn western_letters_are_windows_1252() {
        check(
            b"El m\xf3dulo no se pudo cargar: operaci\xf3n cancelada\n",
            ("El módulo no se pudo cargar: operación cancelada\n", Encoding::Windows1252),
        );
        check(b"\xff\xff\n", ("ÿÿ\n", Encoding::Windows1252));
    }

    #[test]
    fn utf8_cut_inside_a_character_stays_utf8() {
        check("拒绝访问\u{fffd}".as_bytes().split_at(13).0, ("拒绝访问\u{fffd}", Encoding::Utf8));
    }

    #[test]
    fn a_line_end_is_never_part_of_a_character() {
        check(b"\xbe\xdc\xbe\n", ("¾Ü¾\n", Encoding::Windows1252));
    }

    #[test]
    fn names_are_utf8_or_gbk() {
        assert_eq!(decode_name("日志".as_bytes()).as_deref(), Some("日志"));
        assert_eq!(decode_name(b"\xc8\xd5\xd6\xbe").as_deref(), Some("日志"));
        assert_eq!(decode_name(b"\x81"), None);
    }
}
