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
    pub(super) similar: &'static str,
    pub(super) shared: &'static str,
    /// In the order of `Band`.
    pub(super) bands: [&'static str; 3],
    pub(super) search: SearchWords,
    confidence: [&'static str; 5],
}

/// The words of an answer to a search.
pub(super) struct SearchWords {
    pub(super) nothing: &'static str,
    pub(super) no_more: &'static str,
    pub(super) taken_for: &'static str,
    pub(super) unknown: &'static str,
    pub(super) nearest: &'static str,
    pub(super) left_out: &'static str,
    pub(super) kind: &'static str,
    /// In the order of `search::Kind`.
    pub(super) kinds: [&'static str; 5],
    fields: &'static [(&'static str, &'static str)],
}

impl SearchWords {
    /// What a passage's key is called; the key itself where it has no other name.
    pub(super) fn field<'f>(&self, key: &'f str) -> &'f str {
        self.fields.iter().find(|(known, _)| *known == key).map_or(key, |(_, name)| name)
    }
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
    similar: "Past failures that resemble this bundle",
    shared: "both name",
    bands: ["same", "close", "distant"],
    search: SearchWords {
        nothing: "Nothing in the knowledge base speaks of this.",
        no_more: "There is no more.",
        taken_for: "Not known as written, taken for",
        unknown: "Not known here",
        nearest: "nearest:",
        left_out: "Nothing satisfies this, so it was left out",
        kind: "kind:",
        kinds: ["known error", "case", "error code", "rule", "guide"],
        fields: &[("sign", "evidence"), ("support", "evidence"), ("affected", "extent")],
    },
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
    similar: "与此日志包相似的历史故障",
    shared: "共同点",
    bands: ["相同", "接近", "较远"],
    search: SearchWords {
        nothing: "知识库中没有与此相关的内容。",
        no_more: "没有更多结果。",
        taken_for: "未收录该写法，按相近词查找",
        unknown: "知识库中没有",
        nearest: "相近：",
        left_out: "无结果满足该条件，已忽略",
        kind: "类别：",
        kinds: ["已知错误", "案例", "错误代码", "规则", "收集指南"],
        fields: &[
            ("cause", "原因"),
            ("workaround", "规避方法"),
            ("fix", "解决方法"),
            ("symptom", "现象"),
            ("impact", "影响"),
            ("analysis", "分析"),
            ("actions", "处理过程"),
            ("outcome", "结果"),
            ("environment", "环境"),
            ("affected", "影响范围"),
            ("category", "类别"),
            ("customer", "客户"),
            ("evidence", "证据"),
            ("support", "证据"),
            ("sign", "证据"),
            ("description", "说明"),
            ("meaning", "含义"),
            ("spellings", "写法"),
            ("log", "日志"),
            ("file", "文件"),
            ("steps", "步骤"),
            ("reference", "参考资料"),
        ],
    },
    confidence: ["确认", "很可能", "可能", "同类案例", "已排除"],
};
