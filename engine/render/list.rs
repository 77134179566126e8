//! What of a bundle was read: one line an entry, and below it what was not read and why.

use std::collections::BTreeMap;
use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use crate::render::text::size;
use crate::render::words::Words;
use crate::text::printable;
use crate::verdict::{EntryInfo, Report};

/// Draws the entries of a report as a table in `language`.
pub fn list(report: &Report, language: &str) -> String {
    let words = Words::of(language);
    let mut warnings: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for warning in &report.warnings {
        warnings.entry(&warning.entry).or_default().push(&warning.message);
    }
    let rows: Vec<[String; 6]> =
        std::iter::once(words.columns.map(str::to_owned)).chain(report.entries.iter().map(row)).collect();
    let widths: [usize; 6] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].width()).max().unwrap_or_default());
    let mut page = String::new();
    for (index, row) in rows.iter().enumerate() {
        for (column, cell) in row.iter().enumerate() {
            let padding = " ".repeat(widths[column] - cell.width());
            let _ = match column {
                0 | 1 => write!(page, "{padding}{cell}  "),
                5 => write!(page, "{cell}"),
                _ => write!(page, "{cell}{padding}  "),
            };
        }
        page.push('\n');
        let Some(entry) = index.checked_sub(1).map(|index| &report.entries[index]) else { continue };
        for message in warnings.remove(entry.path.as_str()).unwrap_or_default() {
            let _ = writeln!(page, "    ! {}", printable(message));
        }
    }
    // What is left has no entry: an archive that could not be opened, a link that was not followed.
    for (entry, messages) in warnings {
        for message in messages {
            let _ = writeln!(page, "{}\n    ! {}", printable(entry), printable(message));
        }
    }
    page
}

fn row(entry: &EntryInfo) -> [String; 6] {
    let day = |time: &Option<String>| {
        time.as_deref().map(|time| time.replacen('T', " ", 1).chars().take(19).collect::<String>())
    };
    let times = match (day(&entry.first_time), day(&entry.last_time)) {
        (Some(first), Some(last)) => format!("{first} – {last}"),
        _ => String::new(),
    };
    let times = match (&entry.utc_offset, times.is_empty()) {
        (Some(offset), false) => format!("{times} {offset}"),
        _ => times,
    };
    [
        size(entry.bytes),
        if entry.records == 0 { String::new() } else { entry.records.to_string() },
        entry.format.to_owned(),
        entry.encoding.unwrap_or_default().to_owned(),
        times,
        printable(&entry.path).into_owned(),
    ]
}
