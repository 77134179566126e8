//! Faults of the knowledge base, drawn with the line underlined.

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use crate::check::Outcome;
use crate::signature::{Fault, Severity};
use crate::text::printable;

/// Every fault with code, place, the line underlined, and help. With colours unless `plain`.
pub fn fault_list(faults: &[Fault], plain: bool) -> String {
    let renderer = if plain { Renderer::plain() } else { Renderer::styled() };
    let mut drawn = String::new();
    for fault in faults {
        drawn.push_str(&draw(fault, &renderer));
        drawn.push_str("\n\n");
    }
    drawn
}

/// The faults of a check and a line that counts what was checked. With colours unless `plain`.
pub fn outcome(outcome: &Outcome, plain: bool) -> String {
    let filters = match outcome.filters {
        0 => String::new(),
        number => format!(", {}", counted(number, "filter")),
    };
    format!(
        "{}{}{}, {}, {}{filters}: {}\n",
        fault_list(&outcome.faults, plain),
        counted(outcome.rules, "rule"),
        refused(outcome.refused),
        counted(outcome.known_errors, "known error"),
        counted(outcome.cases, "case"),
        fault_summary(&outcome.faults)
    )
}

/// One line that counts them.
pub fn fault_summary(faults: &[Fault]) -> String {
    let errors = faults.iter().filter(|fault| fault.severity == Severity::Error).count();
    let warnings = faults.len() - errors;
    format!("{}, {}", counted(errors, "error"), counted(warnings, "warning"))
}

/// A number with its noun.
pub fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// How many rules cannot be loaded, in brackets behind the number of those that are; nothing where all can.
fn refused(number: usize) -> String {
    if number == 0 { String::new() } else { format!(" ({number} cannot be loaded)") }
}

fn draw(fault: &Fault, renderer: &Renderer) -> String {
    let level = match fault.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let source = printable(&fault.source);
    let offset = |column: usize| source.char_indices().nth(column).map_or(source.len(), |(at, _)| at);
    let span = offset(fault.column - 1)..offset(fault.column - 1 + fault.width);
    let message = printable(&fault.message);
    let help = printable(&fault.help);
    let title = level.primary_title(message.as_ref()).id(fault.code);
    let help = Level::HELP.message(help.as_ref());
    if source.is_empty() {
        return renderer.render(&[title.element(Origin::path(fault.file.as_str())).element(help)]);
    }
    let snippet = Snippet::source(source.as_ref())
        .line_start(fault.line)
        .path(fault.file.as_str())
        .annotation(AnnotationKind::Primary.span(span));
    renderer.render(&[title.element(snippet).element(help)])
}
