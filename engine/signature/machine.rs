//! What rules may tell of the machine: a closed list of names, each with the words that a report shows.
//!
//! A rule's key `tells` gives one of these names a value that the rule captures. The list is the language's; where
//! each value stands in a log is the rules' to know.

use std::collections::BTreeMap;

use crate::signature::case::FACTS;
use crate::signature::detection::Detection;
use crate::signature::fault::{Fault, nearest};
use crate::signature::texts::Texts;
use crate::signature::yaml::Yaml;

/// The offset of the machine's clock from UTC, which the engine itself reads where a log tells it.
pub const UTC_OFFSET: &str = "utc-offset";

/// Every name with its words in English and Chinese, in the order in which a report shows them.
const NAMES: [(&str, &str, &str); 13] = [
    ("edition", "Edition", "版本类型"),
    ("source-build", "Build", "当前版本"),
    ("target-build", "Target build", "目标版本"),
    ("servicing-stack", "Servicing stack", "服务堆栈"),
    ("language", "Language", "语言"),
    ("architecture", "Architecture", "体系结构"),
    ("firmware", "Firmware", "固件"),
    ("boot-type", "Boot type", "启动方式"),
    (UTC_OFFSET, "UTC offset", "时区偏移"),
    ("security-product", "Security product", "安全软件"),
    ("filter-driver", "Filter driver", "筛选驱动"),
    ("update-installed", "Updates installed", "已安装的更新"),
    ("update-failed", "Updates failed", "安装失败的更新"),
];

/// All names, in the order in which a report shows them.
pub fn machine_names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(name, ..)| *name)
}

/// What a report calls a name; empty where there is no such name.
pub fn machine_title(name: &str) -> Texts {
    let mut title = Texts::default();
    if let Some((_, english, chinese)) = NAMES.iter().find(|(known, ..)| *known == name) {
        title.insert("en", (*english).to_owned());
        title.insert("zh-CN", (*chinese).to_owned());
    }
    title
}

/// Refuses names that do not exist, and values that the rule does not capture.
pub(super) fn check(yaml: &Yaml, tells: &BTreeMap<String, String>, detection: &Detection, faults: &mut Vec<Fault>) {
    let captures = detection.captures();
    for (name, capture) in tells {
        let route = ["tells".to_owned(), name.clone()];
        if !machine_names().any(|known| known == name) {
            let help = match nearest(name, machine_names()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the names are: {}", machine_names().collect::<Vec<_>>().join(", ")),
            };
            let message = format!("a report has no `{name}` of the machine");
            faults.push(yaml.fault_at_key("unknown-key", &route, message, help));
        }
        if !captures.contains(capture.as_str()) && !FACTS.contains(&capture.as_str()) {
            let message = format!("the rule captures no `{capture}`");
            faults.push(yaml.fault_at("unknown-capture", &route, message, "name a capture of its patterns, or a fact"));
        }
    }
}
