//! What Sigma's modifiers do to a value: other spellings of it, and tests that are no string comparison.
//!
//! Modifiers stand behind a field's name (`CommandLine|windash|contains`) and apply from left to right. Those that
//! change the value give several values of which any may hold; the rest of the list says how a value is compared.
//! Source: Sigma specification 2.1, appendix "modifiers", and `neq` of 2.2.

use std::fmt;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::DateTime;

/// Every modifier that is understood.
pub(crate) const MODIFIERS: [&str; 32] = [
    "contains",
    "startswith",
    "endswith",
    "all",
    "cased",
    "exists",
    "re",
    "i",
    "m",
    "s",
    "neq",
    "cidr",
    "base64",
    "base64offset",
    "utf16",
    "utf16le",
    "utf16be",
    "wide",
    "windash",
    "fieldref",
    "lt",
    "lte",
    "gt",
    "gte",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "year",
    "expand",
    "pattern",
];

/// The spellings of a value that its modifiers ask for; none where they do not fit together.
pub(crate) fn spellings(written: &str, modifiers: &[&str]) -> Option<Vec<String>> {
    let mut values = vec![written.as_bytes().to_vec()];
    for modifier in modifiers {
        values = match *modifier {
            "utf16le" | "wide" => each(values, |value| wide(value, u16::to_le_bytes))?,
            "utf16be" => each(values, |value| wide(value, u16::to_be_bytes))?,
            "utf16" => each(values, |value| {
                let mut with_mark = vec![0xff, 0xfe];
                with_mark.extend(wide(value, u16::to_le_bytes)?);
                Some(with_mark)
            })?,
            "base64" => values.iter().map(|value| STANDARD.encode(value).into_bytes()).collect(),
            "base64offset" => values.iter().flat_map(|value| (0..3).map(|offset| at_offset(value, offset))).collect(),
            "windash" => each(values, |value| String::from_utf8(value.to_vec()).ok())?
                .iter()
                .flat_map(|value| dashes(value))
                .map(String::into_bytes)
                .collect(),
            _ => values,
        };
    }
    values.into_iter().map(|value| String::from_utf8(value).ok()).collect()
}

fn each<T>(values: Vec<Vec<u8>>, change: impl Fn(&[u8]) -> Option<T>) -> Option<Vec<T>> {
    values.iter().map(|value| change(value)).collect()
}

fn wide(value: &[u8], bytes: fn(u16) -> [u8; 2]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(value).ok()?;
    Some(text.encode_utf16().flat_map(bytes).collect())
}

/// The part of a longer base64 text that is the same wherever `value` stands at this offset from a group of three.
fn at_offset(value: &[u8], offset: usize) -> Vec<u8> {
    let mut shifted = vec![b' '; offset];
    shifted.extend(value);
    let encoded = STANDARD.encode(&shifted);
    let start = [0, 2, 3][offset];
    let cut = [0, 3, 2][shifted.len() % 3];
    encoded.as_bytes().get(start..encoded.len() - cut).unwrap_or_default().to_vec()
}

/// How many dashes of a value vary each by itself; of more, all are alike, because five times as many values come
/// with each.
const MOST_DASHES: usize = 3;

/// A value with each of the characters that Windows programs take for the dash before an option.
fn dashes(value: &str) -> Vec<String> {
    const DASHES: [char; 5] = ['-', '/', '–', '—', '―'];
    let is_option = |before: Option<char>, after: Option<char>| {
        before.is_none_or(|char| !char.is_alphanumeric() && char != '_') && after.is_some_and(char::is_alphanumeric)
    };
    let chars: Vec<char> = value.chars().collect();
    let is_dash = |index: &usize| {
        matches!(chars[*index], '-' | '/')
            && is_option(index.checked_sub(1).map(|before| chars[before]), chars.get(index + 1).copied())
    };
    let places: Vec<usize> = (0..chars.len()).filter(is_dash).collect();
    let steps =
        if places.len() > MOST_DASHES { vec![places] } else { places.chunks(1).map(<[usize]>::to_vec).collect() };
    let mut values = vec![chars];
    for places in steps {
        let with = |value: &Vec<char>, dash: char| {
            let mut value = value.clone();
            places.iter().for_each(|place| value[*place] = dash);
            value
        };
        values = values.iter().flat_map(|value| DASHES.map(|dash| with(value, dash))).collect();
    }
    values.into_iter().map(String::from_iter).collect()
}

/// A comparison of numbers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Comparison {
    operator: Operator,
    number: f64,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Operator {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// The comparison that the modifiers and a written number ask for; none where they ask for none.
    pub(crate) fn parse(modifiers: &[&str], written: &str) -> Option<Result<Comparison, String>> {
        let operator = modifiers.iter().find_map(|modifier| match *modifier {
            "lt" => Some(Operator::Less),
            "lte" => Some(Operator::LessOrEqual),
            "gt" => Some(Operator::Greater),
            "gte" => Some(Operator::GreaterOrEqual),
            _ => None,
        })?;
        let number = number(written).ok_or_else(|| format!("`{written}` is no number"));
        Some(number.map(|number| Comparison { operator, number }))
    }

    pub(super) fn holds(&self, value: &str) -> bool {
        number(value).is_some_and(|value| match self.operator {
            Operator::Less => value < self.number,
            Operator::LessOrEqual => value <= self.number,
            Operator::Greater => value > self.number,
            Operator::GreaterOrEqual => value >= self.number,
        })
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operator = match self.operator {
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
        };
        write!(formatter, "{operator} {}", self.number)
    }
}

