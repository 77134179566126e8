//! A report as JSON: the contract of docs/report.md.

use crate::verdict::Report;

/// The report as indented JSON with a line end; JSON's own escapes keep control characters harmless.
pub fn json(report: &Report) -> String {
    let mut json = serde_json::to_string_pretty(report).expect("a report holds only text, numbers and lists");
    json.push('\n');
    json
}
