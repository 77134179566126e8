//! Every fault code has a folder with the one mistake that it is about, and `check` says where and what to do.
//!
//! `faults/sound/` is a small knowledge base without fault. A folder named after a code holds only the files that
//! differ; they are laid over a copy of the sound one, so that faults that follow from the mistake would show.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::harness::{Run, casebook, files, repository, write_files};

/// The one code whose example would be too large to keep: it is written below.
const GENERATED: &str = "file-too-large";

fn folder(code: &str) -> PathBuf {
    repository().join("tests/faults").join(code)
}

/// The sound knowledge base with the files of `code` laid over it.
fn knowledge(code: &str) -> TempDir {
    let knowledge = tempfile::tempdir().expect("a folder can be made");
    write_files(knowledge.path(), &files(&folder("sound")));
    write_files(knowledge.path(), &files(&folder(code)));
    knowledge
}

fn check(knowledge: &TempDir, more: &[&str]) -> Run {
    let mut arguments = vec!["check", "--kb", "."];
    arguments.extend(more);
    casebook(knowledge.path(), &arguments)
}

/// The code that a line such as `error[bad-regex]: …` names.
fn code_of(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("error[").or_else(|| line.strip_prefix("warning["))?;
    rest.split_once(']').map(|(code, _)| code)
}

/// Names of the folders, but for the sound one.
fn folders() -> BTreeSet<String> {
    let listed = fs::read_dir(repository().join("tests/faults")).expect("the folder can be listed");
    let names = listed.map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned());
    names.filter(|name| name != "sound").collect()
}

/// Every code that the program can give: a word with a hyphen on its own in the rooms that make faults.
fn codes() -> BTreeSet<String> {
    let sources = ["engine/signature", "engine/check"].map(|room| files(&repository().join(room)));
    let mut codes = BTreeSet::new();
    for (_, bytes) in sources.concat() {
        let text = String::from_utf8(bytes).expect("sources are UTF-8");
        let made = text.split("#[cfg(test)]").next().unwrap_or_default();
        for before in ["Fault::on_file(", "fault(", "fault_at(", "fault_at_key(", "code:", "(Some(word) => ("] {
            for (at, _) in made.match_indices(before) {
                let rest = made[at + before.len()..].trim_start();
                codes.extend(rest.strip_prefix('"').and_then(|rest| rest.split('"').next()).map(str::to_owned));
            }
        }
    }
    codes
}

#[test]
fn sound_knowledge_base_has_no_fault() {
    let run = check(&knowledge("sound"), &[]);
    assert_eq!(run.stdout, "2 rules, 1 known error, 1 case: 0 errors, 0 warnings\n", "{}", run.stderr);
    assert_eq!(run.status, 0);
}

#[test]
fn each_mistake_is_shown_with_its_place_and_remedy() {
    let mut astray = Vec::new();
    for code in folders() {
        let run = check(&knowledge(&code), &[]);
        insta::assert_snapshot!(format!("fault_{code}"), run.whole());
        let found: BTreeSet<&str> = run.stdout.lines().filter_map(code_of).collect();
        if found != BTreeSet::from([code.as_str()]) {
            astray.push(format!("{code} makes {found:?}"));
        }
        assert_eq!(run.status, i32::from(run.stdout.contains("error[")), "{code}");
        assert_eq!(run.stderr, "", "{code}");
    }
    assert!(astray.is_empty(), "one mistake makes one kind of fault:\n{}", astray.join("\n"));
}

#[test]
fn every_code_of_the_program_has_a_folder() {
    let mut codes = codes();
    assert!(codes.remove(GENERATED), "{codes:?}");
    let missing: Vec<&String> = codes.iter().filter(|code| !folders().contains(*code)).collect();
    assert!(missing.is_empty(), "these codes have no folder in tests/faults: {missing:?}");
}

/// The page that shows each code with the mistake that makes it.
fn page() -> String {
    let mut page = String::from(
        "# Faults\n\nWhat `casebook check` can find wrong, by code. Each entry shows the files of a small mistake, and what `check`\n\
         says of it. This page is made from `tests/faults` by the tests: `INSTA_UPDATE=always cargo test faults` writes it.\n",
    );
    for code in folders() {
        page.push_str(&format!("\n## `{code}`\n"));
        for (name, bytes) in files(&folder(&code)) {
            let text = String::from_utf8_lossy(&bytes);
            page.push_str(&format!("\n`{name}`:\n\n```\n{}\n```\n", text.trim_end()));
        }
        let run = check(&knowledge(&code), &[]);
        let said = run.stdout.trim_end().rsplit_once("\n\n").map_or("", |(faults, _)| faults);
        page.push_str(&format!("\n```console\n{said}\n```\n"));
    }
    page.push_str(&format!(
        "\n## `{GENERATED}`\n\nA file of more than 4 MiB is not read: no rule or case is that long.\n"
    ));
    page
}

