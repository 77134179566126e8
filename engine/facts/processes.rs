//! Programs in a text: the file names that end in `.exe`.
//!
//! The matcher offers them to rules as the field `process`. Only the name is kept: where a program lies differs from
//! machine to machine.

use std::sync::LazyLock;

use regex::Regex;

use super::{Fact, char_after};

/// The programs a text names, with or without a path before them; the value is the file name as it is spelled.
pub fn processes(text: &str) -> Vec<Fact> {
    static PROGRAM: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i-u)[a-z0-9_$.+~@&-]+\.exe\b").expect("the expression above is valid"));
    let programs = PROGRAM.find_iter(text).filter(|found| {
        // `x.exe.config` and `x.exe.mui` belong to a program but are none.
        let followed_by_dot = text[found.end()..].starts_with('.');
        !followed_by_dot || !char_after(text, found.end() + 1).is_some_and(|next| next.is_ascii_alphanumeric())
    });
    programs.map(|found| Fact { value: found.as_str().to_owned(), span: found.range() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> = processes(text).into_iter().map(|fact| fact.value).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_program_is_its_file_name() {
        check(r"C:\Program Files (x86)\Product\Agent.exe程序崩溃", &["Agent.exe"]);
        check("\"TiWorker.exe\",\"3524\"", &["TiWorker.exe"]);
        check("报错vUserHci.exe，安装", &["vUserHci.exe"]);
        check(
            "DISM.EXE: Executing command line: \"C:\\Windows\\system32\\Dism.exe\" /Online",
            &["DISM.EXE", "Dism.exe"],
        );
        check("caller conhost.exe.", &["conhost.exe"]);
    }

    #[test]
    fn other_files_are_no_programs() {
        check(r"a.exe.config b.exe.mui c.exec .exe d.dll", &[]);
    }
}
