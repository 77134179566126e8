//! The index against the plain way: on any text both must find the same, whatever the rules.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::block::{Harvest, scan, scan_plainly};
use super::program::{Program, compile};
use crate::logs::{Block, LogFormat};
use crate::signature::{ExampleRecord, Knowledge, Source, load};

/// Rules that stress the prefilter: short literals, alternatives, negation, facts in every form.
const RULES: [(&str, &str); 12] = [
    ("error-only", "{s: {error: E_ACCESSDENIED}, condition: s}"),
    ("error-list", "{s: {error: [0x800f0922, 'CBS_E_SOURCE_MISSING', 1392]}, condition: s}"),
    ("path-tail", r"{s: {path|endswith: ['\WpdMtp.dll', '\Program Files\x.exe']}, condition: s}"),
    ("path-component", "{s: {path: 'wpdmtp.inf'}, condition: s}"),
    ("update", "{s: {kb: KB4561621}, condition: s}"),
    ("pattern", "{s: {'message|pattern': 'apply of {path}. GLE [{error}]'}, f: {level: Info}, condition: s and not f}"),
    ("expression", r"{s: {'message|re|i': 'fail(ed|ure) +while.*image'}, condition: s}"),
    (
        "either",
        "{a: {'message|contains|all': ['拒绝访问', 'Restore']}, b: {component: csi, level: Error}, condition: 1 of them}",
    ),
    ("level", "{s: {level: Error}, condition: s}"),
    ("section", "{s: {section|contains: install, component: inf}, condition: s}"),
    ("escaped", "{s: {name|endswith: 'a & b', 'value|re': 'x<y|1.3'}, condition: s}"),
    ("keywords", "{s: ['GLE = 0x5', 'access is denied'], condition: s}"),
];

/// Pieces of records; a text is made of them in any order, with any blanks between.
const PIECES: [&str; 38] = [
    "2020-07-08 10:24:58, Error                 SP     ",
    "2020-07-08 10:24:58, Info                  CSI    ",
    "2020-07-08 10:24:58, Error CSI ",
    "[7952] ",
    "\r\n",
    "\n",
    " ",
    "\t",
    "SPWIMCallback: Error in apply of ",
    r"C:\$WINDOWS.~BT\NewOS\Windows\WinSxS\amd64_dual_wpdmtp.inf_31bf3856ad364e35_10.0.17763.1_none_9744e57515d245dc\WpdMtp.dll",
    r"\SystemRoot\WinSxS\x\WPDMTP.DLL",
    r"C:\PROGRA~1\x.exe",
    ". GLE [5]",
    ". GLE [1392]",
    "GLE = 0x5",
    " (Error = 5)",
    "[gle=0x00000005]",
    "0x80070005",
    "80070005",
    "-2147024891",
    "0xd0000022",
    "STATUS_ACCESS_DENIED",
    "Access is denied.",
    "拒绝访问。",
    "Restore",
    "kb 4561621",
    "KB4561621",
    "failure while applying image",
    "CBS_E_SOURCE_MISSING",
    "HRESULT_FROM_WIN32(1392)",
    "\r\n>>>  [Install a]\r\n>>>  Section start 2012/02/08 20:55:17.486\r\n",
    "\r\n!!!  inf: It failed\r\n",
    "<Program Name=\"A &amp; B\" Value=\"x&lt;y\"/>",
    "<z:row Sev=\"33554432\" Msg=\"E_ACCESSDENIED\"/>",
    "<![LOG[0x80070005]LOG]!><time=\"08:53:19.672+240\" date=\"05-06-2026\" type=\"3\">",
    "\r\nA & B = 123\r\n",
    "<Name>1.3</Name>",
    "[Install]\r\n",
];

static HANDMADE: LazyLock<Program<'static>> = LazyLock::new(|| compile(Box::leak(Box::new(handmade()))));
static REPOSITORY: LazyLock<Program<'static>> = LazyLock::new(|| compile(Box::leak(Box::new(repository()))));
static EXAMPLES: LazyLock<Vec<String>> = LazyLock::new(|| examples(&repository()));

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn index_finds_what_every_rule_on_every_record_finds(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40),
        format in prop::sample::select(text_formats()),
    ) {
        check(&HANDMADE, format, &pieces.concat());
    }

    #[test]
    fn index_misses_nothing_of_the_repository_s_rules(
        picks in prop::collection::vec(any::<prop::sample::Index>(), 1..6),
        cuts in prop::collection::vec(0usize..200, 1..6),
        format in prop::sample::select(text_formats()),
    ) {
        let texts = picks.iter().zip(cuts.iter().cycle()).map(|(pick, cut)| {
            let text = &EXAMPLES[pick.index(EXAMPLES.len())];
            let from = text.floor_char_boundary(if cut % 3 == 0 { cut % text.len().max(1) } else { 0 });
            text[from..].to_owned()
        });
        let text = texts.collect::<Vec<_>>().join("\r\n");
        check(&REPOSITORY, format, &text);
    }
}

fn text_formats() -> Vec<LogFormat> {
    LogFormat::ALL.into_iter().filter(|format| format.is_text()).collect()
}

fn check(program: &Program<'_>, format: LogFormat, text: &str) {
    let block = Block { first_line: 1, text: text.to_owned(), ..Block::default() };
    let indexed = written(scan(program, format, &block));
    let plain = written(scan_plainly(program, format, &block));
    assert_eq!(indexed, plain, "as {} of {text:?}", format.name());
}

/// A harvest as lines that can be compared; unexplained errors are left to the sweep, which is no rule.
fn written(harvest: Harvest) -> Vec<String> {
    harvest
        .found
        .iter()
        .map(|found| format!("{} {} {:?} {:?}", found.rule, found.sight.line, found.facts, found.values))
        .collect()
}

fn handmade() -> Knowledge {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::create_dir_all(folder.path().join("cases")).expect("it can be written");
    std::fs::create_dir_all(folder.path().join("rules/any")).expect("it can be written");
    for (name, detection) in RULES {
        let rule = format!("title: {name}\nlogsource: {{product: windows}}\ndetection: {detection}\n");
        std::fs::write(folder.path().join(format!("rules/any/{name}.yml")), rule).expect("it can be written");
    }
    let correlation = "title: c\ncorrelation: {type: value_count, rules: [any/pattern, any/section, any/error-only], \
                       group-by: [error], timespan: bundle, condition: {field: path, gte: 1}}\n";
    std::fs::write(folder.path().join("rules/any/correlation.yml"), correlation).expect("it can be written");
    let source = Source::folder(folder.path()).expect("it is a knowledge base");
    let (knowledge, faults) = load(&source).expect("it can be read");
    assert!(faults.is_empty(), "{faults:#?}");
    knowledge
}

fn repository() -> Knowledge {
    let source =
        Source::folder(std::path::Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the repository is a knowledge base");
    load(&source).expect("it can be read").0
}

/// The text of every example in the knowledge base, near misses too.
fn examples(knowledge: &Knowledge) -> Vec<String> {
    let examples =
        knowledge.rules.values().flat_map(|rule| rule.examples.matching.iter().chain(&rule.examples.ignored));
    let text = |record: &ExampleRecord| match record {
        ExampleRecord::Text(text) => Some(text.clone()),
        ExampleRecord::Events(_) => None,
    };
    examples.filter_map(|example| text(&example.record)).collect()
}
