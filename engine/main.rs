//! The program: calls one function per verb and picks the exit status.

use std::borrow::Borrow;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use casebook::bundle::Clock;
use casebook::cli::{
    Check, CheckFormat, Cli, Draft, Email, Explain, Export, Form, Language, New, ReportFormat, Scan, Search,
    SearchKind, Verb,
};
use casebook::mail::Request;
use casebook::matcher::{self, Options};
use casebook::search::{Catalogue, Kind};
use casebook::signature::{self, Knowledge, Severity, Source};
use casebook::verdict::{Confidence, Report};
use casebook::{author, check, explain, export, mail, render, search};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.verb {
        Verb::Scan(options) => scan(&cli, options),
        Verb::Search(options) => search_words(&cli, options),
        Verb::Email(options) => email(&cli, options),
        Verb::Explain(options) => explain_thing(&cli, options),
        Verb::Check(options) => check_knowledge(&cli, options),
        Verb::New(options) => new(&cli, options),
        Verb::Export(options) => export_knowledge(&cli, options),
    };
    match done {
        Ok(status) => status,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("error: {error:#}"));
            ExitCode::from(2)
        }
    }
}

fn scan(cli: &Cli, options: &Scan) -> Result<ExitCode> {
    let source = source(cli)?;
    let knowledge = knowledge(cli, &source)?;
    let program = matcher::compile(&knowledge);
    let how = options.reading.options(Clock::new(running));
    let mut report = diagnose(&options.paths, &knowledge, &program, &how)?;
    let is_confirmed = report.matches.iter().any(|found| found.confidence == Confidence::Confirmed);
    if !is_confirmed && search::is_comparable(&report) {
        let catalogue = catalogue(cli, &source, false, || Ok(&knowledge))?;
        report.similar = search::similar(catalogue.index(), &report)?;
    }
    let drawn = match options.format {
        ReportFormat::Json => render::json(&report),
        ReportFormat::Text if options.list => render::list(&report, language(cli).tag()),
        ReportFormat::Text => render::text(&report, language(cli).tag(), width(options.output.as_deref())),
    };
    write(&drawn, options.output.as_deref())?;
    let incomplete = options.strict && !report.warnings.is_empty();
    Ok(ExitCode::from(u8::from(incomplete)))
}

fn search_words(cli: &Cli, options: &Search) -> Result<ExitCode> {
    let source = source(cli)?;
    if !options.bundle.is_empty() {
        return similar(cli, options, &source);
    }
    let mut catalogue = catalogue(cli, &source, options.refresh, || knowledge(cli, &source))?;
    let kinds: Vec<Kind> = options.kind.iter().map(|kind| searched(*kind)).collect();
    let request = search::Request {
        query: &options.query.join(" "),
        kinds: &kinds,
        skip: options.number.saturating_mul(options.page as usize - 1),
        number: options.number,
        language: language(cli).tag(),
    };
    let answer = catalogue.search(&request)?;
    let drawn = match options.format {
        ReportFormat::Json => format!("{}\n", serde_json::to_string_pretty(&answer)?),
        ReportFormat::Text => render::answer(&answer, request.language, width(None)),
    };
    write(&drawn, None)?;
    Ok(ExitCode::SUCCESS)
}

/// Past failures that resemble the bundle which `search` was given.
fn similar(cli: &Cli, options: &Search, source: &Source) -> Result<ExitCode> {
    let knowledge = knowledge(cli, source)?;
    let program = matcher::compile(&knowledge);
    let how = options.reading.options(Clock::new(running));
    let report = diagnose(&options.bundle, &knowledge, &program, &how)?;
    let catalogue = catalogue(cli, source, options.refresh, || Ok(&knowledge))?;
    let answer = search::Resemblance::of(catalogue.index(), &report)?;
    let drawn = match options.format {
        ReportFormat::Json => format!("{}\n", serde_json::to_string_pretty(&answer)?),
        ReportFormat::Text => render::similar(&answer.similar, language(cli).tag(), width(None)),
    };
    write(&drawn, None)?;
    Ok(ExitCode::SUCCESS)
}

