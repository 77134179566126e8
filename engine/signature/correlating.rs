//! Reads a correlation from YAML: its own form first, then the rules it names.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_yaml::Value;

use crate::signature::condition::{self, Condition};
use crate::signature::correlation::{Bound, Correlation, Measure, Operator, Window};
use crate::signature::detection::{child, scalar};
use crate::signature::examples::{self, ExamplesFile};
use crate::signature::fault::{Fault, nearest};
use crate::signature::head::{self, Level};
use crate::signature::places::Route;
use crate::signature::schema;
use crate::signature::ways;
use crate::signature::yaml::Yaml;

/// Something that holds of several records, in Sigma's form.
#[derive(Deserialize, JsonSchema)]
pub(super) struct CorrelationFile {
    /// What a support engineer would call it, in English.
    title: String,
    /// What it is, and what it does not say, in English.
    #[serde(default)]
    description: String,
    /// What holds of several records together.
    correlation: Section,
    /// How much it weighs by itself; `medium` where it is not said.
    #[serde(default = "head::medium")]
    level: Level,
    /// Logs it must and must not hold of.
    examples: Option<ExamplesFile>,
    #[serde(flatten)]
    #[schemars(skip)]
    more: BTreeMap<String, Value>,
}

/// What is asked of several records.
#[derive(Deserialize, JsonSchema)]
struct Section {
    /// What is counted or must come together.
    #[serde(rename = "type")]
    #[schemars(schema_with = "schema::correlation_type")]
    kind: String,
    /// The rules it rests on, by id, name or UUID; correlations too.
    #[schemars(schema_with = "schema::rules")]
    rules: OneOrMore,
    /// Captures, facts or fields in which hits must agree to be counted together.
    #[serde(default, rename = "group-by")]
    group_by: Option<OneOrMore>,
    /// From first to last hit: a number with s, m, h or d, or `bundle` for anywhere.
    timespan: Option<String>,
    /// How many lines apart first and last hit may stand in one entry.
    lines: Option<u64>,
    /// Limits such as `gte: 3`; for the temporal types also `a and (b or c)`.
    #[serde(default)]
    #[schemars(schema_with = "schema::correlation_condition")]
    condition: Option<Value>,
    /// What stands for a name in the records of each rule: `alias: {rule: field}`.
    #[serde(default)]
    aliases: BTreeMap<String, BTreeMap<String, String>>,
    /// Sigma's own; rules are findings whether a correlation rests on them or not.
    #[serde(default, rename = "generate")]
    _generate: bool,
}

/// Sigma's lists may be one word.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum OneOrMore {
    /// One word.
    One(String),
    /// Several.
    More(Vec<String>),
}

impl OneOrMore {
    fn list(self) -> Vec<String> {
        match self {
            OneOrMore::One(word) => vec![word],
            OneOrMore::More(words) => words,
        }
    }
}

/// Keys that mean something here, for suggestions.
const KEYS: [&str; 15] = [
    "title",
    "description",
    "correlation",
    "level",
    "examples",
    "type",
    "rules",
    "group-by",
    "timespan",
    "lines",
    "condition",
    "aliases",
    "generate",
    "match",
    "ignore",
];

/// Every type of Sigma.
pub(super) const TYPES: [&str; 8] = [
    "event_count",
    "value_count",
    "temporal",
    "temporal_ordered",
    "value_sum",
    "value_avg",
    "value_percentile",
    "value_median",
];

