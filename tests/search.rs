//! `search` finds what a colleague half remembers, whatever is typed, and never fails on it.
//!
//! What is asked of the repository's own knowledge is asked of one index that all tests share; what is asked of the
//! program is asked of a small base.

#[path = "search/cache.rs"]
mod cache;
#[path = "search/judged.rs"]
mod judged;
#[path = "search/resemblance.rs"]
mod resemblance;

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use casebook::search::{self, Answer, Index, Kind, Request};
use casebook::signature::{self, Knowledge, Source};

use crate::harness::{Run, finish, program, repository};
use judged::Figures;

/// The repository's knowledge, indexed once.
static BASE: LazyLock<(Knowledge, Index)> = LazyLock::new(|| {
    let source = Source::folder(&repository()).expect("the repository is a knowledge base");
    let (knowledge, _) = signature::load(&source).expect("it can be read");
    let index = Index::of(&knowledge, &source).expect("it can be indexed");
    (knowledge, index)
});

fn ask_kinds(query: &str, kinds: &[Kind], skip: usize, number: usize) -> Answer {
    let (knowledge, index) = &*BASE;
    let request = Request { query, kinds, skip, number, language: "zh-CN" };
    search::search(index, &knowledge.synonyms, &request).expect("the index can be asked")
}

fn ask(query: &str) -> Answer {
    ask_kinds(query, &[], 0, 10)
}

/// Known errors, codes and rules in the order of an answer, each once.
fn found(answer: &Answer) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for hit in &answer.hits {
        let id = hit.known_error.as_ref().unwrap_or(&hit.id);
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    ids
}

#[track_caller]
fn check(query: &str, first: &str) {
    assert_eq!(found(&ask(query)).first().map(String::as_str), Some(first), "{query}");
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

/// Runs `search` on the base in a folder.
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
    for query in ["80244022", "0X80244022", "-2145107934", "2149859362"] {
        check(query, "wsus-application-pool-stopped");
    }
    assert_eq!(ask("-2147024891").errors[0].error, "0x80070005");
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
        "",
    ] {
        ask(query);
    }
}

#[test]
fn filters_phrases_and_exclusions_narrow_the_answer() {
    let cases = ask_kinds("升级 customer:icbc", &[Kind::Case], 0, 10);
    assert!(!cases.hits.is_empty() && cases.hits.iter().all(|hit| hit.kind == Kind::Case));
    let area = ask("damaged area:disk");
    assert!(!area.hits.is_empty() && area.hits.iter().all(|hit| hit.area.as_deref() == Some("disk")));
    assert!(!found(&ask("disk full -dism")).contains(&"disk-full-while-imaging".to_owned()));
    check("\"safe mode\" upgrade", "upgrade-in-safe-mode");
}

#[test]
fn what_nothing_satisfies_is_left_out_and_said() {
    let answer = ask("wpdmtp customer:nobody");
    assert_eq!(answer.left_out, ["customer:nobody"]);
    assert_eq!(answer.hits[0].known_error.as_deref(), Some("endpoint-control-denies-wpdmtp"));
}

#[test]
fn misspelt_words_are_understood_and_misspelt_codes_are_not() {
    assert_eq!(ask("wdpmtp").corrected[0].meant[0], "wpdmtp");
    assert!(ask("0x80070999").corrected.is_empty());
}

#[test]
fn pages_follow_each_other_without_a_gap() {
    let page = |skip, number| found(&ask_kinds("升级失败", &[Kind::KnownError], skip, number));
    assert_eq!([page(0, 3), page(3, 3)].concat(), page(0, 6));
}

#[test]
fn marks_stand_on_what_was_asked() {
    let answer = ask("wpdmtp");
    let snippet = &answer.hits[0].snippets[0];
    let (start, end) = snippet.marks[0];
    let marked: String = snippet.text.chars().skip(start).take(end - start).collect();
    assert!(marked.to_lowercase().contains("wpdmtp"), "{marked}");
}

#[test]
fn an_answer_counts_what_it_found() {
    let facets = ask("升级").facets;
    assert!(facets.kinds["known_error"] > 10 && facets.areas.len() > 3, "{facets:?}");
    assert!(facets.customers.contains_key("icbc") && facets.statuses.contains_key("closed"), "{facets:?}");
}

/// The floor of the evaluation; `cargo bench --bench search` prints the figures by kind.
#[test]
fn the_judged_queries_hold_the_floor() {
    let answer = |query: &str| found(&ask_kinds(query, &[Kind::KnownError, Kind::Case], 0, 10));
    let queries = judged::queries(&repository());
    let kinds: Vec<Figures> = queries.values().map(|queries| judged::figures(queries, &answer)).collect();
    let whole = judged::whole(&kinds);
    assert!(whole.queries >= 200, "{whole:?}");
    assert!(whole.success_1 >= 0.85 && whole.reciprocal_rank >= 0.9, "{whole:?}");
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
    let run = ask_base(folder.path(), &["qqqqxyz"]);
    assert!(run.stdout.contains("Nothing in the knowledge base speaks of this."), "{}", run.stdout);
    let answer =
        ask_base(folder.path(), &["-n", "1", "--kind", "known-error", "--format", "json", "--", "statues", "-dism"]);
    assert_eq!(answer.json()["hits"][0]["id"], "marble");
}