/// The knowledge base ready to be searched: on disk where it is large, else, or where that fails, in memory.
fn catalogue<K: Borrow<Knowledge>>(
    cli: &Cli,
    source: &Source,
    refresh: bool,
    knowledge: impl FnOnce() -> Result<K>,
) -> Result<Catalogue> {
    if search::is_large(source) {
        let opened = match cli.cache.clone().or_else(user_cache) {
            Some(cache) => Catalogue::on_disk(source, &cache, refresh).map_err(anyhow::Error::from),
            None => Err(anyhow!("there is no cache folder (name one with --cache)")),
        };
        match opened {
            Ok(catalogue) => {
                catalogue.notes().iter().for_each(|note| complain(&format!("warning: {note}")));
                return Ok(catalogue);
            }
            Err(error) => complain(&format!("warning: {error:#}; searching without it, which takes longer")),
        }
    }
    Ok(Catalogue::of(knowledge()?.borrow(), source)?)
}

/// Where this system keeps what programs can make again.
fn user_cache() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let cache = match std::env::consts::OS {
        "windows" => folder("LOCALAPPDATA"),
        "macos" => folder("HOME").map(|home| home.join("Library/Caches")),
        _ => folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache"))),
    };
    cache.map(|cache| cache.join("casebook"))
}

fn searched(kind: SearchKind) -> Kind {
    match kind {
        SearchKind::KnownError => Kind::KnownError,
        SearchKind::Case => Kind::Case,
        SearchKind::Code => Kind::Code,
        SearchKind::Rule => Kind::Rule,
        SearchKind::Guide => Kind::Guide,
    }
}

fn email(cli: &Cli, options: &Email) -> Result<ExitCode> {
    let source = source(cli)?;
    let knowledge = knowledge(cli, &source)?;
    let program = matcher::compile(&knowledge);
    let case = options.case.as_deref().and_then(|id| knowledge.case(id));
    let how = options.reading.options(Clock::new(running));
    let report = match (options.bundle.is_empty(), case) {
        (false, _) => Some(diagnose(&options.bundle, &knowledge, &program, &how)?),
        (true, Some((_, case))) => Some(check::report_of(&source, &case.logs, &knowledge, &program)?),
        (true, None) => None,
    };
    let request = Request {
        template: &options.template,
        language: language(cli).tag(),
        case: options.case.as_deref(),
        report: report.as_ref(),
        set: &options.set,
    };
    let mail = mail::draft(&source, &knowledge, &request)?;
    write(&mail, options.output.as_deref())?;
    Ok(ExitCode::SUCCESS)
}

fn explain_thing(cli: &Cli, options: &Explain) -> Result<ExitCode> {
    let knowledge = knowledge(cli, &source(cli)?)?;
    let scan = match options.bundle.as_slice() {
        [] => None,
        paths => {
            let program = matcher::compile(&knowledge);
            let how = options.reading.options(Clock::new(running));
            Some(matcher::scan(paths, &program, &how, &|_| {})?)
        }
    };
    let explanation = explain::explain(&knowledge, &options.thing, scan.as_ref())?;
    let drawn = match options.format {
        ReportFormat::Json => format!("{}\n", serde_json::to_string_pretty(&explanation)?),
        ReportFormat::Text => explain::text(&explanation, language(cli).tag()),
    };
    write(&drawn, None)?;
    Ok(ExitCode::SUCCESS)
}

