//! How a customer collects each log: `templates/collection.yml`, for mails and for what a report asks for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::signature::fault::{Fault, nearest};
use crate::signature::rule::services;
use crate::signature::texts::Texts;
use crate::signature::yaml::Yaml;

/// The file that holds the guides.
pub(crate) const FILE: &str = "templates/collection.yml";

const KEYS: [&str; 4] = ["name", "paths", "size", "steps"];

/// How one log is collected.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Guide {
    /// The service that rules name for it.
    pub source: String,
    /// What it is called.
    pub name: Texts,
    /// Where Windows keeps it; empty where a command makes it.
    pub paths: Vec<String>,
    /// What size to expect.
    pub size: Texts,
    /// What to do, step by step.
    pub steps: Texts,
}

#[derive(Deserialize)]
struct GuideFile {
    name: Texts,
    #[serde(default)]
    paths: Vec<String>,
    size: Texts,
    steps: Texts,
}

/// Reads the guides in the order of the file; one for a log that no rule can name is a fault.
pub(crate) fn read(bytes: &[u8], faults: &mut Vec<Fault>) -> Vec<Guide> {
    let Some(yaml) = Yaml::read(FILE, bytes, faults) else { return Vec::new() };
    let Some(decoded) = yaml.decode::<BTreeMap<String, GuideFile>>(&KEYS, &[], faults) else { return Vec::new() };
    let known = services();
    let mut guides = Vec::new();
    for (source, GuideFile { name, paths, size, steps }) in decoded {
        let route = [source.clone()];
        if !known.contains(&source.as_str()) {
            let help = match nearest(&source, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("known here: {}", known.join(", ")),
            };
            faults.push(yaml.fault_at_key(
                "unknown-logsource",
                &route,
                format!("there is no service `{source}`"),
                help,
            ));
            continue;
        }
        for (key, texts) in [("name", &name), ("size", &size), ("steps", &steps)] {
            if !texts.missing().is_empty() {
                let message = format!("`{key}` has no text in {}", texts.missing().join(" and "));
                faults.push(yaml.fault_at_key("missing-text", &route, message, "write it in zh-CN and en"));
            }
        }
        guides.push((yaml.place(&route).0.line, Guide { source, name, paths, size, steps }));
    }
    guides.sort_by_key(|(line, _)| *line);
    guides.into_iter().map(|(_, guide)| guide).collect()
}
