//! The folder `rules/`: everything in it by id, and found by Sigma's names and UUIDs too.
//!
//! `load` reads it first, because cases, correlations and filters name what stands here. A file may hold several
//! documents: the first has the path for its id, each further one `path#name`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::signature::correlating::{self, Draft};
use crate::signature::correlation::Correlation;
use crate::signature::fault::{Fault, nearest};
use crate::signature::filter;
use crate::signature::rule::{self, Rule};
use crate::signature::source::{Source, SourceError};
use crate::signature::synonyms;
use crate::signature::values::Values;
use crate::signature::yaml::Yaml;

/// The rules that cases may name.
#[derive(Default)]
pub(crate) struct Rules {
    /// Those that can be used, by id.
    pub(crate) sound: BTreeMap<String, Rule>,
    /// The correlations that can be used, by id.
    pub(crate) correlations: BTreeMap<String, Correlation>,
    /// Ids of those that have faults of their own: whoever names one is left out in silence.
    pub(crate) refused: BTreeSet<String>,
    /// Values for placeholders.
    pub(crate) values: Values,
    /// Ids by name and by UUID.
    names: BTreeMap<String, String>,
}

/// The file of values for placeholders.
const VALUES: &str = "rules/values.yml";

/// Reads every document below `rules/`; `site` is a folder of filters, whose values are added.
pub(crate) fn read(source: &Source, site: Option<&Path>, faults: &mut Vec<Fault>) -> Result<Rules, SourceError> {
    let mut rules = Rules::default();
    let files = source.list("rules")?;
    if files.iter().any(|file| file == VALUES)
        && let Some(bytes) = source.read_or_fault(VALUES, faults)
    {
        rules.values.add(VALUES, &bytes, faults);
    }
    if let Some(folder) = site {
        filter::values(folder, &mut rules, faults)?;
    }
    let mut drafts = BTreeMap::new();
    for file in files.into_iter().filter(|file| file != VALUES && file != synonyms::FILE) {
        let base = file.strip_prefix("rules/").unwrap_or(&file).trim_end_matches(".yml");
        if let Some(meant) = misnamed(&file) {
            faults.push(wrong_ending(&file));
            // Whoever names it has made no mistake.
            rules.refused.insert(meant.trim_start_matches("rules/").to_owned());
        }
        if !file.ends_with(".yml") {
            continue;
        }
        let bytes = source.read_or_fault(&file, faults);
        let Some(documents) = bytes.and_then(|bytes| Yaml::documents(&file, &bytes, faults)) else {
            rules.refused.insert(base.to_owned());
            continue;
        };
        for (index, yaml) in documents.into_iter().enumerate() {
            let Some(id) = id(&yaml, base, index, faults) else {
                rules.refused.insert(format!("{base}#{}", index + 1));
                continue;
            };
            let is_new = rules.note_names(&yaml, &id, faults);
            let sound = if yaml.has("filter") {
                let help = "put it into a folder of its own and name that with --filters";
                faults.push(yaml.fault_at_key("wrong-document", &["filter".to_owned()], "filters are no rules", help));
                None
            } else if yaml.has("correlation") {
                let draft = correlating::read(&yaml, &file, &id, faults).filter(|_| is_new);
                draft.map(|draft| drop(drafts.insert(id.clone(), (yaml, draft))))
            } else {
                let rule = rule::read(&yaml, &file, &id, &rules.values, faults).filter(|_| is_new);
                rule.map(|rule| drop(rules.sound.insert(id.clone(), rule)))
            };
            if sound.is_none() {
                rules.refused.insert(id);
            }
        }
    }
    rules.resolve(drafts, faults);
    Ok(rules)
}

/// The name without its ending of a file that has `yml` or `yaml` in its ending and is not read.
pub(crate) fn misnamed(file: &str) -> Option<&str> {
    let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
    let (plain, ending) = name.split_once('.')?;
    let lower = ending.to_lowercase();
    let hidden = plain.is_empty() || lower.ends_with('~') || lower.ends_with("swp") || lower.ends_with("bak");
    let named = lower.split('.').any(|part| part == "yml" || part == "yaml");
    (named && !hidden && !name.ends_with(".yml")).then(|| match folder.len() {
        0 => plain,
        length => &file[..length + 1 + plain.len()],
    })
}

/// The fault of a file that is not read because of its name.
pub(crate) fn wrong_ending(file: &str) -> Fault {
    let message = "files of the knowledge base end in .yml; this one is not read";
    Fault::on_file("wrong-ending", file, message, "rename it so that it ends in .yml")
}

