//! A correlation: what several findings come to together, in Sigma's form.
//!
//! `library` reads the documents first and resolves the rules they name when all are known. `matcher` evaluates what
//! is built here over the hits of those rules.

use std::collections::BTreeMap;

use crate::signature::condition::Condition;
use crate::signature::examples::Examples;
use crate::signature::head::Level;
use crate::signature::texts::Texts;

/// Something that holds of several records.
#[derive(Debug)]
pub struct Correlation {
    /// Its path below `rules/`, and behind it the name of a further document.
    pub id: String,
    /// The file, for faults.
    pub file: String,
    /// What a support engineer would call it.
    pub title: Texts,
    /// What it is and what it does not say.
    pub description: Texts,
    /// How much it weighs.
    pub level: Level,
    /// Ids of the rules and correlations whose hits it looks at, in the order of the file.
    pub rules: Vec<String>,
    /// Names whose values must be the same for all hits.
    pub group_by: Vec<String>,
    /// For a name and the position of a rule, the field of the rule's records that stands for the name.
    pub aliases: BTreeMap<(String, usize), String>,
    /// How far apart the hits may lie.
    pub window: Window,
    /// What is asked of them.
    pub measure: Measure,
    /// What must hold of the number that the measure gives.
    pub bounds: Vec<Bound>,
    /// Logs it must and must not hold of.
    pub examples: Examples,
}

/// How far apart hits may lie; without either, anywhere in the bundle.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Window {
    /// Seconds from first to last, on one clock.
    pub seconds: Option<i64>,
    /// Lines from first to last, in one entry.
    pub lines: Option<u64>,
}

/// What is asked of the hits in a window.
#[derive(Clone, PartialEq, Debug)]
pub enum Measure {
    /// How many there are.
    Events,
    /// How many different values a field has.
    Values(String),
    /// The sum of a field's numbers.
    Sum(String),
    /// The mean of a field's numbers.
    Average(String),
    /// The number below or at which so many of a hundred lie.
    Percentile(String, u8),
    /// The number in the middle.
    Median(String),
    /// Which of the rules hit.
    Together {
        /// Whether they must hit in the order of the list.
        ordered: bool,
        /// Which of them, by position; none where their number decides.
        condition: Option<Condition>,
    },
}

/// A limit on the number that a measure gives.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Bound {
    /// How the number is compared.
    pub operator: Operator,
    /// With what.
    pub limit: f64,
}

/// How a number is compared with a limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operator {
    /// It is the limit.
    Equal,
    /// It is not.
    NotEqual,
    /// It is smaller.
    Less,
    /// It is not larger.
    LessOrEqual,
    /// It is larger.
    Greater,
    /// It is not smaller.
    GreaterOrEqual,
}

impl Operator {
    /// Every operator under its name in Sigma.
    pub(crate) const NAMES: [(&'static str, Operator); 6] = [
        ("eq", Operator::Equal),
        ("neq", Operator::NotEqual),
        ("lt", Operator::Less),
        ("lte", Operator::LessOrEqual),
        ("gt", Operator::Greater),
        ("gte", Operator::GreaterOrEqual),
    ];
}

impl Bound {
    /// Whether the number keeps the limit.
    pub fn holds(&self, number: f64) -> bool {
        match self.operator {
            Operator::Equal => number == self.limit,
            Operator::NotEqual => number != self.limit,
            Operator::Less => number < self.limit,
            Operator::LessOrEqual => number <= self.limit,
            Operator::Greater => number > self.limit,
            Operator::GreaterOrEqual => number >= self.limit,
        }
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let operator = match self.operator {
            Operator::Equal => "=",
            Operator::NotEqual => "≠",
            Operator::Less => "<",
            Operator::LessOrEqual => "≤",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => "≥",
        };
        write!(formatter, "{operator} {}", self.limit)
    }
}

impl Measure {
    /// The field whose values are measured.
    pub fn field(&self) -> Option<&str> {
        match self {
            Measure::Events | Measure::Together { .. } => None,
            Measure::Values(field)
            | Measure::Sum(field)
            | Measure::Average(field)
            | Measure::Percentile(field, _)
            | Measure::Median(field) => Some(field),
        }
    }

    /// The name of the fact that holds the number.
    pub fn fact(&self) -> &'static str {
        match self {
            Measure::Events | Measure::Values(_) | Measure::Together { .. } => "count",
            Measure::Sum(_) => "sum",
            Measure::Average(_) => "average",
            Measure::Percentile(..) => "percentile",
            Measure::Median(_) => "median",
        }
    }
}

impl Correlation {
    /// The field that stands for `name` in the hits of the rule at `position`, in lower case.
    pub fn field(&self, name: &str, position: usize) -> String {
        let field = self.aliases.get(&(name.to_owned(), position)).map_or(name, String::as_str);
        field.to_lowercase()
    }

    /// Names of the facts that its findings have.
    pub fn captures(&self) -> impl Iterator<Item = &str> {
        self.group_by.iter().map(String::as_str).chain([self.measure.fact()])
    }
}
