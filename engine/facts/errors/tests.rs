//! What `errors` finds in lines as logs print them, and what it must not find.

use super::*;

/// Compares the errors of a text, written as code and span text; last errors as `gle:`, extend codes as `+`.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let found: Vec<String> = errors(text)
        .into_iter()
        .map(|fact| {
            let mark = match fact.role {
                Role::Main => "",
                Role::LastError => "gle:",
                Role::Extend => "+",
            };
            format!("{mark}{:x} {}", fact.code.value(), &text[fact.span])
        })
        .collect();
    assert_eq!(found, expected, "{text}");
}

/// Checks that a text speaks of nothing but denied access, once.
#[track_caller]
fn denied(text: &str) {
    let codes: Vec<u32> = errors(text).into_iter().map(|fact| fact.code.value()).collect();
    assert_eq!(codes, [0x8007_0005], "{text}");
}

#[test]
fn every_spelling_of_access_denied_is_the_same_error() {
    for text in [
        "0x80070005",
        "0X80070005",
        "installation failed: 80070005",
        "[0x80070005]",
        "(hr:0x80070005)",
        "(HRESULT=0x80070005)",
        "*FAILED* [80070005]",
        "Result = 0x80070005",
        "hr = 80070005",
        "ErrorCode: 80070005",
        "[HRESULT = 0x80070005 - E_ACCESSDENIED]",
        "HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED)",
        "HRESULT_FROM_WIN32(5)",
        "NTSTATUS_FROM_WIN32(0x5)",
        "80070005 [Error,Facility=FACILITY_NTWIN32,Code=ERROR_ACCESS_DENIED]",
        "Error STATUS_ACCESS_DENIED #1234# from Windows::Rtl",
        "0xC0000022",
        "[776.8252] [0xd0000022] WimSetSecurityDescriptor:(321)",
        "NTSTATUS -1073741790",
        r"C:\x.dll (Error = 5) ",
        "GLE [5]",
        "GLE = 0x5",
        "gle=5",
        "gle=0x00000005",
        "[gle=0x00000005]",
        "Error 5 while writing",
        "Error 5",
        "error code 5",
        "Error: 5",
        "Error: 0x5",
        "error(5)",
        "dwRet = 0x5",
        "Win32Exception: [0x00000005]",
        "-2147024891",
        "WUSA error 2147942405 \"\"",
        "Error: 5\r\n\r\nAccess is denied.",
        "错误: 5\r\n\r\n拒绝访问。",
        "錯誤: 5\r\n\r\n存取被拒。",
        "CreateFile,ACCESS DENIED,Desired Access",
        "Access is denied.",
        "拒绝访问。",
        "存取被拒。",
        "E_ACCESSDENIED (0x80070005)",
        "0x80070005 (-2147024891)",
        "Access is denied. (Exception from HRESULT: 0x80070005 (E_ACCESSDENIED))",
    ] {
        denied(text);
    }
}

#[test]
fn other_families_are_read_in_every_notation() {
    check("Unpacking failed with NTSTATUS -1073283059.", &["8007000d -1073283059"]);
    check("HRESULT HRESULT_FROM_WIN32(14098).", &["80073712 HRESULT_FROM_WIN32(14098)"]);
    check("*FAILED* [80248007] Method", &["80248007 80248007"]);
    check("WARNING: failed, hr = 80072ee2", &["80072ee2 80072ee2"]);
    check("无法安装的报错，报错信息8024200d.", &["8024200d 8024200d"]);
    check("error 2149842967 \"\"", &["80240017 2149842967"]);
    check("[0x80070070] -> [0xC19001DF]", &["80070070 0x80070070", "c19001df 0xC19001DF"]);
    check("exception c0000005 at", &["c0000005 c0000005"]);
    check("Installation success or error status: 1603.", &["80070643 1603"]);
    check("result 0x81234567, unknown", &["81234567 0x81234567"]);
    check("*FAILED* [80041010] rule", &["80041010 80041010"]);
    check("Error READ, 0x00000570 while gathering", &["80070570 0x00000570"]);
}

