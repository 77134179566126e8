//! `|pattern`: a log line with its variable parts named, our one addition to Sigma's values.
//!
//! An author copies the line and writes `{path}` or `{target:path}` for what varies. Fixed text is compared
//! without regard to ASCII case, and any run of blanks stands for any run of blanks, because copied logs lose
//! their columns. The pattern becomes one regular expression; nobody has to write it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::Regex;

use crate::facts;

/// What a placeholder takes from the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A file, folder or registry path, also one with blanks.
    Path,
    /// An error in any spelling.
    Error,
    /// `KB4561621`, or the digits alone.
    Kb,
    /// A package identity with its five parts.
    Package,
    /// Two to four numbers with dots.
    Version,
    /// A GUID, with or without braces.
    Guid,
    /// A decimal number.
    Int,
    /// A hexadecimal number.
    Hex,
    /// Anything without blanks.
    Word,
    /// The rest of the line, or all up to the next fixed text.
    Rest,
}

impl Kind {
    /// Every kind with the name that authors write.
    pub const ALL: [(&'static str, Kind); 10] = [
        ("path", Kind::Path),
        ("error", Kind::Error),
        ("kb", Kind::Kb),
        ("package", Kind::Package),
        ("version", Kind::Version),
        ("guid", Kind::Guid),
        ("int", Kind::Int),
        ("hex", Kind::Hex),
        ("word", Kind::Word),
        ("rest", Kind::Rest),
    ];

    /// The expression that takes such a value, reluctant where fixed text follows.
    fn expression(self, at_end: bool) -> &'static str {
        match (self, at_end) {
            (Kind::Path, false) => r#"(?:[A-Za-z]:|\\|HK[A-Z_]+\\|[\w.~$%{-]+\\)[^\r\n"<>|*]*?"#,
            (Kind::Path, true) => r#"(?:[A-Za-z]:|\\|HK[A-Z_]+\\|[\w.~$%{-]+\\)(?:[^\r\n"<>|*]*[^\s"<>|*.,;:])?"#,
            (Kind::Error, _) => r"-?[0-9A-Za-z_]+(?:\([0-9A-Za-z_]+\))?",
            (Kind::Kb, _) => r"(?i-u:KB\s?)?[0-9]{6,8}",
            (Kind::Package, _) => r#"[^\s~"',\[\]]+~[0-9A-Fa-f]{16}~[^\s"',\[\]]*[0-9A-Za-z]"#,
            (Kind::Version, _) => r"v?[0-9]+(?:\.[0-9]+){1,3}",
            (Kind::Guid, _) => r"\{?[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}\}?",
            (Kind::Int, _) => r"-?[0-9]+",
            (Kind::Hex, _) => r"(?:0[xX])?[0-9A-Fa-f]+",
            (Kind::Word, false) => r"\S+?",
            (Kind::Word, true) => r"\S+",
            (Kind::Rest, false) => r"[^\r\n]*?",
            (Kind::Rest, true) => r"[^\r\n]*",
        }
    }

    /// The captured text in its normal form; none where it is no value of this kind after all.
    fn normalise(self, text: &str) -> Option<String> {
        match self {
            Kind::Error => facts::parse_code(text).map(|code| code.name().map_or_else(|| code.hex(), str::to_owned)),
            Kind::Kb => Some(format!("KB{}", text.trim_start_matches(|char: char| !char.is_ascii_digit()))),
            Kind::Version => Some(text.trim_start_matches('v').to_owned()),
            Kind::Path => Some(facts::plain_path(text.trim_end())),
            Kind::Rest => Some(text.trim().to_owned()),
            _ => Some(text.to_owned()),
        }
    }
}

/// One named value that a pattern took from a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Capture {
    /// The value in its normal form.
    pub value: String,
    /// What kind of value it is.
    pub kind: Kind,
}

/// Named values, in the order of their names.
pub type Captures = BTreeMap<String, Capture>;

