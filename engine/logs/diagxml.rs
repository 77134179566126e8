//! `diagerr.xml` and `diagwrn.xml`: set-up's errors and warnings as rows with function and number.
//!
//! ```text
//! <z:row Cls="D" Sev="33554432" LN="236" Fun="CSetup::Run" Msg="It failed" PID="1516" TID="1520" Mod="a.dll" Err="5" DT="2022-12-05T15:01:50"/>
//! ```
//! Each row is a record. `Err` is the thread's last error, which the row need not be about, so it
//! is the field `last_error` and no fact.

use std::borrow::Cow;

use jiff::civil::DateTime;

use super::cursor::Cursor;
use super::layout::Columns;
use super::xml;

/// Attributes and the fields they become.
const FIELDS: [(&str, &str); 9] = [
    ("Fun", "function"),
    ("Fil", "file"),
    ("LN", "line"),
    ("PID", "pid"),
    ("TID", "tid"),
    ("Con", "context"),
    ("Exe", "executable"),
    ("Err", "last_error"),
    ("Uid", "uid"),
];

/// Whether a record begins with this tag.
pub(super) fn starts(rest: &str) -> bool {
    xml::tag(rest).is_some_and(|tag| tag.name == "z:row")
}

/// Reads the attributes of a row.
pub(super) fn columns(text: &str) -> Columns<'_> {
    let mut columns = Columns::of(text);
    let Some(tag) = xml::tag(text) else { return columns };
    for (name, value) in tag.attributes().filter(|(_, value)| !value.is_empty()) {
        match name {
            "Msg" => columns.message = value,
            "Mod" => columns.component = Some(value),
            "Sev" => columns.level = level(value),
            "DT" => columns.time = time(value),
            _ => {
                let field = FIELDS.iter().find(|(attribute, _)| *attribute == name);
                columns.fields.extend(field.map(|(_, field)| (Cow::Borrowed(*field), xml::decode(value))));
            }
        }
    }
    columns
}

/// The severity is the highest byte of the number.
fn level(severity: &str) -> Option<&'static str> {
    Some(match severity.parse::<u32>().ok()? >> 24 {
        1 => "Fatal Error",
        2 => "Error",
        3 => "Warning",
        4 => "Info",
        _ => return None,
    })
}

fn time(value: &str) -> Option<DateTime> {
    let mut cursor = Cursor::new(value);
    let date = cursor.date(&['-'])?;
    cursor.eat(&['T', ' '])?;
    cursor.clock()?.on(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        let shown = if starts(input) { columns(input).show() } else { "no record".to_owned() };
        assert_eq!(shown, expected, "{input}");
    }

    #[test]
    fn a_row_is_read() {
        check(
            "<z:row Cls=\"D\" Sev=\"33554432\" LN=\"236\" Fil=\"\" Fun=\"A::&lt;B&gt;\" Msg=\"0x80070005 in x\" PID=\"1\" Mod=\"a.dll\" Err=\"5\" DT=\"2022-12-05T15:01:50\"/>",
            "2022-12-05T15:01:50|Error|a.dll|line=236 function=A::<B> pid=1 last_error=5|0x80070005 in x",
        );
        check("<z:row\r\n Sev=\"50331648\"\r\n Msg=\"cut", "|Warning|||<z:row\r\n Sev=\"50331648\"\r\n Msg=\"cut");
    }

    #[test]
    fn other_elements_are_no_records() {
        for input in ["<s:AttributeType name=\"Sev\"/>", "<rs:data>", "</xml>", "text"] {
            check(input, "no record");
        }
    }
}
