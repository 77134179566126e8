//! Readers for what an archive says of a member: where its contents end, and how reading them went wrong.
//!
//! Used by the kinds of archive whose decoders give one stream for many members.

use std::io::{self, ErrorKind, Read};

/// The contents of a member; that the stream ends before them is an error.
pub(super) struct Body<'a> {
    stream: &'a mut dyn Read,
    left: u64,
    cut: bool,
}

impl<'a> Body<'a> {
    /// The next `size` bytes of a stream.
    pub(super) fn new(stream: &'a mut dyn Read, size: u64) -> Self {
        Body { stream, left: size, cut: false }
    }

    /// How many bytes are still to come.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    /// True once the stream has ended too early.
    pub(super) fn is_cut(&self) -> bool {
        self.cut
    }
}

impl Read for Body<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        if wanted == 0 {
            return Ok(0);
        }
        let count = self.stream.read(&mut buffer[..wanted])?;
        if count == 0 {
            self.cut = true;
            return Err(io::Error::new(ErrorKind::UnexpectedEof, "the archive ends here"));
        }
        self.left -= count as u64;
        Ok(count)
    }
}

/// Fails once where there is an error to tell, and is empty otherwise: the end of contents that broke off.
pub(super) struct Failing {
    error: Option<io::Error>,
}

impl Failing {
    /// Tells an error that was met before.
    pub(super) fn new(error: Option<io::Error>) -> Self {
        Failing { error }
    }
}

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.error.take().map_or(Ok(0), Err)
    }
}
