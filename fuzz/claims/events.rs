//! Any bytes can be read as a binary log: its events lie in their blocks, and a reader that wants no more gets none.

use std::io::Cursor;

use casebook::logs::{self, LogFormat};

use super::logs::check_block;

/// Reads the bytes as the binary log they begin like, else as an event log.
pub fn check(data: &[u8]) {
    let recognised = logs::recognise("a.evtx", data);
    let format = if recognised.is_events() { recognised } else { LogFormat::Evtx };
    let losses = logs::read_events(format, Cursor::new(data.to_owned()), &mut |block| {
        assert!(!block.events.is_empty());
        check_block(format, &block);
        true
    });
    assert!(losses.iter().all(|loss| !loss.is_empty()));
    let mut blocks = 0;
    logs::read_events(format, Cursor::new(data.to_owned()), &mut |_| {
        blocks += 1;
        false
    });
    assert!(blocks <= 1, "blocks come after the last that was wanted");
}
