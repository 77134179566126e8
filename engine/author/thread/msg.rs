//! A mail as Outlook saves it (`.msg`): an OLE compound file with a stream for each property.
//!
//! Read are the sender, the receivers, the day, the subject, the body as text or HTML, and attached files. A body that
//! is kept as RTF only, and mails attached to the mail, are not read; the draft's notes say so.

use std::io::{Cursor, Read};

use cfb::CompoundFile;
use jiff::Timestamp;

use super::saved::{Headers, Saved, decode, of_html, plain_name};

/// Largest property that is read.
const LARGEST: u64 = 64 << 20;

/// Properties by the number that Outlook gives them.
const SUBJECT: &str = "0037";
const SENDER_NAME: &str = "0C1A";
const SENDER_ADDRESS: [&str; 2] = ["5D01", "0C1F"];
const RECEIVERS: [&str; 2] = ["0E04", "0E03"];
const BODY: &str = "1000";
const HTML: &str = "1013";
const RTF: &str = "1009";
const ATTACHED_NAME: [&str; 2] = ["3707", "3704"];
const ATTACHED_BYTES: &str = "3701";

/// The days of a mail: when it was sent, and when it came.
const DAYS: [u32; 2] = [0x0039_0040, 0x0e06_0040];

type File<'b> = CompoundFile<Cursor<&'b [u8]>>;

/// Reads a mail; none where the file is no mail of Outlook.
pub(super) fn read(bytes: &[u8]) -> Option<Saved> {
    let mut file = CompoundFile::open(Cursor::new(bytes)).ok()?;
    if !file.is_stream("/__properties_version1.0") {
        return None;
    }
    let mut saved = Saved::default();
    let first = |file: &mut File<'_>, numbers: &[&str]| {
        numbers.iter().find_map(|number| text(file, "", number).filter(|text| !text.trim().is_empty()))
    };
    let sender = text(&mut file, "", SENDER_NAME).unwrap_or_default();
    let address = first(&mut file, &SENDER_ADDRESS).filter(|address| address.contains('@')).unwrap_or_default();
    let receivers: Vec<String> = RECEIVERS.iter().filter_map(|number| text(&mut file, "", number)).collect();
    let headers = Headers {
        from: format!("{sender} <{address}>"),
        sent: sent(&mut file).unwrap_or_default(),
        to: receivers.join("; "),
        subject: text(&mut file, "", SUBJECT).unwrap_or_default(),
    };
    let body = text(&mut file, "", BODY).filter(|body| !body.trim().is_empty());
    let html = |file: &mut File<'_>| Some(of_html(&decode(&stream(file, &format!("/__substg1.0_{HTML}0102"))?)));
    let body = match body.or_else(|| text(&mut file, "", HTML).map(|html| of_html(&html))).or_else(|| html(&mut file)) {
        Some(body) => body,
        None if file.is_stream(format!("/__substg1.0_{RTF}0102")) => {
            let note = "the mail keeps its text as RTF only, which is not read: save it as text or as .eml";
            saved.notes.push(note.to_owned());
            String::new()
        }
        None => String::new(),
    };
    saved.add(&headers, &body);
    attachments(&mut file, &mut saved);
    Some(saved)
}

fn attachments(file: &mut File<'_>, saved: &mut Saved) {
    let storages = file.read_root_storage().filter(|entry| entry.is_storage());
    let folders: Vec<String> =
        storages.map(|entry| entry.name().to_owned()).filter(|name| name.starts_with("__attach_")).collect();
    for folder in folders.iter().map(|name| format!("/{name}")) {
        let name = ATTACHED_NAME.iter().find_map(|number| text(file, &folder, number));
        let name = plain_name(&name.unwrap_or_else(|| "attachment".to_owned()));
        match stream(file, &format!("{folder}/__substg1.0_{ATTACHED_BYTES}0102")) {
            Some(bytes) => saved.files.push((name, bytes)),
            None => saved.notes.push(format!("what is attached as {name} is no file and not read: save it on its own")),
        }
    }
}

/// A property that is text, in either of the two forms that Outlook writes.
fn text(file: &mut File<'_>, folder: &str, number: &str) -> Option<String> {
    if let Some(bytes) = stream(file, &format!("{folder}/__substg1.0_{number}001F")) {
        let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        let text: String = char::decode_utf16(units).map(|letter| letter.unwrap_or('\u{fffd}')).collect();
        return Some(text.trim_end_matches('\0').to_owned());
    }
    Some(decode(&stream(file, &format!("{folder}/__substg1.0_{number}001E"))?))
}

fn stream(file: &mut File<'_>, path: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    file.open_stream(path).ok()?.take(LARGEST).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// The day the mail was sent, of the table of properties that have a fixed size.
fn sent(file: &mut File<'_>) -> Option<String> {
    const HEADER: usize = 32;
    let table = stream(file, "/__properties_version1.0")?;
    let rows = || table.get(HEADER..).unwrap_or_default().chunks_exact(16);
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let ticks = DAYS.iter().find_map(|day| rows().find(|row| number(&row[..4]) == u64::from(*day)))?;
    /// Seconds from 1601, where Windows begins to count, to 1970.
    const EPOCH: i64 = 11_644_473_600;
    let seconds = i64::try_from(number(&ticks[8..]) / 10_000_000).ok()? - EPOCH;
    Some(Timestamp::from_second(seconds).ok()?.to_string())
}
