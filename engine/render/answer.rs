//! Draws the answer to a search: known errors with their cases, each with the passages that say why.
//!
//! `main` calls [`answer`] for a terminal; JSON is the answer itself. Case texts quote logs, so every piece goes through
//! `printable` before its marks are set.

use anstyle::{AnsiColor, Style};

use crate::render::text::{BOLD, DIM, styled};
use crate::render::words::Words;
use crate::search::{Answer, Hit, Snippet};
use crate::text::printable;

const MARK: Style = AnsiColor::Yellow.on_default().bold();
const FAINT: Style = DIM;

/// Draws the answer in `language`, at most `width` columns wide.
pub fn answer(answer: &Answer, language: &str, width: usize) -> String {
    let words = Words::of(language);
    let mut page = Page { words, width: width.clamp(40, 160), out: String::new() };
    page.head(answer);
    let mut group = 0;
    for hit in &answer.hits {
        let leads = hit.group != group;
        group = hit.group;
        page.hit(hit, leads);
    }
    page.foot(answer);
    page.out
}

struct Page {
    words: &'static Words,
    width: usize,
    out: String,
}

impl Page {
    /// What the query was understood to be.
    fn head(&mut self, answer: &Answer) {
        let search = &self.words.search;
        for error in &answer.errors {
            let name = error.name.unwrap_or_default();
            let meaning = error.meaning.get(self.words.language);
            self.line(0, format!("{}  {name}  {meaning}", styled(BOLD, &error.error)));
        }
        for correction in &answer.corrected {
            let meant = correction.meant.join(", ");
            self.line(0, format!("{}: {} → {}", search.taken_for, printable(&correction.word), printable(&meant)));
        }
        for unknown in &answer.unknown {
            let nearest = match unknown.nearest.is_empty() {
                true => String::new(),
                false => format!(" ({} {})", search.nearest, unknown.nearest.join(", ")),
            };
            self.line(0, format!("{}: {}{}", search.unknown, printable(&unknown.word), printable(&nearest)));
        }
        if !answer.left_out.is_empty() {
            self.line(0, format!("{}: {}", search.left_out, printable(&answer.left_out.join(" "))));
        }
        if answer.hits.is_empty() {
            let nothing = if answer.total == 0 { search.nothing } else { search.no_more };
            self.line(0, nothing.to_owned());
        }
    }

    fn hit(&mut self, hit: &Hit, leads: bool) {
        let title = hit.title.get(self.words.language);
        let title = marked(title, &hit.title_marks, BOLD);
        let kind = self.words.search.kinds[hit.kind as usize];
        let id = styled(FAINT, &printable(&hit.id));
        if leads {
            self.out.push('\n');
            self.line(0, format!("{:>2}. {title}", hit.group));
            let area = hit.area.as_deref().map(|area| format!("  {area}")).unwrap_or_default();
            self.line(4, format!("{kind}  {id}{}", styled(FAINT, &area)));
        } else {
            self.line(4, format!("{kind}  {id}  {title}"));
        }
        let indent = if leads { 4 } else { 8 };
        hit.snippets.iter().for_each(|snippet| self.snippet(indent, snippet));
    }

    /// A passage in one line or several, its marks kept across the breaks.
    fn snippet(&mut self, indent: usize, snippet: &Snippet) {
        let head = format!("{}: ", self.words.search.field(&snippet.field));
        let text = marked(&snippet.text, &snippet.marks, Style::new());
        self.line(indent, format!("{}{text}", styled(FAINT, &head)));
    }

    /// How much there is, and what narrows it.
    fn foot(&mut self, answer: &Answer) {
        let search = &self.words.search;
        if answer.total == 0 {
            return;
        }
        self.out.push('\n');
        let shown = answer.hits.last().map_or(answer.skipped, |hit| hit.group);
        let from = (answer.skipped + 1).min(shown);
        self.line(0, styled(FAINT, &format!("{from}–{shown} / {}", answer.total)));
        let facets = [
            (search.kind, &answer.facets.kinds),
            ("area:", &answer.facets.areas),
            ("customer:", &answer.facets.customers),
            ("status:", &answer.facets.statuses),
        ];
        for (name, counts) in facets.into_iter().filter(|(_, counts)| counts.len() > 1) {
            let mut counts: Vec<(&String, &u64)> = counts.iter().collect();
            counts.sort_by(|(a, a_count), (b, b_count)| b_count.cmp(a_count).then(a.cmp(b)));
            let shown = counts.iter().take(8).map(|(value, count)| format!("{} {count}", printable(value)));
            let line = format!("{name} {}", shown.collect::<Vec<_>>().join(", "));
            let lines: Vec<String> =
                textwrap::wrap(&line, self.width).into_iter().map(|line| line.into_owned()).collect();
            lines.iter().for_each(|line| self.line(0, styled(FAINT, line)));
        }
    }

    fn line(&mut self, indent: usize, body: String) {
        self.out.push_str(&" ".repeat(indent));
        self.out.push_str(body.trim_end());
        self.out.push('\n');
    }
}

/// A text with its marks; what a terminal would obey is made visible.
fn marked(text: &str, marks: &[(usize, usize)], plain: Style) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut piece = |from: usize, to: usize, style: Style| {
        let part: String = letters.get(from..to.min(letters.len())).unwrap_or_default().iter().collect();
        if !part.is_empty() {
            out.push_str(&styled(style, &printable(&part)));
        }
    };
    let mut at = 0;
    for (start, end) in marks {
        piece(at, *start, plain);
        piece(*start, *end, MARK);
        at = *end;
    }
    piece(at, letters.len(), plain);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Kind;

    fn check(text: &str, marks: &[(usize, usize)], expected: &str) {
        let drawn = marked(text, marks, Style::new());
        let drawn = drawn.replace(&MARK.render().to_string(), "<").replace(&MARK.render_reset().to_string(), ">");
        assert_eq!(drawn, expected);
    }

    #[test]
    fn marks_stand_where_they_belong() {
        check("升级被拒绝访问。", &[(3, 7)], "升级被<拒绝访问>。");
        check("all", &[(0, 3)], "<all>");
        check("none", &[], "none");
    }

    #[test]
    fn escapes_never_reach_the_terminal() {
        check("a\u{1b}[31mb", &[(0, 1)], "<a>␛[31mb");
    }

    #[test]
    fn kinds_have_a_word_each() {
        for language in ["en", "zh-CN"] {
            assert!(Kind::ALL.iter().all(|kind| !Words::of(language).search.kinds[*kind as usize].is_empty()));
        }
    }
}
