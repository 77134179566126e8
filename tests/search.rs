//! `search` finds what a colleague half remembers, whatever is typed, and never fails on it.

#[path = "search/judged.rs"]
mod judged;

use std::fs;
use std::path::Path;

use casebook::search::{self, Index, Kind, Request};
use casebook::signature::{self, Source};
use serde_json::Value;

use crate::harness::{Run, casebook, finish, program, repository};
use judged::Figures;

/// Known errors, codes and rules in the order of an answer, each once.
fn found(run: &Run) -> Vec<String> {
    let answer = run.json();
    let mut ids: Vec<String> = Vec::new();
    for hit in answer["hits"].as_array().expect("hits is a list") {
        let id = hit["known_error"].as_str().or(hit["id"].as_str()).unwrap_or_default();
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    ids
}

fn ask(query: &[&str]) -> Run {
    let mut arguments = vec!["search", "--format", "json"];
    arguments.extend(query);
    casebook(&repository(), &arguments)
}

#[track_caller]
fn check(query: &str, first: &str) {
    assert_eq!(found(&ask(&[query])).first().map(String::as_str), Some(first), "{query}");
}

/// A knowledge base with one rule and one known error, whose texts `change` may change.
fn small_base(folder: &Path, change: &dyn Fn(String) -> String) {
    let rule = "title: Access denied\ndescription: Setup was denied access.\nzh: {title: 拒绝访问, description: 被拒绝访问。}\n\
                level: high\nlogsource: {product: windows, service: setupact}\n\
                detection: {keywords: ['Error READ'], condition: keywords}\n";
    let text = |text: &str| format!("{{zh-CN: \"{text}\", en: \"{text}\"}}");
    let known_error = format!(
        "title: {}\narea: imaging\nseverity: high\ncause: {}\nworkaround: {}\nfix: {}\nsignature:\n  all:\n  - rule: setupact/denied\n",
        text("Marble statues topple"),
        text("Pigeons sit on them"),
        text("Scare the pigeons"),
        text("Fence the marble in"),
    );
    for (path, text) in [("rules/setupact/denied.yml", rule.to_owned()), ("cases/marble/known-error.yml", known_error)]
    {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("folders can be made");
        fs::write(path, change(text)).expect("files can be written");
    }
}

fn ask_base(folder: &Path, query: &[&str]) -> Run {
    finish(program(folder).args(["search", "--lang", "en", "--kb", "."]).args(query))
}

#[test]
fn half_remembered_words_find_the_known_error_first() {
    for query in ["拒绝访问 wpdmtp", "upgrade stops at 32%", "wpdmtp 拒絕訪問", "CAS-02713", "ＷｐｄＭｔｐ"]
    {
        check(query, "endpoint-control-denies-wpdmtp");
    }
}

#[test]
fn a_code_finds_its_known_error_in_any_spelling() {
    for query in ["8024200d", "0x8024200D", "-2145115123", "2149852173"] {
        check(query, "update-needs-another-download");
    }
    let answer = ask(&["-2147024891"]).json();
    assert_eq!(answer["errors"][0]["error"], "0x80070005");
}

#[test]
fn a_pasted_line_finds_the_known_error_first() {
    check(
        r"2022-03-01 10:11:12, Error SP Error READ, 0x00000005 while gathering/applying object: File, C:\$WINDOWS.~BT\NewOS\Windows\WinSxS\amd64_dual_wpdmtp.inf_31bf3856ad364e35_10.0.18362.1_none_0011223344556677\WpdMtp.dll [gle=0x00000005]",
        "endpoint-control-denies-wpdmtp",
    );
}

#[test]
fn nothing_that_is_typed_is_a_syntax_error() {
    for query in [
        r"C:\$WINDOWS.~BT\NewOS [Error: 5]",
        "a AND OR NOT ( ) + - ! { } [ ] ^ \" ~ * ? : \\ /",
        "title:x customer: kb:abc after:yesterday",
        "\"no end",
        "-",
        "--",
        "- - -",
        "“”",
        "😀 \u{202e}",
        "*",
        "%",
    ] {
        let run = finish(program(&repository()).args(["search", "--format", "json", "--", query]));
        assert_eq!(run.status, 0, "{query}: {}", run.stderr);
    }
}

#[test]
fn filters_phrases_and_exclusions_narrow_the_answer() {
    let customers = ask(&["升级 customer:icbc", "--kind", "case"]).json();
    let hits = customers["hits"].as_array().expect("hits is a list");
    assert!(!hits.is_empty() && hits.iter().all(|hit| hit["kind"] == "case"), "{customers}");
    let area = ask(&["damaged area:disk"]).json();
    let hits = area["hits"].as_array().expect("hits is a list");
    assert!(!hits.is_empty() && hits.iter().all(|hit| hit["area"] == "disk"), "{area}");
    let without = ask(&["--", "disk full", "-dism"]);
    assert!(!found(&without).contains(&"disk-full-while-imaging".to_owned()));
    check("\"safe mode\" upgrade", "upgrade-in-safe-mode");
}

#[test]
fn what_nothing_satisfies_is_left_out_and_said() {
    let answer = ask(&["wpdmtp customer:nobody"]).json();
    assert_eq!(answer["left_out"][0], "customer:nobody");
    assert_eq!(answer["hits"][0]["known_error"], "endpoint-control-denies-wpdmtp");
    let run = casebook(&repository(), &["search", "qqqqxyz"]);
    assert!(run.stdout.contains("Nothing in the knowledge base speaks of this."), "{}", run.stdout);
}

#[test]
fn misspelt_words_are_understood_and_misspelt_codes_are_not() {
    let answer = ask(&["wdpmtp"]).json();
    assert_eq!(answer["corrected"][0]["meant"][0], "wpdmtp");
    let answer = ask(&["0x80070999"]).json();
    assert!(answer["corrected"].as_array().is_some_and(Vec::is_empty), "{answer}");
}

#[test]
fn pages_follow_each_other_without_a_gap() {
    let all = found(&ask(&["升级失败", "-n", "6", "--kind", "known-error"]));
    let mut pages = found(&ask(&["升级失败", "-n", "3", "--kind", "known-error"]));
    pages.extend(found(&ask(&["升级失败", "-n", "3", "--page", "2", "--kind", "known-error"])));
    assert_eq!(pages, all);
}

#[test]
fn marks_stand_on_what_was_asked() {
    let answer = ask(&["wpdmtp"]).json();
    let snippet = &answer["hits"][0]["snippets"][0];
    let text: Vec<char> = snippet["text"].as_str().expect("a snippet has a text").chars().collect();
    let place = |value: &Value| value.as_u64().expect("a mark is a number") as usize;
    let marked: String = text[place(&snippet["marks"][0][0])..place(&snippet["marks"][0][1])].iter().collect();
    assert!(marked.to_lowercase().contains("wpdmtp"), "{marked}");
}

#[test]
fn escapes_in_a_case_never_reach_the_terminal() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    small_base(folder.path(), &|text| text.replace("Pigeons sit", r"Pigeons\x1b[31m\x07 sit"));
    let run = ask_base(folder.path(), &["pigeons"]);
    assert!(run.stdout.contains('␛') && !run.stdout.contains('\u{1b}'), "{:?}", run.stdout);
}

