//! Learns from a log how far its local time is from UTC.
//!
//! Called by [`super::Blocks`] until a block has told it. Needed to put event logs, which are in
//! UTC, beside text logs. These tell it, besides the zones
//! that `reportingevents` and `cmtrace` write beside each time:
//! ```text
//! 2023-05-17 08:44:12, Info                  CSI    00000001@2023/5/17:15:44:12.956 WcpInit…
//! 2023-05-23 10:02:36, Info                  CBS    Universal Time is: 2023-05-23 16:02:36.993
//! 2021-08-28<TAB>11:05:07:920<TAB>…  Logging initialized (build: 7.6.7600.256, tz: +0530)  …
//! ```

use jiff::civil::DateTime;
use memchr::memmem;

use super::cursor::Cursor;
use super::lines::line_start;
use super::{LogFormat, cmtrace, panther, reportingevents};

/// How much of a block is searched: these lines stand near the start of a session.
const SEARCHED: usize = 256 * 1024;
/// How many places are looked at before the block is given up.
const TRIES: usize = 16;

/// The minutes local time is ahead of UTC, east positive, if the text tells.
pub(super) fn utc_offset(format: LogFormat, text: &str) -> Option<i32> {
    let text = &text[..text.floor_char_boundary(SEARCHED)];
    match format {
        LogFormat::Setupact | LogFormat::Cbs | LogFormat::Dism | LogFormat::UpdateAgent => {
            beside(text, "Universal Time is: ").or_else(|| beside(text, "@20"))
        }
        LogFormat::WindowsUpdate => places(text, "tz: ").find_map(|at| zone(&text[at + "tz: ".len()..])),
        LogFormat::ReportingEvents => reportingevents::utc_offset(text),
        LogFormat::CmTrace => cmtrace::utc_offset(text),
        _ => None,
    }
}

/// Compares the stamp of a line with the UTC time it holds after `mark`.
fn beside(text: &str, mark: &str) -> Option<i32> {
    places(text, mark).find_map(|at| {
        let line = &text[line_start(text.as_bytes(), at, 0)..];
        let local = panther::columns(line).time?;
        let universal = universal(text[at..].trim_start_matches(|next: char| !next.is_ascii_digit()))?;
        let seconds = local.duration_since(universal).as_secs();
        // The two are written a moment apart, and every zone is whole quarters of an hour from UTC.
        let quarters = (seconds + 450).div_euclid(900);
        let is_zone = (seconds - quarters * 900).abs() <= 90 && quarters.abs() <= 14 * 4;
        i32::try_from(quarters * 15).ok().filter(|_| is_zone)
    })
}

fn places<'t>(text: &'t str, mark: &'t str) -> impl Iterator<Item = usize> + 't {
    memmem::find_iter(text.as_bytes(), mark).take(TRIES)
}

fn universal(text: &str) -> Option<DateTime> {
    let mut cursor = Cursor::new(text);
    let date = cursor.date(&['/', '-'])?;
    cursor.eat(&[':', ' '])?;
    cursor.clock()?.on(date)
}

fn zone(text: &str) -> Option<i32> {
    let mut cursor = Cursor::new(text);
    let sign = if cursor.eat(&['+', '-'])? == '-' { -1 } else { 1 };
    let digits = cursor.number(4..=4)?;
    let minutes = digits / 100 * 60 + digits % 100;
    (minutes <= 14 * 60).then_some(sign * minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: LogFormat, text: &str, expected: Option<i32>) {
        assert_eq!(utc_offset(format, text), expected, "{text}");
    }

    #[test]
    fn component_store_stamps_are_utc() {
        check(
            LogFormat::Cbs,
            "x\r\n2023-05-17 08:44:12, Info                  CSI    00000001@2023/5/17:15:44:12.956 WcpInitialize",
            Some(-420),
        );
        check(
            LogFormat::Cbs,
            "2016-09-28 04:30:31, Info                  CSI    00000001@2016/9/27:20:30:31.455 WcpInitialize",
            Some(480),
        );
        check(
            LogFormat::Cbs,
            "2016-09-28 04:30:31, Info                  CSI    00000001@2016/9/27:20:40:31.455 late",
            None,
        );
    }

    #[test]
    fn servicing_writes_universal_time() {
        check(
            LogFormat::Cbs,
            "2023-05-23 10:02:36, Info                  CBS    Universal Time is: 2023-05-23 16:02:36.993",
            Some(-360),
        );
    }

    #[test]
    fn the_update_client_writes_its_zone() {
        check(LogFormat::WindowsUpdate, "Logging initialized (build: 7.6.7600.256, tz: +0530)", Some(330));
        check(LogFormat::WindowsUpdate, "tz: -0800", Some(-480));
        check(LogFormat::WindowsUpdate, "tz: unknown", None);
    }

    #[test]
    fn other_text_tells_nothing() {
        check(LogFormat::Plain, "tz: +0530", None);
        check(LogFormat::Cbs, "someone@2023.example wrote: Universal Time is: late", None);
    }
}
