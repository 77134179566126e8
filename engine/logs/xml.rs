//! Reads start tags, their attributes and their text, as far as set-up's XML files need it.
//!
//! Called by the files of the XML formats and, for its attributes, by `cmtrace`. A scanner and no
//! parser: it never looks at document types, expands nothing but the five predefined entities,
//! and takes a damaged tag as far as it can be read. Other references stay as they are written,
//! because the search for a rule's words looks at the text of the file.

use std::borrow::Cow;

/// One start tag.
#[derive(Clone, Copy)]
pub(super) struct Tag<'t> {
    pub(super) name: &'t str,
    /// What follows the name: attributes, the tag's end, and all after it.
    rest: &'t str,
}

/// The start tag a text begins with; none for an end tag, a comment or a declaration.
pub(super) fn tag(text: &str) -> Option<Tag<'_>> {
    let inner = text.strip_prefix('<')?;
    let is_name = |next: char| next.is_alphanumeric() || matches!(next, ':' | '_' | '-' | '.');
    let end = inner.find(|next| !is_name(next)).unwrap_or(inner.len());
    let (name, rest) = inner.split_at(end);
    (!name.is_empty()).then_some(Tag { name, rest })
}

/// All tags in a text, in order; of an end tag only its name, as an error.
pub(super) fn tags_and_ends(text: &str) -> impl Iterator<Item = Result<Tag<'_>, &str>> {
    memchr::memchr_iter(b'<', text.as_bytes()).filter_map(|at| match text[at..].strip_prefix("</") {
        Some(rest) => rest.split_once('>').map(|(name, _)| Err(name.trim_end())),
        None => tag(&text[at..]).map(Ok),
    })
}

/// All start tags in a text, in order.
pub(super) fn tags(text: &str) -> impl Iterator<Item = Tag<'_>> {
    memchr::memchr_iter(b'<', text.as_bytes()).filter_map(|at| tag(&text[at..]))
}

impl<'t> Tag<'t> {
    /// Its attributes with their values as written.
    pub(super) fn attributes(self) -> Attributes<'t> {
        Attributes { rest: self.rest }
    }

    /// Whether there is an attribute; looks no further than the first.
    pub(super) fn has_attributes(self) -> bool {
        let next = self.rest.trim_start();
        next.len() < self.rest.len() && next.starts_with(|next: char| next.is_alphabetic() || next == '_')
    }

    /// The text up to the next tag, if the tag is whole and the text not blank; without the blanks around it.
    pub(super) fn text(self) -> Option<&'t str> {
        self.content().map(str::trim).filter(|text| !text.is_empty())
    }

    /// The text up to the next tag as it stands there, blanks and all, if the tag is whole.
    pub(super) fn content(self) -> Option<&'t str> {
        let mut attributes = self.attributes();
        attributes.by_ref().for_each(drop);
        let text = attributes.rest.trim_start().strip_prefix('>')?;
        Some(&text[..text.find('<').unwrap_or(text.len())])
    }
}

/// The attributes of a tag, from left to right; ends at the first damaged one.
pub(super) struct Attributes<'t> {
    /// What was not read yet.
    pub(super) rest: &'t str,
}

impl<'t> Iterator for Attributes<'t> {
    type Item = (&'t str, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        let begin = self.rest.trim_start();
        let end = begin.find(|next: char| next == '=' || next == '>' || next == '<' || next.is_whitespace())?;
        let (name, rest) = begin.split_at(end);
        let value = rest.strip_prefix('=')?;
        let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (value, rest) = value[1..].split_once(quote)?;
        self.rest = rest;
        (!name.is_empty()).then_some((name, value))
    }
}

/// A value with the five predefined entities replaced by the characters they stand for.
pub(super) fn decode(value: &str) -> Cow<'_, str> {
    const ENTITIES: [(&str, char); 5] =
        [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&apos;", '\'')];
    let Some(first) = value.find('&') else { return Cow::Borrowed(value) };
    let (mut decoded, mut rest) = (value[..first].to_owned(), &value[first..]);
    while let Some(next) = rest.chars().next() {
        let entity = ENTITIES.iter().find(|(name, _)| rest.starts_with(name));
        let (length, plain) = entity.map_or((next.len_utf8(), next), |(name, plain)| (name.len(), *plain));
        decoded.push(plain);
        rest = &rest[length..];
    }
    Cow::Owned(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        let shown = tags(input).map(|tag| {
            let attributes: Vec<String> =
                tag.attributes().map(|(name, value)| format!("{name}={}", decode(value))).collect();
            format!("{}[{}]{}", tag.name, attributes.join(","), tag.text().unwrap_or_default())
        });
        assert_eq!(shown.collect::<Vec<_>>().join(" "), expected, "{input}");
    }

    #[test]
    fn tags_attributes_and_text_are_read() {
        check("<?xml version=\"1.0\"?><a x='1' y=\"a > b\"/><b>text</b>", "a[x=1,y=a > b] b[]text");
        check("<z:row Cls=\"D\"\r\n   Msg=\"&lt;a&gt; &amp;amp; &#65;\"/>", "z:row[Cls=D,Msg=<a> &amp; &#65;]");
        check("<a>\r\n  <b> x </b>\r\n</a><!-- c -->", "a[] b[]x");
    }

    #[test]
    fn damaged_tags_are_read_as_far_as_they_go() {
        check("<a x=\"1\" y=\"2", "a[x=1]");
        check("<a x=1><", "a[]");
        check("<a x=\"1", "a[]");
        check("< a>< 错=\"<é", "é[]");
    }
}
