//! Counts the records of a block and finds its earliest and latest time.
//!
//! Called once per block for the report's list of entries. Clocks are set back while logs are
//! written, so every record's time is read, not only that of the first and the last.

use jiff::civil::DateTime;

use super::layout::{Line, Opening, classify, columns};
use super::units::Units;
use super::{Block, LogFormat};

/// What [`count`] found.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// How many records begin in the block; text before the first one counts as one.
    pub records: u64,
    /// The earliest and the latest local time of the records.
    pub times: Option<(DateTime, DateTime)>,
}

/// Counts the records of a block of that format.
pub fn count(format: LogFormat, block: &Block) -> Counts {
    if !block.events.is_empty() {
        let times = || block.events.times();
        return Counts { records: block.events.len() as u64, times: times().min().zip(times().max()) };
    }
    let mut count = Count { format, block, counts: Counts::default(), opening: Opening::default() };
    let text = block.text.as_bytes();
    let units = Units::of(format, &block.header);
    let mut current = None;
    let mut next = (!text.is_empty()).then_some(0);
    while let Some(at) = next {
        let line = classify(format, &block.header, &block.text[at..]);
        if line != Line::Continued {
            count.close(current, at);
            current = Some((line, at));
        }
        if line != Line::Continued || count.counts.records == 0 {
            count.counts.records += 1;
        }
        next = units.next(text, at, text.len()).filter(|next| *next < text.len());
    }
    count.close(current, text.len());
    count.counts
}

struct Count<'b> {
    format: LogFormat,
    block: &'b Block,
    counts: Counts,
    opening: Opening<'b>,
}

impl Count<'_> {
    /// Takes note of the time of the record that began with that line and ends at `end`.
    fn close(&mut self, current: Option<(Line, usize)>, end: usize) {
        let Some((line @ (Line::First | Line::Within), start)) = current else { return };
        let mut columns = columns(self.format, &self.block.header, line, &self.block.text[start..end]);
        if line == Line::First {
            self.opening = columns.opening();
        } else {
            columns.stand_within(self.opening);
        }
        let Some(time) = columns.time else { return };
        let (first, last) = self.counts.times.unwrap_or((time, time));
        self.counts.times = Some((first.min(time), last.max(time)));
    }
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

    #[test]
    fn a_clock_that_was_set_back_does_not_shorten_the_log() {
        let text = "2020-07-08 11:00:00, Info  SP  a\r\n2020-07-08 10:00:00, Info  SP  b\r\n2020-07-08 10:30:00, Info  SP  c\r\n";
        check(LogFormat::Setupact, text, 3, "2020-07-08T10:00:00 2020-07-08T11:00:00");
    }

    #[test]
    fn times_behind_the_message_and_of_the_opening_count() {
        let text = "<![LOG[a\r\nb]LOG]!><time=\"08:53:19.5+240\" date=\"05-06-2026\">\r\n";
        check(LogFormat::CmTrace, text, 1, "2026-05-06T08:53:19.5 2026-05-06T08:53:19.5");
        let text = "=== Logging started: 24.3.2021  15:56:08 ===\r\nMSI (s) (84:58) [15:56:09:000]: a\r\n";
        check(LogFormat::Msi, text, 2, "2021-03-24T15:56:08 2021-03-24T15:56:09");
    }
}
