//! Names that become paths: refused unless they are safe on every system.
//!
//! Called with what stands on the command line before anything is written. A name that passes has no part that leads
//! out of its folder, that Windows reads as a device, or that two systems spell differently.

use crate::author::AuthorError;

/// Longest part of a path.
const LONGEST: usize = 80;

/// Names that Windows takes for devices, whatever their ending.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// The two parts of a rule's id.
pub(super) fn rule(id: &str) -> Result<(&str, &str), AuthorError> {
    let wrong = || bad(id, "write <service>/<name>, such as dism/image-held-open");
    let (folder, name) = id.split_once('/').ok_or_else(wrong)?;
    lower(folder)?;
    lower(name)?;
    Ok((folder, name))
}

/// The id of a known error.
pub(super) fn known_error(id: &str) -> Result<(), AuthorError> {
    lower(id)
}

/// The number of a case.
pub(super) fn case(id: &str) -> Result<(), AuthorError> {
    safe(id)?;
    let plain = id.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'));
    if plain { Ok(()) } else { Err(bad(id, "a case's number has letters, digits, `-` and `_` only")) }
}

fn lower(name: &str) -> Result<(), AuthorError> {
    safe(name)?;
    let plain = name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-');
    if plain { Ok(()) } else { Err(bad(name, "use lower-case letters, digits and `-` only")) }
}

fn safe(name: &str) -> Result<(), AuthorError> {
    let is_device = DEVICES.contains(&name.to_ascii_lowercase().as_str());
    match name {
        "" => Err(bad(name, "a part of it is empty")),
        _ if name.len() > LONGEST => Err(bad(name, "it is longer than 80 characters")),
        _ if !name.starts_with(|first: char| first.is_ascii_alphanumeric()) => {
            Err(bad(name, "it must begin with a letter or a digit"))
        }
        _ if is_device => Err(bad(name, "Windows reads it as a device")),
        _ => Ok(()),
    }
}

fn bad(name: &str, why: &str) -> AuthorError {
    AuthorError::BadName { name: crate::text::printable(name).into_owned(), why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sound: bool, names: &[&str], read: fn(&str) -> bool) {
        for name in names {
            assert_eq!(read(name), sound, "{name:?}");
        }
    }

    #[test]
    fn names_of_the_knowledge_base_pass() {
        check(true, &["dism/image-held-open", "any/x2"], |name| rule(name).is_ok());
        check(true, &["CAS-02713-B6R8B4", "42"], |name| case(name).is_ok());
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        let bad = ["x", "../x", "dism/../x", "dism/", "/x", "dism/a/b", r"dism\x/y", "dism/Übung", "dism/nul", "-/x"];
        check(false, &bad, |name| rule(name).is_ok());
        check(false, &["", "..", "a/b", r"a\b", "con", "a b", ".hidden", "a\nb"], |name| case(name).is_ok());
        check(false, &["Upper", "x/y"], |name| known_error(name).is_ok());
    }
}
