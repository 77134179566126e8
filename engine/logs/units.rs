//! Where in a text a record may begin: at a line and, in XML, also at a tag.
//!
//! Called by the block cutter, by [`super::Records`] and by [`super::count`], which walk from one
//! such place to the next. XML needs tags because programs write it without line ends. Each step
//! looks at one line or one tag only, so that text without line ends is still walked in one pass.

use memchr::{memchr3, memrchr3};

use super::lines::{is_line_start, line_start, next_line};
use super::{Header, LogFormat};

/// What a text is walked by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Units {
    /// By lines.
    Lines,
    /// By lines and tags.
    Tags,
}

impl Units {
    /// What an entry of that format and header is walked by.
    pub(super) fn of(format: LogFormat, header: &Header) -> Self {
        match format {
            LogFormat::CompatData | LogFormat::DiagXml => Self::Tags,
            _ if header.is_xml => Self::Tags,
            _ => Self::Lines,
        }
    }

    /// Where the unit that holds byte `at` begins, but not before `floor`.
    pub(super) fn start(self, text: &[u8], at: usize, floor: usize) -> usize {
        if self == Self::Lines {
            return line_start(text, at, floor);
        }
        if text[at] == b'<' {
            return at;
        }
        let inside_crlf = at > floor && text[at] == b'\n' && text[at - 1] == b'\r';
        let at = if inside_crlf { at - 1 } else { at };
        match memrchr3(b'\n', b'\r', b'<', &text[floor..at]) {
            None => floor,
            Some(found) if text[floor + found] == b'<' => floor + found,
            Some(found) => floor + found + 1,
        }
    }

    /// Where the unit after the one at `from` begins, if the latter ends before `limit`.
    pub(super) fn next(self, text: &[u8], from: usize, limit: usize) -> Option<usize> {
        let limit = limit.min(text.len());
        if self == Self::Lines || text.get(from).is_none_or(|byte| matches!(byte, b'\n' | b'\r')) {
            return next_line(text, from, limit);
        }
        let found = from + 1 + memchr3(b'\n', b'\r', b'<', text.get(from + 1..limit)?)?;
        if text[found] == b'<' { Some(found) } else { next_line(text, found, limit) }
    }

    /// Whether a unit begins at byte `at`.
    pub(super) fn begins(self, text: &[u8], at: usize) -> bool {
        is_line_start(text, at) || self == Self::Tags && text.get(at) == Some(&b'<')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(units: Units, text: &str, expected: &[usize]) {
        let text = text.as_bytes();
        let mut walked = vec![0];
        while let Some(next) = units.next(text, walked[walked.len() - 1], text.len()).filter(|next| *next < text.len())
        {
            walked.push(next);
        }
        assert_eq!(walked, expected);
        for at in 0..text.len() {
            let holder = expected.iter().rev().find(|start| **start <= at);
            assert_eq!(Some(&units.start(text, at, 0)), holder, "byte {at}");
            assert_eq!(units.begins(text, at), expected.contains(&at), "byte {at}");
        }
    }

    #[test]
    fn tags_begin_units_in_xml_only() {
        check(Units::Tags, "<a><b>x</b>\r\n  <c/>\n\n</a>", &[0, 3, 7, 13, 15, 20, 21]);
        check(Units::Lines, "<a><b>x</b>\r\n  <c/>", &[0, 13]);
    }
}
