//! A reader that keeps the limits and remembers the first failure.
//!
//! Put by the walker around the contents of each entry. Claimed sizes are not trusted: what counts is what
//! comes out. After a failure each further read fails with the same message, so that a visitor that tries
//! again cannot take a damaged entry for one that has ended. Guards lie in each other where archives do; a
//! failure of an outer one passes through the decoders between them and is told from damage further in.

use super::{Limits, Stopwatch};
use std::cell::Cell;
use std::error::Error;
use std::io::{self, ErrorKind, Read};
use std::rc::Rc;

/// Reads an entry within the limits.
pub(super) struct Guard<'a> {
    inner: &'a mut dyn Read,
    total: Rc<Cell<u64>>,
    total_bytes: u64,
    given: u64,
    ceiling: u64,
    excess: String,
    stopwatch: Stopwatch,
    failure: Option<Failure>,
}

/// Why an entry could not be read to its end.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The entry is damaged, or the medium is.
    #[error("{0}")]
    Damaged(String),
    /// The archive around the entry is damaged.
    #[error("{0}")]
    Surrounded(String),
    /// The entry is larger, or takes longer, than a limit allows.
    #[error("{0}")]
    Limited(String),
}

impl<'a> Guard<'a> {
    /// Guards an entry that takes up `packed` bytes of an archive, and adds what it gives to `total`.
    pub(super) fn new(inner: &'a mut dyn Read, packed: Option<u64>, limits: &Limits, total: Rc<Cell<u64>>) -> Self {
        let Limits { entry_bytes, total_bytes, ratio, .. } = *limits;
        let ceiling = ceiling(packed, limits);
        let excess = if ceiling < entry_bytes {
            format!("unpacks to more than {ratio} times its size, as in a zip bomb; raise --max-ratio if it is none")
        } else {
            format!("is larger than {entry_bytes} bytes and was read up to there; raise --max-entry-bytes to read on")
        };
        let stopwatch = Stopwatch::start(limits);
        Guard { inner, total, total_bytes, given: 0, ceiling, excess, stopwatch, failure: None }
    }

    /// The first failure, if there was one.
    pub(super) fn into_failure(self) -> Option<Failure> {
        self.failure
    }

    fn fail(&mut self, failure: Failure) -> io::Error {
        self.failure = Some(failure.clone());
        io::Error::other(failure)
    }

    fn refuse(&mut self, error: io::Error) -> io::Error {
        if error.kind() == ErrorKind::Interrupted {
            return error;
        }
        let given = self.given;
        let failure = match guarded_cause(&error) {
            Some(Failure::Damaged(message)) => {
                Failure::Surrounded(format!("was read up to byte {given}: the archive around it {message}"))
            }
            Some(failure) => failure.clone(),
            None => Failure::Damaged(format!("is damaged and was read up to byte {given}: {error}")),
        };
        self.fail(failure)
    }

    fn exceed(&mut self, late: Option<String>) -> io::Error {
        if let Some(message) = late {
            return self.fail(Failure::Limited(message));
        }
        if self.given == self.ceiling {
            return self.fail(Failure::Limited(self.excess.clone()));
        }
        let message = format!(
            "was not read whole: the bundle has unpacked to {} bytes; raise --max-bytes to read on",
            self.total_bytes
        );
        self.fail(Failure::Limited(message))
    }
}

impl Read for Guard<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(failure) = self.failure.clone() {
            return Err(self.fail(failure));
        }
        let room = (self.ceiling - self.given).min(self.total_bytes.saturating_sub(self.total.get()));
        let late = self.stopwatch.excess();
        if (room == 0 || late.is_some()) && !buffer.is_empty() {
            // An entry of exactly the limit is whole: only another byte is too much.
            return match self.inner.read(&mut [0]) {
                Ok(0) => Ok(0),
                Ok(_) => Err(self.exceed(late)),
                Err(error) => Err(self.refuse(error)),
            };
        }
        let wanted = usize::try_from(room).map_or(buffer.len(), |room| room.min(buffer.len()));
        match self.inner.read(&mut buffer[..wanted]) {
            Ok(count) => {
                self.given += count as u64;
                self.total.set(self.total.get() + count as u64);
                Ok(count)
            }
            Err(error) => Err(self.refuse(error)),
        }
    }
}

