//! A document as one of our types: unknown keys, missing keys and wrong values become faults with their place.
//!
//! serde_ignored names every unknown key and serde_path_to_error the path of a wrong value; `yaml` knows where that
//! path stands in the file.

use serde::de::DeserializeOwned;

use crate::signature::fault::{Fault, Position, nearest};
use crate::signature::places::Route;
use crate::signature::wording;
use crate::signature::yaml::Yaml;

impl Yaml {
    /// The file as a value of type `T`; unknown keys and wrong values become faults. `known` are the names to
    /// suggest for a misspelt key, `elsewhere` top-level keys that another type reads.
    pub(crate) fn decode<T: DeserializeOwned>(
        &self,
        known: &[&str],
        elsewhere: &[&str],
        faults: &mut Vec<Fault>,
    ) -> Option<T> {
        if self.is_empty() {
            let help = "write what belongs into it, or remove it; `casebook new` writes a first draft";
            faults.push(self.fault("missing-key", Position::START, "the file holds nothing", help));
            return None;
        }
        let mut unknown: Vec<Route> = Vec::new();
        let mut note = |path: serde_ignored::Path<'_>| unknown.push(route_of(&path));
        let document = serde_yaml::Deserializer::from_str(self.text());
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
                let fault = self.wrong_value(&route, error.inner(), known);
                if !faults[before..].contains(&fault) {
                    faults.push(fault);
                }
                None
            }
        }
    }

    fn unknown_key(&self, route: &Route, known: &[&str], faults: &mut Vec<Fault>) {
        let name = route.last().map(String::as_str).unwrap_or_default();
        let help = match nearest(name, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "remove it, or see docs/language.md for the keys that exist".to_owned(),
        };
        faults.push(self.misspelt(route, help));
    }

    fn misspelt(&self, route: &[String], help: String) -> Fault {
        let name = route.last().map(String::as_str).unwrap_or_default();
        self.fault_at_key("unknown-key", route, format!("there is no key `{name}` here"), help)
    }

    fn wrong_value(&self, route: &Route, error: &serde_yaml::Error, known: &[&str]) -> Fault {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        let message =
            message.rsplit_once(": ").map_or(message, |(head, tail)| if head.contains(' ') { message } else { tail });
        match message.strip_prefix("missing field ") {
            Some(field) => self.missing_key(route, field.trim_matches('`'), known),
            None => {
                let (message, help) = wording::plainly(message);
                self.fault_at("wrong-value", route, message, help)
            }
        }
    }

    /// A key that is missing, most often because it is misspelt.
    fn missing_key(&self, route: &Route, field: &str, known: &[&str]) -> Fault {
        let strange = self.keys_below(route).into_iter().filter(|key| !known.contains(key));
        if let Some(key) = strange.into_iter().find(|key| nearest(key, [field]).is_some()) {
            let mut route = route.clone();
            route.push(key.to_owned());
            return self.misspelt(&route, format!("did you mean `{field}`?"));
        }
        let help = format!("add `{field}` here; docs/language.md says what it holds");
        self.fault_at_key("missing-key", route, format!("the key `{field}` is missing"), help)
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
