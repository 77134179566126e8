//! The head of a trace: its version, the width of its pointers and where everything lies.

use super::bytes::Bytes;

/// Length of the head.
pub(super) const LENGTH: usize = 0x3a8;

/// What the head says.
pub(super) struct Head {
    /// Bytes in a pointer: 4 or 8.
    pub(super) pointer: usize,
    /// Number of events.
    pub(super) events: u32,
    /// Where the first event lies; zero if the trace was never closed.
    pub(super) first: u64,
    /// Where the places of all events are listed; zero if the trace was never closed.
    pub(super) offsets: u64,
    /// Where the processes lie.
    pub(super) processes: u64,
    /// Where the strings lie.
    pub(super) strings: u64,
    /// Where the names of hosts and ports lie.
    pub(super) hosts: u64,
}

/// Reads a head; else says why it cannot be.
pub(super) fn read(bytes: &[u8]) -> Result<Head, String> {
    let head = Bytes(bytes);
    let version = head.at(4).and_then(|mut bytes| bytes.u32());
    if version != Some(9) {
        let version = version.map_or("unknown".to_owned(), |version| version.to_string());
        return Err(format!("version {version} of the format is not known; save the trace as CSV and send that"));
    }
    fields(head).ok_or_else(|| "the file ends within its head".to_owned())
}

fn fields(head: Bytes<'_>) -> Option<Head> {
    let number = |place| head.at(place)?.u64();
    Some(Head {
        pointer: if head.at(8)?.u32()? == 1 { 8 } else { 4 },
        events: head.at(0x234)?.u32()?,
        first: number(0x240)?,
        offsets: number(0x248)?,
        processes: number(0x250)?,
        strings: number(0x258)?,
        hosts: number(0x3a0)?,
    })
}
