//! The detail column as it grows: `Name: value, Name: value`.

use std::fmt::{Display, Write};

/// What an event's own structure tells: path and detail, and the operation's name where that is finer.
#[derive(Default, Debug)]
pub(super) struct Detail {
    /// The operation's name.
    pub(super) operation: String,
    /// The path column.
    pub(super) path: String,
    /// The detail column.
    pub(super) text: String,
}

impl Detail {
    /// Adds a value to the detail column.
    pub(super) fn add(&mut self, name: &str, value: impl Display) {
        let separator = if self.text.is_empty() { "" } else { ", " };
        let _ = write!(self.text, "{separator}{name}: {value}");
    }
}

/// A number with commas between thousands.
pub(super) fn grouped(number: impl Into<i128>) -> String {
    let number = number.into();
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count of 100 ns in seconds.
pub(super) fn seconds(ticks: u64) -> String {
    format!("{}.{:07}", ticks / 10_000_000, ticks % 10_000_000)
}

/// The words for yes and no.
pub(super) fn yes(is: bool) -> &'static str {
    if is { "True" } else { "False" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_process_monitor_writes_them() {
        assert_eq!(grouped(2_147_483_538_u32), "2,147,483,538");
        assert_eq!(grouped(-1000_i64), "-1,000");
        assert_eq!(grouped(512_u32), "512");
        assert_eq!(seconds(112), "0.0000112");
    }
}
