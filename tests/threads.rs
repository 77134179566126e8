//! `new case --thread` on threads in the layouts that clients save: what is filled in by a person then passes `check`.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use crate::harness::{Run, files, finish, program, repository, write_files};

/// A knowledge base of its own with what the repository knows, and the thread beside it.
fn base(thread: &str, bytes: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for part in ["rules", "cases", "templates", "tests/bundles/clean"] {
        let held = files(&repository().join(part));
        let held: Vec<_> = held.into_iter().map(|(name, bytes)| (format!("{part}/{name}"), bytes)).collect();
        write_files(folder.path(), &held);
    }
    fs::write(folder.path().join(thread), bytes).expect("the thread can be written");
    folder
}

fn draft(folder: &Path, known_error: &str, thread: &str) -> Run {
    finish(program(folder).args(["new", "case", known_error, "--thread", thread]))
}

/// What a person does: writes the missing language, and what the thread does not tell.
fn fill_in(folder: &Path, case: &str) {
    let file = folder.join(case).join("case.yml");
    let text = fs::read_to_string(&file).expect("the case is there");
    fs::write(&file, text.replace(": ''\n", ": 'filled in'\n")).expect("it can be written");
}

/// Messages of `check` about the case, none where it accepts it.
fn faults(folder: &Path, case: &str) -> Vec<String> {
    let file = format!("{case}/case.yml");
    let run = finish(program(folder).args(["check", "--format", "json"]));
    let outcome: serde_json::Value = serde_json::from_str(&run.stdout).expect("check writes JSON");
    let faults = outcome["faults"].as_array().expect("faults is a list").iter();
    let about =
        faults.filter(|fault| fault["file"].as_str().is_some_and(|path| path == file || path.starts_with(case)));
    about.map(|fault| format!("{}: {}", fault["code"], fault["message"])).collect()
}

fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[track_caller]
fn holds(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|known| known == *line), "no line `{line}` in:\n{text}");
    }
}

#[test]
fn seed_thread_lacks_only_translations_and_the_logs_it_describes() {
    let seed = repository().join("../shared/seed/thread-CAS-02713.txt");
    // The thread comes with the project's shared files, which a clone does not have.
    let Ok(thread) = fs::read(seed) else { return };
    let base = base("thread.txt", &thread);
    let folder = base.path();
    let case = "cases/endpoint-control-denies-wpdmtp/CAS-02713-B6R8B4";
    fs::rename(folder.join(case), folder.join("by-hand")).expect("the case made by hand is there");
    let run = draft(folder, "endpoint-control-denies-wpdmtp", "thread.txt");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("the thread does not tell: environment\n"), "{}", run.stdout);
    let drafted = read(folder, &format!("{case}/case.yml"));
    holds(
        &drafted,
        &[
            "  zh-CN: 'Windows更新'",
            "opened: 2020-08-03",
            "closed: 2020-08-11",
            "  zh-CN: '安装补丁KB4561621时出现无法安装的报错，报错信息8024200d'",
            "  zh-CN: '1）客户将TMS软件进行脱管后安装补丁。'",
            "      where: {kb: KB4561621}",
            "# Updates in the thread: KB4561621",
        ],
    );
    for other in ["vEdsmFileMon", "CAS-02564", "CAS-02695", "$WINDOWS.~BT"] {
        assert!(!drafted.contains(other), "{other} belongs to another case:\n{drafted}");
    }
    assert!(!folder.join(case).join("logs").exists(), "the logs in the thread belong to other cases");
    fs::rename(folder.join("by-hand/logs"), folder.join(case).join("logs")).expect("logs can be added");
    fill_in(folder, case);
    assert_eq!(faults(folder, case), [""; 0]);
}

/// Outlook puts the newest mail first, wraps lines, and loses the columns of logs.
const ENGLISH: &str = "\
Hi Maria,

we close this case for now. You can reopen it by reply.
Please close this case in your system, too.

Symptom: The upgrade to build 19045 stops at 61 percent.
Business impact: Two tellers cannot work.
Resolution:
New memory was installed and the upgrade went through. Maria Muster confirmed it.

Best regards,
Jane Roe
Tel: +49 30 5555 1234

From: Muster, Maria <maria.muster@bank.test>
Sent: Wednesday, November 9, 2022 10:02 AM
To: Support Desk <help@support.test>
Subject: RE: [Case CAS-00040-AB12CD] Upgrade stops at 61 percent (P3)

Category: Windows upgrade
Environment: build 19045, image 7
Actions taken:
1. Made new media.
2. Ran the memory test.

For comparison:
CAS-00041
setupact.log
2022-11-01 10:00:05, Error SP SPWIMCallback: Error in apply of C:\\Windows\\other.dll. GLE [5]

