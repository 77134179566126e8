//! How long an entry may take: a stopwatch for each entry, and one clock for all.
//!
//! Read by the guard around every entry, and by `matcher` for the logs that are read after they were kept. The engine
//! has no clock of its own: the program hands one in, and without it time stands still, so a report depends on the
//! time only where the limit is reached, and says so.

use super::Limits;
use std::time::Duration;

/// Tells how much time has passed since some moment.
#[derive(Clone, Copy, Debug)]
pub struct Clock(fn() -> Duration);

impl Clock {
    /// A clock that is read by calling `read`.
    pub fn new(read: fn() -> Duration) -> Self {
        Clock(read)
    }
}

impl Default for Clock {
    /// A clock that stands still.
    fn default() -> Self {
        Clock(|| Duration::ZERO)
    }
}

/// The time that one entry has taken.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    clock: Clock,
    begun: Duration,
    seconds: u64,
}

impl Stopwatch {
    /// Starts the time of an entry.
    pub fn start(limits: &Limits) -> Self {
        Stopwatch { clock: limits.clock, begun: (limits.clock.0)(), seconds: limits.seconds }
    }

    /// Where the entry has taken longer than it may, what is wrong and what can be done about it.
    pub fn excess(&self) -> Option<String> {
        let taken = (self.clock.0)().saturating_sub(self.begun);
        let seconds = self.seconds;
        let message =
            || format!("took more than {seconds} seconds and was read in part; raise --max-seconds to read on");
        (taken > Duration::from_secs(seconds)).then(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local! {
        static SECONDS: Cell<u64> = const { Cell::new(0) };
    }

    fn check(seconds: u64, taken: u64, expected: bool) {
        let clock = Clock::new(|| Duration::from_secs(SECONDS.get()));
        let stopwatch = Stopwatch::start(&Limits { seconds, clock, ..Limits::default() });
        SECONDS.set(SECONDS.get() + taken);
        let excess = stopwatch.excess();
        assert_eq!(excess.is_some_and(|message| message.contains("raise --max-seconds")), expected);
    }

    #[test]
    fn an_entry_may_take_its_seconds_and_no_more() {
        check(5, 5, false);
        check(5, 6, true);
        check(0, 0, false);
        check(u64::MAX, 1 << 40, false);
    }

    #[test]
    fn without_a_clock_time_stands_still() {
        let limits = Limits { seconds: 0, ..Limits::default() };
        assert_eq!(Stopwatch::start(&limits).excess(), None);
    }
}
