//! How fast `scan` reads a large CBS.log with many rules, beside `rg` looking for the same literals.
//!
//! `cargo bench` prints megabytes per second and the ratio to ripgrep in the same run, because machines are noisy and
//! only ratios carry over. The log and the rules are generated; `BENCH_MB` sets the size of the log (default
//! 300). Where `rg` is not installed its column is empty.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Numbers of rules to measure.
const SIZES: [usize; 4] = [10, 100, 1_000, 5_000];

/// Runs of each command; the fastest counts.
const RUNS: usize = 3;

fn main() -> std::io::Result<()> {
    let megabytes = std::env::var("BENCH_MB").ok().and_then(|text| text.parse().ok()).unwrap_or(300);
    let folder = tempfile::tempdir()?;
    let log = folder.path().join("CBS.log");
    write_log(&log, megabytes)?;
    let mut page = format!("scan of a CBS.log of {megabytes} MB, MB/s (fastest of {RUNS})\n");
    let _ = writeln!(page, "{:>6}  {:>10}  {:>8}  {:>8}  {:>8}", "rules", "1 thread", "all", "rg -iFf", "ratio");
    for rules in SIZES {
        let kb = folder.path().join(format!("kb-{rules}"));
        let literals = write_rules(&kb, rules)?;
        let scan = |jobs: &str| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_casebook"));
            command.arg("--kb").arg(&kb).args(["scan", "--format", "json", "--jobs", jobs]).arg(&log);
            fastest(command)
        };
        let mut rg = Command::new("rg");
        rg.args(["-c", "-i", "-F", "--no-mmap", "-j1", "-f"]).arg(&literals).arg(&log);
        let (one, all, rg) = (scan("1")?, scan("0")?, fastest(rg).ok());
        let speed = |time: Duration| f64::from(megabytes) / time.as_secs_f64();
        let beside = rg.map_or_else(String::new, |rg| {
            format!("{:>8.0}  {:>8.2}", speed(rg), rg.as_secs_f64() / one.as_secs_f64())
        });
        let _ = writeln!(page, "{rules:>6}  {:>10.0}  {:>8.0}  {beside}", speed(one), speed(all));
    }
    std::io::stdout().write_all(page.as_bytes())
}

fn fastest(mut command: Command) -> std::io::Result<Duration> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        let start = Instant::now();
        command.status()?;
        best = best.min(start.elapsed());
    }
    Ok(best)
}

/// A sequence of numbers that is the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        // Knuth's multiplier for 64-bit linear congruential generators; the high bits are the good ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 16
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// Names of components, as they stand in package and component identities.
const NAMES: [&str; 12] = [
    "Client-Features",
    "Foundation",
    "OneCore-Graphics",
    "Defender-Client",
    "Networking-MPSSVC",
    "PremiumTools",
    "Hyper-V-Services",
    "NetFx3-OnDemand",
    "Multimedia-MFCore",
    "LanguageFeatures",
    "MSMQ-Driver",
    "Xps-Foundation",
];

/// Writes a log like that of a machine that serviced itself for years: one line in two thousand is an error.
fn write_log(path: &Path, megabytes: u32) -> std::io::Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, fs::File::create(path)?);
    let mut numbers = Numbers(7);
    let limit = u64::from(megabytes) * 1_000_000;
    let mut written = 0;
    let mut second = 0;
    let mut line = String::new();
    file.write_all("\u{feff}".as_bytes())?;
    while written < limit {
        second += numbers.below(50) / 49;
        line.clear();
        let (minute, hour, day) = (second / 60, second / 3_600, second / 86_400 % 28 + 1);
        let _ = write!(line, "2020-08-{day:02} {:02}:{:02}:{:02}, ", hour % 24, minute % 60, second % 60);
        write_message(&mut line, &mut numbers);
        line.push_str("\r\n");
        file.write_all(line.as_bytes())?;
        written += line.len() as u64;
    }
    file.flush()
}

fn write_message(line: &mut String, numbers: &mut Numbers) {
    let name = NAMES[numbers.below(NAMES.len() as u64) as usize];
    let revision = numbers.below(1_600);
    let package = format!("{name}-Package~31bf3856ad364e35~amd64~~10.0.17763.{revision}");
    let _ = match numbers.below(2_000) {
        0 => write!(
            line,
            "Error                 CBS    Failed to resolve package '{package}' [HRESULT = 0x800f0922 - CBS_E_INSTALLERS_FAILED]"
        ),
        1..700 => write!(
            line,
            "Info                  CBS    Appl: detect Parent, Package: {package}, Parent: {package}, Disposition = Detect, VersionComp: EQ"
        ),
        700..1_200 => write!(
            line,
            "Info                  CBS    Appl: Evaluating package applicability for package {package}, applicable state: Installed"
        ),
        1_200..1_600 => write!(
            line,
            "Info                  CSI    {:08x} [SR] Verifying {} components",
            numbers.below(1 << 32),
            revision % 100 + 1
        ),
        1_600..1_900 => write!(
            line,
            "Info                  CSI    {:08x} Performing 1 operations as follows:\n  (0)  LockComponentPath: flags: 0 comp: {{l:16 b:{:032x}}} path: [l:190]'\\SystemRoot\\WinSxS\\amd64_{name}_31bf3856ad364e35_10.0.17763.{revision}_none_{:016x}'",
            numbers.below(1 << 32),
            numbers.next(),
            numbers.next()
        ),
        _ => write!(
            line,
            "Info                  CBS    Session: {}_{} initialized by client WindowsUpdateAgent",
            30_790_000 + revision,
            numbers.below(1 << 31)
        ),
    };
}

/// Writes a knowledge base of so many rules and the file of their literals for ripgrep, whose path it gives.
fn write_rules(kb: &Path, count: usize) -> std::io::Result<std::path::PathBuf> {
    let folder = kb.join("rules/cbs");
    fs::create_dir_all(&folder)?;
    fs::create_dir_all(kb.join("cases"))?;
    let mut numbers = Numbers(11);
    let mut literals = String::new();
    for index in 0..count {
        let name = NAMES[numbers.below(NAMES.len() as u64) as usize];
        let literal = match index % 4 {
            0 => format!("{name}-Installer{:05}", numbers.below(100_000)),
            1 => format!("KB{}", 3_000_000 + numbers.below(2_000_000)),
            2 => format!("amd64_{}{:04}.inf_31bf3856ad364e35", name.to_lowercase(), numbers.below(10_000)),
            _ => format!("component {:08x} cannot be staged", numbers.below(1 << 32)),
        };
        let rule = format!(
            "title: Generated {index}\nlogsource: {{product: windows, service: cbs}}\ndetection:\n  line:\n    message|contains: '{literal}'\n  condition: line\n"
        );
        fs::write(folder.join(format!("generated-{index:05}.yml")), rule)?;
        let _ = writeln!(literals, "{literal}");
    }
    let file = kb.join("literals.txt");
    fs::write(&file, literals)?;
    Ok(file)
}
