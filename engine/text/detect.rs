//! Guesses the family of an encoding, and whether bytes are text at all, from the first bytes.
//!
//! Called by the reader, and by `logs` through [`is_binary`]. UTF-16 without a byte order mark is known
//! by its NUL bytes: they stand at one parity only. A run of NUL bytes in an ASCII file (what a machine
//! leaves when it loses power) stands at both and is not taken for UTF-16. No statistics of letters are
//! used here, because statistics take UTF-16 for GBK.

/// The family of encodings a stream belongs to, and the length of its byte order mark.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Form {
    pub(super) units: Units,
    pub(super) mark: usize,
}

/// What one unit of the text is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Units {
    /// Bytes: ASCII, UTF-8 and the code pages.
    Bytes,
    /// Two bytes, low byte first.
    Utf16Le,
    /// Two bytes, high byte first.
    Utf16Be,
}

/// How much of the start is looked at for UTF-16 and for binary data.
const HEAD: usize = 64 << 10;

/// Control characters that even a short text may hold.
const TOLERATED: usize = 2;

/// Tells the family of encodings from the start of a stream.
pub(super) fn form(head: &[u8]) -> Form {
    if head.starts_with(b"\xef\xbb\xbf") {
        return Form { units: Units::Bytes, mark: 3 };
    }
    if head.starts_with(b"\xff\xfe") {
        return Form { units: Units::Utf16Le, mark: 2 };
    }
    if head.starts_with(b"\xfe\xff") {
        return Form { units: Units::Utf16Be, mark: 2 };
    }
    Form { units: units_without_mark(&head[..head.len().min(HEAD)]), mark: 0 }
}

/// True where a head of bytes is no text in any encoding we read.
///
/// Text may hold runs of NUL bytes and terminal escapes, but hardly any other control character.
pub fn is_binary(head: &[u8]) -> bool {
    let head = &head[..head.len().min(HEAD)];
    let Form { units, mark } = form(head);
    let body = &head[mark..];
    let (odd, all) = match units {
        Units::Bytes => oddities(body.iter().map(|byte| u16::from(*byte))),
        Units::Utf16Le => oddities(pairs(body).map(u16::from_le_bytes)),
        Units::Utf16Be => oddities(pairs(body).map(u16::from_be_bytes)),
    };
    if all == 0 {
        return !body.is_empty();
    }
    odd > TOLERATED + all / 32
}

fn units_without_mark(head: &[u8]) -> Units {
    if memchr::memchr(0, head).is_none() {
        return Units::Bytes;
    }
    if is_utf16(head, u16::from_le_bytes, u16::from_be_bytes) {
        return Units::Utf16Le;
    }
    if is_utf16(head, u16::from_be_bytes, u16::from_le_bytes) {
        return Units::Utf16Be;
    }
    Units::Bytes
}

/// True where the head reads as UTF-16 in the first byte order and not in the second.
fn is_utf16(head: &[u8], this: fn([u8; 2]) -> u16, other: fn([u8; 2]) -> u16) -> bool {
    let mut units = 0;
    let mut ascii = 0;
    let mut ascii_in_other = 0;
    let mut east_asian = 0;
    let mut feeds = 0;
    let mut nuls = 0;
    for pair in pairs(head) {
        let unit = this(pair);
        match unit {
            0 => nuls += 1,
            0x01..=0x7f => ascii += 1,
            0x2000..=0x206f | 0x3000..=0x30ff | 0x3400..=0x9fff | 0xf900..=0xfaff | 0xff00..=0xffef => east_asian += 1,
            _ => {}
        }
        units += usize::from(unit != 0);
        feeds += usize::from(unit == 0x0a);
        ascii_in_other += usize::from((0x01..=0x7f).contains(&other(pair)));
    }
    let mostly_ascii = ascii * 10 >= units * 3 && ascii > ascii_in_other * 4;
    // A text without a Latin letter has its only NUL bytes in its line ends.
    let mostly_east_asian =
        feeds > 0 && nuls == 0 && (ascii + east_asian) * 10 >= units * 9 && std::str::from_utf8(head).is_err();
    mostly_ascii || mostly_east_asian
}

/// Counts control characters that text does not hold, and all units but NUL; a run of NUL counts as one oddity.
fn oddities(units: impl Iterator<Item = u16>) -> (usize, usize) {
    let mut odd = 0;
    let mut all = 0;
    let mut after_nul = false;
    for unit in units {
        let starts_run = unit == 0 && !after_nul;
        let control = matches!(unit, 0x01..=0x08 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f);
        odd += usize::from(starts_run || control);
        all += usize::from(unit != 0);
        after_nul = unit == 0;
    }
    (odd, all)
}

fn pairs(bytes: &[u8]) -> impl Iterator<Item = [u8; 2]> {
    bytes.chunks_exact(2).map(|pair| [pair[0], pair[1]])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn utf16be(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }

    fn check(head: &[u8], expected: Units) {
        assert_eq!(form(head).units, expected);
        assert!(!is_binary(head));
    }

    #[test]
    fn utf16_without_mark_is_known_by_its_nul_bytes() {
        check(&utf16le("2023-05-17 Error\r\n"), Units::Utf16Le);
        check(&utf16be("2023-05-17 Error\r\n"), Units::Utf16Be);
        check(&utf16le("A"), Units::Utf16Le);
    }

    #[test]
    fn utf16_of_chinese_alone_is_known_by_its_line_ends() {
        check(&utf16le("拒绝访问。\r\n驱动程序无法安装\r\n"), Units::Utf16Le);
        check(&utf16be("拒绝访问。\r\n驱动程序无法安装\r\n"), Units::Utf16Be);
    }

    #[test]
    fn a_run_of_nul_bytes_is_not_utf16() {
        check(b"first line\r\n\0\0\0\0\0\0\0second line\r\n", Units::Bytes);
        check(b"first line\n\0second line\n\0\0\0\0", Units::Bytes);
        check(b"\0\0\0\0\0\0\0\0first line, second line\n", Units::Bytes);
        check(b"\xbe\xdc\xbe\xf8\xb7\xc3\xce\xca\n\0\xbe\xdc\xbe\xf8\xb7\xc3\xce\xca and some more\n", Units::Bytes);
    }

    #[test]
    fn text_of_any_code_page_is_text() {
        check("拒绝访问\r\n".as_bytes(), Units::Bytes);
        check(b"\xbe\xdc\xbe\xf8\xb7\xc3\xce\xca\r\n", Units::Bytes);
        check(b"\x1b[31mred\x1b[0m\r\n", Units::Bytes);
        check(b"", Units::Bytes);
    }

    #[test]
    fn control_bytes_all_over_are_binary() {
        let noise: Vec<u8> = (0..4096u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        assert!(is_binary(&noise));
        assert!(is_binary(b"ElfFile\0\0\0\0\0\0\0\0\0\x13\0\0\0\0\0\0\0\x40\x17\x02\0\0\0\0\0\x80\0\0\0\x01\0\x03\0"));
        assert!(is_binary(&[0; 512]));
    }
}
