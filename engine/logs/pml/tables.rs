//! The processes, hosts and ports that the events of a trace refer to.
//!
//! The tables lie behind the events. A table is read up to a limit; what points outside of it has no name.

use std::collections::BTreeMap;
use std::io::{Read, Seek};
use std::net::{Ipv4Addr, Ipv6Addr};

use super::bytes::{Bytes, Places};
use super::head::Head;

/// Most bytes that are kept of one table while it is read; large traces have tables of a few MiB.
const LONGEST_TABLE: u64 = 32 << 20;

/// Most processes that are learnt from events.
const MOST_DEFINED: usize = 64 << 10;

/// What the events of a trace refer to.
#[derive(Default)]
pub(super) struct Tables {
    /// The processes by the number events use for them.
    pub(super) processes: BTreeMap<u32, Process>,
    hosts: BTreeMap<[u8; 16], String>,
    ports: BTreeMap<(u16, bool), String>,
}

/// A process: the fields that every event of it has.
pub(super) struct Process {
    /// The fields, by name.
    pub(super) fields: Vec<(&'static str, String)>,
}

/// Reads the tables; the flag says whether all processes could be read.
pub(super) fn read<S: Read + Seek>(places: &mut Places<S>, head: &Head) -> (Tables, bool) {
    let mut tables = Tables::default();
    let mut region = |place| places.region(place, LONGEST_TABLE).unwrap_or_default();
    let strings = region(head.strings);
    let whole = processes(&region(head.processes), &strings, &mut tables.processes).is_some();
    let _ = hosts_and_ports(Bytes(&region(head.hosts)), &mut tables);
    (tables, whole)
}

fn processes(region: &[u8], strings: &[u8], processes: &mut BTreeMap<u32, Process>) -> Option<()> {
    let mut table = Bytes(region);
    let count = usize::try_from(table.u32()?).ok()?;
    table.take(count.checked_mul(4)?)?;
    for _ in 0..count {
        let place = usize::try_from(table.u32()?).ok()?;
        let (index, process) = process(Bytes(region).at(place)?, strings)?;
        processes.insert(index, process);
    }
    Some(())
}

fn process(mut bytes: Bytes<'_>, strings: &[u8]) -> Option<(u32, Process)> {
    let (index, pid, parent) = (bytes.u32()?, bytes.u32()?, bytes.u32()?);
    bytes.u32()?;
    let (authentication, session) = (bytes.u64()?, bytes.u32()?);
    bytes.take(20)?;
    let (virtualized, is_64_bit) = (bytes.u32()?, bytes.u32()?);
    let mut text = || Some(string(strings, bytes.u32()?).unwrap_or_default());
    let (integrity, user, name, image, command) = (text()?, text()?, text()?, text()?, text()?);
    let (company, version, description) = (text()?, text()?, text()?);
    let fields = vec![
        ("process", name),
        ("pid", pid.to_string()),
        ("image_path", image),
        ("command_line", command),
        ("user", user),
        ("company", company),
        ("description", description),
        ("version", version),
        ("integrity", integrity),
        ("parent_pid", parent.to_string()),
        ("session", session.to_string()),
        ("authentication_id", format!("{:08x}:{:08x}", authentication >> 32, authentication & 0xffff_ffff)),
        ("virtualized", super::detail::yes(virtualized != 0).to_owned()),
        ("architecture", if is_64_bit != 0 { "64-bit" } else { "32-bit" }.to_owned()),
    ];
    Some((index, Process { fields }))
}

fn string(strings: &[u8], index: u32) -> Option<String> {
    let slot = usize::try_from(index).ok()?.checked_mul(4)?.checked_add(4)?;
    let place = Bytes(strings).at(slot)?.u32()?;
    let mut string = Bytes(strings).at(usize::try_from(place).ok()?)?;
    let bytes = string.u32()?;
    string.utf16(usize::try_from(bytes).ok()?)
}

fn hosts_and_ports(mut bytes: Bytes<'_>, tables: &mut Tables) -> Option<()> {
    for _ in 0..bytes.u32()? {
        let address = bytes.take(16)?.try_into().ok()?;
        let length = bytes.u32()?;
        tables.hosts.insert(address, bytes.utf16(usize::try_from(length).ok()?)?);
    }
    for _ in 0..bytes.u32()? {
        let port = (bytes.u16()?, bytes.u16()? != 0);
        let length = bytes.u32()?;
        tables.ports.insert(port, bytes.utf16(usize::try_from(length).ok()?)?);
    }
    Some(())
}

impl Tables {
    /// Adds a process that the tables lack, from the event that defines it.
    pub(super) fn define(&mut self, process: Option<(u32, u32, String, String)>) {
        let Some((index, pid, path, command)) = process else { return };
        if self.processes.len() >= MOST_DEFINED {
            return;
        }
        self.processes.entry(index).or_insert_with(|| {
            let name = path.rsplit('\\').next().unwrap_or_default().to_owned();
            let fields =
                vec![("process", name), ("pid", pid.to_string()), ("image_path", path), ("command_line", command)];
            Process { fields }
        });
    }

    /// A host's name, or its address.
    pub(super) fn host(&self, address: [u8; 16], is_ipv4: bool) -> String {
        match self.hosts.get(&address).filter(|name| !name.is_empty()) {
            Some(name) => name.clone(),
            None if is_ipv4 => Ipv4Addr::new(address[0], address[1], address[2], address[3]).to_string(),
            None => Ipv6Addr::from(address).segments().map(|part| format!("{part:x}")).join(":"),
        }
    }

    /// A port's name, or its number.
    pub(super) fn port(&self, port: u16, is_tcp: bool) -> String {
        self.ports.get(&(port, is_tcp)).cloned().unwrap_or_else(|| port.to_string())
    }
}
