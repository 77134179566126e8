//! Writes event logs (EVTX) as small as they can be: a header, chunks with their checksums, binary XML without
//! templates. Fixtures are made here, so that the repository needs no event log of anybody.

/// One event.
pub(crate) struct Event<'e> {
    /// Name of its provider.
    pub(crate) provider: &'e str,
    /// Its id.
    pub(crate) id: u16,
    /// Its level, as a number.
    pub(crate) level: u8,
    /// The channel it was written to.
    pub(crate) channel: &'e str,
    /// Its time, in seconds since 1970.
    pub(crate) time: u64,
    /// Its values.
    pub(crate) values: Values<'e>,
}

/// The values of an event.
pub(crate) enum Values<'e> {
    /// `Data` elements with names.
    Named(&'e [(&'e str, &'e str)]),
    /// `Data` elements without names.
    Positional(&'e [&'e str]),
    /// Elements below one of this name, in `UserData`.
    User(&'e str, &'e [(&'e str, &'e str)]),
}

const CHUNK: usize = 64 << 10;
const CHUNK_HEADER: usize = 512;

/// Seconds from 1601 to 1970: event logs count from there, in tenths of a microsecond.
const EPOCH: u64 = 11_644_473_600;

/// An event log with these chunks; records are numbered from one through all of them.
pub(crate) fn event_log(chunks: &[&[Event<'_>]]) -> Vec<u8> {
    let mut number = 1;
    let mut body = Vec::new();
    for events in chunks {
        body.extend(chunk(events, number));
        number += events.len() as u64;
    }
    let mut log = b"ElfFile\0".to_vec();
    log.extend(0_u64.to_le_bytes());
    log.extend((chunks.len() as u64 - 1).to_le_bytes());
    log.extend(number.to_le_bytes());
    log.extend(128_u32.to_le_bytes());
    for part in [1, 3, 4096, chunks.len() as u16] {
        log.extend(part.to_le_bytes());
    }
    log.resize(124, 0);
    log.extend(crc32(&log[..120]).to_le_bytes());
    log.resize(4096, 0);
    log.extend(body);
    log
}

fn chunk(events: &[Event<'_>], first: u64) -> Vec<u8> {
    let mut chunk = vec![0; CHUNK_HEADER];
    let mut last_record = CHUNK_HEADER;
    for (number, event) in (first..).zip(events) {
        last_record = chunk.len();
        record(event, number, &mut chunk);
    }
    let end = chunk.len();
    assert!(end <= CHUNK, "the events fit into a chunk");
    let last = first + events.len() as u64 - 1;
    put(&mut chunk, 0, b"ElfChnk\0");
    for (index, number) in [first, last, first, last].into_iter().enumerate() {
        put(&mut chunk, 8 + index * 8, &number.to_le_bytes());
    }
    let events_checksum = crc32(&chunk[CHUNK_HEADER..end]);
    for (at, value) in [(40, 128), (44, last_record as u32), (48, end as u32), (52, events_checksum)] {
        put(&mut chunk, at, &value.to_le_bytes());
    }
    let header = [&chunk[..120], &chunk[128..CHUNK_HEADER]].concat();
    put(&mut chunk, 124, &crc32(&header).to_le_bytes());
    chunk.resize(CHUNK, 0);
    chunk
}

fn record(event: &Event<'_>, number: u64, chunk: &mut Vec<u8>) {
    let start = chunk.len();
    chunk.extend([0x2a, 0x2a, 0, 0, 0, 0, 0, 0]);
    chunk.extend(number.to_le_bytes());
    chunk.extend(((event.time + EPOCH) * 10_000_000).to_le_bytes());
    chunk.extend([0x0f, 1, 1, 0]);
    element(chunk, "Event", &[], |chunk| {
        element(chunk, "System", &[], |chunk| {
            element(chunk, "Provider", &[("Name", event.provider)], |_| ());
            element(chunk, "EventID", &[], |chunk| text(chunk, &event.id.to_string()));
            element(chunk, "Level", &[], |chunk| text(chunk, &event.level.to_string()));
            element(chunk, "EventRecordID", &[], |chunk| text(chunk, &number.to_string()));
            element(chunk, "Channel", &[], |chunk| text(chunk, event.channel));
            element(chunk, "Computer", &[], |chunk| text(chunk, "PC-0001"));
        });
        values(&event.values, chunk);
    });
    chunk.push(0);
    let size = (chunk.len() - start + 4) as u32;
    chunk.extend(size.to_le_bytes());
    put(chunk, start + 4, &size.to_le_bytes());
}

fn values(values: &Values<'_>, chunk: &mut Vec<u8>) {
    match values {
        Values::Named(values) => element(chunk, "EventData", &[], |chunk| {
            for (name, value) in *values {
                element(chunk, "Data", &[("Name", name)], |chunk| text(chunk, value));
            }
        }),
        Values::Positional(values) => element(chunk, "EventData", &[], |chunk| {
            for value in *values {
                element(chunk, "Data", &[], |chunk| text(chunk, value));
            }
        }),
        Values::User(name, values) => element(chunk, "UserData", &[], |chunk| {
            element(chunk, name, &[], |chunk| {
                for (name, value) in *values {
                    element(chunk, name, &[], |chunk| text(chunk, value));
                }
            });
        }),
    }
}

/// An element with its attributes and whatever `content` writes into it.
fn element(chunk: &mut Vec<u8>, tag: &str, attributes: &[(&str, &str)], content: impl FnOnce(&mut Vec<u8>)) {
    chunk.push(if attributes.is_empty() { 0x01 } else { 0x41 });
    let size = reserve(chunk);
    name(chunk, tag);
    if !attributes.is_empty() {
        let list = reserve(chunk);
        for (index, (attribute, value)) in attributes.iter().enumerate() {
            chunk.push(if index + 1 < attributes.len() { 0x46 } else { 0x06 });
            name(chunk, attribute);
            text(chunk, value);
        }
        fill(chunk, list);
    }
    chunk.push(0x02);
    content(chunk);
    chunk.push(0x04);
    fill(chunk, size);
}

/// A name: where it stands, counted from the start of the chunk, and there the name itself.
fn name(chunk: &mut Vec<u8>, name: &str) {
    let at = chunk.len() as u32 + 4;
    chunk.extend(at.to_le_bytes());
    let units: Vec<u16> = name.encode_utf16().collect();
    let hash = units.iter().fold(0_u32, |hash, unit| hash.wrapping_mul(65_599).wrapping_add(u32::from(*unit)));
    chunk.extend(0_u32.to_le_bytes());
    for unit in [hash as u16, units.len() as u16].iter().chain(&units).chain(&[0]) {
        chunk.extend(unit.to_le_bytes());
    }
}

/// A value of the type text.
fn text(chunk: &mut Vec<u8>, text: &str) {
    let units: Vec<u16> = text.encode_utf16().collect();
    chunk.extend([0x05, 0x01]);
    for unit in std::iter::once(&(units.len() as u16)).chain(&units) {
        chunk.extend(unit.to_le_bytes());
    }
}

/// Room for the size of what follows; gives its place.
fn reserve(chunk: &mut Vec<u8>) -> usize {
    chunk.extend([0; 4]);
    chunk.len()
}

/// Writes the size of all since `start` before it.
fn fill(chunk: &mut [u8], start: usize) {
    let size = (chunk.len() - start) as u32;
    put(chunk, start - 4, &size.to_le_bytes());
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

fn crc32(bytes: &[u8]) -> u32 {
    let bit = |crc: u32, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), bit))
}
