//! A text in several languages, as authors write titles, causes and stories.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One text by language tag (`zh-CN`, `en`).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Texts(BTreeMap<String, String>);

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

    /// The languages of [`LANGUAGES`] that are missing or empty.
    pub fn missing(&self) -> Vec<&'static str> {
        LANGUAGES.into_iter().filter(|tag| self.0.get(*tag).is_none_or(|text| text.trim().is_empty())).collect()
    }
}
