//! The parts of a mail that a word introduces: symptom, analysis, outcome and the like.

use super::split::is_rule;
use super::words::{label, words};

/// The kinds of sections that are keys of a case.
pub(super) const KEYS: [&str; 8] =
    ["category", "environment", "symptom", "impact", "actions", "analysis", "outcome", "affected"];

/// A part of a mail.
#[derive(Debug)]
pub(super) struct Section {
    /// The key of a case that it tells.
    pub(super) kind: &'static str,
    /// What it says.
    pub(super) text: String,
}

/// The sections of a mail, in order; those that say nothing are left out.
pub(super) fn read(lines: &[&str]) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut open: Option<Section> = None;
    for line in lines {
        let found = label(line);
        let ends = is_rule(line) || words("farewell").any(|word| line.trim_start().starts_with(word));
        match found {
            // How many are affected is told in a line, in the middle of a longer section.
            Some(("affected", rest)) => {
                sections.extend((!rest.is_empty()).then(|| Section { kind: "affected", text: rest.to_owned() }));
            }
            Some((kind, rest)) => {
                sections.extend(open.take());
                let kind = KEYS.into_iter().find(|key| *key == kind);
                open = kind.map(|kind| Section { kind, text: rest.to_owned() });
            }
            None if ends => sections.extend(open.take()),
            None => {
                if let Some(section) = &mut open {
                    section.text.push('\n');
                    section.text.push_str(line);
                }
            }
        }
    }
    sections.extend(open);
    sections.retain_mut(|section| {
        section.text = section.text.trim().to_owned();
        !section.text.is_empty()
    });
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_both_languages_introduce_sections() {
        let mail = "案例描述：\n装不上\n受影响数量5-6台\n案例分析：\n一、对比\n1）权限被改\n------\n电话\nRoot cause: a filter\nResolution:\nRegards\nX";
        let lines: Vec<&str> = mail.lines().collect();
        let told: Vec<String> =
            read(&lines).into_iter().map(|section| format!("{}={}", section.kind, section.text)).collect();
        let expected = ["affected=5-6台", "symptom=装不上", "analysis=一、对比\n1）权限被改", "analysis=a filter"];
        assert_eq!(told, expected);
    }
}
