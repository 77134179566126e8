//! Correlations of every type on small logs: what holds, with which number, on which lines.

use std::collections::BTreeMap;

use super::program::compile;
use super::scan::{Scan, scan_files};
use crate::signature::{Knowledge, Source, load};

/// Rules for lines such as `fail user=ann host=pc1 ms=20`.
const RULES: &str = r"
title: Failed
name: failed
detection: {s: {'message|pattern': 'fail user={user:word} host={host:word} ms={ms:int}'}, condition: s}
---
title: Passed
name: passed
detection: {s: {'message|pattern': 'pass account={account:word} host={host:word}'}, condition: s}
---
title: Left
name: left
detection: {s: {'message|pattern': 'left user={user:word}'}, condition: s}
";

fn knowledge(correlation: &str) -> Knowledge {
    let files = [("rules/log/line.yml", RULES), ("rules/log/c.yml", correlation)];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    let (knowledge, faults) = load(&Source::Memory(BTreeMap::from(files))).expect("memory can be read");
    assert!(faults.is_empty(), "{faults:#?}");
    knowledge
}

/// A log of set-up: each line is seconds after eight, a blank, and the message; without seconds a worker line.
fn log(lines: &str) -> Vec<u8> {
    let line = |line: &str| match line.trim().split_once(' ') {
        Some((seconds, message)) if seconds != "-" => {
            let seconds: u32 = seconds.parse().expect("a number of seconds");
            let (minutes, seconds) = (seconds / 60, seconds % 60);
            format!("2024-01-01 08:{minutes:02}:{seconds:02}, Error                 SP     {message}\r\n")
        }
        Some((_, message)) => format!("[7952] {message}\r\n"),
        None => "\r\n".to_owned(),
    };
    lines.trim().lines().map(line).collect::<String>().into_bytes()
}

/// Each finding of the correlation `log/c` as its facts and lines.
fn written(scan: &Scan) -> Vec<String> {
    let found = scan.findings.iter().filter(|finding| finding.rule == "log/c");
    let shown = found.map(|finding| {
        let facts = finding.facts.iter().map(|(name, fact)| format!("{name}={}", fact.values.join("|")));
        let lines = finding.seen.iter().map(|seen| {
            let file = seen.entry.trim_end_matches(".log");
            if file == "setupact" { seen.sight.line.to_string() } else { format!("{file}:{}", seen.sight.line) }
        });
        format!("{} @ {}", facts.collect::<Vec<_>>().join(" "), lines.collect::<Vec<_>>().join(" "))
    });
    shown.collect()
}

fn check(section: &str, lines: &str, expected: &[&str]) {
    let knowledge = knowledge(&format!("title: C\ncorrelation: {section}\n"));
    let scan = scan_files(&[("setupact.log".to_owned(), log(lines))], &compile(&knowledge));
    assert_eq!(written(&scan), expected, "{section}");
}

const FAILURES: &str = "
    0 fail user=ann host=pc1 ms=10
    5 fail user=Ann host=pc2 ms=20
    6 fail user=bob host=pc1 ms=90
    8 fail user=ann host=pc1 ms=60
    400 fail user=bob host=pc1 ms=30";

#[test]
fn events_are_counted_in_groups_and_spans() {
    check(
        "{type: event_count, rules: failed, group-by: [user], timespan: 10s, condition: {gte: 3}}",
        FAILURES,
        &["count=3 user=ann @ 1 2 4"],
    );
    check(
        "{type: event_count, rules: failed, group-by: [user], timespan: 7s, condition: {gte: 2}}",
        FAILURES,
        &["count=2 user=ann @ 1 2"],
    );
    check(
        "{type: event_count, rules: failed, timespan: 1h, condition: {gt: 4, neq: 6}}",
        FAILURES,
        &["count=5 @ 1 2 3 4 5"],
    );
    // A part of a larger window is no window of its own.
    check("{type: event_count, rules: failed, group-by: user, timespan: 1m, condition: {eq: 2}}", FAILURES, &[]);
}

#[test]
fn values_are_counted_and_measured() {
    let of = |kind: &str, condition: &str, expected: &[&str]| {
        let section =
            format!("{{type: {kind}, rules: [failed], group-by: [user], timespan: bundle, condition: {condition}}}");
        check(&section, FAILURES, expected);
    };
    of("value_count", "{field: host, gte: 2}", &["count=2 user=ann @ 1 2 4"]);
    of("value_sum", "{field: ms, gt: 100}", &["sum=120 user=bob @ 3 5"]);
    of("value_avg", "{field: ms, lt: 40}", &["average=30 user=ann @ 1 2 4"]);
    of("value_median", "{field: ms, lte: 20}", &["median=20 user=ann @ 1 2 4"]);
    of("value_percentile", "{field: ms, percentile: 95, gte: 90}", &["percentile=90 user=bob @ 3 5"]);
    of("value_sum", "{field: host, gte: 0}", &[]);
}

