//! Events as XML: what `wevtutil qe … /f:xml` and the Event Viewer's "Save as" write, and what the evtx crate makes of
//! binary event logs. Every event's values get the names that Sigma's rules use.
//!
//! Attributes of `System` are named `Element_Attribute`. Values of `EventData` keep their names; those without get the
//! ones that newer Windows gives them, from `event-fields.csv`. Of `RenderingInfo` the message is taken. An event's
//! number is its record number. What is no event is passed over, and an event that does not end is named.

use std::borrow::Cow;
use std::io::Read;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use memchr::memmem;

use super::event::{Draft, EventBlocks};
use super::xml::{self, Tag};
use crate::text::TextReader;

/// The value that names who wrote an event.
pub(super) const PROVIDER: &str = "Provider_Name";

/// By what text of this form is known, whatever stands around it.
pub(super) const MARK: &str = "schemas.microsoft.com/win/2004/08/events/event";

const END: &str = "</Event>";

/// How much is read at once.
const PART: usize = 256 << 10;

/// Longest event; the event log service allows 64 KiB of values.
const LONGEST: usize = 4 << 20;

/// Names of the values that an event leaves without one.
struct Names {
    provider: &'static str,
    id: &'static str,
    names: Vec<&'static str>,
}

static NAMES: LazyLock<Vec<Names>> = LazyLock::new(|| {
    let row = |row: &'static str| {
        let mut cells = row.split(',');
        Some(Names { provider: cells.next()?, id: cells.next()?, names: cells.next()?.split(' ').collect() })
    };
    include_str!("event-fields.csv").lines().skip(1).filter_map(row).collect()
});

/// Reads all events of a text; gives what could not be read.
pub(super) fn read(source: impl Read, blocks: &mut EventBlocks<'_>) -> Vec<String> {
    let mut reader = TextReader::new(source);
    let mut text = String::new();
    let mut draft = Draft::default();
    let (mut ordinal, mut skipped) = (0, 0_u64);
    // A read error ends the text here; `bundle` has noted it as a problem already.
    while let Ok(1..) = reader.fill(&mut text, PART) {
        let mut from = 0;
        while let Some(at) = memmem::find(&text.as_bytes()[from..], END.as_bytes()) {
            let end = from + at + END.len();
            if let Some(start) = event_start(&text[from..end]) {
                ordinal += 1;
                draft.clear();
                read_event(&text[from + start..end], &mut draft);
                draft.number = draft.get("EventRecordID").and_then(|id| id.parse().ok()).unwrap_or(ordinal);
                read_stamps(&mut draft);
                if !blocks.push(&draft) {
                    return Vec::new();
                }
            }
            from = end;
        }
        text.drain(..from);
        if text.len() > LONGEST {
            skipped += text.len() as u64;
            text.clear();
        }
    }
    let mut losses = Vec::new();
    if skipped > 0 {
        losses.push(format!("read in part: {skipped} bytes hold no event that ends"));
    }
    if event_start(&text).is_some() {
        losses.push("read in part: the file ends within an event".to_owned());
    }
    losses
}

/// Where the last event that begins in a text does.
fn event_start(text: &str) -> Option<usize> {
    let is_event = |at: &usize| !text[at + "<Event".len()..].starts_with(|next: char| next.is_alphanumeric());
    memmem::rfind_iter(text.as_bytes(), b"<Event").find(is_event)
}

/// The parts of an event.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    System,
    EventData,
    UserData,
    RenderingInfo,
}

impl Part {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "System" => Self::System,
            "EventData" => Self::EventData,
            "UserData" => Self::UserData,
            "RenderingInfo" => Self::RenderingInfo,
            _ => return None,
        })
    }
}

/// Adds the values of one event to a draft.
pub(super) fn read_event(event: &str, draft: &mut Draft) {
    let mut part = None;
    let mut names: &[&str] = &[];
    let mut unnamed = 0;
    for tag in xml::tags_and_ends(event) {
        match (part, tag) {
            (Some(open), Err(ended)) if Part::of(ended) == Some(open) => part = None,
            (None, Ok(tag)) => {
                part = Part::of(tag.name);
                if part == Some(Part::EventData) {
                    names = positions(draft);
                }
            }
            (Some(Part::System), Ok(tag)) => system(tag, draft),
            (Some(Part::EventData), Ok(tag)) if tag.name == "Data" => {
                let name = tag.attributes().find(|(attribute, _)| *attribute == "Name").map(|(_, name)| decode(name));
                let name = name.unwrap_or_else(|| {
                    unnamed += 1;
                    Cow::Borrowed(names.get(unnamed - 1).copied().unwrap_or("Data"))
                });
                draft.add(&name, decode(tag.content().unwrap_or_default()));
            }
            (Some(Part::EventData | Part::UserData), Ok(tag)) => add_text(tag, draft),
            (Some(Part::RenderingInfo), Ok(tag)) if tag.name == "Message" => add_text(tag, draft),
            _ => {}
        }
    }
}

/// Reads an event's time and level from its values.
pub(super) fn read_stamps(draft: &mut Draft) {
    let time = draft.get("SystemTime").and_then(|time| time.parse::<Timestamp>().ok());
    draft.time = time.map(|time| time.to_zoned(TimeZone::UTC).datetime());
    draft.level = draft.get("Level").and_then(level);
}