/// A number as event logs write them: decimal, or hexadecimal after `0x`.
fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok().map(|number| number as f64),
        None => text.parse().ok(),
    }
}

/// A network in CIDR notation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads `192.168.0.0/16` or `fe80::/10`.
    pub(crate) fn parse(written: &str) -> Option<Network> {
        let (address, bits) = written.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let bits: u8 = bits.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        (bits <= most).then_some(Network { address, bits })
    }

    pub(super) fn holds(&self, value: &str) -> bool {
        match (self.address, value.trim().parse()) {
            (IpAddr::V4(network), Ok(IpAddr::V4(address))) => {
                let shift = 32 - u32::from(self.bits);
                u32::from(network).checked_shr(shift) == u32::from(address).checked_shr(shift)
            }
            (IpAddr::V6(network), Ok(IpAddr::V6(address))) => {
                let shift = 128 - u32::from(self.bits);
                u128::from(network).checked_shr(shift) == u128::from(address).checked_shr(shift)
            }
            _ => false,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.bits)
    }
}

/// A part of a time, such as the hour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimePart {
    part: Part,
    number: i32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl TimePart {
    /// The part that the modifiers and a written number ask for; none where they ask for none.
    pub(crate) fn parse(modifiers: &[&str], written: &str) -> Option<Result<TimePart, String>> {
        let part = modifiers.iter().find_map(|modifier| match *modifier {
            "minute" => Some(Part::Minute),
            "hour" => Some(Part::Hour),
            "day" => Some(Part::Day),
            "week" => Some(Part::Week),
            "month" => Some(Part::Month),
            "year" => Some(Part::Year),
            _ => None,
        })?;
        let number = written.parse().map_err(|_| format!("`{written}` is no whole number"));
        Some(number.map(|number| TimePart { part, number }))
    }

    pub(super) fn holds(&self, value: &str) -> bool {
        let Ok(time) = value.trim().trim_end_matches('Z').parse::<DateTime>() else { return false };
        let found = match self.part {
            Part::Minute => i32::from(time.minute()),
            Part::Hour => i32::from(time.hour()),
            Part::Day => i32::from(time.day()),
            Part::Week => i32::from(time.date().iso_week_date().week()),
            Part::Month => i32::from(time.month()),
            Part::Year => i32::from(time.year()),
        };
        found == self.number
    }
}

impl fmt::Display for TimePart {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self.part {
            Part::Minute => "minute",
            Part::Hour => "hour",
            Part::Day => "day",
            Part::Week => "week",
            Part::Month => "month",
            Part::Year => "year",
        };
        write!(formatter, "{part} {}", self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(written: &str, modifiers: &[&str], expected: &[&str]) {
        assert_eq!(spellings(written, modifiers).expect("the modifiers fit"), expected, "{written} {modifiers:?}");
    }

    #[test]
    fn base64_of_plain_and_wide_text() {
        check("ping", &["base64"], &["cGluZw=="]);
        check("ping", &["wide", "base64"], &["cABpAG4AZwA="]);
    }

    #[test]
    fn base64offset_gives_what_is_the_same_in_any_longer_text() {
        let parts = spellings("http://", &["base64offset", "contains"]).expect("the modifiers fit");
        for before in ["", "x", "xy", "xyz"] {
            let longer = STANDARD.encode(format!("{before}http://host"));
            assert!(parts.iter().any(|part| longer.contains(part)), "{longer} {parts:?}");
        }
    }

    #[test]
    fn windash_changes_the_dash_of_an_option_only() {
        check(" -f a-b", &["windash"], &[" -f a-b", " /f a-b", " –f a-b", " —f a-b", " ―f a-b"]);
        check("plain", &["windash"], &["plain"]);
        let mixed = spellings("-s /i", &["windash"]).expect("the modifiers fit");
        assert!(mixed.len() == 25 && mixed.contains(&"―s /i".to_owned()) && mixed.contains(&"/s –i".to_owned()));
        check(
            "-a -b -c -d",
            &["windash"],
            &["-a -b -c -d", "/a /b /c /d", "–a –b –c –d", "—a —b —c —d", "―a ―b ―c ―d"],
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        assert_eq!(spellings("\u{ff}", &["utf16"]), None);
    }

    #[test]
    fn numbers_compare_in_decimal_and_hexadecimal() {
        let comparison = Comparison::parse(&["gte"], "16").expect("it compares").expect("a number");
        assert!(
            comparison.holds("0x10")
                && comparison.holds("17.5")
                && !comparison.holds("15")
                && !comparison.holds("many")
        );
        assert!(Comparison::parse(&["lt"], "x").is_some_and(|comparison| comparison.is_err()));
    }

    #[test]
    fn networks_hold_their_addresses() {
        let network = Network::parse("192.168.0.0/16").expect("a network");
        assert!(network.holds("192.168.7.9") && !network.holds("192.169.0.1") && !network.holds("fe80::1"));
        assert!(Network::parse("0.0.0.0/0").expect("a network").holds("8.8.8.8"));
        assert_eq!(Network::parse("10.0.0.0/33"), None);
    }

    #[test]
    fn parts_of_a_time_are_compared() {
        let part = TimePart::parse(&["hour"], "3").expect("a part").expect("a number");
        assert!(part.holds("2024-05-06T03:04:05.1234567Z") && !part.holds("2024-05-06T04:04:05") && !part.holds("03"));
    }
}
