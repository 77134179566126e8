//! Finds where lines begin in a block.
//!
//! Called by the block cutter and by [`super::Records`], both of which walk backwards from a
//! place of interest. CRLF, LF and a bare CR each end a line, and the end belongs to the line it
//! ends, as in [`crate::text::line_ends`]. Never looks further than one line, or than `limit`.

use memchr::{memchr2, memrchr2};

/// Where the line that holds byte `at` begins, but not before `floor`.
pub(super) fn line_start(text: &[u8], at: usize, floor: usize) -> usize {
    let inside_crlf = at > floor && text[at] == b'\n' && text[at - 1] == b'\r';
    let at = if inside_crlf { at - 1 } else { at };
    memrchr2(b'\n', b'\r', &text[floor..at]).map_or(floor, |end| floor + end + 1)
}

/// Where the line after the one at `from` begins, if the latter ends before `limit`.
pub(super) fn next_line(text: &[u8], from: usize, limit: usize) -> Option<usize> {
    let end = from + memchr2(b'\n', b'\r', &text[from..limit.min(text.len())])?;
    let crlf = text[end] == b'\r' && text.get(end + 1) == Some(&b'\n');
    Some(if crlf { end + 2 } else { end + 1 })
}

/// Whether a line begins at byte `at`.
pub(super) fn is_line_start(text: &[u8], at: usize) -> bool {
    match at.checked_sub(1).map(|before| text[before]) {
        None | Some(b'\n') => true,
        Some(b'\r') => text.get(at) != Some(&b'\n'),
        Some(_) => false,
    }
}

/// Whether the line `rest` begins with holds nothing but blanks.
pub(super) fn is_blank(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', '\t']);
    rest.is_empty() || rest.starts_with(['\n', '\r'])
}

/// What stands behind the marks of a copy: quote marks, bullets, emphasis, table bars, a stray
/// byte order mark.
pub(super) fn without_marks(line: &str) -> &str {
    line.trim_start_matches([' ', '\t', '>', '-', '*', '•', '|', '\u{feff}'])
}

/// The first line of a text, without its end.
pub(super) fn first_line(text: &str) -> &str {
    memchr2(b'\n', b'\r', text.as_bytes()).map_or(text, |end| &text[..end])
}

/// How many leading bytes of a text are blank lines.
pub(super) fn leading_blank_lines(text: &str) -> usize {
    let blanks = text.len() - text.trim_start().len();
    memrchr2(b'\n', b'\r', &text.as_bytes()[..blanks]).map_or(0, |end| end + 1)
}

/// A text without its last line end and without blank lines before it.
pub(super) fn without_blank_tail(text: &str) -> &str {
    let kept = text.trim_end();
    let tail = &text[kept.len()..];
    &text[..kept.len() + first_line(tail).len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIXED: &str = "one\r\ntwo\nthree\rfour\r\n\r\nsix";

    #[test]
    fn every_kind_of_line_end_begins_a_line() {
        let text = MIXED.as_bytes();
        let starts: Vec<usize> = (0..text.len()).filter(|&at| is_line_start(text, at)).collect();
        assert_eq!(starts, [0, 5, 9, 15, 21, 23]);
        let mut walked = vec![0];
        while let Some(next) = next_line(text, walked[walked.len() - 1], usize::MAX) {
            walked.push(next);
        }
        assert_eq!(walked, starts);
    }

    #[test]
    fn a_line_end_belongs_to_the_line_it_ends() {
        let text = MIXED.as_bytes();
        for at in 0..text.len() {
            let expected = (0..=at).rev().find(|&start| is_line_start(text, start));
            assert_eq!(Some(line_start(text, at, 0)), expected, "byte {at}");
        }
    }

    #[test]
    fn blank_lines_are_cut_and_trailing_blanks_are_kept() {
        assert_eq!(without_blank_tail("a \r\n\r\n  \n"), "a ");
        assert_eq!(without_blank_tail(" \n\n"), " ");
        assert_eq!(leading_blank_lines(" \n\r\n  a"), 4);
        assert_eq!(leading_blank_lines("  a"), 0);
    }
}
