//! Neutral words for people: what `check` would refuse, names that stand in headers, greetings and below farewells,
//! names beside a title, and telephone numbers.
//!
//! A name that a mail gives away once is replaced wherever it stands. Names that stand nowhere but in a sentence are
//! not found, which the draft says.

use std::sync::LazyLock;

use regex::Regex;

use super::split::{Mail, Thread};
use super::words::{after, holds, words};
use crate::check;

/// The names of a thread.
#[derive(Debug, Default)]
pub(super) struct People {
    /// Each name with the word for it, longest first.
    names: Vec<(Regex, &'static str)>,
}

/// The words for a person, in each language.
const CHINESE: &str = "联系人";
const ENGLISH: &str = "the contact";

/// How many of a mail's first lines may greet.
const GREETING_LINES: usize = 3;

/// Shortest part of a Latin name, and of a login, that is replaced by itself.
const SHORTEST: usize = 3;

/// Surnames of two letters and of one.
static SURNAME: LazyLock<String> = LazyLock::new(|| {
    let mut surnames: Vec<&str> = include_str!("surnames.csv").lines().skip(1).collect();
    surnames.sort_by_key(|surname| std::cmp::Reverse(surname.len()));
    surnames.join("|")
});

/// A name before or after a title, in Chinese and in English.
static TITLED: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    let any = |kind| words(kind).map(regex::escape).collect::<Vec<_>>().join("|");
    let named = format!(r"(?:{})\p{{Han}}{{0,2}}?(?:{})", *SURNAME, any("after-name"));
    let short = r"[\p{Han}--[的与和及请跟找给向由对是为让位各]](?:先生|女士|小姐)".to_owned();
    let english = format!(r"(?-u:\b)(?:{})\.? [A-Z][A-Za-z-]+(?: [A-Z][a-z-]+)?", any("before-name"));
    [named, short, english].map(|expression| Regex::new(&expression).expect("its words are escaped"))
});

/// A number after a word for a telephone.
static TELEPHONE: LazyLock<Regex> = LazyLock::new(|| {
    let words = words("phone").map(regex::escape).collect::<Vec<_>>().join("|");
    Regex::new(&format!(r"(?i)((?:{words})[:：.]?\s*)\+?[0-9][0-9() -]{{6,}}[0-9]")).expect("its words are escaped")
});

impl People {
    /// The people whom the mails of a thread name by their form.
    pub(super) fn of(thread: &Thread) -> Self {
        let mut found: Vec<String> = Vec::new();
        for mail in &thread.mails {
            mail.people.iter().for_each(|header| in_header(header, &mut found));
            in_greeting(mail, &mut found);
            below_farewell(mail, &mut found);
        }
        found.sort_by_key(|name| std::cmp::Reverse(name.len()));
        found.dedup();
        let names = found.iter().filter_map(|name| {
            let chinese = name.chars().all(is_han);
            let expression = if chinese { regex::escape(name) } else { format!(r"\b{}\b", regex::escape(name)) };
            let word = if chinese {
                CHINESE
            } else if name.starts_with(char::is_uppercase) {
                ENGLISH
            } else {
                "user"
            };
            Some((Regex::new(&expression).ok()?, word))
        });
        People { names: names.collect() }
    }

    /// The text with neutral words for people.
    pub(super) fn neutral(&self, text: &str) -> String {
        text.lines().map(|line| self.neutral_line(line)).collect::<Vec<_>>().join("\n")
    }

    /// A line with neutral words for people.
    fn neutral_line(&self, line: &str) -> String {
        let line = check::neutral(line);
        let line = TITLED[0].replace_all(&line, CHINESE);
        let line = TITLED[1].replace_all(&line, CHINESE);
        let line = TITLED[2].replace_all(&line, ENGLISH);
        let mut line = TELEPHONE.replace_all(&line, "${1}000-0000-0000").into_owned();
        for (name, word) in &self.names {
            if name.is_match(&line) {
                line = name.replace_all(&line, *word).into_owned();
            }
        }
        line
    }

    /// A line of a log with neutral words for people; what is no name of the thread stays as the log has it.
    pub(super) fn neutral_log(&self, line: &str) -> String {
        let mut line = check::neutral(line);
        for (name, word) in self.names.iter().filter(|(_, word)| *word != "user") {
            if name.is_match(&line) {
                line = name.replace_all(&line, *word).into_owned();
            }
        }
        line
    }
}

/// Names and logins of `Li Wei <li.wei@x>; Doe, Jane`, or of `On Monday, Jane Doe <…> wrote:`.
fn in_header(header: &str, found: &mut Vec<String>) {
    static ADDRESS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"([A-Za-z0-9._+-]+)@([A-Za-z0-9.-]+)").expect("the expression is valid"));
    for address in ADDRESS.captures_iter(header) {
        let login = &address[1];
        let personal = login.contains(|letter: char| letter == '.' || letter.is_ascii_digit());
        if personal && login.len() > SHORTEST && !address[2].ends_with(".example") {
            found.push(login.to_owned());
        }
    }
    for part in header.split([';', '>', '；']) {
        let name = part.split(['<', '(', '（', '[', '/', '@']).next().unwrap_or_default();
        let name = name.trim_matches([' ', '"', '\'', ',', '，']);
        let chinese: String = name.chars().filter(|letter| is_han(*letter)).collect();
        if is_chinese_name(&chinese) {
            found.push(chinese);
            continue;
        }
        // Only what stands behind the last day or time of a quotation's line is a name.
        let name = name.rsplit(|letter: char| letter.is_ascii_digit()).next().unwrap_or(name).trim_matches([' ', ',']);
        let name =
            ["AM ", "PM "].iter().find_map(|half| name.strip_prefix(half)).unwrap_or(name).trim_matches([' ', ',']);
        let words: Vec<&str> = name.split([' ', ',']).filter(|word| !word.is_empty()).collect();
        if (2..=4).contains(&words.len()) && words.iter().all(|word| is_latin_name(word)) {
            latin(name, &words, found);
        }
    }
}

