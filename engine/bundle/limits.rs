//! What a bundle may cost before it is taken for an attack or a mistake.
//!
//! Set by the command line. Each limit ends in a `Problem` that names the option which raises it.

use super::Clock;

/// How deep, how many and how large things in a bundle may be.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How many archives may lie in each other, the outermost included.
    pub depth: u32,
    /// How many entries a walk reads.
    pub entries: u64,
    /// How many bytes of one entry are read.
    pub entry_bytes: u64,
    /// How many bytes of all entries are read, nested archives included.
    pub total_bytes: u64,
    /// How many times larger than its packed form an entry may become.
    pub ratio: u64,
    /// What an entry may unpack to whatever its ratio, so that small and very regular logs are read.
    pub free: u64,
    /// Up to which size a nested archive is kept in memory; a larger one goes to a nameless temporary file.
    pub memory: u64,
    /// How many bytes the dictionary of a decoder may have.
    pub dictionary: u64,
    /// How many seconds one entry may take, a nested archive with all that lies in it.
    pub seconds: u64,
    /// What tells the time.
    pub clock: Clock,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            depth: 4,
            entries: 100_000,
            entry_bytes: 16 << 30,
            total_bytes: 64 << 30,
            ratio: 1000,
            free: 64 << 20,
            memory: 64 << 20,
            dictionary: 512 << 20,
            seconds: 300,
            clock: Clock::default(),
        }
    }
}
