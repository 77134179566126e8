//! Process Monitor's own format, PML version 9, from 32- and 64-bit Windows: every event under the names that a
//! trace saved as CSV has.
//!
//! The format is not documented by its maker. What is read here follows the description and the findings of the
//! procmon-parser project (github.com/eronnen/procmon-parser, `docs/PML Format.md`), and for requests to the file
//! system Microsoft's `FLT_PARAMETERS`. Events are read one after the other; only the processes and the names of
//! hosts are kept. A damaged event costs itself and is named by its number, which counts from one as in the CSV.
//! Where the list of places is not in the file, because the trace was cut off or never closed, events are found one
//! behind the other, and processes by the events that define them.

use std::io::{Read, Seek};

use jiff::SignedDuration;
use jiff::civil::DateTime;

use self::bytes::{Bytes, Places, time};
use self::detail::{Detail, seconds};
use self::head::Head;
use self::tables::Tables;
use super::event::{Draft, EventBlocks, Layout};

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

/// The line of an event, which shows what it did and leaves out how it was run.
pub(super) const LAYOUT: Layout = Layout {
    component: "",
    hidden: &[
        "tid",
        "duration",
        "event_class",
        "parent_pid",
        "session",
        "authentication_id",
        "virtualized",
        "architecture",
        "version",
    ],
};

/// Places of events that are looked up at once.
const BATCH: u32 = 16 << 10;

/// Bytes in the list of places for each event: the place in 32 bits and flags.
const SLOT: usize = 5;

/// Length of the part that all events have.
const EVENT: usize = 52;

/// Longest structure of one event; real ones have a few KiB.
const LONGEST_DETAIL: usize = 1 << 20;

/// How far an event is looked for first.
const SHORT_GAP: u64 = 256;

/// Farthest that an event is looked for behind the end of the last.
const LONGEST_GAP: u64 = 64 << 10;

/// Events farther apart are not of one trace.
const DAY: SignedDuration = SignedDuration::from_hours(24);

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
    let list = u64::from(head.events) * SLOT as u64;
    let is_listed = head.offsets != 0 && head.offsets.saturating_add(list) <= places.length;
    let (tables, is_whole) = tables::read(&mut places, &head);
    let mut trace = Trace { budget: places.length.saturating_mul(2), places, tables, pointer: head.pointer };
    let mut losses = Vec::new();
    if is_listed {
        losses.extend(trace.events(head.offsets, head.events, blocks));
    } else {
        losses.push(trace.walk(&head, blocks));
    }
    if !is_whole {
        losses.push("the table of processes is missing or damaged, so that events may lack their process".to_owned());
    }
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
                let mut event = Bytes(slot).u32().and_then(|place| self.event(place.into())).unwrap_or_default();
                if !event.is_whole {
                    damaged.push(number);
                }
                if self.budget == 0 {
                    return Some(missing(number - 1, count));
                }
                event.draft.number = number.into();
                if !event.draft.is_empty() && !blocks.push(&event.draft) {
                    return None;
                }
            }
        }
        (!damaged.is_empty()).then(|| told(&damaged))
    }

    /// Reads events one behind the other, as long as they are whole, and says so.
    fn walk(&mut self, head: &Head, blocks: &mut EventBlocks<'_>) -> String {
        let mut number = 0;
        let mut place = head.first.max(head::LENGTH as u64);
        let mut last = None;
        while let Some(mut event) = self.next(place, last).filter(|event| event.is_whole) {
            number += 1;
            (place, last) = (event.end, event.draft.time);
            event.draft.number = number;
            if !blocks.push(&event.draft) {
                break;
            }
        }
        if head.offsets == 0 {
            format!("the trace was not closed when it was saved; {number} events were found in it")
        } else {
            format!("the trace was cut off; {number} of {} events were found in it", head.events)
        }
    }

    /// The event at a place, or the nearest behind it that can be one: an output's length is told in 16 bits, and a
    /// longer one ends later than it says.
    fn next(&mut self, place: u64, last: Option<DateTime>) -> Option<Found> {
        let can_be = |bytes: &[u8]| {
            Common::of(Bytes(bytes)).is_some_and(|event| {
                let near = |last: DateTime| time(event.time).is_some_and(|time| time.duration_since(last).abs() < DAY);
                (1..=5).contains(&event.class) && last.is_none_or(near)
            })
        };
        let mut window = Vec::new();
        let left = self.places.length.checked_sub(place)?;
        // Nearly every gap is none or a byte, and a long look at each would cost a thousand times the trace.
        for reach in [EVENT as u64, SHORT_GAP, LONGEST_GAP] {
            self.places.read(place, usize::try_from(reach.min(left)).ok()?, &mut window)?;
            if let Some(gap) = (0..window.len()).find(|gap| can_be(&window[*gap..])) {
                return self.event(place + gap as u64);
            }
        }
        None
    }

    /// Reads an event.
    fn event(&mut self, place: u64) -> Option<Found> {
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
        if event.class == 1 && matches!(event.operation, 0 | 1) {
            self.tables.define(process::defined(Bytes(&structure)));
        }
        let end = (start + length as u64).max(self.places.at);
        Some(Found { draft: self.draft(&event, &detail), is_whole, end })
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

    fn draft(&self, event: &Common, detail: &Detail) -> Draft {
        let mut draft = Draft::default();
        draft.time = time(event.time);
        let process = self.tables.processes.get(&event.process);
        let mut of_process = process.into_iter().flat_map(|process| &process.fields);
        of_process.by_ref().take(2).for_each(|(name, value)| draft.add(name, value));
        draft.add("operation", &detail.operation);
        draft.add("path", &detail.path);
        match names::name("result", event.result) {
            Some(name) => draft.add("result", name),
            None => draft.add("result", format_args!("0x{:X}", event.result)),
        }
        draft.add("detail", &detail.text);
        draft.add("event_class", CLASSES.get(event.class as usize).copied().unwrap_or("<Unknown>"));
        draft.add("tid", event.tid);
        draft.add("duration", seconds(event.duration));
        of_process.for_each(|(name, value)| draft.add(name, value));
        draft
    }
}

/// An event that was found.
#[derive(Default)]
struct Found {
    draft: Draft,
    /// Whether its structure could be read.
    is_whole: bool,
    /// Where the next event begins in a trace without a list of places.
    end: u64,
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
