//! Writes the rule of one line, with the line for an example and what is near it for a counter-example.
//!
//! A draft is shown only if `check` accepts it: it is loaded and proved in a knowledge base of its own in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::census::Sample;
use super::{rank, shape};
use crate::author::rule::{self, Parts};
use crate::author::yaml;
use crate::check;
use crate::facts::Code;
use crate::logs::{self, Block, LogFormat, Records};
use crate::matcher;
use crate::signature::{self, Severity, Source};

/// How many words of a line its rule's name has.
const WORDS: usize = 5;

/// Longest name.
const LONGEST: usize = 50;

/// Codes of which one stands in for the failure in a counter-example.
const OTHERS: [u32; 2] = [0x8007_0020, 0x8007_0002];

/// Fields of a trace that an example shows; the others say where, when and who.
const TRACED: [&str; 5] = ["process", "operation", "path", "result", "detail"];

/// Parts of the names of fields of events that say where, when and who, and nothing of the failure.
const PLACES: [&str; 14] = [
    "user",
    "sid",
    "account",
    "domain",
    "computer",
    "session",
    "guid",
    "keywords",
    "opcode",
    "task",
    "time",
    "recordid",
    "threadid",
    "activityid",
];

/// A rule that `check` has accepted.
#[derive(Debug)]
pub(super) struct Drawn {
    /// A name made of the line's words.
    pub(super) id: String,
    /// What it looks for, on one line.
    pub(super) shown: String,
    parts: Parts,
    service: Option<String>,
}

impl Drawn {
    /// The file, with a title made of `name`.
    pub(super) fn titled(&self, name: &str) -> String {
        rule::scaffold(self.service.as_deref(), name, &self.parts)
    }
}

/// The id that the rule of a line would get; none where nothing in the line could be looked for.
pub(super) fn id(sample: &Sample) -> Option<String> {
    Some(format!("{}/{}", service(sample).unwrap_or("any"), look(sample, false)?.name))
}

/// Drafts the rule of `sample`; `near` are lines that it may be mistaken for. None where no draft passes `check`.
pub(super) fn draw(sample: &Sample, near: &[&Sample]) -> Option<Drawn> {
    let sample = neutral(sample);
    let service = service(&sample);
    [false, true].into_iter().find_map(|loose| {
        let Look { detection, shown, name, mutants } = look(&sample, loose)?;
        let level = if rank::severity(&sample.level) > 1.0 { "high" } else { "medium" };
        let mut drawn = Drawn {
            id: format!("{}/{name}", service.unwrap_or("any")),
            shown,
            parts: Parts { detection, level: level.to_owned(), examples: String::new() },
            service: service.map(str::to_owned),
        };
        let facts = captured(&drawn, &sample)?;
        let ignored = counterexamples(&drawn, &sample, near, mutants);
        drawn.parts.examples = examples(&sample, &facts, &ignored);
        accepted(&drawn).then_some(drawn)
    })
}

/// The service of the rules that look at the line; none for an event of a channel that has none.
fn service(sample: &Sample) -> Option<&'static str> {
    match sample.format {
        LogFormat::Evtx => {
            let channel = sample.field("Channel")?;
            logs::event_services().find(|service| logs::serves_channel(service, channel))
        }
        format => Some(format.service()),
    }
}

fn look(sample: &Sample, loose: bool) -> Option<Look> {
    if shape::by_fields(sample.format) { by_fields(sample) } else { by_text(sample, loose) }
}

/// The line with neutral words for people.
fn neutral(sample: &Sample) -> Sample {
    let clean = |text: &str| text.lines().map(check::neutral).collect::<Vec<_>>().join("\n");
    let fields = sample.fields.iter().map(|(name, value)| (name.clone(), clean(value)));
    Sample { text: clean(&sample.text), message: clean(&sample.message), fields: fields.collect(), ..sample.clone() }
}

/// What a rule looks for.
struct Look {
    /// `detection:` and all below it.
    detection: String,
    /// The same on one line.
    shown: String,
    /// A name for the rule.
    name: String,
    /// The line with another code.
    mutants: Vec<String>,
}

/// What to look for where the log is text.
fn by_text(sample: &Sample, loose: bool) -> Option<Look> {
    let line = sample.message.lines().next()?.trim();
    let shape = shape::pattern(line, loose);
    let letters = shape.pattern.chars().filter(|letter| letter.is_alphabetic()).count();
    if letters < 6 {
        return None;
    }
    let mut detection = format!(
        "detection:\n  line:\n    # The line with its variable parts named; make more of it vary where it does.\n    \
         message|pattern: {}\n",
        yaml::quoted(&shape.pattern)
    );
    let mut mutants = Vec::new();
    if let Some((code, span)) = shape.error {
        detection.push_str(&format!("    error: {}\n", spoken(code)));
        let at = sample.text.find(line)?;
        mutants.extend(with_other_code(code, line, span).map(|mutant| {
            let mut text = sample.text.clone();
            text.replace_range(at..at + line.len(), &mutant);
            text
        }));
    }
    detection.push_str("  condition: line\n");
    Some(Look { detection, name: slug(&fixed(&shape.pattern)), shown: shape.pattern, mutants })
}

