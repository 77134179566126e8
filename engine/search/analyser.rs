//! Cuts a text into the terms that the index knows, each with its place.
//!
//! Called for every text that is indexed, for every query, and for every passage that may be shown as a snippet; all
//! three meet because all three are cut here. Chinese becomes overlapping pairs of characters. An English word becomes
//! its stem. A technical token is kept whole and in its parts: `amd64_dual_wpdmtp.inf_31bf_10.0.17763.1` also as
//! `wpdmtp.inf`, `wpdmtp`, `inf`, `10.0.17763.1`, `10.0.17763`; `CApplyWIM` also as `apply` and `wim`; a path by its
//! segments. A dictionary of Chinese words was tried and not taken: docs/search.md says what it gave.

use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

use super::chinese::{fold, is_han};

/// What a term is made from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Two Chinese characters, or one that stands alone.
    Han,
    /// An English word, stemmed.
    Word,
    /// A technical token as it was written, in lower case.
    Whole,
    /// A part of a technical token.
    Part,
}

/// One term of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Token {
    /// The term.
    pub(super) term: String,
    /// What it is made from.
    pub(super) kind: Kind,
    /// First byte in the text.
    pub(super) start: usize,
    /// The byte behind it.
    pub(super) end: usize,
    /// Its place among the terms; a token and its first part share one.
    pub(super) position: usize,
}

/// The longest term: what is longer is data, not language.
const LONGEST: usize = 120;

/// Every term of a text, in order.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut cutter = Cutter { tokens: Vec::new(), position: 0 };
    let letters: Vec<(usize, char)> = text.char_indices().map(|(at, letter)| (at, fold(letter))).collect();
    let mut at = 0;
    while at < letters.len() {
        let begin = at;
        let letter = letters[at].1;
        if is_han(letter) {
            at += letters[at..].iter().take_while(|(_, letter)| is_han(*letter)).count();
            cutter.han(&letters[begin..at], end(text, &letters, at));
        } else if letter.is_alphanumeric() {
            at += letters[at..].iter().take_while(|(_, letter)| is_inner(*letter)).count();
            let run = &letters[begin..at];
            let length = run.iter().rposition(|(_, letter)| letter.is_alphanumeric()).map_or(0, |last| last + 1);
            cutter.latin(&run[..length], end(text, &letters, begin + length));
            if letters.get(begin + length).is_some_and(|(_, next)| *next == '%') {
                at = begin + length + 1;
                cutter.percent(end(text, &letters, at));
            }
        } else {
            at += 1;
        }
    }
    cutter.tokens
}

/// The English words of a text as they are written, in lower case; also those inside technical tokens.
pub(super) fn words(text: &str) -> Vec<String> {
    let is_word = |token: &Token| token.kind != Kind::Han && token.term.bytes().all(|byte| byte.is_ascii_alphabetic());
    let written = |token: Token| text[token.start..token.end].chars().map(fold).collect::<String>().to_lowercase();
    tokens(text).into_iter().filter(is_word).map(written).collect()
}

/// The stem of an English word in lower case; what is no English word stays as it is.
pub(super) fn stem(word: &str) -> String {
    static ENGLISH: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));
    if word.len() < 3 || !word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return word.to_owned();
    }
    ENGLISH.stem(word).into_owned()
}

fn is_inner(letter: char) -> bool {
    !is_han(letter) && (letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-' | '~' | '@' | '+' | '$' | '\''))
}

fn end(text: &str, letters: &[(usize, char)], index: usize) -> usize {
    letters.get(index).map_or(text.len(), |(at, _)| *at)
}

struct Cutter {
    tokens: Vec<Token>,
    position: usize,
}

impl Cutter {
    fn han(&mut self, run: &[(usize, char)], run_end: usize) {
        let end = |index: usize| run.get(index).map_or(run_end, |(at, _)| *at);
        let size = run.len().min(2);
        for (offset, window) in run.windows(size).enumerate() {
            let term = window.iter().map(|(_, letter)| *letter).collect();
            let (start, end) = (run[offset].0, end(offset + size));
            self.tokens.push(Token { term, kind: Kind::Han, start, end, position: self.position + offset });
        }
        // One place stays free, so that no phrase reaches across the end of a run.
        self.position += run.len() + 1;
    }

