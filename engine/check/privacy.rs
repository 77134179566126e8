//! No person in the knowledge base: addresses, telephone numbers, account names and machine names are faults.
//!
//! Looks at every file of the knowledge base, excerpts too, because they come from customers. What stands for a
//! person on purpose (`@support.example`, `C:\Users\user`) passes.

use std::sync::LazyLock;

use regex::{Captures, Match, Regex};

use crate::signature::{Fault, Position, Source, SourceError};
use crate::text::TextReader;

/// What gives a person away, and what to write instead.
struct Sign {
    name: &'static str,
    expression: &'static str,
    help: &'static str,
    stand_in: &'static str,
}

const SIGNS: [Sign; 7] = [
    Sign {
        name: "an e-mail address",
        expression: r"(?-u:\b)[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}(?-u:\b)",
        help: "write a neutral one such as user@customer.example",
        stand_in: "user@customer.example",
    },
    Sign {
        name: "a mobile number",
        expression: r"(?:^|[^0-9A-Za-z_.-])((?:\+?86[- ]?)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4})(?:$|[^0-9A-Za-z_.-])",
        help: "leave it out, or write 000-0000-0000",
        stand_in: "000-0000-0000",
    },
    Sign {
        name: "a telephone number",
        expression: r"(?:^|[^0-9A-Za-z_.-])(0[1-9][0-9]{1,2}-[1-9][0-9]{6,7})(?:$|[^0-9A-Za-z_.-])",
        help: "leave it out, or write 000-0000-0000",
        stand_in: "000-0000-0000",
    },
    Sign {
        name: "an address inside of somebody's network",
        expression: r"(?:^|[^0-9A-Za-z_.~-])((?:10\.[0-9]{1,3}|192\.168|172\.(?:1[6-9]|2[0-9]|3[01]))\.[0-9]{1,3}\.[0-9]{1,3})(?:$|[^0-9A-Za-z_./-])",
        help: "write one that is kept for examples, such as 192.0.2.1",
        stand_in: "192.0.2.1",
    },
    Sign {
        name: "the SID of an account",
        expression: r"S-1-5-21-[0-9]+-[0-9]+-[0-9]+-[0-9]+",
        help: "replace its numbers, such as S-1-5-21-1-2-3-1001",
        stand_in: "S-1-5-21-1-2-3-1001",
    },
    Sign {
        name: "an account name in a path",
        expression: r#"(?i)[\\/]users[\\/]+(?:([^\\/\s'<>|:*?]+)[\\/]|([^\\/\s'"<>|:*?,;()\[\]{}`，。；：、（）“”]*[^\\/\s'"<>|:*?,;()\[\]{}`，。；：、（）“”.]))"#,
        help: r"write C:\Users\user",
        stand_in: "user",
    },
    Sign {
        name: "the name of a machine",
        expression: r"(?-u:\b)(?:DESKTOP|LAPTOP|WIN)-[A-Z0-9]{7,11}(?-u:\b)",
        help: "write a neutral name such as PC01",
        stand_in: "PC01",
    },
];

/// Names that stand for nobody.
const NEUTRAL: [&str; 14] = [
    ".example",
    "public",
    "default",
    "default user",
    "all users",
    "user",
    "users",
    "username",
    "administrator",
    "defaultuser0",
    "%username%",
    "s-1-5-21-1-2-3-",
    "example.com",
    "…",
];

static EXPRESSIONS: LazyLock<Vec<Regex>> =
    LazyLock::new(|| SIGNS.iter().filter_map(|sign| Regex::new(sign.expression).ok()).collect());

/// Every place in the knowledge base that gives a person away.
pub(super) fn check(source: &Source) -> Result<Vec<Fault>, SourceError> {
    let mut faults = Vec::new();
    for folder in ["rules", "cases", "templates"] {
        for file in source.list(folder)? {
            // What cannot be read is said where it is needed.
            let Ok(bytes) = source.read(&file) else { continue };
            let mut text = String::new();
            // Reading from memory does not fail; what could not be decoded is read as far as it goes.
            let _ = TextReader::new(bytes.as_slice()).fill(&mut text, usize::MAX);
            faults.extend(text.lines().enumerate().flat_map(|(index, line)| in_line(&file, index + 1, line)));
        }
    }
    Ok(faults)
}

