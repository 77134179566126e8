//! Counts the records of a block and finds its first and last time, without reading records.
//!
//! Called once per block for the report's list of entries; looks at the start of each line only.

use jiff::civil::DateTime;

use super::layout::{Line, classify, columns};
use super::lines::next_line;
use super::{Block, Event, LogFormat};

/// What [`count`] found.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// How many records begin in the block; text before the first one counts as one.
    pub records: u64,
    /// Local time of the first and of the last record that has one of its own.
    pub times: Option<(DateTime, DateTime)>,
}

/// Counts the records of a block of that format.
pub fn count(format: LogFormat, block: &Block) -> Counts {
    if !block.events.is_empty() {
        let mut times = block.events.iter().filter_map(Event::time);
        let first = times.next();
        let last = times.next_back().or(first);
        return Counts { records: block.events.len() as u64, times: first.zip(last) };
    }
    let text = block.text.as_bytes();
    let time_of = |at: usize| {
        let end = next_line(text, at, text.len()).unwrap_or(text.len());
        columns(format, &block.header, Line::First, &block.text[at..end]).time
    };
    let mut counts = Counts::default();
    let mut first = None;
    let mut last = None;
    let mut next = (!text.is_empty()).then_some(0);
    while let Some(at) = next {
        match classify(format, &block.header, &block.text[at..]) {
            Line::First => {
                counts.records += 1;
                first = first.or_else(|| time_of(at));
                last = Some(at);
            }
            Line::Worker => counts.records += 1,
            Line::Continued if counts.records == 0 => counts.records = 1,
            Line::Continued => {}
        }
        next = next_line(text, at, text.len()).filter(|next| *next < text.len());
    }
    counts.times = first.map(|first| (first, last.and_then(time_of).unwrap_or(first)));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: LogFormat, text: &str, records: u64, times: &str) {
        let block = Block { first_line: 1, text: text.to_owned(), ..Block::default() };
        let counts = count(format, &block);
        let shown = counts.times.map(|(first, last)| format!("{first} {last}"));
        assert_eq!((counts.records, shown.as_deref().unwrap_or("-")), (records, times), "{text}");
    }

    #[test]
    fn stamped_and_worker_lines_are_records_and_continuations_are_not() {
        let text = "2020-07-08 10:24:58, Info  SP  a\r\n  more\r\n[7952] b\r\n2020-07-08 10:25:01, Info  SP  c\r\n";
        check(LogFormat::Setupact, text, 3, "2020-07-08T10:24:58 2020-07-08T10:25:01");
    }

    #[test]
    fn plain_lines_are_records_without_time() {
        check(LogFormat::Plain, "a\nb\n\nc", 3, "-");
        check(LogFormat::Plain, "", 0, "-");
    }
}
