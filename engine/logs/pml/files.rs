//! File system events: a fixed head, the parameters of the request as the kernel's filter manager passes them
//! (`FLT_PARAMETERS`), the path, and behind it what the parameters point to.

use super::bytes::Bytes;
use super::detail::{Detail, grouped, yes};
use super::information;
use super::names::{access, flags, name};

/// What generic read, write, execute and all stand for on files.
const GENERIC: [u32; 4] = [0x12_0089, 0x12_0116, 0x12_00a0, 0x1f_01ff];

/// Where in the detail of a directory listing its class stands.
const CLASS_AT: usize = 2;

/// The parts of an event's structure.
struct Request<'b> {
    pointer: usize,
    io_flags: u32,
    parameters: Bytes<'b>,
    /// What follows the path.
    tail: Bytes<'b>,
    /// What the operation gave back.
    output: Bytes<'b>,
}

/// Reads an event's structure; none if its path cannot be read.
pub(super) fn read(
    operation: u16,
    mut bytes: Bytes<'_>,
    output: Bytes<'_>,
    pointer: usize,
    detail: &mut Detail,
) -> Option<()> {
    let minor = bytes.u8()?;
    detail.operation = named(operation, minor);
    bytes.take(7)?;
    let io_flags = bytes.u32()?;
    bytes.take(4)?;
    let parameters = Bytes(bytes.take(pointer * 5 + 8)?);
    let mark = bytes.u16()?;
    bytes.take(2)?;
    detail.path = bytes.text(mark)?;
    let request = Request { pointer, io_flags, parameters, tail: bytes, output };
    let _ = request.describe(detail);
    Some(())
}

/// The operation's name, from the minor function where there is one.
fn named(operation: u16, minor: u8) -> String {
    let table = format!("file-{operation}");
    let is_split = matches!(operation, 25 | 26 | 30 | 31 | 32 | 37 | 47);
    match name("file", operation.into()) {
        _ if is_split && minor != 0 => name(&table, minor.into()).unwrap_or("<Unknown>"),
        known => known.unwrap_or("<Unknown>"),
    }
    .to_owned()
}

