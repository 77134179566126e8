//! How a knowledge base on disk looks: times and sizes of its folders and files, by which changes are noticed.
//!
//! `shelf` compares how the base looks with how it looked when it was indexed. A case that is added, removed or renamed
//! changes its known error's folder, of which there are few; these are looked at on every run. A file that is changed in
//! its place is noticed when it stands behind an answer, when git has written its index, and when all is looked at.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use crate::signature::Synonyms;

use super::Hit;
use super::documents::CaseFacts;

/// When a file or folder was last changed, in nanoseconds, and how many bytes it has.
pub(super) type Stamp = (u64, u64);

/// How a base looks from above.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Looks {
    /// The folder of each known error, and its own file.
    pub(super) known_errors: BTreeMap<String, (Stamp, Stamp)>,
    /// Every rule, and the other files that all documents rest on.
    pub(super) rules: BTreeMap<String, Stamp>,
    /// git's list of files, which every commit, pull and checkout writes.
    pub(super) commits: Stamp,
    /// The synonyms, so that a search need not read them.
    pub(super) synonyms: Synonyms,
}

impl PartialEq for Looks {
    fn eq(&self, other: &Self) -> bool {
        self.known_errors == other.known_errors && self.rules == other.rules && self.commits == other.commits
    }
}

/// How a known error looks.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(super) struct KnownErrorLooks {
    /// Its own file and those of its logs.
    pub(super) own: BTreeMap<String, Stamp>,
    /// Its cases.
    pub(super) cases: BTreeMap<String, CaseLooks>,
}

/// How a case looks, and what its known error's document takes from it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(super) struct CaseLooks {
    /// Its folder, its file and its folder of logs.
    pub(super) stamps: [Stamp; 3],
    /// Customer, status and days.
    pub(super) facts: CaseFacts,
}

impl Looks {
    pub(super) fn of(root: &Path) -> io::Result<Looks> {
        let mut looks = Looks { commits: stamp(&root.join(".git/index")), ..Looks::default() };
        for name in folders(&root.join("cases"))? {
            let folder = root.join("cases").join(&name);
            let own = stamp(&folder.join("known-error.yml"));
            if own != Stamp::default() {
                looks.known_errors.insert(name, (stamp(&folder), own));
            }
        }
        for file in rule_files(root)? {
            let looked = stamp(&root.join(&file));
            looks.rules.insert(file, looked);
        }
        Ok(looks)
    }
}

impl KnownErrorLooks {
    pub(super) fn of(root: &Path, id: &str) -> io::Result<KnownErrorLooks> {
        let base = format!("cases/{id}");
        let mut looks = KnownErrorLooks::default();
        let mut own = files_of(root, &format!("{base}/logs"))?;
        own.push(format!("{base}/known-error.yml"));
        for file in own {
            let looked = stamp(&root.join(&file));
            looks.own.insert(file, looked);
        }
        for case in folders(&root.join(&base))?.into_iter().filter(|name| name != "logs") {
            let folder = root.join(&base).join(&case);
            let stamps = [stamp(&folder), stamp(&folder.join("case.yml")), stamp(&folder.join("logs"))];
            looks.cases.insert(case, CaseLooks { stamps, facts: CaseFacts::default() });
        }
        Ok(looks)
    }

    /// Whether two looks differ in nothing but what was learnt from the cases.
    pub(super) fn same_files(&self, other: &KnownErrorLooks) -> bool {
        let stamps = |looks: &KnownErrorLooks| {
            looks.cases.iter().map(|(case, looks)| (case.clone(), looks.stamps)).collect::<Vec<_>>()
        };
        self.own == other.own && stamps(self) == stamps(other)
    }

    /// How the file of this known error or one of its cases looks.
    pub(super) fn stamp_of(&self, file: &str) -> Option<Stamp> {
        let case = || self.cases.get(file.split('/').nth(2)?).map(|looks| looks.stamps[1]);
        self.own.get(file).copied().or_else(case)
    }

    /// Takes what was learnt from cases that look as before.
    pub(super) fn keep_facts(&mut self, before: &KnownErrorLooks) {
        for (case, looks) in &mut self.cases {
            if let Some(before) = before.cases.get(case).filter(|before| before.stamps == looks.stamps) {
                looks.facts.clone_from(&before.facts);
            }
        }
    }
}

/// The files that all documents rest on, and what is in them.
pub(super) fn rules(root: &Path) -> io::Result<BTreeMap<String, Vec<u8>>> {
    rule_files(root)?.into_iter().map(|file| Ok((file.clone(), fs::read(root.join(file))?))).collect()
}

/// The rules, the synonyms and the guides.
fn rule_files(root: &Path) -> io::Result<Vec<String>> {
    let mut files = files_of(root, "rules")?;
    files.extend(files_of(root, "templates")?.into_iter().filter(|file| file == "templates/collection.yml"));
    Ok(files)
}

/// Whether the file behind a hit is as it was when it was indexed.
pub(super) fn is_fresh(root: &Path, hit: &Hit) -> bool {
    match (&hit.file, hit.stamp) {
        (Some(file), Some(indexed)) => stamp(&root.join(file)) == indexed,
        _ => true,
    }
}

/// How many known errors and cases a base has, counted up to `most`.
pub(super) fn count(root: &Path, most: usize) -> usize {
    let mut count = 0;
    for name in folders(&root.join("cases")).unwrap_or_default() {
        count += folders(&root.join("cases").join(name)).map_or(0, |cases| cases.len());
        if count >= most {
            break;
        }
    }
    count
}

/// Every file below a folder, as paths from the base.
pub(super) fn files_of(root: &Path, folder: &str) -> io::Result<Vec<String>> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let path = root.join(&folder);
        if !path.is_dir() {
            continue;
        }
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                open.push(name);
            } else {
                files.push(name);
            }
        }
    }
    Ok(files)
}

/// Names of the folders in a folder.
fn folders(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}

/// When a file or folder was changed and how large it is; nothing where there is none.
pub(super) fn stamp(path: &Path) -> Stamp {
    let Ok(metadata) = fs::metadata(path) else { return Stamp::default() };
    let changed = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let nanos = changed.map_or(0, |changed| changed.as_nanos() as u64);
    (nanos, if metadata.is_dir() { 0 } else { metadata.len() })
}
