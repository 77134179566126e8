//! The second half of a pair such as `0xC1900101 - 0x20017`: in which phase of Windows Setup the error happened, and during
//! which operation.
//!
//! `explain` asks [`phase`] and [`operation`]. What the numbers mean is data, `stages.csv`; a number that is not there gives
//! nothing, since newer builds of setup have more of both.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::table::{hex, rows};

/// A phase or an operation of Windows Setup.
pub struct Stage {
    /// As setup prints it, for example `SAFE_OS`.
    pub name: String,
    english: String,
    chinese: String,
}

impl Stage {
    /// What it is, in Chinese for any tag that begins with `zh`, else in English.
    pub fn meaning(&self, lang: &str) -> &str {
        if super::is_chinese(lang) { &self.chinese } else { &self.english }
    }
}

/// The phase that an extend code names.
pub fn phase(extend: u32) -> Option<&'static Stage> {
    STAGES.get(&("phase", extend >> 16))
}

/// The operation that an extend code names.
pub fn operation(extend: u32) -> Option<&'static Stage> {
    STAGES.get(&("operation", extend & 0xFFFF))
}

static STAGES: LazyLock<HashMap<(&str, u32), Stage>> = LazyLock::new(|| {
    let rows = rows(include_str!("stages.csv"));
    let stages = rows.filter_map(|row| {
        let part = if &row[0] == "phase" { "phase" } else { "operation" };
        let stage = Stage { name: row[2].to_owned(), english: row[3].to_owned(), chinese: row[4].to_owned() };
        Some(((part, hex(&row[1])?), stage))
    });
    stages.collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    fn check(extend: u32, expected: [Option<&str>; 2]) {
        let names = [phase(extend), operation(extend)].map(|stage| stage.map(|stage| stage.name.as_str()));
        assert_eq!(names, expected, "{extend:#x}");
    }

    #[test]
    fn an_extend_code_names_phase_and_operation() {
        check(0x2_0017, [Some("SAFE_OS"), Some("BOOT")]);
        check(0x4_000D, [Some("SECOND_BOOT"), Some("MIGRATE_DATA")]);
        check(0x1_0020, [Some("DOWNLEVEL"), Some("ADD_PROVISIONING_PACKAGE")]);
        check(0x6_0000, [None, Some("UNKNOWN")]);
        check(0x2_0099, [Some("SAFE_OS"), None]);
    }

    #[test]
    fn every_stage_speaks_both_languages() {
        let lines = include_str!("stages.csv").lines().filter(|line| !line.starts_with('#')).count() - 1;
        assert_eq!(lines, STAGES.len());
        for stage in STAGES.values() {
            assert!(!stage.meaning("en").is_empty() && !stage.meaning("zh-CN").is_empty(), "{}", stage.name);
        }
    }
}
