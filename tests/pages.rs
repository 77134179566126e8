//! The examples on the pages for authors are knowledge bases: they load, prove themselves, and give what the page says.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::harness::{Run, casebook, files, repository, write_files};

/// A block of a page between its fences, with the file that the text before it names.
struct Block {
    kind: String,
    file: Option<String>,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let page = fs::read_to_string(repository().join(page)).expect("the page is there").replace("\r\n", "\n");
    let parts: Vec<&str> = page.split("```").collect();
    let block = |pair: &[&str]| {
        let (kind, text) = pair[1].split_once('\n').unwrap_or((pair[1], ""));
        let named = pair[0].trim_end().rsplit("\n\n").next().unwrap_or_default();
        let mut words = named.split('`').rev();
        let file = words.find(|word| word.starts_with("rules/") || word.starts_with("cases/"));
        Block { kind: kind.to_owned(), file: file.map(str::to_owned), text: text.to_owned() }
    };
    parts.chunks_exact(2).map(block).collect()
}

/// The knowledge base of the files that a page shows.
fn knowledge(page: &str) -> TempDir {
    let shown = blocks(page).into_iter().filter(|block| matches!(block.kind.as_str(), "yaml" | "text"));
    let files: Vec<_> = shown.filter_map(|block| Some((block.file?, block.text.into_bytes()))).collect();
    assert_eq!(files.len(), 4, "a rule, a known error, a case, an excerpt");
    let folder = tempfile::tempdir().expect("a folder can be made");
    write_files(folder.path(), &files);
    let templates = crate::harness::files(&repository().join("templates"));
    let templates: Vec<_> = templates.into_iter().map(|(name, bytes)| (format!("templates/{name}"), bytes)).collect();
    write_files(folder.path(), &templates);
    folder
}

fn check(folder: &Path, more: &[&str]) -> Run {
    casebook(folder, &[&["check", "--kb", "."], more].concat())
}

#[test]
fn the_example_of_the_readme_proves_itself() {
    let folder = knowledge("README.md");
    assert_eq!(check(folder.path(), &[]).stdout, "1 rule, 1 known error, 1 case: 0 errors, 0 warnings\n");
}

#[test]
fn the_example_for_contributors_gives_what_the_page_says() {
    let folder = knowledge("CONTRIBUTING.md");
    let shown: Vec<String> =
        blocks("CONTRIBUTING.md").into_iter().filter(|block| block.kind == "console").map(|block| block.text).collect();
    let expected = format!(
        "$ casebook check\n{}$ casebook check --cross-match\n{}",
        check(folder.path(), &[]).stdout,
        check(folder.path(), &["--cross-match"]).stdout
    );
    assert_eq!(shown[0], expected);
    let rule = folder.path().join("rules/cbs/store-file-unreadable.yml");
    let sound = fs::read_to_string(&rule).expect("it is there");
    let wide: Vec<&str> = sound.lines().filter(|line| !line.starts_with("    error: [")).collect();
    fs::write(&rule, wide.join("\n")).expect("it can be written");
    let said = check(folder.path(), &[]);
    assert!(
        said.stdout.contains(shown[1].lines().nth(1).expect("it has lines").trim_end_matches('…')),
        "{}",
        said.stdout
    );
    assert_eq!((said.status, files(folder.path()).len() > 4), (1, true));
}