#[test]
fn the_last_error_is_kept_apart() {
    check("a.dll. GLE [1392][gle=0x00000715]", &["80070570 1392", "gle:80070715 0x00000715"]);
    check("Error: 0x80070005[gle=0x000000b7]", &["80070005 0x80070005", "gle:800700b7 0x000000b7"]);
    check("Error 0x80070522[gle=0x00000522]", &["80070522 0x80070522", "gle:80070522 0x00000522"]);
    check("failed: [0x8024200D]\n[gle=0xd0000034]", &["8024200d 0x8024200D", "gle:80070002 0xd0000034"]);
}

#[test]
fn a_code_and_its_explanation_are_one_occurrence() {
    check("[HRESULT = 0x800f0831 - CBS_E_STORE_CORRUPTION]", &["800f0831 0x800f0831"]);
    check(
        "[776.8252] [0x80070003] WIMExtractImagePath:(196): The system cannot find the path specified.",
        &["80070003 0x80070003"],
    );
    check("[5808] [0x80070005] RestoreAllData:(1023): 拒绝访问。", &["80070005 0x80070005"]);
    check("0x80070005\n0x80070005", &["80070005 0x80070005", "80070005 0x80070005"]);
    check("ACCESS DENIED\nACCESS DENIED", &["80070005 ACCESS DENIED", "80070005 ACCESS DENIED"]);
    check("0x8024402c - Unknown Error", &["8024402c 0x8024402c"]);
}

#[test]
fn an_extend_code_belongs_to_its_result() {
    check("0xC1900101 - 0x20017", &["c1900101 0xC1900101", "+20017 0x20017"]);
    check("Error = 0x8007000D-0x2000C", &["8007000d 0x8007000D", "+2000c 0x2000C"]);
    check("80070005-0x4000D.", &["80070005 80070005", "+4000d 0x4000D"]);
    let text = "failed with 0xC1900101 – 0x20017 in SafeOS";
    let pairs = result_extends(text);
    assert_eq!(pairs.len(), 1);
    assert_eq!(
        (pairs[0].result.value(), pairs[0].extend, &text[pairs[0].span.clone()]),
        (0xC190_0101, 0x20017, "0xC1900101 – 0x20017")
    );
}

#[test]
fn what_only_looks_like_an_error_is_left_alone() {
    for text in [
        "",
        "HRESULT = 0x00000000 - S_OK",
        "Error = 0x00000000",
        "Error: 0[gle=0x00000000]",
        "Final status: error(0)",
        "rc=0",
        "errors: 12 files",
        "Error: 12 files",
        "Error 2 of 3",
        "Error 5/10",
        "error code 12 of 20",
        "code 12 of 20",
        "Status: 5",
        "single=5",
        "Error 404 Not Found",
        "HTTP error 500 from the proxy",
        "{80070005-6fa2-41e5-ad7a-051dc3850367}",
        "80070005-6fa2-41e5-ad7a-051dc3850367",
        "a5c71180-6fa2-41e5-ad7a-051d80070005",
        "Package~31bf3856ad364e35~amd64~~10.0.1.2 8007000531bf3856",
        "{l:16 b:80070005800700058007000580070005}",
        "{l:4 b:80070005}",
        "@0x7fed806eb5d",
        "from @0x80070005",
        "00000351@2023/5/23:16:18:40.398",
        "80070005@2023/5/23:16:18:40.398",
        r"C:\Logs\80070005\x",
        "80070005.log",
        "flags: 0x80000000",
        "Session: 31271046_3324950609 finalized",
        "Session 80071234_2147942405",
        "copied 80041234 bytes",
        "copied 80040150 bytes",
        "2023-05-23 10:02:36, Error      [0x080389] MIG    Failure while calling",
        "2023-05-23 10:02:36, Error                 CSI    text",
        "[7952] RestoreFileNodeList:(2254)",
        "Error in apply",
        "MY_ERROR_ACCESS_DENIED_COUNT",
        "Unaccess denied",
        "access denied to nobody",
        "The parameter is incorrectly named",
        "STATUS_SUCCESS",
    ] {
        check(text, &[]);
    }
}

#[test]
fn announcements_need_no_surroundings() {
    check("GLE [5]", &["80070005 5"]);
    check("错误代码：0x5。", &["80070005 0x5"]);
    check("LastError = 5, retrying", &["80070005 5"]);
    check("Error = 5.", &["80070005 5"]);
    check("Error: 5.1", &[]);
}
