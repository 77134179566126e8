//! The floors of the house hold: a module names only modules on lower floors, and outside crates that belong to one
//! module are named nowhere else. docs/ARCHITECTURE.md shows the same tables.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The floor of each module. Modules on one floor are strangers.
const FLOORS: [(&str, u32); 17] = [
    ("text", 0),
    ("facts", 0),
    ("bundle", 1),
    ("logs", 2),
    ("signature", 3),
    ("matcher", 4),
    ("verdict", 5),
    ("lib", 6),
    ("render", 9),
    ("mail", 7),
    ("explain", 7),
    ("search", 7),
    ("export", 7),
    ("check", 8),
    ("author", 9),
    ("cli", 9),
    ("main", 10),
];

/// Outside crates that live in one module only.
const HOMES: [(&str, &str); 28] = [
    ("encoding_rs", "text"),
    ("chardetng", "text"),
    ("csv", "facts"),
    ("zip", "bundle"),
    ("sevenz_rust2", "bundle"),
    ("rars", "bundle"),
    ("lzxd", "bundle"),
    ("flate2", "bundle"),
    ("bzip2", "bundle"),
    ("lzma_rust2", "bundle"),
    ("ruzstd", "bundle"),
    ("sha2", "bundle"),
    ("serde_yaml", "signature mail export"),
    ("saphyr_parser", "signature"),
    ("serde_ignored", "signature"),
    ("schemars", "signature"),
    ("sha1", "export"),
    ("rust_embed", "signature"),
    ("aho_corasick", "matcher"),
    ("rayon", "matcher check"),
    ("annotate_snippets", "render"),
    ("textwrap", "render"),
    ("minijinja", "mail"),
    ("mail_parser", "author"),
    ("cfb", "author"),
    ("clap", "cli main"),
    ("tantivy", "search"),
    ("rust_stemmers", "search"),
];

#[test]
fn modules_name_only_lower_floors() {
    let floors = BTreeMap::from(FLOORS);
    let mut wrong = Vec::new();
    for (module, file, text) in sources() {
        let floor =
            *floors.get(module.as_str()).unwrap_or_else(|| panic!("{module} has no floor: add it to the table"));
        for (number, line) in text.lines().enumerate() {
            let Some(named) = named_module(line).filter(|named| *named != module) else { continue };
            let named_floor = floors.get(named).unwrap_or_else(|| panic!("{named} in {file:?} has no floor"));
            if *named_floor >= floor {
                wrong.push(format!("{}:{} names {named}", file.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "modules name others beside or above them:\n{}", wrong.join("\n"));
}

#[test]
fn outside_crates_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    // Tests may compare with any crate.
    for (module, file, text) in sources().into_iter().filter(|(_, file, _)| !file.ends_with("tests.rs")) {
        for (name, homes) in HOMES {
            let named = text.lines().any(|line| !line.trim_start().starts_with("//") && names_crate(line, name));
            if named && !homes.split(' ').any(|home| home == module) {
                wrong.push(format!("{} names the crate {name}, which belongs to {homes}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is() {
    let silent: Vec<PathBuf> =
        sources().into_iter().filter(|(_, _, text)| !text.starts_with("//! ")).map(|(_, file, _)| file).collect();
    assert!(silent.is_empty(), "files without a header: {silent:?}");
}

/// The module that a line names through `crate::` or `casebook::`.
fn named_module(line: &str) -> Option<&str> {
    let line = line.trim_start();
    if line.starts_with("//") {
        return None;
    }
    let at = line.find("crate::").map(|at| at + 7).or_else(|| line.find("casebook::").map(|at| at + 10))?;
    let name = line[at..].split(|char: char| !(char.is_ascii_alphanumeric() || char == '_')).next()?;
    FLOORS.iter().any(|(module, _)| *module == name).then_some(name)
}

fn names_crate(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let free = before.is_none_or(|char| !(char.is_alphanumeric() || matches!(char, '_' | ':' | '.')));
        free && line[at + name.len()..].starts_with("::")
    })
}

/// Module, path and text of every source file of the engine.
fn sources() -> Vec<(String, PathBuf, String)> {
    let engine = Path::new(env!("CARGO_MANIFEST_DIR")).join("engine");
    let mut files = Vec::new();
    collect(&engine, &mut files);
    files.sort();
    let source = |file: PathBuf| {
        let inside = file.strip_prefix(&engine).expect("it was found there");
        let first = inside.components().next().expect("it is not the folder itself").as_os_str().to_string_lossy();
        let text = fs::read_to_string(&file).expect("source files are UTF-8").replace("\r\n", "\n");
        (first.trim_end_matches(".rs").to_owned(), inside.to_owned(), text)
    };
    files.into_iter().map(source).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("its entries can be read").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}