/// The id of a document: the file's path, and behind it the name of every document but the first.
pub(crate) fn id(yaml: &Yaml, base: &str, index: usize, faults: &mut Vec<Fault>) -> Option<String> {
    if index == 0 {
        return Some(base.to_owned());
    }
    let name = yaml.word("name").filter(|name| !name.is_empty());
    if name.is_none() {
        let help = format!(
            "add `name: …`: its id is then `{base}#…`; or remove the line `---` above, if this belongs to the same document"
        );
        faults.push(yaml.fault_at("missing-key", &[], "the key `name` is missing in a further document", help));
    }
    name.map(|name| format!("{base}#{name}"))
}

impl Rules {
    /// Notes under which names a document is found; false where another has one of them.
    fn note_names(&mut self, yaml: &Yaml, id: &str, faults: &mut Vec<Fault>) -> bool {
        let before = faults.len();
        for key in ["name", "id"] {
            let Some(name) = yaml.word(key).filter(|name| !name.is_empty()) else { continue };
            let taken = self.names.get(name).cloned();
            match taken {
                Some(other) => {
                    let message = format!("`{name}` is `{other}` already");
                    let help = "give every document its own name and UUID: others find it by them";
                    faults.push(yaml.fault_at("duplicate-name", &[key.to_owned()], message, help));
                }
                None => drop(self.names.insert(name.to_owned(), id.to_owned())),
            }
        }
        faults.len() == before
    }

