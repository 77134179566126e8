//! The log formats casebook knows by name.
//!
//! Everything that speaks of a format uses these words: reports, rules (`logsource`), gaps. A
//! format is either read as records or only recognised; the latter come with advice on what to
//! send instead. What a format looks like is not here but in the file named after it.

/// The format of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum LogFormat {
    /// Windows Setup: `setupact.log`, `setuperr.log`.
    Setupact,
    /// Component servicing: `CBS.log`, `CbsPersist_*.log`.
    Cbs,
    /// Image servicing: `dism.log`.
    Dism,
    /// The update agent of Setup: `UpdateAgent.log`.
    UpdateAgent,
    /// The Windows Update client: `WindowsUpdate.log` of any Windows version.
    WindowsUpdate,
    /// A Process Monitor trace saved as CSV.
    Procmon,
    /// Driver co-installers: the `setupact.log` in the Windows folder.
    Coinstaller,
    /// Device and driver installation: `setupapi.dev.log`, `setupapi.setup.log`.
    SetupApi,
    /// What the update agent reports: `ReportingEvents.log`.
    ReportingEvents,
    /// The update client starting Windows Setup: `BlueBox.log`.
    BlueBox,
    /// The System Update Readiness Tool: `CheckSUR.log`.
    CheckSur,
    /// File operations left for the next start: `PFRO.log`.
    Pfro,
    /// Logs of Configuration Manager and Intune.
    CmTrace,
    /// A verbose log of Windows Installer.
    Msi,
    /// What SetupDiag found, as text or XML.
    SetupDiag,
    /// What stands in the way of an upgrade: `CompatData*.xml`, the appraiser's XML, `ScanResult.xml`.
    CompatData,
    /// Errors and warnings of Windows Setup: `diagerr.xml`, `diagwrn.xml`.
    DiagXml,
    /// Settings: `rollbackinfo.ini`, `SetupPlatform.ini`.
    Ini,
    /// Any other text, one record a line.
    Plain,
    /// A Windows event log.
    Evtx,
    /// An event log saved as XML.
    EventXml,
    /// A Process Monitor trace in its own format.
    Pml,
    /// An event trace.
    Etl,
    /// A memory dump.
    Dump,
    /// A registry hive.
    Registry,
    /// A picture, most often a screenshot.
    Picture,
    /// Bytes that are no text and no format above.
    Binary,
}

impl LogFormat {
    /// Every format, text formats first.
    pub const ALL: [Self; 27] = [
        Self::Setupact,
        Self::Cbs,
        Self::Dism,
        Self::UpdateAgent,
        Self::WindowsUpdate,
        Self::Procmon,
        Self::Coinstaller,
        Self::SetupApi,
        Self::ReportingEvents,
        Self::BlueBox,
        Self::CheckSur,
        Self::Pfro,
        Self::CmTrace,
        Self::Msi,
        Self::SetupDiag,
        Self::CompatData,
        Self::DiagXml,
        Self::Ini,
        Self::Plain,
        Self::Evtx,
        Self::EventXml,
        Self::Pml,
        Self::Etl,
        Self::Dump,
        Self::Registry,
        Self::Picture,
        Self::Binary,
    ];

    /// The format's one-word name, as in reports and rules.
    pub fn name(self) -> &'static str {
        match self {
            Self::Setupact => "setupact",
            Self::Cbs => "cbs",
            Self::Dism => "dism",
            Self::UpdateAgent => "updateagent",
            Self::WindowsUpdate => "windowsupdate",
            Self::Procmon => "procmon",
            Self::Coinstaller => "coinstaller",
            Self::SetupApi => "setupapi",
            Self::ReportingEvents => "reportingevents",
            Self::BlueBox => "bluebox",
            Self::CheckSur => "checksur",
            Self::Pfro => "pfro",
            Self::CmTrace => "cmtrace",
            Self::Msi => "msi",
            Self::SetupDiag => "setupdiag",
            Self::CompatData => "compatdata",
            Self::DiagXml => "diagxml",
            Self::Ini => "ini",
            Self::Plain => "plain",
            Self::Evtx => "evtx",
            Self::EventXml => "eventxml",
            Self::Pml => "pml",
            Self::Etl => "etl",
            Self::Dump => "dump",
            Self::Registry => "registry",
            Self::Picture => "picture",
            Self::Binary => "binary",
        }
    }

    /// The service that rules name for logs of this format: the same for all forms of one log.
    pub fn service(self) -> &'static str {
        match self {
            Self::Pml => Self::Procmon.name(),
            Self::EventXml => Self::Evtx.name(),
            other => other.name(),
        }
    }

    /// The name that Windows gives a log of this format; none where it has no name of its own.
    pub fn file_name(self) -> Option<&'static str> {
        Some(match self {
            Self::Setupact | Self::Coinstaller => "setupact.log",
            Self::Cbs => "CBS.log",
            Self::Dism => "dism.log",
            Self::UpdateAgent => "UpdateAgent.log",
            Self::WindowsUpdate => "WindowsUpdate.log",
            Self::Procmon => "Logfile.CSV",
            Self::SetupApi => "setupapi.dev.log",
            Self::ReportingEvents => "ReportingEvents.log",
            Self::BlueBox => "BlueBox.log",
            Self::CheckSur => "CheckSUR.log",
            Self::Pfro => "PFRO.log",
            Self::SetupDiag => "SetupDiagResults.log",
            Self::DiagXml => "diagerr.xml",
            Self::Pml => "Logfile.PML",
            _ => return None,
        })
    }

    /// The format of that name, or none.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Whether entries of this format are text that is read as records.
    pub fn is_text(self) -> bool {
        self.advice().is_none() && !self.is_events()
    }

    /// Whether entries of this format are read as events.
    pub fn is_events(self) -> bool {
        matches!(self, Self::Evtx | Self::EventXml | Self::Pml)
    }

    /// What to send instead, for formats that are only recognised.
    pub fn advice(self) -> Option<&'static str> {
        Some(match self {
            Self::Etl => "run Get-WindowsUpdateLog on the same machine and send the WindowsUpdate.log it writes",
            Self::Dump => "send the set-up and servicing logs of the same time as well",
            Self::Registry => "export the keys in question with `reg export` and send the .reg file",
            Self::Picture => "send the log file the picture shows, as a file",
            Self::Binary => "send the log as a text file, or tell us which program wrote this file",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::LogFormat;

    #[test]
    fn names_lead_back_to_their_formats() {
        for format in LogFormat::ALL {
            assert_eq!(LogFormat::from_name(format.name()), Some(format));
        }
        assert_eq!(LogFormat::from_name("CBS"), None);
    }

    #[test]
    fn only_unread_formats_come_with_advice() {
        assert_eq!(LogFormat::Cbs.advice(), None);
        assert!(LogFormat::Plain.is_text());
        assert!(LogFormat::Etl.advice().is_some() && !LogFormat::Etl.is_text());
        assert!(LogFormat::Evtx.advice().is_none() && !LogFormat::Evtx.is_text());
    }
}
