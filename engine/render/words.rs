//! The fixed words of a report for a person, in Chinese and English.

use crate::verdict::Confidence;

/// The words of one language.
pub(super) struct Words {
    pub(super) language: &'static str,
    pub(super) file: &'static str,
    pub(super) files: &'static str,
    pub(super) machine: &'static str,
    pub(super) nothing: &'static str,
    pub(super) cause: &'static str,
    pub(super) workaround: &'static str,
    pub(super) fix: &'static str,
    pub(super) references: &'static str,
    pub(super) evidence: &'static str,
    pub(super) missing: &'static str,
    pub(super) not_in_bundle: &'static str,
    pub(super) searched: &'static str,
    pub(super) cases: &'static str,
    pub(super) last_seen: &'static str,
    pub(super) earlier: &'static str,
    pub(super) shares: &'static str,
    pub(super) lacks: &'static str,
    pub(super) consequences: &'static str,
    pub(super) follows_from: &'static str,
    pub(super) ruled_out: &'static str,
    pub(super) cannot_tell: &'static str,
    pub(super) gaps: &'static str,
    pub(super) decides: &'static str,
    pub(super) other_findings: &'static str,
    pub(super) unexplained: &'static str,
    pub(super) filters: &'static str,
    pub(super) warnings: &'static str,
    pub(super) more: &'static str,
    pub(super) more_lines: &'static str,
    pub(super) columns: [&'static str; 6],
    confidence: [&'static str; 5],
}

impl Words {
    /// The words for a language tag; English where there are none.
    pub(super) fn of(language: &str) -> &'static Words {
        if language.starts_with("zh") { &CHINESE } else { &ENGLISH }
    }

    pub(super) fn confidence(&self, confidence: Confidence) -> &'static str {
        self.confidence[confidence as usize]
    }
}

static ENGLISH: Words = Words {
    language: "en",
    file: "file",
    files: "files",
    machine: "Machine",
    nothing: "No known error matches this bundle.",
    cause: "Cause",
    workaround: "Workaround",
    fix: "Fix",
    references: "References",
    evidence: "Evidence",
    missing: "Missing",
    not_in_bundle: "not in the bundle",
    searched: "searched, not found",
    cases: "Past cases",
    last_seen: "Last seen",
    earlier: ", more than a day before other failures of this bundle",
    shares: "shares",
    lacks: "lacks",
    consequences: "Consequences, not causes",
    follows_from: "follows from",
    ruled_out: "Ruled out",
    cannot_tell: "Cannot be told from this bundle",
    gaps: "Ask the customer for",
    decides: "decides",
    other_findings: "Other findings",
    unexplained: "Errors nothing explains",
    filters: "Records left out by this site's filters",
    warnings: "Not read, or only in part",
    more: "more",
    more_lines: "more lines",
    columns: ["size", "records", "format", "encoding", "from – to", "entry"],
    confidence: ["confirmed", "likely", "possible", "sibling", "ruled out"],
};

static CHINESE: Words = Words {
    language: "zh-CN",
    file: "个文件",
    files: "个文件",
    machine: "计算机",
    nothing: "没有已知错误与此日志包相符。",
    cause: "原因",
    workaround: "规避方法",
    fix: "解决方法",
    references: "参考资料",
    evidence: "证据",
    missing: "缺少",
    not_in_bundle: "日志包中没有该日志",
    searched: "已查找，未发现",
    cases: "历史案例",
    last_seen: "最后出现",
    earlier: "，比此日志包中的其他失败早一天以上",
    shares: "相同",
    lacks: "缺少",
    consequences: "属于后果，而非原因",
    follows_from: "源于",
    ruled_out: "已排除",
    cannot_tell: "凭此日志包无法判断",
    gaps: "请客户补充收集",
    decides: "可判定",
    other_findings: "其他发现",
    unexplained: "尚无解释的错误",
    filters: "被本站点过滤器排除的记录",
    warnings: "未能读取或只读取了一部分",
    more: "更多",
    more_lines: "行未显示",
    columns: ["大小", "记录数", "格式", "编码", "起止时间", "条目"],
    confidence: ["确认", "很可能", "可能", "同类案例", "已排除"],
};
