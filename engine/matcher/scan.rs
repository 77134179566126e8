//! A whole bundle against all rules, in parallel and in bounded memory.
//!
//! One thread walks the bundle, decodes and cuts blocks; the others scan them as they come. Results are put back
//! into the order of the walk before they are added up. At most a few blocks per thread exist at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, PoisonError};

use jiff::civil::DateTime;
use rayon::iter::{ParallelBridge, ParallelIterator};

use crate::bundle::{self, Limits, Member, OpenError, Problem, Stopwatch, Summary};
use crate::logs::{self, Block, Blocks, LogFormat};
use crate::matcher::block::{self, Harvest};
use crate::matcher::correlate::{self, Clock};
use crate::matcher::findings::{self, Finding, Gathering, Unexplained};
use crate::matcher::hits::Hits;
use crate::matcher::problems;
use crate::matcher::program::Program;

/// How a scan is to be done.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Limits on hostile bundles.
    pub limits: Limits,
    /// Passwords that may open what is encrypted.
    pub passwords: Vec<String>,
    /// How many threads scan; 0 for one per core.
    pub jobs: usize,
}

/// One entry of a bundle, as it was read.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Path inside the bundle.
    pub path: String,
    /// What kind of log it is.
    pub format: LogFormat,
    /// Its encoding, where it is text.
    pub encoding: Option<&'static str>,
    /// How many bytes of it were read.
    pub bytes: u64,
    /// How many records it has.
    pub records: u64,
    /// Time of its first and last record that has one, local.
    pub times: Option<(DateTime, DateTime)>,
    /// Minutes that its local time is ahead of UTC, where the bundle says so.
    pub utc_offset: Option<i32>,
    /// Whether another entry said so.
    pub utc_offset_inferred: bool,
    /// The services, in Sigma's words, whose rules can speak of it.
    pub services: BTreeSet<&'static str>,
}

