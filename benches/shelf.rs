//! How fast a large base is searched: 100,000 generated cases on disk.
//!
//! Run it with `cargo bench --bench shelf`; a number of cases may follow (`-- 20000`). The cases are put together from
//! the sentences of the real ones, with numbers, files and codes of their own, below one known error for each 200. Told
//! are: making the index, a query on the open index, a cold command, and a command after one case was added; commands
//! beside what `casebook --version` takes.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use casebook::search::{self, Catalogue, Document, Kind, Request};
use casebook::signature::{self, Source};
use serde::Deserialize;

/// Cases below one generated known error.
const CASES_EACH: usize = 200;

/// A judged query, of which only the question matters here.
#[derive(Deserialize)]
struct Judged {
    ask: String,
}

fn main() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(100_000);
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (base, cache) = (folder.path().join("base"), folder.path().join("cache"));
    generate(repository, &base, cases);
    say(&format!("{cases} cases generated"));
    let source = Source::folder(&base).expect("the base was just made");

    let begun = Instant::now();
    let mut catalogue = Catalogue::on_disk(&source, &cache, false).expect("the index can be made");
    say(&format!("index made in {:.1?}", begun.elapsed()));

    let text = fs::read_to_string(repository.join("tests/search/queries.yml")).expect("the queries can be read");
    let queries: BTreeMap<String, Vec<Judged>> = serde_yaml::from_str(&text).expect("they are YAML");
    let queries: Vec<String> = queries.into_values().flatten().map(|judged| judged.ask).collect();
    let ask = |catalogue: &mut Catalogue, query: &str| {
        let request = Request { query, kinds: &[], skip: 0, number: 10, language: "zh-CN" };
        catalogue.search(&request).expect("the index can be asked").hits.len()
    };
    for query in &queries {
        ask(&mut catalogue, query);
    }
    let mut times: Vec<(Duration, &String)> = Vec::new();
    for query in queries.iter().cycle().take(2000) {
        let begun = Instant::now();
        ask(&mut catalogue, query);
        times.push((begun.elapsed(), query));
    }
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100].0;
    say(&format!("query on the open index: median {:.1?}, 99th percentile {:.1?}", at(50), at(99)));
    times.iter().rev().take(3).for_each(|(time, query)| say(&format!("    {time:.1?} {query}")));
    drop(catalogue);

    let start = median(|| run(&base, &cache, &["--version"]));
    say(&format!("process start: {start:.1?}"));
    let cold = median(|| run(&base, &cache, &["search", "拒绝访问 wpdmtp"]));
    say(&format!("cold command: {:.1?} beyond process start", cold.saturating_sub(start)));
    let template = fs::read_to_string(base.join("cases/generated-0/GEN-0/case.yml")).expect("it was generated");
    let mut number = 0;
    let added = median(|| {
        number += 1;
        let id = format!("NEW-{number}");
        let case = base.join("cases/generated-1").join(&id);
        fs::create_dir_all(&case).expect("a folder can be made");
        fs::write(case.join("case.yml"), template.replace("id: GEN-0", &format!("id: {id}")))
            .expect("it can be written");
        run(&base, &cache, &["search", &id])
    });
    say(&format!("command after one case was added: {:.1?} beyond process start", added.saturating_sub(start)));
}

fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("somebody listens");
}

fn median(mut work: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..7).map(|_| work()).collect();
    times.sort();
    times[times.len() / 2]
}

fn run(base: &Path, cache: &Path, arguments: &[&str]) -> Duration {
    let mut command = Command::new(env!("CARGO_BIN_EXE_casebook"));
    command.args(arguments).arg("--kb").arg(base).arg("--cache").arg(cache);
    let begun = Instant::now();
    let status = command.stdout(Stdio::null()).status().expect("the program can be started");
    assert!(status.success(), "{arguments:?}");
    begun.elapsed()
}

/// The repository's rules and known errors, and `cases` cases below made-up known errors.
fn generate(repository: &Path, base: &Path, cases: usize) {
    for folder in ["rules", "cases"] {
        copy(&repository.join(folder), &base.join(folder));
    }
    let source = Source::folder(repository).expect("the repository is a knowledge base");
    let (knowledge, _) = signature::load(&source).expect("it can be read");
    let documents = search::documents(&knowledge, &source).expect("its logs can be read");
    let told: Vec<&Document> = documents.iter().filter(|document| document.kind == Kind::KnownError).collect();
    let sentences = |language: &str| -> Vec<String> {
        let passages = told.iter().flat_map(|document| &document.passages);
        let passages = passages.filter(|passage| passage.language.as_deref() == Some(language));
        let lines = passages.flat_map(|passage| passage.text.lines());
        lines
            .map(|line| line.replace(['"', '\\', '\t'], " ").trim().to_owned())
            .filter(|line| line.len() > 20)
            .collect()
    };
    let (chinese, english) = (sentences("zh-CN"), sentences("en"));
    let rules: Vec<&String> = knowledge.rules.keys().collect();
    let mut dice = Dice(42);
    for number in 0..cases {
        let known_error = base.join(format!("cases/generated-{}", number / CASES_EACH));
        let rule = rules[(number / CASES_EACH) % rules.len()];
        if number % CASES_EACH == 0 {
            fs::create_dir_all(&known_error).expect("a folder can be made");
            let text = |dice: &mut Dice| dice.texts(&chinese, &english, 2);
            let known = format!(
                "title: {}\narea: generated\nseverity: low\ncause: {}\nworkaround: {}\nfix: {}\nsignature:\n  all:\n  - rule: {rule}\n",
                dice.texts(&chinese, &english, 1),
                text(&mut dice),
                text(&mut dice),
                text(&mut dice),
            );
            fs::write(known_error.join("known-error.yml"), known).expect("it can be written");
        }
        let id = format!("GEN-{number}");
        let mut case = format!("id: {id}\ncustomer: Customer {}\npriority: P3\n", dice.below(500));
        for key in ["title", "category", "symptom", "impact", "analysis", "actions", "outcome"] {
            let length = if key == "title" || key == "category" { 1 } else { 2 };
            case.push_str(&format!("{key}: {}\n", dice.texts(&chinese, &english, length)));
        }
        let (year, month, day) = (2015 + dice.below(10), 1 + dice.below(12), 1 + dice.below(28));
        case.push_str(&format!("opened: \"{year}-{month:02}-{day:02}\"\nevidence: reconstructed\n"));
        case.push_str(&format!("signature:\n  all:\n  - rule: {rule}\n"));
        let folder = known_error.join(&id);
        fs::create_dir_all(&folder).expect("a folder can be made");
        fs::write(folder.join("case.yml"), case).expect("it can be written");
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the folder can be listed") {
        let entry = entry.expect("its entries can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("the file can be copied");
        }
    }
}

/// Numbers that are the same on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    /// Sentences in both languages, with a file, a code and a number of their own.
    fn texts(&mut self, chinese: &[String], english: &[String], length: usize) -> String {
        let own = format!(
            "x{}.dll 0x8007{:04x} KB{}",
            self.below(50_000),
            self.below(0x4000),
            4_000_000 + self.below(900_000)
        );
        let mut text = |sentences: &[String]| {
            let chosen: Vec<&str> = (0..length).map(|_| sentences[self.below(sentences.len())].as_str()).collect();
            format!("\"{} {own}\"", chosen.join(" "))
        };
        format!("{{zh-CN: {}, en: {}}}", text(chinese), text(english))
    }
}
