//! What an export came to: how much was said in plain Sigma, what finds more than the original, what was left out.

use std::collections::{BTreeMap, BTreeSet};

/// Counts of an export, and what is to be known of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Rules.
    pub rules: usize,
    /// Noise rules, as filters.
    pub filters: usize,
    /// Correlations.
    pub correlations: usize,
    /// Known errors and cases of which at least one way to match was exported.
    pub signatures: usize,
    /// The rules that they became.
    pub signature_rules: usize,
    /// The correlations that they became.
    pub signature_correlations: usize,
    /// What finds more than the original, with how.
    pub wider: BTreeMap<String, BTreeSet<String>>,
    /// What was left out, with why.
    pub left_out: Vec<(String, String)>,
}

impl Outcome {
    /// Notes where a document finds more.
    pub(super) fn note(&mut self, path: &str, notes: &BTreeSet<String>) {
        if !notes.is_empty() {
            self.wider.entry(path.to_owned()).or_default().extend(notes.iter().cloned());
        }
    }

    /// The outcome for a person.
    pub fn text(&self) -> String {
        let mut text = String::new();
        if !self.left_out.is_empty() {
            text.push_str("left out:\n");
            self.left_out.iter().for_each(|(path, why)| text.push_str(&format!("  {path}: {why}\n")));
        }
        if !self.wider.is_empty() {
            text.push_str("wider than here:\n");
            for (path, notes) in &self.wider {
                let notes: Vec<&str> = notes.iter().map(String::as_str).collect();
                text.push_str(&format!("  {path}: {}\n", notes.join("; ")));
            }
        }
        text.push_str(&format!(
            "exported: {} rules, {} filters of noise, {} correlations; {} known errors and cases as {} rules and {} \
             correlations\n{} of these are wider than here, {} things are left out\n",
            self.rules,
            self.filters,
            self.correlations,
            self.signatures,
            self.signature_rules,
            self.signature_correlations,
            self.wider.len(),
            self.left_out.len(),
        ));
        text
    }
}
