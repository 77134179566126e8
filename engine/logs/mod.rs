//! Recognises each entry's log format by content first and name second, and reads it as records.
//!
//! Called by the scan, in this order: [`recognise`] names the format from an entry's head,
//! [`Blocks`] cuts its stream into texts of whole records, and [`Records`] reads the records
//! around the places where a block's text was hit. Knows no rules. Promises never to fail on what
//! a log says: a damaged line is part of the record before it, and only the stream itself can
//! give an error.
//!
//! There is one file per log format (`panther` and `worker` together serve setupact, cbs, dism and
//! updateagent, which share their columns); `layout` asks the right one.

mod block;
mod bluebox;
mod channel;
mod checksur;
mod cmtrace;
mod coinstaller;
mod compatdata;
mod count;
mod cursor;
mod diagxml;
mod event;
mod eventxml;
mod evtx;
mod format;
mod ini;
mod layout;
mod lines;
mod magic;
mod msi;
mod offset;
mod panther;
mod pfro;
mod pml;
mod procmon;
mod recognise;
mod records;
mod reportingevents;
mod setupapi;
mod setupdiag;
#[cfg(test)]
mod tests;
mod units;
mod windowsupdate;
mod worker;
mod xml;

pub use block::{Block, Blocks};
pub use channel::{EventSource, event_categories, event_services, event_sources, serves_channel, serves_event};
pub use count::{Counts, count};
pub use event::{Events, event_block, is_hidden, read_events, services};
pub use format::LogFormat;
pub use procmon::Header;
pub use recognise::recognise;
pub use records::{Record, Records};
