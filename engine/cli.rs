//! The command line: verbs, options and their help. Declares, and does nothing.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::bundle::{Clock, Limits};
use crate::matcher::Options;

/// A knowledge base of known failures that runs.
///
/// Results go to standard output, everything else to standard error. Exit status: 0 done, whether or not anything
/// matched; 1 `check` found errors, or `--strict` and something could not be read; 2 wrong usage, a broken
/// knowledge base, or nothing could be read.
#[derive(Parser, Debug)]
#[command(name = "casebook", version, disable_help_subcommand = true, max_term_width = 100)]
pub struct Cli {
    /// Folder with rules/, cases/ and templates/ [default: the nearest one upward from here, else the built-in one]
    #[arg(long, global = true, env = "CASEBOOK_KB", hide_env_values = true, value_name = "DIR")]
    pub kb: Option<PathBuf>,
    /// Folder with filters, levels and values of your own site, which the knowledge base does not hold
    #[arg(long, global = true, value_name = "DIR")]
    pub filters: Option<PathBuf>,
    /// Folder for what can be made again: the search index of a large knowledge base [default: the user's cache folder]
    #[arg(long, global = true, env = "CASEBOOK_CACHE", hide_env_values = true, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// Language of titles and texts [default: from the locale]
    #[arg(long, global = true, value_name = "TAG")]
    pub lang: Option<Language>,
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Verb {
    /// Match bundles of logs against everything that is known
    Scan(Scan),
    /// Find known errors, cases, error codes, rules and guides by free words
    Search(Search),
    /// Draft an e-mail to the customer
    Email(Email),
    /// Say what an error, a rule, a known error or a case is, and who uses it
    Explain(Explain),
    /// Prove the knowledge base: files, examples, cases against their own logs
    Check(Check),
    /// Write the first draft of a rule, a known error or a case
    New(New),
    /// Write what is known in the form of other programs
    Export(Export),
}

/// Options of `scan`.
#[derive(Args, Debug)]
pub struct Scan {
    /// Files, folders or archives that make up the bundle
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// How to write the report
    #[arg(long, value_enum, default_value_t = ReportFormat::Text, value_name = "FORMAT")]
    pub format: ReportFormat,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Show only what the bundle holds and how much of it was read
    #[arg(long)]
    pub list: bool,
    /// Exit with status 1 where something could not be read
    #[arg(long)]
    pub strict: bool,
    /// How the bundle is read
    #[command(flatten)]
    pub reading: Reading,
}

/// Options of `search`.
#[derive(Args, Debug)]
pub struct Search {
    /// Free words, error codes in any spelling, a path, or a pasted line of a log
    ///
    /// Behind the words: customer: kb: error: area: status: file: before: after: narrow the answer ("quotes" keep words
    /// together, -word leaves out what says it).
    #[arg(required_unless_present = "bundle", allow_negative_numbers = true, value_name = "QUERY")]
    pub query: Vec<String>,
    /// Instead of words, a bundle: find past failures that resemble it
    #[arg(long, value_name = "PATH", conflicts_with_all = ["query", "kind"])]
    pub bundle: Vec<PathBuf>,
    /// How the bundle is read
    #[command(flatten)]
    pub reading: Reading,
    /// Look for this kind only; repeat it for several
    #[arg(long, value_enum, value_name = "KIND")]
    pub kind: Vec<SearchKind>,
    /// How many known errors, codes and rules to show
    #[arg(short, long, default_value_t = 10, value_name = "N")]
    pub number: usize,
    /// Which page of them
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..), value_name = "N")]
    pub page: u32,
    /// Look at every file of a large knowledge base again, not only in folders that changed
    #[arg(long)]
    pub refresh: bool,
    /// How to write the answer
    #[arg(long, value_enum, default_value_t = ReportFormat::Text, value_name = "FORMAT")]
    pub format: ReportFormat,
}

/// What `search` may be asked for alone.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum SearchKind {
    /// Known errors
    KnownError,
    /// Past cases
    Case,
    /// Error codes
    Code,
    /// Rules
    Rule,
    /// Guides how to collect logs
    Guide,
}

