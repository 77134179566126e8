//! The tables of known errors, read once from the `.csv` files beside this file.
//!
//! Used by the other files of this module only. Every look-up is by canonical value, so this file must not ask `Code`
//! for one while it reads: the canonical form itself depends on the table of NTSTATUS values.

use std::collections::HashMap;
use std::sync::LazyLock;

use csv::{ReaderBuilder, StringRecord};

/// All that is known, read on first use.
pub(super) static TABLE: LazyLock<Table> = LazyLock::new(Table::read);

/// What is known about one error.
#[derive(Default)]
pub(super) struct Entry {
    /// The name it is shown under, absent where public headers give none.
    pub name: Option<String>,
    /// The part of Windows that owns the code, for example `CBS`.
    pub family: String,
    /// What it means, in English; empty where only the name is known.
    pub english: String,
    /// What it means, in Chinese; empty where only the name is known.
    pub chinese: String,
    /// Every name it goes by, the shown one and those of its NTSTATUS values included.
    pub names: Vec<String>,
    /// Every text that stands for it, without the final stop.
    pub messages: Vec<String>,
    /// The NTSTATUS values that mean the same.
    pub statuses: Vec<u32>,
}

/// The tables, indexed the ways the module asks for them.
#[derive(Default)]
pub(super) struct Table {
    /// Errors by canonical value.
    pub entries: HashMap<u32, Entry>,
    /// Canonical values by name in capitals.
    pub names: HashMap<String, u32>,
    /// Canonical values by message in ASCII lower case.
    pub messages: HashMap<String, u32>,
    /// Canonical values by NTSTATUS value.
    pub statuses: HashMap<u32, u32>,
    /// Families by the first hexadecimal digits of a value, longest first.
    pub families: Vec<(String, String)>,
    /// The upper halves of values that are believed to be errors without a `0x`, sorted.
    pub facilities: Vec<u16>,
}

impl Table {
    fn read() -> Table {
        let mut table = Table::default();
        table.read_codes(include_str!("codes.csv"));
        table.read_codes(include_str!("names.csv"));
        table.read_statuses(include_str!("ntstatus.csv"));
        table.read_messages(include_str!("messages.csv"));
        table.read_facilities(include_str!("facilities.csv"));
        table
    }

    /// Reads errors; the two columns of meanings may be absent.
    fn read_codes(&mut self, text: &str) {
        for row in rows(text) {
            let Some(value) = hex(&row[0]) else { continue };
            let meaning = |column| row.get(column).unwrap_or_default().to_owned();
            let names = std::iter::once(&row[1]).chain(row[3].split(' ')).filter(|name| !name.is_empty());
            let names: Vec<String> = names.map(str::to_owned).collect();
            self.names.extend(names.iter().map(|name| (name.clone(), value)));
            let entry = Entry {
                name: Some(row[1].to_owned()).filter(|name| !name.is_empty()),
                family: row[2].to_owned(),
                english: meaning(4),
                chinese: meaning(5),
                names,
                ..Entry::default()
            };
            self.entries.insert(value, entry);
        }
    }

    fn read_statuses(&mut self, text: &str) {
        for row in rows(text) {
            let (Some(status), Ok(win32)) = (hex(&row[0]), row[2].parse::<u16>()) else { continue };
            let value = 0x8007_0000 | u32::from(win32);
            self.statuses.insert(status, value);
            self.names.insert(row[1].to_owned(), value);
            let entry = self.entries.entry(value).or_default();
            entry.statuses.push(status);
            entry.names.push(row[1].to_owned());
        }
    }

    fn read_messages(&mut self, text: &str) {
        for row in rows(text) {
            let Some(value) = hex(&row[0]) else { continue };
            self.messages.insert(row[2].to_ascii_lowercase(), value);
            self.entries.entry(value).or_default().messages.push(row[2].to_owned());
        }
    }

    fn read_facilities(&mut self, text: &str) {
        for row in rows(text) {
            self.families.push((row[0].to_owned(), row[1].to_owned()));
            self.facilities.extend(row[0].get(..4).and_then(|digits| u16::from_str_radix(digits, 16).ok()));
        }
        self.families.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        self.facilities.sort_unstable();
        self.facilities.dedup();
    }
}

/// The rows below the heading; the reader drops a row whose number of cells differs from the heading's, so cells may be
/// indexed.
pub(super) fn rows(text: &str) -> impl Iterator<Item = StringRecord> {
    ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes()).into_records().filter_map(Result::ok)
}

pub(super) fn hex(cell: &str) -> Option<u32> {
    u32::from_str_radix(cell.strip_prefix("0x")?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[&str], expected_rows: usize) {
        let lines = |text: &&str| text.lines().filter(|line| !line.starts_with('#')).count() - 1;
        let lines: usize = texts.iter().map(lines).sum();
        let read: usize = texts.iter().map(|text| rows(text).count()).sum();
        assert_eq!((lines, read), (expected_rows, expected_rows));
    }

    #[test]
    fn every_row_is_read() {
        check(&[include_str!("codes.csv"), include_str!("names.csv")], TABLE.entries.len());
        check(&[include_str!("ntstatus.csv")], TABLE.statuses.len());
        check(&[include_str!("messages.csv")], TABLE.messages.len());
        check(&[include_str!("facilities.csv")], TABLE.families.len());
    }

    #[test]
    fn every_error_has_a_meaning_in_both_languages_or_a_name() {
        for (value, entry) in &TABLE.entries {
            assert_eq!(entry.english.is_empty(), entry.chinese.is_empty(), "{value:08X} has one meaning of two");
            assert!(!entry.english.is_empty() || entry.name.is_some(), "{value:08X} has neither meaning nor name");
        }
        let names: usize = TABLE.entries.values().map(|entry| entry.names.len()).sum();
        assert_eq!(names, TABLE.names.len(), "a name is given to two errors");
    }

    #[test]
    fn every_text_and_status_belongs_to_a_described_error() {
        for (value, entry) in &TABLE.entries {
            let is_plain = entry.messages.is_empty() && entry.statuses.is_empty();
            assert!(is_plain || !entry.english.is_empty(), "{value:08X} has no meaning");
        }
    }

    #[test]
    fn no_message_ends_in_a_digit_or_a_stop() {
        for message in TABLE.messages.keys() {
            assert!(!message.ends_with(|last: char| last.is_ascii_digit() || ".。".contains(last)), "{message}");
        }
    }
}
