//! `rules/synonyms.yml`: words that mean the same to someone who searches, and words that say nothing.
//!
//! `load` reads it; the search looks words up in it. It is knowledge, reviewed like a rule, because which words mean the
//! same depends on what a team's customers and colleagues say.

use serde::{Deserialize, Serialize};

use crate::signature::fault::Fault;
use crate::signature::yaml::Yaml;

/// The file, in the knowledge base.
pub(crate) const FILE: &str = "rules/synonyms.yml";

/// Words that mean the same, and words that say nothing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Synonyms {
    /// Groups of words and phrases, in any language, that mean the same.
    pub same: Vec<Vec<String>>,
    /// Words and phrases that a query may hold and that tell nothing.
    pub ignored: Vec<String>,
}

/// Reads the file; a group of fewer than two words is a fault, because it says nothing.
pub(crate) fn read(bytes: &[u8], faults: &mut Vec<Fault>) -> Option<Synonyms> {
    let yaml = Yaml::read(FILE, bytes, faults)?;
    let synonyms: Synonyms = yaml.decode(&["same", "ignored"], &[], faults)?;
    for (index, _) in synonyms.same.iter().enumerate().filter(|(_, group)| group.len() < 2) {
        let route = ["same".to_owned(), index.to_string()];
        let help = "write `- [word, other word]`, or remove the line";
        faults.push(yaml.fault_at("wrong-value", &route, "a group needs at least two words", help));
    }
    Some(synonyms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let mut faults = Vec::new();
        read(text.as_bytes(), &mut faults);
        let found: Vec<String> =
            faults.iter().map(|fault| format!("{} {}:{}", fault.code, fault.line, fault.column)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn groups_and_ignored_words_are_read() {
        check("same:\n- [补丁, update]\nignored: [怎么办]\n", &[]);
        check("same: []\n", &[]);
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        check("same:\n- [补丁]\n", &["wrong-value 2:3"]);
        check("smae:\n- [a, b]\n", &["unknown-key 1:1"]);
    }
}
