//! What serde says of a wrong value, in the words of an author who knows no Rust.
//!
//! `yaml` is the only caller. What is not recognised stays as it is: a strange sentence is better than none.

/// What is wrong, and what to do.
pub(super) fn plainly(message: &str) -> (String, &'static str) {
    const HELP: &str = "docs/language.md shows what this key holds";
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        return (format!("there is no value {rest}"), HELP);
    }
    if message.contains("untagged enum") {
        return ("this value has a form that is not understood here".to_owned(), HELP);
    }
    let typed = message.split_once("invalid type: ").and_then(|(_, rest)| rest.rsplit_once(", expected "));
    let Some((found, expected)) = typed else { return (message.to_owned(), HELP) };
    let (expected, help) = match expected {
        "a sequence" => ("a list", "write each item on a line of its own behind `- `, or all of them as [one, two]"),
        "a boolean" => ("true or false", "write true or false, without quotes"),
        "a string" => ("a text", "write one text; put it in quotes where it looks like something else"),
        "a map" => ("a map", "write `key: value`, each on a line of its own"),
        struct_name if struct_name.starts_with("struct ") => ("a map", "write `key: value`, each on a line of its own"),
        number if is_number(number) => ("a number", "write a number without quotes"),
        other => (other, HELP),
    };
    (format!("{} stands here where {expected} is needed", found_as(found)), help)
}

fn is_number(expected: &str) -> bool {
    matches!(expected.as_bytes(), [b'u' | b'i' | b'f', rest @ ..] if !rest.is_empty() && rest.iter().all(u8::is_ascii_digit))
}

fn found_as(found: &str) -> String {
    match found {
        "sequence" => "a list".to_owned(),
        "map" => "a map".to_owned(),
        "unit value" | "null" => "nothing".to_owned(),
        _ => match found.split_once(' ') {
            Some(("string", text)) => format!("the text `{}`", text.trim_matches('"')),
            Some(("integer", number)) => format!("the number {}", number.trim_matches('`')),
            Some(("boolean", word)) => format!("the word {}", word.trim_matches('`')),
            _ => found.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, expected: &str) {
        assert_eq!(plainly(message).0, expected, "{message}");
    }

    #[test]
    fn types_are_called_what_authors_call_them() {
        check("title: invalid type: sequence, expected a map", "a list stands here where a map is needed");
        check(
            "noise: invalid type: string \"yes\", expected a boolean",
            "the text `yes` stands here where true or false is needed",
        );
        check(
            "a: invalid type: integer `3`, expected struct ItemFile",
            "the number 3 stands here where a map is needed",
        );
        check("invalid type: unit value, expected a string", "nothing stands here where a text is needed");
        check("invalid type: string \"many\", expected u64", "the text `many` stands here where a number is needed");
        check("unknown variant `bad`, expected `low` or `high`", "there is no value `bad`, expected `low` or `high`");
        check("something new", "something new");
    }
}
