//! Logs that are attached to a mail, as far as they can be excerpts: text of a known format, and not too long.

use super::saved::decode;
use crate::logs::{self, LogFormat};

/// Longest log that is taken as it is; a longer one has to be cut by a person.
const LONGEST: usize = 1 << 20;

/// Adds the logs among `files` to `logs`; gives a sentence for what was taken and for what was not.
pub(super) fn take(files: Vec<(String, Vec<u8>)>, logs: &mut Vec<(String, String)>) -> Vec<String> {
    let mut taken = Vec::new();
    let mut left = Vec::new();
    for (name, bytes) in files {
        let format = logs::recognise(&name, &bytes[..bytes.len().min(64 << 10)]);
        if !format.is_text() || format == LogFormat::Plain {
            left.push(format!("{name} (no log that is text)"));
        } else if bytes.len() > LONGEST {
            left.push(format!("{name} (longer than an excerpt: cut it)"));
        } else {
            let name = usable(&name, format);
            let text = decode(&bytes);
            match logs.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&name)) {
                Some((_, known)) => *known = text,
                None => logs.push((name.clone(), text)),
            }
            taken.push(name);
        }
    }
    let mut notes = Vec::new();
    for (what, names) in [("attached logs that were taken", taken), ("attached and not taken", left)] {
        if !names.is_empty() {
            notes.push(format!("{what}: {}", names.join(", ")));
        }
    }
    notes
}

/// The attachment's name, where it is one that any system can hold; else the name that Windows gives such a log.
fn usable(name: &str, format: LogFormat) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    if name.chars().all(plain) && name.starts_with(|first: char| first.is_ascii_alphanumeric()) && name.len() <= 80 {
        return name.to_owned();
    }
    format.file_name().map_or_else(|| format!("{}.log", format.name()), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_taken_and_the_rest_is_named() {
        let log = "2020-07-08 10:24:58, Error                 SP     Operation failed\r\n";
        let files = [("日志.log", log), ("note.txt", "hello"), ("big.log", &log.repeat(20_000))];
        let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
        let mut logs = Vec::new();
        let notes = take(files.to_vec(), &mut logs);
        assert_eq!(logs, [("setupact.log".to_owned(), log.to_owned())]);
        assert_eq!(
            notes,
            [
                "attached logs that were taken: setupact.log",
                "attached and not taken: note.txt (no log that is text), big.log (longer than an excerpt: cut it)"
            ]
        );
    }
}
