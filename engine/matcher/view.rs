//! A record as rules see it: fields by name, facts read from its text once and only when asked for.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::facts::{self, Role};
use crate::logs::Record;
use crate::signature::{FACTS, FieldValue};

/// One record with its fields and facts.
pub(crate) struct View<'r> {
    record: &'r Record<'r>,
    whole: [OnceCell<Vec<FieldValue<'r>>>; 2],
    facts: [OnceCell<Vec<FieldValue<'r>>>; FACTS.len()],
    others: OnceCell<BTreeMap<String, Vec<FieldValue<'r>>>>,
}

impl<'r> View<'r> {
    pub(crate) fn new(record: &'r Record<'r>) -> Self {
        View { record, whole: Default::default(), facts: Default::default(), others: OnceCell::new() }
    }

    /// The values of a field in every form a rule may name them in.
    pub(crate) fn values(&self, field: &str) -> &[FieldValue<'r>] {
        match field {
            "" | "text" => self.whole[0].get_or_init(|| vec![FieldValue::new(self.record.text)]),
            "message" => self.whole[1].get_or_init(|| vec![FieldValue::new(self.record.message)]),
            _ => match FACTS.iter().position(|fact| *fact == field) {
                Some(index) => self.facts[index].get_or_init(|| self.read_fact(field)),
                None => self.others().get(field).map(Vec::as_slice).unwrap_or_default(),
            },
        }
    }

    /// The plain values of a fact, one form each: what a report shows.
    pub(crate) fn fact(&self, name: &str) -> Vec<String> {
        let text = self.record.text;
        let named = self.named(name);
        if !named.is_empty() {
            return named.into_iter().map(str::to_owned).collect();
        }
        let read = match name {
            "error" => return self.main_errors().map(spoken).collect(),
            "path" => facts::paths(text),
            "kb" => facts::kbs(text),
            "package" => facts::packages(text),
            "version" => facts::versions(text),
            "process" => facts::processes(text),
            _ => Vec::new(),
        };
        let mut values: Vec<String> = Vec::new();
        for fact in read {
            if !values.contains(&fact.value) {
                values.push(fact.value);
            }
        }
        values
    }

    /// The codes the record is about: neither success nor the thread's last error.
    pub(crate) fn main_errors(&self) -> impl Iterator<Item = facts::Code> + use<> {
        let mut codes: Vec<facts::Code> = Vec::new();
        for fact in facts::errors(self.record.text) {
            if fact.role == Role::Main && !codes.contains(&fact.code) {
                codes.push(fact.code);
            }
        }
        codes.into_iter()
    }

    fn named(&self, name: &str) -> Vec<&'r str> {
        let fields = self.record.fields.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name));
        fields.map(|(_, value)| value.as_ref()).collect()
    }

    fn read_fact(&self, name: &str) -> Vec<FieldValue<'r>> {
        forms(name, self.fact(name))
    }

    fn others(&self) -> &BTreeMap<String, Vec<FieldValue<'r>>> {
        self.others.get_or_init(|| {
            let record = self.record;
            let columns = [("level", record.level), ("component", record.component)];
            let columns =
                columns.into_iter().filter_map(|(name, value)| Some((name.to_owned(), FieldValue::new(value?))));
            let fields =
                record.fields.iter().map(|(name, value)| (name.to_lowercase(), FieldValue::new(value.as_ref())));
            let mut others: BTreeMap<String, Vec<FieldValue<'r>>> = BTreeMap::new();
            for (name, value) in columns.chain(fields) {
                others.entry(name).or_default().push(value);
            }
            others
        })
    }
}

/// The values of a fact, each in every form in which a rule or case may name it.
pub(crate) fn forms<'v>(name: &str, values: Vec<String>) -> Vec<FieldValue<'v>> {
    let mut all: Vec<FieldValue<'v>> = Vec::new();
    for value in values {
        match name {
            "path" => all.extend(facts::path_forms(&value).into_iter().map(FieldValue::new)),
            "error" => all.extend(facts::parse_code(&value).map(|code| FieldValue::new(code.hex()))),
            _ => {}
        }
        all.push(FieldValue::new(value));
    }
    all
}

/// An error as a report names it.
pub(crate) fn spoken(code: facts::Code) -> String {
    code.name().map_or_else(|| code.hex(), str::to_owned)
}
