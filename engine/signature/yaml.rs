//! One YAML document, read so that every complaint can name line and column of its file.
//!
//! serde_yaml turns YAML into our types but knows no positions of what it has read, and keeps the last of two
//! equal keys in silence. So the events of saphyr-parser are walked once to note where each key and value
//! stands, and to refuse duplicates and what is empty; `decode` turns the document into a type. (serde-saphyr gives
//! positions in one step, but only inside fixed types: `detection` is free form, and there its positions are lost.)

use std::ops::Range;
use std::sync::Arc;

use saphyr_parser::{Parser, ScanError};

use crate::signature::fault::{Fault, Position};
use crate::signature::places::{Places, Route, Walk};
use crate::signature::slips;

/// Largest file that is read as YAML; a signature is a few kilobytes.
const LARGEST_FILE: usize = 4 << 20;

/// A YAML document with the place of each of its keys and values in the file.
pub(crate) struct Yaml {
    file: String,
    /// The text of the whole file, which its documents share.
    text: Arc<str>,
    /// The document in it.
    part: Range<usize>,
    places: Places,
}

impl Yaml {
    /// Reads `bytes` as one document; duplicate keys, wrong syntax and wrong encodings become faults.
    pub(crate) fn read(file: &str, bytes: &[u8], faults: &mut Vec<Fault>) -> Option<Yaml> {
        let mut documents = Yaml::documents(file, bytes, faults)?;
        if let Some(second) = documents.get(1) {
            let help = "only rules and filters may be several in one file: give each of these a file of its own";
            faults.push(second.fault_at("wrong-value", &[], "a second document begins here", help));
            return None;
        }
        documents.pop()
    }

    /// Reads `bytes` as documents between lines of `---`, at least one; none where anything is wrong with the file.
    pub(crate) fn documents(file: &str, bytes: &[u8], faults: &mut Vec<Fault>) -> Option<Vec<Yaml>> {
        let mut yaml = Yaml { file: file.to_owned(), text: Arc::from(""), part: 0..0, places: Places::default() };
        if bytes.len() > LARGEST_FILE {
            faults.push(yaml.fault(
                "file-too-large",
                Position::START,
                format!("the file has {} bytes", bytes.len()),
                "keep signatures under 4 MiB; log excerpts belong in logs/",
            ));
            return None;
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => yaml.text = Arc::from(text.strip_prefix('\u{feff}').unwrap_or(text)),
            Err(error) => {
                yaml.text = Arc::from(String::from_utf8_lossy(bytes).as_ref());
                let sound = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
                let column = sound.rsplit('\n').next().map_or(1, |line| line.chars().count() + 1);
                let position = Position { line: sound.matches('\n').count() + 1, column, width: 1 };
                faults.push(yaml.fault(
                    "not-utf-8",
                    position,
                    "the file is not UTF-8",
                    "save it as UTF-8 in your editor",
                ));
                return None;
            }
        }
        let mut walk = Walk::default();
        let text = Arc::clone(&yaml.text);
        if let Err(error) = Parser::new_from_str(&text).load(&mut walk, true) {
            faults.push(yaml.syntax_fault(&error));
            return None;
        }
        let sound = walk.duplicates.is_empty() && walk.empty.is_empty();
        for (name, position) in walk.empty {
            let message = format!("nothing stands behind the key `{name}`");
            let help = match name.contains(char::is_whitespace) || !name.is_ascii() {
                true => "put the text that it is a part of in quotes: inside braces, a comma ends a text",
                false => "write its value behind the colon, or `null` for a field that is absent, or remove it",
            };
            faults.push(yaml.fault("missing-value", position, message, help));
        }
        yaml.lost_texts(&walk.plain_ends, faults);
        for (name, position) in walk.duplicates {
            faults.push(yaml.fault(
                "duplicate-key",
                position,
                format!("the key `{name}` stands twice in the same map"),
                "merge the two or rename one: only one of them can hold",
            ));
        }
        sound.then(|| yaml.parts(walk.documents))
    }

