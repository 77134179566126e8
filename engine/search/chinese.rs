//! Folds the ways in which one character can be written: full width and half width, traditional and simplified.
//!
//! The analyser calls it for each character of a text and of a query, so that both meet. One character becomes one, and
//! positions in the folded text are positions in the original. The table `traditional.txt` holds the pairs of the
//! general table of simplified characters whose traditional form is in common use; words that Taiwan and the mainland
//! form differently (軟體, 软件) are synonyms and stand in the knowledge base.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The character in the one form that the index knows; letters keep their case.
pub(super) fn fold(letter: char) -> char {
    match letter {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        _ if is_han(letter) => SIMPLIFIED.get(&letter).copied().unwrap_or(letter),
        _ => letter,
    }
}

/// Whether a character belongs to a script that is written without spaces.
pub(super) fn is_han(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{3040}'..='\u{30ff}' | '\u{20000}'..='\u{2fa1f}')
}

static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let pairs = include_str!("traditional.txt").split_whitespace().filter_map(|pair| {
        let mut letters = pair.chars();
        Some((letters.next()?, letters.next()?))
    });
    pairs.collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(text.chars().map(fold).collect::<String>(), expected);
    }

    #[test]
    fn traditional_and_full_width_forms_fold() {
        check("驅動程式錯誤", "驱动程式错误");
        check("０ｘ８００７", "0x8007");
        check("啟動　（失敗）", "启动 (失败)");
    }

    #[test]
    fn what_is_simplified_stays() {
        check("拒绝访问 WpdMtp", "拒绝访问 WpdMtp");
    }
}