    fn latin(&mut self, run: &[(usize, char)], run_end: usize) {
        let word: String = run.iter().map(|(_, letter)| *letter).collect();
        let word = word.strip_suffix("'s").unwrap_or(&word);
        let parts = parts(&run[..word.chars().count()], run_end);
        let lower = word.to_lowercase();
        if let [only] = parts.as_slice()
            && humps(only).is_empty()
        {
            let kind = if lower.bytes().any(|byte| byte.is_ascii_digit()) { Kind::Whole } else { Kind::Word };
            self.push(stem(&lower), kind, only.start, only.end);
            self.push_digits(&lower, only);
            self.position += 1;
            return;
        }
        let place = |index: usize| run.get(index).map_or(run_end, |(at, _)| *at);
        self.push(lower.clone(), Kind::Whole, place(0), run_end);
        for (from, piece) in compounds(&lower) {
            self.push(piece.to_owned(), Kind::Part, place(from), place(from + piece.chars().count()));
        }
        let first = self.position;
        for (index, part) in parts.iter().enumerate() {
            self.position = first + index;
            if parts.len() > 1 {
                self.push(stem(&part.text.to_lowercase()), Kind::Part, part.start, part.end);
            }
            self.push_digits(&part.text.to_lowercase(), part);
            for hump in humps(part) {
                self.push(stem(&hump.text.to_lowercase()), Kind::Part, hump.start, hump.end);
            }
        }
        self.position = first + parts.len().max(1);
    }

    /// The digits of a hexadecimal number, which people type without its head: `0x00030018` also as `30018`.
    fn push_digits(&mut self, lower: &str, part: &Piece) {
        let digits = lower.strip_prefix("0x").map(|digits| digits.trim_start_matches('0'));
        if let Some(digits) = digits.filter(|digits| digits.len() > 3) {
            self.push(digits.to_owned(), Kind::Part, part.start, part.end);
        }
    }

    /// Makes of a number that was just cut a share, which is told from other numbers: `32%`.
    fn percent(&mut self, end: usize) {
        let Some(number) = self.tokens.last().filter(|last| last.term.bytes().all(|byte| byte.is_ascii_digit())) else {
            return;
        };
        let share = Token { term: format!("{}%", number.term), end, ..number.clone() };
        if let Some(number) = self.tokens.last_mut() {
            number.kind = Kind::Part;
        }
        self.tokens.insert(self.tokens.len() - 1, share);
    }

    fn push(&mut self, term: String, kind: Kind, start: usize, end: usize) {
        let repeats = self.tokens.iter().rev().take(8).any(|token| token.term == term && token.start == start);
        if !repeats && !term.is_empty() && term.len() <= LONGEST {
            self.tokens.push(Token { term, kind, start, end, position: self.position });
        }
    }
}

/// A piece of a token with its place in the text.
struct Piece {
    text: String,
    start: usize,
    end: usize,
    letters: Vec<(usize, char)>,
}

/// The letters and digits between the joints of a token.
fn parts(run: &[(usize, char)], run_end: usize) -> Vec<Piece> {
    let mut parts = Vec::new();
    let mut begin = 0;
    for index in 0..=run.len() {
        if run.get(index).is_some_and(|(_, letter)| letter.is_alphanumeric()) {
            continue;
        }
        if index > begin {
            parts.push(piece(&run[begin..index], run.get(index).map_or(run_end, |(at, _)| *at)));
        }
        begin = index + 1;
    }
    parts
}

fn piece(letters: &[(usize, char)], end: usize) -> Piece {
    let text = letters.iter().map(|(_, letter)| *letter).collect();
    Piece { text, start: letters.first().map_or(end, |(at, _)| *at), end, letters: letters.to_vec() }
}

