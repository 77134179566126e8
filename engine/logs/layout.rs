//! Asks the right format's file: does a record begin here, and what are its columns.
//!
//! Called by the block cutter and by [`super::Records`]. There is one row per text format, and a
//! new format is added in these two functions and nowhere else on the way of the data.

use std::borrow::Cow;

use jiff::civil::DateTime;

use super::lines::is_blank;
use super::{Header, LogFormat, coinstaller, panther, procmon, windowsupdate, worker};

/// What a line is to the records around it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Line {
    /// It begins a record that stands for itself.
    First,
    /// It begins a record that takes its time from the next one that has a time.
    Worker,
    /// It continues the record before it.
    Continued,
}

/// What a record's text says once it is split into columns.
pub(super) struct Columns<'t> {
    pub(super) time: Option<DateTime>,
    pub(super) level: Option<&'t str>,
    pub(super) component: Option<&'t str>,
    pub(super) message: &'t str,
    pub(super) fields: Vec<(&'static str, Cow<'t, str>)>,
}

/// What the line at the start of `rest` is; looks no further than that line.
pub(super) fn classify(format: LogFormat, header: &Header, rest: &str) -> Line {
    let first = match format {
        LogFormat::Setupact | LogFormat::Cbs | LogFormat::Dism | LogFormat::UpdateAgent => {
            let stamped = panther::starts(rest);
            if !stamped && worker::starts(rest) {
                return Line::Worker;
            }
            stamped
        }
        LogFormat::WindowsUpdate => windowsupdate::starts(rest),
        LogFormat::Procmon => procmon::starts(header, rest),
        LogFormat::Coinstaller => coinstaller::starts(rest),
        _ => !is_blank(rest),
    };
    if first { Line::First } else { Line::Continued }
}

/// Splits a record that begins with such a line into its columns.
pub(super) fn columns<'t>(format: LogFormat, header: &Header, line: Line, text: &'t str) -> Columns<'t> {
    match (line, format) {
        (Line::Continued, _) => Columns::of(text),
        (Line::Worker, _) => worker::columns(text),
        (_, LogFormat::Setupact | LogFormat::Cbs | LogFormat::Dism | LogFormat::UpdateAgent) => panther::columns(text),
        (_, LogFormat::WindowsUpdate) => windowsupdate::columns(text),
        (_, LogFormat::Procmon) => procmon::columns(header, text),
        (_, LogFormat::Coinstaller) => coinstaller::columns(text),
        _ => Columns::of(text),
    }
}

impl<'t> Columns<'t> {
    /// A text without columns.
    pub(super) fn of(message: &'t str) -> Self {
        Self { time: None, level: None, component: None, message, fields: Vec::new() }
    }

    /// One line for tests: time, level, component, fields and message.
    #[cfg(test)]
    pub(super) fn show(&self) -> String {
        let time = self.time.map(|time| time.to_string()).unwrap_or_default();
        let fields: Vec<String> = self.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!(
            "{time}|{}|{}|{}|{}",
            self.level.unwrap_or_default(),
            self.component.unwrap_or_default(),
            fields.join(" "),
            self.message
        )
    }
}
