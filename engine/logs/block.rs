//! Cuts an entry's text into blocks of whole records.
//!
//! Called by the scan, which hands each block to a thread of its own: a block is searched as raw
//! text and read as records only around hits. A block begins where a record begins, and never
//! between a worker's line and the stamped record whose time it takes. Only text that holds no
//! such place for four times the size of a block is cut at a line end, and only a line as long as
//! that within the line. The texts of all blocks, joined, are the text of the entry.

use std::io::{self, Read};

use crate::text::{Encoding, TextReader, line_ends};

use super::layout::{Line, classify};
use super::lines::{first_line, line_start};
use super::offset::utc_offset;
use super::procmon::{self, Header};
use super::units::Units;
use super::{Events, LogFormat, lines};

/// Large enough that a thread is worth waking, small enough to stay in the cache of its core.
const BLOCK: usize = 4 * 1024 * 1024;
/// How many times its size a block may grow while no place to cut is found; with 4 even a block of
/// one byte has room for any character.
const PATIENCE: usize = 4;
/// What a reader may append beyond what was asked for.
const SLACK: usize = 512 * 1024;

/// Text of whole records with the number of its first line.
#[derive(Default, Debug)]
pub struct Block {
    /// The 1-based number of the line the text begins with, in the entry.
    pub first_line: u64,
    /// The text, line ends as they were.
    pub text: String,
    /// The header row of the entry's table; empty where the format has none.
    pub header: Header,
    /// The events whose lines the text shows; empty where the log is text.
    pub events: Events,
}

/// Reads an entry's stream as blocks of about 4 MiB.
///
/// Where the stream fails, all text before the failure comes first, then the error, and that is
/// the end.
pub struct Blocks<R> {
    format: LogFormat,
    reader: TextReader<R>,
    size: usize,
    /// Text that was read but belongs to the next block.
    tail: String,
    ended: bool,
    failure: Option<io::Error>,
    header: Option<Header>,
    line_ends: u64,
    unended_line: u64,
    utc_offset: Option<i32>,
}

impl<R: Read> Blocks<R> {
    /// Reads a stream as text of that format.
    pub fn new(format: LogFormat, reader: R) -> Self {
        Self::with_size(format, reader, BLOCK)
    }

    /// Reads a stream as blocks of about so many bytes.
    pub fn with_size(format: LogFormat, reader: R, bytes: usize) -> Self {
        Self {
            format,
            reader: TextReader::new(reader),
            size: bytes.max(1),
            tail: String::new(),
            ended: false,
            failure: None,
            header: None,
            line_ends: 0,
            unended_line: 0,
            utc_offset: None,
        }
    }

    /// The encoding of what was read so far.
    pub fn encoding(&self) -> Encoding {
        self.reader.encoding()
    }

    /// How many bytes of the stream were read so far.
    pub fn bytes(&self) -> u64 {
        self.reader.bytes()
    }

    /// How many lines the blocks so far hold.
    pub fn lines(&self) -> u64 {
        self.line_ends + self.unended_line
    }

    /// The minutes the entry's local time is ahead of UTC, once a block told it.
    pub fn utc_offset(&self) -> Option<i32> {
        self.utc_offset
    }

    /// The text of the next block; empty at the end of the stream.
    fn cut_text(&mut self) -> String {
        let mut text = String::with_capacity(self.size + SLACK.min(self.size));
        text.push_str(&self.tail);
        self.tail.clear();
        let mut wanted = self.size;
        loop {
            while !self.ended && text.len() < wanted {
                let missing = wanted - text.len();
                let read = self.reader.fill(&mut text, missing);
                self.ended = !matches!(read, Ok(1..));
                self.failure = read.err();
            }
            if self.ended && text.len() <= wanted {
                return text;
            }
            let header = self.header(&text);
            let mut place = cut_at_record(self.format, &header, &text, wanted);
            if place.is_none() && wanted >= self.size * PATIENCE {
                place = Some(cut_anywhere(&text, wanted));
            }
            if let Some(at) = place {
                self.tail.push_str(&text[at..]);
                text.truncate(at);
                return text;
            }
            wanted += self.size;
        }
    }

    /// The entry's header, told by its first line only.
    fn header(&mut self, text: &str) -> Header {
        let read = || {
            let row = &text[lines::leading_blank_lines(text)..];
            match self.format {
                LogFormat::Procmon => procmon::header(first_line(row)).unwrap_or_default(),
                LogFormat::SetupDiag if row.trim_start().starts_with('<') => Header::of_xml(),
                _ => Header::default(),
            }
        };
        self.header.get_or_insert_with(read).clone()
    }
}

