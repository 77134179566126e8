//! `export sigma`: what comes out is plain Sigma, and finds all that the rules find.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Run, casebook, files, repository, write_files};

/// The export of the knowledge base in `folder`, with what the program said.
fn export(knowledge: &Path) -> (TempDir, Run) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let run = casebook(knowledge, &["export", "sigma", "out", "--kb", "."]);
    let from = knowledge.join("out");
    write_files(folder.path(), &files(&from));
    std::fs::remove_dir_all(from).expect("it was made just now");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    (folder, run)
}

/// A copy of the repository's rules and cases, in which may be written.
fn own_knowledge() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for part in ["rules", "cases", "templates"] {
        let files = files(&repository().join(part));
        let files: Vec<_> = files.into_iter().map(|(name, bytes)| (format!("{part}/{name}"), bytes)).collect();
        write_files(folder.path(), &files);
    }
    folder
}

fn documents(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).expect("it is UTF-8");
    serde_yaml::Deserializer::from_str(text).map(|part| Value::deserialize(part).expect("it is YAML")).collect()
}

/// The documents of the repository's rules by id.
fn originals() -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (path, bytes) in files(&repository().join("rules")) {
        for (index, document) in documents(&bytes).into_iter().enumerate() {
            let name = document["name"].as_str().unwrap_or_default();
            let id = path.trim_end_matches(".yml");
            found.push((if index == 0 { id.to_owned() } else { format!("{id}#{name}") }, document));
        }
    }
    found
}

#[test]
fn exported_rules_match_every_example_of_their_originals() {
    let knowledge = own_knowledge();
    let (exported, _) = export(knowledge.path());
    let mut rules = Vec::new();
    for (id, original) in originals() {
        let path = exported.path().join("rules").join(format!("{}.yml", id.replace('#', "-")));
        let Ok(bytes) = std::fs::read(path) else { continue };
        let mut document = documents(&bytes).remove(0);
        for example in original["examples"]["match"].as_array().into_iter().flatten() {
            let mut example = example.clone();
            example.as_object_mut().expect("an example is a map").remove("facts");
            document["examples"]["match"].as_array_mut().map(|list| list.push(example.clone())).unwrap_or_else(|| {
                document["examples"] =
                    serde_json::json!({ "match": [example], "ignore": original["examples"]["ignore"] });
            });
        }
        let text = serde_json::to_string(&document).expect("it is JSON, and so YAML");
        rules.push((format!("rules/{}.yml", id.replace('#', "-")), text.into_bytes()));
    }
    assert!(rules.len() > 200, "{}", rules.len());
    let read_back = tempfile::tempdir().expect("a folder can be made");
    write_files(read_back.path(), &rules);
    std::fs::create_dir(read_back.path().join("cases")).expect("it can be made");
    let outcome = casebook(read_back.path(), &["check", "--kb", ".", "--format", "json"]);
    let outcome: Value = serde_json::from_str(&outcome.stdout).expect("check writes JSON");
    let faults = outcome["faults"].as_array().expect("a list");
    let of = |codes: &[&str]| -> Vec<String> {
        let named = faults.iter().filter(|fault| codes.iter().any(|code| fault["code"] == *code));
        named.map(|fault| format!("{} {}", fault["file"].as_str().unwrap_or_default(), fault["message"])).collect()
    };
    let expected = ["example-matched", "untidy", "missing-text", "same-evidence", "personal-data", "no-literal"];
    let others: BTreeSet<&str> = faults
        .iter()
        .filter_map(|fault| fault["code"].as_str())
        .filter(|code| !expected.contains(code) && *code != "example-not-matched")
        .collect();
    assert!(others.is_empty(), "{others:?}: {faults:#?}");
    assert_eq!(of(&["example-not-matched"]), Vec::<String>::new(), "these find less than their originals");
    // A near miss may be matched where a placeholder's type or a capture's test has no form in Sigma.
    let wider = of(&["example-matched"]);
    assert!(
        wider.len() * 10 < rules.len(),
        "{} of {} match a near miss:\n{}",
        wider.len(),
        rules.len(),
        wider.join("\n")
    );
}

#[test]
fn nothing_of_ours_is_left_in_the_export() {
    let knowledge = own_knowledge();
    let (exported, run) = export(knowledge.path());
    let mut ids = BTreeSet::new();
    for (path, bytes) in files(exported.path()).into_iter().filter(|(path, _)| path != "pipeline.yml") {
        let text = String::from_utf8(bytes.clone()).expect("it is UTF-8");
        assert!(!text.contains("|pattern"), "{path}");
        for document in documents(&bytes) {
            for key in ["zh", "examples", "noise", "tells"] {
                assert!(document.get(key).is_none(), "{path} has {key}");
            }
            let id = document["id"].as_str().unwrap_or_default().to_owned();
            assert!(id.len() == 36 && ids.insert(id), "{path} has no id of its own");
        }
    }
    assert!(run.stdout.contains("left out:\n") && run.stdout.contains("\nexported: "), "{}", run.stdout);
    let (again, _) = export(knowledge.path());
    assert!(files(again.path()) == files(exported.path()), "the same knowledge base gives the same files");
}

#[test]
fn folder_with_something_in_it_is_not_written_to() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    write_files(folder.path(), &[("out/x.yml".to_owned(), Vec::new())]);
    let run = casebook(folder.path(), &["export", "sigma", "out"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("out is not empty"), "{}", run.stderr);
}
