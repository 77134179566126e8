//! How good the search is, and how fast: the judged queries against our search and against plain tantivy.
//!
//! Run it with `cargo bench --bench search`. The plain baseline is what one gets without thinking: one text field with
//! everything in it, tantivy's default analyser, its query parser in lenient mode. `--misses` lists the queries whose
//! first answer is wrong.

#[path = "../tests/search/judged.rs"]
mod judged;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use casebook::search::{self, Document, Index, Request};
use casebook::signature::{self, Knowledge, Source};
use judged::{Figures, Judged};
use tantivy::collector::TopDocs;
use tantivy::query::QueryParser;
use tantivy::schema::{STORED, STRING, Schema, TEXT, Value};
use tantivy::{Index as Plain, TantivyDocument, doc};

fn main() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = Source::folder(repository).expect("the repository is a knowledge base");
    let (knowledge, _) = signature::load(&source).expect("it can be read");
    let begun = Instant::now();
    let index = Index::of(&knowledge, &source).expect("it can be indexed");
    say(&format!("index of {} known errors in memory: {:.0?}\n", knowledge.known_errors.len(), begun.elapsed()));
    let plain = plain(&search::documents(&knowledge, &source).expect("its logs can be read"));
    let queries = judged::queries(repository);
    say(&format!("{:10} {:>4} {:>28} {:>28}", "", "", "casebook", "plain tantivy"));
    let head = format!("{:>6} {:>6} {:>6} {:>6}", "s@1", "s@3", "MRR", "nDCG5");
    say(&format!("{:10} {:>4}  {head}  {head}", "kind", "n"));
    let ours = |query: &str| ours(&index, &knowledge, query);
    let mut sums: (Vec<Figures>, Vec<Figures>) = (Vec::new(), Vec::new());
    for (kind, judged) in &queries {
        let (mine, theirs) = (judged::figures(judged, &ours), judged::figures(judged, &plain));
        print_row(kind, &mine, &theirs);
        sums.0.push(mine);
        sums.1.push(theirs);
    }
    print_row("all", &judged::whole(&sums.0), &judged::whole(&sums.1));
    if std::env::args().any(|argument| argument == "--misses") {
        misses(&queries, &ours);
    }
    let mut times: Vec<Duration> = Vec::new();
    for judged in queries.values().flatten().cycle().take(1000) {
        let begun = Instant::now();
        black_box(ours(&judged.ask));
        times.push(begun.elapsed());
    }
    times.sort();
    say(&format!(
        "\none query: median {:.1?}, 99th percentile {:.1?}",
        times[times.len() / 2],
        times[times.len() * 99 / 100]
    ));
}

fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("somebody listens");
}

fn print_row(kind: &str, ours: &Figures, plain: &Figures) {
    let figures = |figures: &Figures| {
        let Figures { success_1, success_3, reciprocal_rank, gain_5, .. } = figures;
        format!("{success_1:>6.3} {success_3:>6.3} {reciprocal_rank:>6.3} {gain_5:>6.3}")
    };
    say(&format!("{kind:10} {:>4}  {}  {}", ours.queries, figures(ours), figures(plain)));
}

fn misses(queries: &BTreeMap<String, Vec<Judged>>, answer: &dyn Fn(&str) -> Vec<String>) {
    for (kind, judged) in queries.iter().flat_map(|(kind, list)| list.iter().map(move |judged| (kind, judged))) {
        let found = answer(&judged.ask);
        if !found.first().is_some_and(|first| judged.best.contains(first)) {
            let place = found.iter().position(|id| judged.best.contains(id)).map_or(0, |place| place + 1);
            let shown: Vec<&str> = found.iter().take(3).map(String::as_str).collect();
            say(&format!(
                "{kind}: {}\n    wanted {} (at {place}), got {}",
                judged.ask,
                judged.best.join(" "),
                shown.join(" ")
            ));
        }
    }
}

/// Known errors, best first, as `casebook search` gives them.
fn ours(index: &Index, knowledge: &Knowledge, query: &str) -> Vec<String> {
    let request = Request { query, kinds: &[], skip: 0, number: 10, language: "zh-CN" };
    let answer = search::search(index, &knowledge.synonyms, &request).expect("the index can be asked");
    each_once(answer.hits.into_iter().filter_map(|hit| hit.known_error))
}

fn each_once(ids: impl Iterator<Item = String>) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for id in ids {
        if !once.contains(&id) {
            once.push(id);
        }
    }
    once
}

/// The baseline: one field, the default analyser, the lenient query parser.
fn plain(documents: &[Document]) -> impl Fn(&str) -> Vec<String> + use<> {
    let mut schema = Schema::builder();
    let id = schema.add_text_field("id", STRING | STORED);
    let text = schema.add_text_field("text", TEXT);
    let index = Plain::create_in_ram(schema.build());
    let mut writer = index.writer_with_num_threads(1, 30_000_000).expect("a writer can be made");
    for document in documents.iter().filter(|document| !document.known_error.is_empty()) {
        let titles = document.title.iter().map(|(_, title)| title);
        let passages = document.passages.iter().map(|passage| passage.text.as_str());
        let all: Vec<&str> = titles.chain([document.id.as_str()]).chain(passages).collect();
        let built = doc!(id => document.known_error.as_str(), text => all.join("\n"));
        writer.add_document(built).expect("a document can be added");
    }
    writer.commit().expect("the index can be committed");
    let reader = index.reader().expect("the index can be read");
    move |query: &str| {
        let searcher = reader.searcher();
        let (query, _) = QueryParser::for_index(&index, vec![text]).parse_query_lenient(query);
        let best = searcher.search(&query, &TopDocs::with_limit(20).order_by_score()).expect("the index can be asked");
        let ids = best.into_iter().map(|(_, address)| {
            let document: TantivyDocument = searcher.doc(address).expect("the document is there");
            document.get_first(id).and_then(|value| value.as_str()).unwrap_or_default().to_owned()
        });
        each_once(ids)
    }
}
