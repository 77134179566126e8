//! What `shelf` promises of an index on disk: it follows the base, and nothing that befalls its files ends a search.

use std::fs;
use std::path::Path;

use tantivy::IndexWriter;

use crate::search::Request;

use super::{Shelf, place};

/// A base of one known error with the cases named, each telling of its own word.
fn base(folder: &Path, cases: &[&str]) {
    let text = |text: &str| format!("{{zh-CN: \"{text}\", en: \"{text}\"}}");
    let rule = "title: Access denied\ndescription: Denied.\nzh: {title: 拒绝访问, description: 被拒绝。}\nlevel: high\n\
                logsource: {product: windows, service: setupact}\n\
                detection: {keywords: ['Error READ'], condition: keywords}\n";
    let signature = "signature:\n  all:\n  - rule: setupact/denied\n";
    let known_error = format!(
        "title: {}\narea: imaging\nseverity: high\ncause: {}\nworkaround: {}\nfix: {}\n{signature}",
        text("Marble statues topple"),
        text("Pigeons sit on them"),
        text("Scare them"),
        text("Fence it in"),
    );
    write(folder, "rules/setupact/denied.yml", rule);
    write(folder, "cases/marble/known-error.yml", &known_error);
    for case in cases {
        add_case(folder, case, &format!("word{case}"));
    }
}

fn add_case(folder: &Path, id: &str, word: &str) {
    let texts = ["title", "category", "symptom", "impact", "analysis", "actions", "outcome"];
    let texts: String = texts.map(|key| format!("{key}: {{zh-CN: \"{word} 甲\", en: \"{word} one\"}}\n")).concat();
    let case = format!(
        "id: {id}\n{texts}customer: ACME\npriority: P2\nevidence: original\nsignature:\n  all:\n  - rule: setupact/denied\n"
    );
    write(folder, &format!("cases/marble/{id}/case.yml"), &case);
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("folders can be made");
    fs::write(path, text).expect("files can be written");
}

/// Ids that a query finds, with the notes of the index.
fn ask(base: &Path, cache: &Path, query: &str) -> (Vec<String>, Vec<String>) {
    let mut shelf = Shelf::open(Some(base), cache, false).expect("the index can be opened or made");
    let request = Request { query, kinds: &[], skip: 0, number: 10, language: "en" };
    let answer = shelf.search(&request).expect("the index can be asked");
    (answer.hits.into_iter().map(|hit| hit.id).collect(), shelf.notes)
}

#[track_caller]
fn check(base: &Path, cache: &Path, query: &str, expected: &[&str]) {
    assert_eq!(ask(base, cache, query).0, expected, "{query}");
}

fn folders() -> (tempfile::TempDir, tempfile::TempDir) {
    let folders = (tempfile::tempdir(), tempfile::tempdir());
    (folders.0.expect("a folder can be made"), folders.1.expect("a folder can be made"))
}

#[test]
fn cases_that_are_added_changed_and_removed_are_followed() {
    let (folder, cache) = folders();
    let (folder, cache) = (folder.path(), cache.path());
    base(folder, &["CAS-1", "CAS-2"]);
    check(folder, cache, "wordcas", &["CAS-1", "CAS-2", "marble"]);
    add_case(folder, "CAS-3", "hedgehog");
    check(folder, cache, "hedgehog", &["CAS-3", "marble"]);
    add_case(folder, "CAS-3", "hedgehog badger");
    check(folder, cache, "hedgehog", &["CAS-3", "marble"]);
    check(folder, cache, "badger", &["CAS-3", "marble"]);
    fs::remove_dir_all(folder.join("cases/marble/CAS-3")).expect("a case can be removed");
    check(folder, cache, "hedgehog badger", &[]);
    check(folder, cache, "customer:acme", &["marble", "CAS-1", "CAS-2"]);
}

#[test]
fn a_rule_that_changes_is_followed_in_what_uses_it() {
    let (folder, cache) = folders();
    base(folder.path(), &["CAS-1"]);
    check(folder.path(), cache.path(), "marble", &["marble"]);
    let rule = fs::read_to_string(folder.path().join("rules/setupact/denied.yml")).expect("the rule can be read");
    write(folder.path(), "rules/setupact/denied.yml", &rule.replace("Access denied", "Entrance refused"));
    let (found, _) = ask(folder.path(), cache.path(), "entrance");
    assert!(found.contains(&"marble".to_owned()) && found.contains(&"setupact/denied".to_owned()), "{found:?}");
}

#[test]
fn two_bases_never_share_an_index() {
    let (folder, cache) = folders();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    base(&one, &["CAS-1"]);
    base(&two, &["CAS-2"]);
    check(&one, cache.path(), "wordcas", &["CAS-1", "marble"]);
    check(&two, cache.path(), "wordcas", &["CAS-2", "marble"]);
}

#[test]
fn a_damaged_index_is_made_anew() {
    let (folder, cache) = folders();
    let (folder, cache) = (folder.path(), cache.path());
    base(folder, &["CAS-1"]);
    check(folder, cache, "wordcas", &["CAS-1", "marble"]);
    let place = place(Some(folder), cache).expect("the base has a place");
    let files = || fs::read_dir(&place).expect("it can be listed").map(|entry| entry.expect("it can be read").path());
    type Harm = fn(&Path);
    let harms: [Harm; 3] = [
        |file| fs::write(file, "").expect("it can be emptied"),
        |file| fs::write(file, [0xa5; 4096]).expect("it can be overwritten"),
        |file| fs::remove_file(file).expect("it can be removed"),
    ];
    for harm in harms {
        files().filter(|file| file.is_file()).for_each(|file| harm(&file));
        check(folder, cache, "wordcas", &["CAS-1", "marble"]);
    }
}

#[test]
fn while_another_process_writes_the_last_state_answers() {
    let (folder, cache) = folders();
    let (folder, cache) = (folder.path(), cache.path());
    base(folder, &["CAS-1"]);
    check(folder, cache, "wordcas", &["CAS-1", "marble"]);
    let place = place(Some(folder), cache).expect("the base has a place");
    let other = tantivy::Index::open_in_dir(place).expect("the index can be opened");
    let writer: IndexWriter = other.writer_with_num_threads(1, 16 << 20).expect("nobody else writes");
    add_case(folder, "CAS-2", "hedgehog");
    let (found, notes) = ask(folder, cache, "wordcas hedgehog");
    assert_eq!((found.len(), notes.len()), (2, 1), "{notes:?}");
    drop(writer);
    check(folder, cache, "hedgehog", &["CAS-2", "marble"]);
}

#[test]
fn the_base_built_in_has_an_index_of_its_own() {
    let (_, cache) = folders();
    let find = || {
        let mut shelf = Shelf::open(None, cache.path(), false).expect("the index can be opened or made");
        let request = Request { query: "wpdmtp", kinds: &[], skip: 0, number: 1, language: "en" };
        shelf.search(&request).expect("the index can be asked").hits[0].id.clone()
    };
    assert_eq!([find(), find()], ["endpoint-control-denies-wpdmtp", "endpoint-control-denies-wpdmtp"]);
}

#[test]
fn a_cache_that_is_no_folder_is_an_error_and_no_panic() {
    let (folder, cache) = folders();
    base(folder.path(), &[]);
    let file = cache.path().join("file");
    fs::write(&file, "").expect("it can be written");
    assert!(Shelf::open(Some(folder.path()), &file, false).is_err());
}
