//! Windows event logs in their binary form.
//!
//! The evtx crate reads the binary XML and writes each event as XML, which [`super::eventxml`] takes apart. A damaged
//! record or chunk costs itself and is named; the rest is read. An event's number is its record number.

use std::io::{Read, Seek};
use std::str;

use evtx::err::EvtxError;
use evtx::{EvtxParser, ParserSettings};
use jiff::tz::TimeZone;

use super::event::{Draft, EventBlocks, Layout};
use super::eventxml;

/// The line of an event, which shows what happened and leaves out where.
pub(super) const LAYOUT: Layout = Layout {
    component: eventxml::PROVIDER,
    hidden: &[
        "Provider_Guid",
        "Computer",
        "Version",
        "Level",
        "Task",
        "Opcode",
        "Keywords",
        "EventRecordID",
        "ActivityID",
        "Security_UserID",
        "SystemTime",
    ],
};

/// Most losses that are named one by one.
const NAMED_LOSSES: usize = 5;

/// Reads all events of a log; gives what could not be read.
pub(super) fn read<S: Read + Seek>(source: S, blocks: &mut EventBlocks<'_>) -> Vec<String> {
    let mut parser = match EvtxParser::from_read_seek(source) {
        Ok(parser) => parser.with_configuration(ParserSettings::new().indent(false)),
        Err(error) => return vec![format!("this event log cannot be read: {}", told(&error))],
    };
    let mut losses = Vec::new();
    let mut next = None;
    let mut torn = None;
    let mut draft = Draft::default();
    for record in parser.records_bytes() {
        match record {
            Ok(record) => {
                if let Some(index) = torn.take() {
                    name_records(&mut losses, index, next, Some(record.event_record_id));
                }
                next = record.event_record_id.checked_add(1);
                draft.clear();
                // The crate writes nothing but UTF-8.
                eventxml::read_event(str::from_utf8(&record.data).unwrap_or_default(), &mut draft);
                eventxml::read_stamps(&mut draft);
                draft.number = record.event_record_id;
                draft.time = Some(record.timestamp.to_zoned(TimeZone::UTC).datetime());
                if !blocks.push(&draft) {
                    break;
                }
            }
            Err(error) => {
                if matches!(error, EvtxError::FailedToParseChunk { .. }) {
                    torn.get_or_insert(losses.len());
                }
                losses.push(loss(&error));
            }
        }
    }
    if let Some(index) = torn {
        name_records(&mut losses, index, next, None);
    }
    summed_up(losses)
}

/// Adds to a loss which records went with the chunks: those between the last one read before and the next.
fn name_records(losses: &mut [String], index: usize, first: Option<u64>, next: Option<u64>) {
    let Some(loss) = losses.get_mut(index) else { return };
    let lost = match (first, next) {
        (Some(first), Some(next)) if first.checked_add(1) == Some(next) => format!("record {first} is lost"),
        (Some(first), Some(next)) if first < next => format!("records {first} to {} are lost", next - 1),
        (Some(first), None) => format!("records from {first} on are lost"),
        (None, Some(next)) if next > 1 => format!("records before {next} are lost"),
        _ => return,
    };
    *loss = format!("{loss}: {lost}");
}

/// What an error says with its causes.
fn told(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told.push_str(": ");
        told.push_str(&error.to_string());
        cause = error.source();
    }
    told
}

fn loss(error: &EvtxError) -> String {
    match error {
        EvtxError::FailedToParseRecord { record_id, .. } => format!("record {record_id} is damaged"),
        EvtxError::FailedToParseChunk { chunk_id, source } => format!("chunk {chunk_id} (64 KiB) is damaged: {source}"),
        other => told(other),
    }
}

fn summed_up(mut losses: Vec<String>) -> Vec<String> {
    losses.dedup();
    if losses.is_empty() {
        return losses;
    }
    let rest = losses.len().saturating_sub(NAMED_LOSSES);
    losses.truncate(NAMED_LOSSES);
    let more = if rest > 0 { format!("; and {rest} more") } else { String::new() };
    vec![format!("read in part: {}{more}", losses.join("; "))]
}