/// A compiled `|pattern`.
#[derive(Debug)]
pub struct Pattern {
    /// The pattern as it was written.
    pub written: String,
    expression: String,
    regex: OnceLock<Option<Regex>>,
    /// Name and kind of each capture, in order of appearance.
    pub captures: Vec<(String, Kind)>,
    /// The fixed text between placeholders and blanks; every match holds each of them.
    pub literals: Vec<String>,
}

/// A part of a pattern.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// Text that must stand there.
    Fixed(String),
    /// A value that varies.
    Variable {
        /// The name it is captured under.
        name: String,
        /// What it takes.
        kind: Kind,
    },
}

/// Why a pattern cannot be used: code, message and help of the fault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct PatternError {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) help: String,
}

impl Pattern {
    /// Reads a pattern as an author writes it.
    pub(crate) fn parse(text: &str) -> Result<Pattern, PatternError> {
        let parts = parts(text.trim())?;
        let mut pattern = Pattern {
            written: text.trim().to_owned(),
            expression: String::new(),
            regex: OnceLock::new(),
            captures: Vec::new(),
            literals: Vec::new(),
        };
        for (index, part) in parts.iter().enumerate() {
            match part {
                Part::Fixed(fixed) => pattern.push_fixed(fixed),
                Part::Variable { name, kind } => {
                    let at_end = index + 1 == parts.len();
                    pattern.expression.push_str(&format!("({})", kind.expression(at_end)));
                    pattern.captures.push((name.clone(), *kind));
                }
            }
        }
        let mut names: Vec<&str> = pattern.captures.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(PatternError {
                code: "duplicate-capture",
                message: format!("two placeholders capture `{}`", twice[0]),
                help: format!("give one a name of its own: {{other:{}}}", twice[0]),
            });
        }
        Ok(pattern)
    }

    /// Its fixed texts and placeholders, in order.
    pub fn parts(&self) -> Vec<Part> {
        parts(&self.written).unwrap_or_default()
    }

    /// Each way the pattern matches somewhere in `text`, with what it captured, leftmost first.
    pub fn matches<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Captures> + 't {
        let regex = self.regex.get_or_init(|| Regex::new(&self.expression).ok());
        regex.iter().flat_map(move |regex| regex.captures_iter(text)).filter_map(|found| {
            let named = self.captures.iter().enumerate().map(|(index, (name, kind))| {
                let value = kind.normalise(found.get(index + 1)?.as_str())?;
                Some((name.clone(), Capture { value, kind: *kind }))
            });
            named.collect()
        })
    }

    fn push_fixed(&mut self, fixed: &str) {
        let mut blank = false;
        for word in fixed.split_inclusive(char::is_whitespace) {
            let text = word.trim_end();
            if !text.is_empty() {
                let flags = if text.is_ascii() { "(?i-u:" } else { "(?i:" };
                self.expression.push_str(&format!("{flags}{})", regex::escape(text)));
                self.literals.push(text.to_owned());
            }
            let ends_blank = text.len() < word.len();
            if ends_blank && !(blank && text.is_empty()) {
                self.expression.push_str(r"\s+");
            }
            blank = ends_blank;
        }
    }
}

fn parts(text: &str) -> Result<Vec<Part>, PatternError> {
    let mut parts = Vec::new();
    let mut fixed = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        fixed.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        let after = &rest[at + 1..];
        if after.starts_with(brace) {
            fixed.push_str(brace);
            rest = &after[1..];
            continue;
        }
        let end = if brace == "{" { after.find('}') } else { None };
        let Some(end) = end else {
            return Err(PatternError {
                code: "unknown-placeholder",
                message: format!("a single `{brace}` opens or closes no placeholder"),
                help: format!("write `{brace}{brace}` for the character itself"),
            });
        };
        if !fixed.is_empty() {
            parts.push(Part::Fixed(std::mem::take(&mut fixed)));
        }
        parts.push(placeholder(&after[..end])?);
        rest = &after[end + 1..];
    }
    fixed.push_str(rest);
    if !fixed.is_empty() {
        parts.push(Part::Fixed(fixed));
    }
    Ok(parts)
}

