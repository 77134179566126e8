//! The customary form of a file of the knowledge base: keys in the order of docs/language.md.
//!
//! Line ends are left to git. Lines are moved and never rewritten, so that comments, quoting and block texts stay as their author wrote them. A
//! file whose meaning would change by it is left as it is.

use serde_yaml::Value;

/// The order of keys in rules, correlations and filters; a language's texts stand before the examples.
const RULE: [&str; 27] = [
    "title",
    "id",
    "name",
    "related",
    "taxonomy",
    "status",
    "description",
    "license",
    "references",
    "author",
    "date",
    "modified",
    "tags",
    "logsource",
    "detection",
    "correlation",
    "filter",
    "generate",
    "fields",
    "level",
    "noise",
    "tells",
    "falsepositives",
    "scope",
    LANGUAGE,
    "examples",
    "custom_attributes",
];

/// Stands for every key that is no other.
const LANGUAGE: &str = "";

const KNOWN_ERROR: [&str; 9] =
    ["title", "area", "severity", "generic", "cause", "workaround", "fix", "references", "signature"];

const CASE: [&str; 16] = [
    "id",
    "title",
    "category",
    "customer",
    "priority",
    "opened",
    "closed",
    "affected",
    "environment",
    "symptom",
    "impact",
    "analysis",
    "actions",
    "outcome",
    "evidence",
    "signature",
];

/// The file in its customary form; none where it has that already, or is of no kind that has one.
pub fn tidied(file: &str, text: &str) -> Option<String> {
    let order: &[&str] = match file.rsplit('/').next()? {
        "values.yml" => return None,
        "known-error.yml" if file.starts_with("cases/") => &KNOWN_ERROR,
        "case.yml" if file.starts_with("cases/") => &CASE,
        _ if file.starts_with("rules/") => &RULE,
        _ => return None,
    };
    let plain = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let mut tidy = String::with_capacity(plain.len() + 1);
    for part in documents(&plain) {
        tidy.push_str(&ordered(part, order));
    }
    if tidy == plain || !same_meaning(text, &tidy) {
        return None;
    }
    Some(if text.contains("\r\n") { tidy.replace('\n', "\r\n") } else { tidy })
}

/// The documents of a file, each with the line `---` before it.
fn documents(text: &str) -> Vec<&str> {
    let mut starts = vec![0];
    starts.extend(text.match_indices("\n---\n").map(|(at, _)| at + 1));
    starts.push(text.len());
    starts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect()
}

/// A document with its keys in order; comments stay above the key they stand above.
fn ordered(document: &str, order: &[&str]) -> String {
    let mut head = String::new();
    let mut keys: Vec<(usize, String)> = Vec::new();
    let mut waiting = String::new();
    for line in document.split_inclusive('\n') {
        let key =
            line.split_once(':').map(|(key, _)| key).filter(|_| line.starts_with(|first: char| first.is_alphabetic()));
        match key {
            Some(key) => {
                let language = order.iter().position(|known| *known == LANGUAGE).unwrap_or(order.len());
                let rank = order.iter().position(|known| *known == key).unwrap_or(language);
                keys.push((rank, std::mem::take(&mut waiting) + line));
            }
            None if line.starts_with('#') && !keys.is_empty() => waiting.push_str(line),
            None => match keys.last_mut() {
                Some((_, block)) => {
                    block.push_str(&std::mem::take(&mut waiting));
                    block.push_str(line);
                }
                None => head.push_str(line),
            },
        }
    }
    keys.sort_by_key(|(rank, _)| *rank);
    let mut tidy = head;
    for (_, block) in keys {
        tidy.push_str(&block);
        if !tidy.ends_with('\n') {
            tidy.push('\n');
        }
    }
    tidy + &waiting
}

fn same_meaning(before: &str, after: &str) -> bool {
    let read = |text: &str| -> Option<Vec<Value>> {
        let documents = serde_yaml::Deserializer::from_str(text);
        documents.map(|document| serde::Deserialize::deserialize(document).ok()).collect()
    };
    read(before).is_some_and(|before| read(after) == Some(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, text: &str, expected: &str) {
        assert_eq!(tidied(file, text).as_deref().unwrap_or(text), expected, "{file}");
    }

    #[test]
    fn keys_are_put_in_order_with_the_comments_above_them() {
        check(
            "rules/cbs/a.yml",
            "# Of a file.\n\nlevel: high\n# What it says.\ntitle: A\nexamples: []\nzh: {title: 甲}\ndetection:\n  # Not moved.\n  s: [x]\n",
            "# Of a file.\n\n# What it says.\ntitle: A\ndetection:\n  # Not moved.\n  s: [x]\nlevel: high\nzh: {title: 甲}\nexamples: []\n",
        );
        check("cases/a/known-error.yml", "fix: x\r\ntitle: y", "title: y\r\nfix: x\r\n");
        check(
            "rules/cbs/a.yml",
            "level: low\ntitle: A\n---\nlevel: low\nname: b\n",
            "title: A\nlevel: low\n---\nname: b\nlevel: low\n",
        );
    }

    #[test]
    fn what_would_change_its_meaning_or_has_no_form_is_left() {
        for (file, text) in [
            ("rules/cbs/a.yml", "title: A\nlevel: low\n"),
            ("rules/cbs/a.yml", "level: low\ntitle: [\n"),
            ("rules/cbs/a.yml", "title: A\r\nlevel: low\r\n"),
            ("rules/values.yml", "b: [1]\na: [2]\n"),
            ("templates/settings.yml", "b: 1\na: 2\n"),
            ("rules/cbs/a.yml", "level: |+\n  a\n\ntitle: |\n  b"),
        ] {
            check(file, text, text);
        }
    }
}
