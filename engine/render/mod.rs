//! Draws what the program found: a report as text or JSON, faults as a compiler would.
//!
//! Everything that comes from evidence goes through [`crate::text::printable`] before it reaches a terminal.

mod annotations;
mod answer;
mod faults;
mod json;
mod list;
mod tables;
mod text;
mod words;

pub use annotations::{github, gitlab, junit};
pub use answer::answer;
pub use faults::{counted, fault_list, fault_summary, outcome};
pub use json::json;
pub use list::list;
pub use tables::{cross_match_table, profile_table};
pub use text::{similar, text};
