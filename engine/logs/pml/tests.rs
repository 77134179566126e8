//! What the reader says of small traces written here, of damaged ones, and of the pairs of traces and CSV exports
//! among the shared samples, where those are at hand.

use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

use super::writer::{Writer, mark, request};
use crate::logs::{Block, LogFormat, Records, procmon, read_events};

/// The columns that must agree; the others are told by every event of a process alike.
const COLUMNS: [&str; 8] = ["Process Name", "PID", "Operation", "Path", "Result", "Detail", "TID", "Command Line"];

fn lines(bytes: &[u8]) -> (Vec<String>, Vec<String>) {
    let mut lines = Vec::new();
    let losses = read_events(LogFormat::Pml, Cursor::new(bytes), &mut |block: Block| {
        lines.extend(block.text.lines().map(str::to_owned));
        true
    });
    (lines, losses)
}

/// Reads one event and compares operation, path, result and detail, as the line of text shows them.
fn check(trace: Writer, expected: &str) {
    let (lines, losses) = lines(&trace.bytes());
    let shown = lines[0].split(" | image_path").next().unwrap();
    assert_eq!(shown, format!("process: TiWorker.exe | pid: 1364 | {expected}"));
    assert!(losses.is_empty(), "{losses:?}");
}

#[test]
fn a_refused_file_is_told_as_process_monitor_tells_it() {
    for pointer in [4, 8] {
        let slots = [0, 0x0100_0060, 0x0007_0000, 0, 0, 0];
        let tail = [&0x12_0116_u32.to_le_bytes()[..], &[0; 4]].concat();
        let structure = request(pointer, 0, 0, &slots, "C:\\a.cat", &tail);
        check(
            Writer::of(pointer).event(3, 20, 0xc000_0022, &structure, &[]),
            "operation: CreateFile | path: C:\\a.cat | result: ACCESS DENIED | detail: Desired Access: Generic Write, \
             Disposition: Open, Options: Synchronous IO Non-Alert, Non-Directory File, Attributes: n/a, \
             ShareMode: Read, Write, Delete, AllocationSize: n/a",
        );
    }
}

#[test]
fn a_value_that_is_set_is_shown_with_its_data() {
    let path = "HKLM\\A\\B";
    let mut structure = [&mark(path)[..], &[0; 2]].concat();
    structure.extend([4_u32, 4, 4].into_iter().flat_map(u32::to_le_bytes));
    structure.extend(path.as_bytes());
    structure.extend(1033_u32.to_le_bytes());
    check(
        Writer::of(8).event(2, 4, 0, &structure, &[]),
        "operation: RegSetValue | path: HKLM\\A\\B | result: SUCCESS | detail: Type: REG_DWORD, Length: 4, Data: 1033",
    );
}

#[test]
fn processes_and_networks_have_their_own_words() {
    let path = "C:\\a.dll";
    let mut structure = [&0x7ff0_0000_u64.to_le_bytes()[..], &0x1000_u32.to_le_bytes(), &mark(path), &[0; 2]].concat();
    structure.extend(path.as_bytes());
    check(
        Writer::of(8).event(1, 5, 0, &structure, &[]),
        "operation: Load Image | path: C:\\a.dll | result: SUCCESS | detail: Image Base: 0x7ff00000, Image Size: 0x1000",
    );
    let mut packet = vec![7, 0, 0, 0, 5, 0, 0, 0];
    packet.extend([[10, 0, 0, 1].as_slice(), &[0; 12], &[10, 0, 0, 2], &[0; 12]].concat());
    packet.extend([0x50, 0, 0xbb, 1]);
    check(
        Writer::of(4).event(5, 2, 0, &packet, &[]),
        "operation: TCP Send | path: 10.0.0.1:80 -> 10.0.0.2:443 | result: SUCCESS | detail: Length: 5",
    );
}

#[test]
fn a_damaged_event_costs_itself() {
    let sound = request(8, 0, 0, &[], "C:\\a", &[]);
    let trace = Writer::of(8).event(3, 38, 0, &sound, &[]).event(3, 38, 0, &[0; 9], &[]).event(3, 38, 0, &sound, &[]);
    let (lines, losses) = lines(&trace.bytes());
    assert_eq!(lines.iter().filter(|line| line.contains("path: C:\\a")).count(), 2);
    assert_eq!(losses, ["read in part: damaged events: 2"]);
}

#[test]
fn no_cut_or_changed_byte_breaks_the_reader() {
    let sound = request(8, 1, 0, &[1, 2, 3], "C:\\a", &[4, 0x80]);
    let trace = Writer::of(8).event(3, 32, 0, &sound, &[9; 40]).event(5, 2, 0, &[7; 44], &[]).bytes();
    for cut in 0..trace.len() {
        lines(&trace[..cut]);
    }
    for place in 8..trace.len() {
        let mut changed = trace.clone();
        changed[place] = 0xff;
        lines(&changed);
    }
}