    /// Whether a rule or correlation of this id can be used.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.sound.contains_key(id) || self.correlations.contains_key(id)
    }

    /// Ids of all that can be used.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.sound.keys().chain(self.correlations.keys()).map(String::as_str)
    }

    /// The id that a reference means: an id itself, a name, or a UUID.
    pub(crate) fn meant<'r>(&'r self, written: &'r str) -> &'r str {
        if self.has(written) || self.refused.contains(written) {
            return written;
        }
        self.names.get(written).map_or(written, String::as_str)
    }

    /// The fault of a reference that means nothing.
    pub(crate) fn unknown(&self, yaml: &Yaml, route: &[String], written: &str) -> Fault {
        let names = self.ids().chain(self.names.keys().map(String::as_str));
        let help = match nearest(written, names) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "name a rule by its id (its path below rules/ without .yml), its `name` or its UUID".to_owned(),
        };
        yaml.fault_at("unknown-rule", route, format!("there is no rule `{written}`"), help)
    }

    /// Resolves what correlations name. Those that name each other in a circle are refused, and so is what rests on
    /// anything refused.
    fn resolve(&mut self, drafts: BTreeMap<String, (Yaml, Draft)>, faults: &mut Vec<Fault>) {
        let known: BTreeSet<String> = drafts.keys().cloned().collect();
        let mut open: BTreeMap<String, (Yaml, Correlation)> = BTreeMap::new();
        for (id, (yaml, draft)) in drafts {
            match self.named(&yaml, draft, &known, faults) {
                Some(correlation) => drop(open.insert(id, (yaml, correlation))),
                None => drop(self.refused.insert(id)),
            }
        }
        loop {
            let ready: Vec<String> = open
                .iter()
                .filter(|(_, (_, correlation))| correlation.rules.iter().all(|rule| !open.contains_key(rule)))
                .map(|(id, _)| id.clone())
                .collect();
            if ready.is_empty() {
                break;
            }
            for (id, (_, correlation)) in ready.into_iter().filter_map(|id| open.remove_entry(&id)) {
                if correlation.rules.iter().all(|rule| self.has(rule)) {
                    self.correlations.insert(id, correlation);
                } else {
                    self.refused.insert(id);
                }
            }
        }
        for (id, (yaml, correlation)) in &open {
            let help = "a correlation may name others, but none that leads back to itself";
            let through = correlation.rules.iter().find(|rule| open.contains_key(*rule)).map_or("", String::as_str);
            let message = format!("the correlation rests on itself through `{through}`");
            faults.push(yaml.fault_at("correlation-cycle", &correlating::at("rules"), message, help));
            self.refused.insert(id.clone());
        }
    }

    /// The correlation with ids in place of names; none where one means nothing.
    fn named(
        &self,
        yaml: &Yaml,
        draft: Draft,
        known: &BTreeSet<String>,
        faults: &mut Vec<Fault>,
    ) -> Option<Correlation> {
        let before = faults.len();
        let mut correlation = draft.correlation;
        let mut ids = Vec::new();
        for (index, written) in correlation.rules.iter().enumerate() {
            let id = self
                .names
                .get(written)
                .filter(|_| !known.contains(written))
                .map_or(written.as_str(), |_| self.meant(written));
            let mut route = correlating::at("rules");
            route.push(index.to_string());
            if !self.has(id) && !known.contains(id) && !self.refused.contains(id) {
                faults.push(self.unknown(yaml, &route, written));
            }
            if self.sound.get(id).is_some_and(|rule| rule.noise) {
                let message = format!("`{written}` is noise, which counts for nothing");
                let help = "name a rule without `noise: true`";
                faults.push(yaml.fault_at("impossible-condition", &route, message, help));
            }
            ids.push(id.to_owned());
        }
        for (alias, fields) in draft.aliases {
            for (written, field) in fields {
                let position = correlation.rules.iter().position(|rule| *rule == written);
                let position = position.or_else(|| ids.iter().position(|id| id == self.meant(&written)));
                match position {
                    Some(position) => drop(correlation.aliases.insert((alias.clone(), position), field)),
                    None => {
                        let mut route = correlating::at("aliases");
                        route.extend([alias.clone(), written.clone()]);
                        faults.push(self.unknown(yaml, &route, &written));
                    }
                }
            }
        }
        correlation.rules = ids;
        (faults.len() == before).then_some(correlation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = "title: A\nname: a\nid: 11111111-2222-4333-8444-555555555555\ndetection: {s: {message: x}, \
                         condition: s}\n---\ntitle: Noise\nname: n\nnoise: true\ndetection: {s: {message: y}, condition: s}\n";

    /// Loads a correlation with this section beside two rules and gives each fault as `code line:column`.
    fn check(section: &str, expected: &[&str]) {
        let correlation = format!("title: C\nname: c\ncorrelation:\n  {}\n", section.replace("; ", "\n  "));
        let files = [("rules/log/c.yml", correlation.as_str()), ("rules/log/r.yml", RULES)];
        let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
        let mut faults = Vec::new();
        let rules = read(&Source::Memory(BTreeMap::from(files)), None, &mut faults).expect("memory can be read");
        let found: Vec<String> =
            faults.iter().map(|fault| format!("{} {}:{}", fault.code, fault.line, fault.column)).collect();
        assert_eq!(found, expected, "{faults:#?}");
        assert_eq!(rules.correlations.len(), usize::from(expected.is_empty()));
        assert!(rules.sound.contains_key("log/r") && rules.sound.contains_key("log/r#n"));
    }

    #[test]
    fn rules_are_named_by_id_name_and_uuid() {
        for name in ["log/r", "a", "11111111-2222-4333-8444-555555555555"] {
            check(&format!("type: event_count; rules: [{name}]; timespan: 1h; condition: {{gte: 2}}"), &[]);
        }
        check("type: temporal; rules: [a, b]; timespan: 1h", &["unknown-rule 5:14"]);
        check("type: temporal; rules: [a, c]; timespan: 1h", &["correlation-cycle 5:10"]);
        check("type: temporal; rules: [a, n]; timespan: 1h", &["impossible-condition 5:14"]);
        check("type: temporal; rules: [a]; timespan: 1h; aliases: {x: {b: path}}", &["unknown-rule 7:20"]);
    }

    #[test]
    fn sections_that_ask_for_nothing_possible_are_refused() {
        check("type: event_sum; rules: [a]; timespan: 1h", &["unknown-correlation 4:9"]);
        check("type: event_count; rules: [a]; timespan: 1h", &["missing-key 3:1"]);
        check("type: event_count; rules: [a]; condition: {gte: 2}", &["missing-key 3:1"]);
        check("type: event_count; rules: [a]; timespan: 1y; condition: {gte: 2}", &["bad-span 6:13"]);
        check("type: event_count; rules: [a]; timespan: 1h; condition: {gte: many}", &["wrong-value 7:20"]);
        check("type: event_count; rules: [a]; timespan: 1h; condition: {get: 2}", &["unknown-key 7:15"]);
        check("type: event_count; rules: [a]; timespan: 1h; condition: {lt: 1}", &["impossible-condition 7:14"]);
        check("type: value_sum; rules: [a]; timespan: 1h; condition: {gte: 2}", &["missing-key 7:3"]);
        check("type: value_percentile; rules: [a]; lines: 9; condition: {gte: 2, field: x}", &["missing-key 7:3"]);
        check("type: temporal; rules: [a]; timespan: 1h; condition: a and b", &["bad-condition 7:14"]);
        check("type: temporal; rules: [a]; timespan: 1h; condition: not a", &["impossible-condition 7:14"]);
        check("type: temporal; rules: [a]; timespan: 1h; condition: {gte: 2}", &["impossible-condition 7:14"]);
    }
}
