//! The lines imaging worker threads write into setupact.log and dism.log, without a time.
//!
//! ```text
//! [7952] C:\$WINDOWS.~BT\NewOS\Windows\… (Error = 5)
//! [776.8252] [0xd0000022] WimSetSecurityDescriptor:(321)
//! [5808] [0xc144012e]
//! ```
//! They come before the stamped record that sums them up and name the failed file or function, so
//! each is a record of its own. The thread id is only written from build 19041 on.

use std::borrow::Cow;

use super::cursor::Cursor;
use super::layout::Columns;
use super::lines::without_marks;

/// Whether a worker's record begins with this line.
pub(super) fn starts(line: &str) -> bool {
    split(line).is_some()
}

/// Reads the process and thread of a worker's record; its time is not in it.
pub(super) fn columns(text: &str) -> Columns<'_> {
    let Some((pid, tid, message)) = split(text) else { return Columns::of(text) };
    let mut columns = Columns::of(message);
    columns.fields.push((Cow::Borrowed("pid"), Cow::Borrowed(pid)));
    columns.fields.extend(tid.map(|tid| (Cow::Borrowed("tid"), Cow::Borrowed(tid))));
    columns
}

fn split(line: &str) -> Option<(&str, Option<&str>, &str)> {
    let mut cursor = Cursor::new(without_marks(line));
    cursor.eat(&['['])?;
    let ids = cursor.word().strip_suffix(']')?;
    let (pid, tid) = match ids.split_once('.') {
        Some((pid, tid)) => (pid, Some(tid)),
        None => (ids, None),
    };
    let is_number = |id: &str| (1..=10).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(pid) || !tid.is_none_or(is_number) {
        return None;
    }
    cursor.blanks();
    Some((pid, tid, cursor.rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        let shown = if starts(input) { columns(input).show() } else { "no record".to_owned() };
        assert_eq!(shown, expected, "{input}");
    }

    #[test]
    fn process_and_thread_are_read() {
        check("[7952] RestoreFileNodeList:(2254)", "|||pid=7952|RestoreFileNodeList:(2254)");
        check("[7952] C:\\a b.dll (Error = 5) ", "|||pid=7952|C:\\a b.dll (Error = 5) ");
        check(
            "[776.8252] [0xd0000022] WimSetSecurityDescriptor:(321)",
            "|||pid=776 tid=8252|[0xd0000022] WimSetSecurityDescriptor:(321)",
        );
        check(
            "> [5808] [0x80070005] RestoreFilesCallback:(3821): 拒绝访问。",
            "|||pid=5808|[0x80070005] RestoreFilesCallback:(3821): 拒绝访问。",
        );
        check("[5808] [0xc144012e] ", "|||pid=5808|[0xc144012e] ");
    }

    #[test]
    fn other_brackets_are_no_workers() {
        for line in ["[gle=0x80004005]", "[l:18]'x'", "[12]x", "[1.2.3] x", "[] x", "[.5] x", "[5"] {
            check(line, "no record");
        }
    }
}