/// The text with a neutral word for everything that [`check`] would call a person's.
pub fn neutral(text: &str) -> String {
    let mut text = text.to_owned();
    for (sign, expression) in SIGNS.iter().zip(EXPRESSIONS.iter()) {
        let mut at = 0;
        while let Some(found) = expression.captures_at(&text, at).and_then(|found| shown(&found)) {
            let range = found.range();
            if is_neutral(found.as_str().trim()) {
                at = range.end;
                continue;
            }
            text.replace_range(range.clone(), sign.stand_in);
            at = range.start + sign.stand_in.len();
        }
    }
    text
}

/// The part of a match that gives the person away: a group where one took part, else all of it.
fn shown<'t>(found: &Captures<'t>) -> Option<Match<'t>> {
    found.get(1).or_else(|| found.get(2)).or_else(|| found.get(0))
}

/// Whether what looks like a person's stands for nobody.
fn is_neutral(shown: &str) -> bool {
    let folded = shown.to_lowercase();
    NEUTRAL.contains(&folded.as_str()) || folded.ends_with(".example") || folded.starts_with("s-1-5-21-1-2-3-")
}

fn in_line(file: &str, line: usize, text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (sign, expression) in SIGNS.iter().zip(EXPRESSIONS.iter()) {
        for found in expression.captures_iter(text) {
            let Some(found) = shown(&found) else { continue };
            let shown = found.as_str().trim();
            if is_neutral(shown) {
                continue;
            }
            let column = text[..found.start()].chars().count() + 1;
            let position = Position { line, column, width: shown.chars().count().max(1) };
            let message = format!("`{shown}` looks like {}", sign.name);
            faults.push(Fault::on_file("personal-data", file, message, sign.help).at(position, text));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &[&str]) {
        let found: Vec<String> = in_line("x", 1, line).into_iter().map(|fault| fault.message).collect();
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn what_names_a_person_is_found() {
        check("写信给 li.wei@bank.test 即可", &["`li.wei@bank.test` looks like an e-mail address"]);
        check("电话 13812345678。", &["`13812345678` looks like a mobile number"]);
        check(r"C:\Users\liwei\AppData", &["`liwei` looks like an account name in a path"]);
        check(r"Profile C:\Users\li.wei.", &["`li.wei` looks like an account name in a path"]);
        check("电话 010-62345678。", &["`010-62345678` looks like a telephone number"]);
        check("Server 10.34.2.17 denied", &["`10.34.2.17` looks like an address inside of somebody's network"]);
        check("on DESKTOP-4K7Q2ZX1 today", &["`DESKTOP-4K7Q2ZX1` looks like the name of a machine"]);
        check(
            "S-1-5-21-397955417-626881126-188441444-1010",
            &["`S-1-5-21-397955417-626881126-188441444-1010` looks like the SID of an account"],
        );
    }

    #[test]
    fn what_names_a_person_gets_a_neutral_word() {
        let text = r"li.wei@bank.test, 13812345678, C:\Users\liwei\x, C:\Users\user\x, DESKTOP-4K7Q2ZX1, a@b.example";
        let expected = r"user@customer.example, 000-0000-0000, C:\Users\user\x, C:\Users\user\x, PC01, a@b.example";
        assert_eq!(neutral(text), expected);
    }

    #[test]
    fn what_stands_for_nobody_passes() {
        check("mail user@customer.example", &[]);
        check(r"C:\Users\Public\x C:\Users\user\x C:\Users\user. C:\Users\", &[]);
        check("192.0.2.1, Package_for_KB5000000~31bf3856ad364e35~amd64~~10.0.1.2, 10.0.19041.1, 10.0.1.2/8", &[]);
        check("session 30831271046_3324950609, seq 13812345678901", &[]);
        check("S-1-5-21-1-2-3-1001 and S-1-5-18", &[]);
    }
}
