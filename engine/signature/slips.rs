//! Slips of the pen that make a line no YAML: a tab, a full-width colon, a quote that is not closed.
//!
//! `yaml` asks where its parser gave up, because a parser only says what it expected, and often a line too late.
//! A line in which nothing is found is left to the words of the parser.

/// What is wrong on a line.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Slip {
    /// 1-based column, in characters.
    pub(super) column: usize,
    /// How many characters it covers.
    pub(super) width: usize,
    /// What is wrong, in one sentence.
    pub(super) message: &'static str,
    /// What to do about it.
    pub(super) help: &'static str,
}

/// The slip on a line, if it is one that is made often.
pub(super) fn slip(line: &str) -> Option<Slip> {
    indentation(line).or_else(|| colon(line)).or_else(|| value(line)).or_else(|| comma(line)).or_else(|| part(line))
}

/// Tabs and blanks of other kinds before the text.
fn indentation(line: &str) -> Option<Slip> {
    let (at, char) = line.char_indices().find(|(_, char)| *char != ' ')?;
    let (message, help) = match char {
        '\t' => ("the line is indented with a tab", "indent with blanks: YAML takes no tabs there"),
        '\u{3000}' | '\u{a0}' => ("the line is indented with blanks of another kind", "indent with plain blanks"),
        _ => return None,
    };
    Some(Slip { column: at + 1, width: 1, message, help })
}

/// A key behind which no `: ` stands.
fn colon(line: &str) -> Option<Slip> {
    let start = text_start(line);
    let end = start + line[start..].find(|char: char| !is_of_key(char))?;
    if end == start {
        return None;
    }
    let column = line[..end].chars().count() + 1;
    let found = |message, help| Some(Slip { column, width: 1, message, help });
    let mut rest = line[end..].chars();
    match (rest.next(), rest.next()) {
        (Some('：'), _) => found("the colon behind the key is a full-width one", "write `:` and a blank behind it"),
        (Some(':'), Some('\u{a0}' | '\u{3000}')) => {
            found("the blank behind the colon is one of another kind", "write `:` and a plain blank")
        }
        (Some(':'), Some(next))
            if !next.is_whitespace() && !matches!(next, '/' | '\\') && !line[end..].contains(": ") =>
        {
            found("no blank stands behind the colon", "write `:` and a blank behind it")
        }
        _ => None,
    }
}

/// A value that needs quotes, or has one too few.
fn value(line: &str) -> Option<Slip> {
    let start = text_start(line);
    let at = match line[start..].find(": ") {
        Some(colon) => start + colon + 2,
        None => start,
    };
    let value = line[at..].trim();
    let column = line[..at].chars().count() + 1 + line[at..].chars().take_while(|char| *char == ' ').count();
    let width = value.chars().count().max(1);
    let found = |message, help| Some(Slip { column, width, message, help });
    let first = value.chars().next()?;
    match first {
        '\'' if value.matches('\'').count() % 2 == 1 => {
            found("a quote in this text is not closed", "close it with '; a ' inside of it is written twice: 'can''t'")
        }
        '\'' if value[1..].find('\'').is_some_and(|end| !closes(&value[end + 2..])) => {
            found("the text goes on behind its closing quote", "write a ' inside of it twice: 'can''t'")
        }
        '"' if value.matches('"').count() % 2 == 1 && !value.contains('\\') => {
            found("a quote in this text is not closed", "close it with \"; texts that hold \" stand in single quotes")
        }
        '%' | '@' | '`' | '*' | '&' | '!' => {
            found("a text that begins with this character needs quotes", "put the whole text in single quotes")
        }
        '>' | '|' if value.len() > 2 && value[1..].starts_with(' ') => {
            found("a text that begins with this character needs quotes", "put the whole text in single quotes")
        }
        '[' | '{' if goes_on_behind_bracket(value) => {
            found("a text that begins with a bracket needs quotes", "put the whole text in single quotes")
        }
        '\'' | '"' | '[' | '{' | '#' => None,
        _ if value.contains(": ") => {
            found("a text that holds `: ` needs quotes", "put the whole text in single quotes")
        }
        _ => None,
    }
}

