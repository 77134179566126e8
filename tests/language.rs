//! Correlations, filters and values as a user meets them: in a report, in a case, in `check` and `explain`.

use std::path::Path;

use tempfile::TempDir;

use crate::harness::{Run, casebook, confirmed, evidence, files, repository, warnings, write_files};

/// The sound knowledge base of the faults with more files, and a log of two copies refused and the end.
fn knowledge(more: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    write_files(folder.path(), &files(&repository().join("tests/faults/sound")));
    let line =
        |seconds: u32, text: &str| format!("2024-01-01 08:00:{seconds:02}, Error                 SP     {text}\r\n");
    let log = [
        line(0, r"Copy of C:\a\b.dll failed with 0x80070005"),
        line(3, r"Copy of C:\Agent\c.dll failed with 0x80070005"),
        line(9, "Setup gives up"),
    ];
    let more = more.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
    write_files(
        folder.path(),
        &more.chain([("logs/setupact.log".to_owned(), log.concat().into_bytes())]).collect::<Vec<_>>(),
    );
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Run {
    casebook(folder, &[arguments, &["--kb", "."]].concat())
}

const TOGETHER: &str = "title: Setup gave up soon after two copies were refused
name: refused-twice
correlation:
  type: value_count
  rules: [setupact/copy-denied]
  group-by: [error]
  timespan: 1m
  condition: {field: path, gte: 2}
level: high
examples:
  match:
    - text: |
        2024-01-01 08:00:00, Error                 SP     Copy of C:\\a\\b.dll failed with 0x80070005
        2024-01-01 08:00:05, Error                 SP     Copy of C:\\a\\c.dll failed with 0x80070005
      facts: {count: 2, error: E_ACCESSDENIED}
  ignore:
    - |
      2024-01-01 08:00:00, Error                 SP     Copy of C:\\a\\b.dll failed with 0x80070005
      2024-01-01 08:00:05, Error                 SP     Copy of C:\\a\\b.dll failed with 0x80070005
";

/// A known error that rests on the correlation.
const KNOWN_ERROR: &str = "title: {zh-CN: 多次拒绝, en: Refused twice}
area: setup
severity: high
cause: {zh-CN: 甲, en: A}
workaround: {zh-CN: 乙, en: B}
fix: {zh-CN: 丙, en: C}
signature:
  all:
    - rule: setupact/together
      where: {count|gte: 2, error: E_ACCESSDENIED}
    - rule: setupact/gave-up
";

#[test]
fn case_may_rest_on_a_correlation_with_all_its_records() {
    let folder = knowledge(&[("rules/setupact/together.yml", TOGETHER), ("cases/twice/known-error.yml", KNOWN_ERROR)]);
    let report = run(folder.path(), &["scan", "logs", "--format", "json"]).json();
    assert!(confirmed(&report).contains(&"twice"), "{report:#}");
    let place = report["matches"].as_array().expect("a list").iter().position(|found| found["known_error"] == "twice");
    let mut report = report;
    report["matches"][0] = report["matches"][place.expect("it matches")].clone();
    assert_eq!(
        evidence(&report),
        ["setupact/together setupact.log:1", "setupact/together setupact.log:2", "setupact/gave-up setupact.log:3"]
    );
    let found =
        report["findings"].as_array().expect("a list").iter().find(|found| found["rule"] == "setupact/together");
    let facts = &found.expect("it is found")["facts"];
    assert_eq!((facts["count"].as_str(), facts["error"].as_str()), (Some("2"), Some("E_ACCESSDENIED")));
}

#[test]
fn failures_of_days_before_stand_after_those_of_the_last_day() {
    let given_up = KNOWN_ERROR.replace("    - rule: setupact/together\n", "");
    let given_up = given_up.replace("      where: {count|gte: 2, error: E_ACCESSDENIED}\n", "");
    let folder = knowledge(&[("cases/setup-gives-up/known-error.yml", &given_up)]);
    let log = |last: &str| {
        let lines = [
            r"2024-01-01 08:00:00, Error                 SP     Copy of C:\a\b.dll failed with 0x80070005",
            "2024-01-01 09:00:00, Error                 SP     Setup gives up",
            "2024-01-03 08:00:01, Error                 SP     Setup gives up",
            last,
        ];
        vec![("logs/setupact.log".to_owned(), lines.join("\n").into_bytes())]
    };
    let ranked = || {
        let report = run(folder.path(), &["scan", "logs", "--format", "json"]).json();
        let found = report["matches"].as_array().expect("a list").iter();
        let told = |found: &serde_json::Value| {
            [&found["known_error"], &found["last_seen"], &found["earlier"]].map(ToString::to_string).join(" ")
        };
        found.map(told).collect::<Vec<_>>()
    };
    write_files(folder.path(), &log(""));
    assert_eq!(
        ranked(),
        [r#""setup-gives-up" "2024-01-03T08:00:01" false"#, r#""copy-denied" "2024-01-01T08:00:00" true"#]
    );
    let page = run(folder.path(), &["scan", "logs", "--lang", "en"]).stdout;
    assert!(page.contains("2024-01-01 08:00:00, more than a day before other failures of this bundle"), "{page}");
    write_files(
        folder.path(),
        &log(r"2024-01-03 08:00:02, Error                 SP     Copy of C:\a\b.dll failed with 0x80070005"),
    );
    assert!(ranked().iter().all(|told| told.ends_with("false")), "{:?}", ranked());
}

#[test]
fn correlation_is_proven_and_explained() {
    let folder = knowledge(&[("rules/setupact/together.yml", TOGETHER)]);
    let check = run(folder.path(), &["check"]);
    assert_eq!(check.stdout, "3 rules, 1 known error, 1 case: 0 errors, 0 warnings\n", "{}", check.stderr);
    insta::assert_snapshot!(run(folder.path(), &["explain", "setupact/together"]).stdout);
}

#[test]
fn failed_logons_of_sigma_s_specification_are_proven_by_events() {
    let logon = |id: u32, second: u32| {
        format!(
            "{{Channel: Security, EventID: {id}, TargetUserName: ann, SystemTime: '2024-05-06T03:04:{second:02}.5Z'}}"
        )
    };
    let rule = |name: &str, id: u32, other: u32| {
        let examples = format!("{{match: [{{event: {}}}], ignore: [{{event: {}}}]}}", logon(id, 0), logon(other, 0));
        format!(
            "---\ntitle: {name}\nname: {name}\nlogsource: {{product: windows, service: security}}\ndetection:\n  \
             selection: {{EventID: {id}}}\n  condition: selection\nexamples: {examples}\n"
        )
    };
    let proof = |last: u32| format!("[{}, {}, {}]", logon(4625, 1), logon(4625, 2), logon(last, 9));
    let correlation = |kind: &str, name: &str, rules: &str, more: &str, last: u32| {
        format!(
            "title: {name}\nname: {name}\ncorrelation:\n  type: {kind}\n  rules: {rules}\n  group-by: [TargetUserName]\n  \
             timespan: 10m\n{more}examples:\n  match: [{{events: {}}}]\n  ignore: [{{events: {}}}]\n",
            proof(last),
            format_args!("[{}]", logon(last, 3))
        )
    };
    let document = [
        correlation("temporal_ordered", "guessed", "[many_failed, passed]", "", 4624),
        "---\n".to_owned() + &correlation("event_count", "many_failed", "[failed]", "  condition: {gte: 2}\n", 4624),
        rule("failed", 4625, 4624),
        rule("passed", 4624, 4625),
    ];
    let folder = knowledge(&[("rules/security/guessed.yml", &document.concat())]);
    let check = run(folder.path(), &["check"]);
    let summary = check.stdout.lines().last();
    assert_eq!(summary, Some("6 rules, 1 known error, 1 case: 0 errors, 0 warnings"), "{}", check.stdout);
}

#[test]
fn report_is_the_same_for_any_number_of_threads() {
    let folder = knowledge(&[("rules/setupact/together.yml", TOGETHER)]);
    let line = "2024-01-01 08:00:00, Error                 SP     Copy of C:\\a\\b.dll failed with 0x80070005\r\n";
    let logs = (0..3).map(|index| (format!("logs/{index}/setupact.log"), line.repeat(60_000).into_bytes()));
    write_files(folder.path(), &logs.collect::<Vec<_>>());
    let of = |jobs: &str| run(folder.path(), &["scan", "logs", "--format", "json", "--jobs", jobs]).json();
    let one = of("1");
    assert_eq!(one, of("4"));
    let lost = warnings(&one).into_iter().filter(|warning| warning.contains("more records from here on")).count();
    assert_eq!(lost, 1, "{:?}", warnings(&one));
}

const AGENT: &str = "title: Files of our own agent
logsource: {product: windows, service: setupact}
filter:
  rules: [setupact/copy-denied]
  agent:
    path|expand|contains: '\\%ours%\\'
  condition: agent
level: {setupact/gave-up: low}
";

#[test]
fn site_filters_take_out_records_and_say_how_many() {
    let folder = knowledge(&[
        ("rules/setupact/together.yml", TOGETHER),
        ("site/agent.yml", AGENT),
        ("site/values.yml", "ours: [Agent, Tool]\n"),
    ]);
    let report = run(folder.path(), &["scan", "logs", "--format", "json", "--filters", "site"]).json();
    let found = |report: &serde_json::Value| -> Vec<String> {
        let findings = report["findings"].as_array().expect("a list").iter();
        findings
            .map(|found| format!("{} {} {}", found["rule"], found["count"], found["level"]).replace('"', ""))
            .collect()
    };
    assert_eq!(found(&report), ["setupact/copy-denied 1 high", "setupact/gave-up 1 low"]);
    assert_eq!(report["filters"][0]["records"], 1, "{report:#}");
    assert_eq!(report["unexplained"].as_array().map(Vec::len), Some(0), "{report:#}");
    let text = run(folder.path(), &["scan", "logs", "--filters", "site"]).stdout;
    assert!(text.contains("1× Files of our own agent (agent)"), "{text}");
    let without = run(folder.path(), &["scan", "logs", "--format", "json"]).json();
    assert_eq!(found(&without).len(), 4, "{without:#}");
    assert!(without["filters"].is_null());
}

#[test]
fn both_forms_of_a_filter_s_condition_take_out_the_same() {
    let denied = AGENT
        .replace("condition: agent", "condition: not agent")
        .replace("rules: [setupact/copy-denied]", "rules: any");
    let folder = knowledge(&[("site/agent.yml", &denied), ("site/values.yml", "ours: Agent\n")]);
    let report = run(folder.path(), &["scan", "logs", "--format", "json", "--filters", "site"]).json();
    assert_eq!(report["filters"][0]["records"], 1, "{report:#}");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(2), "{report:#}");
}

#[test]
fn mistakes_in_filters_are_faults_with_their_place() {
    let wrong = AGENT
        .replace("[setupact/copy-denied]", "[setupact/copy-refused]")
        .replace("{setupact/gave-up: low}", "{gave: low}");
    let more =
        [("site/agent.yml", wrong.as_str()), ("site/rule.yml", "title: A\ndetection: {s: {a: b}, condition: s}\n")];
    let folder = knowledge(&more);
    insta::assert_snapshot!(run(folder.path(), &["check", "--filters", "site"]).whole());
    let nowhere = run(folder.path(), &["scan", "logs", "--filters", "nowhere"]);
    assert_eq!((nowhere.status, nowhere.stdout.as_str()), (2, ""), "{}", nowhere.stderr);
}

#[test]
fn check_says_what_a_filter_would_hide() {
    let hides = AGENT.replace(r"\%ours%\", r"\%ours%");
    let folder = knowledge(&[("site/agent.yml", &hides), ("site/values.yml", "ours: ['b.dll']\n")]);
    let run = run(folder.path(), &["check", "--filters", "site"]);
    assert!(run.stdout.contains("error[not-confirmed]"), "{}", run.stdout);
    assert!(run.stdout.ends_with("2 rules, 1 known error, 1 case, 1 filter: 1 error, 0 warnings\n"), "{}", run.stdout);
}

#[test]
fn rules_that_cannot_be_loaded_are_counted_in_one_line() {
    let folder = knowledge(&[("rules/a/b.yml", "title: A\ndetection: {s: {'a|expand': '%x%'}, condition: s}\n")]);
    let check = run(folder.path(), &["check"]);
    assert!(
        check.stdout.ends_with("2 rules (1 cannot be loaded), 1 known error, 1 case: 1 error, 0 warnings\n"),
        "{}",
        check.stdout
    );
    let scan = run(folder.path(), &["scan", "logs"]);
    assert!(
        scan.stderr.contains("the knowledge base has 1 error, 0 warnings, and 1 rule cannot be loaded"),
        "{}",
        scan.stderr
    );
}
