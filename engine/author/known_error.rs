//! `new known-error`: a known error that asks for rules that exist, with a comment at each key.

use crate::author::rule::title_of;
use crate::author::{AuthorError, Written, name, place, unknown, yaml};
use crate::signature::{FACTS, Knowledge, Rule, Source};

/// Writes `cases/<id>/known-error.yml`, which asks for `rules`.
///
/// # Errors
/// [`AuthorError`] where the name cannot be used, a rule does not exist, or the file cannot be written.
pub fn new_known_error(
    source: &Source,
    knowledge: &Knowledge,
    id: &str,
    rules: &[String],
) -> Result<Written, AuthorError> {
    let root = place::root(source)?;
    name::known_error(id)?;
    let find = |rule: &String| {
        let help = format!("`casebook new rule {rule}` writes one");
        knowledge
            .rules
            .get(rule)
            .ok_or_else(|| unknown("rule", rule, knowledge.rules.keys().map(String::as_str), &help))
    };
    let rules: Vec<&Rule> = rules.iter().map(find).collect::<Result<_, _>>()?;
    let file = format!("cases/{id}/known-error.yml");
    place::write_file(root, &file, &scaffold(id, &rules))?;
    let note = format!("its proof is a case (`casebook new case {id} …`), or excerpts in cases/{id}/logs/");
    Ok(Written { files: vec![file], notes: vec![note] })
}

fn scaffold(id: &str, rules: &[&Rule]) -> String {
    let mut text = format!(
        "# A known error is a cause that is understood. docs/language.md describes every key.\n\
         \n\
         # What it is, in a sentence.\n\
         title:\n  zh-CN: ''\n  en: {title}\n\
         # The part of servicing it belongs to, one word.\n\
         area: servicing\n\
         # low, medium, high or critical\n\
         severity: medium\n\
         # Why it happens. Say where it is a guess.\n\
         cause:\n  zh-CN: ''\n  en: ''\n\
         # What helps at once.\n\
         workaround:\n  zh-CN: ''\n  en: ''\n\
         # What removes the cause.\n\
         fix:\n  zh-CN: ''\n  en: ''\n\
         # Where the facts come from, as links.\n\
         references: []\n\
         # What must be found. `all`: every one; `any`: at least one; `not`: none; `supports`: strengthens.\n\
         # `where` narrows an item to values the rule captures; say there what only this failure shows.\n\
         signature:\n  all:\n",
        title = yaml::quoted(&title_of(id)),
    );
    for rule in rules {
        let mut names: Vec<&str> = rule.detection.captures().into_iter().collect();
        if names.is_empty() {
            names.extend(FACTS);
        }
        text.push_str(&format!("    - rule: {}\n", rule.id));
        text.push_str(&format!("      # where: {{…}}, of: {}\n", names.join(", ")));
    }
    text
}
