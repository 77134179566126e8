//! `new rule --from`: the lines of a bundle that no rule knows, and the rule of one of them, which `check` accepts.

use std::path::Path;

use crate::harness::{Run, files, finish, program, repository, write_files};

/// A knowledge base of its own with what the repository knows, and a bundle of a healthy machine beside it.
fn base(bundle: &[(&str, String)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for part in ["rules", "cases", "templates", "tests/bundles/clean"] {
        let held = files(&repository().join(part));
        let held: Vec<_> = held.into_iter().map(|(name, bytes)| (format!("{part}/{name}"), bytes)).collect();
        write_files(folder.path(), &held);
    }
    let bundle: Vec<_> =
        bundle.iter().map(|(name, text)| (format!("bundle/{name}"), text.clone().into_bytes())).collect();
    write_files(folder.path(), &bundle);
    folder
}

fn new_rule(folder: &Path, arguments: &[&str]) -> Run {
    finish(program(folder).args(["new", "rule", "--from", "bundle"]).args(arguments))
}

/// The log of a healthy machine with one line more.
fn with_line(log: &str, line: &str) -> String {
    let text = std::fs::read_to_string(repository().join("tests/bundles/clean").join(log)).expect("it is there");
    format!("{}\n{line}\n", text.trim_end())
}

const LOST: &str = r"2022-05-17 11:00:00, Error                 CBS    Watchdog: store C:\Users\jdoe\x y\a.dll lost 17 of 20 parts [HRESULT = 0x80070714 - ERROR_RESOURCE_DATA_NOT_FOUND]";

#[test]
fn the_unusual_line_is_proposed_and_its_rule_passes() {
    let base =
        base(&[("CBS.log", with_line("Logs/CBS/CBS.log", LOST)), ("note.txt", "an error, in prose\n".to_owned())]);
    let folder = base.path();
    let listed = new_rule(folder, &[]);
    assert_eq!((listed.status, listed.stderr.as_str()), (0, ""));
    let expected = [
        "  1. CBS.log:169 (cbs/watchdog-store-lost-parts-hresult)",
        "     Watchdog: store {path} lost {int} of {int2:int} parts [HRESULT = {error} - {word}]",
    ];
    let first: Vec<&str> = listed.stdout.lines().take(2).collect();
    assert_eq!(first, expected, "{}", listed.stdout);
    assert!(
        listed.stdout.contains(
            "why: level Error; ERROR_RESOURCE_DATA_NOT_FOUND, which no ordinary log has; once; unlike every line of"
        ),
        "{}",
        listed.stdout
    );
    assert!(!listed.stdout.contains("\n  2."), "{}", listed.stdout);
    let written = new_rule(folder, &["cbs/store-lost-parts", "--pick", "1"]);
    assert_eq!((written.status, written.stderr.as_str()), (0, ""));
    let rule = std::fs::read_to_string(folder.join("rules/cbs/store-lost-parts.yml")).expect("the rule is there");
    for line in [
        "title: 'Store lost parts'",
        "    error: ERROR_RESOURCE_DATA_NOT_FOUND",
        r"        path: 'C:\Users\user\x y\a.dll'",
        r"    - '2022-05-17 11:00:00, Error                 CBS    Watchdog: store C:\Users\user\x y\a.dll lost 17 of 20 parts [HRESULT = 0x80070020 - ERROR_SHARING_VIOLATION]'",
    ] {
        assert!(rule.lines().any(|drafted| drafted == line), "{line} in:\n{rule}");
    }
    let check = finish(program(folder).arg("check"));
    assert_eq!(check.status, 0, "{}", check.stdout);
    assert!(check.stdout.ends_with("0 errors, 0 warnings\n"), "{}", check.stdout);
    let again = new_rule(folder, &[]);
    assert!(again.stdout.starts_with("nothing unusual"), "what a rule knows is not proposed:\n{}", again.stdout);
}

#[test]
fn a_refused_operation_of_a_trace_becomes_a_rule_on_its_fields() {
    let row =
        r#""10:59:00.0000001 AM","winword.exe","77","WriteFile","C:\Data\budget.xlsx","ACCESS DENIED","Offset: 0""#;
    let trace = with_line("procmon/Logfile.CSV", row);
    let base = base(&[("Logfile.CSV", trace)]);
    let folder = base.path();
    let written = new_rule(folder, &["--pick", "1"]);
    assert_eq!(written.status, 0, "{}", written.stderr);
    let file = folder.join("rules/procmon/writefile-access-denied.yml");
    let rule = std::fs::read_to_string(&file).expect("the rule is there");
    assert!(
        rule.contains("    operation: 'WriteFile'\n    result: 'ACCESS DENIED'\n    path|endswith: '\\budget.xlsx'\n"),
        "{rule}"
    );
    let check = finish(program(folder).arg("check"));
    assert_eq!(check.status, 0, "{}", check.stdout);
}

#[test]
fn ordinary_bundles_propose_nothing() {
    let base = base(&[("CBS.log", with_line("Logs/CBS/CBS.log", ""))]);
    let listed = new_rule(base.path(), &[]);
    assert_eq!(listed.status, 0, "{}", listed.stderr);
    assert!(listed.stdout.starts_with("nothing unusual: "), "{}", listed.stdout);
}

#[test]
fn wrong_picks_names_and_bundles_are_refused_with_what_would_do() {
    let base = base(&[("CBS.log", with_line("Logs/CBS/CBS.log", LOST))]);
    let folder = base.path();
    for (arguments, said) in [
        (&["--pick", "9"][..], "there is no line 9 to make a rule of; the list without --pick has 1"),
        (&["--pick", "0"], "there is no line 0"),
        (&["dism/x", "--pick", "1"], "the line is of the log cbs: write cbs/x"),
    ] {
        let run = new_rule(folder, arguments);
        assert_eq!(run.status, 2, "{arguments:?}");
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
    let run = finish(program(folder).args(["new", "rule", "--from", "nowhere"]));
    assert_eq!((run.status, run.stderr.as_str()), (2, "error: nowhere: there is no such file or folder\n"));
}
