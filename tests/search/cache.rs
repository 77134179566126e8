//! A large base keeps its index in the cache folder, and nothing that befalls that folder ends a search.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use tempfile::TempDir;

use super::small_base;
use crate::harness::{Run, finish, program};

/// A base that is large: folders of cases count, also empty ones.
fn large_base() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    small_base(folder.path(), &|text| text);
    for number in 0..250 {
        let case = folder.path().join(format!("cases/marble/CAS-{number}"));
        fs::create_dir(case).expect("a folder can be made");
    }
    folder
}

fn ask(base: &Path, cache: &Path) -> Run {
    finish(program(base).args(["search", "pigeons", "--lang", "en", "--kb", ".", "--cache"]).arg(cache))
}

/// Asks, and checks that the answer is right and that exactly this is said about the index.
#[track_caller]
fn check(base: &Path, cache: &Path, said: &str) {
    let run = ask(base, cache);
    assert!(run.stdout.contains("Marble statues topple"), "{}{}", run.stdout, run.stderr);
    assert!(if said.is_empty() { run.stderr.is_empty() } else { run.stderr.contains(said) }, "{}", run.stderr);
}

/// The files of the only index in a cache folder.
fn index_files(cache: &Path) -> Vec<PathBuf> {
    let entries =
        |folder: &Path| fs::read_dir(folder).expect("it can be listed").map(|entry| entry.expect("it is there").path());
    let place = entries(&cache.join("search")).next().expect("an index was made");
    entries(&place).filter(|path| path.is_file()).collect()
}

#[test]
fn an_index_is_made_where_none_is_and_made_anew_where_it_is_damaged() {
    let (base, folder) = (large_base(), tempfile::tempdir().expect("a folder can be made"));
    let cache = folder.path().join("not/there/yet");
    check(base.path(), &cache, "");
    check(base.path(), &cache, "");
    for file in index_files(&cache) {
        fs::write(file, [0xa5; 512]).expect("it can be overwritten");
    }
    check(base.path(), &cache, "damaged and is made anew");
    check(base.path(), &cache, "");
}

#[test]
fn without_a_cache_folder_the_base_is_searched_in_memory() {
    let (base, folder) = (large_base(), tempfile::tempdir().expect("a folder can be made"));
    let file = folder.path().join("file");
    fs::write(&file, "").expect("it can be written");
    check(base.path(), &file, "searching without it");
    let mut nowhere = program(base.path());
    for name in ["CASEBOOK_CACHE", "HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"] {
        nowhere.env_remove(name);
    }
    let run = finish(nowhere.args(["search", "pigeons", "--lang", "en", "--kb", "."]));
    assert!(run.stdout.contains("Marble statues topple"), "{}", run.stdout);
    assert!(run.stderr.contains("name one with --cache"), "{}", run.stderr);
}

#[test]
fn a_cache_folder_that_cannot_be_written_is_survived() {
    let (base, cache) = (large_base(), tempfile::tempdir().expect("a folder can be made"));
    check(base.path(), cache.path(), "");
    let all = index_files(cache.path());
    let set = |readonly: bool| {
        for file in &all {
            let mut permissions = fs::metadata(file).expect("it is there").permissions();
            permissions.set_readonly(readonly);
            fs::set_permissions(file, permissions).expect("they can be changed");
        }
    };
    set(true);
    let run = ask(base.path(), cache.path());
    set(false);
    assert!(run.stdout.contains("Marble statues topple"), "{}{}", run.stdout, run.stderr);
}

#[test]
fn several_processes_may_make_one_index_at_once() {
    let (base, cache) = (large_base(), tempfile::tempdir().expect("a folder can be made"));
    let (base, cache) = (base.path(), cache.path());
    thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| ask(base, cache))).collect();
        for run in runs {
            let run = run.join().expect("the program ends");
            assert!(run.stdout.contains("Marble statues topple"), "{}{}", run.stdout, run.stderr);
        }
    });
    check(base, cache, "");
}

#[test]
fn two_bases_never_share_an_index() {
    let (one, two) = (large_base(), large_base());
    let cache = tempfile::tempdir().expect("a folder can be made");
    let known_error = two.path().join("cases/marble/known-error.yml");
    let text = fs::read_to_string(&known_error).expect("it was written");
    fs::write(&known_error, text.replace("Marble statues", "Bronze statues")).expect("it can be written");
    check(one.path(), cache.path(), "");
    let run = ask(two.path(), cache.path());
    assert!(run.stdout.contains("Bronze statues topple") && !run.stdout.contains("Marble"), "{}", run.stdout);
}
