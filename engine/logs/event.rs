//! Logs of events: each becomes named values and one line of text that shows them.
//!
//! The readers of event logs and traces hand events to [`EventBlocks`]; the matcher searches the lines like any log's
//! and gets back the values of the events it hit. So such a log needs nothing of the matcher but a reader. The names
//! and values of a block stand in one text, because a string for each would cost more than reading them.

use std::collections::BTreeSet;
use std::fmt::{Display, Write};
use std::io::{Read, Seek};
use std::ops::Range;

use jiff::civil::DateTime;

use super::{Block, LogFormat, Record, channel, eventxml, evtx, pml};

/// About how much text a block of events holds.
const BLOCK: usize = 1 << 20;

/// Longest value that is kept; what a program writes beyond that is no evidence.
const LONGEST_VALUE: usize = 16 << 10;

/// The events of a block, in the order of their lines.
#[derive(Default, Debug)]
pub struct Events {
    all: Vec<Event>,
    values: Values,
}

/// One event of a block.
#[derive(Debug)]
struct Event {
    span: Range<usize>,
    number: u64,
    time: Option<DateTime>,
    level: Option<&'static str>,
    /// Length of the component, with which the line begins.
    component: usize,
    fields: Range<usize>,
}

/// Names and values, one behind the other in one text.
#[derive(Default, Debug)]
struct Values {
    text: String,
    /// Where each name and its value end.
    ends: Vec<(usize, usize)>,
}

/// What a reader knows of one event; used again for the next.
#[derive(Default, Debug)]
pub(super) struct Draft {
    /// The event's number in its log.
    pub(super) number: u64,
    /// Its time in UTC.
    pub(super) time: Option<DateTime>,
    /// Its level, in the words Windows shows.
    pub(super) level: Option<&'static str>,
    values: Values,
}

/// How the line of an event is made of its values.
pub(super) struct Layout {
    /// The value that stands in front without its name, as the component.
    pub(super) component: &'static str,
    /// Names of the values that the line does not show.
    pub(super) hidden: &'static [&'static str],
}

/// Reads such a log as blocks of events, which `take` gets one after the other until it wants no more. Gives what
/// could not be read, one sentence each.
pub fn read_events<S: Read + Seek>(format: LogFormat, source: S, take: &mut dyn FnMut(Block) -> bool) -> Vec<String> {
    let mut blocks = EventBlocks { take, layout: layout(format), block: Block::default(), open: true };
    let losses = match format {
        LogFormat::Evtx => evtx::read(source, &mut blocks),
        LogFormat::EventXml => eventxml::read(source, &mut blocks),
        LogFormat::Pml => pml::read(source, &mut blocks),
        _ => Vec::new(),
    };
    blocks.flush();
    losses
}

/// A block of events with these values by name, as the reader of such a log would give it.
pub fn event_block(format: LogFormat, events: &[Vec<(String, String)>]) -> Block {
    let mut block = Block::default();
    let mut draft = Draft::default();
    for (number, values) in (1..).zip(events) {
        draft.clear();
        values.iter().for_each(|(name, value)| draft.add(name, value));
        draft.number = number;
        eventxml::read_stamps(&mut draft);
        append(&mut block, layout(format), &draft);
    }
    block
}

/// The Sigma services whose logs the events of a block belong to.
pub fn services(format: LogFormat, block: &Block) -> BTreeSet<&'static str> {
    match format {
        LogFormat::Evtx | LogFormat::EventXml => {
            let channels = block.events.all.iter().filter_map(|event| block.events.value(event, "Channel"));
            channels.filter_map(channel::service).collect()
        }
        _ => BTreeSet::from([format.service()]),
    }
}

/// Whether a value of this name may be missing in the line of text that shows an event.
pub fn is_hidden(name: &str) -> bool {
    let hidden = [&evtx::LAYOUT, &pml::LAYOUT].into_iter().flat_map(|layout| layout.hidden);
    hidden.into_iter().any(|hidden| hidden.eq_ignore_ascii_case(name))
}

/// Gathers events into blocks.
pub(super) struct EventBlocks<'t> {
    take: &'t mut dyn FnMut(Block) -> bool,
    layout: &'static Layout,
    block: Block,
    open: bool,
}

