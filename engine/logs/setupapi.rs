//! `setupapi.dev.log`, `setupapi.setup.log` and their like: device and driver installation.
//!
//! ```text
//! >>>  [Device Install (Hardware initiated) - USB\VID_0000&PID_0000\1]
//! >>>  Section start 2012/02/08 20:55:17.486
//!      dvi: {Build Driver List} 20:55:17.506
//! !    dvi: Selecting driver failed(0xe0000228)
//! !!!  inf: Unable to load …
//! <<<  [Exit status: FAILURE(0xe0000203)]
//! ```
//! The two lines that open a section are one record; each line within is a record of its own,
//! with the section's title as the field `section`, and with the section's time where it has none.

use super::cursor::Cursor;
use super::layout::{Columns, Line};
use super::lines::{first_line, without_marks};

const CATEGORIES: [&str; 26] = [
    "dvi", "inf", "sto", "ndv", "ump", "cpy", "flq", "sig", "idb", "utl", "pol", "set", "exe", "bak", "cci", "cmi",
    "drv", "cer", "reg", "pnp", "tsk", "ins", "cmd", "svc", "dvs", "prp",
];

/// What the line is to the records around it.
pub(super) fn classify(line: &str) -> Line {
    let bare = line.trim_start_matches(['\u{feff}', '|', '>', '*', ' ']);
    if opens_section(line) || bare.starts_with("[Boot Session: ") {
        return Line::First;
    }
    let within = without_marks(line).starts_with("<<<") || category(line).is_some();
    if within { Line::Within } else { Line::Continued }
}

/// Whether the line stands in no other log.
pub(super) fn starts(line: &str) -> bool {
    classify(line) != Line::Continued && (line.starts_with([' ', '!', '<']) || opens_section(line))
}

/// Reads the columns of a section's opening or of a line within.
pub(super) fn columns(text: &str) -> Columns<'_> {
    if let Some((level, component, message)) = category(text) {
        let clock = first_line(message).trim_end().rsplit_once(' ').and_then(|(_, word)| Cursor::new(word).clock());
        return Columns { level: Some(level), component: Some(component), clock, ..Columns::of(message) };
    }
    let title = title(text);
    let time = ["Section start ", "Section end ", "[Boot Session: "].iter().find_map(|mark| {
        let mut cursor = Cursor::new(text.split_once(mark)?.1);
        let date = cursor.date(&['/'])?;
        cursor.blanks();
        cursor.clock()?.on(date)
    });
    let opens = opens_section(text);
    let level = if first_line(text).contains("FAILURE(") { "Error" } else { "Info" };
    Columns { time, level: Some(level), section: title.filter(|_| opens), ..Columns::of(text) }
}

fn opens_section(line: &str) -> bool {
    let bare = line.trim_start_matches(['>', ' ', '\t', '|', '*', '\u{feff}']);
    bare.starts_with('[') && line[..line.len() - bare.len()].contains(">>>")
}

fn title(text: &str) -> Option<&str> {
    let (_, inner) = first_line(text).split_once('[')?;
    Some(inner.rsplit_once(']').map_or(inner, |(title, _)| title))
}

/// Level, category and message of a line such as `!    dvi: Selecting driver failed`.
fn category(line: &str) -> Option<(&'static str, &str, &str)> {
    let bare = without_marks(line);
    let alarms = bare.bytes().take_while(|byte| *byte == b'!').count();
    let level = *["Info", "Warning", "Warning", "Error"].get(alarms)?;
    let rest = bare[alarms..].trim_start_matches([' ', '\t']);
    let (name, message) = rest.split_at_checked(3)?;
    let message = message.strip_prefix(':')?;
    let known = CATEGORIES.contains(&name);
    let untouched = line.starts_with("     ") && name.bytes().all(|byte| byte.is_ascii_lowercase());
    (known || untouched).then_some((level, name, message.trim_start_matches([' ', '\t'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        let line = classify(input);
        let shown = if line == Line::Continued { "no record".to_owned() } else { columns(input).show() };
        assert_eq!(shown, expected, "{input}");
    }

    #[test]
    fn a_section_opens_with_title_and_time() {
        let text = ">>>  [Device Install - pci\\ven_10ee]\r\n>>>  Section start 2012/02/08 20:55:17.486";
        check(text, &format!("2012-02-08T20:55:17.486|Info|||{text}"));
        assert_eq!(columns(text).section, Some("Device Install - pci\\ven_10ee"));
        check(
            "[Boot Session: 2012/02/08 20:50:00.500]",
            "2012-02-08T20:50:00.5|Info|||[Boot Session: 2012/02/08 20:50:00.500]",
        );
    }

    #[test]
    fn marks_are_levels_and_categories_components() {
        check("     dvi: {Build Driver List} 20:55:17.506", "|Info|dvi||{Build Driver List} 20:55:17.506");
        check(
            "!    dvi:      Selecting driver failed(0xe0000228)",
            "|Warning|dvi||Selecting driver failed(0xe0000228)",
        );
        check("!!!  inf: It failed", "|Error|inf||It failed");
        check("! ndv: collapsed", "|Warning|ndv||collapsed");
        check("> sto: quoted", "|Info|sto||quoted");
    }

    #[test]
    fn the_end_of_a_section_tells_its_outcome() {
        check("<<<  [Exit status: FAILURE(0xe0000203)]", "|Error|||<<<  [Exit status: FAILURE(0xe0000203)]");
        check("<<<  [Exit status: SUCCESS]", "|Info|||<<<  [Exit status: SUCCESS]");
    }

    #[test]
    fn other_lines_are_no_records() {
        for line in
            ["", "abc: x", ">>>  Section start 2012/02/08 20:55:17.486", "[BeginLog]", "!!!!  dvi: x", "错错: x"]
        {
            check(line, "no record");
        }
    }
}
