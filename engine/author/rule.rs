//! `new rule`: a rule with a comment at each key.

use crate::author::{AuthorError, Written, name, place, unknown, yaml};
use crate::logs::{self, LogFormat};
use crate::signature::Source;

/// The folder of rules that look at every log.
const ANY: &str = "any";

/// The folder of rules that name what healthy machines write.
const NOISE: &str = "noise";

/// Writes `rules/<id>.yml` for an author to fill in.
///
/// # Errors
/// [`AuthorError`] where the name cannot be used, its log is unknown, or the file cannot be written.
pub fn new_rule(source: &Source, id: &str) -> Result<Written, AuthorError> {
    let root = place::root(source)?;
    let (folder, name) = name::rule(id)?;
    let service = match folder {
        ANY | NOISE => None,
        service => Some(known_service(service)?),
    };
    let file = format!("rules/{id}.yml");
    place::write_file(root, &file, &scaffold(service, name, &Parts::empty(service, folder == NOISE)))?;
    Ok(Written { files: vec![file], notes: Vec::new() })
}

/// The service, where there is one of that name.
pub(super) fn known_service(service: &str) -> Result<&str, AuthorError> {
    let known: Vec<&str> = LogFormat::ALL.into_iter().map(LogFormat::service).chain(logs::event_services()).collect();
    if known.contains(&service) {
        return Ok(service);
    }
    let help = "docs/language.md lists the logs; `any/<name>` looks at every log, `noise/<name>` names noise";
    Err(unknown("log", service, known, help))
}

/// A title out of a file's name, for an author to better.
pub(super) fn title_of(name: &str) -> String {
    let words = name.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What differs from rule to rule in a draft.
#[derive(Debug)]
pub(super) struct Parts {
    /// `detection:` and all below it.
    pub(super) detection: String,
    /// The level.
    pub(super) level: String,
    /// `examples:` and all below it.
    pub(super) examples: String,
}

impl Parts {
    fn empty(service: Option<&str>, noise: bool) -> Self {
        let is_event = service.is_some_and(|service| logs::event_services().any(|known| known == service));
        let level = if noise { "informational\nnoise: true" } else { "medium" };
        let detection = if is_event { EVENT } else { LINE };
        Parts { detection: detection.to_owned(), level: level.to_owned(), examples: EXAMPLES.to_owned() }
    }
}

/// The file of a rule for the log `service`.
pub(super) fn scaffold(service: Option<&str>, name: &str, parts: &Parts) -> String {
    let logsource = match service {
        Some(service) => format!("{{product: windows, service: {service}}}"),
        None => "{product: windows}".to_owned(),
    };
    format!(
        "# A rule detects one piece of evidence. docs/language.md describes every key.\n\
         \n\
         # The evidence in a sentence a support engineer would say: the failure seen, not the remedy.\n\
         title: {title}\n\
         # What it is, and what it does not say.\n\
         description: ''\n\
         # The log it looks at. Without `service` it looks at every log.\n\
         logsource: {logsource}\n\
         {detection}\
         # informational, low, medium, high or critical\n\
         level: {level}\n\
         # zh: {{title: …, description: …}}\n\
         {examples}",
        title = yaml::quoted(&title_of(name)),
        detection = parts.detection,
        level = parts.level,
        examples = parts.examples,
    )
}

const LINE: &str = "\
detection:
  line:
    # Copy the line here, from behind its columns, and name what varies:
    # {path} {error} {kb} {package} {version} {guid} {int} {hex} {word} {rest}
    message|pattern: 'the line goes here'
    # What must hold of the captured values goes below the pattern:
    # error: E_ACCESSDENIED
  condition: line
";

const EVENT: &str = "\
detection:
  event:
    # The number of the event and who wrote it; further fields of the event by their names.
    EventID: 0
    Provider_Name: 'the provider goes here'
  condition: event
";

const EXAMPLES: &str = "\
examples:
  # Records it must match, whole as they stand in the log, with what it must capture:
  # - text: '…'
  #   facts: {error: E_ACCESSDENIED}
  match: []
  # Near misses it must ignore: the same line with another code, or from a healthy machine:
  # - '…'
  ignore: []
";
