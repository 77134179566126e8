//! The tables of `check`: what excerpts match beside what they must, and what each rule costs.

use std::fmt::Write;

use crate::check::{CrossMatch, Fired, RuleProfile};
use crate::verdict::Confidence;

/// Longest list of texts that a row shows.
const LONGEST_LIST: usize = 3;

/// The cross-match table: for each proof the rules that fired, every other match, and what nothing explains.
pub fn cross_match_table(rows: &[CrossMatch]) -> String {
    let mut page = String::new();
    for row in rows {
        let case = row.case.as_ref().map(|case| format!(" {case}")).unwrap_or_default();
        let own = row.matched.iter().find(|found| found.known_error == row.known_error);
        let word = own.map_or("not matched", |found| confidence(found.confidence));
        let _ = writeln!(page, "{}{case}: {word}", row.known_error);
        let _ = writeln!(page, "  rules        {}", fired(&row.fired));
        let others = row.matched.iter().filter(|found| found.known_error != row.known_error);
        let others: Vec<String> = others
            .map(|found| {
                let word = confidence(found.confidence);
                format!("{} {word} {:.0} %", found.known_error, found.score * 100.0)
            })
            .chain(row.consequences.iter().map(|known_error| format!("{known_error} as a consequence")))
            .collect();
        if !others.is_empty() {
            let _ = writeln!(page, "  also         {}", others.join(", "));
        }
        if !row.unexplained.is_empty() {
            let _ = writeln!(page, "  unexplained  {}", fired(&row.unexplained));
        }
    }
    page
}

fn fired(items: &[Fired]) -> String {
    items.iter().map(|item| format!("{} {}×", item.id, item.count)).collect::<Vec<_>>().join(", ")
}

fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Confirmed => "confirmed",
        Confidence::Likely => "likely",
        Confidence::Possible => "possible",
        Confidence::Sibling => "sibling",
        Confidence::RuledOut => "ruled out",
    }
}

/// The profile of the rules: one line each.
pub fn profile_table(rows: &[RuleProfile]) -> String {
    let width = rows.iter().map(|row| row.rule.len()).max().unwrap_or_default();
    let mut page =
        format!("{:>6}  {:>6}  {:>5}  {:<8}  {:<width$}  searched for\n", "clean", "cases", "holds", "clean", "rule");
    for row in rows {
        let reached = if row.reached { "reaches" } else { "no log" };
        let more = row.literals.len().saturating_sub(LONGEST_LIST);
        let mut texts: Vec<String> = row.literals.iter().take(LONGEST_LIST).map(|text| format!("{text:?}")).collect();
        if texts.is_empty() {
            texts.push("every record".to_owned());
        } else if more > 0 {
            texts.push(format!("and {more} more"));
        }
        let _ = writeln!(
            page,
            "{:>6}  {:>6}  {:>5}  {reached:<8}  {:<width$}  {}",
            row.clean_hits,
            row.hits,
            row.files,
            row.rule,
            texts.join(", ")
        );
    }
    page
}
