//! The files of a knowledge base: a folder, the copy built into the binary, or files in memory.
//!
//! Everything above reads knowledge through this door, so that all behave alike. Paths are relative to the
//! knowledge base and use `/` on every system.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rust_embed::{EmbeddedFile, RustEmbed};

use crate::signature::fault::Fault;

/// Where the rules, cases and templates come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A folder that holds `rules/`, `cases/` and `templates/`.
    Folder(PathBuf),
    /// The copy that was built into the binary.
    BuiltIn,
    /// Files by path, as tests and fuzzers make them.
    Memory(BTreeMap<String, Vec<u8>>),
}

/// A knowledge base that cannot be opened at all.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The folder named on the command line or in the environment is not a knowledge base.
    #[error("{path} is not a knowledge base: it has no folder {missing} (name one that holds rules/ and cases/)")]
    NotAKnowledgeBase {
        /// The folder as it was named.
        path: PathBuf,
        /// The first folder that is missing.
        missing: &'static str,
    },
    /// A file of the knowledge base cannot be read.
    #[error("cannot read {path}")]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl SourceError {
    /// What `check` says of it, so that one such file does not hide the faults of others.
    pub(crate) fn fault(&self) -> Fault {
        let SourceError::Unreadable { path, source } = self else {
            return Fault::on_file("unreadable", "", self.to_string(), "name another folder with --kb");
        };
        let file = path.to_string_lossy().replace('\\', "/");
        let (message, help) = match source.kind() {
            io::ErrorKind::IsADirectory => ("this is a folder, where a file is expected".to_owned(), "rename it"),
            io::ErrorKind::NotFound => {
                ("this leads to a file that does not exist".to_owned(), "add the file, or remove the link")
            }
            kind => {
                (format!("the file cannot be read: {kind}"), "see who may read it, or whether another program holds it")
            }
        };
        Fault::on_file("unreadable", &file, message, help)
    }
}

impl Source {
    /// The knowledge base in `folder`, which must hold `rules` and `cases`.
    ///
    /// # Errors
    /// [`SourceError::NotAKnowledgeBase`] where one of the two is missing.
    pub fn folder(folder: &Path) -> Result<Source, SourceError> {
        match ["rules", "cases"].into_iter().find(|name| !folder.join(name).is_dir()) {
            Some(missing) => Err(SourceError::NotAKnowledgeBase { path: folder.to_owned(), missing }),
            None => Ok(Source::Folder(folder.to_owned())),
        }
    }

    /// The nearest folder from `start` upward that has `rules` and `cases`, else the copy built in.
    pub fn nearest(start: &Path) -> Source {
        start.ancestors().find_map(|folder| Source::folder(folder).ok()).unwrap_or(Source::BuiltIn)
    }

    /// Paths of all files below `folder`, sorted; a folder that is called like a file of ours is one, so that reading
    /// it fails rather than nobody noticing.
    ///
    /// # Errors
    /// [`SourceError::Unreadable`] where a folder cannot be listed.
    pub fn list(&self, folder: &str) -> Result<Vec<String>, SourceError> {
        let mut files = Vec::new();
        let prefix = format!("{folder}/");
        match self {
            Source::Folder(root) => collect(root, folder, &mut files)?,
            Source::BuiltIn => {
                files.extend(built_in_files().map(Cow::into_owned).filter(|path| path.starts_with(&prefix)));
            }
            Source::Memory(held) => files.extend(held.keys().filter(|path| path.starts_with(&prefix)).cloned()),
        }
        files.sort();
        Ok(files)
    }

    /// The bytes of one file; that it cannot be read becomes a fault.
    pub(crate) fn read_or_fault(&self, file: &str, faults: &mut Vec<Fault>) -> Option<Vec<u8>> {
        self.read(file).map_err(|error| faults.push(error.fault())).ok()
    }

    /// The bytes of one file.
    ///
    /// # Errors
    /// [`SourceError::Unreadable`] where the file is missing or cannot be read.
    pub fn read(&self, file: &str) -> Result<Vec<u8>, SourceError> {
        let unreadable = |source| SourceError::Unreadable { path: PathBuf::from(file), source };
        match self {
            // Systems differ in what they say of a folder that is read.
            Source::Folder(root) if root.join(file).is_dir() => {
                Err(unreadable(io::Error::from(io::ErrorKind::IsADirectory)))
            }
            Source::Folder(root) => fs::read(root.join(file)).map_err(unreadable),
            Source::BuiltIn => match built_in(file) {
                Some(embedded) => Ok(embedded.data.into_owned()),
                None => Err(unreadable(io::Error::from(io::ErrorKind::NotFound))),
            },
            Source::Memory(held) => {
                held.get(file).cloned().ok_or_else(|| unreadable(io::Error::from(io::ErrorKind::NotFound)))
            }
        }
    }
}

#[derive(RustEmbed)]
#[folder = "rules/"]
#[prefix = "rules/"]
struct Rules;

#[derive(RustEmbed)]
#[folder = "cases/"]
#[prefix = "cases/"]
struct Cases;

#[derive(RustEmbed)]
#[folder = "templates/"]
#[prefix = "templates/"]
struct Templates;

/// The healthy machine that `check` holds everything against.
#[derive(RustEmbed)]
#[folder = "tests/bundles/clean/"]
#[prefix = "tests/bundles/clean/"]
struct Clean;

fn built_in_files() -> impl Iterator<Item = Cow<'static, str>> {
    Rules::iter().chain(Cases::iter()).chain(Templates::iter()).chain(Clean::iter())
}

fn built_in(file: &str) -> Option<EmbeddedFile> {
    Rules::get(file).or_else(|| Cases::get(file)).or_else(|| Templates::get(file)).or_else(|| Clean::get(file))
}

fn collect(root: &Path, folder: &str, files: &mut Vec<String>) -> Result<(), SourceError> {
    let path = root.join(folder);
    let unreadable = |source| SourceError::Unreadable { path: path.clone(), source };
    if !path.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(&path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() && !name.ends_with(".yml") {
            collect(root, &name, files)?;
        } else {
            files.push(name);
        }
    }
    Ok(())
}
