//! Keeps a stream where it can be read from any place: in memory while it is small, else in a nameless temporary file.

use std::io::{self, Read, Seek, Write};

use tempfile::SpooledTempFile;

/// Reads a stream to its end and gives what was read, ready to be read from the start, and its size in bytes. Where the
/// stream breaks off, what came before is given: whoever reads the stream notes the damage.
///
/// # Errors
/// Where the temporary file cannot be written.
pub fn keep(stream: &mut dyn Read, memory: u64) -> io::Result<(SpooledTempFile, u64)> {
    let mut file = tempfile::spooled_tempfile(usize::try_from(memory).unwrap_or(usize::MAX));
    let mut buffer = vec![0; 64 << 10];
    let mut size = 0;
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        file.write_all(&buffer[..count])?;
        size += count as u64;
    }
    file.rewind()?;
    Ok((file, size))
}
