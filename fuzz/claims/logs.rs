//! Any text can be read as a log of any format: its blocks joined are the text, its records lie in them in order,
//! and a record found from inside is the record found by reading on.

use casebook::logs::{self, Block, Blocks, LogFormat, Record, Records};
use casebook::text::{TextReader, line_ends};

/// Reads the bytes after the first two as a log; the first picks the format, the second the size of a block.
pub fn check(data: &[u8]) {
    let [format, size, bytes @ ..] = data else { return };
    let formats: Vec<LogFormat> = LogFormat::ALL.into_iter().filter(|format| format.is_text()).collect();
    let format = formats[usize::from(*format) % formats.len()];
    logs::recognise("a.log", bytes);
    let mut text = String::new();
    TextReader::new(bytes).fill(&mut text, usize::MAX).expect("memory can be read");
    let mut blocks = Blocks::with_size(format, bytes, 1 + usize::from(*size) * 8);
    let mut joined = String::new();
    for block in blocks.by_ref() {
        let block = block.expect("memory can be read");
        assert_eq!(block.first_line, line_ends(&joined) + 1);
        check_block(format, &block);
        joined.push_str(&block.text);
    }
    assert!(joined == text, "the blocks joined are not the text");
    assert_eq!(blocks.bytes(), bytes.len() as u64);
}

/// Reads the records of a block in each way there is.
pub(crate) fn check_block(format: LogFormat, block: &Block) {
    logs::count(format, block);
    logs::services(format, block);
    let records: Vec<Record<'_>> = Records::new(format, block).collect();
    let mut end = 0;
    for record in &records {
        assert!(record.start >= end && record.end >= record.start, "records overlap at byte {}", record.start);
        assert_eq!(block.text.get(record.start..record.end), Some(record.text));
        end = record.end;
    }
    let mut from_starts = Records::new(format, block);
    let mut from_insides = Records::new(format, block);
    for record in &records {
        assert_eq!(&from_starts.at(record.start), record);
        let inside = record.start + (record.end - record.start) * 2 / 3;
        assert_eq!(&from_insides.at(inside), record);
        assert_eq!(&from_insides.at(record.start), record, "a place before the last one");
    }
    for record in records.iter().step_by(7) {
        assert_eq!(&Records::new(format, block).at(record.start), record, "a place without those before it");
    }
    if block.events.is_empty() {
        for record in &records {
            assert_eq!(record.line, block.first_line + line_ends(&block.text[..record.start]));
        }
    }
}
