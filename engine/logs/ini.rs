//! Settings set-up leaves beside its logs: `rollbackinfo.ini`, `SetupPlatform.ini`.
//!
//! ```text
//! [Rollback]
//! CurrentPhase=FirstBoot,Start
//! ```
//! Each setting is a record with the fields `section`, `name` and `value`.

use std::borrow::Cow;

use super::layout::{Columns, Line};
use super::lines::is_blank;

/// What the line is to the records around it.
pub(super) fn classify(line: &str) -> Line {
    match line.trim_start_matches([' ', '\t']).chars().next() {
        Some('[') => Line::First,
        _ if is_blank(line) => Line::Continued,
        _ => Line::Within,
    }
}

/// Whether the line can stand in such a file.
pub(super) fn fits(line: &str) -> bool {
    let line = line.trim();
    line.starts_with(';') || line.starts_with('[') && line.ends_with(']') || setting(line).is_some()
}

/// Reads a section's title or a setting.
pub(super) fn columns(text: &str) -> Columns<'_> {
    let line = text.trim();
    let mut columns = Columns::of(text);
    columns.section = line.strip_prefix('[').map(|title| title.split(']').next().unwrap_or(title));
    if columns.section.is_none()
        && let Some((name, value)) = setting(line)
    {
        columns.fields = vec![
            (Cow::Borrowed("name"), Cow::Borrowed(name.trim())),
            (Cow::Borrowed("value"), Cow::Borrowed(value.trim())),
        ];
    }
    columns
}

fn setting(line: &str) -> Option<(&str, &str)> {
    line.split_once('=').filter(|(name, _)| !name.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        let line = classify(input);
        let shown = if line == Line::Continued { "no record".to_owned() } else { columns(input).show() };
        assert_eq!(shown, expected, "{input}");
    }

    #[test]
    fn settings_and_sections_are_read() {
        check(
            "CurrentPhase=FirstBoot,Start",
            "|||name=CurrentPhase value=FirstBoot,Start|CurrentPhase=FirstBoot,Start",
        );
        check("[Rollback]", "||||[Rollback]");
        assert_eq!(columns("[Rollback]").section, Some("Rollback"));
        check("  ", "no record");
    }

    #[test]
    fn prose_does_not_fit() {
        assert!(fits("; remark") && fits("a = b") && fits("[x]"));
        assert!(!fits("hello") && !fits("= b"));
    }
}