#[test]
fn a_base_of_ones_own_is_searched_and_no_other() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    small_base(folder.path(), &|text| text);
    let run = ask_base(folder.path(), &["pigoens on statues"]);
    assert!(run.stdout.contains("Marble statues topple"), "{}", run.stdout);
    assert!(!run.stdout.contains("endpoint-control"), "{}", run.stdout);
}

/// The floor of the evaluation; `cargo bench --bench search` prints the figures by kind.
#[test]
fn the_judged_queries_hold_the_floor() {
    let source = Source::folder(&repository()).expect("the repository is a knowledge base");
    let (knowledge, _) = signature::load(&source).expect("it can be read");
    let index = Index::of(&knowledge, &source).expect("it can be indexed");
    let answer = |query: &str| {
        let request = Request { query, kinds: &[Kind::KnownError, Kind::Case], skip: 0, number: 10, language: "zh-CN" };
        let answer = search::search(&index, &knowledge.synonyms, &request).expect("the index can be asked");
        let mut ids: Vec<String> = Vec::new();
        for id in answer.hits.into_iter().filter_map(|hit| hit.known_error) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    };
    let queries = judged::queries(&repository());
    let kinds: Vec<Figures> = queries.values().map(|queries| judged::figures(queries, &answer)).collect();
    let whole = judged::whole(&kinds);
    assert!(whole.queries >= 200, "{whole:?}");
    assert!(whole.success_1 >= 0.85 && whole.reciprocal_rank >= 0.9, "{whole:?}");
}