#[test]
fn rules_hit_together_or_in_order() {
    let together = "
        0 pass account=ann host=pc1
        3 fail user=ann host=pc1 ms=1
        9 left user=ann";
    let of = |kind: &str, more: &str, expected: &[&str]| {
        check(&format!("{{type: {kind}, timespan: 10s, {more}}}"), together, expected);
    };
    of("temporal", "rules: [failed, passed], group-by: [host]", &["count=2 host=pc1 @ 1 2"]);
    of("temporal_ordered", "rules: [failed, passed]", &[]);
    of("temporal_ordered", "rules: [passed, failed, left]", &["count=3 @ 1 2 3"]);
    of("temporal", "rules: [failed, passed, left], condition: failed and (passed or left)", &["count=3 @ 1 2 3"]);
    of("temporal", "rules: [failed, passed], condition: failed and not passed", &[]);
    of("temporal_ordered", "rules: [failed, passed, left], condition: {gte: 2}", &["count=3 @ 1 2 3"]);
    of("temporal_ordered", "rules: [failed, passed, left], condition: {gte: 3}", &[]);
    let aliases = "aliases: {who: {failed: user, passed: account}}";
    of("temporal", &format!("rules: [failed, passed], group-by: [who], {aliases}"), &["count=2 who=ann @ 1 2"]);
}

#[test]
fn lines_count_beside_or_instead_of_time() {
    let worker = "
        - left user=ann
        0 Something else
        - left user=bob
        1 fail user=ann host=pc1 ms=1";
    let of = |lines: u32, expected: &[&str]| {
        check(&format!("{{type: temporal_ordered, rules: [left, failed], lines: {lines}}}"), worker, expected);
    };
    of(1, &["count=2 @ 3 4"]);
    of(3, &["count=3 @ 1 3 4"]);
    // A worker line has the time of the record it leads to.
    let both = "{type: temporal_ordered, rules: [left, failed], timespan: 0s, lines: 3}";
    check(both, worker, &["count=2 @ 3 4"]);
    check("{type: temporal, rules: [left, failed], timespan: bundle}", worker, &["count=3 @ 1 3 4"]);
}

#[test]
fn correlations_rest_on_correlations() {
    let many = "title: C\ncorrelation: {type: temporal_ordered, rules: [many, passed], group-by: [who], timespan: 1m, \
                aliases: {who: {many: user, passed: account}}}\n---\ntitle: Many\nname: many\ncorrelation: {type: \
                event_count, rules: [failed], group-by: [host], timespan: 20s, condition: {gte: 2}}\n";
    let knowledge = knowledge(many);
    let of = |lines: &str| written(&scan_files(&[("setupact.log".to_owned(), log(lines))], &compile(&knowledge)));
    let failures = "0 fail user=ann host=pc1 ms=1\n2 fail user=ann host=pc1 ms=1\n";
    assert_eq!(of(&format!("{failures}9 pass account=ann host=pc7")), ["count=2 who=ann @ 1 2 3"]);
    // The inner one is complete with its second hit, whatever comes behind.
    let more = "9 pass account=ann host=pc7\n12 fail user=ann host=pc1 ms=1";
    assert_eq!(of(&format!("{failures}{more}")).len(), 1);
    assert!(of(&format!("0 pass account=ann host=pc7\n{failures}")).is_empty());
}

#[test]
fn entries_are_put_on_one_clock_and_count_together() {
    let knowledge =
        knowledge("title: C\ncorrelation: {type: temporal_ordered, rules: [passed, failed], timespan: 1m}\n");
    let files = [
        ("b.log".to_owned(), log("10 pass account=ann host=pc1")),
        ("a.log".to_owned(), log("20 fail user=ann host=pc1 ms=1")),
    ];
    assert_eq!(written(&scan_files(&files, &compile(&knowledge))), ["count=2 @ b:1 a:1"]);
}

#[test]
fn hits_beyond_the_bound_are_counted_as_lost() {
    let knowledge =
        knowledge("title: C\ncorrelation: {type: event_count, rules: [failed], timespan: 1h, condition: {gte: 7}}\n");
    let line = "2024-01-01 08:00:00, Error                 SP     fail user=ann host=pc1 ms=1\r\n";
    let files = [("setupact.log".to_owned(), line.repeat(60_000).into_bytes())];
    let scan = scan_files(&files, &compile(&knowledge));
    let found: Vec<_> = scan.findings.iter().filter(|finding| finding.rule == "log/c").collect();
    assert_eq!((found.len(), found[0].count, found[0].seen.len()), (1, 50_000, 16));
    let lost = "the rule log/line held on 10000 more records from here on than correlations can weigh";
    assert_eq!(scan.problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>(), [lost]);
}
