//! Event logs become evidence whatever their name: channel, values and codes come from the events themselves.

use serde_json::Value;

use crate::eventlog::{Event, Values, event_log};
use crate::harness::{report, repository, warnings, write_files};

const UPDATE: &str = "2023-05 Cumulative Update for Windows 10 Version 22H2 for x64-based Systems (KB5026361)";

fn event<'e>(channel: &'e str, provider: &'e str, id: u16, values: Values<'e>) -> Event<'e> {
    Event { provider, id, level: 4, channel, time: 1_594_202_700, values }
}

fn update(id: u16, code: &'static [(&'static str, &'static str)]) -> Event<'static> {
    event("System", "Microsoft-Windows-WindowsUpdateClient", id, Values::Named(code))
}

/// The report of a bundle that holds only this event log, under a name that tells nothing.
fn report_of(log: Vec<u8>) -> Value {
    let folder = tempfile::tempdir().expect("a folder can be made");
    write_files(&folder.path().join("bundle"), &[("123.evtx".to_owned(), log)]);
    report(folder.path(), "bundle", &[])
}

/// The rules whose findings are looked at; others may fire on the same events.
const RULES: [&str; 5] = [
    "setup/package-change-failed",
    "system/filter-driver-loaded",
    "system/update-failed",
    "system/update-installed",
    "application/process-crash",
];

/// The findings of those rules.
fn findings(report: &Value) -> Vec<&Value> {
    let findings = report["findings"].as_array().expect("findings is a list");
    findings.iter().filter(|finding| finding["rule"].as_str().is_some_and(|rule| RULES.contains(&rule))).collect()
}

/// Each finding as `rule@record name=value …`.
fn check(events: &[Event<'_>], expected: &[&str]) {
    let report = report_of(event_log(&[events]));
    assert_eq!(report["entries"][0]["format"], "evtx");
    let shown: Vec<String> = findings(&report).into_iter().map(show).collect();
    assert_eq!(shown, expected, "{report:#}");
}

fn show(finding: &Value) -> String {
    let facts = finding["facts"].as_object().expect("facts is a map");
    let facts: String =
        facts.iter().map(|(name, value)| format!(" {name}={}", value.as_str().unwrap_or("?"))).collect();
    format!("{}@{}{facts}", finding["rule"].as_str().unwrap_or("?"), finding["first"]["line"])
}

fn crash() -> Event<'static> {
    let values = Values::Positional(&[
        "vUserHci.exe",
        "4.2.0.118",
        "5e8f1a2b",
        "vEdsmFileMon.dll",
        "4.2.0.77",
        "5e8f1a01",
        "c0000005",
        "000000000001a2b4",
        "1a2c",
        "01d65502f0a4c3de",
        r"C:\Program Files (x86)\DSPClient\CEMS\vUserHci.exe",
        r"C:\Program Files (x86)\DSPClient\CEMS\EDSM\vEdsmFileMon.dll",
        "6f0a4b52-8a3e-4d0e-9b61-0c7d2e5f1a34",
    ]);
    Event { level: 2, time: 1_600_245_290, ..event("Application", "Application Error", 1000, values) }
}

#[test]
fn channel_comes_from_the_events_and_not_from_the_name() {
    let driver = |channel| {
        let values = Values::Named(&[("FinalStatus", "0x0"), ("DeviceName", "FgMonitor")]);
        event(channel, "Microsoft-Windows-FilterManager", 6, values)
    };
    check(&[driver("System")], &["system/filter-driver-loaded@1 driver=FgMonitor"]);
    check(&[driver("Application")], &[]);
}

#[test]
fn values_without_names_get_the_names_of_windows() {
    let report = report_of(event_log(&[&[crash()]]));
    let finding = findings(&report)[0];
    assert_eq!(finding["rule"], "application/process-crash");
    let text = finding["first"]["text"].as_str().expect("text is a string");
    assert!(text.contains("AppName: vUserHci.exe") && text.contains("ModulePath: C:"), "{text}");
}

#[test]
fn codes_are_facts_in_both_spellings_and_titles_give_the_update() {
    check(
        &[
            update(20, &[("errorCode", "0x80070005"), ("updateTitle", UPDATE)]),
            update(20, &[("errorCode", "2149842967"), ("updateTitle", "A driver without a number")]),
            update(19, &[("updateTitle", UPDATE)]),
        ],
        &[
            "system/update-failed@1 update=KB5026361",
            "system/update-failed@2 error=WU_E_NOT_APPLICABLE",
            "system/update-installed@3 update=KB5026361",
        ],
    );
}

#[test]
fn values_of_user_data_are_read() {
    let values = Values::User(
        "CbsPackageChangeState",
        &[
            ("PackageIdentifier", "KB5026361"),
            ("IntendedPackageStateTextized", "Installed"),
            ("ErrorCode", "0x80070005"),
            ("Client", "UpdateAgentLCU"),
        ],
    );
    check(
        &[event("Setup", "Microsoft-Windows-Servicing", 3, values)],
        &["setup/package-change-failed@1 update=KB5026361"],
    );
}

#[test]
fn event_logs_saved_as_xml_are_read_in_any_encoding() {
    let event = format!(
        "<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n<Events><Event \
         xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
         <Provider Name='Microsoft-Windows-WindowsUpdateClient'/><EventID>20</EventID><Level>2</Level>\
         <TimeCreated SystemTime='2023-05-10T07:45:28.1234567Z'/><EventRecordID>4711</EventRecordID>\
         <Channel>System</Channel></System><EventData><Data Name='errorCode'>0x80070005</Data>\
         <Data Name='updateTitle'>{UPDATE}</Data></EventData>\
         <RenderingInfo Culture='zh-CN'><Message>安装失败</Message></RenderingInfo></Event></Events>"
    );
    let wide = [0xFEFF].into_iter().chain(event.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for log in [event.clone().into_bytes(), wide] {
        let report = report_of(log);
        assert_eq!(report["entries"][0]["format"], "eventxml");
        let finding = findings(&report)[0];
        assert_eq!(show(finding), "system/update-failed@4711 update=KB5026361");
        assert_eq!(finding["first"]["time"], "2023-05-10T07:45:28.1234567+00:00");
        assert!(finding["first"]["text"].as_str().is_some_and(|text| text.ends_with("Message: 安装失败")));
    }
}

#[test]
fn damaged_chunk_costs_its_own_records_and_is_named() {
    let installed = || update(19, &[("updateTitle", UPDATE)]);
    let failed = || update(20, &[("errorCode", "0x80070005"), ("updateTitle", UPDATE)]);
    let chunks: [&[Event<'_>]; 3] = [&[installed()], &[failed(), failed()], &[installed()]];
    let mut log = event_log(&chunks);
    let second = 4096 + (64 << 10);
    log[second..second + 8].fill(0xee);
    let report = report_of(log);
    assert_eq!(report["entries"][0]["records"], 2);
    let warnings = warnings(&report);
    assert!(warnings.len() == 1 && warnings[0].contains("records 2 to 3 are lost"), "{warnings:?}");
}

#[test]
fn machine_is_described_by_its_events() {
    let log = event_log(&[&[
        update(19, &[("updateTitle", UPDATE)]),
        update(20, &[("errorCode", "0x80070005"), ("updateTitle", "Update for Windows (KB4561621)")]),
    ]]);
    let report = report_of(log);
    let facts = report["system"]["facts"].as_array().expect("facts is a list").iter();
    let shown: Vec<String> = facts
        .map(|fact| {
            let value = &fact["values"][0];
            format!("{} {} {}:{}", fact["name"], value["value"], value["entry"], value["line"]).replace('"', "")
        })
        .collect();
    let expected = ["update-installed KB5026361 123.evtx:1", "update-failed KB4561621 123.evtx:2"];
    assert!(expected.iter().all(|line| shown.contains(&(*line).to_owned())), "{shown:?}");
}

#[test]
fn event_log_of_the_mount_case_is_what_the_writer_makes() {
    let file = repository().join("tests/bundles/mount-denied/winevt/Logs/Application.evtx");
    let log = event_log(&[&[crash()]]);
    if std::env::var_os("INSTA_UPDATE").is_some_and(|mode| mode == "always") {
        write_files(
            &repository(),
            &[("tests/bundles/mount-denied/winevt/Logs/Application.evtx".to_owned(), log.clone())],
        );
    }
    assert!(std::fs::read(file).is_ok_and(|committed| committed == log), "make it anew with INSTA_UPDATE=always");
}

#[test]
fn crash_of_the_agent_supports_the_mount_case() {
    let report = report(&repository().join("tests/bundles"), "mount-denied", &[]);
    let evidence = report["matches"][0]["cases"][0]["evidence"].as_array().expect("evidence is a list");
    assert!(evidence.iter().any(|item| item["rule"] == "application/process-crash"), "{evidence:#?}");
}

#[test]
fn a_rule_fires_on_values_that_the_line_of_an_event_does_not_show() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let rule = "title: A\nlogsource: {product: windows, service: system}\ndetection: {s: {Level: 4}, condition: s}\n";
    let log = event_log(&[&[update(19, &[("updateTitle", UPDATE)])]]);
    let files = [("rules/system/a.yml", rule.into()), ("cases/README", Vec::new()), ("bundle/1.evtx", log)];
    write_files(folder.path(), &files.map(|(name, bytes)| (name.to_owned(), bytes)));
    let report = report(folder.path(), "bundle", &["--kb", "."]);
    assert_eq!(report["findings"][0]["rule"], "system/a", "{report:#}");
}
