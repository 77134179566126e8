//! Decodes UTF-16 in either byte order, fast where the text is ASCII.
//!
//! Called by the reader with whole units. Nearly all UTF-16 logs are ASCII with a few names in between,
//! so blocks of ASCII are narrowed in a loop that the compiler turns into vector instructions, and only
//! the stretches in between go to a decoder. An unpaired surrogate becomes U+FFFD.

use super::detect::Units;

/// Bytes that are looked at together.
const BLOCK: usize = 128;

/// Blocks that are narrowed together, so that what is read twice is still near.
const BLOCKS: usize = 64;

/// Appends the text of UTF-16 bytes; an odd last byte is left out.
pub(super) fn decode(bytes: &[u8], units: Units, out: &mut String) {
    let big = units == Units::Utf16Be;
    let mut narrow = Vec::with_capacity(BLOCK * BLOCKS / 2);
    let mut rest = &bytes[..bytes.len() & !1];
    while !rest.is_empty() {
        let (ascii, after) = rest.split_at(run(rest, BLOCKS, |block| is_ascii(block, big)));
        narrow.clear();
        match big {
            true => narrow.extend(ascii.chunks_exact(2).map(|unit| unit[1])),
            false => narrow.extend(ascii.chunks_exact(2).map(|unit| unit[0])),
        }
        out.push_str(std::str::from_utf8(&narrow).unwrap_or_default());

        // Unlimited, because only before an ASCII block is it certain that no surrogate pair is cut.
        let (other, after) = after.split_at(run(after, usize::MAX, |block| !is_ascii(block, big)));
        decode_other(other, big, out);
        rest = after;
    }
}

/// The length of the blocks at the start of the bytes that all pass a test, up to a number of blocks.
fn run(bytes: &[u8], limit: usize, passes: impl Fn(&[u8]) -> bool) -> usize {
    bytes.chunks(BLOCK).take(limit).take_while(|block| passes(block)).map(<[u8]>::len).sum()
}

fn is_ascii(block: &[u8], big: bool) -> bool {
    let seen = block.chunks_exact(2).fold([0, 0], |seen, unit| [seen[0] | unit[0], seen[1] | unit[1]]);
    let [low, high] = if big { [seen[1], seen[0]] } else { seen };
    high == 0 && low < 0x80
}

fn decode_other(bytes: &[u8], big: bool, out: &mut String) {
    let encoding = if big { encoding_rs::UTF_16BE } else { encoding_rs::UTF_16LE };
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    out.push_str(&text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(units: &[u16], expected: &str) {
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for (bytes, order) in [(little, Units::Utf16Le), (big, Units::Utf16Be)] {
            let mut out = String::new();
            decode(&bytes, order, &mut out);
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn ascii_and_chinese_alternate_freely() {
        let text = format!("{}拒绝访问{}🙂{}", "a".repeat(200), "b".repeat(63), "c".repeat(129));
        let units: Vec<u16> = text.encode_utf16().collect();
        check(&units, &text);
    }

    #[test]
    fn a_surrogate_pair_is_never_cut() {
        let text = format!("a{}", "🙂".repeat(BLOCK * BLOCKS));
        let units: Vec<u16> = text.encode_utf16().collect();
        check(&units, &text);
    }

    #[test]
    fn an_unpaired_surrogate_becomes_a_replacement_character() {
        check(&[0x61, 0xd83d, 0x62], "a\u{fffd}b");
        check(&[0xde42], "\u{fffd}");
    }

    #[test]
    fn an_odd_last_byte_is_left_out() {
        let mut out = String::new();
        decode(b"a\0b\0c", Units::Utf16Le, &mut out);
        assert_eq!(out, "ab");
    }
}
