//! Tables that compare cases, as a mail client leaves them in a text: a cell a line, or a row a line.
//!
//! Only the row of the case that is drafted is read. Where cells have several lines, a numbered list that begins anew
//! begins the next cell, and what is left over goes to the first cell of free text; so a row may come out cut in the
//! wrong place, which a reader sees, but never with words of another case in it.

use std::sync::LazyLock;

use regex::Regex;

use super::own::{is_of, number_alone};
use super::sections::{KEYS, Section};
use super::split::is_rule;
use super::words::label;

/// Fewest columns of a table.
const FEWEST: usize = 3;

/// Columns whose cells have one line.
const SHORT: [&str; 8] = ["index", "case", "category", "title", "priority", "customer", "affected", "sent"];

/// What a mail's tables tell of `case`, and the mail's lines without them.
pub(super) fn take<'l>(lines: &[&'l str], case: &str) -> (Vec<Section>, Vec<&'l str>) {
    let mut told = Vec::new();
    let mut rest = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if let Some((columns, separator)) = header_row(lines[at]) {
            let rows = lines[at + 1..].iter().take_while(|line| line.contains(separator));
            at += 1 + rows.clone().count();
            let row = rows.map(|line| cells(line, separator)).find(|cells| cells.iter().any(|cell| is_of(cell, case)));
            told.extend(row.into_iter().flat_map(|cells| sections(&columns, cells)));
        } else if let Some((columns, behind)) = header_lines(&lines[at..]) {
            let body = &lines[at + behind..];
            let end = end_of_rows(body, &columns);
            let row = rows(&body[..end], &columns).into_iter().find(|row| row.iter().any(|line| is_of(line, case)));
            told.extend(row.into_iter().flat_map(|row| sections(&columns, cells_of_lines(&columns, &row))));
            at += behind + end;
        } else {
            rest.push(lines[at]);
            at += 1;
        }
    }
    (told, rest)
}

/// The kinds of columns of a header that stands in one line, and what divides its cells.
fn header_row(line: &str) -> Option<(Vec<&'static str>, char)> {
    ['\t', '|', '│', '｜'].into_iter().find_map(|separator| {
        let columns: Option<Vec<&str>> =
            cells(line, separator).iter().map(|cell| label(cell).map(|(kind, _)| kind)).collect();
        columns
            .filter(|columns| columns.len() >= FEWEST && columns.contains(&"case"))
            .map(|columns| (columns, separator))
    })
}

fn cells(line: &str, separator: char) -> Vec<String> {
    let line = line.trim().trim_start_matches(separator).trim_end_matches(separator);
    line.split(separator).map(|cell| cell.trim().to_owned()).collect()
}

/// The kinds of columns of a header that has a line for each, and how many lines it takes.
fn header_lines(lines: &[&str]) -> Option<(Vec<&'static str>, usize)> {
    let mut columns = Vec::new();
    let mut behind = 0;
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match label(line) {
            Some((kind, "")) if !line.trim_end().ends_with([':', '：']) => columns.push(kind),
            _ => break,
        }
        behind = index + 1;
    }
    (columns.len() >= FEWEST && columns.contains(&"case")).then_some((columns, behind))
}

/// Where the rows end: before a part of the mail that is no cell.
fn end_of_rows(lines: &[&str], columns: &[&str]) -> usize {
    let ends = |line: &&str| {
        let part =
            label(line).is_some_and(|(kind, rest)| kind == "other" || rest.is_empty() && !columns.contains(&kind));
        is_rule(line) || part
    };
    lines.iter().position(ends).unwrap_or(lines.len())
}

/// The lines of each row; a row is told by its number.
fn rows<'l>(lines: &[&'l str], columns: &[&str]) -> Vec<Vec<&'l str>> {
    let lines: Vec<&str> = lines.iter().copied().filter(|line| !line.trim().is_empty()).collect();
    let before = columns.iter().position(|kind| *kind == "case").unwrap_or_default();
    let numbered = lines.iter().enumerate().filter(|(_, line)| number_alone(line).is_some());
    let starts: Vec<usize> = numbered.map(|(at, _)| at.saturating_sub(before)).collect();
    let ends = starts.iter().skip(1).copied().chain([lines.len()]);
    starts.iter().zip(ends).map(|(start, end)| lines[*start..end.max(*start)].to_vec()).collect()
}

