//! Texts as YAML that reads back as the same text.
//!
//! Drafts hold comments, which no serialiser writes, so they are put together here from quoted pieces. Hidden
//! characters are made visible first: a draft shows all that it holds.

use crate::text::printable;

/// A text of one line in single quotes.
pub(super) fn quoted(text: &str) -> String {
    let line: Vec<&str> = text.lines().map(str::trim).collect();
    format!("'{}'", printable(&line.join(" ")).replace('\'', "''"))
}

/// A text of any number of lines as the value of a key that is indented by `indent` blanks.
pub(super) fn value(text: &str, indent: usize) -> String {
    let text = text.trim();
    if !text.contains('\n') {
        return quoted(text);
    }
    let mut value = "|-".to_owned();
    for line in text.lines() {
        let line = printable(line.trim_end()).replace('\t', "    ");
        value.push('\n');
        if !line.is_empty() {
            value.push_str(&" ".repeat(indent + 2));
            value.push_str(&line);
        }
    }
    value
}

/// Lines of a comment, each with its `#`.
pub(super) fn comment(text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    text.lines().map(|line| format!("{pad}# {}\n", printable(line))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_read_back_as_they_were() {
        assert_eq!(quoted(r"it's C:\new #1"), r"'it''s C:\new #1'");
        assert_eq!(value("one line", 2), "'one line'");
        assert_eq!(value("a: b\n\n  - c\u{1b}[1m", 2), "|-\n    a: b\n\n      - c␛[1m");
    }
}
