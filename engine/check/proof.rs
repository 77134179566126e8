//! Every case and known error against its own excerpts and everybody else's, and all against the clean bundle.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::check::report_of;
use crate::matcher::Program;
use crate::signature::{Fault, Knowledge, KnownError, Source, SourceError};
use crate::verdict::{Confidence, Report};

/// The excerpts of a healthy machine, on which nothing may be confirmed.
const CLEAN: &str = "tests/bundles/clean";

/// Everything wrong with the proofs.
pub(super) fn check(source: &Source, knowledge: &Knowledge, program: &Program<'_>) -> Result<Vec<Fault>, SourceError> {
    let faults: Result<Vec<Vec<Fault>>, SourceError> =
        proofs(knowledge).into_par_iter().map(|proof| prove(source, knowledge, program, &proof)).collect();
    let mut faults = faults?.concat();
    let clean = source.list(CLEAN)?;
    if !clean.is_empty() {
        let report = report_of(source, &clean, knowledge, program)?;
        for found in report.matches.iter().filter(|found| found.confidence == Confidence::Confirmed) {
            let file = format!("cases/{}/known-error.yml", found.known_error);
            let place = found
                .evidence
                .first()
                .map(|evidence| format!("{}:{}", evidence.entry, evidence.line))
                .unwrap_or_default();
            let message = format!("the logs of a healthy machine confirm this ({place})");
            faults.push(Fault::on_file(
                "clean-bundle",
                &file,
                message,
                "ask for more, so that ordinary lines do not suffice",
            ));
        }
    }
    Ok(faults)
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

fn prove(
    source: &Source,
    knowledge: &Knowledge,
    program: &Program<'_>,
    proof: &Proof<'_>,
) -> Result<Vec<Fault>, SourceError> {
    if proof.logs.is_empty() {
        let help = "add the log excerpts that prove it to the folder logs/ beside this file";
        return Ok(vec![Fault::on_file("no-proof", proof.file, "nothing proves this signature", help)]);
    }
    let report = report_of(source, proof.logs, knowledge, program)?;
    let mut faults = Vec::new();
    if let Some(message) = unproven(&report, proof) {
        let help = "compare signature, rules and excerpts: `casebook scan` on the folder logs/ shows what was found";
        faults.push(Fault::on_file("not-confirmed", proof.file, message, help));
    }
    let others = report.matches.iter().filter(|found| found.known_error != proof.known_error.id);
    for other in others.filter(|found| found.confidence == Confidence::Confirmed) {
        let place =
            other.evidence.first().map(|evidence| format!("{}:{}", evidence.entry, evidence.line)).unwrap_or_default();
        let message = format!("its excerpts confirm {} as well (logs/{place})", other.known_error);
        faults.push(
            Fault::on_file("cross-match", proof.file, message, "narrow one of the two, or make them one known error")
                .warning(),
        );
    }
    Ok(faults)
}

/// Why the excerpts do not prove what they must, if they do not.
fn unproven(report: &Report, proof: &Proof<'_>) -> Option<String> {
    let Some(first) = report.matches.first().filter(|found| found.confidence == Confidence::Confirmed) else {
        return Some("its own excerpts do not confirm it".to_owned());
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
        _ => Some("its own excerpts do not confirm it".to_owned()),
    }
}