impl EventBlocks<'_> {
    /// Adds an event; false once no more are wanted.
    pub(super) fn push(&mut self, draft: &Draft) -> bool {
        append(&mut self.block, self.layout, draft);
        if self.block.text.len() >= BLOCK {
            self.flush();
        }
        self.open
    }

    fn flush(&mut self) {
        let block = std::mem::take(&mut self.block);
        if self.open && !block.events.is_empty() {
            self.open = (self.take)(block);
        }
    }
}

fn layout(format: LogFormat) -> &'static Layout {
    if format == LogFormat::Pml { &pml::LAYOUT } else { &evtx::LAYOUT }
}

fn append(Block { text, events, .. }: &mut Block, layout: &Layout, draft: &Draft) {
    let start = text.len();
    text.push_str(draft.get(layout.component).unwrap_or_default());
    let component = text.len() - start;
    let first = events.values.ends.len();
    for (name, value) in draft.values.range(0..draft.values.ends.len()) {
        events.values.add(name, value);
        let is_shown = !value.is_empty() && name != layout.component && !layout.hidden.contains(&name);
        if is_shown {
            let separator = if text.len() == start { "" } else { " | " };
            text.extend([separator, name, ": ", value]);
        }
    }
    let span = start..text.len();
    text.push('\n');
    let fields = first..events.values.ends.len();
    let Draft { number, time, level, .. } = *draft;
    events.all.push(Event { span, number, time, level, component, fields });
}

impl Draft {
    /// Forgets the last event.
    pub(super) fn clear(&mut self) {
        let Draft { number, time, level, values } = self;
        (*number, *time, *level) = (0, None, None);
        values.text.clear();
        values.ends.clear();
    }

    /// Adds a value; several may have one name.
    pub(super) fn add(&mut self, name: &str, value: impl Display) {
        self.values.add(name, value);
    }

    /// The first value of that name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.values.range(0..self.values.ends.len());
        values.find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Whether there is no value.
    pub(super) fn is_empty(&self) -> bool {
        self.values.ends.is_empty()
    }
}

impl Values {
    fn add(&mut self, name: &str, value: impl Display) {
        self.text.push_str(name);
        let start = self.text.len();
        // Writing to a string cannot fail.
        let _ = write!(self.text, "{value}");
        let length = self.text[start..].floor_char_boundary(LONGEST_VALUE);
        self.text.truncate(start + length);
        self.ends.push((start, self.text.len()));
    }

    /// Names and values in order.
    fn range(&self, range: Range<usize>) -> impl Iterator<Item = (&str, &str)> {
        let first = range.start.checked_sub(1).map_or(0, |before| self.ends[before].1);
        self.ends[range].iter().scan(first, |start, (name, end)| {
            let pair = (&self.text[*start..*name], &self.text[*name..*end]);
            *start = *end;
            Some(pair)
        })
    }
}

impl Events {
    /// Whether there are none, as in a block of text.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// The times of all that have one, in UTC.
    pub fn times(&self) -> impl Iterator<Item = DateTime> {
        self.all.iter().filter_map(|event| event.time)
    }

    /// The event of that index as a record of its block's text.
    pub(super) fn record<'b>(&'b self, index: usize, text: &'b str) -> Option<Record<'b>> {
        let event = self.all.get(index)?;
        let line = &text[event.span.clone()];
        let fields = self.values.range(event.fields.clone());
        Some(Record {
            line: event.number,
            start: event.span.start,
            end: event.span.end,
            text: line,
            message: line,
            time: event.time,
            level: event.level,
            component: Some(&line[..event.component]).filter(|component| !component.is_empty()),
            fields: fields.map(|(name, value)| (name.into(), value.into())).collect(),
        })
    }

    /// The index of the event whose line holds byte `at` of the block's text, or of the last one.
    pub(super) fn at(&self, at: usize) -> usize {
        self.all.partition_point(|event| event.span.end < at).min(self.all.len().saturating_sub(1))
    }

    fn value(&self, event: &Event, name: &str) -> Option<&str> {
        self.values.range(event.fields.clone()).find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}