/// Deals the lines of a row out to its cells.
fn cells_of_lines(columns: &[&str], row: &[&str]) -> Vec<String> {
    if row.len() <= columns.len() {
        return row.iter().map(|line| (*line).to_owned()).collect();
    }
    let is_short = |kind: &&&str| SHORT.contains(*kind);
    let head = columns.iter().take_while(is_short).count();
    let tail = columns[head..].iter().rev().take_while(is_short).count();
    let (first, rest) = row.split_at(head);
    let (free, last) = rest.split_at(rest.len() - tail);
    let mut cells: Vec<String> = first.iter().map(|line| (*line).to_owned()).collect();
    cells.extend(free_cells(free, columns.len() - head - tail));
    cells.extend(last.iter().map(|line| (*line).to_owned()));
    cells
}

/// Cuts lines into `count` cells: where a list begins anew, then before the last lines.
fn free_cells(lines: &[&str], count: usize) -> Vec<String> {
    static FIRST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\s*(?:[（(]?1[)）.、．]|[（(]?一[)）、．]|①)").expect("the expression is valid")
    });
    let mut cuts: Vec<usize> = (1..lines.len()).filter(|at| FIRST.is_match(lines[*at])).collect();
    cuts.truncate(count.saturating_sub(1));
    let mut at = lines.len();
    while cuts.len() + 1 < count && at > 1 {
        at -= 1;
        if !cuts.contains(&at) {
            cuts.push(at);
        }
    }
    cuts.sort_unstable();
    let starts = [0].into_iter().chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain([lines.len()]);
    starts.zip(ends).map(|(start, end)| lines[start..end].join("\n")).collect()
}

/// The cells of a row as parts of the story; a line in a cell may say how many are affected.
fn sections(columns: &[&'static str], cells: Vec<String>) -> Vec<Section> {
    let mut sections = Vec::new();
    for (kind, cell) in columns.iter().zip(cells) {
        let (affected, rest): (Vec<&str>, Vec<&str>) = cell
            .lines()
            .partition(|line| label(line).is_some_and(|(kind, rest)| kind == "affected" && !rest.is_empty()));
        let counts = affected.into_iter().filter_map(|line| label(line)).map(|(_, rest)| rest.to_owned());
        sections.extend(counts.map(|text| Section { kind: "affected", text }));
        let text = rest.join("\n").trim().to_owned();
        if KEYS.contains(kind) && !text.is_empty() && text.chars().any(char::is_alphanumeric) {
            sections.push(Section { kind, text });
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mail: &str, told: &[&str], left: &[&str]) {
        let lines: Vec<&str> = mail.lines().collect();
        let (sections, rest) = take(&lines, "CAS-00002");
        let shown: Vec<String> = sections
            .into_iter()
            .map(|section| format!("{}={}", section.kind, section.text.replace('\n', "/")))
            .collect();
        assert_eq!(shown, told);
        assert_eq!(rest, left);
    }

    #[test]
    fn a_row_of_a_table_with_a_cell_a_line_is_read() {
        check(
            "比较如下：\n序号\nCAS号\n分类\n案例现象\n建议操作\n案例分析\n进展/结果\n1\nCAS-00001\n升级\n别的现象\n1）别的\n1）别因\n别果\n\
             2\nCAS-00002-X1\n更新\n装不上\n影响范围：3台\n1）脱管\n2）重试\n1）被拒绝\n成功\nLog信息\n其他",
            &[
                "category=更新",
                "affected=3台",
                "symptom=装不上",
                "actions=1）脱管/2）重试",
                "analysis=1）被拒绝",
                "outcome=成功",
            ],
            &["比较如下：", "Log信息", "其他"],
        );
    }

    #[test]
    fn a_row_of_a_table_with_a_row_a_line_is_read() {
        check(
            "Case ID\tCategory\tSymptom\tResult\nCAS-00001\tUpgrade\tother\tnone\nCAS-00002\tUpdate\tfails\tdone\nbye",
            &["category=Update", "symptom=fails", "outcome=done"],
            &["bye"],
        );
        check(
            "| Case ID | Symptom | Result |\n|---|---|---|\n| CAS-00002 | fails | done |",
            &["symptom=fails", "outcome=done"],
            &[],
        );
    }

    #[test]
    fn labels_that_stand_together_without_a_case_are_no_table() {
        check("Symptom:\nImpact:\nResult:\nx", &[], &["Symptom:", "Impact:", "Result:", "x"]);
    }
}
