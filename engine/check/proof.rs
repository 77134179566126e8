//! Every case and known error against its own excerpts and everybody else's, and all against the clean bundle.

use std::collections::{BTreeMap, BTreeSet};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::check::{CrossMatch, report_of};
use crate::mail::{self, DraftError, Request};
use crate::matcher::Program;
use crate::signature::{Fault, Knowledge, KnownError, Source, SourceError};
use crate::verdict::{Confidence, Match, Report};

/// The excerpts of a healthy machine, on which nothing may be confirmed.
pub(super) const CLEAN: &str = "tests/bundles/clean";

/// What the proofs show and what is wrong with them.
pub(super) fn check(
    source: &Source,
    knowledge: &Knowledge,
    program: &Program<'_>,
) -> Result<(Vec<CrossMatch>, Vec<Fault>), SourceError> {
    let templates = mail::templates(source)?;
    let prove = |proof: Proof<'_>| prove(source, knowledge, program, &templates, &proof);
    let proven: Vec<Proven> = proofs(knowledge).into_par_iter().map(prove).collect::<Result<_, _>>()?;
    let mut rows = Vec::new();
    let mut faults = clean(source, knowledge, program)?;
    let mut mails = BTreeMap::new();
    for proven in proven {
        rows.extend(proven.row);
        faults.extend(proven.faults);
        for fault in proven.mails {
            mails.entry(fault.file.clone()).or_insert(fault);
        }
    }
    faults.extend(mails.into_values());
    Ok((rows, faults))
}

/// Known errors that the logs of a healthy machine confirm.
fn clean(source: &Source, knowledge: &Knowledge, program: &Program<'_>) -> Result<Vec<Fault>, SourceError> {
    let clean = source.list(CLEAN)?;
    if clean.is_empty() {
        return Ok(Vec::new());
    }
    let report = match report_of(source, &clean, knowledge, program) {
        Ok(report) => report,
        Err(error) => return Ok(vec![error.fault()]),
    };
    let confirmed = report.matches.iter().filter(|found| found.confidence == Confidence::Confirmed);
    let fault = |found: &Match| {
        let file = format!("cases/{}/known-error.yml", found.known_error);
        let message = format!("the logs of a healthy machine confirm this ({})", place(found));
        Fault::on_file("clean-bundle", &file, message, "ask for more, so that ordinary lines do not suffice")
    };
    Ok(confirmed.map(fault).collect())
}

/// Where the first evidence of a match stands.
fn place(found: &Match) -> String {
    found.evidence.first().map(|evidence| format!("{}:{}", evidence.entry, evidence.line)).unwrap_or_default()
}

/// Excerpts, and what they must confirm.
struct Proof<'k> {
    known_error: &'k KnownError,
    case: Option<&'k str>,
    file: &'k str,
    logs: &'k [String],
}

fn proofs(knowledge: &Knowledge) -> Vec<Proof<'_>> {
    let mut proofs = Vec::new();
    for known_error in &knowledge.known_errors {
        for case in &known_error.cases {
            proofs.push(Proof { known_error, case: Some(&case.id), file: &case.file, logs: &case.logs });
        }
        if known_error.cases.is_empty() || !known_error.logs.is_empty() {
            proofs.push(Proof { known_error, case: None, file: &known_error.file, logs: &known_error.logs });
        }
    }
    proofs
}

/// What came of one proof.
struct Proven {
    row: Option<CrossMatch>,
    faults: Vec<Fault>,
    /// Mails that cannot be drafted for the case, by template.
    mails: Vec<Fault>,
}

fn prove(
    source: &Source,
    knowledge: &Knowledge,
    program: &Program<'_>,
    templates: &[String],
    proof: &Proof<'_>,
) -> Result<Proven, SourceError> {
    let mut faults = match excerpts(source, proof) {
        Ok(faults) => faults,
        Err(error) => return Ok(Proven { row: None, faults: vec![error.fault()], mails: Vec::new() }),
    };
    let report = report_of(source, proof.logs, knowledge, program)?;
    let case = proof.case;
    let mails = case.map(|case| undrafted(source, knowledge, templates, case, &report)).unwrap_or_default();
    if proof.logs.is_empty() {
        let help = "add the log excerpts that prove it to the folder logs/ beside this file";
        faults.push(Fault::on_file("no-proof", proof.file, "nothing proves this signature", help));
        return Ok(Proven { row: None, faults, mails });
    }
    if let Some(message) = unproven(&report, proof) {
        let help = "compare `where`, `same`, `within` and `not` with the excerpts: `casebook scan` on the folder logs/ shows what was found";
        faults.push(Fault::on_file("not-confirmed", proof.file, message, help));
    }
    let others = report.matches.iter().filter(|found| found.known_error != proof.known_error.id);
    for other in others.filter(|found| found.confidence == Confidence::Confirmed) {
        let message = format!("its excerpts confirm {} as well (logs/{})", other.known_error, place(other));
        faults.push(
            Fault::on_file("cross-match", proof.file, message, "narrow one of the two, or make them one known error")
                .warning(),
        );
    }
    let row = Some(CrossMatch::of(proof.known_error, case, proof.file, &report));
    Ok(Proven { row, faults, mails })
}

