//! The matcher: compiles all knowledge once and scans each record at most once.
//!
//! [`compile`] turns the rules into a [`Program`]; [`scan`] runs it over a bundle. Cost follows bytes, not rules: raw
//! blocks are searched for the literals that rules cannot do without, records are parsed only around hits, and
//! only the rules whose literal stands there are evaluated. An Aho-Corasick automaton does the searching:
//! docs/matcher.md says why, and what is faster.

mod block;
mod correlate;
#[cfg(test)]
mod correlate_tests;
mod evaluate;
mod findings;
mod hits;
mod literals;
mod problems;
mod program;
mod question;
mod scan;
#[cfg(test)]
mod tests;
mod view;
mod wants;
mod window;

pub use block::{found_rules, literal_hits, try_correlation, try_rule};
pub use findings::{Fact, Finding, Seen, Sight, Unexplained};
pub use literals::required;
pub use program::{Program, compile};
pub use scan::{Entry, Options, Scan, scan, scan_files};
pub(crate) use view::forms;
