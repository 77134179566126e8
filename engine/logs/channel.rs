//! Which events a rule means by its logsource, in SigmaHQ's words: a service is a channel or several, a category is
//! certain events of a channel.
//!
//! The table is data, `channels.csv`. Its names come from SigmaHQ's log source guides and from pySigma's pipelines for
//! Sysmon and PowerShell.

use std::sync::LazyLock;

/// One row of the table: events that a service or category stands for.
pub struct EventSource {
    /// `service` or `category`.
    pub kind: &'static str,
    /// The name in rules.
    pub name: &'static str,
    /// The channel.
    pub channel: &'static str,
    /// Event ids; empty for all of the channel.
    pub events: Vec<&'static str>,
}

static ROWS: LazyLock<Vec<EventSource>> = LazyLock::new(|| {
    let row = |line: &'static str| {
        let mut cells = line.split(',');
        let (kind, name, channel) = (cells.next()?, cells.next()?, cells.next()?);
        let events = cells.next()?.split_ascii_whitespace().collect();
        Some(EventSource { kind, name, channel, events })
    };
    include_str!("channels.csv").lines().skip(1).filter_map(row).collect()
});

/// Every row: which channels and events rules mean by their service or category.
pub fn event_sources() -> impl Iterator<Item = &'static EventSource> {
    ROWS.iter()
}

/// The names of all services whose logs are event logs.
pub fn event_services() -> impl Iterator<Item = &'static str> {
    rows("service").map(|row| row.name)
}

/// The names of all categories of events.
pub fn event_categories() -> impl Iterator<Item = &'static str> {
    rows("category").map(|row| row.name)
}

/// The service that a channel belongs to, where it has one.
pub(super) fn service(channel: &str) -> Option<&'static str> {
    rows("service").find(|row| row.channel.eq_ignore_ascii_case(channel)).map(|row| row.name)
}

/// Whether rules for `service` look at events of `channel`.
pub fn serves_channel(service: &str, channel: &str) -> bool {
    rows("service").any(|row| row.name == service && row.channel.eq_ignore_ascii_case(channel))
}

/// Whether rules for `category` look at the event `id` of `channel`.
pub fn serves_event(category: &str, channel: &str, id: &str) -> bool {
    let holds = |row: &EventSource| {
        row.channel.eq_ignore_ascii_case(channel) && (row.events.is_empty() || row.events.contains(&id))
    };
    rows("category").any(|row| row.name == category && holds(row))
}

fn rows(kind: &'static str) -> impl Iterator<Item = &'static EventSource> {
    ROWS.iter().filter(move |row| row.kind == kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_and_categories_find_their_events() {
        assert!(serves_channel("application", "Application") && !serves_channel("application", "System"));
        assert!(serves_channel("applocker", "Microsoft-Windows-AppLocker/EXE and DLL"));
        assert!(serves_event("registry_event", "microsoft-windows-sysmon/operational", "13"));
        assert!(!serves_event("process_creation", "Microsoft-Windows-Sysmon/Operational", "13"));
        assert!(serves_event("file_delete", "Microsoft-Windows-Sysmon/Operational", "23"));
        assert!(!serves_event("file_delete", "Microsoft-Windows-Sysmon/Operational", "26"));
        assert!(serves_event("file_delete_detected", "Microsoft-Windows-Sysmon/Operational", "26"));
        assert!(serves_channel("microsoft-servicebus-client", "Microsoft-ServiceBus-Client/Admin"));
        assert_eq!(service("Setup"), Some("setup"));
    }
}