/// Everything a scan saw.
#[derive(Debug)]
pub struct Scan {
    /// The bundle as a whole.
    pub summary: Summary,
    /// Its entries, by path.
    pub entries: Vec<Entry>,
    /// What the rules found, in order of entry and line.
    pub findings: Vec<Finding>,
    /// Errors that nothing explains.
    pub unexplained: Vec<Unexplained>,
    /// On how many records each filter took something out, by its place in the knowledge.
    pub filtered: Vec<u64>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// Scans the bundle made of `paths`; `progress` is told how many bytes have been read.
///
/// # Errors
/// [`OpenError`] where nothing at all could be opened.
pub fn scan(
    paths: &[PathBuf],
    program: &Program<'_>,
    options: &Options,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Scan, OpenError> {
    let jobs =
        if options.jobs == 0 { std::thread::available_parallelism().map_or(1, usize::from) } else { options.jobs };
    let (sender, receiver) = sync_channel(jobs);
    let gatherer = Mutex::new(Gatherer::default());
    let walked = std::thread::scope(|scope| {
        let walker = scope.spawn(move || {
            let mut reading = Reading::new(&options.limits, progress);
            // Nobody receives any more only where the scanning threads have died; the walk then ends quietly.
            let mut send = |job| sender.send(job).is_ok();
            let summary = bundle::walk(paths, &options.limits, &options.passwords, &mut |member| {
                reading.member(member, &mut send);
            })?;
            Ok(reading.end(summary))
        });
        scan_jobs(receiver, jobs, program, &gatherer);
        walker.join()
    });
    let walked = walked.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    let gatherer = gatherer.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(assemble(walked, gatherer, program))
}

/// Scans files that are in memory already, by name and bytes, in this thread.
pub fn scan_files(files: &[(String, Vec<u8>)], program: &Program<'_>) -> Scan {
    let mut gatherer = Gatherer::default();
    let limits = Limits::default();
    let mut reading = Reading::new(&limits, &|_| {});
    let mut bytes = 0;
    for (path, content) in files {
        bytes += content.len() as u64;
        let head = &content[..content.len().min(HEAD)];
        let member = Member { path, size: Some(content.len() as u64), head, reader: &mut content.as_slice() };
        reading.member(member, &mut |job: Job| {
            gatherer.add(job.order, job.done(program));
            true
        });
    }
    let entries = files.len() as u64;
    let summary = Summary { name: String::new(), sha256: String::new(), bytes, entries, problems: Vec::new() };
    assemble(reading.end(summary), gatherer, program)
}

/// How much of a file in memory is looked at to recognise it.
const HEAD: usize = 64 << 10;

/// Largest binary log that is kept in memory while it is read; a larger one goes to a nameless temporary file.
const KEPT_IN_MEMORY: u64 = 64 << 20;

/// Joins what was read with what was found in it.
fn assemble((summary, mut entries, mut problems): Walked, gatherer: Gatherer, program: &Program<'_>) -> Scan {
    let mut counts = gatherer.counts;
    let mut gathered = gatherer.entries;
    for (index, entry) in entries.iter_mut().enumerate() {
        let tally = counts.remove(&index).unwrap_or_default();
        (entry.records, entry.times, entry.services) = (tally.records, tally.times, tally.services);
    }
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by(|a, b| entries[*a].path.cmp(&entries[*b].path));
    let mut parts = Vec::new();
    for index in order {
        let Some(gathering) = gathered.remove(&index) else { continue };
        let path = entries[index].path.clone();
        for (rule, count) in &gathering.dropped {
            let message =
                format!("the rule {} held on {count} more records than can be kept apart", program.rules[*rule].id);
            problems.push(Problem { entry: path.clone(), message });
        }
        parts.push((path, gathering));
    }
    infer_offsets(&mut entries);
    let (mut findings, unexplained) = findings::join(parts, |rule| program.rules[rule].id.clone());
    let correlated = correlations(&gatherer.hits, &entries, program, &mut problems);
    if !correlated.is_empty() {
        findings.extend(correlated);
        findings::sort(&mut findings);
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    problems.sort();
    let problems = problems::summed_up(problems, &entries);
    let filtered = (0..program.filters.len()).map(|filter| gatherer.filtered.get(&filter).copied().unwrap_or_default());
    Scan { summary, entries, findings, unexplained, filtered: filtered.collect(), problems }
}

/// What correlations find over all entries.
fn correlations(hits: &Hits, entries: &[Entry], program: &Program<'_>, problems: &mut Vec<Problem>) -> Vec<Finding> {
    let clock = |entry: &Entry| Clock { path: entry.path.clone(), offset: entry.utc_offset.unwrap_or_default() };
    let clocks: Vec<Clock> = entries.iter().map(clock).collect();
    for (rule, (entry, count)) in &hits.dropped {
        let rule = &program.rules[*rule].id;
        let message = format!("the rule {rule} held on {count} more records from here on than correlations can weigh");
        problems.push(Problem { entry: clocks[*entry].path.clone(), message });
    }
    let correlated = correlate::run(program, hits, &clocks);
    problems.extend(correlated.losses.into_iter().map(|message| Problem { entry: String::new(), message }));
    correlated.findings
}

/// Where all logs in local time that tell their offset tell the same one, it holds for the others too: they come
/// from one machine.
fn infer_offsets(entries: &mut [Entry]) {
    let told = |entry: &&Entry| entry.format.is_text();
    let offsets: BTreeSet<i32> = entries.iter().filter(told).filter_map(|entry| entry.utc_offset).collect();
    let (Some(offset), 1) = (offsets.first().copied(), offsets.len()) else { return };
    for entry in
        entries.iter_mut().filter(|entry| entry.format.is_text() && entry.times.is_some() && entry.utc_offset.is_none())
    {
        entry.utc_offset = Some(offset);
        entry.utc_offset_inferred = true;
    }
}

/// A block on its way from the walk to a scanning thread.
struct Job {
    order: u64,
    entry: usize,
    format: LogFormat,
    block: Block,
}

impl Job {
    fn done(&self, program: &Program<'_>) -> Done {
        let harvest = block::scan(program, self.format, &self.block);
        let counts = logs::count(self.format, &self.block);
        let services = logs::services(self.format, &self.block);
        Done { entry: self.entry, harvest, tally: Tally { records: counts.records, times: counts.times, services } }
    }
}

type Walked = (Summary, Vec<Entry>, Vec<Problem>);

/// Turns members of a bundle into blocks.
struct Reading<'p> {
    limits: &'p Limits,
    entries: Vec<Entry>,
    problems: Vec<Problem>,
    order: u64,
    bytes: AtomicU64,
    progress: &'p (dyn Fn(u64) + Sync),
}

impl<'p> Reading<'p> {
    fn new(limits: &'p Limits, progress: &'p (dyn Fn(u64) + Sync)) -> Self {
        Reading { limits, entries: Vec::new(), problems: Vec::new(), order: 0, bytes: AtomicU64::new(0), progress }
    }

    /// Reads one member; `take` gets its blocks and says whether it wants more.
    fn member(&mut self, member: Member<'_>, take: &mut dyn FnMut(Job) -> bool) {
        let format = logs::recognise(member.path, member.head);
        let mut entry = Entry {
            path: member.path.to_owned(),
            format,
            encoding: None,
            bytes: member.size.unwrap_or_default(),
            records: 0,
            times: None,
            utc_offset: None,
            utc_offset_inferred: false,
            services: BTreeSet::new(),
        };
        if member.head.is_empty() {
            self.problem(&entry.path, "the file is empty".to_owned());
        } else if format.is_text() {
            let counted = Counted { inner: member.reader, bytes: &self.bytes, progress: self.progress };
            let mut blocks = Blocks::new(format, counted);
            // A read error ends the entry here; `bundle` has noted it as a problem already.
            while let Some(Ok(block)) = blocks.next() {
                let job = Job { order: self.order, entry: self.entries.len(), format, block };
                self.order += 1;
                if !take(job) {
                    break;
                }
            }
            entry.encoding = Some(blocks.encoding().name());
            entry.bytes = blocks.bytes();
            entry.utc_offset = blocks.utc_offset();
        } else if format.is_events() {
            self.events(&mut entry, format, member.reader, take);
        } else {
            let message = match format.advice() {
                Some(advice) => format!("not read ({}): {advice}", format.name()),
                None => format!("not read: this is no log ({})", format.name()),
            };
            self.problem(&entry.path, message);
        }
        self.entries.push(entry);
    }

    /// Reads a binary log; `entry` learns what it holds.
    fn events(
        &mut self,
        entry: &mut Entry,
        format: LogFormat,
        reader: &mut dyn Read,
        take: &mut dyn FnMut(Job) -> bool,
    ) {
        let mut counted = Counted { inner: reader, bytes: &self.bytes, progress: self.progress };
        let source = match bundle::keep(&mut counted, KEPT_IN_MEMORY) {
            Ok((source, bytes)) => {
                entry.bytes = bytes;
                source
            }
            Err(error) => return self.problem(&entry.path, format!("cannot be kept for reading: {error}")),
        };
        entry.utc_offset = Some(0);
        let stopwatch = Stopwatch::start(self.limits);
        let mut late = None;
        let (order, index) = (&mut self.order, self.entries.len());
        let losses = logs::read_events(format, source, &mut |block| {
            let job = Job { order: *order, entry: index, format, block };
            *order += 1;
            late = stopwatch.excess();
            take(job) && late.is_none()
        });
        for loss in losses.into_iter().chain(late) {
            self.problem(&entry.path, loss);
        }
    }

    fn problem(&mut self, entry: &str, message: String) {
        self.problems.push(Problem { entry: entry.to_owned(), message });
    }

    fn end(mut self, mut summary: Summary) -> Walked {
        self.problems.append(&mut summary.problems);
        (summary, self.entries, self.problems)
    }
}

/// Counts the bytes that pass.
struct Counted<'c, R> {
    inner: R,
    bytes: &'c AtomicU64,
    progress: &'c (dyn Fn(u64) + Sync),
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let before = self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        (self.progress)(before + count as u64);
        Ok(count)
    }
}