/// A full-width comma between the parts of a map, or a bracket of that kind around it.
fn comma(line: &str) -> Option<Slip> {
    let brace = line.find(['{', '['])?;
    for (at, char) in line.char_indices().filter(|(at, _)| *at > brace) {
        let behind = line[at + char.len_utf8()..].trim_start();
        let is_key =
            behind.split_once([':', '：']).is_some_and(|(key, _)| !key.is_empty() && key.chars().all(is_of_key));
        let slip = match char {
            '，' if is_key => "the comma before this key is a full-width one",
            '：' if line[..at].ends_with(|char: char| char.is_ascii_alphabetic()) => {
                "the colon behind the key is a full-width one"
            }
            '｝' | '］' => "the bracket is a full-width one",
            _ => continue,
        };
        let column = line[..at].chars().count() + 1;
        return Some(Slip { column, width: 1, message: slip, help: "write it as , : } or ], with a blank behind" });
    }
    None
}

/// A part of a map in braces that holds what ends it too early.
fn part(line: &str) -> Option<Slip> {
    let brace = line.find('{')?;
    let found = |at: usize, width, message| {
        let column = line[..at].chars().count() + 1;
        Some(Slip { column, width, message, help: "put that text in single quotes" })
    };
    if let Some(at) = line.find(" #").filter(|at| line[..*at].matches('{').count() > line[..*at].matches('}').count()) {
        return found(at + 1, 1, "what follows ` #` is a comment, so the bracket is not closed");
    }
    let mut at = brace + 1;
    for part in line[at..].split([',', '{']) {
        if !part.contains(['\'', '"']) && part.matches(": ").count() > 1 {
            let text = part.trim();
            return found(
                at + part.len() - part.trim_start().len(),
                text.chars().count(),
                "a text that holds `: ` needs quotes",
            );
        }
        at += part.len() + 1;
    }
    None
}

/// Where the text begins behind blanks and the dashes of lists.
fn text_start(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '-']).len()
}

fn is_of_key(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '_' | '|' | '-' | '*')
}

/// Whether what stands behind a closing quote may stand there.
fn closes(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.is_empty() || rest.starts_with(['\'', ',', '}', ']', '#', ':'])
}

/// Whether more than a comment stands behind the bracket that closes the first one.
fn goes_on_behind_bracket(value: &str) -> bool {
    let close = if value.starts_with('[') { ']' } else { '}' };
    let rest = value.split_once(close).map_or("", |(_, rest)| rest.trim_start());
    rest.starts_with(|char: char| char.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives the slip as `column message`.
    fn check(line: &str, expected: &str) {
        let found = slip(line).map(|slip| format!("{} {}", slip.column, slip.message)).unwrap_or_default();
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn blanks_and_colons_of_other_kinds_are_named() {
        check("\terror: E_FAIL", "1 the line is indented with a tab");
        check("\u{3000}error: E_FAIL", "1 the line is indented with blanks of another kind");
        check("level：high", "6 the colon behind the key is a full-width one");
        check("    - path|endswith：x", "20 the colon behind the key is a full-width one");
        check("level:high", "6 no blank stands behind the colon");
        check("level:\u{a0}high", "6 the blank behind the colon is one of another kind");
        check("title: {zh-CN: 失败，en: Failed}", "18 the comma before this key is a full-width one");
        check("title: {zh-CN：失败, en: Failed}", "14 the colon behind the key is a full-width one");
    }

    #[test]
    fn texts_that_need_quotes_are_named() {
        check("a: 'Copy of {path}", "4 a quote in this text is not closed");
        check("a: 'Can't copy'", "4 a quote in this text is not closed");
        check("a: 'Can't copy 'x'", "4 the text goes on behind its closing quote");
        check("a: \"Copy", "4 a quote in this text is not closed");
        check("a: [CBS] gives up", "4 a text that begins with a bracket needs quotes");
        check("a: {path} failed", "4 a text that begins with a bracket needs quotes");
        check("a: *gives up", "4 a text that begins with this character needs quotes");
        check("a: > gives up", "4 a text that begins with this character needs quotes");
        check("a: Error: gives up", "4 a text that holds `: ` needs quotes");
        check("a: {b: c, en: Copying: a file}", "11 a text that holds `: ` needs quotes");
        check("a: {b: c, en: No # 5}", "18 what follows ` #` is a comment, so the bracket is not closed");
    }

    #[test]
    fn sound_lines_have_none() {
        for line in [
            "",
            "level: high",
            "a: 'it''s'",
            "a: 'x' # why",
            "a: {b: 'c', d: e}",
            "a: [b, c] # why",
            "a: |",
            "a: >-",
            "- rule: cbs/a",
            "text: https://x.example/a",
            "zh: {title: 甲，乙, description: 丙}",
            "---",
        ] {
            check(line, "");
        }
    }
}
