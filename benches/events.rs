//! How fast `scan` reads event logs and Process Monitor traces, beside the tools that others read them with.
//!
//! `cargo bench --bench events` prints megabytes per second and the ratio to the other tool in the same run: `evtx_dump`
//! (of the evtx crate, as JSON lines, one thread) and the Python package procmon-parser. The logs are
//! generated; `BENCH_MB` sets their size (default 100). Where a tool is not installed its column is empty.

use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[path = "../tests/eventlog.rs"]
mod eventlog;
#[path = "../engine/logs/pml/writer.rs"]
mod traces;

use eventlog::{Event, Values, event_log};

/// Runs of each command; the fastest counts.
const RUNS: usize = 3;

/// Events that fit into a chunk of 64 KiB.
const PER_CHUNK: usize = 60;

const READ_TRACE: &str = "import sys, procmon_parser\n\
    with open(sys.argv[1], 'rb') as file:\n    for event in procmon_parser.ProcmonLogsReader(file): pass";

fn main() -> std::io::Result<()> {
    let megabytes = std::env::var("BENCH_MB").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    let folder = tempfile::tempdir()?;
    let mut page = format!("scan of binary logs of about {megabytes} MB, MB/s (fastest of {RUNS})\n");
    let _ = writeln!(page, "{:>6}  {:>10}  {:>8}  {:>16}  {:>8}", "log", "1 thread", "all", "other tool", "ratio");
    let log = folder.path().join("a.evtx");
    fs::write(&log, written_log(megabytes))?;
    let mut dump = Command::new("evtx_dump");
    dump.args(["-t", "1", "-o", "jsonl"]).arg(&log);
    measure(&mut page, "evtx", &log, dump)?;
    let trace = folder.path().join("a.pml");
    fs::write(&trace, written_trace(megabytes))?;
    let mut parser = Command::new("python3");
    parser.args(["-c", READ_TRACE]).arg(&trace);
    measure(&mut page, "pml", &trace, parser)?;
    std::io::stdout().write_all(page.as_bytes())
}

/// Adds a line that compares `scan` of the log with the other tool.
fn measure(page: &mut String, name: &str, log: &Path, other: Command) -> std::io::Result<()> {
    let scan = |jobs: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_casebook"));
        command.arg("--kb").arg(env!("CARGO_MANIFEST_DIR")).args(["scan", "--format", "json", "--jobs", jobs]).arg(log);
        fastest(command, RUNS)
    };
    let (one, all) = (scan("1")?.unwrap_or(Duration::MAX), scan("0")?.unwrap_or(Duration::MAX));
    let other = fastest(other, 1).ok().flatten();
    let size = fs::metadata(log)?.len() as f64 / 1e6;
    let speed = |time: Duration| size / time.as_secs_f64();
    let beside = other.map_or_else(String::new, |other| {
        format!("{:>16.1}  {:>8.1}", speed(other), other.as_secs_f64() / one.as_secs_f64())
    });
    let _ = writeln!(page, "{name:>6}  {:>10.0}  {:>8.0}  {beside}", speed(one), speed(all));
    Ok(())
}

/// The time of the fastest run; none where the command fails.
fn fastest(mut command: Command, runs: usize) -> std::io::Result<Option<Duration>> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut best = None;
    for _ in 0..runs {
        let start = Instant::now();
        if command.status()?.success() {
            best = best.into_iter().chain([start.elapsed()]).min();
        }
    }
    Ok(best)
}

/// An event log of updates, crashes and packages; one event in twenty is a failure.
fn written_log(megabytes: usize) -> Vec<u8> {
    let update =
        [("updateTitle", "2023-05 Cumulative Update for x64-based Systems (KB5026361)"), ("errorCode", "0x80070005")];
    let crash = ["a.exe", "10.0.1.1", "5e8f1a2b", "b.dll", "10.0.1.2", "5e8f1a01", "c0000005", "1a2b4", "1a2c"];
    let package = [("PackageIdentifier", "KB5026361"), ("IntendedPackageStateTextized", "Installed")];
    let event = |index: usize| {
        let (provider, id, channel, values) = match index % 20 {
            0 => ("Microsoft-Windows-WindowsUpdateClient", 20, "System", Values::Named(&update)),
            1..4 => ("Application Error", 1000, "Application", Values::Positional(&crash)),
            4..8 => ("Microsoft-Windows-Servicing", 1, "Setup", Values::User("CbsPackageInitiateChanges", &package)),
            _ => ("Microsoft-Windows-WindowsUpdateClient", 19, "System", Values::Named(&update[..1])),
        };
        Event { provider, id, level: 4, channel, time: 1_594_202_700 + index as u64, values }
    };
    let events: Vec<Event<'_>> = (0..PER_CHUNK).map(event).collect();
    event_log(&vec![events.as_slice(); megabytes * 1_000_000 / (64 << 10)])
}

/// A trace of requests to files; one in a thousand is refused.
fn written_trace(megabytes: usize) -> Vec<u8> {
    let mut trace = traces::Writer::of(8);
    let tail = [0x12_0116_u32.to_le_bytes(), [0; 4]].concat();
    let (mut size, mut index) = (0, 0_u64);
    while size < megabytes * 1_000_000 {
        let path = format!(
            r"C:\Windows\WinSxS\amd64_component-{:05}_31bf3856ad364e35_10.0.17763.1_none\a.dll",
            index % 99_991
        );
        let request = traces::request(8, 0, 0, &[0, 0x0100_0060, 0x0007_0000, 0, 0, 0], &path, &tail);
        size += request.len() + 80;
        let result = if index % 1_000 == 0 { 0xc000_0022 } else { 0 };
        trace = trace.event(3, 20, result, &request, &[]);
        index += 1;
    }
    trace.bytes()
}
