//! Claims about whole texts: which records they hold, wherever one looks and however they are cut.

use super::{Block, Blocks, LogFormat, Record, Records};

const SETUPACT: &str = "a remark\r\n\r\n[7952] RestoreFileNodeList:(2254)\r\n[7952] C:\\x\\WpdMtp.dll (Error = 5) \r\n2020-07-08 10:24:58, Error                 SP     SPWIMCallback: Error in apply\r\n[7952] RestoreFilesCallback:(3887)\r\n  in two lines\r\n\r\n2020-07-08 10:25:01, Info                  MOUPG  Action: 93%\n[gle=0x80004005]\r\n2020-07-08 10:25:02, Info                  MOUPG  Task progress\r\n[7952] WIMApplyImageInternal:(709)\r\n[7952] the end";
const CBS: &str = "  (0)  the middle of a record\r\n2023-05-23 16:18:40, Info                  CBS    \n=====\nChecking\n\n(p) CSI Payload Corrupt\r\n\r\n2023-05-23 16:18:41, Error                 CSI    (F) Failed\rbare\r\n";
const UPDATE: &str = "2021-08-28\t03:07:48:216\t 648\t13bc\tMisc\tone\r\n  continued\r\n2021-08-28\t03:07:49:216\t 648\t13bc\tAU\tWARNING: two\r\n";
const COINSTALLER: &str = "\r\n[05/08/2025 09:40.53.963] A: one\r\n\r\n\r\n[05/08/2025 09:40.54.368] A: two\r\n";
const TRACE: &str =
    "\"Operation\",\"Path\",\"Detail\"\r\n\"CreateFile\",\"C:\\a\",\"one\r\ntwo\"\r\n\"ReadFile\",\"C:\\b\",\"\"\r\n";
const DEVICES: &str = "[Device Install Log]\r\n     OS Version = 10.0\r\n>>>  [Install - a]\r\n>>>  Section start 2012/02/08 23:55:17.486\r\n     dvi: {Build} 00:05:17.506\r\n!!!  inf: It failed\r\n<<<  [Exit status: FAILURE(0x5)]\r\n\r\n>>>  [Install - b]\r\n>>>  Section start 2012/02/09 20:55:17.486\r\n     sto: x\r\n";
const INSTALLER: &str = "=== Verbose logging started: 24.3.2021  15:56:08  ===\r\nMSI (s) (84:58) [15:56:09:500]: one\r\n  more\r\nAction ended 15:56:10: A. Return value 3.\r\n";
const TRACED: &str = "<![LOG[one\r\ntwo]LOG]!><time=\"08:53:19.672+240\" date=\"05-06-2026\" component=\"A\" type=\"3\">\r\n<![LOG[three]LOG]!><time=\"08:53:20.672+240\" date=\"05-06-2026\" component=\"B\" type=\"1\">\r\n";
const COMPAT: &str = "<?xml version=\"1.0\"?>\r\n<CompatReport><Programs>\r\n  <Program Name=\"A\"><CompatibilityInfo\r\n    BlockingType=\"Hard\"/></Program><Program Name=\"B\"/></Programs>\r\n</CompatReport>";
const DIAGNOSIS: &str = "<?xml version=\"1.0\"?><SetupDiag><ProfileName>A</ProfileName><LogErrorLine>2020-07-08 10:24:58, Error SP\r\nx</LogErrorLine></SetupDiag>";
const ROWS: &str =
    "<xml>\n<z:row Sev=\"33554432\" Msg=\"one\" DT=\"2022-12-05T15:01:50\"/><z:row\n Msg=\"two\"/>\n</xml>";
const SETTINGS: &str = "[A]\r\nx=1\r\n\r\n[B]\r\ny = 2\r\n";
const PLAIN: &str = "\n\none\r\n\r\ntwo\rthree";

const TEXTS: [(LogFormat, &str); 13] = [
    (LogFormat::Setupact, SETUPACT),
    (LogFormat::Cbs, CBS),
    (LogFormat::WindowsUpdate, UPDATE),
    (LogFormat::Coinstaller, COINSTALLER),
    (LogFormat::Procmon, TRACE),
    (LogFormat::SetupApi, DEVICES),
    (LogFormat::Msi, INSTALLER),
    (LogFormat::CmTrace, TRACED),
    (LogFormat::CompatData, COMPAT),
    (LogFormat::SetupDiag, DIAGNOSIS),
    (LogFormat::DiagXml, ROWS),
    (LogFormat::Ini, SETTINGS),
    (LogFormat::Plain, PLAIN),
];

