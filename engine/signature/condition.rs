//! Sigma's condition: `a and not (1 of filter_* or b)`, parsed once into a tree over selections.
//!
//! Grammar, loosest first: `or`, `and`, `not`, then brackets, `1 of`/`any of`/`all of` a pattern or `them`, or a
//! selection's name. Words are case-insensitive. `them` leaves out names that begin with `_`, as Sigma's
//! specification 2.1 says.

/// A condition over selections, which are named by their index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Condition {
    /// Every part holds.
    All(Vec<Condition>),
    /// At least one part holds.
    Any(Vec<Condition>),
    /// The part does not hold.
    Not(Box<Condition>),
    /// The selection with this index holds.
    Selection(usize),
}

/// Why a condition cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ConditionError {
    /// Byte offset of the word that is wrong.
    pub(crate) at: usize,
    /// What is wrong with it.
    pub(crate) message: String,
    /// The word, where it names no selection.
    pub(crate) unknown: Option<String>,
}

/// Parses `text` against the `names` of the selections; never deeper than 64 brackets.
pub(crate) fn parse(text: &str, names: &[String]) -> Result<Condition, ConditionError> {
    let mut parser = Parser { text, words: words(text), next: 0, names, depth: 0 };
    let condition = parser.any()?;
    match parser.peek() {
        None => Ok(condition),
        Some(word) => Err(parser.wrong(format!("`{word}` is not expected here; `and` or `or` goes between two parts"))),
    }
}

/// Deepest nesting of brackets and `not`; far beyond any real condition.
const DEEPEST: u32 = 64;

struct Parser<'t> {
    text: &'t str,
    words: Vec<(usize, &'t str)>,
    next: usize,
    names: &'t [String],
    depth: u32,
}

impl<'t> Parser<'t> {
    fn any(&mut self) -> Result<Condition, ConditionError> {
        let mut parts = vec![self.all()?];
        while self.take("or") {
            parts.push(self.all()?);
        }
        Ok(joined(parts, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, ConditionError> {
        let mut parts = vec![self.negated()?];
        while self.take("and") {
            parts.push(self.negated()?);
        }
        Ok(joined(parts, Condition::All))
    }

    fn negated(&mut self) -> Result<Condition, ConditionError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.wrong("the condition is nested too deeply".to_owned()));
        }
        let condition = if self.take("not") { Condition::Not(Box::new(self.negated()?)) } else { self.single()? };
        self.depth -= 1;
        Ok(condition)
    }

    fn single(&mut self) -> Result<Condition, ConditionError> {
        if self.take("(") {
            let inner = self.any()?;
            return if self.take(")") { Ok(inner) } else { Err(self.wrong("a bracket is not closed".to_owned())) };
        }
        let Some(word) = self.peek() else {
            return Err(self.wrong("the condition ends where a selection's name is expected".to_owned()));
        };
        let quantified = self.words.get(self.next + 1).is_some_and(|(_, after)| after.eq_ignore_ascii_case("of"));
        match (word.to_ascii_lowercase().as_str(), quantified) {
            ("1" | "any", true) => self.quantified(Condition::Any),
            ("all", true) => self.quantified(Condition::All),
            (_, true) => Err(self.wrong(format!("`{word} of` is not known: write `1 of` or `all of`"))),
            ("and" | "or" | ")", false) => {
                Err(self.wrong(format!("`{word}` stands where a selection's name is expected")))
            }
            _ => self.named(word),
        }
    }

    fn named(&mut self, word: &str) -> Result<Condition, ConditionError> {
        match self.names.iter().position(|name| name == word) {
            Some(index) => {
                self.next += 1;
                Ok(Condition::Selection(index))
            }
            None => Err(self.unknown(word)),
        }
    }

    fn quantified(&mut self, join: fn(Vec<Condition>) -> Condition) -> Result<Condition, ConditionError> {
        self.next += 2;
        let Some(pattern) = self.peek() else {
            return Err(self.wrong(
                "`of` must be followed by a selection's name, a pattern such as `filter_*`, or `them`".to_owned(),
            ));
        };
        let parts: Vec<Condition> = (0..self.names.len())
            .filter(|index| covers(pattern, &self.names[*index]))
            .map(Condition::Selection)
            .collect();
        if parts.is_empty() {
            return Err(self.unknown(pattern));
        }
        self.next += 1;
        Ok(join(parts))
    }

