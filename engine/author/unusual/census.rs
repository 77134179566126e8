//! Counts the records of logs by shape, with the first record of each; memory does not grow with the logs.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read;

use super::{Search, rank, shape};
use crate::author::AuthorError;
use crate::bundle;
use crate::logs::{self, Block, Blocks, LogFormat, Record, Records};

/// How many shapes are kept apart.
const MOST: usize = 50_000;

/// Longest text of a record that is kept.
const LONGEST: usize = 2 << 10;

/// How many lines of a record are kept.
const MOST_LINES: usize = 8;

/// Largest binary log that is kept in memory while it is read.
const KEPT_IN_MEMORY: u64 = 64 << 20;

/// How much of a file in memory is looked at to recognise it.
const HEAD: usize = 64 << 10;

/// One record, apart from its log.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    /// Its place among all that were read.
    pub(super) number: u64,
    pub(super) entry: String,
    pub(super) line: u64,
    pub(super) format: LogFormat,
    pub(super) text: String,
    pub(super) message: String,
    pub(super) level: String,
    pub(super) component: String,
    pub(super) fields: Vec<(String, String)>,
}

/// Records of one shape.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) count: u64,
    pub(super) first: Sample,
}

/// All shapes that were met.
#[derive(Debug, Default)]
pub(super) struct Census {
    pub(super) kinds: HashMap<u64, Kind>,
    /// Records whose shape is not kept.
    pub(super) lost: u64,
    records: u64,
    shape: String,
}

impl Sample {
    /// A field of an event.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The record as rules see it.
    pub(super) fn record(&self) -> Record<'_> {
        let own = |text: &'_ str| !text.is_empty();
        let fields = self.fields.iter();
        Record {
            line: self.line,
            start: 0,
            end: self.text.len(),
            text: &self.text,
            message: &self.message,
            time: None,
            level: Some(self.level.as_str()).filter(|text| own(text)),
            component: Some(self.component.as_str()).filter(|text| own(text)),
            fields: fields.map(|(name, value)| (Cow::from(name.as_str()), Cow::from(value.as_str()))).collect(),
        }
    }
}

impl Census {
    /// Every shape's first record and how often it was met, in the order of the logs.
    pub(super) fn samples(&self) -> impl Iterator<Item = (&Sample, u64)> {
        let mut kinds: Vec<&Kind> = self.kinds.values().collect();
        kinds.sort_by_key(|kind| kind.first.number);
        kinds.into_iter().map(|kind| (&kind.first, kind.count))
    }

    /// Counts a log that is in memory.
    pub(super) fn count_file(&mut self, path: &str, bytes: &[u8]) {
        let format = logs::recognise(path, &bytes[..bytes.len().min(HEAD)]);
        if format.is_text() {
            self.count_text(path, format, bytes);
        } else if format.is_events() {
            self.count_events(path, format, std::io::Cursor::new(bytes));
        }
    }

    /// Counts a bundle; gives what of it was not read.
    pub(super) fn count_bundle(
        &mut self,
        search: &Search<'_>,
        progress: &dyn Fn(u64),
    ) -> Result<Vec<String>, AuthorError> {
        let mut bytes = 0;
        let mut unread = Vec::new();
        let summary = bundle::walk(search.paths, search.limits, search.passwords, &mut |member| {
            let format = logs::recognise(member.path, member.head);
            let path = member.path.to_owned();
            let mut reader = Counted { inner: member.reader, bytes: &mut bytes, progress };
            if format.is_text() {
                self.count_text(&path, format, &mut reader);
            } else if format.is_events() {
                match bundle::keep(&mut reader, KEPT_IN_MEMORY) {
                    Ok((events, _)) => self.count_events(&path, format, events),
                    Err(error) => unread.push(format!("{path} cannot be kept for reading: {error}")),
                }
            }
        })?;
        unread.extend(summary.problems.into_iter().map(|problem| format!("{}: {}", problem.entry, problem.message)));
        Ok(unread)
    }

    fn count_text(&mut self, path: &str, format: LogFormat, reader: impl Read) {
        // A read error ends the entry; `bundle` has noted it as a problem already.
        for block in Blocks::new(format, reader).map_while(Result::ok) {
            self.count_block(path, format, &block);
        }
    }

    fn count_events(&mut self, path: &str, format: LogFormat, source: impl Read + std::io::Seek) {
        logs::read_events(format, source, &mut |block| {
            self.count_block(path, format, &block);
            true
        });
    }

    fn count_block(&mut self, path: &str, format: LogFormat, block: &Block) {
        for record in Records::new(format, block) {
            self.records += 1;
            let key = shape::key(format, &record, &mut self.shape);
            match self.kinds.get_mut(&key) {
                Some(kind) => kind.count += 1,
                None => self.add(key, path, format, &record),
            }
        }
    }

    /// Adds a new shape; where there are too many, those that look like no failure give way.
    fn add(&mut self, key: u64, path: &str, format: LogFormat, record: &Record<'_>) {
        if self.kinds.len() >= MOST {
            let before = self.kinds.len();
            self.kinds.retain(|_, kind| rank::is_suspect(&kind.first));
            self.lost += (before - self.kinds.len()) as u64;
        }
        if self.kinds.len() >= MOST {
            self.lost += 1;
            return;
        }
        let first = sample(self.records, path, format, record);
        self.kinds.insert(key, Kind { count: 1, first });
    }
}

fn sample(number: u64, path: &str, format: LogFormat, record: &Record<'_>) -> Sample {
    let has_fields = shape::by_fields(format);
    let fields = record.fields.iter().filter(|_| has_fields);
    Sample {
        number,
        entry: path.to_owned(),
        line: record.line,
        format,
        text: beginning(record.text),
        message: beginning(record.message),
        level: record.level.unwrap_or_default().to_owned(),
        component: record.component.unwrap_or_default().to_owned(),
        fields: fields.map(|(name, value)| (name.to_string(), beginning(value))).collect(),
    }
}

/// The first lines of a text, as far as they are kept.
fn beginning(text: &str) -> String {
    let mut kept = String::new();
    for line in text.lines().take(MOST_LINES) {
        if kept.len() + line.len() > LONGEST {
            kept.push_str(&line[..line.floor_char_boundary(LONGEST - kept.len().min(LONGEST))]);
            break;
        }
        if !kept.is_empty() {
            kept.push('\n');
        }
        kept.push_str(line);
    }
    kept
}

/// Tells how many bytes have passed.
struct Counted<'c> {
    inner: &'c mut dyn Read,
    bytes: &'c mut u64,
    progress: &'c dyn Fn(u64),
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        *self.bytes += count as u64;
        (self.progress)(*self.bytes);
        Ok(count)
    }
}