/// Reads the document `yaml` of `file`; rules and the keys of aliases are as written until `library` resolves them.
pub(crate) fn read(yaml: &Yaml, file: &str, id: &str, faults: &mut Vec<Fault>) -> Option<Draft> {
    let before = faults.len();
    let decoded: CorrelationFile = yaml.decode(&KEYS, &[], faults)?;
    let (title, description) = head::texts(yaml, decoded.title, decoded.description, &decoded.more, &KEYS, faults);
    let section = decoded.correlation;
    let rules = section.rules.list();
    if rules.is_empty() {
        faults.push(yaml.fault_at("wrong-value", &at("rules"), "the list is empty", "name at least one rule"));
    }
    let window = window(yaml, section.timespan.as_deref(), section.lines, faults);
    let asked = measure(yaml, &section.kind, section.condition.as_ref(), &rules, faults);
    let examples = examples::read(yaml, decoded.examples, faults);
    if faults.len() > before {
        return None;
    }
    let (measure, bounds) = asked?;
    Some(Draft {
        aliases: section.aliases,
        correlation: Correlation {
            id: id.to_owned(),
            file: file.to_owned(),
            title,
            description,
            level: decoded.level,
            rules,
            group_by: section.group_by.map(OneOrMore::list).unwrap_or_default(),
            aliases: BTreeMap::new(),
            window: window?,
            measure,
            bounds,
            examples,
        },
    })
}

/// A correlation whose rules are not yet resolved.
pub(crate) struct Draft {
    /// Fields by alias and rule, as written.
    pub(crate) aliases: BTreeMap<String, BTreeMap<String, String>>,
    /// The rest; `rules` are as written.
    pub(crate) correlation: Correlation,
}

/// The route of a key inside `correlation`.
pub(crate) fn at(key: &str) -> Route {
    vec!["correlation".to_owned(), key.to_owned()]
}

