//! Writes the first inputs of every target to `corpus/`: made from the repository's own rules, cases and bundles,
//! and by the builders that the tests use.

#[path = "../../engine/bundle/tests/build.rs"]
mod archive;
#[path = "../../engine/logs/pml/writer.rs"]
mod pml;

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use casebook::logs::LogFormat;
use casebook::signature::{ExampleRecord, Source, load};
use casebook_fuzz::matching::BETWEEN;
use sevenz_rust2::EncoderMethod;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A short log of two records.
const LOG: &[u8] = b"2020-07-08 10:24:58, Error                 SP     Operation failed. GLE [5]\r\n\
    2020-07-08 10:24:59, Info                  SP     Done\r\n";

/// An event as the Event Viewer saves it.
const EVENT: &[u8] = b"<Events><Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
    <Provider Name='Application Error'/><EventID Qualifiers='0'>1000</EventID><Level>2</Level>\
    <TimeCreated SystemTime='2020-07-08T02:24:58.1Z'/><EventRecordID>7</EventRecordID><Channel>Application</Channel>\
    </System><EventData><Data>a &amp; b</Data><Data Name='c'>&#x62D2;</Data></EventData></Event></Events>";

/// How much of a log is enough to begin with.
const LONGEST: usize = 2000;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let source = Source::folder(&root).expect("the repository is a knowledge base");
    let logs = ["cases", "tests/bundles"].into_iter().flat_map(|folder| files(&source, folder, false)).collect();
    let texts = texts(&source);
    write("archives", archives());
    write("events", events(&logs));
    write("facts", texts.clone());
    write("knowledge", knowledge(&source));
    write("logs", text_logs(&logs, &texts));
    write("matching", matching(&source));
    write("text", texts.iter().zip(0u8..).flat_map(|(text, number)| encoded(text, number)).collect());
}

fn write(target: &str, inputs: Vec<Vec<u8>>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder).expect("the folder can be made");
    for (number, input) in inputs.iter().enumerate() {
        fs::write(folder.join(format!("seed-{number:04}")), input).expect("the file can be written");
    }
}

/// The files below a folder of the repository, either its YAML or all others.
fn files(source: &Source, folder: &str, yaml: bool) -> Vec<(PathBuf, Vec<u8>)> {
    let files = source.list(folder).expect("it can be listed");
    let files = files.into_iter().filter(|file| file.ends_with(".yml") == yaml);
    files.map(|file| (PathBuf::from(&file), source.read(&file).expect("it can be read"))).collect()
}

fn archives() -> Vec<Vec<u8>> {
    let files: [(&str, &[u8]); 2] = [("Panther/setupact.log", LOG), ("a.txt", b"a")];
    let tar = archive::tar_of(&files);
    let zip = zip_of(&files);
    let members = [("setupact.log", LOG.len())];
    vec![
        archive::gzip(LOG),
        archive::gzip(&tar),
        archive::bzip2(&tar),
        archive::xz(&tar),
        archive::zstd(&tar),
        archive::sevenz_of(EncoderMethod::LZMA2, &files),
        archive::sevenz_of(EncoderMethod::PPMD, &files),
        archive::locked_sevenz_of(true, &files),
        archive::cab_of(0, &[(LOG.to_owned(), LOG.len())], &members),
        archive::cab_of(1, &archive::mszip(LOG), &members),
        archive::cab_of(0x0f03, &archive::stored_lzx(LOG), &members),
        // The marks of RAR 4 and 5 with the first header of each.
        archive::bytes("526172211a0700cf907300000d00000000000000"),
        archive::bytes("526172211a0701003392b5e50a01050600050101808000"),
        zip_of(&[("in.zip", &zip), ("in.tar", &tar)]),
        tar,
        zip,
    ]
}

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).expect("the member can be begun");
        zip.write_all(bytes).expect("the member can be written");
    }
    zip.finish().expect("the zip can be finished").into_inner()
}

