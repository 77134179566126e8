//! Reads the columns of one line from left to right, and times in the many ways logs write them.
//!
//! Called by every format's file. A step that fails returns `None` and the caller gives the line
//! up. Whether a time exists (no 31 February, no hour 25) is asked apart from whether a line has
//! the shape of a record: a damaged time costs the record its time and nothing else.

use std::ops::RangeInclusive;

use jiff::civil::DateTime;

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
        let hour = match before.or_else(|| self.half_of_day()) {
            Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
            _ => hour,
        };
        Some(Clock { hour, minute, second, nanosecond, precision })
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
}
