//! Update identifiers in a text: KB numbers, servicing packages and versions.
//!
//! The matcher offers them to rules as the fields `kb`, `package` and `version`. The three overlap on purpose: a
//! package name holds a KB number and a version, and a rule may ask for any of them.

use std::sync::LazyLock;

use regex::Regex;

use super::{Fact, char_after, char_before};

/// The KB numbers of a text as `KB4561621`, however they are written.
pub fn kbs(text: &str) -> Vec<Fact> {
    static KB: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i-u)kb[ -]?([0-9]{6,7})").expect("the expression above is valid"));
    let numbers = KB.captures_iter(text).filter_map(|captures| Some((captures.get(0)?, captures.get(1)?)));
    let whole = numbers.filter(|(found, _)| {
        let inside = char_before(text, found.start()).is_some_and(|letter| letter.is_ascii_alphanumeric());
        !inside && !char_after(text, found.end()).is_some_and(|next| next.is_ascii_digit())
    });
    whole.map(|(found, number)| Fact { value: format!("KB{}", number.as_str()), span: found.range() }).collect()
}

/// The servicing packages of a text, for example `Package_3222_for_KB3201845~31bf3856ad364e35~amd64~~10.0.1.2`.
pub fn packages(text: &str) -> Vec<Fact> {
    static PACKAGE: LazyLock<Regex> = LazyLock::new(|| {
        let identity = r"(?i-u)\b[a-z0-9][a-z0-9_.-]*~(?:[0-9a-f]{16})?~[a-z0-9]*~[a-z0-9-]*~[0-9]+(?:\.[0-9]+){1,4}\b";
        Regex::new(identity).expect("the expression above is valid")
    });
    if memchr::memchr(b'~', text.as_bytes()).is_none() {
        return Vec::new();
    }
    PACKAGE.find_iter(text).map(|found| Fact { value: found.as_str().to_owned(), span: found.range() }).collect()
}

/// The versions of a text with three or four parts, without a leading `v`; dates are none.
pub fn versions(text: &str) -> Vec<Fact> {
    static VERSION: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?-u)[0-9]+(?:\.[0-9]+){2,}").expect("the expression above is valid"));
    let versions = VERSION.find_iter(text).filter(|found| {
        let before = char_before(text, found.start());
        let inside = match before {
            Some('v' | 'V') => {
                char_before(text, found.start() - 1).is_some_and(|letter| letter.is_ascii_alphanumeric())
            }
            Some(letter) => letter.is_ascii_alphanumeric() || letter == '.' || letter == ':',
            None => false,
        };
        !inside
            && !char_after(text, found.end()).is_some_and(|next| next.is_ascii_alphanumeric())
            && is_version(found.as_str())
    });
    versions.map(|found| Fact { value: found.as_str().to_owned(), span: found.range() }).collect()
}

/// Three or four numbers of at most six digits that are not year, month and day in either order.
fn is_version(digits: &str) -> bool {
    let parts: Vec<u32> =
        digits.split('.').filter(|part| part.len() <= 6).filter_map(|part| part.parse().ok()).collect();
    let is_date = |year: u32, month: u32, day: u32| {
        (1900..2100).contains(&year) && (1..=31).contains(&month) && (1..=31).contains(&day)
    };
    match (parts.len() == digits.split('.').count(), parts.as_slice()) {
        (true, [first, second, third]) => !is_date(*first, *second, *third) && !is_date(*third, *second, *first),
        (true, [_, _, _, _]) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(read: fn(&str) -> Vec<Fact>, text: &str, expected: &[&str]) {
        let found: Vec<String> = read(text).into_iter().map(|fact| fact.value).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn kb_numbers_have_one_form() {
        check(kbs, "KB4561621, kb 4561621 and KB-890830", &["KB4561621", "KB4561621", "KB890830"]);
        check(kbs, "Package_3222_for_KB3201845~31bf3856ad364e35~amd64~~10.0.1.2", &["KB3201845"]);
        check(kbs, "安装补丁KB4561621时出现", &["KB4561621"]);
        check(kbs, "512 kb 12345, KB45616211, webkb4561621", &[]);
    }

    #[test]
    fn packages_are_found_whole() {
        let package = "Package_3222_for_KB3201845~31bf3856ad364e35~amd64~~10.0.1.2";
        check(packages, &format!("Failed to resolve package '{package}' [HRESULT"), &[package]);
        check(packages, &format!("because of package: {package}. [HRESULT"), &[package]);
        let localised = "Microsoft-Windows-Foundation-Package~31bf3856ad364e35~amd64~zh-CN~10.0.19041.1";
        check(packages, localised, &[localised]);
        check(packages, "Language.Basic~~~zh-CN~0.0.1.0", &["Language.Basic~~~zh-CN~0.0.1.0"]);
        check(packages, r"C:\$WINDOWS.~BT\NewOS and PROGRA~1", &[]);
    }

    #[test]
    fn versions_are_told_from_dates_and_times() {
        check(versions, "v10.0.14393.5285 but 10.0.17134.1550.", &["10.0.14393.5285", "10.0.17134.1550"]);
        check(versions, "amd64_x_31bf3856ad364e35_10.0.17763.1_none_9744e57515d245dc", &["10.0.17763.1"]);
        check(versions, "build: 7.6.7600", &["7.6.7600"]);
        check(versions, "2018.10.16 00:13:03.776, 16.10.2018, [05/08/2025 09:40.53.963], 1.2, 1.2.3.4.5, x1.2.3", &[]);
    }
}
