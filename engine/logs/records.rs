//! Finds and reads the records of a block.
//!
//! Called by the matcher with the place of a hit: only the record around it is split into columns.
//! Lines without a stamp belong to the record before them. Records are cut at 256 lines, 4096 tags or 64 KiB,
//! so that the cost of text without stamps stays proportional to its length; what is cut off
//! follows as records without columns. Every step remembers how far it has looked, so that all
//! hits in a block together cost one pass over it at most.

use std::borrow::Cow;
use std::ops::Range;

use jiff::civil::DateTime;

use crate::text::line_ends;

use super::layout::{Line, Opening, classify, columns};
use super::lines::{leading_blank_lines, without_blank_tail};
use super::units::Units;
use super::{Block, LogFormat};

const LONGEST_LINES: usize = 256;
const MOST_TAGS: usize = 4096;
const LONGEST_BYTES: usize = 64 * 1024;

/// One event of a log: a line with the lines that continue it.
#[derive(Clone, PartialEq, Debug)]
pub struct Record<'t> {
    /// The 1-based number of its first line, in the entry.
    pub line: u64,
    /// Where it starts in its block, in bytes.
    pub start: usize,
    /// Where it ends in its block: before the end of its last line that is not blank.
    pub end: usize,
    /// Its text as it stands in the log.
    pub text: &'t str,
    /// What follows the columns, with all lines that continue it.
    pub message: &'t str,
    /// Its local time; one without a stamp takes that of the stamped record it belongs to.
    pub time: Option<DateTime>,
    /// Its level in the log's own words.
    pub level: Option<&'t str>,
    /// The component that wrote it.
    pub component: Option<&'t str>,
    /// Further columns by name, such as `event`, `pid`, `tid`, or a trace's `operation`, `path`.
    pub fields: Vec<(Cow<'t, str>, Cow<'t, str>)>,
}

/// Reads the records of one block, forward only.
pub struct Records<'b> {
    format: LogFormat,
    block: &'b Block,
    /// What belongs to the record last found, blank lines after it included.
    span: Range<usize>,
    kind: Line,
    line: u64,
    units: Units,
    behind: Behind<'b>,
    ahead: Option<Ahead>,
    next_event: usize,
}

/// The last stamped record known before some place.
struct Behind<'b> {
    looked_to: usize,
    opening: Opening<'b>,
}

/// The time of the first stamped record after `from`, which is at `at` or nowhere.
#[derive(Clone, Copy)]
struct Ahead {
    from: usize,
    at: Option<usize>,
    time: Option<DateTime>,
}

impl<'b> Records<'b> {
    /// Begins at the start of a block.
    pub fn new(format: LogFormat, block: &'b Block) -> Self {
        Self {
            format,
            block,
            span: 0..0,
            kind: Line::Continued,
            line: block.first_line,
            units: Units::of(format, &block.header),
            behind: Behind { looked_to: 0, opening: Opening::default() },
            ahead: None,
            next_event: 0,
        }
    }

