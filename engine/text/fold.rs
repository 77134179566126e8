//! Folds case for comparison in a way that a byte-wise prefilter can follow.
//!
//! Called by the loader of rules and by the matcher, on both sides of each comparison. Unicode's own
//! folding turns a few letters into ASCII ones (the Kelvin sign into `k`), so a search for ASCII bytes
//! in either case would miss what a comparison finds. Those letters are left as they are.

/// The text with its case folded, letter by letter.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().map(fold_char).collect()
}

/// The folded form of a letter: never ASCII where the letter is not, and always one letter.
pub fn fold_char(letter: char) -> char {
    if letter.is_ascii() {
        return letter.to_ascii_lowercase();
    }
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(folded), None) if !folded.is_ascii() => folded,
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(fold(text), expected);
    }

    #[test]
    fn ascii_letters_fold() {
        check(r"C:\Windows\INF", r"c:\windows\inf");
    }

    #[test]
    fn other_letters_fold_to_other_letters() {
        check("ÄÉ Ж Σ", "äé ж σ");
        check("拒绝访问", "拒绝访问");
    }

    #[test]
    fn no_letter_becomes_ascii_and_none_becomes_two() {
        check("\u{212a}", "\u{212a}");
        check("\u{130}", "\u{130}");
    }
}
