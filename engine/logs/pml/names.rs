//! The words Process Monitor shows for numbers, from `procmon-names.csv`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

type Table = Vec<(u32, &'static str)>;

/// Rows of a table keep the order of the file, which matters for flags: the first that fits is taken first.
static TABLES: LazyLock<BTreeMap<&str, Table>> = LazyLock::new(|| {
    let mut tables: BTreeMap<&str, Table> = BTreeMap::new();
    for row in include_str!("../procmon-names.csv").lines().skip(1) {
        let mut cells = row.splitn(3, ',');
        if let (Some(table), Some(number), Some(name)) = (cells.next(), cells.next(), cells.next())
            && let Ok(number) = u32::from_str_radix(number, 16)
        {
            tables.entry(table).or_default().push((number, name));
        }
    }
    tables.values_mut().filter(|table| table.len() > 64).for_each(|table| table.sort_unstable());
    tables
});

/// The word for a number.
pub(super) fn name(table: &str, number: u32) -> Option<&'static str> {
    let table = TABLES.get(table)?;
    if table.len() > 64 {
        return table.binary_search_by_key(&number, |(known, _)| *known).ok().map(|index| table[index].1);
    }
    table.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
}

/// The words for the flags that are set; a flag is told once.
pub(super) fn flags(table: &str, mut set: u32, separator: &str) -> String {
    let mut names = Vec::new();
    for (flag, name) in TABLES.get(table).into_iter().flatten() {
        if set & flag == *flag {
            names.push(*name);
            set &= !flag;
        }
    }
    names.join(separator)
}

/// The rights in an access mask; generic rights are shown as what they stand for.
pub(super) fn access(table: &str, generic: [u32; 4], mut mask: u32) -> String {
    for (bit, rights) in [0x8000_0000, 0x4000_0000, 0x2000_0000, 0x1000_0000].into_iter().zip(generic) {
        if mask & bit != 0 {
            mask |= rights;
        }
    }
    let names = flags(table, mask, ", ");
    if names.is_empty() { format!("None 0x{mask:x}") } else { names }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_words_process_monitor_shows() {
        assert_eq!(name("result", 0xc000_0022), Some("ACCESS DENIED"));
        assert_eq!(name("result", 0x103), Some(""));
        assert_eq!(name("file", 20), Some("CreateFile"));
        assert_eq!(name("file", 9999), None);
    }

    #[test]
    fn flags_are_told_once_and_the_widest_first() {
        let generic = [0x12_0089, 0x12_0116, 0x12_00a0, 0x1f_01ff];
        assert_eq!(access("file-access", generic, 0x12_019f), "Generic Read/Write");
        assert_eq!(access("file-access", generic, 0x8000_0000), "Generic Read");
        assert_eq!(access("file-access", generic, 0x10080), "Read Attributes, Delete");
        assert_eq!(access("file-access", generic, 0), "None 0x0");
        assert_eq!(flags("attributes", 0x2026, ""), "HSANCI");
    }
}
