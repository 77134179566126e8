//! A signature that is being drafted: items of the known error, as its author wrote them, and items of our own.
//!
//! The known error's file is read again as text, because what it says under `where` should stand in the case word for
//! word. A file that is written in another style than one item a line is not taken apart; the caller then copies it.

use crate::signature::KnownError;

/// The parts of a signature that hold items, in the order in which they are written.
pub(super) const PARTS: [&str; 4] = ["all", "any", "not", "supports"];

/// One item.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    /// The rule it asks for.
    pub(super) rule: String,
    /// What stands under `where`, each as `name: value`.
    pub(super) constraints: Vec<String>,
}

/// A signature as lines of YAML may show it.
#[derive(Debug, Default)]
pub(super) struct Sketch {
    /// The items of each of [`PARTS`].
    pub(super) parts: [Vec<Item>; 4],
    /// Lines that hold no items: `same` and `within`.
    pub(super) rest: Vec<String>,
    /// Comments above it.
    pub(super) comments: Vec<String>,
}

impl Sketch {
    /// The signature of `known`, whose lines are `text`; none where they are of another style.
    pub(super) fn of(known: &KnownError, text: &str) -> Option<Self> {
        let mut sketch = Sketch::default();
        let mut part = None;
        for line in text.lines().skip(1).filter(|line| !line.trim().is_empty() && !line.trim().starts_with('#')) {
            if let Some(name) = line.strip_prefix("  ").filter(|rest| !rest.starts_with([' ', '-'])) {
                part = PARTS.iter().position(|part| name.trim_end() == format!("{part}:"));
                if part.is_none() {
                    let is_rest = ["same: ", "within: "].iter().any(|key| name.starts_with(key));
                    is_rest.then(|| sketch.rest.push(line.trim_end().to_owned()))?;
                }
                continue;
            }
            let items = &mut sketch.parts[part?];
            if let Some(rule) = line.strip_prefix("    - rule: ") {
                items.push(Item { rule: rule.trim().to_owned(), constraints: Vec::new() });
            } else if line.trim_end() == "      where:" {
                continue;
            } else {
                let flow = line.strip_prefix("      where: {").and_then(|rest| rest.trim_end().strip_suffix('}'));
                let block = line.strip_prefix("        ").filter(|rest| !rest.starts_with([' ', '-']));
                items.last_mut()?.constraints.push(flow.or(block)?.trim_end().to_owned());
            }
        }
        let signature = &known.signature;
        let read = [&signature.all, &signature.any, &signature.not, &signature.supports];
        let agrees = sketch
            .parts
            .iter()
            .zip(read)
            .all(|(drafted, read)| drafted.iter().map(|item| &item.rule).eq(read.iter().map(|item| &item.rule)));
        agrees.then_some(sketch)
    }

    /// Whether an item of any part asks for the rule.
    pub(super) fn has(&self, rule: &str) -> bool {
        self.parts.iter().flatten().any(|item| item.rule == rule)
    }

    /// The lines, `signature:` first.
    pub(super) fn text(&self) -> String {
        let mut text = "signature:\n".to_owned();
        for comment in &self.comments {
            text.push_str(&format!("  # {comment}\n"));
        }
        for (part, items) in PARTS.iter().zip(&self.parts).filter(|(_, items)| !items.is_empty()) {
            text.push_str(&format!("  {part}:\n"));
            for item in items {
                text.push_str(&format!("    - rule: {}\n", item.rule));
                if !item.constraints.is_empty() {
                    text.push_str(&format!("      where: {{{}}}\n", item.constraints.join(", ")));
                }
            }
        }
        for line in &self.rest {
            text.push_str(&format!("{line}\n"));
        }
        text
    }
}
