//! How much a line looks like a failure, and why.

use std::collections::BTreeSet;

use super::census::Sample;
use super::{codes, telling};
use crate::facts::Code;
use crate::logs::LogFormat;

/// Words of failures, in the languages of Windows here.
const WORDS: [&str; 24] = [
    "fail",
    "error",
    "denied",
    "refused",
    "cannot",
    "could not",
    "unable",
    "corrupt",
    "missing",
    "mismatch",
    "timed out",
    "timeout",
    "abort",
    "invalid",
    "not found",
    "blocked",
    "失败",
    "错误",
    "拒绝",
    "无法",
    "损坏",
    "缺少",
    "超时",
    "中止",
];

/// Score and reasons of a line that looks like a failure; none for others.
pub(super) fn weigh(sample: &Sample, count: u64, ordinary: &BTreeSet<Code>) -> Option<(f64, Vec<String>)> {
    let mut score = 0.0;
    let mut why = Vec::new();
    let level = severity(&sample.level);
    if level > 0.0 {
        score += level;
        why.push(format!("level {}", sample.level));
    }
    let codes = codes(sample);
    if let Some(code) = codes.first() {
        score += 2.0;
        let name = code.name().map_or_else(|| code.hex(), str::to_owned);
        if ordinary.contains(code) {
            why.push(name);
        } else {
            score += 1.0;
            why.push(format!("{name}, which no ordinary log has"));
        }
    }
    let text = telling(sample).to_lowercase();
    if let Some(word) = WORDS.iter().find(|word| text.contains(*word)) {
        score += 1.0;
        if why.is_empty() {
            why.push(format!("says `{word}`"));
        }
    }
    let is_plain = sample.format == LogFormat::Plain;
    // Prose and lists hold such words too; only a code makes a line of an unknown log worth a rule.
    if score == 0.0 || is_plain && codes.is_empty() {
        return None;
    }
    if is_plain {
        score -= 2.0;
    }
    why.push(if count == 1 { "once".to_owned() } else { format!("{count} times") });
    Some((score - 0.5 * (count as f64).ln(), why))
}

/// Whether a line may be worth a rule, told without a close look.
pub(super) fn is_suspect(sample: &Sample) -> bool {
    let text = telling(sample).to_lowercase();
    severity(&sample.level) > 0.0 || WORDS.iter().any(|word| text.contains(word)) || text.contains("0x8")
}

/// 3 for an error, 1 for a warning, else 0.
pub(super) fn severity(level: &str) -> f64 {
    let level = level.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| level.contains(word));
    match () {
        () if has(&["error", "fatal", "critical"]) && !level.starts_with("perf") => 3.0,
        () if has(&["warn"]) => 1.0,
        () => 0.0,
    }
}