/// How bundles are read, as options of every verb that reads one.
#[derive(Args, Debug)]
pub struct Reading {
    /// How many threads scan [default: one per core]
    #[arg(short, long, default_value_t = 0, hide_default_value = true, value_name = "N")]
    pub jobs: usize,
    /// A password that may open an encrypted archive; repeat it to try several
    #[arg(long, value_name = "PASSWORD")]
    pub password: Vec<String>,
    /// Limits against hostile archives
    #[command(flatten)]
    pub limits: LimitOptions,
}

impl Reading {
    /// How the matcher is to read, with the clock that tells the time.
    pub fn options(&self, clock: Clock) -> Options {
        Options { limits: self.limits.limits(clock), passwords: self.password.clone(), jobs: self.jobs }
    }
}

/// Limits against hostile archives, as options.
#[derive(Args, Debug)]
pub struct LimitOptions {
    /// How deep archives may lie in archives
    #[arg(long, default_value_t = Limits::default().depth, value_name = "N")]
    pub max_depth: u32,
    /// How many files a bundle may hold
    #[arg(long, default_value_t = Limits::default().entries, value_name = "N")]
    pub max_entries: u64,
    /// How many bytes may be read in all
    #[arg(long, default_value_t = Limits::default().total_bytes, value_name = "BYTES")]
    pub max_bytes: u64,
    /// How many bytes one file may have
    #[arg(long, default_value_t = Limits::default().entry_bytes, value_name = "BYTES")]
    pub max_entry_bytes: u64,
    /// How many bytes of memory unpacking may take for a dictionary
    #[arg(long, default_value_t = Limits::default().dictionary, value_name = "BYTES")]
    pub max_memory: u64,
    /// How many times its packed size a file may have
    #[arg(long, default_value_t = Limits::default().ratio, value_name = "N")]
    pub max_ratio: u64,
    /// How many seconds one file may take
    #[arg(long, default_value_t = Limits::default().seconds, value_name = "N")]
    pub max_seconds: u64,
}

impl LimitOptions {
    /// The limits that were asked for, with the clock that tells the time.
    pub fn limits(&self, clock: Clock) -> Limits {
        Limits {
            depth: self.max_depth,
            entries: self.max_entries,
            entry_bytes: self.max_entry_bytes,
            total_bytes: self.max_bytes,
            ratio: self.max_ratio,
            dictionary: self.max_memory,
            seconds: self.max_seconds,
            clock,
            ..Limits::default()
        }
    }
}