/// A name in every order in which mails write it, and its parts.
fn latin(name: &str, words: &[&str], found: &mut Vec<String>) {
    found.push(name.to_owned());
    let mut turned = words.to_vec();
    turned.rotate_left(1);
    found.extend([words.join(" "), turned.join(" ")]);
    found.extend(words.iter().filter(|word| word.len() >= SHORTEST).map(|word| (*word).to_owned()));
}

/// Names of `尊敬的王小明：` and `Dear Jane,` at the beginning of a mail.
fn in_greeting(mail: &Mail, found: &mut Vec<String>) {
    static ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
        let expression =
            r"^(?:Dear|Hi|Hello|Good (?:morning|afternoon|day)),? ((?:[A-Z][A-Za-z'-]+[ ,]*){1,3}?)[,:!.]?$";
        Regex::new(expression).expect("the expression is valid")
    });
    static CHINESE: LazyLock<Regex> = LazyLock::new(|| {
        let expression = r"^(?:尊敬的|亲爱的|致)?\s*(\p{Han}{2,4})\s*[,，、:：]?\s*(?:您好|你好|早上好|下午好|$)";
        Regex::new(expression).expect("the expression is valid")
    });
    for line in mail.lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).take(GREETING_LINES) {
        if let Some(names) = ENGLISH.captures(line) {
            let words = names[1].split([' ', ',']).filter(|word| word.len() >= SHORTEST && is_latin_name(word));
            found.extend(words.map(str::to_owned));
        }
        if let Some(name) = CHINESE.captures(line).map(|name| name[1].to_owned())
            && is_chinese_name(&name)
        {
            found.push(name);
        }
    }
}

/// The name in the line below `Best regards,`.
fn below_farewell(mail: &Mail, found: &mut Vec<String>) {
    let mut lines = mail.lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
    while let Some(line) = lines.next() {
        let is_farewell = words("farewell").any(|word| after(line, word).is_some_and(|rest| rest.len() <= 6));
        if !is_farewell {
            continue;
        }
        let Some(name) = lines.next() else { return };
        let words: Vec<&str> = name.split(' ').collect();
        if is_chinese_name(name) {
            found.push(name.to_owned());
        } else if words.len() <= 3 && words.iter().all(|word| is_latin_name(word)) {
            latin(name, &words, found);
        }
    }
}

fn is_han(letter: char) -> bool {
    matches!(letter, '\u{3400}'..='\u{9fff}')
}

/// Two to four Chinese letters that begin with a surname and have no title in them.
fn is_chinese_name(name: &str) -> bool {
    let count = name.chars().count();
    let begins = SURNAME.split('|').any(|surname| name.starts_with(surname));
    (2..=4).contains(&count) && name.chars().all(is_han) && begins && !holds("after-name", name) && !holds("role", name)
}

/// A capital letter and small ones, and no word for a team.
fn is_latin_name(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_uppercase)
        && letters.all(|letter| letter.is_alphabetic() || matches!(letter, '\'' | '-' | '.'))
        && (word.len() < 2 || word.chars().any(char::is_lowercase))
        && !words("role").any(|role| role.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::super::split;
    use super::*;

    fn check(thread: &str, text: &str, expected: &str) {
        assert_eq!(People::of(&split::split(thread)).neutral(text), expected);
    }

    #[test]
    fn names_beside_titles_and_telephones_are_replaced() {
        check("", "与甲先生沟通，热线4000000001", "与联系人沟通，热线000-0000-0000");
        check("", "请王小明工程师回电，欧阳女士，尊敬的先生", "请联系人回电，联系人，尊敬的先生");
        check("", "与工程师沟通", "与工程师沟通");
        check("", "asked Mr. Example\nTel: 010-5555 1234", "asked the contact\nTel: 000-0000-0000");
        check("", r"C:\Users\jdoe\x by j.doe@bank.test", r"C:\Users\user\x by user@customer.example");
    }

    #[test]
    fn names_of_headers_are_replaced_wherever_they_stand() {
        let english = "From: Roe, Jane <jane.roe@bank.test>\nTo: Support Team <help@s.test>\nSubject: x\n\nhello";
        check(
            english,
            "Jane Roe saw it; jane.roe logged on. Roe left.",
            "the contact saw it; user logged on. the contact left.",
        );
        check(english, "The Support Team looked", "The Support Team looked");
        check("发件人：李小芳/信息部 <x@y.test>\n主题：x\n\n你们看", "李小芳确认", "联系人确认");
        check("On Mon, Aug 3, 2020 at 9:00 AM Max Muster <m@x.test> wrote:\nhello", "Muster said", "the contact said");
    }

    #[test]
    fn names_of_greetings_and_farewells_are_replaced_wherever_they_stand() {
        check(
            "From: a\n\nDear Maria,\nit works\n\nBest regards,\nMax Muster\n",
            "Maria asked Max",
            "the contact asked the contact",
        );
        check("发件人：a\n\n尊敬的王小明：\n请看", "王小明回复", "联系人回复");
        check("From: a\n\nDear All,\nit works", "All of it", "All of it");
    }
}
