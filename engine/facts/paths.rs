//! Paths in a text: files, folders and registry keys, in the forms in which Windows logs write them.
//!
//! The matcher offers them to rules as the field `path`; `places` compares them. A path may hold blanks and logs rarely
//! quote, so where one ends is decided by what the text makes clear: a closing quote or bracket, ` (Error = 5)` or
//! `. GLE [5]` after it, or a backslash that shows that the words after a blank still belong to it. Where nothing is
//! clear the path ends at the blank: too short a path misses a rule, too long a path would name a file that is not
//! there.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{Fact, char_after, char_before};

/// The paths of a text as [`plain_path`] shows them; bare WinSxS component names count as paths.
pub fn paths(text: &str) -> Vec<Fact> {
    let starts: Vec<Range<usize>> =
        START.find_iter(text).map(|found| found.range()).filter(|start| begins_path(text, start)).collect();
    let mut facts: Vec<Fact> = Vec::with_capacity(starts.len());
    for (index, start) in starts.iter().enumerate() {
        if facts.last().is_some_and(|fact| fact.span.end > start.start) {
            continue;
        }
        let next = starts.get(index + 1).map_or(text.len(), |next| next.start);
        let end = end_of_path(text, start, next);
        facts.push(Fact { value: plain_path(&text[start.start..end]), span: start.start..end });
    }
    facts
}

/// A path as its author would type it: without the prefixes `\\?\` and `\??\`, which only switch off path parsing;
/// a volume without a drive letter keeps its prefix, because it has no other name.
pub fn plain_path(path: &str) -> String {
    let plain = without_prefix(path);
    let is_volume = plain.get(..7).is_some_and(|head| head.eq_ignore_ascii_case("volume{"));
    if is_volume { path.to_owned() } else { plain }
}

