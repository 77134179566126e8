//! casebook: a knowledge base of known failures that runs.
//!
//! A support team writes each solved case down once, as YAML. From then on every log bundle is held against all
//! of them in one pass, and the customer's mail is drafted from what matched.
//!
//! The map of the house, lowest floor first; a module names only modules on lower floors (docs/ARCHITECTURE.md,
//! kept by tests/house.rs):
//!
//! | floor | module | duty |
//! | --- | --- | --- |
//! | 0 | [`text`] | turns bytes of unknown encoding into text |
//! | 0 | [`facts`] | recognises errors, paths, updates, packages and versions in any spelling |
//! | 1 | [`bundle`] | opens whatever the customer sent as one flat list of entries |
//! | 2 | [`logs`] | recognises each entry's format and reads it as records |
//! | 3 | [`signature`] | is the language: loads rules and cases and refuses what is wrong |
//! | 4 | [`matcher`] | compiles all knowledge once and scans each record once |
//! | 5 | [`verdict`] | weighs findings against signatures and assembles the report |
//! | 6 | [`render`], [`mail`], [`explain`], [`search`], [`check`] | show a report, draft a mail, say what a thing is, find one, prove the knowledge base |
//! | 6 | [`export`] | says what is known in the words of editors and log servers |
//! | 7 | [`author`] | drafts rules, known errors and cases |

pub mod author;
pub mod bundle;
pub mod check;
pub mod cli;
pub mod explain;
pub mod export;
pub mod facts;
pub mod logs;
pub mod mail;
pub mod matcher;
pub mod render;
pub mod search;
pub mod signature;
pub mod text;
pub mod verdict;

use std::path::PathBuf;

use bundle::OpenError;
use matcher::{Options, Program};
use signature::Knowledge;
use verdict::Report;

/// Diagnoses the bundle made of `paths`: opens it, scans it, judges what was found. `progress` is told how many
/// bytes have been read.
///
/// # Errors
/// [`OpenError`] where nothing at all could be opened; anything less stands in the report's warnings.
pub fn diagnose(
    paths: &[PathBuf],
    knowledge: &Knowledge,
    program: &Program<'_>,
    options: &Options,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Report, OpenError> {
    let scan = matcher::scan(paths, program, options, progress)?;
    Ok(verdict::judge(knowledge, &scan))
}
