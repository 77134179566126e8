//! Lists of values for the placeholders of `|expand`: `rules/values.yml`, and a site's own beside its filters.

use std::collections::BTreeMap;

use serde_yaml::Value;

use crate::signature::detection::{child, scalar};
use crate::signature::fault::Fault;
use crate::signature::yaml::Yaml;

/// The values by placeholder.
#[derive(Default)]
pub(crate) struct Values(BTreeMap<String, Vec<String>>);

/// Most values that one text with placeholders may come to.
const MOST_VALUES: usize = 10_000;

impl Values {
    /// Adds the lists of a file: `placeholder: [value, …]`.
    pub(crate) fn add(&mut self, file: &str, bytes: &[u8], faults: &mut Vec<Fault>) {
        let Some(yaml) = Yaml::read(file, bytes, faults) else { return };
        let Some(lists) = yaml.decode::<BTreeMap<String, Value>>(&[], &[], faults) else { return };
        for (name, list) in lists {
            let items = match &list {
                Value::Sequence(items) => items.as_slice(),
                one => std::slice::from_ref(one),
            };
            for (index, item) in items.iter().enumerate() {
                match scalar(item) {
                    Some(value) => self.0.entry(name.clone()).or_default().push(value),
                    None => {
                        let route = child(std::slice::from_ref(&name), &index.to_string());
                        let help = "write `placeholder: [value, value]`";
                        faults.push(yaml.fault_at("wrong-value", &route, "this is no string or number", help));
                    }
                }
            }
        }
    }

    /// Every text that `written` stands for, with its placeholders `%name%` replaced.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub(crate) fn expand(&self, written: &str) -> Result<Vec<String>, String> {
        let mut texts = vec![String::new()];
        let mut rest = written;
        while let Some((head, name, tail)) = placeholder(rest) {
            let values = self.0.get(name).ok_or_else(|| format!("there are no values for the placeholder `{name}`"))?;
            if texts.len() * values.len() > MOST_VALUES {
                return Err(format!("`{written}` stands for more than {MOST_VALUES} values"));
            }
            texts =
                texts.iter().flat_map(|text| values.iter().map(move |value| format!("{text}{head}{value}"))).collect();
            rest = tail;
        }
        texts.iter_mut().for_each(|text| text.push_str(rest));
        Ok(texts)
    }

    /// Names of all placeholders.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// What stands before the first `%name%`, the name, and what stands behind.
fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find('%')?;
        let end = start + 1 + text[start + 1..].find('%')?;
        let name = &text[start + 1..end];
        let is_name = |char: char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.');
        if !name.is_empty() && name.chars().all(is_name) {
            return Some((&text[..start], name, &text[end + 1..]));
        }
        from = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(written: &str, expected: Result<&[&str], &str>) {
        let mut values = Values::default();
        let mut faults = Vec::new();
        values.add("values.yml", b"host: [pc1, pc2]\nport: 80\n", &mut faults);
        values.add("site/values.yml", b"host: pc3\n", &mut faults);
        assert!(faults.is_empty(), "{faults:?}");
        let expected = expected.map(|texts| texts.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(values.expand(written), expected.map_err(str::to_owned), "{written}");
    }

    #[test]
    fn placeholders_stand_for_all_their_values() {
        check("%host%:%port%", Ok(&["pc1:80", "pc2:80", "pc3:80"]));
        check(r"50 % of %port% in %host", Ok(&["50 % of 80 in %host"]));
        check("plain", Ok(&["plain"]));
        check("%user%", Err("there are no values for the placeholder `user`"));
    }
}
