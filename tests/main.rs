//! End-to-end tests: the real program on real bundles, one module per door, one binary for all.

/// `scan` without a knowledge base in sight uses the copy built into the program, which says the same.
mod built_in;
/// The same logs match alike in every encoding, with every line end, in folders, zips and zips in zips.
mod containers;
/// `email` drafts the closure mail of every case, and says what it lacks.
mod email;
/// Writes event logs for tests; no tests of its own.
mod eventlog;
/// Event logs as evidence, whatever their name and state.
mod events;
/// `explain`: what a thing is, and why a case matches a bundle or not.
mod explain;
/// `export`: plain Sigma means what our rules mean.
mod export;
/// Every fault code has a folder with the one mistake that it is about.
mod faults;
/// What the fuzz targets claim holds of every input that once broke it.
mod fuzz;
/// Runs the program and builds bundles; no tests of its own.
mod harness;
/// `--help` of every verb.
mod help;
/// Damaged and hostile evidence: a clear message, no panic, and the rest is read.
mod hostile;
/// The floors of the house hold.
mod house;
/// Real logs from elsewhere, each with what it must and must not be taken for.
mod inputs;
/// `check` on our own rules and cases.
mod knowledge;
/// Correlations, filters and values as a user meets them.
mod language;
/// `new` writes drafts that load.
mod new;
/// Examples on pages prove themselves.
mod pages;
/// `new rule --from`: unusual lines, and rules of them.
mod proposals;
/// `scan` on the bundles of the thread and on the logs of the cases.
mod scan;
/// The schemas of rules and cases for editors.
mod schemas;
/// `search` finds what a colleague half remembers, whatever is typed.
mod search;
/// `new case --thread` on the threads that clients save.
mod threads;
/// Process Monitor traces in their own format as evidence.
mod traces;
