//! What leaves the house in the words of others: JSON Schemas for editors, plain Sigma for log servers.
//!
//! `main` calls [`schemas`] and [`sigma`] and writes the files that they give. Both say the same of the same knowledge
//! base, to the byte. Nothing of a customer is exported but the titles of cases.

mod correlation;
mod detection;
mod outcome;
mod pattern;
mod pipeline;
mod portable;
mod rules;
mod signatures;
mod uuid;
mod yaml;

use std::collections::BTreeSet;

use crate::signature::{self, Knowledge, Names, Source, SourceError};

pub use outcome::Outcome;

/// A file to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File {
    /// Its path below the folder that is named.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// An export that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The knowledge base cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A file is no longer what was loaded.
    #[error("{file} was changed while it was read; try again")]
    Changed {
        /// The file.
        file: String,
    },
    /// What was made cannot be written as YAML.
    #[error("the export cannot be written as YAML")]
    Yaml(#[from] serde_yaml::Error),
}

/// The JSON Schemas of rules, filters, known errors and cases, with the names that the knowledge base has.
pub fn schemas(knowledge: &Knowledge) -> Vec<File> {
    let areas: BTreeSet<&str> = knowledge.known_errors.iter().map(|known_error| known_error.area.as_str()).collect();
    let rules: BTreeSet<&str> =
        knowledge.rules.keys().chain(knowledge.correlations.keys()).map(String::as_str).collect();
    let names = Names { rules: rules.into_iter().collect(), areas: areas.into_iter().collect() };
    let file = |(name, schema): (&'static str, serde_json::Value)| File {
        path: name.to_owned(),
        text: format!("{schema:#}\n"),
    };
    signature::schemas(&names).into_iter().map(file).collect()
}

/// All rules, correlations, noise, known errors and cases as plain Sigma, with the pipeline that maps their fields.
///
/// # Errors
/// [`ExportError`] where the knowledge base cannot be read again.
pub fn sigma(source: &Source, knowledge: &Knowledge) -> Result<(Vec<File>, Outcome), ExportError> {
    let mut outcome = Outcome::default();
    let mut files = rules::files(source, knowledge, &mut outcome)?;
    files.extend(correlation::files(source, knowledge, &mut outcome)?);
    files.extend(signatures::files(source, knowledge, &mut outcome)?);
    files.push(File { path: "pipeline.yml".to_owned(), text: pipeline::text()? });
    Ok((files, outcome))
}
