//! `Code`: one error under one value, and the reading of a code that a person typed.
//!
//! Rules, cases and the command line name codes with [`parse_code`]; texts are read by `errors`. Both end here, so that
//! a rule that says `5`, `E_ACCESSDENIED` or `-2147024891` and a log that says `0xd0000022` meet at the same value.

use std::fmt;

use super::grammar;
use super::table::{Entry, TABLE};

/// One error in its canonical form: an HRESULT (Win32 and NTSTATUS values are mapped onto it), or the value itself for
/// families with facilities of their own.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Code(u32);

impl Code {
    /// Brings a raw value to its canonical form: `5`, `0xC0000022`, `0xD0000022` and `0xC0070005` all become
    /// `0x80070005`.
    pub fn from_raw(value: u32) -> Code {
        if (1..=0xFFFF).contains(&value) {
            return Code(0x8007_0000 | value);
        }
        // HRESULT_FROM_NT sets bit 28 of an NTSTATUS value; NTSTATUS_FROM_WIN32 puts a Win32 value into facility 7.
        let status = if value >> 28 == 0xD { value & !0x1000_0000 } else { value };
        if status >> 16 == 0xC007 {
            return Code(0x8007_0000 | (status & 0xFFFF));
        }
        Code(TABLE.statuses.get(&status).copied().unwrap_or(status))
    }

    /// The canonical value as a number.
    pub fn value(self) -> u32 {
        self.0
    }

    /// The canonical value as logs mostly write it, for example `0x80070005`.
    pub fn hex(self) -> String {
        self.to_string()
    }

    /// The symbolic name, for example `E_ACCESSDENIED`.
    pub fn name(self) -> Option<&'static str> {
        self.entry()?.name.as_deref()
    }

    /// What the error means, in Chinese for any tag that begins with `zh`, else in English; known for the errors that
    /// logs print, not for all that have a name.
    pub fn meaning(self, lang: &str) -> Option<&'static str> {
        let entry = self.entry()?;
        let meaning = if super::is_chinese(lang) { &entry.chinese } else { &entry.english };
        Some(meaning.as_str()).filter(|meaning| !meaning.is_empty())
    }

    /// The part of Windows the error comes from, for example `CBS`; known for many codes that have no name.
    pub fn family(self) -> Option<&'static str> {
        if let Some(entry) = self.entry() {
            return Some(&entry.family);
        }
        let digits = format!("{:08X}", self.0);
        let (_, family) = TABLE.families.iter().find(|(prefix, _)| digits.starts_with(prefix))?;
        Some(family)
    }

    /// Every name it goes by and every message that stands for it.
    pub fn names(self) -> Vec<&'static str> {
        let entry = self.entry().into_iter();
        entry.flat_map(|entry| entry.names.iter().chain(&entry.messages)).map(String::as_str).collect()
    }

    /// Whether the value says that something failed.
    pub fn is_failure(self) -> bool {
        self.0 >> 31 == 1
    }

    /// Whether the table says what the error means. Only such errors are believed where a number alone says little:
    /// nearly every small number is the name of some error, but few are seen in logs.
    pub(super) fn is_described(self) -> bool {
        self.entry().is_some_and(|entry| !entry.english.is_empty())
    }

    pub(super) fn entry(self) -> Option<&'static Entry> {
        TABLE.entries.get(&self.0)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{:08x}", self.0)
    }
}

/// Every error that the tables describe, in the order of its value.
pub fn known_codes() -> impl Iterator<Item = Code> {
    let mut values: Vec<u32> = TABLE.entries.keys().copied().collect();
    values.sort_unstable();
    values.into_iter().map(Code)
}

/// Reads one error written by an author or typed by a user.
///
/// Understood are names (`E_ACCESSDENIED`), hexadecimal with or without `0x`, decimal with or without sign, Win32
/// numbers (`5`), `HRESULT_FROM_WIN32(…)` around any of them, and message texts (`Access is denied.`).
pub fn parse_code(spelling: &str) -> Option<Code> {
    let spelling = spelling.trim();
    by_name(spelling)
        .or_else(|| by_message(spelling))
        .or_else(|| grammar::argument(spelling).and_then(parse_code))
        .or_else(|| grammar::number(spelling))
        .or_else(|| typed(spelling))
}

