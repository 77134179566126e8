//! Neutral words for people: what `check` would refuse, and names beside a title or a telephone.

use std::sync::LazyLock;

use regex::Regex;

use super::words::words;
use crate::check;

/// A name before or after a title, in Chinese and in English.
static TITLED: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    let any = |kind| words(kind).map(regex::escape).collect::<Vec<_>>().join("|");
    let chinese = format!(r"\p{{Han}}(?:{})", any("after-name"));
    let english = format!(r"(?-u:\b)(?:{})\.? [A-Z][A-Za-z-]+", any("before-name"));
    [chinese, english].map(|expression| Regex::new(&expression).expect("its words are escaped"))
});

/// A number after a word for a telephone.
static TELEPHONE: LazyLock<Regex> = LazyLock::new(|| {
    let words = words("phone").map(regex::escape).collect::<Vec<_>>().join("|");
    Regex::new(&format!(r"(?i)((?:{words})[:：.]?\s*)\+?[0-9][0-9() -]{{6,}}[0-9]")).expect("its words are escaped")
});

/// The text with neutral words for people.
pub(super) fn neutral(text: &str) -> String {
    let line = |line: &str| {
        let line = TITLED[0].replace_all(line, "联系人");
        let line = TITLED[1].replace_all(&line, "the contact");
        check::neutral(&TELEPHONE.replace_all(&line, "${1}000-0000-0000"))
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(neutral(text), expected);
    }

    #[test]
    fn names_beside_titles_and_telephones_are_replaced() {
        check("与甲先生沟通，热线4000000001", "与联系人沟通，热线000-0000-0000");
        check("asked Mr. Example\nTel: 010-5555 1234", "asked the contact\nTel: 000-0000-0000");
        check(r"C:\Users\jdoe\x by j.doe@bank.test", r"C:\Users\user\x by user@customer.example");
    }
}
