//! Asks the right format's file: does a record begin here, and what are its columns.
//!
//! Called by the block cutter, by [`super::Records`] and by [`super::count`]. There is one row per
//! text format, and a new format is added in these two functions, in `recognise`, and nowhere else
//! on the way of the data.

use std::borrow::Cow;

use jiff::civil::DateTime;

use super::cursor::Clock;
use super::lines::is_blank;
use super::{
    Header, LogFormat, bluebox, checksur, cmtrace, coinstaller, compatdata, diagxml, ini, msi, panther, pfro, procmon,
    reportingevents, setupapi, setupdiag, windowsupdate, worker,
};

/// What a line, or a tag of XML, is to the records around it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Line {
    /// It begins a record that stands for itself, and may open a section.
    First,
    /// It begins a record that takes its time from the next one that has a time.
    Worker,
    /// It begins a record that takes day and section from the opening before it.
    Within,
    /// It continues the record before it.
    Continued,
}

/// A field of a record: its name and value.
pub(super) type Field<'t> = (Cow<'t, str>, Cow<'t, str>);

/// What a record's text says once it is split into columns.
pub(super) struct Columns<'t> {
    pub(super) time: Option<DateTime>,
    /// A time of day whose day stands in the opening.
    pub(super) clock: Option<Clock>,
    pub(super) level: Option<&'t str>,
    pub(super) component: Option<&'t str>,
    /// The title of the section that the record opens or stands in.
    pub(super) section: Option<&'t str>,
    pub(super) message: &'t str,
    pub(super) fields: Vec<Field<'t>>,
}

/// What a record tells the records that stand within its section.
#[derive(Clone, Copy, Default)]
pub(super) struct Opening<'t> {
    pub(super) time: Option<DateTime>,
    pub(super) section: Option<&'t str>,
}

/// What the line or tag at the start of `rest` is; looks no further than that.
pub(super) fn classify(format: LogFormat, header: &Header, rest: &str) -> Line {
    let first = match format {
        LogFormat::Setupact | LogFormat::Cbs | LogFormat::Dism | LogFormat::UpdateAgent => {
            let stamped = panther::starts(rest);
            if !stamped && worker::starts(rest) {
                return Line::Worker;
            }
            stamped
        }
        LogFormat::SetupApi => return setupapi::classify(rest),
        LogFormat::CheckSur => return checksur::classify(rest),
        LogFormat::Msi => return msi::classify(rest),
        LogFormat::Ini => return ini::classify(rest),
        LogFormat::WindowsUpdate => windowsupdate::starts(rest),
        LogFormat::Procmon => procmon::starts(header, rest),
        LogFormat::Coinstaller => coinstaller::starts(rest),
        LogFormat::ReportingEvents => reportingevents::starts(rest),
        LogFormat::BlueBox => bluebox::starts(rest),
        LogFormat::Pfro => pfro::starts(rest),
        LogFormat::CmTrace => cmtrace::starts(rest),
        LogFormat::SetupDiag if header.is_xml => setupdiag::starts_element(rest),
        LogFormat::SetupDiag => setupdiag::starts(rest),
        LogFormat::CompatData => compatdata::starts(rest),
        LogFormat::DiagXml => diagxml::starts(rest),
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
        (_, LogFormat::SetupApi) => setupapi::columns(text),
        (_, LogFormat::ReportingEvents) => reportingevents::columns(text),
        (_, LogFormat::BlueBox) => bluebox::columns(text),
        (_, LogFormat::CheckSur) => checksur::columns(text),
        (_, LogFormat::Pfro) => pfro::columns(text),
        (_, LogFormat::CmTrace) => cmtrace::columns(text),
        (_, LogFormat::Msi) => msi::columns(text),
        (_, LogFormat::SetupDiag) => setupdiag::columns(text),
        (_, LogFormat::CompatData) => compatdata::columns(text),
        (_, LogFormat::DiagXml) => diagxml::columns(text),
        (_, LogFormat::Ini) => ini::columns(text),
        _ => Columns::of(text),
    }
}

impl<'t> Columns<'t> {
    /// A text without columns.
    pub(super) fn of(message: &'t str) -> Self {
        Self { time: None, clock: None, level: None, component: None, section: None, message, fields: Vec::new() }
    }

    /// What the record tells the records after it.
    pub(super) fn opening(&self) -> Opening<'t> {
        Opening { time: self.time, section: self.section }
    }

    /// Takes from the opening what the record itself does not say.
    pub(super) fn stand_within(&mut self, opening: Opening<'t>) {
        let own = self.clock.zip(opening.time).and_then(|(clock, start)| clock.since(start));
        self.time = self.time.or(own).or(opening.time);
        self.section = self.section.or(opening.section);
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
