//! The words that introduce a part of a mail, in two languages: `words.csv`, asked by every other file here.
//!
//! A line is a label if nothing but a number or a bracket stands before the word, and nothing or a colon behind it.

use std::sync::LazyLock;

use regex::Regex;

/// Kind and word, longest words first.
static WORDS: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    let mut words: Vec<_> = include_str!("words.csv").lines().skip(1).filter_map(|line| line.split_once(',')).collect();
    words.sort_by_key(|(_, word)| std::cmp::Reverse(word.len()));
    words
});

/// What may stand before a label: a number or a mark of a list.
static NUMBERING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*[【\[*#>]*\s*(?:[（(]?(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})[)）.、．]\s*)?")
        .expect("the expression above is valid")
});

/// The kind of what a line introduces, and what follows on the line.
pub(super) fn label(line: &str) -> Option<(&'static str, &str)> {
    let start = NUMBERING.find(line).map_or(0, |found| found.end());
    let bare = line[start..].trim();
    WORDS.iter().find_map(|(kind, word)| {
        let rest = after(bare, word)?.trim_start_matches(['】', ']', '*', ' ']);
        if let Some(text) = rest.strip_prefix([':', '：']) {
            return Some((*kind, text.trim()));
        }
        let counts = *kind == "affected" && rest.starts_with(|first: char| first.is_ascii_digit());
        (rest.is_empty() || counts).then_some((*kind, rest))
    })
}

/// All words of a kind, longest first.
pub(super) fn words(kind: &str) -> impl Iterator<Item = &'static str> {
    WORDS.iter().filter(move |(known, _)| *known == kind).map(|(_, word)| *word)
}

/// Whether a text holds a word of the kind, in any case.
pub(super) fn holds(kind: &str, text: &str) -> bool {
    let text = text.to_lowercase();
    words(kind).any(|word| text.contains(&word.to_lowercase()))
}

/// What follows where `text` begins with `word`, in any case.
pub(super) fn after<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let head = text.get(..word.len())?;
    head.eq_ignore_ascii_case(word).then(|| &text[word.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Option<(&str, &str)>) {
        assert_eq!(label(line), expected, "{line}");
    }

    #[test]
    fn labels_are_words_alone_or_before_a_colon() {
        check("案例描述：", Some(("symptom", "")));
        check("一、原因分析: 权限被改", Some(("analysis", "权限被改")));
        check("【进展/结果】", Some(("outcome", "")));
        check("2. Root cause: a filter", Some(("analysis", "a filter")));
        check("受影响数量5-6台", Some(("affected", "5-6台")));
    }

    #[test]
    fn words_inside_a_sentence_are_no_labels() {
        check("影响很大", None);
        check("From what we saw it fails", None);
        check("分析如下", None);
    }
}