    /// Warns of texts of which a part is a comment, because ` #` stands in them and no quotes stand around them.
    fn lost_texts(&self, ends: &[(usize, usize)], faults: &mut Vec<Fault>) {
        if !self.text.contains(" #") {
            return;
        }
        let lines: Vec<&str> = self.text.lines().collect();
        for (line, end) in ends {
            let rest: String = lines.get(line - 1).into_iter().flat_map(|line| line.chars().skip(*end)).collect();
            let comment = rest.trim_start();
            let is_text =
                comment.strip_prefix('#').is_some_and(|rest| rest.starts_with(|char: char| char.is_alphanumeric()));
            if is_text && comment.len() < rest.len() {
                let column = end + 1 + rest.chars().count() - comment.chars().count();
                let position = Position { line: *line, column, width: comment.chars().count() };
                let message = format!("`{}` is a comment, so it is not read", comment.trim_end());
                let help = "put the whole text in quotes; a comment has a blank behind its #";
                faults.push(self.fault("lost-text", position, message, help).warning());
            }
        }
    }

    /// The documents of the file; what is empty behind the first is none.
    fn parts(self, walked: Vec<Places>) -> Vec<Yaml> {
        let starts: Vec<usize> = std::iter::once(0).chain(line_starts(&self.text)).collect();
        let start_of = |line: usize| starts.get(line - 1).copied().unwrap_or(self.text.len());
        let mut documents = Vec::new();
        let ends = walked.iter().skip(1).map(|places| start_of(places.line)).chain([self.text.len()]);
        let ends: Vec<usize> = ends.collect();
        let mut start = 0;
        for (places, end) in walked.into_iter().zip(ends) {
            let part = std::mem::replace(&mut start, end)..end;
            let document = Yaml { file: self.file.clone(), text: Arc::clone(&self.text), part, places };
            if documents.is_empty() || !document.is_empty() {
                documents.push(document);
            }
        }
        if documents.is_empty() {
            documents.push(self);
        }
        documents
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.keys.is_empty()
            && serde_yaml::from_str(self.text()).is_ok_and(|value: serde_yaml::Value| value.is_null())
    }

    /// The text of the document.
    pub(super) fn text(&self) -> &str {
        &self.text[self.part.clone()]
    }

    /// The text of an outermost key's value, where it is a scalar.
    pub(crate) fn word(&self, key: &str) -> Option<&str> {
        self.places.words.get(key).map(String::as_str)
    }

