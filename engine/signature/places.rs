//! Where every key and value of a YAML file stands, read off the events of its parser.
//!
//! `yaml` is the only caller: it decodes the same text with serde and names the places in faults.

use std::collections::{BTreeMap, BTreeSet};

use saphyr_parser::{Event, ScalarStyle, Span, SpannedEventReceiver};

use crate::signature::fault::Position;

/// A path of keys and indices into a YAML document.
pub(crate) type Route = Vec<String>;

/// Where everything in one document stands.
#[derive(Default)]
pub(super) struct Places {
    /// The line the document begins on.
    pub(super) line: usize,
    /// Where each key stands.
    pub(super) keys: BTreeMap<Route, Position>,
    /// Where each value stands.
    pub(super) values: BTreeMap<Route, Position>,
    /// The values of the outermost map that are plain scalars, as text.
    pub(super) words: BTreeMap<String, String>,
}

/// Follows the parser's events and notes where everything stands.
#[derive(Default)]
pub(super) struct Walk {
    route: Route,
    open: Vec<Open>,
    /// What was seen, one document after another.
    pub(super) documents: Vec<Places>,
    /// Keys that stand twice in one map, with their second place.
    pub(super) duplicates: Vec<(String, Position)>,
    /// Keys behind which nothing stands.
    pub(super) empty: Vec<(String, Position)>,
    /// Lines, from 1, and columns, from 0, at which values without quotes end.
    pub(super) plain_ends: Vec<(usize, usize)>,
}

/// A collection whose end has not been seen.
enum Open {
    Map { seen: BTreeSet<String>, awaits_value: bool },
    Sequence { next: usize },
}

impl Walk {
    /// Notes that a node begins at `position`; true where it is the value of something rather than a key.
    fn begin(&mut self, position: Position, scalar: Option<&str>) -> bool {
        match self.open.last_mut() {
            Some(Open::Map { seen, awaits_value }) if !*awaits_value => {
                let name = scalar.unwrap_or("?").to_owned();
                *awaits_value = true;
                if !seen.insert(name.clone()) {
                    self.duplicates.push((name.clone(), position));
                }
                self.route.push(name);
                if let Some(places) = self.documents.last_mut() {
                    places.keys.insert(self.route.clone(), position);
                }
                return false;
            }
            Some(Open::Sequence { next }) => {
                self.route.push(next.to_string());
                *next += 1;
            }
            _ => {}
        }
        if let Some(places) = self.documents.last_mut() {
            places.values.insert(self.route.clone(), position);
        }
        true
    }

    /// Notes a node without inside.
    fn leaf(&mut self, position: Position, scalar: Option<&str>) {
        if self.begin(position, scalar) {
            if let ([key], Some(text), Some(places)) = (&self.route[..], scalar, self.documents.last_mut()) {
                places.words.insert(key.clone(), text.to_owned());
            }
            self.end();
        }
    }

    /// Notes a key's value in which nothing stands, and where a value without quotes ends.
    fn plain(&mut self, text: &str, span: &Span) {
        if !text.is_empty() {
            self.plain_ends.push((span.end.line(), span.end.col()));
            return;
        }
        if !matches!(self.open.last(), Some(Open::Map { awaits_value: true, .. })) {
            return;
        }
        let key = self.documents.last().and_then(|places| places.keys.get(&self.route));
        if let (Some(name), Some(position)) = (self.route.last(), key) {
            self.empty.push((name.clone(), *position));
        }
    }

    /// Notes that the node on top is complete.
    fn end(&mut self) {
        if let Some(Open::Map { awaits_value, .. }) = self.open.last_mut() {
            *awaits_value = false;
        }
        self.route.pop();
    }
}

impl<'input> SpannedEventReceiver<'input> for Walk {
    fn on_event(&mut self, event: Event<'input>, span: Span) {
        let width = if span.end.line() == span.start.line() { span.end.col() - span.start.col() } else { 1 };
        let position = Position { line: span.start.line(), column: span.start.col() + 1, width: width.max(1) };
        match event {
            Event::DocumentStart(..) => {
                self.route.clear();
                self.open.clear();
                self.documents.push(Places { line: span.start.line(), ..Places::default() });
            }
            Event::Scalar(text, style, ..) => {
                if style == ScalarStyle::Plain {
                    self.plain(&text, &span);
                }
                self.leaf(position, Some(&text));
            }
            Event::Alias(_) => self.leaf(position, None),
            Event::MappingStart(..) => {
                self.begin(position, None);
                self.open.push(Open::Map { seen: BTreeSet::new(), awaits_value: false });
            }
            Event::SequenceStart(..) => {
                self.begin(position, None);
                self.open.push(Open::Sequence { next: 0 });
            }
            Event::MappingEnd | Event::SequenceEnd => {
                self.open.pop();
                self.end();
            }
            _ => {}
        }
    }
}
