//! A reader that keeps the limits and remembers the first failure.
//!
//! Put by the walker around the contents of each entry. Claimed sizes are not trusted: what counts is what
//! comes out. After a failure each further read fails with the same message, so that a visitor that tries
//! again cannot take a damaged entry for one that has ended.

use super::Limits;
use std::io::{self, ErrorKind, Read};

/// What an entry may unpack to whatever its ratio, so that small and very regular logs are read.
const FREE: u64 = 64 << 20;

/// Reads an entry within the limits.
pub(super) struct Guard<'a> {
    inner: &'a mut dyn Read,
    total: &'a mut u64,
    given: u64,
    ceiling: u64,
    excess: String,
    failure: Option<Failure>,
}

/// Why an entry could not be read to its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Failure {
    /// The entry is damaged, or the medium is.
    Damaged(String),
    /// The entry is larger than a limit allows.
    Limited(String),
}

impl Failure {
    /// The message for the report.
    pub(super) fn into_message(self) -> String {
        match self {
            Failure::Damaged(message) | Failure::Limited(message) => message,
        }
    }
}

impl<'a> Guard<'a> {
    /// Guards an entry that takes up `packed` bytes of an archive, and adds what it gives to `total`.
    pub(super) fn new(inner: &'a mut dyn Read, packed: Option<u64>, limits: &Limits, total: &'a mut u64) -> Self {
        let Limits { entry_bytes, total_bytes, ratio, .. } = *limits;
        let by_entry = (
            entry_bytes,
            format!("is larger than {entry_bytes} bytes and was read up to there; raise --max-bytes to read it whole"),
        );
        let by_total = (
            total_bytes.saturating_sub(*total),
            format!("was not read whole: the bundle has unpacked to {total_bytes} bytes; raise --max-bytes to read on"),
        );
        let by_ratio = (
            packed.map_or(u64::MAX, |packed| packed.saturating_mul(ratio).max(FREE)),
            format!("unpacks to more than {ratio} times its size, as in a zip bomb; raise --max-ratio if it is none"),
        );
        let mut lowest = by_entry;
        for other in [by_total, by_ratio] {
            if other.0 < lowest.0 {
                lowest = other;
            }
        }
        Guard { inner, total, given: 0, ceiling: lowest.0, excess: lowest.1, failure: None }
    }

    /// True once the entry could not be read further.
    pub(super) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// The first failure, if there was one.
    pub(super) fn into_failure(self) -> Option<Failure> {
        self.failure
    }

    fn fail(&mut self, failure: Failure) -> io::Error {
        let message = failure.clone().into_message();
        self.failure = Some(failure);
        io::Error::other(message)
    }

    fn refuse(&mut self, error: io::Error) -> io::Error {
        if error.kind() == ErrorKind::Interrupted {
            return error;
        }
        let message = format!("is damaged and was read up to byte {}: {error}", self.given);
        self.fail(Failure::Damaged(message))
    }
}

impl Read for Guard<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(failure) = self.failure.clone() {
            return Err(self.fail(failure));
        }
        let room = self.ceiling - self.given;
        if room == 0 && !buffer.is_empty() {
            // An entry of exactly the limit is whole: only another byte is too much.
            return match self.inner.read(&mut [0]) {
                Ok(0) => Ok(0),
                Ok(_) => Err(self.fail(Failure::Limited(self.excess.clone()))),
                Err(error) => Err(self.refuse(error)),
            };
        }
        let wanted = usize::try_from(room).map_or(buffer.len(), |room| room.min(buffer.len()));
        match self.inner.read(&mut buffer[..wanted]) {
            Ok(count) => {
                self.given += count as u64;
                *self.total += count as u64;
                Ok(count)
            }
            Err(error) => Err(self.refuse(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(limits: Limits, packed: Option<u64>, expected: (usize, Option<&str>)) {
        let mut zeros = io::repeat(0).take(100 << 20);
        let mut total = 10;
        let mut guard = Guard::new(&mut zeros, packed, &limits, &mut total);
        let mut out = Vec::new();
        let read = guard.read_to_end(&mut out);
        let message = guard.into_failure().map(Failure::into_message);
        assert_eq!(read.is_err(), message.is_some());
        let option = message.as_deref().and_then(|text| text.split(' ').find(|word| word.starts_with("--")));
        assert_eq!((out.len(), option), expected);
        assert_eq!(total, 10 + out.len() as u64);
    }

    #[test]
    fn each_limit_cuts_and_names_its_option() {
        check(Limits::default(), Some(100_000), (100_000_000, Some("--max-ratio")));
        check(Limits::default(), Some(1), (64 << 20, Some("--max-ratio")));
        check(Limits { entry_bytes: 7, ..Limits::default() }, None, (7, Some("--max-bytes")));
        check(Limits { total_bytes: 30, ..Limits::default() }, None, (20, Some("--max-bytes")));
    }

    #[test]
    fn an_entry_of_exactly_the_limit_is_whole() {
        check(Limits { entry_bytes: 100 << 20, ..Limits::default() }, None, (100 << 20, None));
    }
}
