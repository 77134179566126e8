//! Which lines of a mail belong to the case that is drafted, where a mail speaks of several.
//!
//! A line that is nothing but the number of another case gives that case all lines that follow, up to one with the
//! number of our own, or to the end of the mail. Rather too little is taken than words of another case.

use std::sync::LazyLock;

use regex::Regex;

use super::subject::number;
use super::words::{after, words};

/// The lines of a mail that belong to `case`.
pub(super) fn lines<'l>(lines: &[&'l str], case: &str) -> Vec<&'l str> {
    let mut ours = true;
    let mut own = Vec::new();
    for line in lines {
        match number_alone(line) {
            Some(number) if !is_relative(number, case) => {}
            Some(number) => {
                ours = is_of(number, case);
                continue;
            }
            None => {}
        }
        if ours {
            own.push(*line);
        }
    }
    own
}

/// Whether a text names the case; a thread may know it by its number without the last part.
pub(super) fn is_of(text: &str, case: &str) -> bool {
    let begins =
        |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    number(text).is_some_and(|number| begins(case, number) || begins(number, case))
}

/// Whether two numbers are of one series, so that one is a case if the other is.
fn is_relative(number: &str, case: &str) -> bool {
    number.split('-').next() == case.split('-').next()
}

/// The number of a case, where a line holds nothing else but a word for it and brackets.
pub(super) fn number_alone(line: &str) -> Option<&str> {
    static MARKS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^[\s\[\]【】()（）#*:：.,，、0-9-]*$").expect("the expression is valid"));
    let number = number(line)?;
    let (before, behind) = line.split_once(number)?;
    let before = before.trim_start_matches(|letter: char| !letter.is_alphanumeric());
    let before = words("case").find_map(|word| after(before, word)).unwrap_or(before);
    (MARKS.is_match(before) && MARKS.is_match(behind)).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mail: &str, expected: &[&str]) {
        let mail: Vec<&str> = mail.lines().collect();
        assert_eq!(lines(&mail, "CAS-00002-X1"), expected);
    }

    #[test]
    fn lines_below_the_number_of_another_case_are_left_out() {
        check("a\nCAS-00001\nb\n案例号：CAS-00002-X1\nc\n[Case CAS-00003]\nd", &["a", "c"]);
    }

    #[test]
    fn numbers_in_sentences_and_of_other_things_take_nothing() {
        check("as in CAS-00001 before\nKB-4561621\nb", &["as in CAS-00001 before", "KB-4561621", "b"]);
    }
}