    /// The record that holds byte `at` of the block; calls must come with rising `at`.
    ///
    /// A blank line belongs to the record before it. A place before the record of the last call
    /// gets that record again, and one past the block the last record. Each call reads the record
    /// anew, so a caller with many hits asks [`Records::span`] whether the next is in it too.
    pub fn at(&mut self, at: usize) -> Record<'b> {
        let events = &self.block.events;
        if let Some(record) = events.record(events.at(at), &self.block.text) {
            return record;
        }
        self.seek(at);
        self.read()
    }

    /// The bytes for which [`Records::at`] gives the same record as for `at`, without reading it.
    pub fn span(&mut self, at: usize) -> Range<usize> {
        self.seek(at);
        self.span.clone()
    }

    fn bytes(&self) -> &'b [u8] {
        self.block.text.as_bytes()
    }

    fn classify(&self, at: usize) -> Line {
        classify(self.format, &self.block.header, &self.block.text[at..])
    }

    fn seek(&mut self, at: usize) {
        let text = self.bytes();
        let at = at.min(text.len().saturating_sub(1));
        if at < self.span.end || text.is_empty() {
            return;
        }
        let floor = self.span.end;
        let mut start = self.units.start(text, at, floor);
        while start > floor && self.classify(start) == Line::Continued {
            start = self.units.start(text, start - 1, floor);
        }
        self.move_to(start);
        while at >= self.span.end {
            self.move_to(self.span.end);
        }
    }

    /// Makes the record that begins at `start` the current one.
    fn move_to(&mut self, start: usize) {
        self.line += line_ends(&self.block.text[self.span.start..start]);
        let begins_unit = self.units.begins(self.bytes(), start);
        self.kind = if begins_unit { self.classify(start) } else { Line::Continued };
        self.span = start..self.end_of_record(start);
    }

    fn end_of_record(&self, start: usize) -> usize {
        let text = self.bytes();
        let limit = start.saturating_add(LONGEST_BYTES).min(text.len());
        let Some(mut end) = self.units.next(text, start, limit) else {
            return self.block.text.floor_char_boundary(limit);
        };
        let most = if self.units == Units::Tags { MOST_TAGS } else { LONGEST_LINES };
        for _ in 1..most {
            if end >= limit || self.classify(end) != Line::Continued {
                break;
            }
            end = match self.units.next(text, end, limit) {
                Some(next) => next,
                None if limit == text.len() => limit,
                None => break,
            };
        }
        end
    }

    fn read(&mut self) -> Record<'b> {
        let whole = &self.block.text[self.span.clone()];
        let whole = if whole.trim().is_empty() { "" } else { without_blank_tail(whole) };
        let blank = leading_blank_lines(whole);
        let text = &whole[blank..];
        let start = self.span.start + blank;
        let mut columns = columns(self.format, &self.block.header, self.kind, text);
        let time = match self.kind {
            Line::First => columns.time,
            Line::Worker => self.time_ahead().or_else(|| self.opening_behind().time),
            Line::Continued => self.opening_behind().time,
            Line::Within => {
                columns.stand_within(self.opening_behind());
                columns.time
            }
        };
        columns.fields.extend(columns.section.map(|title| (Cow::Borrowed("section"), Cow::Borrowed(title))));
        Record {
            line: self.line + line_ends(&whole[..blank]),
            start,
            end: start + text.len(),
            text,
            message: columns.message,
            time,
            level: columns.level,
            component: columns.component,
            fields: columns.fields,
        }
    }

    /// What the nearest stamped record before the current one tells.
    fn opening_behind(&mut self) -> Opening<'b> {
        let mut at = self.span.start;
        while at > self.behind.looked_to {
            at = self.units.start(self.bytes(), at - 1, self.behind.looked_to);
            if self.units.begins(self.bytes(), at) && self.classify(at) == Line::First {
                self.behind.opening = self.opening_at(at);
                break;
            }
        }
        self.behind.looked_to = self.span.start;
        self.behind.opening
    }

    /// The time of the nearest stamped record after the current one.
    fn time_ahead(&mut self) -> Option<DateTime> {
        let text = self.bytes();
        let from = self.span.end;
        let known = self.ahead.filter(|ahead| ahead.at.is_none_or(|at| from <= at));
        let ahead = known.filter(|ahead| ahead.from <= from).unwrap_or_else(|| {
            let mut next = (from < text.len()).then_some(from);
            while let Some(at) = next.filter(|at| self.classify(*at) != Line::First) {
                next = self.units.next(text, at, text.len()).filter(|next| *next < text.len());
            }
            Ahead { from, at: next, time: next.and_then(|at| self.opening_at(at).time) }
        });
        self.ahead = Some(ahead);
        ahead.time
    }

    fn opening_at(&self, at: usize) -> Opening<'b> {
        let end = self.end_of_record(at);
        columns(self.format, &self.block.header, Line::First, &self.block.text[at..end]).opening()
    }
}

impl<'b> Iterator for Records<'b> {
    type Item = Record<'b>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(record) = self.block.events.record(self.next_event, &self.block.text) {
            self.next_event += 1;
            return Some(record);
        }
        while self.block.events.is_empty() && self.span.end < self.block.text.len() {
            let record = self.at(self.span.end);
            if !record.text.is_empty() {
                return Some(record);
            }
        }
        None
    }
}
