//! One YAML document, read so that every complaint can name line and column of its file.
//!
//! serde_yaml turns YAML into our types but knows no positions of what it has read, and keeps the last of two
//! equal keys in silence. So the events of saphyr-parser are walked once to note where each key and value
//! stands and to refuse duplicates; serde_ignored names every unknown key and serde_path_to_error the path of
//! a wrong value. (serde-saphyr gives positions in one step, but only inside fixed types: `detection` is free
//! form, and there its positions are lost.)

use std::ops::Range;
use std::sync::Arc;

use saphyr_parser::{Parser, ScanError};
use serde::de::DeserializeOwned;

use crate::signature::fault::{Fault, Position, nearest};
use crate::signature::places::{Places, Route, Walk};

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
        let sound = walk.duplicates.is_empty();
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

    fn is_empty(&self) -> bool {
        self.places.keys.is_empty()
            && serde_yaml::from_str(&self.text[self.part.clone()]).is_ok_and(|value: serde_yaml::Value| value.is_null())
    }

    /// The text of an outermost key's value, where it is a scalar.
    pub(crate) fn word(&self, key: &str) -> Option<&str> {
        self.places.words.get(key).map(String::as_str)
    }

    /// Whether the document is a map that holds the key.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.places.keys.contains_key(std::slice::from_ref(&key.to_owned()))
    }

    /// The file as a value of type `T`; unknown keys and wrong values become faults. `known` are the names to
    /// suggest for a misspelt key, `elsewhere` top-level keys that another type reads.
    pub(crate) fn decode<T: DeserializeOwned>(
        &self,
        known: &[&str],
        elsewhere: &[&str],
        faults: &mut Vec<Fault>,
    ) -> Option<T> {
        let mut unknown: Vec<Route> = Vec::new();
        let mut note = |path: serde_ignored::Path<'_>| unknown.push(route_of(&path));
        let document = serde_yaml::Deserializer::from_str(&self.text[self.part.clone()]);
        let deserializer = serde_ignored::Deserializer::new(document, &mut note);
        let decoded: Result<T, _> = serde_path_to_error::deserialize(deserializer);
        let before = faults.len();
        unknown.retain(|route| route.len() > 1 || !elsewhere.contains(&route[0].as_str()));
        for route in &unknown {
            self.unknown_key(route, known, faults);
        }
        match decoded {
            Ok(value) if faults.len() == before => Some(value),
            Ok(_) => None,
            Err(error) => {
                let route: Route = error.path().iter().map(route_part).collect();
                faults.push(self.wrong_value(&route, error.inner()));
                None
            }
        }
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

    fn fault(
        &self,
        code: &'static str,
        position: Position,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Fault {
        Fault::on_file(code, &self.file, message, help).at(position, &self.line(position))
    }

    fn syntax_fault(&self, error: &ScanError) -> Fault {
        let marker = error.marker();
        let position = Position { line: marker.line().max(1), column: marker.col() + 1, width: 1 };
        let help = if error.info().contains("escape") {
            "write Windows paths and patterns in single quotes: 'C:\\Windows'"
        } else {
            "check indentation, quotes and colons on this line and the one above; put texts that hold `: ` or `#` in quotes"
        };
        self.fault("yaml-syntax", position, format!("this is no YAML: {}", error.info()), help)
    }

    fn unknown_key(&self, route: &Route, known: &[&str], faults: &mut Vec<Fault>) {
        let name = route.last().map(String::as_str).unwrap_or_default();
        let help = match nearest(name, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "remove it, or see docs/language.md for the keys that exist".to_owned(),
        };
        faults.push(self.fault_at_key("unknown-key", route, format!("there is no key `{name}` here"), help));
    }

    fn wrong_value(&self, route: &Route, error: &serde_yaml::Error) -> Fault {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        let message =
            message.rsplit_once(": ").map_or(message, |(head, tail)| if head.contains(' ') { message } else { tail });
        let missing = message.strip_prefix("missing field ");
        match missing {
            Some(field) => self.fault_at_key(
                "missing-key",
                route,
                format!("the key {field} is missing"),
                format!("add {field} here; docs/language.md says what it holds"),
            ),
            None => {
                let message = match message.strip_prefix("unknown variant ") {
                    Some(rest) => format!("there is no value {rest}"),
                    None => message.to_owned(),
                };
                self.fault_at("wrong-value", route, message, "docs/language.md shows what this key holds")
            }
        }
    }
}

fn route_of(path: &serde_ignored::Path<'_>) -> Route {
    use serde_ignored::Path;
    match path {
        Path::Root => Route::new(),
        Path::Seq { parent, index } => extended(parent, index.to_string()),
        Path::Map { parent, key } => extended(parent, key.clone()),
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => route_of(parent),
    }
}

fn route_part(segment: &serde_path_to_error::Segment) -> String {
    match segment {
        serde_path_to_error::Segment::Seq { index } => index.to_string(),
        other => other.to_string(),
    }
}

fn extended(parent: &serde_ignored::Path<'_>, last: String) -> Route {
    let mut route = route_of(parent);
    route.push(last);
    route
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
            assert!(!sample.title.is_empty() && sample.list.iter().all(|inner| !inner.rule.is_empty()));
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
