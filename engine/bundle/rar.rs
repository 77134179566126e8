//! Walks a rar archive of version 4 or 5.
//!
//! Called for outermost files and for nested archives. The crate writes members where it is told to, so each is
//! kept in memory, or in a nameless temporary file when it is large, until it is handed on; it is written only
//! up to the limits.

use super::body::Failing;
use super::name;
use super::walker::{Offer, Place, Walker};
use rars::{Archive, ArchiveMember, ArchiveReadOptions, ArchiveReader, Error, ErrorKind};
use rars::{ExtractionDecision, ExtractionErrorAction};
use std::cell::RefCell;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tempfile::SpooledTempFile;

/// How much of an encrypted member must unpack before its password is believed.
const PROBE: u64 = 1 << 20;

/// How many headers there may be that are no members.
const SERVICE_HEADERS: u64 = 100;

/// How many bytes the headers of an archive may have.
const HEADERS: u64 = 64 << 20;

/// Walks the members of a rar archive in its order.
pub(super) fn walk<R: Read + Seek + Send + 'static>(file: R, place: &Place, walker: &mut Walker<'_>) {
    let file = Shared(Arc::new(Mutex::new(file)));
    let (archive, mut password) = match open(&file, walker) {
        Ok(opened) => opened,
        Err(error) => {
            let message = refusal(&error, walker);
            return walker.problem(&place.label, message);
        }
    };
    if password.is_none() && archive.members().any(|member| member.meta.is_encrypted) {
        password = walker.passwords().iter().map(String::as_bytes).find(|word| probe(&archive, walker, word));
    }
    let options = options(walker, password);
    let tray = RefCell::new(Tray { walker, place, locked: password.is_none(), pending: None });
    let walked = archive.extract_with_control_and_errors(
        options,
        |member| Ok(tray.borrow_mut().take(member)),
        |_, error| {
            tray.borrow_mut().fail(error);
            Ok(ExtractionErrorAction::Continue)
        },
    );
    let mut tray = tray.into_inner();
    if let Err(error) = &walked {
        tray.fail(error);
    }
    tray.hand_on();
    if let Err(error) = walked
        && !tray.walker.is_full()
    {
        tray.walker.problem(&place.label, format!("cannot be read further, and entries may be missing: {error}"));
    }
}

