//! The grammar of numbers that mean errors, shared by the reader of texts (`errors`) and the writer of prefilter
//! literals (`spellings`).
//!
//! Both are built from the same lists, because the prefilter is sound only if it expects exactly what the reader
//! accepts. A number is believed for one of two reasons: its own form says that it is a failure (`0x80070005`,
//! `-2147024891`), or the words before it do (`GLE [5]`). What is neither, for example `Status: 5`, is left alone.

use super::codes::Code;
use super::table::TABLE;

/// Words that announce an error number, lower case, each ending in a character that is neither a letter nor a digit.
pub(super) struct Context {
    /// The text right before the number.
    pub before: &'static str,
    /// Whether any number after it is an error; if not, only numbers are whose meaning the table knows.
    pub firm: bool,
}

/// The announcements known from logs: `GLE [5]`, `(Error = 5)`, `dwRet = 0x5`, `Error READ, 0x00000570 while`, `错误: 5`.
pub(super) const CONTEXTS: &[Context] = &[
    firm("gle ["),
    firm("gle["),
    firm("gle = "),
    firm("gle="),
    firm("gle: "),
    firm("gle:"),
    firm("error = "),
    firm("error="),
    firm("error: "),
    firm("error:"),
    firm("error ["),
    firm("error["),
    firm("error("),
    firm("error code: "),
    firm("error code:"),
    firm("error code = "),
    firm("error code="),
    firm("errorcode: "),
    firm("errorcode:"),
    firm("errorcode = "),
    firm("errorcode="),
    firm("error status: "),
    firm("dwret = "),
    firm("dwret="),
    firm("错误: "),
    firm("错误:"),
    firm("错误："),
    firm("错误代码: "),
    firm("错误代码:"),
    firm("错误代码："),
    firm("錯誤: "),
    firm("錯誤:"),
    firm("錯誤："),
    firm("錯誤碼: "),
    firm("錯誤碼："),
    soft("error "),
    soft("error code "),
    soft("error read, "),
    soft("error write, "),
    soft("错误 "),
    soft("错误代码 "),
    soft("錯誤 "),
];

/// The macros of the Windows headers that turn one kind of error into another, lower case; their argument is the error.
pub(super) const CONVERSIONS: &[&str] = &["hresult_from_win32(", "hresult_from_nt(", "ntstatus_from_win32("];

/// Reads a number that follows words which announce an error: small numbers count as Win32 errors.
pub(super) fn number(token: &str) -> Option<Code> {
    small(token).map(Code::from_raw).or_else(|| failure(token))
}

/// Reads a number that says itself that it is a failure: `0x` and eight digits, or digits of a known facility.
pub(super) fn failure(token: &str) -> Option<Code> {
    let value = match hex_digits(token) {
        Some(digits) => parse_hex(digits, 8).filter(|value| is_failure(*value)),
        None => parse_hex(token, 8).or_else(|| parse_decimal(token)).filter(|value| has_known_facility(*value)),
    };
    value.map(Code::from_raw)
}

/// The digits after a `0x`.
pub(super) fn hex_digits(token: &str) -> Option<&str> {
    token.strip_prefix("0x").or_else(|| token.strip_prefix("0X"))
}

/// What stands between the brackets of a conversion macro.
pub(super) fn argument(spelling: &str) -> Option<&str> {
    let inner = spelling.strip_suffix(')')?;
    CONVERSIONS.iter().find_map(|conversion| {
        let head = inner.get(..conversion.len())?;
        head.eq_ignore_ascii_case(conversion).then(|| &inner[conversion.len()..])
    })
}

/// Whether the upper half of a value is one that only errors have, so that it needs no `0x` to be believed.
pub(super) fn has_known_facility(value: u32) -> bool {
    let upper = (value >> 16) as u16;
    let upper = if upper >> 12 == 0xD { upper & !0x1000 } else { upper };
    is_failure(value) && value & 0xFFFF != 0 && TABLE.facilities.binary_search(&upper).is_ok()
}

const fn firm(before: &'static str) -> Context {
    Context { before, firm: true }
}

const fn soft(before: &'static str) -> Context {
    Context { before, firm: false }
}

/// A Win32 error: decimal, or hexadecimal that is written either without leading zeros or with all eight digits.
fn small(token: &str) -> Option<u32> {
    let value = match hex_digits(token) {
        Some(digits) if digits.len() == 8 || !digits.starts_with('0') => parse_hex(digits, digits.len())?,
        Some(_) => return None,
        None if token.starts_with(['0', '-', '+']) => return None,
        None => token.parse().ok()?,
    };
    (1..=0xFFFF).contains(&value).then_some(value)
}

/// Whether a value that is written with `0x` has the form of a failure: HRESULT, NTSTATUS, or NTSTATUS within HRESULT.
fn is_failure(value: u32) -> bool {
    // `0x80000000` to `0x800000FF` are flags, the roots of the registry, and warnings such as "no more files".
    matches!(value >> 28, 0x8 | 0xC | 0xD) && value & 0x0FFF_FFFF != 0 && value >> 8 != 0x0080_0000
}

fn parse_hex(digits: &str, length: usize) -> Option<u32> {
    if digits.len() != length || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}

/// Decimal as scripts print an HRESULT: negative as a signed number, or ten digits as an unsigned one.
fn parse_decimal(token: &str) -> Option<u32> {
    if token.starts_with('-') {
        return token.parse::<i32>().ok().map(i32::cast_unsigned);
    }
    token.parse::<u32>().ok().filter(|value| token.len() == 10 && value >> 31 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(token: &str, announced: Option<u32>, alone: Option<u32>) {
        assert_eq!(number(token).map(Code::value), announced, "{token} after an announcement");
        assert_eq!(failure(token).map(Code::value), alone, "{token} alone");
    }

    #[test]
    fn small_numbers_need_an_announcement() {
        check("5", Some(0x8007_0005), None);
        check("0x5", Some(0x8007_0005), None);
        check("0x00000005", Some(0x8007_0005), None);
        check("14098", Some(0x8007_3712), None);
        check("0", None, None);
        check("05", None, None);
        check("0x005", None, None);
        check("0x00000000", None, None);
        check("65536", None, None);
    }

    #[test]
    fn failures_speak_for_themselves() {
        for token in ["0x80070005", "80070005", "2147942405", "-2147024891", "0xc0000022", "d0000022"] {
            check(token, Some(0x8007_0005), Some(0x8007_0005));
        }
        check("0x81234567", Some(0x8123_4567), Some(0x8123_4567));
    }

    #[test]
    fn ordinary_numbers_are_no_failures() {
        for token in [
            "0x80000000",
            "0x80000002",
            "0xC0000000",
            "20230523",
            "3324950609",
            "-1",
            "-5",
            "deadbeef",
            "0x7fed806e",
            "80070000",
        ] {
            check(token, None, None);
        }
    }

    #[test]
    fn announcements_end_where_the_number_begins() {
        for context in CONTEXTS {
            assert!(
                !context.before.ends_with(|last: char| last.is_ascii_alphanumeric() || last == '-'),
                "{}",
                context.before
            );
        }
    }
}
