//! A text in several languages, as authors write titles, causes and stories.

use std::collections::BTreeMap;
use std::fmt::{self, Formatter};

use schemars::JsonSchema;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// One text by language tag (`zh-CN`, `en`).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Texts(#[serde(deserialize_with = "written")] BTreeMap<String, String>);

/// The languages every text of the knowledge base must have.
pub const LANGUAGES: [&str; 2] = ["zh-CN", "en"];

impl Texts {
    /// The text in `language`, else in one that shares its first part (`zh` for `zh-TW`), else in English, else
    /// in any.
    pub fn get(&self, language: &str) -> &str {
        let primary = language.split('-').next().unwrap_or(language);
        let related = || self.0.iter().find(|(tag, _)| tag.split('-').next() == Some(primary)).map(|(_, text)| text);
        self.0
            .get(language)
            .or_else(related)
            .or_else(|| self.0.get("en"))
            .or_else(|| self.0.values().next())
            .map(|text| text.trim_end())
            .unwrap_or_default()
    }

    /// Every text with its language.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(language, text)| (language.as_str(), text.trim_end()))
    }

    /// Adds the text of one language.
    pub fn insert(&mut self, language: &str, text: String) {
        self.0.insert(language.to_owned(), text);
    }

    /// Whether the English text is one in Chinese: most often the two were exchanged.
    pub fn exchanged(&self) -> bool {
        let english = self.0.get("en").map(String::as_str).unwrap_or_default();
        let is_han = |char: &char| ('\u{4e00}'..='\u{9fff}').contains(char);
        english.chars().filter(is_han).count() * 2 > english.chars().filter(|char| char.is_alphabetic()).count()
    }

    /// The languages of [`LANGUAGES`] that are missing or empty.
    pub fn missing(&self) -> Vec<&'static str> {
        LANGUAGES.into_iter().filter(|tag| self.0.get(*tag).is_none_or(|text| text.trim().is_empty())).collect()
    }
}

/// The texts as they stand in a file: `zh` means `zh-CN`, as in rules, and `null` is no text.
fn written<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    struct ByLanguage;

    impl<'de> Visitor<'de> for ByLanguage {
        type Value = BTreeMap<String, String>;

        fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
            formatter.write_str("a text in each language, `{zh-CN: …, en: …}`,")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut texts = BTreeMap::new();
            while let Some((tag, text)) = map.next_entry::<String, Option<String>>()? {
                let tag = if tag == "zh" { "zh-CN".to_owned() } else { tag };
                texts.extend(text.map(|text| (tag, text)));
            }
            Ok(texts)
        }
    }

    deserializer.deserialize_map(ByLanguage)
}
