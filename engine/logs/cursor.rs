//! Reads the columns of one line from left to right, and times in the many ways logs write them.
//!
//! Called by every format's file. A step that fails returns `None` and the caller gives the line
//! up. Whether a time exists (no 31 February, no hour 25) is asked apart from whether a line has
//! the shape of a record: a damaged time costs the record its time and nothing else.

use std::ops::RangeInclusive;

use jiff::civil::{Date, DateTime};

/// A place in a line.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'t> {
    /// What is still to be read.
    pub(super) rest: &'t str,
}

/// A time of day as written; it may be impossible.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    hour: i32,
    minute: i32,
    second: i32,
    nanosecond: i32,
    /// How many digits the fraction of the second has.
    pub(super) precision: usize,
}

impl<'t> Cursor<'t> {
    /// Begins at the start of a text.
    pub(super) fn new(rest: &'t str) -> Self {
        Self { rest }
    }

    /// Reads a decimal number of so many digits; a longer one is refused.
    pub(super) fn number(&mut self, digits: RangeInclusive<usize>) -> Option<i32> {
        let longest = *digits.end();
        let bytes = self.rest.as_bytes();
        let count = bytes.iter().take(longest + 1).take_while(|byte| byte.is_ascii_digit()).count();
        if !digits.contains(&count) {
            return None;
        }
        let value = self.rest[..count].parse().ok()?;
        self.rest = &self.rest[count..];
        Some(value)
    }

