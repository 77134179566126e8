//! What a template sees: the case, its known error, the evidence and the settings, all in the mail's language.

use serde_json::{Map, Value, json};

use crate::mail::{DraftError, Request, unknown_case};
use crate::signature::{Case, Guide, Knowledge, KnownError, Texts};
use crate::text::printable;
use crate::verdict::{Confidence, Evidence, Missing, Report, SystemFact};

/// Everything the request leads to. What is not known is left out, so that a template that needs it fails.
pub(super) fn context(knowledge: &Knowledge, request: &Request<'_>, settings: Value) -> Result<Value, DraftError> {
    let chosen = match request.case {
        Some(id) => Some(knowledge.case(id).ok_or_else(|| unknown_case(knowledge, id))?),
        None => request.report.and_then(|report| best_case(knowledge, report)),
    };
    let language = request.language;
    let mut context = Map::new();
    context.insert("settings".to_owned(), settings);
    context.insert("language".to_owned(), json!(language));
    let guides = knowledge.guides.iter().map(|guide| guide_value(guide, language)).collect();
    context.insert("guides".to_owned(), Value::Array(guides));
    if let Some((known_error, case)) = chosen {
        context.insert("case".to_owned(), case_value(case, language));
        context.insert("known_error".to_owned(), known_error_value(known_error, language));
        let similar = known_error.cases.iter().filter(|other| is_comparable(other, case));
        let similar = similar.map(|other| case_value(other, language)).collect();
        context.insert("similar".to_owned(), Value::Array(similar));
    }
    if let Some(report) = request.report {
        let (evidence, missing) = match chosen {
            Some((known_error, case)) => proof(report, known_error, case),
            None => (&[][..], open(report)),
        };
        let evidence: Vec<Value> = evidence.iter().map(|item| evidence_value(item, language)).collect();
        // What was searched in vain is in the customer's bundle: asking for it again would not help.
        let missing = missing.into_iter().filter(|item| !item.searched);
        let missing: Vec<Value> = missing.map(|item| missing_value(item, knowledge, language)).collect();
        context.insert("evidence".to_owned(), Value::Array(evidence));
        context.insert("missing".to_owned(), Value::Array(missing));
        context.insert("system".to_owned(), system_value(report, language));
        context.insert(
            "bundle".to_owned(),
            json!({"name": printable(&report.bundle.name), "entries": report.bundle.entries}),
        );
    }
    Ok(Value::Object(context))
}

/// What is known of the machine, for a template to list.
fn system_value(report: &Report, language: &str) -> Value {
    let fact = |fact: &SystemFact| {
        let values: Vec<_> = fact.values.iter().map(|value| printable(&value.value)).collect();
        json!({"name": fact.name, "title": fact.title.get(language), "values": values})
    };
    report.system.facts.iter().map(fact).collect()
}

/// Puts `value` where the dotted `name` leads.
pub(super) fn set(context: &mut Value, name: &str, value: &str) {
    let mut place = context;
    for part in name.split('.') {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        let Some(object) = place.as_object_mut() else { return };
        place = object.entry(part).or_insert(Value::Null);
    }
    *place = Value::String(value.to_owned());
}

/// Whether the dotted `name` leads to a value.
pub(super) fn has(context: &Value, name: &str) -> bool {
    let mut place = context;
    for part in name.split('.') {
        match place.get(part) {
            Some(next) => place = next,
            None => return false,
        }
    }
    !place.is_null()
}

/// The best case of the best match, where the bundle confirms one.
fn best_case<'k>(knowledge: &'k Knowledge, report: &Report) -> Option<(&'k KnownError, &'k Case)> {
    let cases = report.matches.iter().flat_map(|found| &found.cases);
    let best = cases.filter(|case| case.confidence == Confidence::Confirmed).map(|case| &case.id).next()?;
    knowledge.case(best)
}

