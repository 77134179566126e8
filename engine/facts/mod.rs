//! Facts: the values in a log text that mean the same however they are spelled.
//!
//! An access that was denied is written `0x80070005`, `GLE [5]`, `0xd0000022`, `-2147024891`, `STATUS_ACCESS_DENIED` or
//! `拒绝访问。`; a system file is written with a drive, a volume, a `\\?\` prefix or as a bare WinSxS name. The functions
//! here find such values in any text and give each one name, so that a rule that asks for the value holds for every
//! spelling of it.
//!
//! The signature language reads the codes that authors write ([`parse_code`]) and hands the prefilter its literals
//! ([`spellings`], [`sweep`]); the matcher reads records with [`errors`], [`paths`] and the rest; the report shows what
//! a [`Code`] means.
//!
//! What is known about single codes is data: the `.csv` files beside this one. Only the grammar of the spellings is
//! Rust. Nothing here fails or panics: a text that holds no fact gives an empty list.

mod codes;
mod errors;
mod grammar;
mod packages;
mod paths;
mod places;
mod processes;
mod spellings;
mod stage;
mod table;

pub use codes::{Code, known_codes, parse_code};
pub use errors::{ErrorFact, ResultExtend, Role, errors, result_extends};
pub use packages::{kbs, packages, versions};
pub use paths::{paths, plain_path};
pub use places::{path_forms, same_file};
pub use processes::processes;
pub use spellings::{spellings, sweep, words};
pub use stage::{Stage, operation, phase};

use std::ops::Range;

/// One value found in a text: a path, a KB number, a package, a version or a process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fact {
    /// The value in its one form; case stays as the author of the text wrote it.
    pub value: String,
    /// The bytes of the text that spell the value, which may be more than the value keeps.
    pub span: Range<usize>,
}

/// Whether a language tag is one of Chinese.
fn is_chinese(lang: &str) -> bool {
    lang.get(..2).is_some_and(|tag| tag.eq_ignore_ascii_case("zh"))
}

/// The last character that ends at or before the byte offset `at`.
fn char_before(text: &str, at: usize) -> Option<char> {
    text.get(..at)?.chars().next_back()
}

/// The first character that begins at the byte offset `at`.
fn char_after(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}