fn block(format: LogFormat, text: &str) -> Block {
    Blocks::new(format, text.as_bytes()).next().unwrap().unwrap()
}

fn check(format: LogFormat, text: &str, expected: &[&str]) {
    let block = block(format, text);
    let shown: Vec<String> = Records::new(format, &block).map(|record| show(&record)).collect();
    assert_eq!(shown, expected);
}

/// Line, time of day, level, component, fields and text of a record.
fn show(record: &Record<'_>) -> String {
    let time = record.time.map(|time| time.time().to_string()).unwrap_or_default();
    let fields: Vec<String> = record.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let level = record.level.unwrap_or_default();
    let component = record.component.unwrap_or_default();
    format!("{}|{time}|{level}|{component}|{}|{}", record.line, fields.join(" "), record.message)
}

#[test]
fn workers_take_the_time_of_the_record_they_lead_up_to() {
    check(
        LogFormat::Setupact,
        SETUPACT,
        &[
            "1|||||a remark",
            "3|10:24:58|||pid=7952|RestoreFileNodeList:(2254)",
            "4|10:24:58|||pid=7952|C:\\x\\WpdMtp.dll (Error = 5) ",
            "5|10:24:58|Error|SP||SPWIMCallback: Error in apply",
            "6|10:25:01|||pid=7952|RestoreFilesCallback:(3887)\r\n  in two lines",
            "9|10:25:01|Info|MOUPG||Action: 93%\n[gle=0x80004005]",
            "11|10:25:02|Info|MOUPG||Task progress",
            "12|10:25:02|||pid=7952|WIMApplyImageInternal:(709)",
            "13|10:25:02|||pid=7952|the end",
        ],
    );
}

#[test]
fn unstamped_lines_continue_the_record_before() {
    check(
        LogFormat::Cbs,
        CBS,
        &[
            "1|||||  (0)  the middle of a record",
            "2|16:18:40|Info|CBS||=====\nChecking\n\n(p) CSI Payload Corrupt",
            "8|16:18:41|Error|CSI||(F) Failed\rbare",
        ],
    );
    check(
        LogFormat::WindowsUpdate,
        UPDATE,
        &[
            "1|03:07:48.216||Misc|pid=648 tid=13bc|one\r\n  continued",
            "3|03:07:49.216|Warning|AU|pid=648 tid=13bc|WARNING: two",
        ],
    );
}

#[test]
fn blank_lines_are_counted_and_left_out() {
    check(LogFormat::Coinstaller, COINSTALLER, &["2|09:40:53.963||A||one", "5|09:40:54.368||A||two"]);
    check(LogFormat::Plain, PLAIN, &["3|||||one", "5|||||two", "6|||||three"]);
}

#[test]
fn rows_of_a_trace_may_hold_line_breaks() {
    check(
        LogFormat::Procmon,
        TRACE,
        &[
            "1|||||\"Operation\",\"Path\",\"Detail\"",
            "2||||operation=CreateFile path=C:\\a detail=one\r\ntwo|\"CreateFile\",\"C:\\a\",\"one\r\ntwo\"",
            "4||||operation=ReadFile path=C:\\b|\"ReadFile\",\"C:\\b\",\"\"",
        ],
    );
}

#[test]
fn lines_within_a_section_take_its_day_and_title() {
    check(
        LogFormat::SetupApi,
        DEVICES,
        &[
            "1|||||[Device Install Log]\r\n     OS Version = 10.0",
            "3|23:55:17.486|Info||section=Install - a|>>>  [Install - a]\r\n>>>  Section start 2012/02/08 23:55:17.486",
            "5|00:05:17.506|Info|dvi|section=Install - a|{Build} 00:05:17.506",
            "6|23:55:17.486|Error|inf|section=Install - a|It failed",
            "7|23:55:17.486|Error||section=Install - a|<<<  [Exit status: FAILURE(0x5)]",
            "9|20:55:17.486|Info||section=Install - b|>>>  [Install - b]\r\n>>>  Section start 2012/02/09 20:55:17.486",
            "11|20:55:17.486|Info|sto|section=Install - b|x",
        ],
    );
    check(
        LogFormat::Msi,
        INSTALLER,
        &[
            "1|15:56:08||||=== Verbose logging started: 24.3.2021  15:56:08  ===",
            "2|15:56:09.5|||side=s pid=84 tid=58|one\r\n  more",
            "4|15:56:10|Error||action=A return=3|Action ended 15:56:10: A. Return value 3.",
        ],
    );
    check(
        LogFormat::Ini,
        SETTINGS,
        &[
            "1||||section=A|[A]",
            "2||||name=x value=1 section=A|x=1",
            "4||||section=B|[B]",
            "5||||name=y value=2 section=B|y = 2",
        ],
    );
}

