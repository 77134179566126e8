//! Process Monitor's own format, PML version 9, from 32- and 64-bit Windows: every event under the names that a
//! trace saved as CSV has.
//!
//! The format is not documented by its maker. What is read here follows the description and the findings of the
//! procmon-parser project (github.com/eronnen/procmon-parser, `docs/PML Format.md`), and for requests to the file
//! system Microsoft's `FLT_PARAMETERS`. Events are read one after the other; only the processes and the names of
//! hosts are kept. A damaged event costs itself and is named by its number, which counts from one as in the CSV.

use std::borrow::Cow;
use std::io::{Read, Seek};

use self::bytes::{Bytes, Places, time};
use self::detail::{Detail, seconds};
use self::tables::Tables;
use super::event::{Draft, EventBlocks};

mod bytes;
mod detail;
mod files;
mod head;
mod information;
mod names;
mod process;
mod registry;
mod tables;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod writer;

/// Values that say how an event was run and not what it did: a report need not repeat them.
const HIDDEN: [&str; 9] = [
    "tid",
    "duration",
    "event_class",
    "parent_pid",
    "session",
    "authentication_id",
    "virtualized",
    "architecture",
    "version",
];

/// Places of events that are looked up at once.
const BATCH: u32 = 16 << 10;

/// Bytes in the list of places for each event: the place in 32 bits and flags.
const SLOT: usize = 5;

/// Length of the part that all events have.
const EVENT: usize = 52;

/// Longest structure of one event; real ones have a few KiB.
const LONGEST_DETAIL: usize = 1 << 20;

/// Most losses that are named one by one.
const NAMED_LOSSES: usize = 5;

/// Reads all events of a trace; gives what could not be read.
pub(super) fn read<S: Read + Seek>(source: S, blocks: &mut EventBlocks<'_>) -> Vec<String> {
    let refused = |why: &str| vec![format!("this Process Monitor trace cannot be read: {why}")];
    let mut head = Vec::new();
    let Some(mut places) = Places::of(source) else { return refused("the file cannot be sought in") };
    if places.read(0, head::LENGTH, &mut head).is_none() {
        return refused("the file ends within its head");
    }
    let head = match head::read(&head) {
        Ok(head) => head,
        Err(why) => return refused(&why),
    };
    if head.offsets == 0 || head.processes == 0 || head.strings == 0 {
        return refused("it was not closed when it was saved; open it in Process Monitor and save all events again");
    }
    let (tables, is_whole) = tables::read(&mut places, &head);
    let mut trace = Trace { budget: places.length.saturating_mul(2), places, tables, pointer: head.pointer };
    let mut losses = Vec::new();
    if !is_whole {
        losses.push("the table of processes is damaged, so that events may lack their process".to_owned());
    }
    losses.extend(trace.events(head.offsets, head.events, blocks));
    if losses.is_empty() { losses } else { vec![format!("read in part: {}", losses.join("; "))] }
}

/// A trace whose events are being read.
struct Trace<S> {
    places: Places<S>,
    tables: Tables,
    pointer: usize,
    /// Bytes that may still be read, so that a list of places cannot have one event read over and over.
    budget: u64,
}

impl<S: Read + Seek> Trace<S> {
    /// Reads the events and gives what could not be read.
    fn events(&mut self, offsets: u64, count: u32, blocks: &mut EventBlocks<'_>) -> Option<String> {
        let mut list = Vec::new();
        let mut damaged: Vec<u32> = Vec::new();
        let mut number = 0;
        while number < count {
            let batch = BATCH.min(count - number);
            let place = offsets.saturating_add(u64::from(number) * SLOT as u64);
            let listed = self.places.length.saturating_sub(place) / SLOT as u64;
            let batch = u32::try_from(listed).map_or(batch, |listed| listed.min(batch));
            if batch == 0 || self.places.read(place, batch as usize * SLOT, &mut list).is_none() {
                return Some(missing(number, count));
            }
            for slot in list.chunks_exact(SLOT) {
                number += 1;
                let event = Bytes(slot).u32().and_then(|place| self.event(place.into()));
                let (draft, is_whole) = event.unwrap_or_default();
                if !is_whole {
                    damaged.push(number);
                }
                if self.budget == 0 {
                    return Some(missing(number - 1, count));
                }
                if !draft.fields.is_empty() && !blocks.push(Draft { number: number.into(), ..draft }) {
                    return None;
                }
            }
        }
        (!damaged.is_empty()).then(|| told(&damaged))
    }