    /// Whether the document is a map that holds the key.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.places.keys.contains_key(std::slice::from_ref(&key.to_owned()))
    }

    /// A fault at the key or value that `route` leads to, or at the nearest one above it.
    pub(crate) fn fault_at(
        &self,
        code: &'static str,
        route: &[String],
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Fault {
        self.fault(code, self.position(route), message, help)
    }

    /// A fault at the key that `route` leads to, rather than its value.
    pub(crate) fn fault_at_key(
        &self,
        code: &'static str,
        route: &[String],
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Fault {
        let position = self.places.keys.get(route).copied().unwrap_or_else(|| self.position(route));
        self.fault(code, position, message, help)
    }

    /// Where `route` leads, with the text of that line.
    pub(crate) fn place(&self, route: &[String]) -> (Position, String) {
        let position = self.position(route);
        (position, self.line(position))
    }

    /// The value that `route` leads to, as it stands on its line.
    pub(crate) fn written(&self, route: &[String]) -> Option<String> {
        let position = *self.places.values.get(route)?;
        Some(self.line(position).chars().skip(position.column - 1).take(position.width).collect())
    }

    /// The keys of the map that `route` leads to, as they are written.
    pub(crate) fn keys_below(&self, route: &[String]) -> Vec<&str> {
        let below = |key: &&Route| key.len() == route.len() + 1 && key.starts_with(route);
        self.places.keys.keys().filter(below).filter_map(|key| key.last()).map(String::as_str).collect()
    }

    fn line(&self, position: Position) -> String {
        self.text.lines().nth(position.line - 1).unwrap_or_default().to_owned()
    }

    fn position(&self, route: &[String]) -> Position {
        (0..=route.len())
            .rev()
            .find_map(|length| {
                self.places.values.get(&route[..length]).or_else(|| self.places.keys.get(&route[..length]))
            })
            .copied()
            .unwrap_or(Position::START)
    }

    pub(super) fn fault(
        &self,
        code: &'static str,
        position: Position,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Fault {
        Fault::on_file(code, &self.file, message, help).at(position, &self.line(position))
    }

    /// The slip of the pen on the line that the parser stumbled over or on one of the two above it; else what it says.
    fn syntax_fault(&self, error: &ScanError) -> Fault {
        let marker = error.marker();
        let last = marker.line().max(1);
        let lines: Vec<&str> = self.text.lines().take(last).collect();
        for (index, line) in lines.iter().enumerate().skip(last.saturating_sub(3)).rev() {
            if let Some(slip) = slips::slip(line) {
                let position = Position { line: index + 1, column: slip.column, width: slip.width };
                return self.fault("yaml-syntax", position, slip.message, slip.help);
            }
        }
        let position = Position { line: last, column: marker.col() + 1, width: 1 };
        let help = if error.info().contains("escape") {
            "write Windows paths and patterns in single quotes: 'C:\\Windows'"
        } else {
            "check indentation, quotes and colons on this line and the one above; put texts that hold `: ` or `#` in quotes"
        };
        self.fault("yaml-syntax", position, format!("this is no YAML: {}", error.info()), help)
    }
}

/// Byte offsets at which the second and every further line begins.
fn line_starts(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.match_indices('\n').map(|(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Sample {
        title: String,
        #[serde(default)]
        list: Vec<Inner>,
    }

    #[derive(serde::Deserialize)]
    struct Inner {
        rule: String,
    }

    /// Reads `text` as a [`Sample`] and gives each fault as `code line:column`.
    fn check(text: &str, expected: &[&str]) {
        let mut faults = Vec::new();
        let decoded = Yaml::read("x.yml", text.as_bytes(), &mut faults)
            .and_then(|yaml| yaml.decode::<Sample>(&["title", "list", "rule"], &[], &mut faults));
        let found: Vec<String> =
            faults.iter().map(|fault| format!("{} {}:{}", fault.code, fault.line, fault.column)).collect();
        assert_eq!(found, expected, "{faults:#?}");
        if let Some(sample) = decoded {
            assert!(sample.list.iter().all(|inner| !inner.rule.is_empty()), "{}", sample.title);
        }
    }

    #[test]
    fn sound_file_has_no_fault() {
        check("title: a\nlist:\n  - rule: b\n", &[]);
    }

    #[test]
    fn every_unknown_key_is_named_with_its_place() {
        check("titel: a\ntitle: b\nlist:\n  - rule: b\n    rul: c\n", &["unknown-key 1:1", "unknown-key 5:5"]);
    }

    #[test]
    fn duplicate_key_is_refused_at_its_second_place() {
        check("title: a\nlist: []\ntitle: b\n", &["duplicate-key 3:1"]);
    }

    #[test]
    fn wrong_value_and_missing_key_are_placed() {
        check("title: [a]\n", &["wrong-value 1:8"]);
        check("title: a\nlist:\n  - {}\n", &["missing-key 3:5"]);
        check("", &["missing-key 1:1"]);
    }

    #[test]
    fn misspelt_key_is_one_fault_though_another_is_missing_by_it() {
        check("titel: a\n", &["unknown-key 1:1"]);
        check("title: a\nlist:\n  - {rul: b}\n", &["unknown-key 3:6"]);
    }

    #[test]
    fn key_without_a_value_and_the_rest_of_a_text_are_refused() {
        check("title:\n", &["missing-value 1:1"]);
        check("title: a\nlist: [{rule: b, and the rest}]\n", &["missing-value 2:18"]);
        check("title: ''\n", &[]);
    }

    #[test]
    fn text_that_goes_on_behind_a_hash_gets_a_warning() {
        check("title: Case #3\n", &["lost-text 1:13"]);
        check("title: Case # 3\nlist: [] #none\n", &[]);
        check("title: 'Case' #3\n", &[]);
    }

    #[test]
    fn documents_keep_the_lines_of_their_file() {
        let mut faults = Vec::new();
        let text = b"# first\ntitle: a\n---\ntitle: b\nlist:\n  - {rul: c}\n---\n# nothing\n";
        let documents = Yaml::documents("x.yml", text, &mut faults).expect("it is YAML");
        assert_eq!(documents.len(), 2);
        assert_eq!(documents[0].decode::<Sample>(&[], &[], &mut faults).expect("a sample").title, "a");
        assert!(documents[1].decode::<Sample>(&[], &[], &mut faults).is_none());
        assert_eq!((faults[0].code, faults[0].line, faults[0].column), ("unknown-key", 6, 6), "{faults:?}");
    }

    #[test]
    fn second_document_is_refused_where_one_is_read() {
        check("title: a\n---\ntitle: b\n", &["wrong-value 3:1"]);
    }

    #[test]
    fn double_quoted_path_gets_advice() {
        let mut faults = Vec::new();
        assert!(Yaml::read("x.yml", b"title: \"C:\\Windows\"\n", &mut faults).is_none());
        assert!(faults[0].help.contains("single quotes"), "{faults:?}");
    }
}