/// Reads the headers, with the password that opens them where they are encrypted.
fn open<'p, R>(file: &Shared<R>, walker: &Walker<'p>) -> Result<(Archive, Option<&'p [u8]>), Error>
where
    R: Read + Seek + Send + 'static,
{
    let read = |password| {
        let options = options(walker, password)
            .with_max_header_count(walker.room().saturating_add(SERVICE_HEADERS))
            .with_max_header_bytes(HEADERS);
        ArchiveReader::read_reader_with_options(file.clone(), options).map(|archive| (archive, password))
    };
    let opened = read(None);
    match &opened {
        Err(error) if error.kind() == ErrorKind::PasswordRequired => {
            let mut words = walker.passwords().iter().map(String::as_bytes);
            words.find_map(|word| read(Some(word)).ok()).map_or(opened, Ok)
        }
        _ => opened,
    }
}

/// True where the beginning of the first encrypted member unpacks with a password.
fn probe(archive: &Archive, walker: &Walker<'_>, password: &[u8]) -> bool {
    let mut probed = false;
    let written = Rc::new(RefCell::new(0));
    let outcome = archive.extract_with_control(options(walker, Some(password)), |member| {
        if probed {
            return Ok(ExtractionDecision::Stop);
        }
        if member.meta.is_directory || member.meta.is_redirection {
            return Ok(ExtractionDecision::Skip);
        }
        probed = member.meta.is_encrypted;
        Ok(ExtractionDecision::Extract(Box::new(Counted { written: Rc::clone(&written), counts: probed })))
    });
    probed && (outcome.is_ok() || *written.borrow() >= PROBE)
}

fn options<'p>(walker: &Walker<'_>, password: Option<&'p [u8]>) -> ArchiveReadOptions<'p> {
    let dictionary = walker.limits().dictionary;
    ArchiveReadOptions::with_optional_password(password)
        .with_max_reader_workspace_bytes(dictionary.saturating_mul(2))
        .with_rar50_dictionary_size_limit(dictionary)
        .with_rar50_buffered_decode_limit(walker.limits().memory)
}

/// What stands between the crate, which writes members, and the walker, which reads them.
struct Tray<'t, 'w> {
    walker: &'t mut Walker<'w>,
    place: &'t Place,
    locked: bool,
    pending: Option<Pending>,
}

/// A member that is being written.
struct Pending {
    offer: Offer,
    file: Rc<RefCell<SpooledTempFile>>,
    error: Option<String>,
}

impl Tray<'_, '_> {
    /// Hands on the member before, and says what is to be done with this one.
    fn take(&mut self, member: &ArchiveMember) -> ExtractionDecision {
        self.hand_on();
        let meta = &member.meta;
        if meta.is_directory {
            return ExtractionDecision::Skip;
        }
        let stored = member.decoded_name(None).unwrap_or_else(|_| meta.name_bytes().into());
        let path = name::of_member(&stored, &meta.name_lossy());
        let Some(path) = self.walker.enter(format!("{}{path}", self.place.prefix)) else {
            return ExtractionDecision::Stop;
        };
        let hindrance = if meta.is_redirection {
            "is a link, which is not followed"
        } else if meta.is_split_before || meta.is_split_after {
            "was not read: it is split over several volumes; put them together, or send them as one archive"
        } else if meta.is_encrypted && self.locked {
            self.walker.locked()
        } else {
            let packed = self.place.share(meta.packed_size);
            let memory = usize::try_from(self.walker.limits().memory).unwrap_or(usize::MAX);
            let file = Rc::new(RefCell::new(tempfile::spooled_tempfile(memory)));
            // One byte more than the limit, so that the walker sees that there is more.
            let room = self.walker.room_for(packed).saturating_add(1);
            let size = Some(meta.unpacked_size);
            let offer = Offer { path, size, packed: Some(packed), depth: self.place.depth, whole: false };
            self.pending = Some(Pending { offer, file: Rc::clone(&file), error: None });
            return ExtractionDecision::Extract(Box::new(Limited { file, room }));
        };
        self.walker.problem(&path, hindrance);
        ExtractionDecision::Skip
    }

    /// Notes why the member that is being written breaks off.
    fn fail(&mut self, error: &Error) {
        if let Some(pending) = &mut self.pending {
            pending.error.get_or_insert_with(|| error.to_string());
        }
    }

    /// Offers what was written of the member before.
    fn hand_on(&mut self) {
        let Some(Pending { offer, file, error }) = self.pending.take() else {
            return;
        };
        let mut file = file.borrow_mut();
        let error = error.map(io::Error::other).or(file.rewind().err());
        self.walker.offer(offer, &mut Read::by_ref(&mut *file).chain(Failing::new(error)));
    }
}

/// Writes a member up to its limit.
struct Limited {
    file: Rc<RefCell<SpooledTempFile>>,
    room: u64,
}

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.room == 0 && !bytes.is_empty() {
            return Err(io::Error::other("it is over a limit"));
        }
        let wanted = usize::try_from(self.room).map_or(bytes.len(), |room| room.min(bytes.len()));
        let count = self.file.borrow_mut().write(&bytes[..wanted])?;
        self.room -= count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Counts what unpacks, and fails once that is enough.
struct Counted {
    written: Rc<RefCell<u64>>,
    counts: bool,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = self.written.borrow_mut();
        if self.counts && *written >= PROBE {
            return Err(io::Error::other("it is enough"));
        }
        *written += if self.counts { bytes.len() as u64 } else { 0 };
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file that can be opened several times, one after the other.
struct Shared<R>(Arc<Mutex<R>>);

impl<R> Shared<R> {
    fn lock(&self) -> MutexGuard<'_, R> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R> Clone for Shared<R> {
    fn clone(&self) -> Self {
        Shared(Arc::clone(&self.0))
    }
}

impl<R: Read> Read for Shared<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.lock().read(buffer)
    }
}

impl<R: Seek> Seek for Shared<R> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.lock().seek(position)
    }
}

fn refusal(error: &Error, walker: &Walker<'_>) -> String {
    match error.kind() {
        ErrorKind::PasswordRequired | ErrorKind::BadPassword => walker.locked().to_owned(),
        ErrorKind::ResourceLimit => format!("was not opened: {error}; raise --max-entries"),
        _ => format!(
            "is a rar archive that cannot be read, perhaps cut off: {error}; unpack it and scan the folder, or pack \
             the files again as zip"
        ),
    }
}