#[test]
fn elements_are_records_wherever_they_stand_in_a_line() {
    check(
        LogFormat::CompatData,
        COMPAT,
        &[
            "1|||||<?xml version=\"1.0\"?>\r\n<CompatReport><Programs>",
            "3||||element=Program name=A blockingtype=Hard|<Program Name=\"A\"><CompatibilityInfo\r\n    BlockingType=\"Hard\"/></Program>",
            "4||||element=Program name=B|<Program Name=\"B\"/></Programs>\r\n</CompatReport>",
        ],
    );
    check(LogFormat::DiagXml, ROWS, &["1|||||<xml>", "2|15:01:50|Error|||one", "2|||||two"]);
    check(
        LogFormat::SetupDiag,
        DIAGNOSIS,
        &[
            "1|||||<?xml version=\"1.0\"?><SetupDiag>",
            "1||||name=ProfileName value=A|<ProfileName>A</ProfileName>",
            "1|10:24:58|Error|SP|name=LogErrorLine value=2020-07-08 10:24:58, Error SP\r\nx|<LogErrorLine>2020-07-08 10:24:58, Error SP\r\nx</LogErrorLine></SetupDiag>",
        ],
    );
}

#[test]
fn every_byte_leads_to_the_record_that_holds_it() {
    for (format, text) in TEXTS {
        let block = block(format, text);
        let all: Vec<Record<'_>> = Records::new(format, &block).collect();
        let mut walking = Records::new(format, &block);
        for at in 0..text.len() {
            let fresh = Records::new(format, &block).at(at);
            assert_eq!(walking.at(at), fresh, "{format:?} byte {at}");
            let holder = all.iter().rev().find(|record| record.start <= at);
            assert!(holder.is_none_or(|record| *record == fresh), "{format:?} byte {at}");
            assert!(walking.span(at).contains(&at));
        }
    }
}

#[test]
fn small_blocks_hold_the_same_records() {
    for (format, text) in TEXTS {
        let text = text.repeat(4);
        let whole = block(format, &text);
        let expected: Vec<String> = Records::new(format, &whole).map(|record| show(&record)).collect();
        for size in [128, 200, 333] {
            let mut shown = Vec::new();
            for block in Blocks::with_size(format, text.as_bytes(), size) {
                let block = block.unwrap();
                shown.extend(Records::new(format, &block).map(|record| show(&record)));
            }
            assert_eq!(shown, expected, "{format:?} in blocks of {size}");
        }
    }
}

#[test]
fn endless_records_are_cut_and_keep_their_time() {
    let text = format!("2020-07-08 10:24:58, Info SP a\n{}{}", "more\n".repeat(600), "错".repeat(90_000));
    let block = block(LogFormat::Setupact, &text);
    let records: Vec<Record<'_>> = Records::new(LogFormat::Setupact, &block).collect();
    let lines: Vec<u64> = records.iter().map(|record| record.line).collect();
    assert_eq!(lines, [1, 257, 513, 602, 602, 602, 602, 602]);
    assert!(records.iter().all(|record| record.time == records[0].time && record.time.is_some()));
    let mut walking = Records::new(LogFormat::Setupact, &block);
    for record in &records {
        assert_eq!(walking.at(record.end - 1), *record);
    }
}

#[test]
fn places_outside_the_block_lead_to_its_last_record() {
    let block = block(LogFormat::Plain, "one\ntwo");
    let mut records = Records::new(LogFormat::Plain, &block);
    assert_eq!(records.at(usize::MAX).text, "two");
    assert_eq!(records.at(0).text, "two");
    let empty = Block { first_line: 1, text: String::new(), ..Block::default() };
    assert_eq!(Records::new(LogFormat::Plain, &empty).at(5).text, "");
}