/// A span of time such as `24h`, in seconds.
pub(crate) fn span(written: &str) -> Option<i64> {
    let (number, unit) = written.split_at_checked(written.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    number.parse::<u32>().ok().map(|number| i64::from(number) * seconds)
}

fn window(yaml: &Yaml, timespan: Option<&str>, lines: Option<u64>, faults: &mut Vec<Fault>) -> Option<Window> {
    let seconds = match timespan {
        Some("bundle") => None,
        Some(written) => {
            let seconds = span(written);
            if seconds.is_none() {
                let help = "write a number with s, m, h or d such as 90s or 24h, or `bundle` for anywhere";
                let message = format!("`{written}` is no span of time");
                faults.push(yaml.fault_at("bad-span", &at("timespan"), message, help));
            }
            Some(seconds?)
        }
        None if lines.is_some() => None,
        None => {
            let help = "add `timespan: 10m`, `timespan: bundle` for anywhere in the bundle, or `lines: 20`";
            let route = ["correlation".to_owned()];
            faults.push(yaml.fault_at_key("missing-key", &route, "the key `timespan` is missing", help));
            return None;
        }
    };
    Some(Window { seconds, lines })
}

fn measure(
    yaml: &Yaml,
    kind: &str,
    condition: Option<&Value>,
    rules: &[String],
    faults: &mut Vec<Fault>,
) -> Option<(Measure, Vec<Bound>)> {
    if !TYPES.contains(&kind) {
        let help = match nearest(kind, TYPES) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("the types are: {}", TYPES.join(", ")),
        };
        let message = format!("there is no correlation of the type `{kind}`");
        faults.push(yaml.fault_at("unknown-correlation", &at("type"), message, help));
        return None;
    }
    let ordered = kind == "temporal_ordered";
    if kind.starts_with("temporal") && condition.is_none_or(Value::is_string) {
        let condition = over_rules(yaml, condition.and_then(Value::as_str), rules, faults)?;
        return Some((Measure::Together { ordered, condition: Some(condition) }, Vec::new()));
    }
    let Some(condition) = condition.and_then(Value::as_mapping) else {
        let help = "add `condition: {gte: 10}`, with gt, gte, lt, lte, eq or neq";
        let route = ["correlation".to_owned()];
        faults.push(yaml.fault_at_key("missing-key", &route, "the key `condition` is missing", help));
        return None;
    };
    let mut bounds = Vec::new();
    let (mut field, mut percentile) = (None, None);
    for (key, value) in condition {
        let key = scalar(key).unwrap_or_default();
        let route = child(&at("condition"), &key);
        let operator = Operator::NAMES.iter().find(|(name, _)| *name == key).map(|(_, operator)| *operator);
        match (key.as_str(), operator, value.as_f64()) {
            (_, Some(operator), Some(limit)) => bounds.push(Bound { operator, limit }),
            ("field", ..) => field = scalar(value),
            ("percentile", _, Some(number)) if (1.0..=100.0).contains(&number) => percentile = Some(number as u8),
            ("percentile", ..) | (_, Some(_), None) => {
                let help = "write a number; a percentile is one from 1 to 100";
                faults.push(yaml.fault_at("wrong-value", &route, format!("this is no number for `{key}`"), help));
                return None;
            }
            _ => {
                let names = Operator::NAMES.iter().map(|(name, _)| *name).chain(["field", "percentile"]);
                let help = match nearest(&key, names) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "a condition holds gt, gte, lt, lte, eq, neq, field and percentile".to_owned(),
                };
                faults.push(yaml.fault_at_key("unknown-key", &route, format!("there is no key `{key}` here"), help));
                return None;
            }
        }
    }
    let mut needs = |key: &str, help: &str| {
        let message = format!("a correlation of the type `{kind}` needs `{key}` in its condition");
        faults.push(yaml.fault_at_key("missing-key", &at("condition"), message, help));
    };
    if bounds.is_empty() {
        needs("gte", "add a limit: gt, gte, lt, lte, eq or neq");
        return None;
    }
    let measure = match (kind, field, percentile) {
        ("event_count", ..) => Measure::Events,
        ("temporal" | "temporal_ordered", ..) => Measure::Together { ordered, condition: None },
        (_, None, _) => {
            needs("field", "add `field:` with the name of a capture, a fact or a field of the records");
            return None;
        }
        ("value_count", Some(field), _) => Measure::Values(field),
        ("value_sum", Some(field), _) => Measure::Sum(field),
        ("value_avg", Some(field), _) => Measure::Average(field),
        ("value_median", Some(field), _) => Measure::Median(field),
        (_, Some(field), Some(percentile)) => Measure::Percentile(field, percentile),
        (_, Some(_), None) => {
            needs("percentile", "add `percentile: 95`, a number from 1 to 100");
            return None;
        }
    };
    if let Some(why) = ways::impossible(&measure, &bounds, rules.len()) {
        let help = "mend the limits: as they stand, the correlation can never hold";
        faults.push(yaml.fault_at("impossible-condition", &at("condition"), why, help));
        return None;
    }
    Some((measure, bounds))
}

/// The condition over rules; without one, all of them.
fn over_rules(yaml: &Yaml, written: Option<&str>, rules: &[String], faults: &mut Vec<Fault>) -> Option<Condition> {
    let Some(written) = written else {
        return Some(Condition::All((0..rules.len()).map(Condition::Selection).collect()));
    };
    let refused = match condition::parse(written, rules) {
        Ok(parsed) => match ways::ways(&parsed) {
            Some(ways) if ways.iter().any(|way| !way.is_empty()) => return Some(parsed),
            Some(_) => ("impossible-condition", "the condition asks for no rule that must hit".to_owned()),
            None => ("bad-condition", "the condition can be met in more ways than can be tried".to_owned()),
        },
        Err(error) => ("bad-condition", error.message.replace("selection", "rule")),
    };
    let help = format!("join names of `rules` with and, or, not and brackets: {}", rules.join(", "));
    faults.push(yaml.fault_at(refused.0, &at("condition"), refused.1, help));
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_a_number_and_a_unit() {
        assert_eq!(
            [span("90s"), span("10m"), span("2h"), span("7d")],
            [Some(90), Some(600), Some(7_200), Some(604_800)]
        );
        assert_eq!([span("10 minutes"), span("h"), span("")], [None, None, None]);
    }
}
