//! Files below `cases/` that nobody reads, because their name or their folder is not the one that is expected.
//!
//! `load` asks of every file there. Hidden files, copies of editors, and pages in Markdown are left alone.

use crate::signature::fault::Fault;
use crate::signature::library;

/// The fault of a file that is not read, with the name or place it most probably should have.
pub(super) fn misplaced(file: &str) -> Option<Fault> {
    let parts: Vec<&str> = file.split('/').collect();
    let name = *parts.last()?;
    let is_read = matches!(
        parts[..],
        [_, _, "known-error.yml"] | [_, _, _, "case.yml"] | [_, _, "logs", ..] | [_, _, _, "logs", ..]
    );
    let left_alone = name.starts_with('.') || [".md", "~", ".swp", ".bak"].iter().any(|end| name.ends_with(end));
    if is_read || left_alone {
        return None;
    }
    if library::misnamed(file).is_some() {
        return Some(library::wrong_ending(file));
    }
    let help = match (parts.len(), name.ends_with(".yml")) {
        (3, true) => "a known error is called cases/<id>/known-error.yml, and a case cases/<id>/<number>/case.yml",
        (_, true) => "a case is called cases/<known error>/<number>/case.yml",
        _ => "excerpts of logs belong into the folder logs/ beside known-error.yml or case.yml",
    };
    let fault = Fault::on_file("wrong-place", file, "no file of this name is expected here, so it is not read", help);
    Some(if name.ends_with(".yml") { fault } else { fault.warning() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, expected: Option<&str>) {
        assert_eq!(misplaced(file).map(|fault| fault.code), expected, "{file}");
    }

    #[test]
    fn files_that_are_not_read_are_named() {
        check("cases/a/known-error.yml", None);
        check("cases/a/CAS-1/case.yml", None);
        check("cases/a/logs/CBS.log", None);
        check("cases/a/CAS-1/logs/deep/CBS.log", None);
        check("cases/a/CAS-1/notes.md", None);
        check("cases/a/.DS_Store", None);
        check("cases/a/known-error.yaml", Some("wrong-ending"));
        check("cases/a/case.yml.txt", Some("wrong-ending"));
        check("cases/a/CAS-1/Case.YML", Some("wrong-ending"));
        check("cases/a/known_error.yml", Some("wrong-place"));
        check("cases/a/case.yml", Some("wrong-place"));
        check("cases/a/2024/CAS-1/case.yml", Some("wrong-place"));
        check("cases/a/CAS-1/log/CBS.log", Some("wrong-place"));
    }
}