fn check_knowledge(cli: &Cli, options: &Check) -> Result<ExitCode> {
    let source = source(cli)?;
    let concerns = |file: &str| options.files.is_empty() || options.files.iter().any(|named| named.ends_with(file));
    if options.fix {
        for file in author::tidy(&source, &concerns)? {
            complain(&format!("mended: {file}\n"));
        }
    }
    let (knowledge, faults) = signature::load_with(&source, cli.filters.as_deref())?;
    let mut outcome = check::check(&source, &knowledge, faults)?;
    if options.write_docs {
        author::write_page(&source, check::COVERAGE, &check::coverage(&knowledge, &outcome.cross_matches))?;
        outcome.faults.retain(|fault| fault.file != check::COVERAGE);
    }
    let (own, others): (Vec<_>, Vec<_>) =
        std::mem::take(&mut outcome.faults).into_iter().partition(|fault| concerns(&fault.file));
    outcome.faults = own;
    if !others.is_empty() {
        // What a file breaks is often told elsewhere: a rule that is too wide, at the cases it takes over.
        complain(&format!("in other files: {}; `casebook check` shows them", render::fault_summary(&others)));
    }
    outcome.cross_matches.retain(|row| concerns(&row.file));
    if options.profile {
        let mut profile = check::profile(&source, &knowledge)?;
        profile.retain(|row| knowledge.rules.get(&row.rule).is_some_and(|rule| concerns(&rule.file)));
        outcome.profile = profile;
    }
    match options.format {
        CheckFormat::Github => write(&render::github(&outcome.faults), None)?,
        CheckFormat::Gitlab => write(&render::gitlab(&outcome.faults), None)?,
        CheckFormat::Junit => write(&render::junit(&outcome.faults), None)?,
        CheckFormat::Json => write(&format!("{}\n", serde_json::to_string_pretty(&outcome)?), None)?,
        CheckFormat::Text => {
            let mut page = String::new();
            if options.cross_match {
                page.push_str(&render::cross_match_table(&outcome.cross_matches));
                page.push('\n');
            }
            if options.profile {
                page.push_str(&render::profile_table(&outcome.profile));
                page.push('\n');
            }
            page.push_str(&render::outcome(&outcome, !io::stdout().is_terminal()));
            write(&page, None)?;
        }
    }
    let failed = outcome.faults.iter().any(|fault| fault.severity == Severity::Error);
    Ok(ExitCode::from(u8::from(failed)))
}

fn new(cli: &Cli, options: &New) -> Result<ExitCode> {
    let source = source(cli)?;
    let written = match &options.what {
        Draft::Rule(rule) if rule.from.is_empty() => author::new_rule(&source, rule.id.as_deref().unwrap_or_default())?,
        Draft::Rule(rule) => {
            let limits = rule.limits.limits(Clock::new(running));
            let search = author::Search { paths: &rule.from, limits: &limits, passwords: &rule.password };
            let bar = progress_bar();
            let proposals =
                author::propose(&source, &knowledge(cli, &source)?, &search, &|bytes| bar.set_position(bytes));
            bar.finish_and_clear();
            let proposals = proposals?;
            let Some(pick) = rule.pick else {
                write(&proposals.text(), None)?;
                return Ok(ExitCode::SUCCESS);
            };
            author::new_rule_of(&source, &proposals, pick, rule.id.as_deref())?
        }
        Draft::KnownError(known) => {
            author::new_known_error(&source, &knowledge(cli, &source)?, &known.id, &known.rule)?
        }
        Draft::Case(case) => {
            let knowledge = knowledge(cli, &source)?;
            let id = case.id.as_deref();
            match &case.thread {
                Some(file) => author::new_case_from_thread(&source, &knowledge, &case.known_error, id, file)?,
                None => author::new_case(&source, &knowledge, &case.known_error, id.unwrap_or_default())?,
            }
        }
    };
    write(&written.text(), None)?;
    Ok(ExitCode::SUCCESS)
}

