//! Hands entries to the visitor and opens archives among them.
//!
//! Called for outermost files and for the members of archives. It keeps what a whole walk must know: how
//! much was read, which names are taken, what went wrong.

use super::archive::{self, Indexed, Kind};
use super::guard::{self, Failure, Guard};
use super::name::Names;
use super::spool::keep;
use super::{Limits, Member, Problem};
use std::cell::Cell;
use std::io::{self, BufReader, Read, Seek};
use std::rc::Rc;

/// How much of an entry a visitor sees before it decides how to read it.
const HEAD: u64 = 64 << 10;

/// No depth beyond this is walked whatever the limit says: an archive can hold itself.
const DEEPEST: u32 = 64;

/// The state of a walk.
pub(super) struct Walker<'a> {
    limits: &'a Limits,
    passwords: &'a [String],
    visit: &'a mut dyn FnMut(Member<'_>),
    problems: Vec<Problem>,
    names: Names,
    entered: u64,
    visited: u64,
    total: Rc<Cell<u64>>,
    full: bool,
}

/// An entry that is about to be read.
pub(super) struct Offer {
    /// Its path, as [`Walker::enter`] gave it.
    pub(super) path: String,
    /// The size it claims.
    pub(super) size: Option<u64>,
    /// How many bytes of the outermost file it takes up.
    pub(super) packed: Option<u64>,
    /// How many archives it lies in.
    pub(super) depth: u32,
    /// True where what follows it can be read only once it is unpacked to its end.
    pub(super) whole: bool,
}

/// An archive that is about to be walked.
pub(super) struct Place {
    /// The path that problems of the archive itself are reported under.
    pub(super) label: String,
    /// What the paths of its members begin with.
    pub(super) prefix: String,
    /// How many archives its members lie in.
    pub(super) depth: u32,
    /// How many bytes of the outermost file it takes up.
    pub(super) packed: u64,
    /// How many bytes it has.
    pub(super) size: u64,
}

impl Place {
    /// How many bytes of the outermost file a member takes up at most that has so many bytes in this archive.
    pub(super) fn share(&self, bytes: u64) -> u64 {
        let share = u128::from(bytes) * u128::from(self.packed) / u128::from(self.size.max(1));
        u64::try_from(share).unwrap_or(u64::MAX).min(self.packed)
    }
}

