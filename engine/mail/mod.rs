//! Drafts e-mails to customers from templates, a case and a report.
//!
//! [`draft`] is the one door. Templates are minijinja in strict mode: a variable without a value never reaches a
//! customer, and the error names every one that is missing. Text from evidence is made printable first, so that
//! nothing a log holds can forge a line or steer a terminal.

mod context;

use std::collections::BTreeMap;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde_json::Value;

use crate::signature::{Knowledge, Source, SourceError, nearest};
use crate::verdict::Report;

/// What a mail is to be drafted from.
pub struct Request<'r> {
    /// Name of the template, such as `closure`.
    pub template: &'r str,
    /// Language of the mail, such as `zh-CN`.
    pub language: &'r str,
    /// Number of the case, or the beginning of it.
    pub case: Option<&'r str>,
    /// What was found in the customer's bundle, or in the case's own excerpts.
    pub report: Option<&'r Report>,
    /// Values that add to or replace what the template sees, by dotted name.
    pub set: &'r [(String, String)],
}

/// A mail that cannot be drafted.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// There is no such template in that language.
    #[error("there is no template `{template}` in {language}; there are: {known}")]
    UnknownTemplate {
        /// The name that was asked for.
        template: String,
        /// The language that was asked for.
        language: String,
        /// All templates there are, as `language/name`.
        known: String,
    },
    /// There is no such case, or its number is not complete enough.
    #[error("there is no case `{id}`{hint}")]
    UnknownCase {
        /// The number that was asked for.
        id: String,
        /// The nearest number, or the several that begin alike.
        hint: String,
    },
    /// The template asks for values that nothing gives.
    #[error("{file} needs values that are missing: {names} (give a case with --case, or each with --set name=value)")]
    Missing {
        /// The template's file.
        file: String,
        /// Every missing name, separated by commas.
        names: String,
    },
    /// The template is wrong.
    #[error("{file}: {message}")]
    Template {
        /// The template's file, with the line where it is known.
        file: String,
        /// What is wrong with it.
        message: String,
    },
    /// The file of settings is wrong.
    #[error("{file}: {message}")]
    Settings {
        /// The file.
        file: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// A file cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// The file that holds the service's name, hotline and upload address.
const SETTINGS: &str = "templates/settings.yml";

/// Steps a template may take; the largest mail takes a few thousand.
const FUEL: u64 = 1_000_000;

/// Drafts a mail: a line `Subject: …`, an empty line, and the body.
///
/// # Errors
/// [`DraftError`] where the template or case does not exist, the template is wrong, or a value is missing.
pub fn draft(source: &Source, knowledge: &Knowledge, request: &Request<'_>) -> Result<String, DraftError> {
    let file = template_file(source, request)?;
    let Ok(text) = String::from_utf8(source.read(&file)?) else {
        return Err(DraftError::Template { file, message: "the file is not UTF-8: save it as UTF-8".to_owned() });
    };
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let settings = settings(source, request.language)?;
    let mut context = context::context(knowledge, request, settings)?;
    for (name, value) in request.set {
        context::set(&mut context, name, value);
    }
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(syntax());
    environment.set_fuel(Some(FUEL));
    let wrong = |error: &minijinja::Error| DraftError::Template {
        file: error.line().map_or_else(|| file.clone(), |line| format!("{file}:{line}")),
        message: error.to_string(),
    };
    let template = environment.template_from_named_str(&file, &text).map_err(|error| wrong(&error))?;
    let render = |context: &Value| template.render(minijinja::Value::from(Serde(context.clone())));
    match render(&context) {
        Ok(mail) if mail.starts_with("Subject: ") => Ok(mail),
        Ok(_) => Err(DraftError::Template {
            file: format!("{file}:1"),
            message: "the first line must begin with `Subject: `".to_owned(),
        }),
        Err(error) if error.kind() == minijinja::ErrorKind::UndefinedError => {
            let names: Vec<String> = template.undeclared_variables(true).into_iter().collect();
            let missing = missing(names, &context, |context| render(context).is_ok());
            if missing.is_empty() {
                Err(wrong(&error))
            } else {
                Err(DraftError::Missing { file, names: missing.join(", ") })
            }
        }
        Err(error) => Err(wrong(&error)),
    }
}

/// Names of all templates, as `language/name`.
///
/// # Errors
/// [`SourceError`] where the folder cannot be listed.
pub fn templates(source: &Source) -> Result<Vec<String>, SourceError> {
    let files = source.list("templates")?;
    let name = |file: &String| Some(file.strip_prefix("templates/")?.strip_suffix(".txt")?.to_owned());
    Ok(files.iter().filter_map(name).collect())
}

/// Tags on lines of their own leave no empty lines behind.
fn syntax() -> SyntaxConfig {
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true);
    syntax.build().unwrap_or_default()
}

fn template_file(source: &Source, request: &Request<'_>) -> Result<String, DraftError> {
    let wanted = format!("{}/{}", request.language, request.template);
    let known = templates(source)?;
    if known.contains(&wanted) {
        return Ok(format!("templates/{wanted}.txt"));
    }
    Err(DraftError::UnknownTemplate {
        template: request.template.to_owned(),
        language: request.language.to_owned(),
        known: known.join(", "),
    })
}

fn settings(source: &Source, language: &str) -> Result<Value, DraftError> {
    let wrong = |message: String| DraftError::Settings { file: SETTINGS, message };
    let bytes = source.read(SETTINGS)?;
    let all: BTreeMap<String, BTreeMap<String, String>> =
        serde_yaml::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    match all.get(language) {
        Some(settings) => Ok(serde_json::json!(settings)),
        None => Err(wrong(format!("it has no settings for {language}; add a map `{language}:`"))),
    }
}

/// Those of `names` that have no value and that the template cannot do without. Optional ones, which it tests with
/// `is defined`, are found out by trying: with every other name filled in, does it still fail?
fn missing(names: Vec<String>, context: &Value, succeeds: impl Fn(&Value) -> bool) -> Vec<String> {
    let mut absent: Vec<String> = names.into_iter().filter(|name| !context::has(context, name)).collect();
    absent.sort();
    // A name such as `case` that only leads to others says nothing by itself.
    let leads = |name: &String| absent.iter().any(|other| other.starts_with(&format!("{name}.")));
    let leaves: Vec<String> = absent.iter().filter(|name| !leads(name)).cloned().collect();
    let needed = |name: &&String| {
        let mut filled = context.clone();
        for other in leaves.iter().filter(|other| other != name) {
            context::set(&mut filled, other, "");
        }
        !succeeds(&filled)
    };
    leaves.iter().filter(needed).cloned().collect()
}

/// The error for a case number that leads to no single case.
fn unknown_case(knowledge: &Knowledge, id: &str) -> DraftError {
    let ids: Vec<&str> =
        knowledge.known_errors.iter().flat_map(|known_error| &known_error.cases).map(|case| case.id.as_str()).collect();
    let alike: Vec<&str> = ids
        .iter()
        .copied()
        .filter(|known| known.get(..id.len()).is_some_and(|head| head.eq_ignore_ascii_case(id)))
        .collect();
    let hint = match (alike.len(), nearest(id, ids)) {
        (2.., _) => format!(": several begin like that, {}", alike.join(", ")),
        (_, Some(meant)) => format!("; did you mean {meant}?"),
        _ => String::new(),
    };
    DraftError::UnknownCase { id: id.to_owned(), hint }
}