/// Options of `email`.
#[derive(Args, Debug)]
pub struct Email {
    /// Name of the template, such as closure
    pub template: String,
    /// Number of the case, or the beginning of it
    #[arg(long, value_name = "ID")]
    pub case: Option<String>,
    /// The customer's bundle, for evidence; without it the case's own excerpts are quoted
    #[arg(long, value_name = "PATH")]
    pub bundle: Vec<PathBuf>,
    /// How the bundle is read
    #[command(flatten)]
    pub reading: Reading,
    /// A value for the template, such as settings.hotline=400-000-0000
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub set: Vec<(String, String)>,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Options of `explain`.
#[derive(Args, Debug)]
pub struct Explain {
    /// An error in any spelling, or the id of a rule, known error or case
    pub thing: String,
    /// A bundle: says item by item why the case or known error matches it or not
    #[arg(long, value_name = "PATH")]
    pub bundle: Vec<PathBuf>,
    /// How the bundle is read
    #[command(flatten)]
    pub reading: Reading,
    /// How to write the answer
    #[arg(long, value_enum, default_value_t = ReportFormat::Text, value_name = "FORMAT")]
    pub format: ReportFormat,
}

/// Options of `check`.
#[derive(Args, Debug)]
pub struct Check {
    /// Show only what concerns these files of the knowledge base
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// First put the keys in their customary order, in the files named or in all
    #[arg(long)]
    pub fix: bool,
    /// Write docs/coverage.md, which says what is known, by area
    #[arg(long)]
    pub write_docs: bool,
    /// Show what the excerpts of each known error and case match beside it
    #[arg(long)]
    pub cross_match: bool,
    /// Show what each rule searches for, how often that stands in the excerpts, and whether the clean bundle reaches it
    #[arg(long)]
    pub profile: bool,
    /// How to write the faults
    #[arg(long, value_enum, default_value_t = CheckFormat::Text, value_name = "FORMAT")]
    pub format: CheckFormat,
}

/// Options of `new`.
#[derive(Args, Debug)]
pub struct New {
    /// What to draft
    #[command(subcommand)]
    pub what: Draft,
}

/// What `new` drafts.
#[derive(Subcommand, Debug)]
pub enum Draft {
    /// A rule, which detects one piece of evidence
    Rule(NewRule),
    /// A known error, which is a cause that is understood
    KnownError(NewKnownError),
    /// A case, which tells what happened once
    Case(NewCase),
}

/// Options of `new rule`.
#[derive(Args, Debug)]
pub struct NewRule {
    /// Its id, <service>/<name>, such as dism/image-held-open; with --pick made of the line's words where none is given
    #[arg(required_unless_present = "from")]
    pub id: Option<String>,
    /// A bundle: lists the lines that no rule knows and that are most unlike ordinary ones
    #[arg(long, value_name = "PATH")]
    pub from: Vec<PathBuf>,
    /// Write the rule of this line of the list
    #[arg(long, value_name = "N", requires = "from")]
    pub pick: Option<usize>,
    /// A password that may open an encrypted archive; repeat it to try several
    #[arg(long, value_name = "PASSWORD", requires = "from")]
    pub password: Vec<String>,
    /// Limits against hostile archives
    #[command(flatten)]
    pub limits: LimitOptions,
}

/// Options of `new known-error`.
#[derive(Args, Debug)]
pub struct NewKnownError {
    /// Its id, such as image-held-open
    pub id: String,
    /// A rule that must hold; repeat it for several
    #[arg(long, required = true, value_name = "ID")]
    pub rule: Vec<String>,
}

/// Options of `new case`.
#[derive(Args, Debug)]
pub struct NewCase {
    /// The known error it belongs to
    pub known_error: String,
    /// Its number; with a thread, that of the thread's subject where none is given
    #[arg(required_unless_present = "thread")]
    pub id: Option<String>,
    /// A mail thread to draft the case from, with the logs it quotes: text, .eml or .msg
    #[arg(long, value_name = "FILE")]
    pub thread: Option<PathBuf>,
}

/// Options of `export`.
#[derive(Args, Debug)]
pub struct Export {
    /// What to write
    #[command(subcommand)]
    pub what: Form,
}

/// What `export` writes.
#[derive(Subcommand, Debug)]
pub enum Form {
    /// JSON Schemas, by which editors complete and check rules, known errors and cases
    Schema(ExportSchema),
    /// Plain Sigma for log servers, with a pySigma pipeline; says what has no form in Sigma
    Sigma(ExportSigma),
}

/// Options of `export schema`.
#[derive(Args, Debug)]
pub struct ExportSchema {
    /// Folder to write to, such as .vscode/schemas; `-` for standard output
    #[arg(default_value = "-", value_name = "DIR")]
    pub folder: PathBuf,
}

/// Options of `export sigma`.
#[derive(Args, Debug)]
pub struct ExportSigma {
    /// Folder to write to; it must be new or empty
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

/// How a report is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum ReportFormat {
    /// For a person
    Text,
    /// For a program: a contract, see docs/report.md
    Json,
}

/// How the outcome of a check is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum CheckFormat {
    /// For a person
    Text,
    /// For a program: the contract casebook-check/1
    Json,
    /// Annotations for a GitHub workflow
    Github,
    /// A code quality report for GitLab
    Gitlab,
    /// A JUnit report
    Junit,
}

/// A language the program speaks.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum Language {
    /// Simplified Chinese
    #[value(name = "zh-CN", alias = "zh", alias = "zh-cn")]
    Chinese,
    /// English
    #[value(name = "en", alias = "en-US", alias = "en-us")]
    English,
}

impl Language {
    /// Its tag.
    pub fn tag(self) -> &'static str {
        match self {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        }
    }

    /// The language of a locale such as `zh_CN.UTF-8`; English where it is none of ours.
    pub fn of_locale(locale: &str) -> Language {
        if locale.to_ascii_lowercase().starts_with("zh") { Language::Chinese } else { Language::English }
    }
}

fn name_and_value(argument: &str) -> Result<(String, String), String> {
    match argument.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}
