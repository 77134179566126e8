//! Logs that are no text: each event becomes named values and one line of text that shows them.
//!
//! The readers of binary logs hand events to [`EventBlocks`]; the matcher searches the lines like any log's and gets
//! back the values of the events it hit. So a binary log needs nothing of the matcher but a reader.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::io::{Read, Seek};
use std::ops::Range;

use jiff::civil::DateTime;

use super::{Block, LogFormat, Record, channel, evtx, pml};

/// About how much text a block of events holds.
const BLOCK: usize = 1 << 20;

/// Longest value that is kept; what a program writes beyond that is no evidence.
const LONGEST_VALUE: usize = 16 << 10;

/// One event of a block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    span: Range<usize>,
    number: u64,
    time: Option<DateTime>,
    level: Option<&'static str>,
    component: Option<String>,
    fields: Vec<(Cow<'static, str>, String)>,
}

/// What a reader of a binary log knows of one event.
#[derive(Default)]
pub(super) struct Draft {
    /// The event's number in its log.
    pub(super) number: u64,
    /// Its time in UTC.
    pub(super) time: Option<DateTime>,
    /// Its level, in the words Windows shows.
    pub(super) level: Option<&'static str>,
    /// The program or provider that wrote it.
    pub(super) component: Option<String>,
    /// Its values by name; several may have one name.
    pub(super) fields: Vec<(Cow<'static, str>, String)>,
    /// Names of the values that its line of text does not show.
    pub(super) hidden: &'static [&'static str],
}

/// Reads a binary log as blocks of events, which `take` gets one after the other until it wants no more. Gives what
/// could not be read, one sentence each.
pub fn read_events<S: Read + Seek>(format: LogFormat, source: S, take: &mut dyn FnMut(Block) -> bool) -> Vec<String> {
    let mut blocks = EventBlocks { take, block: Block::default(), open: true };
    let losses = match format {
        LogFormat::Evtx => evtx::read(source, &mut blocks),
        LogFormat::Pml => pml::read(source, &mut blocks),
        _ => Vec::new(),
    };
    blocks.flush();
    losses
}

/// The Sigma services whose logs the events of a block belong to.
pub fn services(format: LogFormat, block: &Block) -> BTreeSet<&'static str> {
    match format {
        LogFormat::Evtx => {
            let channels = block.events.iter().filter_map(|event| event.field("Channel"));
            channels.filter_map(channel::service).collect()
        }
        _ => BTreeSet::from([format.service()]),
    }
}

/// Whether a value of this name may be missing in the line of text that shows an event.
pub fn is_hidden(name: &str) -> bool {
    let hidden = evtx::HIDDEN.iter().chain(&pml::HIDDEN).filter(|hidden| **hidden != evtx::PROVIDER);
    hidden.into_iter().any(|hidden| hidden.eq_ignore_ascii_case(name))
}

/// Gathers events into blocks.
pub(super) struct EventBlocks<'t> {
    take: &'t mut dyn FnMut(Block) -> bool,
    block: Block,
    open: bool,
}

impl EventBlocks<'_> {
    /// Adds an event; false once no more are wanted.
    pub(super) fn push(&mut self, draft: Draft) -> bool {
        let block = &mut self.block;
        let start = block.text.len();
        block.text.push_str(draft.component.as_deref().unwrap_or_default());
        let mut fields = draft.fields;
        for (name, value) in &mut fields {
            value.truncate(value.floor_char_boundary(LONGEST_VALUE));
            if !value.is_empty() && !draft.hidden.contains(&name.as_ref()) {
                let separator = if block.text.len() == start { "" } else { " | " };
                let _ = write!(block.text, "{separator}{name}: {value}");
            }
        }
        let span = start..block.text.len();
        block.text.push('\n');
        let Draft { number, time, level, component, .. } = draft;
        block.events.push(Event { span, number, time, level, component, fields });
        if block.text.len() >= BLOCK {
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

impl Event {
    fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The event as a record of the text it stands in.
    pub(super) fn record<'b>(&'b self, text: &'b str) -> Record<'b> {
        let line = &text[self.span.clone()];
        let fields =
            self.fields.iter().map(|(name, value)| (Cow::Borrowed(name.as_ref()), Cow::Borrowed(value.as_str())));
        Record {
            line: self.number,
            start: self.span.start,
            end: self.span.end,
            text: line,
            message: line,
            time: self.time,
            level: self.level,
            component: self.component.as_deref(),
            fields: fields.collect(),
        }
    }

    /// Where the event ends in the text of its block.
    pub(super) fn end(&self) -> usize {
        self.span.end
    }

    /// The event's time, in UTC.
    pub(super) fn time(&self) -> Option<DateTime> {
        self.time
    }
}
