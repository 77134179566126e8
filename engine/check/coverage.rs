//! The page that says what is known: `docs/coverage.md`, by area, with logs, errors and proof of every known error.
//!
//! Made from the knowledge base and the reports on its own excerpts, so that it says what is proven and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::check::CrossMatch;
use crate::signature::{Fault, Knowledge, KnownError, Source, SourceError};

/// Where the page is kept.
pub const COVERAGE: &str = "docs/coverage.md";

/// Most errors that a row names.
const MOST_ERRORS: usize = 4;

/// The page in Markdown.
pub fn coverage(knowledge: &Knowledge, rows: &[CrossMatch]) -> String {
    let mut areas: BTreeMap<&str, Vec<&KnownError>> = BTreeMap::new();
    for known_error in &knowledge.known_errors {
        areas.entry(&known_error.area).or_default().push(known_error);
    }
    let mut page = format!(
        "# Coverage\n\nMade by `casebook check --write-docs`; do not edit. {} known errors, {} rules and correlations.\n\n\
         | area | known errors | of these only wrappers |\n| --- | --- | --- |\n",
        knowledge.known_errors.len(),
        knowledge.rules.len() + knowledge.correlations.len(),
    );
    for (area, known_errors) in &areas {
        let generic = known_errors.iter().filter(|known_error| known_error.generic).count();
        let _ = writeln!(page, "| [{area}](#{area}) | {} | {generic} |", known_errors.len());
    }
    for (area, known_errors) in areas {
        let _ =
            write!(page, "\n## {area}\n\n| known error | evidence in | errors | proof |\n| --- | --- | --- | --- |\n");
        for known_error in known_errors {
            page.push_str(&row(known_error, knowledge, rows));
        }
    }
    page
}

fn row(known_error: &KnownError, knowledge: &Knowledge, rows: &[CrossMatch]) -> String {
    let logs: BTreeSet<&str> = known_error
        .signature
        .items()
        .flat_map(|item| knowledge.base_rules(&item.rule))
        .map(|rule| rule.service.as_deref().or(rule.category.as_deref()).unwrap_or("any"))
        .collect();
    let own = rows.iter().filter(|row| row.known_error == known_error.id);
    let errors: BTreeSet<&str> = own.flat_map(|row| &row.errors).map(String::as_str).collect();
    let mut named: Vec<&str> = errors.iter().take(MOST_ERRORS).copied().collect();
    if errors.len() > MOST_ERRORS {
        named.push("…");
    }
    let proof = match known_error.cases.len() {
        0 => "excerpts".to_owned(),
        1 => "1 case".to_owned(),
        number => format!("{number} cases"),
    };
    let title = known_error.title.get("en").replace('|', "\\|");
    let generic = if known_error.generic { " (wrapper)" } else { "" };
    let logs = logs.into_iter().collect::<Vec<_>>().join(" ");
    format!("| `{}`{generic}: {title} | {logs} | {} | {proof} |\n", known_error.id, named.join(" "))
}

/// A fault if the page is kept and no longer says what is known.
pub(super) fn stale(source: &Source, page: &str) -> Result<Option<Fault>, SourceError> {
    if !source.list("docs")?.iter().any(|file| file == COVERAGE) {
        return Ok(None);
    }
    let kept = String::from_utf8_lossy(&source.read(COVERAGE)?).replace("\r\n", "\n");
    let fault = || {
        let message = "this page no longer says what the knowledge base holds";
        Fault::on_file("stale-docs", COVERAGE, message, "`casebook check --write-docs` writes it anew").warning()
    };
    Ok((kept != page).then(fault))
}