    /// Reads one of the given characters.
    pub(super) fn eat(&mut self, any: &[char]) -> Option<char> {
        let next = self.rest.chars().next().filter(|next| any.contains(next))?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    /// Reads the given text.
    pub(super) fn eat_text(&mut self, text: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(())
    }

    /// Passes blanks and tabs and says how many.
    pub(super) fn blanks(&mut self) -> usize {
        let after = self.rest.trim_start_matches([' ', '\t']);
        let count = self.rest.len() - after.len();
        self.rest = after;
        count
    }

    /// Reads up to the next blank or line end; may be empty.
    pub(super) fn word(&mut self) -> &'t str {
        let end = self.rest.find([' ', '\t', '\n', '\r']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    /// Reads three numbers with the same one of the given characters between them.
    pub(super) fn date(&mut self, separators: &[char]) -> Option<[i32; 3]> {
        let first = self.number(1..=4)?;
        let separator = self.eat(separators)?;
        let second = self.number(1..=2)?;
        self.eat(&[separator])?;
        Some([first, second, self.number(1..=4)?])
    }

    /// Reads a time of day such as `09:40.53.963`, `16:53:03,6001516`, `3:58:46.68 PM`.
    pub(super) fn clock(&mut self) -> Option<Clock> {
        let before = self.half_of_day();
        let hour = self.number(1..=2)?;
        self.eat(&[':'])?;
        let minute = self.number(2..=2)?;
        self.eat(&[':', '.'])?;
        let second = self.number(2..=2)?;
        let (nanosecond, precision) = self.fraction();
        let hour = self.hour_of_day(hour, before);
        Some(Clock { hour, minute, second, nanosecond, precision })
    }

    /// Reads a time of day without seconds, such as `16:53` or `4:53 PM`.
    pub(super) fn coarse_clock(&mut self) -> Option<Clock> {
        let before = self.half_of_day();
        let hour = self.number(1..=2)?;
        self.eat(&[':'])?;
        let minute = self.number(2..=2)?;
        let hour = self.hour_of_day(hour, before);
        Some(Clock { hour, minute, second: 0, nanosecond: 0, precision: 0 })
    }

    /// Reads a time of day without leading zeros, such as `15:9:4`.
    pub(super) fn unpadded_clock(&mut self) -> Option<Clock> {
        let hour = self.number(1..=2)?;
        self.eat(&[':'])?;
        let minute = self.number(1..=2)?;
        self.eat(&[':'])?;
        Some(Clock { hour, minute, second: self.number(1..=2)?, nanosecond: 0, precision: 0 })
    }

    /// Reads a date in the order of the user's language, year first; none where that order is not
    /// certain.
    pub(super) fn local_date(&mut self) -> Option<[i32; 3]> {
        let dotted = self.rest.trim_start_matches(|next: char| next.is_ascii_digit()).starts_with('.');
        let [first, second, third] = self.date(&['.', '/', '-'])?;
        match (first, second) {
            (32.., _) => Some([first, second, third]),
            _ if dotted || first > 12 || first == second => Some([third, second, first]),
            (_, 13..) => Some([third, first, second]),
            _ => None,
        }
    }

    /// The hour of 24 that an hour is with AM or PM before or behind its time.
    fn hour_of_day(&mut self, hour: i32, before: Option<i32>) -> i32 {
        match before.or_else(|| self.half_of_day()) {
            Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
            _ => hour,
        }
    }

    fn fraction(&mut self) -> (i32, usize) {
        let mut ahead = *self;
        let begin = ahead.eat(&['.', ',', ':']).and_then(|_| ahead.number(1..=9));
        let Some(value) = begin else { return (0, 0) };
        let precision = self.rest.len() - ahead.rest.len() - 1;
        *self = ahead;
        let scale = (precision..9).fold(1, |scale, _| scale * 10);
        (value * scale, precision)
    }

    /// Reads AM or PM in English or Chinese as the hours to add.
    fn half_of_day(&mut self) -> Option<i32> {
        const HALVES: [(&str, i32); 6] = [("AM", 0), ("PM", 12), ("am", 0), ("pm", 12), ("上午", 0), ("下午", 12)];
        let mut ahead = *self;
        ahead.blanks();
        let (_, hours) = HALVES.into_iter().find(|(word, _)| ahead.eat_text(word).is_some())?;
        ahead.blanks();
        *self = ahead;
        Some(hours)
    }
}

impl Clock {
    /// This time on the day `[year, month, day]`, if both exist.
    pub(super) fn on(self, [year, month, day]: [i32; 3]) -> Option<DateTime> {
        DateTime::new(
            i16::try_from(year).ok()?,
            i8::try_from(month).ok()?,
            i8::try_from(day).ok()?,
            i8::try_from(self.hour).ok()?,
            i8::try_from(self.minute).ok()?,
            i8::try_from(self.second).ok()?,
            self.nanosecond,
        )
        .ok()
    }

    /// This time on the day of `start`, or on the day after if it would come long before `start`.
    pub(super) fn since(self, start: DateTime) -> Option<DateTime> {
        /// Threads write out of order, and times are rounded.
        const OUT_OF_ORDER: i64 = 3600;
        let on = |day: Date| self.on([i32::from(day.year()), i32::from(day.month()), i32::from(day.day())]);
        let time = on(start.date())?;
        let late = start.duration_since(time).as_secs() > OUT_OF_ORDER;
        if late { on(start.date().tomorrow().ok()?) } else { Some(time) }
    }
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    fn check(input: &str, expected: &str) {
        let clock = Cursor::new(input).clock();
        let shown = clock.map(|clock| match clock.on([2020, 2, 29]) {
            Some(time) => time.time().to_string(),
            None => "impossible".to_owned(),
        });
        assert_eq!(shown.as_deref().unwrap_or("none"), expected, "{input}");
    }

    #[test]
    fn times_are_read_in_every_spelling() {
        check("03:07:48:216", "03:07:48.216");
        check("00:13:03.7762952", "00:13:03.7762952");
        check("16:53:03,6001516", "16:53:03.6001516");
        check("09:40.53.963", "09:40:53.963");
        check("3:58:46 PM", "15:58:46");
        check("12:00:01 AM", "00:00:01");
        check("下午 3:58:46.5", "15:58:46.5");
        check("3:58:46.5 上午", "03:58:46.5");
    }

    #[test]
    fn impossible_times_keep_their_shape() {
        check("25:00:00", "impossible");
        check("7:61:00", "impossible");
    }

    #[test]
    fn other_text_is_no_time() {
        for input in ["", "12", "44:57.9", "123:00:00", "a:b:c", "12:5:00"] {
            check(input, "none");
        }
    }

    #[test]
    fn a_date_has_one_separator() {
        assert_eq!(Cursor::new("2020/8/3 x").date(&['/', '-']), Some([2020, 8, 3]));
        assert_eq!(Cursor::new("2020/8-3").date(&['/', '-']), None);
        assert_eq!(Cursor::new("20200/8/3").date(&['/']), None);
    }

    #[test]
    fn a_local_date_is_read_where_its_order_is_certain() {
        for date in ["24.12.2020", "24/12/2020", "12/24/2020", "2020-12-24"] {
            assert_eq!(Cursor::new(date).local_date(), Some([2020, 12, 24]), "{date}");
        }
        assert_eq!(Cursor::new("03.12.2020").local_date(), Some([2020, 12, 3]));
        assert_eq!(Cursor::new("03/12/2020").local_date(), None);
    }

    #[test]
    fn a_time_after_midnight_is_of_the_next_day() {
        let start = Cursor::new("23:30:00").clock().unwrap().on([2020, 2, 29]).unwrap();
        let shown = |input| Cursor::new(input).clock().unwrap().since(start).unwrap().to_string();
        assert_eq!(shown("23:29:59"), "2020-02-29T23:29:59");
        assert_eq!(shown("00:10:00"), "2020-03-01T00:10:00");
        assert_eq!(
            Cursor::new("15:9:4").unpadded_clock().unwrap().on([2020, 2, 9]).unwrap().to_string(),
            "2020-02-09T15:09:04"
        );
    }
}