fn scan_jobs(receiver: Receiver<Job>, jobs: usize, program: &Program<'_>, gatherer: &Mutex<Gatherer>) {
    let scan_one = |job: Job| {
        let done = job.done(program);
        gatherer.lock().unwrap_or_else(PoisonError::into_inner).add(job.order, done);
    };
    match rayon::ThreadPoolBuilder::new().num_threads(jobs).build() {
        Ok(pool) => pool.install(|| receiver.into_iter().par_bridge().for_each(scan_one)),
        // No threads to be had: the same work in this one.
        Err(_) => receiver.into_iter().for_each(scan_one),
    }
}

/// A scanned block.
struct Done {
    entry: usize,
    harvest: Harvest,
    tally: Tally,
}

/// What an entry holds, added up block by block.
#[derive(Default)]
struct Tally {
    records: u64,
    times: Option<(DateTime, DateTime)>,
    services: BTreeSet<&'static str>,
}

/// Puts results back into the order of the walk and adds them up.
#[derive(Default)]
struct Gatherer {
    next: u64,
    waiting: BTreeMap<u64, Done>,
    entries: BTreeMap<usize, Gathering>,
    counts: BTreeMap<usize, Tally>,
    hits: Hits,
    filtered: BTreeMap<usize, u64>,
}

impl Gatherer {
    fn add(&mut self, order: u64, done: Done) {
        self.waiting.insert(order, done);
        while let Some(done) = self.waiting.remove(&self.next) {
            self.next += 1;
            let tally = self.counts.entry(done.entry).or_default();
            tally.records += done.tally.records;
            tally.services.extend(done.tally.services);
            if let Some((first, last)) = done.tally.times {
                let (earliest, latest) = tally.times.unwrap_or((first, last));
                tally.times = Some((earliest.min(first), latest.max(last)));
            }
            let mut harvest = done.harvest;
            for (filter, records) in std::mem::take(&mut harvest.filtered) {
                *self.filtered.entry(filter).or_default() += records;
            }
            harvest.found.iter_mut().for_each(|found| self.hits.add(done.entry, found));
            self.entries.entry(done.entry).or_default().add(harvest);
        }
    }
}