#[test]
fn other_versions_and_open_traces_are_refused_with_advice() {
    let (_, losses) = lines(&[b"PML_\x08\0\0\0".as_slice(), &[0; 0x3a0]].concat());
    assert!(losses[0].contains("version 8"), "{losses:?}");
    let (_, losses) = lines(&[b"PML_\x09\0\0\0".as_slice(), &[0; 0x3a0]].concat());
    assert!(losses[0].contains("not closed when it was saved; 0 events"), "{losses:?}");
}

#[test]
fn a_trace_without_its_tables_is_read_event_by_event() {
    let defined = |index: u32, path: &str| {
        let mut structure = [index, 1364].into_iter().flat_map(u32::to_le_bytes).collect::<Vec<u8>>();
        structure.extend([0; 38]);
        structure.extend([mark(path), mark("-Embedding"), [0; 2]].concat());
        [&structure, path.as_bytes(), b"-Embedding"].concat()
    };
    let deleted = request(8, 0, 0, &[], "C:\\a", &[]);
    let trace = Writer::of(8)
        .event(1, 0, 0, &defined(7, "C:\\b\\TiWorker.exe"), &[])
        .event(3, 38, 0xc000_0022, &deleted, &[9; 6])
        .event(3, 38, 0xc000_0022, &deleted, &[]);
    let whole = trace.bytes();
    let place =
        |place: usize| usize::try_from(u64::from_le_bytes(whole[place..place + 8].try_into().unwrap())).unwrap();
    let (cut, losses) = lines(&whole[..place(0x248)]);
    assert_eq!(
        losses,
        [
            "read in part: the trace was cut off; 3 of 3 events were found in it; the table of processes is missing or damaged, so that events may lack their process"
        ]
    );
    assert!(cut[1].starts_with("process: TiWorker.exe | pid: 1364 | operation: ") && cut[1].contains("ACCESS DENIED"));
    let (shorter, losses) = lines(&whole[..place(0x248) - 1]);
    assert_eq!((shorter.len(), &cut[..2]), (2, &shorter[..]));
    assert!(losses[0].contains("cut off; 2 of 3"), "{losses:?}");
    let mut open = whole[..place(0x248)].to_vec();
    open[0x234..0x3a8].fill(0);
    assert_eq!(lines(&open).0, cut);
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/inputs/samples/procmon")
}

/// The names of the pairs; none where the samples are not at hand.
fn samples() -> Vec<String> {
    let files = fs::read_dir(folder()).into_iter().flatten().flatten();
    let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
    names.filter_map(|name| name.strip_suffix(".PML.gz").map(str::to_owned)).collect()
}

fn sample(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(File::open(folder().join(name)).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Whether a value is what the export shows. That ends after 4095 characters, and in traces of 64-bit Windows shows
/// as the protection of a mapping the low bits of an address that stands behind it.
fn agrees(read: &str, shown: &str) -> bool {
    let protection = ", PageProtection: ";
    if let (Some((read, _)), Some((shown, _))) = (read.split_once(protection), shown.split_once(protection)) {
        return read == shown;
    }
    read == shown || shown.encode_utf16().count() == 4095 && read.starts_with(shown)
}

#[test]
fn traces_agree_with_their_export_event_for_event() {
    for name in samples() {
        let (trace, export) = (sample(&format!("{name}.PML.gz")), sample(&format!("{name}.CSV.gz")));
        let mut export = csv::Reader::from_reader(export.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&export));
        let titles = export.headers().unwrap().clone();
        let rows: Vec<csv::StringRecord> = export.records().map(Result::unwrap).collect();
        let mut index = 0;
        let mut differences = Vec::new();
        let losses = read_events(LogFormat::Pml, Cursor::new(&trace), &mut |block: Block| {
            for record in Records::new(LogFormat::Pml, &block) {
                for title in COLUMNS {
                    let field = procmon::field(title).unwrap();
                    let column = titles.iter().position(|known| known == title).unwrap();
                    let read = record.fields.iter().find(|(known, _)| *known == field);
                    let read = read.map(|(_, value)| &**value).unwrap_or_default();
                    if !agrees(read, &rows[index][column]) {
                        differences.push(format!("{} {title}: {read:?}, not {:?}", index + 1, &rows[index][column]));
                    }
                }
                index += 1;
            }
            true
        });
        assert!(losses.is_empty(), "{losses:?}");
        assert_eq!(index, rows.len());
        differences.truncate(40);
        assert!(differences.is_empty(), "{name}:\n{}", differences.join("\n"));
        let list = usize::try_from(u64::from_le_bytes(trace[0x248..0x250].try_into().unwrap())).unwrap();
        let (walked, _) = lines(&trace[..list]);
        assert_eq!(walked.len(), rows.len(), "{name} without its list of events");
    }
}