impl<'a> Walker<'a> {
    pub(super) fn new(limits: &'a Limits, passwords: &'a [String], visit: &'a mut dyn FnMut(Member<'_>)) -> Self {
        Walker {
            limits,
            passwords,
            visit,
            problems: Vec::new(),
            names: Names::default(),
            entered: 0,
            visited: 0,
            total: Rc::default(),
            full: false,
        }
    }

    /// The limits of the walk.
    pub(super) fn limits(&self) -> &'a Limits {
        self.limits
    }

    /// The passwords that may open what is encrypted.
    pub(super) fn passwords(&self) -> &'a [String] {
        self.passwords
    }

    /// What is wrong where an encrypted archive or member was not opened, and what can be done about it.
    pub(super) fn locked(&self) -> &'static str {
        if self.passwords.is_empty() {
            "needs a password: give it with --password"
        } else {
            "was not opened: no password that was given with --password fits, or it is damaged"
        }
    }

    /// How many bytes of an entry can be read at most that takes up `packed` bytes of an archive.
    pub(super) fn room_for(&self, packed: u64) -> u64 {
        let total = self.limits.total_bytes.saturating_sub(self.total.get());
        guard::ceiling(Some(packed), self.limits).min(total)
    }

    /// Guards an archive that is unpacked while its members are read.
    pub(super) fn guard_archive<'c>(&self, contents: &'c mut dyn Read, packed: u64) -> Guard<'c> {
        let limits = Limits { entry_bytes: u64::MAX, seconds: u64::MAX, ..self.limits.clone() };
        Guard::new(contents, Some(packed), &limits, Rc::clone(&self.total))
    }

    /// How many entries were visited, and all problems.
    pub(super) fn finish(self) -> (u64, Vec<Problem>) {
        (self.visited, self.problems)
    }

    /// Notes what could not be read.
    pub(super) fn problem(&mut self, entry: &str, message: impl Into<String>) {
        self.problems.push(Problem { entry: entry.to_owned(), message: message.into() });
    }

    /// True where the last problem is one of this entry.
    pub(super) fn has_just_failed(&self, entry: &str) -> bool {
        self.problems.last().is_some_and(|problem| problem.entry == entry)
    }

    /// True once a limit of the whole bundle is reached: nothing more will be read.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// How many more entries may be entered.
    pub(super) fn room(&self) -> u64 {
        self.limits.entries.saturating_sub(self.entered)
    }

    /// Counts an entry and gives it its final path, or nothing where the bundle is over a limit.
    pub(super) fn enter(&mut self, path: String) -> Option<String> {
        let Limits { entries, total_bytes, .. } = *self.limits;
        let message = if self.full {
            return None;
        } else if self.entered >= entries {
            format!(
                "was not read, nor what follows it: the bundle has more than {entries} entries; raise --max-entries"
            )
        } else if self.total.get() >= total_bytes && self.entered > 0 {
            format!(
                "was not read, nor what follows it: the bundle has unpacked to {total_bytes} bytes; raise --max-bytes"
            )
        } else {
            self.entered += 1;
            return Some(self.names.claim(path));
        };
        self.full = true;
        self.problem(&path, message);
        None
    }

    /// Hands an entry to the visitor, or walks it where it is an archive; false where it could not be read whole.
    pub(super) fn offer(&mut self, offer: Offer, contents: &mut dyn Read) -> bool {
        let mut guard = Guard::new(contents, offer.packed, self.limits, Rc::clone(&self.total));
        let mut head = Vec::new();
        // A failure stays in the guard: the visitor meets it after the head, and it is reported below.
        let readable = guard.by_ref().take(HEAD).read_to_end(&mut head).is_ok();
        let mut kept = None;
        match archive::recognise(&head) {
            Some(_) if offer.depth >= self.limits.depth.min(DEEPEST) => {
                let archives = offer.depth + 1;
                let message = format!("was not opened: {archives} archives lie in each other; raise --max-depth");
                self.problem(&offer.path, message);
            }
            Some(Kind::Indexed(kind)) => kept = Some((kind, keep(&mut head.chain(&mut guard), self.limits.memory))),
            Some(Kind::Streamed(kind)) => {
                let size = offer.size.or(offer.packed).unwrap_or(head.len() as u64);
                archive::walk_streamed(kind, &mut head.chain(&mut guard), &offer.place(size), self);
            }
            None if head.is_empty() && !readable => {}
            None => {
                self.visited += 1;
                let mut whole = head.as_slice().chain(&mut guard);
                (self.visit)(Member { path: &offer.path, size: offer.size, head: &head, reader: &mut whole });
            }
        }
        if offer.whole {
            // A failure stays in the guard here, too.
            let _ = io::copy(&mut guard, &mut io::sink());
        }
        let failure = guard.into_failure();
        let limited = matches!(failure, Some(Failure::Limited(_)));
        if let Some(failure) = &failure {
            self.problem(&offer.path, failure.to_string());
        }
        if let Some((kind, kept)) = kept.filter(|_| !limited) {
            self.walk_kept(kind, kept, &offer);
        }
        failure.is_none()
    }

    fn walk_kept<R>(&mut self, kind: Indexed, kept: io::Result<(R, u64)>, offer: &Offer)
    where
        R: Read + Seek + Send + 'static,
    {
        match kept {
            Ok((file, size)) => archive::walk_indexed(kind, BufReader::new(file), &offer.place(size), self),
            Err(error) => {
                self.problem(&offer.path, format!("was not opened: it cannot be kept for reading: {error}"));
            }
        }
    }
}

impl Offer {
    /// The entry as an archive of so many bytes.
    fn place(&self, size: u64) -> Place {
        Place {
            label: self.path.clone(),
            prefix: format!("{}/", self.path),
            depth: self.depth + 1,
            packed: self.packed.unwrap_or(size),
            size,
        }
    }
}
