//! An explanation for a person, in Chinese or English.

use std::fmt::Write;

use crate::explain::{
    CodeInfo, CorrelationInfo, Explanation, ExtendInfo, ItemInfo, Named, Outcome, RuleInfo, SignatureInfo, Thing,
};
use crate::text::printable;
use crate::verdict::Evidence;

/// Draws the explanation in `language`.
pub fn text(explanation: &Explanation, language: &str) -> String {
    let mut page = Page { chinese: language.starts_with("zh"), language, out: String::new() };
    match &explanation.thing {
        Thing::Code(info) => page.code(info),
        Thing::Rule(info) => page.rule(info),
        Thing::Correlation(info) => page.correlation(info),
        Thing::KnownError(info) | Thing::Case(info) => page.signature(info),
    }
    page.out
}

struct Page<'l> {
    chinese: bool,
    language: &'l str,
    out: String,
}

impl Page<'_> {
    fn code(&mut self, info: &CodeInfo) {
        self.line(0, &format!("{}  {}", info.error, info.name.unwrap_or_default()));
        self.line(2, info.meaning.get(self.language));
        let family = info.family.unwrap_or("-");
        let win32 = info.win32.map(|number| format!("  Win32 {number}")).unwrap_or_default();
        self.line(2, &format!("{family}{win32}  {}  {}", info.unsigned, info.signed));
        if let Some(extend) = &info.extend {
            self.extend(extend);
        }
        self.names(self.word("Rules that ask for it", "使用该错误码的规则"), &info.rules);
        self.names(self.word("Known errors and cases", "相关的已知错误与案例"), &info.used_by);
    }

    fn extend(&mut self, info: &ExtendInfo) {
        let parts = [(self.word("Phase", "阶段"), &info.phase), (self.word("Operation", "操作"), &info.operation)];
        for (heading, stage) in parts {
            let told = match stage {
                Some(stage) => format!("{} ({})", stage.meaning.get(self.language), stage.name),
                None => "-".to_owned(),
            };
            self.line(2, &format!("{}  {heading}: {told}", info.code));
        }
    }

    fn rule(&mut self, info: &RuleInfo) {
        self.line(0, &format!("{}  {}", info.id, info.title.get(self.language)));
        self.line(2, info.description.get(self.language));
        self.line(2, &format!("{}: {}", self.word("Log", "日志"), info.logsource));
        for selection in &info.selections {
            self.line(2, &format!("{}:", selection.name));
            selection.tests.iter().for_each(|test| self.line(4, test));
        }
        if !info.captures.is_empty() {
            self.line(2, &format!("{}: {}", self.word("Captures", "提取"), info.captures.join(", ")));
        }
        let literals = match info.literals.as_slice() {
            [] => self.word("it looks at every record", "逐条检查所有记录").to_owned(),
            few if few.len() <= 5 => few.join(" | "),
            [first, ..] => format!("{first} | … ({})", info.literals.len()),
        };
        self.line(2, &format!("{}: {literals}", self.word("Tried where the log holds", "预筛选文本")));
        self.names(self.word("Known errors and cases", "相关的已知错误与案例"), &info.used_by);
    }

    fn correlation(&mut self, info: &CorrelationInfo) {
        self.line(0, &format!("{}  {}", info.id, info.title.get(self.language)));
        self.line(2, info.description.get(self.language));
        self.line(2, &info.asks);
        if !info.group_by.is_empty() {
            self.line(2, &format!("group-by: {}", info.group_by.join(", ")));
        }
        let within = [info.within_seconds.map(|n| format!("{n} s")), info.within_lines.map(|n| format!("{n} lines"))];
        let within = within.into_iter().flatten().collect::<Vec<_>>().join(", ");
        self.line(2, &format!("within: {}", if within.is_empty() { "bundle" } else { &within }));
        self.names(self.word("Rules", "规则"), &info.rules);
        self.names(self.word("Known errors and cases", "相关的已知错误与案例"), &info.used_by);
    }

    fn signature(&mut self, info: &SignatureInfo) {
        let confidence = info.confidence.map(|confidence| format!("  [{confidence}]")).unwrap_or_default();
        self.line(0, &format!("{}  {}{confidence}", info.id, info.title.get(self.language)));
        if let Some(known_error) = &info.known_error {
            self.line(2, &format!("{}: {known_error}", self.word("Known error", "已知错误")));
        }
        info.items.iter().for_each(|item| self.item(item));
        if !info.same.is_empty() {
            self.line(2, &format!("same: {}", info.same.join(", ")));
        }
        if let Some(seconds) = info.within_seconds {
            self.line(2, &format!("within: {seconds} s"));
        }
        self.line(2, &format!("{}:", self.word("Proof", "证明")));
        info.proof.iter().for_each(|file| self.line(4, file));
    }

    fn item(&mut self, item: &ItemInfo) {
        let sign = match &item.outcome {
            None => "",
            Some(Outcome::Held { .. }) => "+ ",
            Some(_) => "- ",
        };
        self.line(2, &format!("{sign}{}: {} ({})", item.part, item.title.get(self.language), item.logsource));
        self.line(6, &item.rule);
        item.constraints.iter().for_each(|constraint| self.line(6, constraint));
        match &item.outcome {
            None => {}
            Some(Outcome::Held { evidence }) => self.evidence(evidence),
            Some(Outcome::NotFound) => self
                .line(6, self.word("the log was read, and the rule fired nowhere in it", "已读取该日志，规则未命中")),
            Some(Outcome::LogMissing) => self.line(6, self.word("the log is not in the bundle", "日志包中没有该日志")),
            Some(Outcome::ConstraintFailed { constraint, values, evidence }) => {
                let failed = self.word("failed first", "首先不满足");
                let found =
                    if values.is_empty() { "-".to_owned() } else { printable(&values.join(" | ")).into_owned() };
                self.line(6, &format!("{failed}: {constraint} ({}: {found})", self.word("found", "实际")));
                self.evidence(evidence);
            }
        }
    }

    fn evidence(&mut self, evidence: &Evidence) {
        let first = evidence.text.lines().next().unwrap_or_default();
        self.line(6, &format!("{}:{}  {}", printable(&evidence.entry), evidence.line, printable(first)));
    }

    fn names(&mut self, heading: &str, names: &[Named]) {
        if names.is_empty() {
            return;
        }
        self.line(2, &format!("{heading}:"));
        for name in names {
            let title = name.title.get(self.language).to_owned();
            self.line(4, &format!("{}  {title}", name.id));
        }
    }

    fn word(&self, english: &'static str, chinese: &'static str) -> &'static str {
        if self.chinese { chinese } else { english }
    }

    fn line(&mut self, indent: usize, body: &str) {
        for line in body.lines() {
            let _ = writeln!(self.out, "{:indent$}{}", "", printable(line));
        }
    }
}
