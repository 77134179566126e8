//! Puts files into the folder of the knowledge base: whole or not at all, and drafts never over what is there.
//!
//! A file is written under a temporary name beside its place and then renamed, so that a full disk or a signal
//! leaves no half of it.

use std::fs;
use std::io::Write;
use std::path::Path;

use tempfile::Builder;

use crate::author::AuthorError;
use crate::signature::Source;

/// The folder that drafts go to.
pub(super) fn root(source: &Source) -> Result<&Path, AuthorError> {
    match source {
        Source::Folder(root) => Ok(root),
        Source::BuiltIn | Source::Memory(_) => Err(AuthorError::NoFolder),
    }
}

/// Writes one new file; `file` is its path in the knowledge base.
pub(super) fn write_file(root: &Path, file: &str, text: &str) -> Result<(), AuthorError> {
    let path = root.join(file);
    refuse_existing(&path, file)?;
    let failed = |source| AuthorError::Io { path: path.clone(), done: "written", source };
    let folder = path.parent().unwrap_or(root);
    fs::create_dir_all(folder).map_err(failed)?;
    let mut draft = open_to_all(0o666).tempfile_in(folder).map_err(failed)?;
    draft.write_all(text.as_bytes()).map_err(failed)?;
    draft.persist_noclobber(&path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Writes a file that may be there already; `file` is its path in the knowledge base.
pub(super) fn rewrite_file(root: &Path, file: &str, text: &str) -> Result<(), AuthorError> {
    let path = root.join(file);
    let failed = |source| AuthorError::Io { path: path.clone(), done: "written", source };
    let folder = path.parent().unwrap_or(root);
    fs::create_dir_all(folder).map_err(failed)?;
    let mut draft = open_to_all(0o666).tempfile_in(folder).map_err(failed)?;
    draft.write_all(text.as_bytes()).map_err(failed)?;
    draft.persist(&path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Writes a new folder with all its `files`, which are named from there.
pub(super) fn write_folder(root: &Path, folder: &str, files: &[(String, Vec<u8>)]) -> Result<(), AuthorError> {
    let path = root.join(folder);
    refuse_existing(&path, folder)?;
    let failed = |source| AuthorError::Io { path: path.clone(), done: "written", source };
    let parent = path.parent().unwrap_or(root);
    fs::create_dir_all(parent).map_err(failed)?;
    let draft = open_to_all(0o777).tempdir_in(parent).map_err(failed)?;
    for (name, bytes) in files {
        let file = draft.path().join(name);
        fs::create_dir_all(file.parent().unwrap_or(draft.path())).map_err(failed)?;
        fs::write(&file, bytes).map_err(failed)?;
    }
    fs::rename(draft.path(), &path).map_err(failed)?;
    // What was renamed is no longer temporary.
    let _ = draft.keep();
    Ok(())
}

fn refuse_existing(path: &Path, name: &str) -> Result<(), AuthorError> {
    // A link that leads nowhere is something, too.
    if path.symlink_metadata().is_ok() { Err(AuthorError::Exists { path: name.to_owned() }) } else { Ok(()) }
}

/// Makes temporary files that get the rights of ordinary ones, `mode` less what the user's mask takes.
fn open_to_all(mode: u32) -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(".new-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    #[cfg(not(unix))]
    let _ = mode;
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_overwritten_and_nothing_half_left() {
        let root = tempfile::tempdir().expect("a folder can be made");
        let root = root.path();
        write_file(root, "rules/dism/x.yml", "one").expect("the place is free");
        assert!(matches!(write_file(root, "rules/dism/x.yml", "two"), Err(AuthorError::Exists { .. })));
        assert_eq!(fs::read_to_string(root.join("rules/dism/x.yml")).expect("it is there"), "one");
        let files = [("case.yml".to_owned(), b"a".to_vec()), ("logs/x.log".to_owned(), b"b".to_vec())];
        write_folder(root, "cases/k/C-1", &files).expect("the place is free");
        assert!(matches!(write_folder(root, "cases/k/C-1", &files), Err(AuthorError::Exists { .. })));
        assert_eq!(fs::read_dir(root.join("cases/k")).expect("it is there").count(), 1);
        assert_eq!(fs::read(root.join("cases/k/C-1/logs/x.log")).expect("it is there"), b"b");
    }
}