    /// Reads an event; the flag says whether its structure could be read.
    fn event(&mut self, place: u64) -> Option<(Draft, bool)> {
        let mut buffer = Vec::new();
        self.places.read(place, EVENT, &mut buffer)?;
        let event = Common::of(Bytes(&buffer))?;
        let stack = u64::from(event.frames) * self.pointer as u64;
        let length = usize::try_from(event.length).ok()?;
        let mut structure = Vec::new();
        let mut output = Vec::new();
        let start = place + EVENT as u64 + stack;
        let mut is_whole = length <= LONGEST_DETAIL && self.places.read(start, length, &mut structure).is_some();
        if event.output != 0 {
            is_whole &= self.output(place + u64::from(event.output), &mut output).is_some();
        }
        let read = EVENT as u64 + stack + (structure.len() + output.len()) as u64;
        self.budget = self.budget.saturating_sub(read);
        let mut detail = Detail::default();
        is_whole &= self.describe(&event, Bytes(&structure), Bytes(&output), &mut detail).is_some();
        Some((self.draft(&event, detail), is_whole))
    }

    /// Reads what an operation gave back, which tells its length.
    fn output(&mut self, place: u64, output: &mut Vec<u8>) -> Option<()> {
        self.places.read(place, 2, output)?;
        let length = Bytes(output).u16()?;
        self.places.read(place + 2, length.into(), output)
    }

    fn describe(&self, event: &Common, bytes: Bytes<'_>, output: Bytes<'_>, detail: &mut Detail) -> Option<()> {
        match event.class {
            1 => process::read(event.operation, bytes, self.pointer, event.tid, detail),
            2 => registry::read(event.operation, bytes, output, detail),
            3 => files::read(event.operation, bytes, output, self.pointer, detail),
            4 => {
                process::profiling(event.operation, detail);
                Some(())
            }
            5 => process::network(event.operation, bytes, &self.tables, detail),
            _ => None,
        }
    }

    fn draft(&self, event: &Common, detail: Detail) -> Draft {
        let result = names::name("result", event.result).map(str::to_owned);
        let result = result.unwrap_or_else(|| format!("0x{:X}", event.result));
        let mut fields: Vec<(Cow<'static, str>, String)> = Vec::with_capacity(22);
        let process = self.tables.processes.get(&event.process);
        let mut of_process = process.into_iter().flat_map(|process| &process.fields);
        let mut add = |name: &'static str, value: String| fields.push((Cow::Borrowed(name), value));
        of_process.by_ref().take(2).for_each(|(name, value)| add(name, value.clone()));
        add("operation", detail.operation);
        add("path", detail.path);
        add("result", result);
        add("detail", detail.text);
        add("event_class", CLASSES.get(event.class as usize).copied().unwrap_or("<Unknown>").to_owned());
        add("tid", event.tid.to_string());
        add("duration", seconds(event.duration));
        of_process.for_each(|(name, value)| add(name, value.clone()));
        Draft { time: time(event.time), fields, hidden: &HIDDEN, ..Draft::default() }
    }
}

/// The classes of events, in the words Process Monitor shows.
const CLASSES: [&str; 6] = ["<Unknown>", "Process", "Registry", "File System", "Profiling", "Network"];

/// What all events have.
struct Common {
    process: u32,
    tid: u32,
    class: u32,
    operation: u16,
    duration: u64,
    time: u64,
    result: u32,
    frames: u16,
    /// Length of the event's own structure, behind the stack.
    length: u32,
    /// Where its output lies, from its start; zero for none.
    output: u32,
}

impl Common {
    fn of(mut bytes: Bytes<'_>) -> Option<Self> {
        let (process, tid, class, operation) = (bytes.u32()?, bytes.u32()?, bytes.u32()?, bytes.u16()?);
        bytes.take(6)?;
        let (duration, time, result, frames) = (bytes.u64()?, bytes.u64()?, bytes.u32()?, bytes.u16()?);
        bytes.take(2)?;
        let (length, output) = (bytes.u32()?, bytes.u32()?);
        Some(Self { process, tid, class, operation, duration, time, result, frames, length, output })
    }
}

fn missing(read: u32, count: u32) -> String {
    format!("events {} to {count} are not in the file", u64::from(read) + 1)
}

fn told(damaged: &[u32]) -> String {
    let named: Vec<String> = damaged.iter().take(NAMED_LOSSES).map(u32::to_string).collect();
    let rest = damaged.len().saturating_sub(NAMED_LOSSES);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    format!("damaged events: {}{more}", named.join(", "))
}
