//! Hands entries to the visitor and opens archives among them.
//!
//! Called for outermost files and for the members of archives. It keeps what a whole walk must know: how
//! much was read, which names are taken, what went wrong.

use super::archive::{self, Kind};
use super::guard::{Failure, Guard};
use super::name::Names;
use super::{Limits, Member, Problem, zip};
use std::io::{self, BufReader, Read, Seek, Write};

/// How much of an entry a visitor sees before it decides how to read it.
const HEAD: u64 = 64 << 10;

/// No depth beyond this is walked whatever the limit says: an archive can hold itself.
const DEEPEST: u32 = 64;

/// The state of a walk.
pub(super) struct Walker<'a> {
    limits: &'a Limits,
    visit: &'a mut dyn FnMut(Member<'_>),
    problems: Vec<Problem>,
    names: Names,
    entered: u64,
    visited: u64,
    total: u64,
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
    /// How many bytes of the outermost file a member takes up that has so many bytes in this archive.
    pub(super) fn share(&self, bytes: u64) -> u64 {
        let share = u128::from(bytes) * u128::from(self.packed) / u128::from(self.size.max(1));
        u64::try_from(share).unwrap_or(u64::MAX)
    }
}

impl<'a> Walker<'a> {
    pub(super) fn new(limits: &'a Limits, visit: &'a mut dyn FnMut(Member<'_>)) -> Self {
        let names = Names::default();
        Walker { limits, visit, problems: Vec::new(), names, entered: 0, visited: 0, total: 0, full: false }
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
        } else if self.total >= total_bytes && self.entered > 0 {
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

    /// Hands an entry to the visitor, or walks it where it is an archive.
    pub(super) fn offer(&mut self, offer: Offer, contents: &mut dyn Read) {
        let mut guard = Guard::new(contents, offer.packed, self.limits, &mut self.total);
        let mut head = Vec::new();
        // A failure stays in the guard: the visitor meets it after the head, and it is reported below.
        let readable = guard.by_ref().take(HEAD).read_to_end(&mut head).is_ok();
        let nested = match archive::recognise(&head) {
            Some(Kind::Zip) if offer.depth >= self.limits.depth.min(DEEPEST) => {
                let message =
                    format!("was not opened: {} archives lie in each other; raise --max-depth", offer.depth + 1);
                self.problem(&offer.path, message);
                return;
            }
            Some(Kind::Zip) => Some(keep(&head, &mut guard, self.limits.memory)),
            Some(kind) => {
                self.problem(&offer.path, archive::advice(kind));
                return;
            }
            None if head.is_empty() && !readable => None,
            None => {
                self.visited += 1;
                let mut whole = head.as_slice().chain(&mut guard);
                (self.visit)(Member { path: &offer.path, size: offer.size, head: &head, reader: &mut whole });
                None
            }
        };
        let failure = guard.into_failure();
        let limited = matches!(failure, Some(Failure::Limited(_)));
        if let Some(failure) = failure {
            self.problem(&offer.path, failure.into_message());
        }
        match nested {
            Some(Ok((file, size))) if !limited => self.walk_nested(offer, file, size),
            Some(Err(error)) if !limited => {
                self.problem(&offer.path, format!("was not opened: it cannot be kept for reading: {error}"));
            }
            _ => {}
        }
    }

    fn walk_nested(&mut self, offer: Offer, file: impl Read + Seek, size: u64) {
        let place = Place {
            prefix: format!("{}/", offer.path),
            label: offer.path,
            depth: offer.depth + 1,
            packed: offer.packed.unwrap_or(size),
            size,
        };
        zip::walk(BufReader::new(file), &place, self);
    }
}

/// Keeps an archive where it can be read from its end; what came before damage is kept, too.
fn keep(head: &[u8], rest: &mut Guard<'_>, memory: u64) -> io::Result<(impl Read + Seek + use<>, u64)> {
    let mut file = tempfile::spooled_tempfile(usize::try_from(memory).unwrap_or(usize::MAX));
    file.write_all(head)?;
    let copied = io::copy(rest, &mut file);
    if let Err(error) = copied
        && !rest.has_failed()
    {
        return Err(error);
    }
    let size = file.stream_position()?;
    file.rewind()?;
    Ok((file, size))
}