    fn peek(&self) -> Option<&'t str> {
        self.words.get(self.next).map(|(_, word)| *word)
    }

    fn take(&mut self, expected: &str) -> bool {
        let found = self.peek().is_some_and(|word| word.eq_ignore_ascii_case(expected));
        self.next += usize::from(found);
        found
    }

    fn wrong(&self, message: String) -> ConditionError {
        let at = self.words.get(self.next).map_or(self.text.len(), |(at, _)| *at);
        ConditionError { at, message, unknown: None }
    }

    fn unknown(&self, word: &str) -> ConditionError {
        ConditionError { unknown: Some(word.to_owned()), ..self.wrong(format!("there is no selection `{word}`")) }
    }
}

fn joined(mut parts: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    if parts.len() == 1 { parts.remove(0) } else { join(parts) }
}

/// True where `pattern` (`them`, or a name with `*`) covers the selection `name`.
fn covers(pattern: &str, name: &str) -> bool {
    if pattern.eq_ignore_ascii_case("them") {
        return !name.starts_with('_');
    }
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut rest) = name.strip_prefix(head) else { return false };
    let mut pieces: Vec<&str> = tail.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn words(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, char) in text.char_indices() {
        let separates = char.is_whitespace() || matches!(char, '(' | ')');
        if let (true, Some(begin)) = (separates, start) {
            words.push((begin, &text[begin..at]));
            start = None;
        }
        if matches!(char, '(' | ')') {
            words.push((at, &text[at..=at]));
        } else if !separates && start.is_none() {
            start = Some(at);
        }
    }
    if let Some(begin) = start {
        words.push((begin, &text[begin..]));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = ["a", "b", "filter_x", "filter_y", "_hidden"];

    /// Writes the tree back with brackets around every join, or gives the message.
    fn check(text: &str, expected: &str) {
        let names = NAMES.map(str::to_owned);
        let written = match parse(text, &names) {
            Ok(condition) => show(&condition),
            Err(error) => format!("{}: {}", error.at, error.message),
        };
        assert_eq!(written, expected, "{text}");
    }

    fn show(condition: &Condition) -> String {
        let list = |parts: &[Condition]| parts.iter().map(show).collect::<Vec<_>>().join(" ");
        match condition {
            Condition::All(parts) => format!("(all {})", list(parts)),
            Condition::Any(parts) => format!("(any {})", list(parts)),
            Condition::Not(part) => format!("(not {})", show(part)),
            Condition::Selection(index) => NAMES[*index].to_owned(),
        }
    }

    #[test]
    fn and_binds_tighter_than_or_and_not_tightest() {
        check("a or b and not filter_x", "(any a (all b (not filter_x)))");
        check("(a OR b) AND NOT (filter_x)", "(all (any a b) (not filter_x))");
    }

    #[test]
    fn quantifiers_cover_patterns_and_them() {
        check("a and not 1 of filter_*", "(all a (not (any filter_x filter_y)))");
        check("all of them", "(all a b filter_x filter_y)");
        check("1 of *_y", "(any filter_y)");
    }

    #[test]
    fn faults_say_what_is_expected_and_where() {
        check("a and c", "6: there is no selection `c`");
        check("a b", "2: `b` is not expected here; `and` or `or` goes between two parts");
        check("(a or b", "7: a bracket is not closed");
        check("2 of them", "0: `2 of` is not known: write `1 of` or `all of`");
        check("a and", "5: the condition ends where a selection's name is expected");
        check("1 of nothing*", "5: there is no selection `nothing*`");
    }

    #[test]
    fn thousand_brackets_are_refused() {
        let text = format!("{}a{}", "(".repeat(1000), ")".repeat(1000));
        let names = NAMES.map(str::to_owned);
        assert!(parse(&text, &names).is_err());
    }
}