From: Roe, Jane <jane.roe@support.test>
Sent: Tuesday, November 8, 2022 5:30 PM
To: Muster, Maria <maria.muster@bank.test>
Subject: [Case CAS-00040-AB12CD] Upgrade stops at 61 percent (P3)

Dear Maria,
Root cause: damaged memory. From setupact.log:

> 2022-11-08 16:20:05, Error SP SPWIMCallback: Error in apply of
> C:\\$WINDOWS.~BT\\NewOS\\Windows\\System32\\ntoskrnl.exe. GLE [1392]
> 2022-11-08 16:20:06, Error SP CApplyWIM: Failure while applying image 1
> for C:\\$WINDOWS.~BT\\Sources\\Install.wim. Error 0x80070570[gle=0x00000570]
> 2022-11-08 16:20:06, Info SP Logged on as C:\\Users\\mmuster\\x

That file could not be read.
Regards
Jane
";

#[test]
fn english_thread_with_quoted_log_passes_once_translated() {
    let base = base("thread.txt", ENGLISH.as_bytes());
    let folder = base.path();
    let run = draft(folder, "damaged-data-during-apply", "thread.txt");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("note: quoted logs: setupact.log (3 lines)\n"), "{}", run.stdout);
    let case = "cases/damaged-data-during-apply/CAS-00040-AB12CD";
    let log = read(folder, &format!("{case}/logs/setupact.log"));
    holds(
        &log,
        &[
            r"2022-11-08 16:20:05, Error                 SP     SPWIMCallback: Error in apply of C:\$WINDOWS.~BT\NewOS\Windows\System32\ntoskrnl.exe. GLE [1392]",
            r"2022-11-08 16:20:06, Info                  SP     Logged on as C:\Users\user\x",
        ],
    );
    assert!(!log.contains("other.dll"), "{log}");
    let drafted = read(folder, &format!("{case}/case.yml"));
    holds(
        &drafted,
        &[
            "priority: 'P3'",
            "opened: 2022-11-08",
            "  en: 'Windows upgrade'",
            "  en: 'New memory was installed and the upgrade went through. the contact confirmed it.'",
            "evidence: original",
            "    - rule: setupact/apply-data-corrupt",
            r"      where: {error: ERROR_FILE_CORRUPT, path|endswith: '\ntoskrnl.exe'}",
        ],
    );
    for name in ["Maria", "Muster", "Jane", "Roe", "5555"] {
        assert!(!drafted.contains(name), "{name} in:\n{drafted}");
    }
    fill_in(folder, case);
    assert_eq!(faults(folder, case), [""; 0]);
}

/// Encodes text as GBK in quoted-printable, as mail programs in China do.
fn quoted_printable(text: &str) -> String {
    let bytes = encoding_rs::GBK.encode(text).0.into_owned();
    let encoded: Vec<String> = bytes
        .iter()
        .map(|byte| match byte {
            b'\n' => "\r\n".to_owned(),
            byte => format!("={byte:02X}"),
        })
        .collect();
    encoded.chunks(20).map(|line| line.concat()).collect::<Vec<_>>().join("=\r\n")
}

#[test]
fn mail_in_gbk_with_an_attached_log_passes_once_translated() {
    let body = "尊敬的王小明：\n案例描述：\n添加 .NET 3.5 时提示需要重启\n业务影响：\n1台机器\n分类：Windows 功能\n处理过程：\n重新启动\n\
        案例分析：\n上一次会话在等待重启，王小明确认\n进展：\n重启后成功\n现在归档此案例。\n";
    let log = read(&repository(), "cases/restart-pending/logs/CBS.log");
    let log = log.trim_start_matches('\u{feff}').replace("DISM Package", "DISM C:\\Users\\xm\\a Package");
    let mail = format!(
        "From: =?GBK?Q?{}?= <someone@bank.test>\r\nTo: help@support.test\r\nDate: Tue, 19 Mar 2024 18:00:00 +0800\r\n\
         Subject: =?GBK?Q?{}?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: text/plain; charset=gbk\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}\r\n\
         --b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: attachment; filename=\"CBS.log\"\r\n\r\n{}\r\n\
         --b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename=\"screen.png\"\r\n\r\nx\r\n--b--\r\n",
        quoted_printable("李小芳").replace("=\r\n", ""),
        quoted_printable("[案例号: CAS-00050-ZZ11ZZ ] |P2|Bank|添加功能失败").replace("=\r\n", "").replace("=\n", ""),
        quoted_printable(body),
        log.replace('\n', "\r\n"),
    );
    let base = base("thread.eml", mail.as_bytes());
    let folder = base.path();
    let run = draft(folder, "restart-pending", "thread.eml");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("attached logs that were taken: CBS.log\n"), "{}", run.stdout);
    assert!(run.stdout.contains("attached and not taken: screen.png"), "{}", run.stdout);
    let case = "cases/restart-pending/CAS-00050-ZZ11ZZ";
    let drafted = read(folder, &format!("{case}/case.yml"));
    holds(
        &drafted,
        &[
            "customer: 'Bank'",
            "opened: 2024-03-19",
            "  zh-CN: '上一次会话在等待重启，联系人确认'",
            "  zh-CN: '添加功能失败'",
            "      where: {package|startswith: 'Microsoft-Windows-NetFx3-OnDemand-Package'}",
        ],
    );
    fill_in(folder, case);
    assert_eq!(faults(folder, case), [""; 0]);
}