/// How many bytes an entry may have that takes up `packed` bytes of an archive.
pub(super) fn ceiling(packed: Option<u64>, limits: &Limits) -> u64 {
    packed.map_or(u64::MAX, |packed| packed.saturating_mul(limits.ratio).max(limits.free)).min(limits.entry_bytes)
}

/// The failure of an outer guard that a decoder has passed on.
fn guarded_cause(error: &io::Error) -> Option<&Failure> {
    let mut next = error.get_ref().map(|inner| inner as &(dyn Error + 'static));
    while let Some(cause) = next {
        if let Some(failure) = cause.downcast_ref() {
            return Some(failure);
        }
        next = match cause.downcast_ref::<io::Error>() {
            Some(wrapped) => wrapped.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => cause.source(),
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::Clock;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    static HOURS: AtomicU64 = AtomicU64::new(0);

    fn check(limits: Limits, packed: Option<u64>, expected: (usize, Option<&str>)) {
        let mut zeros = io::repeat(0).take(100 << 20);
        let total = Rc::new(Cell::new(10));
        let mut guard = Guard::new(&mut zeros, packed, &limits, Rc::clone(&total));
        let mut out = Vec::new();
        let read = guard.read_to_end(&mut out);
        let message = guard.into_failure().map(|failure| failure.to_string());
        assert_eq!(read.is_err(), message.is_some());
        let option = message.as_deref().and_then(|text| text.split(' ').find(|word| word.starts_with("--")));
        assert_eq!((out.len(), option), expected);
        assert_eq!(total.get(), 10 + out.len() as u64);
    }

    #[test]
    fn each_limit_cuts_and_names_its_option() {
        check(Limits::default(), Some(100_000), (100_000_000, Some("--max-ratio")));
        check(Limits::default(), Some(1), (64 << 20, Some("--max-ratio")));
        check(Limits { entry_bytes: 7, ..Limits::default() }, None, (7, Some("--max-entry-bytes")));
        check(Limits { total_bytes: 30, ..Limits::default() }, None, (20, Some("--max-bytes")));
    }

    #[test]
    fn an_entry_that_takes_too_long_is_cut_and_one_that_has_ended_is_whole() {
        let hours = || Duration::from_secs(HOURS.fetch_add(1, Ordering::Relaxed) * 3600);
        let limits = |seconds| Limits { seconds, clock: Clock::new(hours), ..Limits::default() };
        let mut zeros = io::repeat(0);
        let mut guard = Guard::new(&mut zeros, None, &limits(7200), Rc::default());
        let reads = [0; 4].map(|_| guard.read(&mut [0; 8]).ok());
        assert_eq!(reads, [Some(8), Some(8), None, None]);
        assert!(guard.into_failure().is_some_and(|failure| failure.to_string().contains("raise --max-seconds")));
        let mut nothing = io::empty();
        let mut guard = Guard::new(&mut nothing, None, &limits(0), Rc::default());
        assert_eq!(guard.read(&mut [0; 8]).unwrap(), 0);
        assert!(guard.into_failure().is_none());
    }

    #[test]
    fn a_failure_further_out_is_told_from_damage() {
        let limits = Limits { entry_bytes: 5, ..Limits::default() };
        let (mut zeros, total) = (io::repeat(0), Rc::new(Cell::new(0)));
        let mut outer = Guard::new(&mut zeros, None, &limits, Rc::clone(&total));
        let mut between = io::BufReader::new(&mut outer);
        let mut inner = Guard::new(&mut between, None, &limits, total);
        assert!(io::copy(&mut inner, &mut io::sink()).is_err());
        assert!(matches!(inner.into_failure(), Some(Failure::Limited(message)) if message.starts_with("is larger")));
    }

    #[test]
    fn an_entry_of_exactly_the_limit_is_whole() {
        check(Limits { entry_bytes: 100 << 20, ..Limits::default() }, None, (100 << 20, None));
    }
}
