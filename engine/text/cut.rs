//! Finds where a full buffer may be cut so that no character and no line end is divided.
//!
//! Called by the reader when it has as many bytes as it wants and there are more to come.

/// The size of a buffer that is cut although its line has no end.
pub(super) const LONGEST: usize = 1 << 20;

/// Where a full buffer of UTF-16 may be cut: not inside a unit, a surrogate pair, or CR LF.
pub(super) fn after_unit(raw: &[u8], unit: fn([u8; 2]) -> u16) -> Option<usize> {
    let whole = raw.len() & !1;
    let last = unit([raw[whole - 2], raw[whole - 1]]);
    let keep = last == u16::from(b'\r') || (0xd800..0xdc00).contains(&last);
    Some(if keep { whole - 2 } else { whole })
}

/// Where a full buffer of bytes may be cut: after its last line end, or anywhere once it is long enough.
pub(super) fn after_line(raw: &[u8]) -> Option<usize> {
    if let Some(feed) = memchr::memrchr(b'\n', raw) {
        return Some(feed + 1);
    }
    // A CR that ends the buffer may be half of CR LF.
    if let Some(bare_return) = memchr::memrchr(b'\r', &raw[..raw.len() - 1]) {
        return Some(bare_return + 1);
    }
    if raw.len() < LONGEST {
        return None;
    }
    let cut = match std::str::from_utf8(raw) {
        Ok(_) => raw.len(),
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        // No code page has a trail byte below `0`.
        Err(_) => raw.iter().rposition(|byte| *byte < b'0').map_or(raw.len(), |at| at + 1),
    };
    Some(if raw[cut - 1] == b'\r' { cut - 1 } else { cut })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &[u8], expected: Option<usize>) {
        assert_eq!(after_line(raw), expected);
    }

    #[test]
    fn lines_are_kept_whole() {
        check(b"one\r\ntwo", Some(5));
        check(b"one\rtwo", Some(4));
        check(b"one", None);
        check(b"one\r", None);
    }

    #[test]
    fn a_line_without_end_is_cut_between_characters() {
        let mut raw = vec![b'a'; LONGEST];
        check(&raw, Some(LONGEST));
        raw[LONGEST - 1] = b'\r';
        check(&raw, Some(LONGEST - 1));
        raw[LONGEST - 1] = 0xe6;
        check(&raw, Some(LONGEST - 1));
        raw[LONGEST - 9..].copy_from_slice(b" \xbe\xdc\xbe\xf8\xb7\xc3\xce\xca");
        check(&raw, Some(LONGEST - 8));
    }

    #[test]
    fn utf16_is_cut_after_a_whole_character() {
        assert_eq!(after_unit(b"a\0b\0", u16::from_le_bytes), Some(4));
        assert_eq!(after_unit(b"a\0\r\0", u16::from_le_bytes), Some(2));
        assert_eq!(after_unit(b"\0a\xd8\x3d", u16::from_be_bytes), Some(2));
    }
}