fn placeholder(inside: &str) -> Result<Part, PatternError> {
    let (name, kind) = inside.split_once(':').unwrap_or((inside, inside));
    let known = Kind::ALL.iter().find(|(known, _)| *known == kind);
    let well_named = !name.is_empty() && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
    match known {
        Some((_, kind)) if well_named => Ok(Part::Variable { name: name.to_owned(), kind: *kind }),
        Some(_) => Err(PatternError {
            code: "unknown-placeholder",
            message: format!("`{name}` is no name for a capture"),
            help: "use letters, digits and `_`".to_owned(),
        }),
        None => {
            let names: Vec<&str> = Kind::ALL.iter().map(|(name, _)| *name).collect();
            let nearest = crate::signature::fault::nearest(kind, names.iter().copied());
            let meant = nearest.map(|name| format!("did you mean {{{name}}}? ")).unwrap_or_default();
            Err(PatternError {
                code: "unknown-placeholder",
                message: format!("there is no placeholder {{{inside}}}"),
                help: format!("{meant}placeholders are {{{}}}; write `{{{{` for a brace itself", names.join("} {")),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives the first match as `name=value` words, `-` where there is none.
    fn check(pattern: &str, text: &str, expected: &str) {
        let pattern = Pattern::parse(pattern).expect("the pattern is sound");
        let found = pattern.matches(text).next().map(|captures| {
            let words: Vec<String> =
                captures.iter().map(|(name, capture)| format!("{name}={}", capture.value)).collect();
            words.join(" ")
        });
        assert_eq!(found.unwrap_or_else(|| "-".to_owned()), expected);
    }

    #[test]
    fn line_with_named_parts_captures_them() {
        let pattern = "Error in apply of {path}. GLE [{error}]";
        check(
            pattern,
            r"X: error  in apply of C:\$WINDOWS.~BT\a b\c.dll. GLE [5]",
            r"error=E_ACCESSDENIED path=C:\$WINDOWS.~BT\a b\c.dll",
        );
        check(
            pattern,
            r"Error in apply of \\?\Volume{a5-1}\x\y.dll. GLE [1392][gle=0x00000715]",
            r"error=ERROR_FILE_CORRUPT path=\\?\Volume{a5-1}\x\y.dll",
        );
    }

    #[test]
    fn blanks_match_any_run_of_blanks() {
        check("a   b {int}", "A\tB  7", "int=7");
    }

    #[test]
    fn named_and_literal_braces() {
        check("{target:word} to {{x}} {rest}", "from to {X} the end ", "rest=the end target=from");
    }

    #[test]
    fn package_version_and_kb_are_normal_forms() {
        check(
            r#"Package "{package}" requires v{version} {kb}"#,
            r#"package "Package_for_KB5012170~31bf3856ad364e35~amd64~~14393.5285.1.4" requires v10.0.14393.5285 kb 5012170"#,
            "kb=KB5012170 package=Package_for_KB5012170~31bf3856ad364e35~amd64~~14393.5285.1.4 version=10.0.14393.5285",
        );
    }

    #[test]
    fn path_at_the_end_leaves_out_the_full_stop() {
        check("cannot open {path}", r"cannot open C:\a\b.txt.", r"path=C:\a\b.txt");
    }

    #[test]
    fn unknown_placeholder_names_the_known_ones() {
        let error = Pattern::parse("x {pth}").expect_err("pth is unknown");
        assert_eq!(error.code, "unknown-placeholder");
        assert!(error.help.starts_with("did you mean {path}?"), "{}", error.help);
        assert!(Pattern::parse("a } b").is_err());
        assert_eq!(Pattern::parse("{int} {int}").expect_err("twice").code, "duplicate-capture");
    }
}