#[test]
fn every_fault_stands_in_the_documentation() {
    let file = repository().join("docs/faults.md");
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&file, page()).expect("the page can be written");
    }
    let kept = fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
    assert!(kept == page(), "docs/faults.md is not what `INSTA_UPDATE=always cargo test faults` writes");
}

#[test]
fn file_too_large_is_refused_before_it_is_parsed() {
    let knowledge = knowledge("sound");
    let file = knowledge.path().join("rules/setupact/gave-up.yml");
    fs::write(file, vec![b'['; 5 << 20]).expect("the file can be written");
    let run = check(&knowledge, &[]);
    insta::assert_snapshot!("fault_file-too-large", run.whole());
}

#[test]
fn faults_as_json_keep_the_contract() {
    let run = check(&knowledge("unknown-rule"), &["--format", "json"]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn scan_with_a_broken_knowledge_base_shows_the_fault_and_matches_nothing() {
    let knowledge = knowledge("unknown-key");
    fs::write(knowledge.path().join("setupact.log"), "x").expect("the file can be written");
    let run = casebook(knowledge.path(), &["scan", "setupact.log", "--kb", "."]);
    insta::assert_snapshot!(run.whole());
}

#[test]
fn services_get_the_same_faults_in_their_own_form() {
    let knowledge = knowledge("unknown-key");
    let github = check(&knowledge, &["--format", "github"]);
    assert!(github.stdout.starts_with("::error file="), "{}", github.stdout);
    assert!(github.stdout.contains("title=unknown-key::"), "{}", github.stdout);
    let gitlab = check(&knowledge, &["--format", "gitlab"]);
    let issues: serde_json::Value = serde_json::from_str(&gitlab.stdout).expect("it is JSON");
    assert_eq!(issues[0]["check_name"], "unknown-key");
    let junit = check(&knowledge, &["--format", "junit"]);
    assert!(junit.stdout.contains("<failure type=\"unknown-key\""), "{}", junit.stdout);
    assert_eq!([github.status, gitlab.status, junit.status], [1, 1, 1]);
}

#[test]
fn only_the_faults_of_the_files_named_are_shown() {
    let knowledge = knowledge("unknown-key");
    let other = check(&knowledge, &["templates/en/closure.txt"]);
    assert_eq!(other.status, 0);
    assert_eq!(other.stderr, "in other files: 1 error, 0 warnings; `casebook check` shows them\n");
    let whole = check(&knowledge, &[]);
    let file = whole
        .stdout
        .lines()
        .find_map(|line| line.trim_start().strip_prefix("--> ")?.split(':').next())
        .expect("a place");
    assert_eq!(check(&knowledge, &[file]).stdout, whole.stdout);
}

#[test]
fn file_that_cannot_be_read_hides_no_other_fault() {
    let knowledge = knowledge("unreadable");
    write_files(knowledge.path(), &files(&folder("unknown-key")));
    let run = check(&knowledge, &[]);
    let found: BTreeSet<&str> = run.stdout.lines().filter_map(code_of).collect();
    assert_eq!((run.status, found), (1, BTreeSet::from(["unknown-key", "unreadable"])), "{}", run.stderr);
}

/// The faults of the sound knowledge base after `old` has become `new` in one file.
fn faults_after(file: &str, old: &str, new: &str) -> String {
    let knowledge = knowledge("sound");
    let file = knowledge.path().join(file);
    let text = fs::read_to_string(&file).expect("it is there");
    assert!(text.contains(old), "{old} stands in {text}");
    fs::write(&file, text.replacen(old, new, 1)).expect("it can be written");
    let run = check(&knowledge, &[]);
    assert_eq!(run.stderr, "");
    run.stdout.lines().filter(|line| code_of(line).is_some()).collect::<Vec<_>>().join("\n")
}

#[test]
fn error_without_quotes_is_the_error_that_was_written() {
    let rule = "rules/setupact/copy-denied.yml";
    assert_eq!(faults_after(rule, "error: E_ACCESSDENIED\n", "error: 0x80070005\n"), "");
    assert_eq!(
        faults_after(rule, "facts: {path: 'C:\\a\\b.dll', error: E_ACCESSDENIED}", "facts: {error: 0x80070005}"),
        ""
    );
    let unnamed = faults_after(rule, "error: E_ACCESSDENIED\n", "error: 0xe0000244\n");
    assert!(unnamed.contains("example-not-matched") && !unnamed.contains("unknown-error"), "{unnamed}");
}

#[test]
fn one_slip_makes_one_fault_in_plain_words() {
    let case = "cases/copy-denied/CAS-00001-A1B2C3/case.yml";
    let known = "cases/copy-denied/known-error.yml";
    let rule = "rules/setupact/gave-up.yml";
    for (file, old, new, expected) in [
        (case, "outcome:", "outcomes:", "error[unknown-key]: there is no key `outcomes` here"),
        (
            case,
            "en: One computer.",
            "en: One, of many.",
            "error[missing-value]: nothing stands behind the key `of many.`",
        ),
        (case, "{zh-CN: 1 台。, ", "{zh_CN: 1 台。, ", "error[unknown-key]: there is no language `zh_CN`"),
        (case, "{zh-CN: 1 台。, ", "{zh: 1 台。, ", ""),
        (case, "en: Solved.", "en: 已解决。", "error[missing-text]: the text of `outcome` in en is Chinese"),
        (
            case,
            "priority: P2",
            "priority: P2\naffected: {zh-CN: 一台}",
            "error[missing-text]: `affected` has no text in en",
        ),
        (
            case,
            "{path|endswith: '\\b.dll'}",
            "{kb: 5005565}",
            "error[wrong-value]: an update is called KB5005565, so `5005565` never holds",
        ),
        (
            case,
            "'\\b.dll'",
            "\"\\b.dll\"",
            "error[needs-quotes]: in double quotes, a `\\` and the letter behind it became one control character",
        ),
        (
            known,
            "    - rule: setupact/copy-denied",
            "    - setupact/copy-denied",
            "error[wrong-value]: the text `setupact/copy-denied` stands here where a map such as `rule: cbs/failure` is needed",
        ),
        (rule, "title: Setup gave up", "title: ''", "error[missing-text]: the title is empty"),
        (
            rule,
            "message|contains",
            "message｜contains",
            "error[unknown-modifier]: the `｜` in `message｜contains` is a full-width one",
        ),
        (
            rule,
            "message|contains: Setup gives up",
            "component|exists: yes",
            "error[wrong-value]: `yes` is neither true nor false",
        ),
        (
            rule,
            "Setup gives up\n  condition",
            "“Setup gives up”\n  condition",
            "error[needs-quotes]: the quotes around `“Setup gives up”` are full-width ones, so they are a part of the text",
        ),
        (rule, "  condition: end", "    condition: end", "error[missing-key]: detection has no condition"),
        ("templates/en/closure.txt", "Subject: ", "Subject: { case.title } ", "error[template-fails]: `{ case.title }"),
        ("templates/settings.yml", "en:", "en", "error[template-fails]: no mail can be drafted: "),
    ] {
        let found = faults_after(file, old, new);
        assert!(
            found.starts_with(expected) && found.lines().count() == usize::from(!expected.is_empty()),
            "{found}\nnot {expected}"
        );
    }
}

#[test]
fn template_that_is_not_utf8_is_never_sent() {
    let knowledge = knowledge("sound");
    let file = knowledge.path().join("templates/en/closure.txt");
    let mut bytes = fs::read(&file).expect("it is there");
    bytes.extend(b"\xc4\xfa\xba\xc3\n");
    fs::write(&file, bytes).expect("it can be written");
    let run = check(&knowledge, &[]);
    assert!(run.stdout.contains("templates/en/closure.txt: the file is not UTF-8"), "{}", run.stdout);
}

#[test]
fn excerpt_that_was_not_cut_gets_a_warning() {
    let knowledge = knowledge("sound");
    let file = knowledge.path().join("cases/copy-denied/CAS-00001-A1B2C3/logs/setupact.log");
    let mut text = fs::read_to_string(&file).expect("it is there");
    text.push_str(&"2024-01-01 08:00:06, Info                  SP     Goes on\n".repeat(20_000));
    fs::write(&file, text).expect("it can be written");
    let run = check(&knowledge, &[]);
    assert!(run.stdout.starts_with("warning[file-too-large]: the excerpt has "), "{}", run.stdout);
    assert_eq!(run.status, 0);
}

#[test]
fn common_error_alone_is_too_little_for_a_rule_of_every_log() {
    let knowledge = knowledge("sound");
    let rule = fs::read_to_string(knowledge.path().join("rules/setupact/copy-denied.yml")).expect("it is there");
    for name in ["moved", "linked", "opened", "closed", "read", "listed", "hidden"] {
        let text =
            rule.replace("Copy of", &format!("{name} of")).replace("error: E_ACCESSDENIED\n", "error|exists: true\n");
        fs::write(knowledge.path().join(format!("rules/setupact/{name}.yml")), text).expect("it can be written");
    }
    let bare = "title: Denied\ndetection:\n  code:\n    error: E_ACCESSDENIED\n  condition: code\nexamples:\n  match:\n    \
                - text: failed with 0x80070005\n  ignore:\n    - failed with 0x80070002\n";
    fs::create_dir_all(knowledge.path().join("rules/any")).expect("a folder can be made");
    fs::write(knowledge.path().join("rules/any/denied.yml"), bare).expect("it can be written");
    let run = check(&knowledge, &[]);
    assert!(run.stdout.contains("warning[bare-error]: "), "{}", run.stdout);
    assert!(run.stdout.contains("in the examples of 8 other rules"), "{}", run.stdout);
}