impl Request<'_> {
    /// The parameter in a slot; slots are as wide as pointers.
    fn slot(&self, slot: usize) -> Option<u32> {
        self.parameters.at(slot * self.pointer)?.u32()
    }

    /// A parameter of 64 bits that begins in a slot.
    fn wide(&self, slot: usize) -> Option<i64> {
        Some(self.parameters.at(slot * self.pointer)?.u64()?.cast_signed())
    }

    fn describe(mut self, detail: &mut Detail) -> Option<()> {
        match detail.operation.clone().as_str() {
            "CreateFile" => self.create(detail),
            "ReadFile" | "WriteFile" => self.transfer(detail),
            "CreateFileMapping" => self.map(detail),
            "QueryDirectory" => self.list(detail),
            "NotifyChangeDirectory" => {
                detail.add("Filter", flags("notify", self.slot(1)?, ", "));
                Some(())
            }
            "FileSystemControl" | "DeviceIoControl" => self.control(detail),
            "LockFile" | "UnlockFileSingle" => self.lock(detail),
            "QuerySecurityFile" | "SetSecurityFile" => {
                detail.add("Information", flags("security", self.slot(0)?, ", "));
                Some(())
            }
            "FASTIO_ACQUIRE_FOR_MOD_WRITE" => {
                detail.add("EndingOffset", grouped(self.tail.u64()?.cast_signed()));
                Some(())
            }
            "FASTIO_MDL_READ_COMPLETE" | "FASTIO_MDL_WRITE_COMPLETE" => {
                detail.add("MDL", format_args!("0x{:x}", self.parameters.pointer(self.pointer)?));
                Some(())
            }
            operation if operation.starts_with("Set") => information::set(operation, self.tail, detail),
            operation => information::queried(operation, self.output, detail),
        }
    }

    fn create(&mut self, detail: &mut Detail) -> Option<()> {
        detail.add("Desired Access", access("file-access", GENERIC, self.tail.u32()?));
        let sid_length = usize::from(self.tail.u8()?);
        self.tail.take(3)?;
        let packed = self.slot(1)?;
        let (disposition, options) = (packed >> 24, packed & 0x00ff_ffff);
        let modes = self.slot(2)?;
        detail.add("Disposition", name("disposition", disposition).unwrap_or("<unknown>"));
        detail.add("Options", flags("options", options, ", "));
        detail.add("Attributes", attribute_letters(modes & 0xffff));
        let share = flags("share", modes >> 16, ", ");
        detail.add("ShareMode", if share.is_empty() { "None" } else { &share });
        let creates = matches!(disposition, 0 | 2 | 3 | 5);
        let size = if creates { grouped(self.wide(5)?) } else { "n/a".to_owned() };
        detail.add("AllocationSize", size);
        if sid_length > 0 {
            detail.add("Impersonating", sid(Bytes(self.tail.take(sid_length)?))?);
        }
        let result = self.output.u32()?;
        detail.add("OpenResult", name("open-result", result).unwrap_or("<unknown>"));
        Some(())
    }

    fn transfer(&mut self, detail: &mut Detail) -> Option<()> {
        detail.add("Offset", grouped(self.wide(2)?));
        let length = self.output.u32().or(self.slot(0))?;
        detail.add("Length", grouped(length));
        let io_flags = self.io_flags & 0x00e0_00ff;
        if io_flags != 0 {
            detail.add("I/O Flags", flags("io-flags", io_flags, ", "));
        }
        let priority = self.io_flags >> 17 & 7;
        if priority != 0 {
            let word = name("priority", priority).map_or_else(|| format!("0x{priority:x}"), str::to_owned);
            detail.add("Priority", word);
        }
        Some(())
    }

    fn map(&mut self, detail: &mut Detail) -> Option<()> {
        let (sync_type, protection) = (self.parameters.u32()?, self.parameters.u32()?);
        match name("sync-type", sync_type) {
            Some(word) => detail.add("SyncType", word),
            None => detail.add("SyncType", format_args!("Unknown: 0x{sync_type:x}")),
        }
        let shown = flags("protection", protection, "|");
        if !shown.is_empty() && protection & 0x7e != 0 {
            detail.add("PageProtection", shown);
        }
        Some(())
    }

    fn list(&mut self, detail: &mut Detail) -> Option<()> {
        let mark = self.tail.u16()?;
        let pattern = self.tail.text(mark)?;
        if !pattern.is_empty() {
            let separator = if detail.path.ends_with('\\') { "" } else { "\\" };
            detail.path = format!("{}{separator}{pattern}", detail.path);
            detail.add("Filter", &pattern);
        }
        let class = self.slot(2)?;
        let first = usize::from(!pattern.is_empty());
        let names = file_names(self.output, class);
        // Process Monitor puts the class third, in place of the name there, and only behind two others.
        let class = name("file-information", class).unwrap_or("Unknown");
        for (index, name) in (first..).zip(&names) {
            match index {
                CLASS_AT => detail.add("FileInformationClass", class),
                _ => detail.add(&index.to_string(), name),
            }
        }
        if first + names.len() == CLASS_AT {
            detail.add("FileInformationClass", class);
        }
        Some(())
    }

    fn control(&mut self, detail: &mut Detail) -> Option<()> {
        let (output_length, input_length, code) = (self.slot(0)?, self.slot(1)?, self.slot(2)?);
        let word = name("control", code).map_or_else(|| unnamed_control(code), str::to_owned);
        detail.add("Control", &word);
        match word.as_str() {
            "FSCTL_PIPE_INTERNAL_WRITE" => detail.add("Length", grouped(input_length)),
            "FSCTL_PIPE_INTERNAL_READ" => detail.add("Length", grouped(output_length)),
            "FSCTL_PIPE_TRANSCEIVE" | "FSCTL_PIPE_INTERNAL_TRANSCEIVE" => {
                detail.add("WriteLength", grouped(input_length));
                detail.add("ReadLength", grouped(output_length));
            }
            "FSCTL_OFFLOAD_READ" | "FSCTL_OFFLOAD_WRITE" => {
                // Before the offset: size and flags, and for a read also how long its token lives.
                self.tail.take(if word == "FSCTL_OFFLOAD_READ" { 16 } else { 8 })?;
                detail.add("Offset", grouped(self.tail.u64()?.cast_signed()));
                detail.add("Length", grouped(self.tail.u64()?.cast_signed()));
            }
            _ => {}
        }
        Some(())
    }

    fn lock(&mut self, detail: &mut Detail) -> Option<()> {
        // Behind the length's place, the key, the offset of 64 bits and the process.
        let mut modes = self.parameters.at(3 * self.pointer + 8)?;
        let (fails_at_once, is_exclusive) = (modes.u8()? != 0, modes.u8()? != 0);
        let locks = detail.operation == "LockFile";
        if locks {
            detail.add("Exclusive", yes(is_exclusive));
        }
        detail.add("Offset", grouped(self.wide(2)?));
        detail.add("Length", grouped(self.tail.pointer(self.pointer)?));
        if locks {
            detail.add("Fail Immediately", yes(fails_at_once));
        }
        Some(())
    }
}

/// The letters for attributes of a file.
pub(super) fn attribute_letters(attributes: u32) -> String {
    if attributes == 0 { "n/a".to_owned() } else { flags("attributes", attributes, "") }
}

fn unnamed_control(code: u32) -> String {
    format!("0x{code:x} (Device:0x{:x} Function:{} Method: {})", code >> 16, code >> 2 & 0xfff, code & 3)
}

/// A security identifier as text.
fn sid(mut bytes: Bytes<'_>) -> Option<String> {
    let (revision, count) = (bytes.u8()?, bytes.u8()?);
    let authority = bytes.take(6)?.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    let mut sid = format!("S-{revision}-{authority}");
    for _ in 0..count {
        sid.push('-');
        sid.push_str(&bytes.u32()?.to_string());
    }
    Some(sid)
}

/// The names in a directory listing, whose entries each tell how far the next one is.
fn file_names(listing: Bytes<'_>, class: u32) -> Vec<String> {
    let mut names = Vec::new();
    let mut entry = listing;
    while let Some(name) = file_name(entry, class) {
        names.push(name);
        let next = Bytes(entry.0).u32().and_then(|next| usize::try_from(next).ok()).filter(|next| *next > 0);
        let Some(next) = next.and_then(|next| entry.at(next)) else { break };
        entry = next;
    }
    names
}

/// Where an entry's name lies depends on what else the caller asked for.
fn file_name(entry: Bytes<'_>, class: u32) -> Option<String> {
    let (length, name) = match class {
        1 => (60, 64),
        2 => (60, 68),
        3 => (60, 94),
        12 => (8, 12),
        37 => (60, 104),
        38 => (60, 80),
        _ => return None,
    };
    let length = usize::try_from(entry.at(length)?.u32()?).ok()?;
    entry.at(name)?.utf16(length)
}