/// What to look for where a record is an event, or a line of a trace.
fn by_fields(sample: &Sample) -> Option<Look> {
    let mut tests = Vec::new();
    for name in ["EventID", "Provider_Name", "operation", "result"] {
        tests.extend(
            sample.field(name).filter(|value| !value.is_empty()).map(|value| (name.to_owned(), value.to_owned())),
        );
    }
    let file = sample.field("path").and_then(|path| path.rsplit('\\').next()).filter(|file| !file.is_empty());
    tests.extend(file.map(|file| ("path|endswith".to_owned(), format!("\\{file}"))));
    if tests.is_empty() {
        return None;
    }
    let tests: Vec<String> = tests.iter().map(|(name, value)| format!("{name}: {}", yaml::quoted(value))).collect();
    let detection = format!("detection:\n  event:\n    {}\n  condition: event\n", tests.join("\n    "));
    let provider = sample.field("Provider_Name").and_then(|name| name.rsplit(['-', ' ']).next());
    let words = [provider, sample.field("operation"), sample.field("result")].into_iter().flatten();
    let name = slug(&words.collect::<Vec<_>>().join(" "));
    let name = sample.field("EventID").map_or_else(|| name.clone(), |id| format!("{name}-{id}"));
    Some(Look { detection, shown: tests.join(", "), name, mutants: Vec::new() })
}

/// The line with another code in the spelling of the first, and with the name of that code behind it; none for a code
/// that is written as a name.
fn with_other_code(code: Code, line: &str, span: Range<usize>) -> Option<String> {
    let written = &line[span.clone()];
    let other = OTHERS.into_iter().find(|other| *other != code.value())?;
    let digits = written.trim_start_matches("0x");
    let spelled = match () {
        () if written.starts_with("0x") => format!("0x{other:08x}"),
        () if digits.len() == 8 && u32::from_str_radix(digits, 16).is_ok() => format!("{other:08X}"),
        () if written.bytes().all(|byte| byte.is_ascii_digit()) => (other & 0xffff).to_string(),
        () => return None,
    };
    let names = [code, Code::from_raw(other)].map(|code| code.name().unwrap_or_default());
    Some(format!("{}{spelled}{}", &line[..span.start], line[span.end..].replacen(names[0], names[1], 1)))
}

fn spoken(code: Code) -> String {
    code.name().map_or_else(|| format!("'{}'", code.hex()), str::to_owned)
}

/// The draft as the only rule of a knowledge base.
fn alone(drawn: &Drawn) -> Source {
    let file = format!("rules/{}.yml", drawn.id);
    Source::Memory(BTreeMap::from([(file, drawn.titled("draft").into_bytes())]))
}

/// What the rule captures on a line; none where it does not fire or does not load.
fn captured(drawn: &Drawn, sample: &Sample) -> Option<BTreeMap<String, String>> {
    let (knowledge, _) = signature::load(&alone(drawn)).ok()?;
    let rule = knowledge.rules.get(&drawn.id)?;
    let block = text_of(&sample.text);
    let found = if shape::by_fields(sample.format) {
        matcher::try_rule(rule, &sample.record())
    } else {
        Records::new(sample.format, &block).find_map(|record| matcher::try_rule(rule, &record))
    };
    let captured = found?.into_iter().filter(|(name, fact)| fact.captured && is_telling(name));
    Some(captured.filter_map(|(name, fact)| Some((name, fact.values.into_iter().next()?))).collect())
}

fn text_of(text: &str) -> Block {
    Block { first_line: 1, text: format!("{}\n", text.trim_end()), ..Block::default() }
}

fn is_telling(name: &str) -> bool {
    ["error", "path", "kb", "package", "version"].contains(&name)
}

/// A record that the rule must ignore.
enum Near {
    Text(String),
    Event(Vec<(String, String)>),
}

/// The same line with another code, and the ordinary line with the most words in common.
fn counterexamples(drawn: &Drawn, sample: &Sample, near: &[&Sample], mutants: Vec<String>) -> Vec<Near> {
    let silent = |other: &Sample| captured(drawn, other).is_none();
    let mutants = mutants.into_iter().map(|text| Sample { text, ..sample.clone() });
    let mut ignored: Vec<Near> =
        mutants.filter(|mutant| silent(mutant)).map(|mutant| Near::Text(mutant.text)).collect();
    let words = words(sample);
    let mut others: Vec<(usize, &Sample)> = near
        .iter()
        .filter(|other| other.format.service() == sample.format.service() && other.number != sample.number)
        .map(|other| (self::words(other).intersection(&words).count(), *other))
        .collect();
    others.sort_by_key(|(common, _)| std::cmp::Reverse(*common));
    let nearest = others.into_iter().take(8).map(|(_, other)| neutral(other)).find(|other| silent(other));
    ignored.extend(nearest.map(|other| match shape::by_fields(other.format) {
        true => Near::Event(other.fields),
        false => Near::Text(other.text),
    }));
    ignored
}