/// Largest excerpt that is taken without a word, which is what `new case --thread` takes as well.
const LARGEST_EXCERPT: usize = 1 << 20;

/// Warnings of excerpts that were not cut.
fn excerpts(source: &Source, proof: &Proof<'_>) -> Result<Vec<Fault>, SourceError> {
    let mut faults = Vec::new();
    for file in proof.logs {
        let size = source.read(file)?.len();
        if size > LARGEST_EXCERPT {
            let message = format!("the excerpt has {size} bytes, and the program carries it everywhere");
            let help = "cut it to the fewest lines that still show the failure";
            faults.push(Fault::on_file("file-too-large", file, message, help).warning());
        }
    }
    Ok(faults)
}

/// A fault for every mail that cannot be drafted for a case, so that a missing value is found before a customer does.
fn undrafted(source: &Source, knowledge: &Knowledge, templates: &[String], case: &str, report: &Report) -> Vec<Fault> {
    let fault = |name: &String| {
        let (language, template) = name.split_once('/')?;
        let request = Request { template, language, case: Some(case), report: Some(report), set: &[] };
        let file = format!("templates/{name}.txt");
        let error = match mail::draft(source, knowledge, &request) {
            Ok(mail) => return one_brace(&file, &mail),
            Err(DraftError::Settings { file, message }) => {
                let help = "mend the file: each language has a map of texts, such as `en: {service: …}`";
                return Some(Fault::on_file(
                    "template-fails",
                    file,
                    format!("no mail can be drafted: {message}"),
                    help,
                ));
            }
            Err(error) => error,
        };
        let message = format!("the mail for {case} cannot be drafted: {error}");
        let help = match &error {
            DraftError::Missing { names, .. } if names.contains("settings.") => {
                "mend the template, or add the value to templates/settings.yml"
            }
            _ => "mend the template, or add what it needs to the case",
        };
        Some(Fault::on_file("template-fails", &file, message, help))
    };
    templates.iter().filter_map(fault).collect()
}

/// A fault where a variable stands in the mail by name, because its braces are not double.
fn one_brace(file: &str, mail: &str) -> Option<Fault> {
    let names = ["case", "known_error", "settings", "system", "bundle"];
    let spellings = names.iter().flat_map(|name| [format!("{{ {name}."), format!("{{{name}.")]);
    let found = spellings.into_iter().find_map(|spelling| mail.find(&spelling))?;
    let written: String = mail[found..].chars().take_while(|char| *char != '\n').take(40).collect();
    let message = format!("`{}` stands in the mail as it is", written.trim_end());
    Some(Fault::on_file("template-fails", file, message, "write the name in double braces: {{ case.title }}"))
}

/// Why the excerpts do not prove what they must, if they do not.
fn unproven(report: &Report, proof: &Proof<'_>) -> Option<String> {
    let Some(first) = report.matches.first().filter(|found| found.confidence == Confidence::Confirmed) else {
        return Some(unconfirmed(report, proof));
    };
    if first.known_error != proof.known_error.id {
        return Some(format!("its own excerpts confirm {} first", first.known_error));
    }
    let case = proof.case?;
    match first.cases.first() {
        Some(best) if best.id == case && best.confidence == Confidence::Confirmed => None,
        Some(best) if best.confidence == Confidence::Confirmed => {
            Some(format!("its own excerpts confirm {} first", best.id))
        }
        _ => Some(unconfirmed(report, proof)),
    }
}

/// That the excerpts confirm nothing, with the rules that found nothing in them.
fn unconfirmed(report: &Report, proof: &Proof<'_>) -> String {
    let own = report.matches.iter().find(|found| found.known_error == proof.known_error.id);
    let case = own.and_then(|found| found.cases.iter().find(|case| Some(case.id.as_str()) == proof.case));
    let missing = match (case, own) {
        (Some(case), _) => case.missing.iter().map(|missing| missing.rule.clone()).collect(),
        (None, Some(own)) if proof.case.is_none() => own.missing.iter().map(|missing| missing.rule.clone()).collect(),
        _ => asked_for(proof),
    };
    let fired: BTreeSet<&str> = report.findings.iter().map(|finding| finding.rule.as_str()).collect();
    let missing: BTreeSet<String> = missing.into_iter().filter(|rule| !fired.contains(rule.as_str())).collect();
    if missing.is_empty() {
        return "its own excerpts do not confirm it, though each of its rules finds something in them".to_owned();
    }
    let missing: Vec<String> = missing.into_iter().collect();
    format!("its own excerpts do not confirm it: they do not show {}", missing.join(", "))
}

/// The rules of the signature that is to be proved.
fn asked_for(proof: &Proof<'_>) -> Vec<String> {
    let case = proof.known_error.cases.iter().find(|case| Some(case.id.as_str()) == proof.case);
    let signature = case.map_or(&proof.known_error.signature, |case| &case.signature);
    signature.all.iter().chain(&signature.any).map(|item| item.rule.clone()).collect()
}
