//! `new` writes drafts that load, over nothing that is there, and `check` says what is left for a person.

use std::fs;
use std::path::Path;

use crate::harness::{Run, casebook, files, finish, program, repository, write_files};

/// A knowledge base of its own with what the repository knows.
fn knowledge_base() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for part in ["rules", "cases", "templates"] {
        let held = files(&repository().join(part));
        let held: Vec<_> = held.into_iter().map(|(name, bytes)| (format!("{part}/{name}"), bytes)).collect();
        write_files(folder.path(), &held);
    }
    folder
}

fn new(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = program(folder);
    finish(command.arg("new").args(arguments))
}

/// Codes of the faults that `check` shows for `file`.
fn codes(folder: &Path, file: &str) -> Vec<String> {
    let run = finish(program(folder).args(["check", "--format", "json", file]));
    let outcome: serde_json::Value = serde_json::from_str(&run.stdout).expect("check writes JSON");
    let faults = outcome["faults"].as_array().expect("faults is a list");
    let mut codes: Vec<String> = faults.iter().filter_map(|fault| fault["code"].as_str().map(str::to_owned)).collect();
    codes.dedup();
    codes
}

#[test]
fn drafts_load_and_leave_only_a_persons_part() {
    let base = knowledge_base();
    let folder = base.path();
    for (arguments, file, expected) in [
        (&["rule", "dism/image-held-open"][..], "rules/dism/image-held-open.yml", &["no-example", "no-near-miss"][..]),
        (
            &["known-error", "image-held-open", "--rule", "dism/mount-access-denied"],
            "cases/image-held-open/known-error.yml",
            &["no-proof", "missing-text"],
        ),
        (
            &["case", "restart-pending", "CAS-00001-A1B2C3"],
            "cases/restart-pending/CAS-00001-A1B2C3/case.yml",
            &["no-proof", "missing-text"],
        ),
    ] {
        let run = new(folder, arguments);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        assert!(run.stdout.contains(&format!("written: {file}\n")), "{}", run.stdout);
        assert!(run.stdout.contains(&format!("casebook check {file}")), "{}", run.stdout);
        assert_eq!(codes(folder, file), expected, "{file}");
    }
    let scan = finish(program(folder).args(["scan", "rules"]));
    assert_eq!((scan.status, scan.stderr.as_str()), (0, ""), "drafts load");
}

#[test]
fn rules_for_events_and_for_every_log_load_too() {
    let base = knowledge_base();
    for id in ["system/disk-warns", "any/word-seen", "noise/word-seen"] {
        assert_eq!(new(base.path(), &["rule", id]).status, 0, "{id}");
        let faults = codes(base.path(), &format!("rules/{id}.yml"));
        assert!(
            faults.iter().all(|code| ["no-example", "no-near-miss", "no-literal"].contains(&code.as_str())),
            "{faults:?}"
        );
    }
}

#[test]
fn nothing_is_overwritten() {
    let base = knowledge_base();
    let file = base.path().join("rules/dism/mount-access-denied.yml");
    let before = fs::read(&file).expect("the rule is there");
    let run = new(base.path(), &["rule", "dism/mount-access-denied"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("rules/dism/mount-access-denied.yml is there already"), "{}", run.stderr);
    assert_eq!(fs::read(&file).expect("the rule is there"), before);
}

#[test]
fn wrong_names_are_refused_with_what_would_do() {
    let base = knowledge_base();
    for (arguments, word) in [
        (&["rule", "../x"][..], "`..` cannot be used as a name"),
        (&["rule", "dsm/x"], "did you mean `dism`?"),
        (&["case", "restart-pendin", "CAS-1"], "did you mean `restart-pending`?"),
        (&["case", "restart-pending", "../CAS-1"], "cannot be used as a name"),
        (&["known-error", "x", "--rule", "dism/mount-acces-denied"], "did you mean `dism/mount-access-denied`?"),
    ] {
        let run = new(base.path(), arguments);
        assert_eq!(run.status, 2, "{arguments:?}");
        assert!(run.stderr.contains(word), "{}", run.stderr);
    }
}

#[test]
fn built_in_knowledge_base_is_not_written_to() {
    let empty = tempfile::tempdir().expect("a folder can be made");
    let run = new(empty.path(), &["rule", "dism/x"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("name a folder with --kb"), "{}", run.stderr);
    assert_eq!(casebook(empty.path(), &["new", "--help"]).status, 0);
}

const THREAD: &str = "\
邮件主题：回复: [案例号: CAS-00009-Z9Z9Z9 ] % |P2|Bank|某分行无法重启后安装 % 初次响应

====第1封邮件====

发件人：甲 <someone@bank.test>
发送时间：2024-03-05 11:47:37
邮件内容:
甲先生，您好
请收集日志。

====第2封邮件====

发件人：someone@bank.test
发送时间：2024-03-09 09:00:00
邮件内容:
甲先生，您好
我将暂时归档此问题，热线4000000001。
案例描述：
安装 KB4561621 报错 8024200d
受影响数量3台
案例进展：
与甲先生确认，重启后已正常安装。
案例分析：
上一次更新留下了待重启的操作，C:\\Users\\jia\\x.log 有记录。
";

#[test]
fn thread_becomes_a_case_that_lacks_only_what_it_does_not_tell() {
    let base = knowledge_base();
    let folder = base.path();
    fs::write(folder.join("thread.txt"), THREAD).expect("the thread can be written");
    let run = new(folder, &["case", "restart-pending", "--thread", "thread.txt"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("the thread does not tell: category, environment, actions"), "{}", run.stdout);
    let file = "cases/restart-pending/CAS-00009-Z9Z9Z9/case.yml";
    assert_eq!(codes(folder, file), ["no-proof", "missing-text"]);
    let drafted = fs::read_to_string(folder.join(file)).expect("the case is there");
    for line in [
        "customer: 'Bank'",
        "priority: 'P2'",
        "opened: 2024-03-05",
        "closed: 2024-03-09",
        "  zh-CN: '某分行无法重启后安装'",
        "  zh-CN: '与联系人确认，重启后已正常安装。'",
        r"  zh-CN: '上一次更新留下了待重启的操作，C:\Users\user\x.log 有记录。'",
        "# Updates in the thread: KB4561621",
    ] {
        assert!(drafted.lines().any(|drafted| drafted == line), "{line} in:\n{drafted}");
    }
    let other = new(folder, &["case", "restart-pending", "CAS-00008", "--thread", "thread.txt"]);
    assert!(other.stderr.contains("the thread is about CAS-00009-Z9Z9Z9"), "{}", other.stderr);
}
