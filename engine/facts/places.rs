//! What a path names: the forms under which a rule may name it, and the part that stays the same wherever the system is
//! mounted.
//!
//! Set-up moves through drives, volumes and image folders, so one file has many paths; the matcher compares forms, and
//! cases that ask for "the same file" in two logs compare [`same_file`].

use std::sync::LazyLock;

use regex::Regex;

use super::paths::{COMPONENT, without_prefix};

/// All forms under which a rule may name a path, in lower case: itself, without prefix, with the Windows folder in
/// full, and for a WinSxS path also the component's name (`usbprint.inf`).
pub fn path_forms(path: &str) -> Vec<String> {
    let itself = folded(path);
    let plain = folded(&without_prefix(path));
    let full = in_full(&plain);
    let component = component_of(&plain);
    let mut forms = vec![itself];
    for form in [Some(plain), Some(full), component].into_iter().flatten() {
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}

/// The part of a path that names the same file in any image or drive, in lower case: from the last `windows`, `program
/// files` or `users` folder on, else the whole without its drive or volume.
pub fn same_file(path: &str) -> String {
    let full = in_full(&folded(&without_prefix(path)));
    if component_regex().find(&full).is_some_and(|found| found.start() == 0) {
        return format!(r"\windows\winsxs\{full}");
    }
    let mut anchor = None;
    let mut at = 0;
    for name in full.split('\\') {
        if at > 0 && ANCHORS.contains(&name) {
            anchor = Some(at - 1);
        }
        at += name.len() + 1;
    }
    match anchor {
        Some(at) => full[at..].to_owned(),
        None => without_volume(&full).to_owned(),
    }
}

/// Folders that stand at the root of every system.
const ANCHORS: &[&str] = &["windows", "program files", "program files (x86)", "users"];

/// Beginnings that stand for a folder with a longer name, and that name; the last two are the short names of the
/// program folders.
const SHORT_NAMES: &[(&str, &str)] = &[
    (r"\systemroot\", r"c:\windows\"),
    (r"%systemroot%\", r"c:\windows\"),
    (r"%windir%\", r"c:\windows\"),
    (r"c:\progra~1\", r"c:\program files\"),
    (r"c:\progra~2\", r"c:\program files (x86)\"),
];

fn component_regex() -> &'static Regex {
    static REGEX: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(COMPONENT).expect("the expression is valid, since paths are found with it"));
    &REGEX
}

/// Lower case, with single backslashes, and without one at the end except after a drive.
fn folded(path: &str) -> String {
    let (head, tail) = path.split_at(path.len().min(if path.starts_with(r"\\") { 2 } else { 0 }));
    let mut folded = format!("{head}{}", tail.replace(r"\\", r"\")).to_lowercase();
    if folded.ends_with('\\') && !folded.ends_with(r":\") {
        folded.pop();
    }
    folded
}

fn in_full(path: &str) -> String {
    let known = SHORT_NAMES.iter().find_map(|(short, full)| Some((full, path.strip_prefix(short)?)));
    match known {
        Some((full, rest)) => format!("{full}{rest}"),
        None => path.to_owned(),
    }
}

/// The name of a WinSxS component without architecture and `dual_`, which marks packages built for two of them.
fn component_of(path: &str) -> Option<String> {
    let name = component_regex().captures(path)?.get(1)?.as_str();
    Some(name.strip_prefix("dual_").unwrap_or(name).to_owned())
}

/// A path without its drive, volume or device.
fn without_volume(path: &str) -> &str {
    if let Some(rest) = path.strip_prefix(r"\device\harddiskvolume") {
        return rest.find('\\').map_or(path, |at| &rest[at..]);
    }
    if path.starts_with("volume{") {
        return path.find('\\').map_or(path, |at| &path[at..]);
    }
    let is_drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
    if is_drive { &path[2..] } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPONENT_DLL: &str =
        r"WinSxS\amd64_dual_wpdmtp.inf_31bf3856ad364e35_10.0.17763.1_none_9744e57515d245dc\WpdMtp.dll";

    #[track_caller]
    fn check(path: &str, forms: &[&str], same: &str) {
        assert_eq!(path_forms(path), forms, "{path}");
        assert_eq!(same_file(path), same, "{path}");
    }

    #[test]
    fn a_component_file_is_the_same_in_every_image() {
        let expected = format!(r"\windows\{}", COMPONENT_DLL.to_lowercase());
        for root in [
            r"C:\$WINDOWS.~BT\NewOS\Windows\",
            r"E:\Mount\Windows\",
            r"\SystemRoot\",
            r"\\?\Volume{1}\Windows\",
            r"\Device\HarddiskVolume3\WINDOWS\",
        ] {
            assert_eq!(same_file(&format!("{root}{COMPONENT_DLL}")), expected, "{root}");
        }
        assert_eq!(same_file(COMPONENT_DLL.trim_start_matches(r"WinSxS\")), expected);
    }

    #[test]
    fn a_component_goes_by_its_name() {
        let forms = path_forms(&format!(r"C:\Windows\{COMPONENT_DLL}"));
        assert_eq!(forms.last().map(String::as_str), Some("wpdmtp.inf"));
        assert_eq!(forms.len(), 2);
    }

    #[test]
    fn prefixes_and_roots_have_forms_without_them() {
        check(r"\\?\C:\Windows\CbsTemp\", &[r"\\?\c:\windows\cbstemp", r"c:\windows\cbstemp"], r"\windows\cbstemp");
        check(r"\SystemRoot\a.dll", &[r"\systemroot\a.dll", r"c:\windows\a.dll"], r"\windows\a.dll");
        check(
            r"C:\PROGRA~2\X\a.dll",
            &[r"c:\progra~2\x\a.dll", r"c:\program files (x86)\x\a.dll"],
            r"\program files (x86)\x\a.dll",
        );
        check(r"C:\\Temp\\a.dll", &[r"c:\temp\a.dll"], r"\temp\a.dll");
        check(r"D:\", &[r"d:\"], r"\");
        check(r"Volume{1}\x", &[r"volume{1}\x"], r"\x");
        check(r"\\server\share\x", &[r"\\server\share\x"], r"\\server\share\x");
        check("", &[""], "");
        check("é", &["é"], "é");
    }
}