/// A mail as Outlook saves it, with its text as Unicode.
fn outlook(properties: &[(&str, &str)]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("a file can be made in memory");
    let mut write = |path: &str, bytes: &[u8]| {
        let mut stream = file.create_stream(path).expect("the stream can be made");
        stream.write_all(bytes).expect("the stream can be written");
    };
    // 2023-06-28 00:00:00 in steps of 100 ns since 1601, as PR_CLIENT_SUBMIT_TIME.
    let ticks: u64 = (1_687_910_400 + 11_644_473_600) * 10_000_000;
    let row = [&0x0039_0040_u32.to_le_bytes()[..], &[6, 0, 0, 0], &ticks.to_le_bytes()].concat();
    write("/__properties_version1.0", &[vec![0; 32], row].concat());
    for (number, text) in properties {
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        write(&format!("/__substg1.0_{number}001F"), &bytes);
    }
    file.flush().expect("the file can be written");
    file.into_inner().into_inner()
}

#[test]
fn mail_of_outlook_passes_once_translated() {
    let log = read(&repository(), "cases/security-product-protects-folder/logs/dism.log");
    let log: Vec<String> = log.lines().map(|line| format!("    {}", line.trim_start_matches('\u{feff}'))).collect();
    let body = format!(
        "Dear Maria,\r\nSymptom: DISM stops\r\nImpact: one image\r\nCategory: Imaging\r\nActions: Dism /Apply-Image\r\n\
         Root cause: a filter\r\nResolution: unloaded it\r\n\r\ndism.log:\r\n{}\r\n\r\nRegards\r\nJane",
        log.join("\r\n")
    );
    let msg = outlook(&[
        ("0037", "[Case CAS-00060-QQ22QQ] Image cannot be applied"),
        ("0C1A", "Jane Roe"),
        ("5D01", "jane.roe@support.test"),
        ("0E04", "Maria Muster"),
        ("1000", &body),
    ]);
    let base = base("thread.msg", &msg);
    let folder = base.path();
    let run = draft(folder, "security-product-protects-folder", "thread.msg");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let case = "cases/security-product-protects-folder/CAS-00060-QQ22QQ";
    holds(
        &read(folder, &format!("{case}/case.yml")),
        &["opened: 2023-06-28", "  en: 'DISM stops'", "evidence: original"],
    );
    fill_in(folder, case);
    assert_eq!(faults(folder, case), [""; 0]);
}

#[test]
fn mail_of_outlook_without_text_says_what_is_not_read() {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("a file can be made in memory");
    for path in ["/__properties_version1.0", "/__substg1.0_10090102"] {
        file.create_stream(path).expect("the stream can be made");
    }
    let mut subject = file.create_stream("/__substg1.0_0037001E").expect("the stream can be made");
    subject.write_all(b"CAS-00070 x").expect("the stream can be written");
    drop(subject);
    file.flush().expect("the file can be written");
    let base = base("thread.msg", &file.into_inner().into_inner());
    let run = draft(base.path(), "restart-pending", "thread.msg");
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stdout.contains("its text as RTF only, which is not read"), "{}", run.stdout);
}

#[test]
fn what_is_no_thread_is_refused_with_what_to_give() {
    let base = base("empty.txt", b" \r\n");
    let folder = base.path();
    let picture = [&b"\x89PNG\r\n\x1a\n"[..], &[0; 64]].concat();
    let log = "2020-07-08 10:24:58, Error                 SP     Operation failed\r\n";
    let others = [("x.png", picture), ("setupact.log", log.into()), ("n.txt", b"Subject: x\n\nSymptom: y".to_vec())];
    write_files(folder, &others.map(|(name, bytes)| (name.to_owned(), bytes)));
    for (name, said) in [
        ("empty.txt", "empty.txt is empty; give the thread as text, or the mail as .eml or .msg"),
        ("x.png", "x.png holds no text (it looks like: picture)"),
        ("setupact.log", "`casebook scan` reads logs"),
        ("n.txt", "the subject of the thread tells no number"),
        ("none.txt", "none.txt: cannot be read"),
    ] {
        let run = draft(folder, "restart-pending", name);
        assert_eq!(run.status, 2, "{name}");
        assert!(run.stderr.contains(said), "{name}: {}", run.stderr);
    }
}