/// The words of a name in humps, `CApplyWIM` as `Apply` and `WIM`, and a long number behind letters, `KB4561621`.
fn humps(part: &Piece) -> Vec<Piece> {
    let letters: Vec<char> = part.letters.iter().map(|(_, letter)| *letter).collect();
    // Hexadecimal hashes have humps that mean nothing.
    let digits = letters.strip_prefix(&['0', 'x']).unwrap_or(&letters);
    if digits.len() >= 8 && digits.iter().all(char::is_ascii_hexdigit) {
        return Vec::new();
    }
    let mut humps = Vec::new();
    let mut begin = 0;
    for index in 1..=letters.len() {
        if index < letters.len() && !begins_hump(&letters, begin, index) {
            continue;
        }
        if index - begin > 1 && index - begin < letters.len() {
            let end = part.letters.get(index).map_or(part.end, |(at, _)| *at);
            humps.push(piece(&part.letters[begin..index], end));
        }
        begin = index;
    }
    humps
}

/// Whether a new word of a name begins at `index`, where the one before began at `begin`.
fn begins_hump(letters: &[char], begin: usize, index: usize) -> bool {
    let (before, here, rest) = (letters[index - 1], letters[index], &letters[index..]);
    if here.is_ascii_digit() {
        let is_word = letters[begin..index].iter().all(|letter| letter.is_alphabetic());
        return index - begin > 1 && is_word && rest.len() > 3 && rest.iter().all(char::is_ascii_digit);
    }
    let lower_follows = rest.get(1).is_some_and(|next| next.is_lowercase());
    here.is_uppercase() && (before.is_lowercase() || before.is_uppercase() && lower_follows)
}

/// Pieces of a token that have parts themselves, with their first character: between underscores and tildes, and the
/// beginnings of a version.
fn compounds(token: &str) -> Vec<(usize, &str)> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for raw in token.split(['_', '~', '@']) {
        let piece = raw.trim_matches(['.', '-', '+', '$', '\'']);
        if piece.len() < token.len() && piece.contains(['.', '-']) && raw.starts_with(piece) {
            pieces.push((from, piece));
        }
        if piece.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            pieces.extend(piece.match_indices('.').skip(1).map(|(dot, _)| (from, &piece[..dot])));
        }
        from += raw.chars().count() + 1;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let terms: Vec<String> = tokens(text).into_iter().map(|token| token.term).collect();
        assert_eq!(terms.join(" "), expected, "{text}");
    }

    #[test]
    fn chinese_becomes_pairs() {
        check("拒绝访问", "拒绝 绝访 访问");
        check("拒絕訪問", "拒绝 绝访 访问");
        check("盘", "盘");
        check("升级到32%失败", "升级 级到 32% 32 失败");
    }

    #[test]
    fn english_becomes_stems() {
        check("Upgrades failed while restarting", "upgrad fail while restart");
        check("user's profile", "user profil");
    }

    #[test]
    fn technical_tokens_stand_whole_and_in_parts() {
        check("WpdMtp.dll", "wpdmtp.dll wpdmtp wpd mtp dll");
        check("KB4561621", "kb4561621 kb 4561621");
        check("CAS-02713", "cas-02713 cas 02713");
        check("10.0.17763.1", "10.0.17763.1 10.0 10.0.17763 10 0 17763 1");
        check("CApplyWIM", "capplywim appli wim");
        check("amd64_dual_wpdmtp.inf", "amd64_dual_wpdmtp.inf wpdmtp.inf amd64 dual wpdmtp inf");
        check("0x80070005", "0x80070005 80070005");
        check("0xC1900101-0x30018", "0xc1900101-0x30018 0xc1900101 c1900101 0x30018 30018");
    }

    #[test]
    fn paths_are_cut_at_their_segments() {
        check(r"C:\$WINDOWS.~BT\NewOS", "c windows.~bt window bt newos new os");
        check("/Windows/Panther", "window panther");
    }

    #[test]
    fn places_are_those_of_the_original() {
        let text = "在　ＫＢ４５６１６２１ 里";
        let token = &tokens(text)[1];
        assert_eq!((&text[token.start..token.end], token.term.as_str()), ("ＫＢ４５６１６２１", "kb4561621"));
    }

    #[test]
    fn nothing_and_noise_have_no_terms() {
        check("", "");
        check("$ \\ [ : ] -- ...", "");
    }
}
