//! Tells formats that are no text by the bytes they begin with.
//!
//! Called first by [`super::recognise`]; promises an answer only where the bytes leave no doubt.

use super::LogFormat;

const HEADS: [(&[u8], LogFormat); 16] = [
    (b"ElfFile\0", LogFormat::Evtx),
    (b"PML_", LogFormat::Pml),
    (b"MDMP\x93\xa7", LogFormat::Dump),
    (b"PAGEDUMP", LogFormat::Dump),
    (b"PAGEDU64", LogFormat::Dump),
    (b"regf", LogFormat::Registry),
    (b"\x89PNG\r\n\x1a\n", LogFormat::Picture),
    (b"\xff\xd8\xff", LogFormat::Picture),
    (b"GIF87a", LogFormat::Picture),
    (b"GIF89a", LogFormat::Picture),
    (b"II*\0", LogFormat::Picture),
    (b"MM\0*", LogFormat::Picture),
    (b"MZ\x90\0", LogFormat::Binary),
    (b"%PDF-", LogFormat::Binary),
    (b"PK\x03\x04", LogFormat::Binary),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", LogFormat::Binary),
];

/// The format whose mark the bytes bear.
pub(super) fn recognise(head: &[u8]) -> Option<LogFormat> {
    let marked = HEADS.iter().find(|(mark, _)| head.starts_with(mark)).map(|(_, format)| *format);
    marked
        .or_else(|| {
            let picture = is_bitmap(head) || is_webp(head);
            picture.then_some(LogFormat::Picture)
        })
        .or_else(|| is_event_trace(head).then_some(LogFormat::Etl))
}

/// `BM` is too short a mark for text to be safe from it; the four reserved bytes are zero.
fn is_bitmap(head: &[u8]) -> bool {
    head.starts_with(b"BM") && head.get(6..10) == Some(&[0; 4])
}

fn is_webp(head: &[u8]) -> bool {
    head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP")
}

/// An event trace has no mark of its own: its first buffer opens with a 72-byte buffer header and
/// then the system trace header, version 2, of a 32-bit (1) or 64-bit (2) machine.
fn is_event_trace(head: &[u8]) -> bool {
    matches!(head.get(72..76), Some([2, 0, 1 | 2, 0xc0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &[u8], expected: Option<LogFormat>) {
        assert_eq!(recognise(head), expected, "{head:?}");
    }

    #[test]
    fn marks_are_known() {
        check(b"ElfFile\0\0\0", Some(LogFormat::Evtx));
        check(b"PML_\x09\0\0\0", Some(LogFormat::Pml));
        check(b"PAGEDU64\x0f", Some(LogFormat::Dump));
        check(b"regf\x01", Some(LogFormat::Registry));
        check(b"BM\x36\x10\0\0\0\0\0\0\x36", Some(LogFormat::Picture));
        check(b"RIFF\x01\x02\x03\x04WEBPVP8 ", Some(LogFormat::Picture));
    }

    #[test]
    fn an_event_trace_is_known_by_its_system_header() {
        let mut head = vec![0; 96];
        head[72..76].copy_from_slice(&[2, 0, 2, 0xc0]);
        check(&head, Some(LogFormat::Etl));
    }

    #[test]
    fn text_that_only_resembles_a_mark_is_not_taken() {
        for head in [&b"BMW dealers"[..], b"PML log", b"MZ", b"RIFF raff"] {
            check(head, None);
        }
    }
}