/// A path without the prefix that switches off path parsing, which is not part of its name.
pub(super) fn without_prefix(path: &str) -> String {
    let Some(rest) =
        path.strip_prefix(r"\\?\").or_else(|| path.strip_prefix(r"\??\")).or_else(|| path.strip_prefix(r"\\.\"))
    else {
        return path.to_owned();
    };
    match rest.get(..4) {
        Some(head) if head.eq_ignore_ascii_case(r"UNC\") => format!(r"\\{}", &rest[4..]),
        _ => rest.to_owned(),
    }
}

/// A WinSxS component name: architecture, name, public-key token, version, language and hash.
pub(super) const COMPONENT: &str =
    r"(?i-u:amd64|x86|wow64|msil|arm64|arm)_([^\\/\s'\x22]+)_(?i-u:[0-9a-f]{16}_[0-9.]+_[a-z0-9~-]+_[0-9a-f]{16})";

/// How many bytes ahead a backslash or an extension may stand to show that a name goes on.
const LONGEST_WORDS: usize = 60;

/// The beginnings of paths, up to the point from which on only names follow.
static START: LazyLock<Regex> = LazyLock::new(|| {
    let starts = [
        r"(?i-u:(?:\\\\[?.]\\|\\\?\?\\)?(?:[a-z]:\\|volume\{[0-9a-f-]{36}\}\\))",
        r"(?i-u:(?:\\\\[?.]\\|\\\?\?\\)(?:unc|globalroot)\\)",
        r"(?i-u:\\\\[a-z0-9][a-z0-9._$-]*\\)",
        r"(?i-u:\\(?:systemroot|device\\harddiskvolume[0-9]+|registry\\(?:machine|user))\\)",
        r"(?i-u:%(?:systemroot|windir)%\\)",
        r"(?i-u:\b(?:hklm|hkcu|hkcr|hku|hkey_[a-z_]+)\\)",
        COMPONENT,
    ];
    Regex::new(&starts.join("|")).expect("the expressions above are valid")
});

/// What logs write right after an unquoted path.
static MARKER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i-u)\.? ?(?:\((?:error ?=|hresult ?=|hr:)|\[?gle ?[\[=])").expect("the expression above is valid")
});

/// Options after a program: a quoted command line is no path beyond the program's name.
static ARGUMENTS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i-u)\.exe +[-/]").expect("the expression above is valid"));

/// The extension with which `ARGUMENTS` begins.
const PROGRAM: &str = ".exe";

/// Whether a beginning stands where a path may begin, and not inside another name.
fn begins_path(text: &str, start: &Range<usize>) -> bool {
    let before = char_before(text, start.start);
    let inside = before.is_some_and(|letter| {
        letter.is_ascii_alphanumeric() || matches!(letter, '\\' | '_' | '.' | '~' | '$' | '?' | '%' | '}')
    });
    !inside
}

/// Where the path that begins at `start` ends; the next path begins at `next` or the text ends there.
fn end_of_path(text: &str, start: &Range<usize>, next: usize) -> usize {
    let line = text[start.end..next].find(['\r', '\n', '\t', '\0']).map_or(next, |at| start.end + at);
    if let Some(end) = closing(text, start, line) {
        return end;
    }
    let plain = trimmed(text, start.end, plain_end(text, start.end, line));
    let clear = MARKER.find_at(&text[..line], start.end).map(|marker| marker.start());
    let whole = (start.start == 0 && line == text.len()).then_some(line);
    match clear.or(whole) {
        Some(end) if is_better_end(&text[start.end..end], &text[start.end..plain]) => trimmed(text, start.end, end),
        _ => plain,
    }
}

/// The end of a path in quotes or brackets.
fn closing(text: &str, start: &Range<usize>, line: usize) -> Option<usize> {
    let opener = char_before(text, start.start)?;
    let (_, closer) =
        [('"', '"'), ('\'', '\''), ('[', ']'), ('<', '>'), ('“', '”'), ('‘', '’'), ('「', '」'), ('《', '》')]
            .into_iter()
            .find(|(open, _)| *open == opener)?;
    let mut depth = 0;
    for (at, letter) in text[start.end..line].char_indices() {
        if letter == closer && depth == 0 {
            let quoted = &text[start.end..start.end + at];
            return Some(start.end + ARGUMENTS.find(quoted).map_or(at, |arguments| arguments.start() + PROGRAM.len()));
        }
        match letter {
            '[' => depth += 1,
            ']' => depth -= 1,
            '"' | '<' | '>' | '|' => return None,
            _ => {}
        }
    }
    None
}

/// Whether a path may reach up to a mark that ends it, although blanks stand before the mark.
fn is_better_end(full: &str, plain: &str) -> bool {
    let has_stop = full.contains(['"', '<', '>', '|', '*', '?', ',', ';', ':', '=']) || full.contains(". ");
    !has_stop && (is_file_name(last_name(full)) || !is_file_name(last_name(plain)))
}

/// The end of an unquoted path, name by name.
fn plain_end(text: &str, from: usize, line: usize) -> usize {
    let mut open_brackets = 0;
    let mut name_start = from;
    for (offset, letter) in text[from..line].char_indices() {
        let at = from + offset;
        let name = &text[name_start..at];
        let rest = &text[at..line];
        let ends = match letter {
            '"' | '<' | '>' | '|' | '*' | '?' | ',' | ';' | ':' => true,
            '，' | '。' | '；' | '：' | '（' | '）' | '“' | '”' | '、' | '」' | '》' | '】' => true,
            '\'' => !char_after(rest, 1).is_some_and(|next| next.is_ascii_alphanumeric()),
            '[' => !char_after(rest, 1).is_some_and(|next| next.is_ascii_digit()),
            '(' if is_file_name(name) => true,
            '(' | '{' => {
                open_brackets += 1;
                false
            }
            ')' | '}' => {
                open_brackets -= 1;
                open_brackets < 0
            }
            ']' => !name.contains('['),
            ' ' => !goes_on_after_blank(name, rest),
            '\\' => {
                name_start = at + 1;
                false
            }
            _ if !letter.is_ascii() => !goes_on_after_ascii(name, rest),
            _ => letter.is_control(),
        };
        if ends {
            return at;
        }
    }
    line
}

/// Whether the words after a blank belong to the path: they lead to a backslash, or the name is a folder that is known
/// to hold a blank.
fn goes_on_after_blank(name: &str, rest: &str) -> bool {
    let is_known = |head: &str, tail: &str| {
        name.eq_ignore_ascii_case(head) && rest.get(..tail.len()).is_some_and(|next| next.eq_ignore_ascii_case(tail))
    };
    if is_known("Program", " Files") || is_known("Program Files", " (x86)") || is_known("Documents", " and Settings") {
        return true;
    }
    if name.is_empty() || name.ends_with('.') || is_file_name(name) {
        return false;
    }
    let near = &rest[..rest.floor_char_boundary(LONGEST_WORDS)];
    let Some((words, _)) = near.split_once('\\') else { return false };
    let is_name = |letter: char| letter.is_alphanumeric() || " ()-_.&+'~$@!".contains(letter);
    words.chars().all(is_name) && !words.contains(" - ") && !words.contains("  ") && !words.ends_with(' ')
}

/// Whether a letter outside ASCII belongs to the path: it does unless it follows a finished ASCII name, as in
/// `…\x.dll被拒绝访问`.
fn goes_on_after_ascii(name: &str, rest: &str) -> bool {
    if name.is_empty() || !name.is_ascii() {
        return true;
    }
    if is_file_name(name) {
        return false;
    }
    let near = &rest[..rest.floor_char_boundary(LONGEST_WORDS)];
    let end = near.find([' ', '，', '。', '；', '：', '（', ',', ':', '"']).unwrap_or(near.len());
    near[..end].contains('\\') || is_file_name(&near[..end])
}

/// The name after the last backslash.
fn last_name(path: &str) -> &str {
    path.rsplit('\\').next().unwrap_or_default()
}

/// Whether a name has an extension, so that a blank after it ends the path.
fn is_file_name(name: &str) -> bool {
    let Some((stem, extension)) = name.trim_end_matches('.').rsplit_once('.') else { return false };
    let is_extension = extension.len() <= 8 && extension.starts_with(|first: char| first.is_ascii_alphabetic());
    !stem.is_empty() && is_extension && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The end of a path without the blanks, stops and quotes that belong to the sentence around it.
fn trimmed(text: &str, from: usize, end: usize) -> usize {
    from + text[from..end].trim_end_matches([' ', '.', ',', '\'', '-']).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> = paths(text).into_iter().map(|fact| fact.value).collect();
        assert_eq!(found, expected, "{text}");
    }

    const COMPONENT_DLL: &str = r"C:\$WINDOWS.~BT\NewOS\Windows\WinSxS\amd64_dual_wpdmtp.inf_31bf3856ad364e35_10.0.17763.1_none_9744e57515d245dc\WpdMtp.dll";

    #[test]
    fn a_path_ends_before_the_error_that_follows_it() {
        check(&format!("[7952] {COMPONENT_DLL} (Error = 5) "), &[COMPONENT_DLL]);
        check(&format!("Error in apply of {COMPONENT_DLL}. GLE [5]"), &[COMPONENT_DLL]);
        check(&format!("PID=5808 {COMPONENT_DLL} (HRESULT=0x80070005) - Callback"), &[COMPONENT_DLL]);
        check(&format!("访问 {COMPONENT_DLL} 被拒绝，{COMPONENT_DLL}被拒绝访问"), &[COMPONENT_DLL, COMPONENT_DLL]);
        check("SetSecurityInfo() failed] C:\\Program Files (HRESULT=0x80070005) - Log", &["C:\\Program Files"]);
        check(r"delete reg tree HKLM\SYSTEM\Setup\Upgrade[gle=0x00000005]", &[r"HKLM\SYSTEM\Setup\Upgrade"]);
        check(r"apply of C:\Data\read me.txt. GLE [5]", &[r"C:\Data\read me.txt"]);
    }

    #[test]
    fn prefixes_are_not_part_of_the_value() {
        let volume = r"\\?\Volume{a5c71180-6fa2-41e5-ad7a-051dc3850367}\$WINDOWS.~BT\NewOS\a.dll";
        check(&format!("apply of {volume}. GLE [1392][gle=0x00000715]"), &[volume]);
        check(
            r"Failed to move \\?\C:\Windows\CbsTemp\31271046\ [HRESULT = 0x80070020]",
            &[r"C:\Windows\CbsTemp\31271046\"],
        );
        check(r"open \??\C:\Windows\a.sys failed", &[r"C:\Windows\a.sys"]);
        check(r"copy \\?\UNC\server\share\x.wim", &[r"\\server\share\x.wim"]);
    }

    #[test]
    fn every_kind_of_path_is_found() {
        check(r"while opening \SystemRoot\WinSxS\x\a.dll[gle=0x80004005]", &[r"\SystemRoot\WinSxS\x\a.dll"]);
        check(r"from \\server\share\install.wim, index 6", &[r"\\server\share\install.wim"]);
        check(
            r"key HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion failed",
            &[r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion"],
        );
        check(r"on \Device\HarddiskVolume3\Windows\a.dll", &[r"\Device\HarddiskVolume3\Windows\a.dll"]);
        let component = "amd64_dual_wpdmtp.inf_31bf3856ad364e35_10.0.17763.1_none_9744e57515d245dc";
        check(&format!("component {component}, version"), &[component]);
        check(&format!(r"file '{component}\WpdMtp.dll'"), &[&format!(r"{component}\WpdMtp.dll")]);
    }

    #[test]
    fn quotes_and_brackets_end_a_path() {
        check(
            r#"line: "C:\Windows\system32\Dism.exe" /ImageFile:C:\Set up\E.wim /Index:1 /ApplyDir:C:\"#,
            &[r"C:\Windows\system32\Dism.exe", r"C:\Set up\E.wim", r"C:\"],
        );
        check(r"MediaPath              = [C:\21H2]", &[r"C:\21H2"]);
        check(r"path: [l:150]'\SystemRoot\WinSxS\my file' pid: 1f", &[r"\SystemRoot\WinSxS\my file"]);
        check(r"FindFirstFile failed for [C:\$Windows.~BT\*]; GLE = 0x3", &[r"C:\$Windows.~BT\*"]);
        check(r#""C:\Windows\system32\svchost.exe -k x -p""#, &[r"C:\Windows\system32\svchost.exe"]);
        check(r"Hardlinking 'C:\a b\x.dll' to 'C:\c d\x.dll'.", &[r"C:\a b\x.dll", r"C:\c d\x.dll"]);
    }

    #[test]
    fn blanks_are_kept_where_the_end_is_clear() {
        check(
            r"crashed C:\Program Files (x86)\Some Product\EDSM\x y.dll badly",
            &[r"C:\Program Files (x86)\Some Product\EDSM\x"],
        );
        check(r"C:\Program Files\X y\z.dll", &[r"C:\Program Files\X y\z.dll"]);
        check(r"C:\Program Files\X y\read me", &[r"C:\Program Files\X y\read me"]);
        check(r"Failed to copy C:\a.dll to D:\b c\d.dll now", &[r"C:\a.dll", r"D:\b c\d.dll"]);
        check(r"mount WIM file C:\Sources\winre.wim. Error 0x80070522", &[r"C:\Sources\winre.wim"]);
        check(r"index 6 to D:\$WINDOWS.~BT\NewOS. Error: 0x80070570", &[r"D:\$WINDOWS.~BT\NewOS"]);
        check(r"C:\Logs\CBS\Cbs.log 2)C:\Logs\DISM\dism.log", &[r"C:\Logs\CBS\Cbs.log", r"C:\Logs\DISM\dism.log"]);
    }

    #[test]
    fn names_outside_ascii_are_paths_too() {
        check(r"打开 C:\用户\文件.txt 失败", &[r"C:\用户\文件.txt"]);
        check(r"在删除C:\Windows\SoftwareDistribution报错：", &[r"C:\Windows\SoftwareDistribution"]);
        check(r"logs\C:\x输出.txt", &[]);
        check(r"见 C:\x\powershell输出.txt。", &[r"C:\x\powershell输出.txt"]);
    }

    #[test]
    fn what_is_no_path_is_left_alone() {
        check("http://server/x and a:b, CSetup::Run, 12:30, \\n, C: drive", &[]);
    }
}