/// A value of `System`; attributes are named `Element_Attribute`, except where Sigma has a name of its own.
fn system(tag: Tag<'_>, draft: &mut Draft) {
    for (attribute, value) in tag.attributes() {
        match tag.name {
            "TimeCreated" | "Correlation" => draft.add(attribute, decode(value)),
            element => draft.add(&format!("{element}_{attribute}"), decode(value)),
        }
    }
    add_text(tag, draft);
}

fn add_text(tag: Tag<'_>, draft: &mut Draft) {
    if tag.text().is_some() {
        draft.add(tag.name, decode(tag.content().unwrap_or_default()));
    }
}

/// The names of the event's values that have none.
fn positions(draft: &Draft) -> &'static [&'static str] {
    let (provider, id) = (draft.get(PROVIDER).unwrap_or_default(), draft.get("EventID").unwrap_or_default());
    let row = NAMES.iter().find(|row| row.provider == provider && row.id == id);
    row.map(|row| row.names.as_slice()).unwrap_or_default()
}

/// A value with its references replaced by what they stand for.
fn decode(value: &str) -> Cow<'_, str> {
    let value = xml::decode(value);
    if !value.contains("&#") {
        return value;
    }
    let mut parts = value.split("&#");
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(';').and_then(|(number, rest)| Some((character(number)?, rest))) {
            Some((character, rest)) => {
                decoded.push(character);
                decoded.push_str(rest);
            }
            None => {
                decoded.push_str("&#");
                decoded.push_str(part);
            }
        }
    }
    Cow::Owned(decoded)
}

fn character(number: &str) -> Option<char> {
    let number = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => number.parse(),
    };
    number.ok().and_then(char::from_u32)
}

/// The word that Windows shows for a level.
fn level(number: &str) -> Option<&'static str> {
    Some(match number {
        "0" | "4" => "Information",
        "1" => "Critical",
        "2" => "Error",
        "3" => "Warning",
        "5" => "Verbose",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use crate::logs::{Block, LogFormat, Records, read_events};

    const SYSTEM: &str = "<System><Provider Name='Application Error'/><EventID Qualifiers='0'>1000</EventID><Level>2</Level>\
        <TimeCreated SystemTime='2023-05-10T07:45:28.5Z'/><EventRecordID>7</EventRecordID>\
        <Channel>Application</Channel></System>";

    fn read(text: &str) -> (Vec<String>, Vec<String>) {
        let mut lines = Vec::new();
        let losses = read_events(LogFormat::EventXml, Cursor::new(text), &mut |block: Block| {
            let shown = Records::new(LogFormat::EventXml, &block).map(|record| {
                let time = record.time.map(|time| time.to_string()).unwrap_or_default();
                format!("{} {time} {} {}", record.line, record.level.unwrap_or("-"), record.text)
            });
            lines.extend(shown);
            true
        });
        (lines, losses)
    }

    fn check(data: &str, expected: &str) {
        let (lines, losses) = read(&format!("<Events><Event xmlns='x'>{SYSTEM}{data}</Event></Events>"));
        let head = "7 2023-05-10T07:45:28.5 Error Application Error | EventID_Qualifiers: 0 | EventID: 1000 | \
                    Channel: Application";
        assert_eq!(lines, [format!("{head}{expected}")]);
        assert!(losses.is_empty(), "{losses:?}");
    }

    #[test]
    fn values_have_the_names_that_windows_gives_them() {
        check(
            "<EventData Name='a'><Data Name='Path'>C:\\a &amp; b</Data><Data Name='Empty'/></EventData>",
            " | Path: C:\\a & b",
        );
        check(
            "<EventData><Data>a.exe</Data><Data></Data><Data>x</Data><Binary>00FF</Binary></EventData>",
            " | AppName: a.exe | AppTimeStamp: x | Binary: 00FF",
        );
        check(
            "<UserData><X xmlns='y'><Kb>KB1</Kb><Deep><Code>0x5</Code></Deep></X></UserData>",
            " | Kb: KB1 | Code: 0x5",
        );
    }

    #[test]
    fn the_process_that_wrote_an_event_is_not_the_one_it_tells_of() {
        let system = SYSTEM.replace("</System>", "<Execution ProcessID='788' ThreadID='792'/></System>");
        let (lines, _) =
            read(&format!("<Event>{system}<EventData><Data Name='ProcessId'>4</Data></EventData></Event>"));
        assert!(
            lines[0].ends_with(" | Execution_ProcessID: 788 | Execution_ThreadID: 792 | ProcessId: 4"),
            "{lines:?}"
        );
    }

    #[test]
    fn blanks_around_a_value_belong_to_it() {
        let data = "<EventData><Data Name='CommandLine'>cmd.exe /c </Data></EventData>\n \
                    <UserData><X>\n  <Name> a </Name>\n</X></UserData>";
        check(data, " | CommandLine: cmd.exe /c  | Name:  a ");
    }

    #[test]
    fn the_message_and_references_are_read() {
        check(
            "<EventData/><RenderingInfo Culture='zh-CN'><Message>&#x62D2;&#32477; &#;&amp;#65;</Message>\
             <Level>错误</Level></RenderingInfo>",
            " | Message: 拒绝 &#;A",
        );
    }

    #[test]
    fn what_is_no_whole_event_is_passed_over_and_named() {
        let (lines, losses) =
            read(&format!("x <EventLog/> <Event><Event>{SYSTEM}</Event> y </Event><Event a='1'><Sys"));
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!(losses, ["read in part: the file ends within an event"]);
        let (lines, losses) = read(&format!("<Event>{}", "a".repeat(super::LONGEST + super::PART)));
        assert!(lines.is_empty() && losses[0].contains("bytes hold no event"), "{losses:?}");
    }
}