impl<R: Read> Iterator for Blocks<R> {
    type Item = io::Result<Block>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.cut_text();
        if text.is_empty() {
            return self.failure.take().map(Err);
        }
        let first_line = self.line_ends + 1;
        self.line_ends += line_ends(&text);
        self.unended_line = u64::from(!text.ends_with(['\n', '\r']));
        self.utc_offset = self.utc_offset.or_else(|| utc_offset(self.format, &text));
        let header = self.header(&text);
        Some(Ok(Block { first_line, text, header, events: Events::default() }))
    }
}

/// The last place before `limit` where a record begins after one that needs nothing from it.
fn cut_at_record(format: LogFormat, header: &Header, text: &str, limit: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let units = Units::of(format, header);
    let mut candidate = None;
    let mut end = limit;
    while end > 0 {
        let start = units.start(bytes, end - 1, 0);
        match classify(format, header, &text[start..]) {
            Line::First if candidate.is_some() => return candidate,
            Line::First if start > 0 => candidate = Some(start),
            Line::Worker => candidate = None,
            _ => {}
        }
        end = start;
    }
    candidate
}

/// A place to cut text without records: its last line start before `limit`, or near `limit` if it
/// is all one line; never inside a CRLF, of which the second half may not have been read yet.
fn cut_anywhere(text: &str, limit: usize) -> usize {
    let limit = text.floor_char_boundary(limit);
    match line_start(text.as_bytes(), limit - 1, 0) {
        0 if text[..limit].ends_with('\r') => (limit - 1).max(1),
        0 => limit,
        start => start,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "remark\r\n2020-07-08 10:24:58, Info SP a\r\nmore\r\n[7952] b\r\n2020-07-08 10:24:59, Info SP c\r\n\r\n2020-07-08 10:25:00, Info SP d\r\n";

    fn check(format: LogFormat, size: usize, text: &str) -> Vec<Block> {
        let mut blocks = Blocks::with_size(format, text.as_bytes(), size);
        let mut read = Vec::new();
        for block in blocks.by_ref() {
            read.push(block.unwrap());
        }
        let joined: String = read.iter().map(|block| block.text.as_str()).collect();
        assert_eq!(joined, text);
        let mut before = String::new();
        for block in &read {
            assert_eq!(block.first_line, line_ends(&before) + 1);
            before.push_str(&block.text);
        }
        assert_eq!(blocks.bytes(), text.len() as u64);
        read
    }

    #[test]
    fn blocks_joined_are_the_text_at_every_size() {
        for size in 1..LOG.len() + 2 {
            check(LogFormat::Setupact, size, LOG);
            check(LogFormat::Plain, size, LOG);
        }
    }

    #[test]
    fn a_worker_stays_with_the_record_that_sums_it_up() {
        let text = LOG.repeat(20);
        let blocks = check(LogFormat::Setupact, 200, &text);
        assert!(blocks.len() > 5);
        for block in blocks {
            let worker = block.text.rfind("[7952]");
            assert!(worker.is_none_or(|at| block.text[at..].contains("SP c")), "{}", block.text);
        }
    }

    #[test]
    fn text_without_records_is_cut_at_line_ends() {
        let blocks = check(LogFormat::Cbs, 32, &"  (0) nothing here\r\n".repeat(40));
        assert!(blocks.len() > 3 && blocks.iter().all(|block| block.text.ends_with("\r\n")));
    }

    #[test]
    fn a_line_without_end_is_cut_and_counts_once() {
        let text = "错".repeat(2000);
        let blocks = check(LogFormat::Plain, 64, &text);
        assert!(blocks.iter().all(|block| block.first_line == 1));
        let mut blocks = Blocks::new(LogFormat::Plain, "a\nb".as_bytes());
        assert_eq!(blocks.by_ref().count(), 1);
        assert_eq!(blocks.lines(), 2);
    }

    #[test]
    fn every_block_of_a_table_knows_the_header() {
        let text = "Operation,Path\r\n".to_owned() + &"CreateFile,C:\\a\r\n".repeat(30);
        for block in check(LogFormat::Procmon, 64, &text) {
            assert_eq!(procmon::columns(&block.header, "Load Image,C:\\").fields.len(), 2);
        }
    }

    #[test]
    fn the_zone_is_learnt_from_any_block() {
        let text = LOG.repeat(9) + "2023-05-17 08:44:12, Info CSI 1@2023/5/17:15:44:12.956 Init\r\n";
        let mut blocks = Blocks::with_size(LogFormat::Cbs, text.as_bytes(), 64);
        assert!(blocks.by_ref().count() > 5);
        assert_eq!(blocks.utc_offset(), Some(-420));
    }
    #[test]
    fn a_stream_that_breaks_off_gives_its_text_then_the_error_then_nothing() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the archive ends here"))
            }
        }
        let mut blocks = Blocks::new(LogFormat::Plain, "a\nb".as_bytes().chain(Broken));
        assert_eq!(blocks.next().unwrap().unwrap().text, "a\nb");
        assert!(blocks.next().unwrap().is_err());
        assert!(blocks.next().is_none());
    }
}
