//! Process, network and profiling events.

use super::bytes::Bytes;
use super::detail::{Detail, grouped, seconds};
use super::names::name;
use super::tables::Tables;

/// Reads a process event's structure; none if its path cannot be read.
pub(super) fn read(operation: u16, bytes: Bytes<'_>, pointer: usize, tid: u32, detail: &mut Detail) -> Option<()> {
    name("process", operation.into()).unwrap_or("<Unknown>").clone_into(&mut detail.operation);
    match operation {
        0 | 1 => created(bytes, detail),
        2 | 8 => ended(bytes, detail),
        3 => {
            detail.add("Thread ID", Bytes(bytes.0).u32()?);
            Some(())
        }
        4 => thread_ended(bytes, tid, detail),
        5 => loaded(bytes, pointer, detail),
        7 => started(bytes, detail),
        _ => Some(()),
    }
}

/// The process that a process event speaks of: the number events use for it, its id, program and command line.
pub(super) fn defined(mut bytes: Bytes<'_>) -> Option<(u32, u32, String, String)> {
    let (index, pid) = (bytes.u32()?, bytes.u32()?);
    bytes.take(36)?;
    let skipped = usize::from(bytes.u8()?) + usize::from(bytes.u8()?);
    let (path, command) = (bytes.u16()?, bytes.u16()?);
    bytes.take(2 + skipped)?;
    Some((index, pid, bytes.text(path)?, bytes.text(command)?))
}

/// Reads a network event's structure.
pub(super) fn network(operation: u16, mut bytes: Bytes<'_>, tables: &Tables, detail: &mut Detail) -> Option<()> {
    let flags = bytes.u16()?;
    let is_tcp = flags & 4 != 0;
    let verb = name("network", operation.into()).unwrap_or("<Unknown>");
    detail.operation = format!("{} {verb}", if is_tcp { "TCP" } else { "UDP" });
    bytes.take(2)?;
    let length = bytes.u32()?;
    let (source, target) = (bytes.take(16)?.try_into().ok()?, bytes.take(16)?.try_into().ok()?);
    let (source_port, target_port) = (bytes.u16()?, bytes.u16()?);
    detail.path = format!(
        "{}:{} -> {}:{}",
        tables.host(source, flags & 1 != 0),
        tables.port(source_port, is_tcp),
        tables.host(target, flags & 2 != 0),
        tables.port(target_port, is_tcp)
    );
    detail.add("Length", length);
    for pair in bytes.texts().chunks_exact(2) {
        detail.add(&pair[0], &pair[1]);
    }
    Some(())
}

/// Names a profiling event, which has no path.
pub(super) fn profiling(operation: u16, detail: &mut Detail) {
    name("profiling", operation.into()).unwrap_or("<Unknown>").clone_into(&mut detail.operation);
}

fn created(bytes: Bytes<'_>, detail: &mut Detail) -> Option<()> {
    let (_, pid, path, command) = defined(bytes)?;
    detail.path = path;
    detail.add("PID", pid);
    detail.add("Command line", command);
    Some(())
}

fn ended(mut bytes: Bytes<'_>, detail: &mut Detail) -> Option<()> {
    let status = bytes.u32()?.cast_signed();
    let (kernel, user) = (bytes.u64()?, bytes.u64()?);
    let (working, peak_working) = (bytes.u64()?, bytes.u64()?);
    let (private, peak_private) = (bytes.u64()?, bytes.u64()?);
    if detail.operation == "Process Exit" {
        detail.add("Exit Status", status);
    }
    detail.add("User Time", format_args!("{} seconds", seconds(user)));
    detail.add("Kernel Time", format_args!("{} seconds", seconds(kernel)));
    detail.add("Private Bytes", grouped(private.cast_signed()));
    detail.add("Peak Private Bytes", grouped(peak_private.cast_signed()));
    detail.add("Working Set", grouped(working.cast_signed()));
    detail.add("Peak Working Set", grouped(peak_working.cast_signed()));
    Some(())
}

fn thread_ended(mut bytes: Bytes<'_>, tid: u32, detail: &mut Detail) -> Option<()> {
    bytes.take(4)?;
    let (kernel, user) = (bytes.u64()?, bytes.u64()?);
    detail.add("Thread ID", tid);
    detail.add("User Time", seconds(user));
    detail.add("Kernel Time", seconds(kernel));
    Some(())
}

fn loaded(mut bytes: Bytes<'_>, pointer: usize, detail: &mut Detail) -> Option<()> {
    let (base, size) = (bytes.pointer(pointer)?, bytes.u32()?);
    let path = bytes.u16()?;
    bytes.take(2)?;
    detail.path = bytes.text(path)?;
    detail.add("Image Base", format_args!("0x{base:x}"));
    detail.add("Image Size", format_args!("0x{size:x}"));
    Some(())
}

fn started(mut bytes: Bytes<'_>, detail: &mut Detail) -> Option<()> {
    let parent = bytes.u32()?;
    let (command, directory) = (bytes.u16()?, bytes.u16()?);
    let characters = bytes.u32()?;
    detail.add("Parent PID", parent);
    detail.add("Command line", bytes.text(command)?);
    detail.add("Current directory", bytes.text(directory)?);
    let length = usize::try_from(characters).ok()?.checked_mul(2)?;
    let mut environment = String::from("\n");
    for variable in Bytes(bytes.take(length)?).texts() {
        environment.push_str(&format!(";\t{variable}\n"));
    }
    detail.add("Environment", environment.trim_end());
    Some(())
}
