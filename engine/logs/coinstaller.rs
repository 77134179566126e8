//! The `setupact.log` that driver co-installers write into the Windows folder.
//!
//! ```text
//! [05/08/2025 09:40.53.963] WudfCoInstaller: Configuring UMDF Service …
//! ```
//! It shares nothing but its name with Windows Setup's log: American dates, a dot between minutes
//! and seconds, no level, blank lines between records.

use super::cursor::{Clock, Cursor};
use super::layout::Columns;
use super::lines::without_marks;

/// Whether a record begins with this line.
pub(super) fn starts(line: &str) -> bool {
    split(line).is_some()
}

/// Reads the columns of a record that begins with a stamp.
pub(super) fn columns(text: &str) -> Columns<'_> {
    let Some(([month, day, year], clock, rest)) = split(text) else { return Columns::of(text) };
    let time = clock.on([year, month, day]);
    let named = rest
        .split_once(": ")
        .filter(|(name, _)| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let (component, message) = match named {
        Some((component, message)) => (Some(component), message),
        None => (None, rest),
    };
    Columns { time, component, ..Columns::of(message) }
}

fn split(line: &str) -> Option<([i32; 3], Clock, &str)> {
    let mut cursor = Cursor::new(without_marks(line));
    cursor.eat(&['['])?;
    let date = cursor.date(&['/'])?;
    cursor.eat(&[' '])?;
    let clock = cursor.clock()?;
    cursor.eat(&[']'])?;
    cursor.blanks();
    Some((date, clock, cursor.rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        let shown = if starts(input) { columns(input).show() } else { "no record".to_owned() };
        assert_eq!(shown, expected, "{input}");
    }

    #[test]
    fn the_american_stamp_is_read() {
        check(
            "[05/08/2025 09:40.53.963] WudfCoInstaller: ImpersonationLevel set to 2",
            "2025-05-08T09:40:53.963||WudfCoInstaller||ImpersonationLevel set to 2",
        );
        check("> [05/08/2025 09:40.53.963] A: quoted", "2025-05-08T09:40:53.963||A||quoted");
        check("[05/08/2025 09:40.53.963] Done now: yes", "2025-05-08T09:40:53.963||||Done now: yes");
    }

    #[test]
    fn damaged_stamps_cost_the_time_or_the_record() {
        check("[13/08/2025 09:40.53.963] A: x", "||A||x");
        check("[05/08/2025 09:40.53.963 A: x", "no record");
        check("05/08/2025 09:40.53.963 A: x", "no record");
    }
}
