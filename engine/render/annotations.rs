//! Faults in the forms that services read: GitHub's annotations, GitLab's code quality, JUnit's XML.

use serde_json::json;

use crate::signature::{Fault, Severity};

/// Workflow commands that GitHub shows at the lines of a pull request.
pub fn github(faults: &[Fault]) -> String {
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let line = |fault: &Fault| {
        let level = if fault.severity == Severity::Error { "error" } else { "warning" };
        let (file, code) = (property(&fault.file), property(fault.code));
        let text = data(&format!("{}. {}", fault.message, fault.help));
        format!("::{level} file={file},line={},col={},title={code}::{text}\n", fault.line, fault.column)
    };
    faults.iter().map(line).collect()
}

/// A code quality report as GitLab's merge requests read it.
pub fn gitlab(faults: &[Fault]) -> String {
    let issue = |fault: &Fault| {
        json!({
            "description": format!("{}. {}", fault.message, fault.help),
            "check_name": fault.code,
            "fingerprint": format!("{}:{}:{}:{}", fault.code, fault.file, fault.line, fault.message),
            "severity": if fault.severity == Severity::Error { "major" } else { "minor" },
            "location": {"path": fault.file, "lines": {"begin": fault.line}},
        })
    };
    let issues: Vec<_> = faults.iter().map(issue).collect();
    format!("{:#}\n", serde_json::Value::from(issues))
}

/// A JUnit report: one failed test case a fault; where there is none, one that passed.
pub fn junit(faults: &[Fault]) -> String {
    let case = |fault: &Fault| {
        let (file, message) = (xml(&fault.file), xml(&fault.message));
        let (code, help, line) = (fault.code, xml(&fault.help), fault.line);
        format!(
            "  <testcase classname=\"{file}\" name=\"{code} at line {line}\">\n    <failure type=\"{code}\" message=\"{message}\">{help}</failure>\n  </testcase>\n"
        )
    };
    let cases: String = match faults {
        [] => "  <testcase classname=\"casebook\" name=\"knowledge base\"/>\n".to_owned(),
        faults => faults.iter().map(case).collect(),
    };
    let (tests, failures) = (faults.len().max(1), faults.len());
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"casebook check\" tests=\"{tests}\" failures=\"{failures}\">\n{cases}</testsuite>\n"
    )
}

/// Text for XML: its special characters escaped, control characters left out.
fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(char),
            char if char.is_control() => {}
            char => escaped.push(char),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault() -> Fault {
        Fault {
            line: 3,
            column: 5,
            ..Fault::on_file("unknown-key", "rules/a,b.yml", "no key `<x>`", "100 % sure:\nremove it")
        }
    }

    #[test]
    fn github_escapes_what_would_end_a_command() {
        let expected =
            "::error file=rules/a%2Cb.yml,line=3,col=5,title=unknown-key::no key `<x>`. 100 %25 sure:%0Aremove it\n";
        assert_eq!(github(&[fault()]), expected);
    }

    #[test]
    fn gitlab_names_path_and_line() {
        let report: serde_json::Value = serde_json::from_str(&gitlab(&[fault()])).expect("it is JSON");
        assert_eq!(report[0]["location"]["lines"]["begin"], 3);
        assert_eq!(gitlab(&[]), "[]\n");
    }

    #[test]
    fn junit_escapes_and_counts() {
        let report = junit(&[fault()]);
        assert!(report.contains("tests=\"1\" failures=\"1\"") && report.contains("no key `&lt;x&gt;`"), "{report}");
        assert!(junit(&[]).contains("failures=\"0\""));
    }
}
