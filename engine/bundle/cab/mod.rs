//! Walks a cabinet, such as the `CbsPersist_*.cab` that Windows makes of old logs.
//!
//! Called for outermost files and for nested archives. The directory is read here and not by a crate, because
//! the crate unpacks a folder from its beginning for each member, and panics where a member lies outside of it.
//! A folder of a cabinet is one packed stream of several members, so each is unpacked to its end before the
//! next. Damage ends a folder; the others are read.

mod folder;

use super::body::Body;
use super::name;
use super::walker::{Offer, Place, Walker};
use folder::{Contents, Folder};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};

/// A member says by these that it began in the cabinet before, or goes on in the next.
const CONTINUED_FROM: u16 = 0xfffd;
const CONTINUED_TO: u16 = 0xfffe;
const CONTINUED_BOTH: u16 = 0xffff;

/// The longest name of a file, a disk or another cabinet, its end included.
const LONGEST_NAME: u64 = 257;

/// What the directory says, as far as it can be read.
#[derive(Default)]
struct Directory {
    folders: Vec<Folder>,
    members: Vec<Member>,
}

struct Member {
    name: Vec<u8>,
    folder: u16,
    offset: u64,
    size: u64,
}

/// Walks the members of a cabinet, folder by folder.
pub(super) fn walk<R: Read + Seek>(file: R, place: &Place, walker: &mut Walker<'_>) {
    let mut file = BufReader::new(file);
    let mut directory = Directory::default();
    if let Err(error) = read_directory(&mut file, &mut directory) {
        walker.problem(&place.label, format!("is a cab archive with a damaged directory, perhaps cut off: {error}"));
    }
    let Directory { folders, members } = directory;
    let all: u64 = members.iter().map(|member| member.size).sum();
    let mut of_folder: Vec<Vec<Member>> = folders.iter().map(|_| Vec::new()).collect();
    for member in members {
        let index = match member.folder {
            CONTINUED_TO => folders.len().wrapping_sub(1),
            index => usize::from(index),
        };
        match of_folder.get_mut(index) {
            Some(list) => list.push(member),
            None => refuse(&member, hindrance(member.folder), place, walker),
        }
    }
    for (folder, mut members) in folders.into_iter().zip(of_folder) {
        if walker.is_full() {
            return;
        }
        members.sort_by_key(|member| member.offset);
        walk_folder(&mut file, folder, &members, all, place, walker);
    }
}

fn walk_folder<R: Read + Seek>(
    file: &mut R,
    folder: Folder,
    members: &[Member],
    all: u64,
    place: &Place,
    walker: &mut Walker<'_>,
) {
    let mut contents = match Contents::new(file, folder) {
        Ok(contents) => contents,
        Err(error) => return members.iter().for_each(|member| refuse(member, &error.to_string(), place, walker)),
    };
    let mut position = 0;
    for (walked, member) in members.iter().enumerate() {
        if member.offset != position && member.size > 0 {
            refuse(member, "was not read: it does not follow what lies before it in its cabinet", place, walker);
            continue;
        }
        let Some(path) = enter(member, place, walker) else {
            return;
        };
        let share = u128::from(place.packed) * u128::from(member.size) / u128::from(all.max(1));
        let packed = u64::try_from(share).unwrap_or(place.packed);
        let mut body = Body::new(&mut contents, member.size);
        let offer = Offer { path, size: Some(member.size), packed: Some(packed), depth: place.depth, whole: true };
        let whole = walker.offer(offer, &mut body);
        let lost = members.len() - walked - 1;
        if !whole && lost > 0 {
            walker.problem(&place.label, format!("could not be unpacked further: {lost} entries were not read"));
        }
        if !whole {
            return;
        }
        position += member.size;
    }
}

fn enter(member: &Member, place: &Place, walker: &mut Walker<'_>) -> Option<String> {
    let path = name::of_member(&member.name, &String::from_utf8_lossy(&member.name));
    walker.enter(format!("{}{path}", place.prefix))
}

fn refuse(member: &Member, message: &str, place: &Place, walker: &mut Walker<'_>) {
    if let Some(path) = enter(member, place, walker) {
        walker.problem(&path, message);
    }
}

fn hindrance(folder: u16) -> &'static str {
    match folder {
        CONTINUED_FROM | CONTINUED_BOTH => "was not read: it begins in the cabinet before this one",
        _ => "was not read: it lies outside of its cabinet",
    }
}

/// Fills the directory; what was read before an error stays.
fn read_directory<R: Read + Seek>(file: &mut BufReader<R>, directory: &mut Directory) -> io::Result<()> {
    let header: [u8; 36] = take(file)?;
    let (folder_count, member_count) = (short(&header, 26), short(&header, 28));
    let flags = short(&header, 30);
    let (mut folder_reserve, mut data_reserve) = (0, 0);
    if flags & 4 != 0 {
        let reserved: [u8; 4] = take(file)?;
        (folder_reserve, data_reserve) = (i64::from(reserved[2]), reserved[3]);
        file.seek_relative(i64::from(short(&reserved, 0)))?;
    }
    // The cabinet and the disk before this one, and those behind it.
    for _ in 0..2 * (flags & 3).count_ones() {
        take_name(file)?;
    }
    for _ in 0..folder_count {
        let entry: [u8; 8] = take(file)?;
        file.seek_relative(folder_reserve)?;
        directory.folders.push(Folder {
            start: u64::from(long(&entry, 0)),
            blocks: short(&entry, 4),
            method: short(&entry, 6),
            reserve: data_reserve,
        });
    }
    file.seek(SeekFrom::Start(u64::from(long(&header, 16))))?;
    for _ in 0..member_count {
        let entry: [u8; 16] = take(file)?;
        directory.members.push(Member {
            name: take_name(file)?,
            folder: short(&entry, 8),
            offset: u64::from(long(&entry, 4)),
            size: u64::from(long(&entry, 0)),
        });
    }
    Ok(())
}

fn take<const N: usize>(file: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn take_name(file: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut name = Vec::new();
    file.take(LONGEST_NAME).read_until(0, &mut name)?;
    match name.pop() {
        Some(0) => Ok(name),
        _ => Err(io::Error::new(ErrorKind::InvalidData, "a name has no end")),
    }
}

fn short(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn long(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