fn words(sample: &Sample) -> BTreeSet<&str> {
    let text = if sample.fields.is_empty() { &sample.message } else { &sample.text };
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.len() > 1).collect()
}

fn examples(sample: &Sample, facts: &BTreeMap<String, String>, ignored: &[Near]) -> String {
    let mut text = "examples:\n  match:\n".to_owned();
    if shape::by_fields(sample.format) {
        text.push_str(&format!("    - {}", event(&sample.fields)));
    } else {
        text.push_str(&format!("    - text: {}\n", text_value(&sample.text)));
    }
    if !facts.is_empty() {
        text.push_str("      facts:\n");
        for (name, value) in facts {
            text.push_str(&format!("        {name}: {}\n", yaml::quoted(value)));
        }
    }
    text.push_str("  ignore:\n");
    for near in ignored {
        match near {
            Near::Text(line) => text.push_str(&format!("    - {}\n", text_value(line))),
            Near::Event(fields) => text.push_str(&format!("    - {}", event(fields))),
        }
    }
    text
}

/// A record as YAML: in double quotes where tabs or hidden characters must stay what they are.
fn text_value(text: &str) -> String {
    let text = text.trim_end();
    let is_plain = text.chars().all(|letter| letter == '\n' || !letter.is_control()) && !text.starts_with(' ');
    match serde_json::to_string(text) {
        Ok(value) if !is_plain || text.contains('\n') => value,
        _ => yaml::quoted(text),
    }
}

/// The fields of an event as YAML, without those that only say where and when.
fn event(fields: &[(String, String)]) -> String {
    let mut text = "event:\n".to_owned();
    let mut seen = BTreeSet::new();
    let is_trace = fields.iter().any(|(name, _)| name == "operation");
    let tells = |name: &str| match is_trace {
        true => TRACED.contains(&name),
        false => !PLACES.iter().any(|place| name.to_lowercase().contains(place)),
    };
    for (name, value) in fields.iter().filter(|(name, _)| tells(name)) {
        let is_name = !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || "_- ".contains(letter));
        if is_name && !value.is_empty() && seen.insert(name) {
            text.push_str(&format!("        {name}: {}\n", yaml::quoted(value)));
        }
    }
    text
}

/// Whether `check` finds nothing wrong with the draft.
fn accepted(drawn: &Drawn) -> bool {
    let source = alone(drawn);
    let Ok((knowledge, faults)) = signature::load(&source) else { return false };
    let outcome = check::check(&source, &knowledge, faults);
    outcome.is_ok_and(|outcome| {
        knowledge.rules.contains_key(&drawn.id) && !outcome.faults.iter().any(|fault| fault.severity == Severity::Error)
    })
}

/// The fixed text of a pattern.
fn fixed(pattern: &str) -> String {
    pattern.split('{').map(|part| part.rsplit('}').next().unwrap_or_default()).collect::<Vec<_>>().join(" ")
}

/// A name out of the words of a text.
fn slug(text: &str) -> String {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words = words.filter(|word| word.len() > 2 && word.chars().all(|letter| letter.is_ascii_alphabetic()));
    let mut name = String::new();
    for word in words.take(WORDS).map(str::to_ascii_lowercase) {
        if name.len() + word.len() > LONGEST {
            break;
        }
        name.push_str(if name.is_empty() { "" } else { "-" });
        name.push_str(&word);
    }
    if name.is_empty() { "unusual-line".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, expected: &str) {
        assert_eq!(slug(&fixed(pattern)), expected);
    }

    #[test]
    fn names_are_made_of_fixed_words() {
        check("SPWIMCallback: Error in apply of {path}. GLE [{error}]", "spwimcallback-error-apply-gle");
        check("{path} {int}", "unusual-line");
    }

    #[test]
    fn other_codes_keep_the_spelling() {
        let other = |line: &str, span| with_other_code(Code::from_raw(5), line, span);
        assert_eq!(other("GLE [5]", 5..6).as_deref(), Some("GLE [32]"));
        let named = "0x80070005 - E_ACCESSDENIED";
        assert_eq!(other(named, 0..10).as_deref(), Some("0x80070020 - ERROR_SHARING_VIOLATION"));
        assert_eq!(other("E_ACCESSDENIED", 0..14), None);
    }
}