/// The event logs among the bundles, one event as XML, and a trace of each width.
fn events(logs: &Vec<(PathBuf, Vec<u8>)>) -> Vec<Vec<u8>> {
    let is_evtx = |file: &Path| file.extension().is_some_and(|ending| ending == "evtx");
    let mut events: Vec<Vec<u8>> =
        logs.iter().filter(|(file, _)| is_evtx(file)).map(|(_, bytes)| bytes.clone()).collect();
    events.push(EVENT.to_vec());
    let path = r"C:\Windows\WinSxS\x\WpdMtp.dll";
    let value = [pml::mark(path).as_slice(), &[0; 16], path.as_bytes()].concat();
    for pointer in [4, 8] {
        let write = pml::request(pointer, 0, 0, &[16, 0, 4096], path, &[]);
        let trace = pml::Writer::of(pointer).event(3, 21, 0xC000_0022, &write, &[1, 2, 3, 4]);
        events.push(trace.event(2, 5, 0, &value, &[]).event(1, 1, 0, &value, &[]).event(5, 2, 0, &value, &[]).bytes());
    }
    events
}

/// Every example of every rule.
fn texts(source: &Source) -> Vec<Vec<u8>> {
    let (knowledge, _) = load(source).expect("the knowledge base can be read");
    let rules = knowledge.rules.values().map(|rule| &rule.examples);
    let correlations = knowledge.correlations.values().map(|correlation| &correlation.examples);
    let examples = rules.chain(correlations).flat_map(|examples| examples.matching.iter().chain(&examples.ignored));
    let text = |record: &ExampleRecord| match record {
        ExampleRecord::Text(text) => Some(text.clone().into_bytes()),
        ExampleRecord::Events(_) => None,
    };
    examples.filter_map(|example| text(&example.record)).collect()
}

/// Every example and the beginning of every log, each as a log of some format.
fn text_logs(logs: &Vec<(PathBuf, Vec<u8>)>, texts: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let formats = LogFormat::ALL.iter().filter(|format| format.is_text()).count();
    let formats = u8::try_from(formats).expect("there are few formats");
    let begins = logs.iter().map(|(_, bytes)| &bytes[..bytes.len().min(LONGEST)]);
    let all = begins.chain(texts.iter().map(Vec::as_slice)).zip((0u8..=255).cycle());
    let mut inputs: Vec<Vec<u8>> =
        all.map(|(bytes, number)| [&[number % formats, number.wrapping_mul(37)], bytes].concat()).collect();
    inputs
        .extend((0..formats).map(|format| [&[format, 40], LOG, b"[7952] a\n\n<a b=\"c\">d</a>\n".as_slice()].concat()));
    inputs
}

fn knowledge(source: &Source) -> Vec<Vec<u8>> {
    let files = ["rules", "cases", "tests/faults"].into_iter().flat_map(|folder| files(source, folder, true));
    let pick = |file: &Path| match file.file_name().and_then(|name| name.to_str()) {
        Some("known-error.yml") => 1,
        Some("case.yml") => 2,
        _ => 0,
    };
    files.map(|(file, bytes)| [&[pick(&file)], bytes.as_slice()].concat()).collect()
}

/// The detection of every rule as it is written, with its examples as the log.
fn matching(source: &Source) -> Vec<Vec<u8>> {
    let input = |(_, bytes): (PathBuf, Vec<u8>)| {
        let rule = String::from_utf8_lossy(&bytes).into_owned();
        let (_, detection) = rule.split_once("\ndetection:\n")?;
        let detection: Vec<&str> = detection.lines().take_while(|line| line.starts_with(' ')).collect();
        let (_, examples) = rule.split_once("\nexamples:")?;
        let quoted = examples.lines().filter_map(|line| line.split_once('\''));
        let log: Vec<&str> = quoted.map(|(_, text)| text.trim_end_matches('\'')).collect();
        Some(format!("\n{}{BETWEEN}{}\n", detection.join("\n"), log.join("\n")).into_bytes())
    };
    files(source, "rules", true).into_iter().filter_map(input).collect()
}

/// A text in several encodings, after the two bytes that say how it arrives.
fn encoded(text: &[u8], number: u8) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(text);
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let ways = [text.as_bytes().to_owned(), [b"\xff\xfe", little.as_slice()].concat(), little, big];
    let begin = [number.wrapping_mul(11), number.wrapping_mul(7)];
    ways.into_iter().map(|bytes| [begin.as_slice(), &bytes].concat()).collect()
}