/// The error that goes by this name, in any case.
pub(super) fn by_name(name: &str) -> Option<Code> {
    TABLE.names.get(name.to_ascii_uppercase().as_str()).copied().map(Code)
}

/// The error that this message stands for, in any case and with or without its final stop.
pub(super) fn by_message(message: &str) -> Option<Code> {
    let stem = message.trim_end_matches(['.', '。']).to_ascii_lowercase();
    TABLE.messages.get(stem.as_str()).copied().map(Code)
}

/// A number that a log would not be believed but a person is: zero, or any value written with `0x` or as eight
/// hexadecimal digits.
fn typed(spelling: &str) -> Option<Code> {
    if spelling == "0" {
        return Some(Code(0));
    }
    let digits = match grammar::hex_digits(spelling) {
        Some(digits) => digits,
        None if spelling.len() == 8 && spelling.bytes().any(|byte| byte.is_ascii_alphabetic()) => spelling,
        None => return None,
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok().map(Code::from_raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(spelling: &str, expected: Option<u32>) {
        assert_eq!(parse_code(spelling).map(Code::value), expected, "{spelling}");
    }

    #[test]
    fn every_way_to_write_access_denied_is_one_code() {
        let spellings = "5|0x5|0x00000005|80070005|0x80070005|0X80070005|2147942405|-2147024891|C0000022|0xc0000022|0xD0000022|d0000022\
            |-1073741790|c0070005|0xD0070005|E_ACCESSDENIED|e_accessdenied|ERROR_ACCESS_DENIED|STATUS_ACCESS_DENIED|HRESULT_FROM_WIN32(5)\
            |HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED)|hresult_from_nt(0xC0000022)|NTSTATUS_FROM_WIN32(5)|ACCESS DENIED|Access is denied.\
            |access is denied|拒绝访问。|拒绝访问|存取被拒。| 0x80070005 ";
        for spelling in spellings.split('|') {
            check(spelling, Some(0x8007_0005));
        }
    }

    #[test]
    fn families_of_their_own_keep_their_value() {
        check("0xC1900101", Some(0xC190_0101));
        check("c142011c", Some(0xC142_011C));
        check("8024200d", Some(0x8024_200D));
        check("-1073283059", Some(0x8007_000D));
        check("14098", Some(0x8007_3712));
        check("0xC015001A", Some(0x8007_3712));
        check("0x20017", Some(0x0002_0017));
        check("0x00000000", Some(0));
        check("S_OK", Some(0));
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for spelling in [
            "",
            "0x",
            "x",
            "hello",
            "99999",
            "12345678",
            "0x123456789",
            "HRESULT_FROM_WIN32()",
            "5 of 10",
            "--5",
            "拒",
            "0x+5",
        ] {
            check(spelling, None);
        }
    }

    #[test]
    fn every_name_in_the_table_is_read_in_any_case() {
        for (name, value) in &TABLE.names {
            check(name, Some(*value));
            check(&name.to_ascii_lowercase(), Some(*value));
        }
    }

    #[test]
    fn a_code_explains_itself() {
        let denied = Code::from_raw(0xD000_0022);
        assert_eq!(
            (denied.hex().as_str(), denied.name(), denied.family()),
            ("0x80070005", Some("E_ACCESSDENIED"), Some("WIN32"))
        );
        assert_eq!(denied.meaning("zh-CN"), Some("拒绝访问"));
        assert!(denied.meaning("en").is_some_and(|meaning| meaning.starts_with("access denied")));
        let named = Code::from_raw(500);
        assert_eq!((named.name(), named.family()), (Some("ERROR_USER_PROFILE_LOAD"), Some("WIN32")));
        assert_eq!((named.meaning("zh"), named.is_described(), denied.is_described()), (None, false, true));
        assert_eq!(Code::from_raw(0xC142_011C).name(), None);
        assert_eq!(Code::from_raw(0x8024_9999).family(), Some("WU"));
        assert_eq!(Code::from_raw(0x800F_09FF).family(), Some("CBS"));
        assert!(denied.is_failure() && !Code::from_raw(0).is_failure() && !Code::from_raw(0x2_0017).is_failure());
    }
}
