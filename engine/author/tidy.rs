//! Puts the files of a knowledge base into their customary form, and writes the pages that are made from it: `casebook
//! check --fix` and `--write-docs`.

use crate::author::{AuthorError, place};
use crate::signature::{Source, tidied};

/// Rewrites every file of `rules/` and `cases/` that is not in its customary form and for which `wanted` holds; gives
/// their paths.
///
/// # Errors
/// [`AuthorError`] where the knowledge base is no folder, or a file cannot be read or written; those before it are done.
pub fn tidy(source: &Source, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<String>, AuthorError> {
    let root = place::root(source)?;
    let mut done = Vec::new();
    for folder in ["rules", "cases"] {
        for file in source.list(folder)?.into_iter().filter(|file| file.ends_with(".yml") && wanted(file)) {
            // What is not UTF-8 is a fault that only its author can mend.
            let Ok(text) = String::from_utf8(source.read(&file)?) else { continue };
            if let Some(tidy) = tidied(&file, &text) {
                place::rewrite_file(root, &file, &tidy)?;
                done.push(file);
            }
        }
    }
    Ok(done)
}

/// Writes a page of the knowledge base that is made from it, such as `docs/coverage.md`.
///
/// # Errors
/// [`AuthorError`] where the knowledge base is no folder, or the page cannot be written.
pub fn write_page(source: &Source, file: &str, text: &str) -> Result<(), AuthorError> {
    place::rewrite_file(place::root(source)?, file, text)
}