/// Whether a mail about `case` may tell of the other: it is another, and the same customer's.
fn is_comparable(other: &Case, case: &Case) -> bool {
    other.id != case.id && other.story.customer == case.story.customer
}

/// Evidence for a case, else for its known error, and what is missing.
fn proof<'r>(report: &'r Report, known_error: &KnownError, case: &Case) -> (&'r [Evidence], Vec<&'r Missing>) {
    let Some(found) = report.matches.iter().find(|found| found.known_error == known_error.id) else {
        return (&[], Vec::new());
    };
    match found.cases.iter().find(|found| found.id == case.id) {
        Some(found) if !found.evidence.is_empty() => (&found.evidence, found.missing.iter().collect()),
        _ => (&found.evidence, found.missing.iter().collect()),
    }
}

/// What would decide matches that are open, each piece of evidence once.
fn open(report: &Report) -> Vec<&Missing> {
    let matches = report.matches.iter().filter(|found| found.confidence != Confidence::Confirmed);
    let missing = matches.flat_map(|found| &found.missing);
    let mut open: Vec<&Missing> = Vec::new();
    for item in missing.chain(report.cannot_tell.iter().flat_map(|item| &item.missing)) {
        if !open.iter().any(|known| known.rule == item.rule) {
            open.push(item);
        }
    }
    open
}

/// Evidence that is missing, with how to collect it where a guide says that.
fn missing_value(missing: &Missing, knowledge: &Knowledge, language: &str) -> Value {
    let mut value = json!({"title": missing.title.get(language), "logsource": missing.logsource});
    if let (Some(guide), Some(object)) = (knowledge.guide(&missing.logsource), value.as_object_mut()) {
        object.insert("guide".to_owned(), guide_value(guide, language));
    }
    value
}

fn guide_value(guide: &Guide, language: &str) -> Value {
    json!({
        "source": guide.source,
        "name": guide.name.get(language),
        "paths": guide.paths,
        "size": guide.size.get(language),
        "steps": guide.steps.get(language),
    })
}

fn case_value(case: &Case, language: &str) -> Value {
    let story = &case.story;
    let mut value = Map::new();
    for (key, texts) in story.texts() {
        value.insert(key.to_owned(), json!(texts.get(language)));
    }
    let optional = [("affected", &story.affected), ("environment", &story.environment)];
    for (key, texts) in optional.into_iter().filter_map(|(key, texts)| Some((key, texts.as_ref()?))) {
        value.insert(key.to_owned(), json!(Texts::get(texts, language)));
    }
    for (key, day) in [("opened", &story.opened), ("closed", &story.closed)] {
        if let Some(day) = day {
            value.insert(key.to_owned(), json!(day));
        }
    }
    value.insert("id".to_owned(), json!(story.id));
    value.insert("customer".to_owned(), json!(story.customer));
    value.insert("priority".to_owned(), json!(story.priority));
    value.insert("evidence".to_owned(), json!(story.evidence));
    Value::Object(value)
}

fn known_error_value(known_error: &KnownError, language: &str) -> Value {
    json!({
        "id": known_error.id,
        "title": known_error.title.get(language),
        "cause": known_error.cause.get(language),
        "workaround": known_error.workaround.get(language),
        "fix": known_error.fix.get(language),
        "references": known_error.references,
    })
}

fn evidence_value(evidence: &Evidence, language: &str) -> Value {
    let facts: Map<String, Value> =
        evidence.facts.iter().map(|(name, value)| (name.clone(), json!(printable(value)))).collect();
    let mut value = json!({
        "rule": evidence.rule,
        "title": evidence.title.get(language),
        "entry": printable(&evidence.entry),
        "line": evidence.line,
        "text": printable(&evidence.text),
        "facts": facts,
    });
    if let (Some(time), Some(object)) = (&evidence.time, value.as_object_mut()) {
        object.insert("time".to_owned(), json!(time.replacen('T', " ", 1)));
    }
    value
}
