//! Which Windows event log a rule means by its service, in SigmaHQ's words.
//!
//! The names are those of SigmaHQ's log source guides; `servicing` is ours, for the events of the servicing stack
//! in the Setup log.

/// Service and channel; a channel may serve several services.
const SERVICES: [(&str, &str); 15] = [
    ("application", "Application"),
    ("system", "System"),
    ("setup", "Setup"),
    ("security", "Security"),
    ("windowsupdateclient", "Microsoft-Windows-WindowsUpdateClient/Operational"),
    ("taskscheduler", "Microsoft-Windows-TaskScheduler/Operational"),
    ("codeintegrity-operational", "Microsoft-Windows-CodeIntegrity/Operational"),
    ("windefend", "Microsoft-Windows-Windows Defender/Operational"),
    ("bits-client", "Microsoft-Windows-Bits-Client/Operational"),
    ("appxdeployment-server", "Microsoft-Windows-AppXDeploymentServer/Operational"),
    ("driver-framework", "Microsoft-Windows-DriverFrameworks-UserMode/Operational"),
    ("ntfs", "Microsoft-Windows-Ntfs/Operational"),
    ("powershell", "Microsoft-Windows-PowerShell/Operational"),
    ("powershell-classic", "Windows PowerShell"),
    ("sysmon", "Microsoft-Windows-Sysmon/Operational"),
];

/// The names of all services.
pub fn event_services() -> impl Iterator<Item = &'static str> {
    SERVICES.iter().map(|(service, _)| *service)
}

/// The service that a channel belongs to, where it has one.
pub(super) fn service(channel: &str) -> Option<&'static str> {
    SERVICES.iter().find(|(_, known)| known.eq_ignore_ascii_case(channel)).map(|(service, _)| *service)
}

/// Whether rules for `service` look at events of `channel`.
pub fn serves_channel(service: &str, channel: &str) -> bool {
    SERVICES.iter().any(|(known, name)| *known == service && name.eq_ignore_ascii_case(channel))
}