fn export_knowledge(cli: &Cli, options: &Export) -> Result<ExitCode> {
    let source = source(cli)?;
    let knowledge = knowledge(cli, &source)?;
    match &options.what {
        Form::Schema(schema) if schema.folder == Path::new("-") => {
            let parse = |file: export::File| Ok((file.path, serde_json::from_str(&file.text)?));
            let schemas: Result<serde_json::Map<_, _>> = export::schemas(&knowledge).into_iter().map(parse).collect();
            write(&format!("{:#}\n", serde_json::Value::Object(schemas?)), None)?;
        }
        Form::Schema(schema) => write_files(&schema.folder, &export::schemas(&knowledge))?,
        Form::Sigma(sigma) => {
            let folder = &sigma.folder;
            if folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
                bail!("{} is not empty; name a new folder, so that nothing old stays in it", folder.display());
            }
            let (files, outcome) = export::sigma(&source, &knowledge)?;
            write_files(folder, &files)?;
            write(&outcome.text(), None)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes files below a folder, which is made where it is missing.
fn write_files(folder: &Path, files: &[export::File]) -> Result<()> {
    for file in files {
        let path = folder.join(&file.path);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).with_context(|| format!("cannot make the folder {}", parent.display()))?;
        write(&file.text, Some(&path))?;
    }
    Ok(())
}

/// The knowledge base that was named, or the nearest, or the one built in.
fn source(cli: &Cli) -> Result<Source> {
    match &cli.kb {
        Some(folder) => Ok(Source::folder(folder)?),
        None => Ok(Source::nearest(&std::env::current_dir().context("cannot tell the working directory")?)),
    }
}

/// Loads the knowledge base; with faults in it nothing is matched, so that nothing is missed in silence.
fn knowledge(cli: &Cli, source: &Source) -> Result<Knowledge> {
    let (knowledge, faults) = signature::load_with(source, cli.filters.as_deref())?;
    if faults.iter().any(|fault| fault.severity == Severity::Error) {
        complain(&render::fault_list(&faults, !io::stderr().is_terminal()));
        let refused = match knowledge.refused.len() {
            0 => String::new(),
            number => format!(", and {} cannot be loaded", render::counted(number, "rule")),
        };
        let summary = render::fault_summary(&faults);
        bail!("the knowledge base has {summary}{refused}; mend them first (`casebook check` lists them)");
    }
    Ok(knowledge)
}

fn diagnose(
    paths: &[PathBuf],
    knowledge: &Knowledge,
    program: &matcher::Program<'_>,
    options: &Options,
) -> Result<Report> {
    let bar = progress_bar();
    let report = casebook::diagnose(paths, knowledge, program, options, &|bytes| bar.set_position(bytes));
    bar.finish_and_clear();
    Ok(report?)
}

/// A line on standard error that shows the work goes on; hidden where nobody looks.
fn progress_bar() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {bytes} read, {bytes_per_sec}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn language(cli: &Cli) -> Language {
    cli.lang.unwrap_or_else(|| Language::of_locale(&sys_locale::get_locale().unwrap_or_default()))
}

/// How long the program has been running: the only clock there is.
fn running() -> Duration {
    static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGUN.elapsed()
}

/// Columns of the terminal; 100 where the text goes elsewhere.
fn width(output: Option<&Path>) -> usize {
    match terminal_size::terminal_size() {
        Some((width, _)) if output.is_none() => usize::from(width.0),
        _ => 100,
    }
}

/// Writes a result: to standard output, or whole to a file or not at all.
fn write(text: &str, output: Option<&Path>) -> Result<()> {
    let Some(path) = output else {
        let mut stdout = anstream::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        return Ok(stdout.flush()?);
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let cannot = || format!("cannot write {}", path.display());
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(cannot)?;
    file.write_all(anstream::adapter::strip_str(text).to_string().as_bytes()).with_context(cannot)?;
    file.persist(path).with_context(cannot)?;
    Ok(())
}

/// Writes to standard error; where even that is closed, nothing is left to say.
fn complain(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{}", text.trim_end());
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
