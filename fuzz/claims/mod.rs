//! What must hold of any bytes whatever: one file per door of the engine, each with one `check`.
//!
//! The fuzz targets call these with bytes that a fuzzer thinks of, and `tests/fuzz.rs` calls them with the
//! inputs that once broke one, so the claims are compiled and run with every `cargo test`. A claim panics where
//! it does not hold.

pub mod archives;
pub mod events;
pub mod facts;
pub mod knowledge;
pub mod logs;
pub mod matching;
pub mod text;

/// A claim about any bytes: it panics where it does not hold.
pub type Claim = fn(&[u8]);

/// Every claim by the name of its target.
pub const ALL: [(&str, Claim); 7] = [
    ("archives", archives::check),
    ("events", events::check),
    ("facts", facts::check),
    ("knowledge", knowledge::check),
    ("logs", logs::check),
    ("matching", matching::check),
    ("text", text::check),
];
