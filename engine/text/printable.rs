//! Makes text from a customer's file safe to show on a terminal, in a mail and on a page.
//!
//! Called wherever evidence or the name of an entry is shown. Control characters can move the cursor,
//! end a header, or turn the reading direction so that a name shows another ending than it has; they are
//! replaced by visible signs. Line ends are control characters too: a caller with several lines splits
//! them first. Markup is not escaped here, because each output has its own.

use std::borrow::Cow;
use std::fmt::Write;

/// The text with control, reading-direction and escape characters made visible; tabs stay.
pub fn printable(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(is_hidden) else {
        return Cow::Borrowed(text);
    };
    let mut shown = String::with_capacity(text.len() + 16);
    shown.push_str(&text[..first]);
    for letter in text[first..].chars() {
        show(letter, &mut shown);
    }
    Cow::Owned(shown)
}

fn is_hidden(letter: char) -> bool {
    (letter.is_control() && letter != '\t')
        || matches!(letter,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn show(letter: char, shown: &mut String) {
    if !is_hidden(letter) {
        shown.push(letter);
        return;
    }
    match letter {
        // Unicode has a picture for each ASCII control character, in the same order.
        '\0'..='\x1f' => shown.extend(char::from_u32(0x2400 + u32::from(letter))),
        '\x7f' => shown.push('\u{2421}'),
        // Writing to a string cannot fail.
        _ => drop(write!(shown, "⟨U+{:04X}⟩", u32::from(letter))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(printable(text), expected);
    }

    #[test]
    fn ordinary_text_is_not_copied() {
        assert!(matches!(printable("Error\t拒绝访问 é"), Cow::Borrowed(_)));
    }

    #[test]
    fn terminal_escapes_are_shown() {
        check("a\x1b[31mb\x07\x7f", "a␛[31mb␇␡");
        check("\u{9b}31m", "⟨U+009B⟩31m");
    }

    #[test]
    fn line_ends_cannot_start_another_header() {
        check("subject\r\nBcc: x", "subject␍␊Bcc: x");
        check("a\u{2028}b", "a⟨U+2028⟩b");
    }

    #[test]
    fn reading_direction_cannot_disguise_a_name() {
        check("log\u{202e}txt.exe", "log⟨U+202E⟩txt.exe");
    }
}
