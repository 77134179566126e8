//! Literals for the prefilter: what must occur in a text before it is worth reading for an error.
//!
//! The matcher searches these instead of reading every record, so they are sound by construction: every branch of the
//! expression in `errors` has its literals here, made from the same lists. They are as long as soundness allows, since
//! a rare literal keeps a healthy log cheap.

use super::codes::Code;
use super::grammar::{CONTEXTS, CONVERSIONS, has_known_facility};
use super::table::TABLE;

/// Literals, to be searched without regard to ASCII case, of which at least one occurs in every text from which
/// `errors` reads `code`.
pub fn spellings(code: Code) -> Vec<String> {
    let mut literals = Vec::new();
    for raw in raw_values(code) {
        literals.push(format!("{raw:08x}"));
        if has_known_facility(raw) {
            literals.push(raw.to_string());
            literals.push(raw.cast_signed().to_string());
        }
    }
    if code.value() >> 16 == 0x8007 {
        literals.extend(announced_spellings(code.value() & 0xFFFF));
    }
    if !code.is_failure() {
        // Extend codes may be padded with zeros or not.
        literals.push(format!("{:x}", code.value()));
    }
    if let Some(entry) = code.entry() {
        literals.extend(entry.names.iter().chain(&entry.messages).map(|words| words.to_ascii_lowercase()));
    }
    literals.sort_unstable();
    literals.dedup();
    literals
}

/// Every spelling of `code` that is one word of letters, digits and `_`.
pub fn words(code: Code) -> Vec<String> {
    let mut words = Vec::new();
    for raw in raw_values(code) {
        words.extend([format!("0x{raw:08x}"), format!("{raw:08x}")]);
        if has_known_facility(raw) {
            words.extend([raw.to_string(), raw.cast_signed().to_string()]);
        }
    }
    if code.value() >> 16 == 0x8007 {
        let number = code.value() & 0xFFFF;
        words.extend([number.to_string(), format!("0x{number:x}"), format!("0x{number:08x}")]);
    }
    if !code.is_failure() {
        words.push(format!("0x{:x}", code.value()));
    }
    words.extend(code.entry().into_iter().flat_map(|entry| entry.names.iter().cloned()));
    // Eight digits alone are believed of some families only.
    words.retain(|word| super::parse_code(word) == Some(code));
    words.sort_unstable();
    words.dedup();
    words
}

/// Literals of which at least one occurs in every text from which `errors` reads anything at all.
pub fn sweep() -> Vec<String> {
    let mut literals = vec!["[0x0000".to_owned()];
    literals.extend("8cd".chars().flat_map(|first| (0..16).map(move |second| format!("0x{first}{second:x}"))));
    for upper in &TABLE.facilities {
        let embedded = (upper >> 12 == 0xC).then_some(upper | 0x1000);
        for upper in std::iter::once(*upper).chain(embedded) {
            literals.push(format!("{upper:04x}"));
            literals.extend(decimal_prefixes(u32::from(upper) << 16));
        }
    }
    literals.extend(CONTEXTS.iter().map(|context| context.before.to_owned()));
    literals.extend(["error", "错误", "錯誤"].map(str::to_owned));
    literals.extend(CONVERSIONS.iter().map(|conversion| (*conversion).to_owned()));
    literals.extend(TABLE.messages.keys().cloned());
    // Texts are read for names with an underscore only: `WSAETIMEDOUT` is known to `parse_code` alone.
    let is_read = |(name, value): &(&String, &u32)| name.contains('_') && Code::from_raw(**value).is_failure();
    let failures = TABLE.names.iter().filter(is_read);
    literals.extend(failures.map(|(name, _)| name_prefix(name)));
    reduced(literals)
}

/// The shortest hexadecimal number and the shortest decimal number that are rare enough to be searched without their
/// announcement.
const RARE_DIGITS: (usize, usize) = (4, 5);

/// The values that `Code::from_raw` maps onto a code.
fn raw_values(code: Code) -> Vec<u32> {
    let mut values = vec![code.value()];
    if code.value() >> 16 == 0x8007 {
        values.push(0xC007_0000 | (code.value() & 0xFFFF));
    }
    values.extend(code.entry().into_iter().flat_map(|entry| &entry.statuses));
    let embedded: Vec<u32> =
        values.iter().filter(|value| *value >> 28 == 0xC).map(|value| value | 0x1000_0000).collect();
    values.extend(embedded);
    values
}

/// The literals of a Win32 number after words that announce it.
fn announced_spellings(number: u32) -> Vec<String> {
    let (hex, decimal) = (format!("0x{number:x}"), number.to_string());
    let is_rare = [hex.len() - 2 >= RARE_DIGITS.0, decimal.len() >= RARE_DIGITS.1];
    let mut literals = vec![format!("0x{number:08x}")];
    for (digits, is_rare) in [hex, decimal].into_iter().zip(is_rare) {
        if is_rare {
            literals.push(digits);
            continue;
        }
        let announcements = CONTEXTS.iter().map(|context| context.before).chain(CONVERSIONS.iter().copied());
        literals.extend(announcements.map(|before| format!("{before}{digits}")));
    }
    literals
}

/// The first digits of every decimal number, unsigned and negative, whose upper half is that of `lowest`.
fn decimal_prefixes(lowest: u32) -> impl Iterator<Item = String> {
    let numbers = [lowest, lowest | 0xFFFF];
    let unsigned = numbers.map(|value| value.to_string());
    let signed = numbers.map(|value| value.cast_signed().to_string());
    // A facility spans 65,536 values, so all but the last five digits take at most two forms: those of its ends.
    unsigned.into_iter().chain(signed).map(|digits| digits[..digits.len() - 5].to_owned())
}

/// A name up to and with its `_E_`, or to its first underscore: `CBS_E_`, `STATUS_`; names without their own family
/// stay whole.
fn name_prefix(name: &str) -> String {
    let end = match (name.find("_E_"), name.find('_')) {
        (Some(at), _) => at + 3,
        (None, Some(at)) if at > 2 => at + 1,
        _ => name.len(),
    };
    name[..end].to_ascii_lowercase()
}

/// The literals sorted, without those that contain another one: where they occur, the other does too.
fn reduced(mut literals: Vec<String>) -> Vec<String> {
    literals.iter_mut().for_each(|literal| literal.make_ascii_lowercase());
    literals.sort_unstable_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    literals.dedup();
    let mut kept: Vec<String> = Vec::with_capacity(literals.len());
    for literal in literals {
        if !kept.iter().any(|shorter| literal.contains(shorter.as_str())) {
            kept.push(literal);
        }
    }
    kept.sort_unstable();
    kept
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::super::errors;
    use super::*;

    /// The sweep as one expression: thousands of texts are searched for it.
    fn sweep_expression() -> Regex {
        let literals: Vec<String> = sweep().iter().map(|literal| regex::escape(literal)).collect();
        Regex::new(&literals.join("|")).expect("escaped literals are valid")
    }

    /// Checks that a text is read as `code`, and that both prefilters let it through.
    #[track_caller]
    fn check(text: &str, code: Code, literals: &[String], sweep: &Regex) {
        assert!(errors(text).iter().any(|fact| fact.code == code), "{text} is not read as {code}");
        let folded = text.to_ascii_lowercase();
        assert!(literals.iter().any(|literal| folded.contains(literal)), "{text} escapes the literals of {code}");
        assert!(sweep.is_match(&folded), "{text} escapes the sweep");
    }

    #[test]
    fn every_code_is_found_in_every_spelling_and_never_filtered_out() {
        let sweep = sweep_expression();
        let known = TABLE.entries.keys().copied();
        let unknown = [0x8007_1234, 0x8007_FFFF, 0x8024_9999, 0xC000_1234, 0xC190_ABCD, 0x8012_3456];
        for code in known.chain(unknown).map(Code::from_raw).filter(|code| code.is_failure()) {
            let literals = spellings(code);
            // Errors with a name only are thousands; their numbers are read like those of unknown ones.
            let is_named_only = code.entry().is_some() && !code.is_described();
            for text in if is_named_only { spelling_by_name(code) } else { every_spelling(code) } {
                check(&text, code, &literals, &sweep);
                let shouted = text.to_uppercase().replace("0X", "0x");
                assert!(errors(&shouted).iter().any(|fact| fact.code == code), "{shouted} is not read as {code}");
            }
        }
    }

    fn every_spelling(code: Code) -> Vec<String> {
        let mut texts = Vec::new();
        for raw in raw_values(code) {
            texts.extend([format!("0x{raw:08x}"), format!("[0X{raw:08X}]"), format!("Result = 0x{raw:08X}-0x2000C")]);
            if has_known_facility(raw) {
                texts.extend([
                    format!("hr = {raw:08x}"),
                    format!("[{raw:08X}]"),
                    format!("error {raw} \"\""),
                    format!("{}", raw.cast_signed()),
                ]);
            }
        }
        let number = code.value() & 0xFFFF;
        if code.value() >> 16 == 0x8007 {
            texts.push(format!("[0x{number:08x}]"));
            texts.extend(CONVERSIONS.iter().map(|conversion| format!("{conversion}{number})")));
            let contexts =
                CONTEXTS.iter().filter(|context| context.firm || code.is_described()).map(|context| context.before);
            texts.extend(contexts.flat_map(|before| {
                [format!("{before}{number}"), format!("{before}0x{number:x}"), format!("{before}0x{number:08x}")]
            }));
        }
        texts.extend(spelling_by_name(code));
        if let Some(entry) = code.entry() {
            texts.extend(entry.messages.iter().map(|message| format!("failed: {message}.")));
        }
        texts
    }

    fn spelling_by_name(code: Code) -> Vec<String> {
        let names = code.entry().into_iter().flat_map(|entry| &entry.names).filter(|name| name.contains('_'));
        let hex = format!("0x{:08x}", code.value());
        names.map(|name| format!("failed - {name}]")).chain([hex]).collect()
    }

    #[test]
    fn every_code_has_its_hexadecimal_word_and_its_name() {
        for code in TABLE.entries.keys().copied().map(Code::from_raw).filter(|code| code.is_failure()) {
            let words = words(code);
            assert!(words.contains(&format!("0x{:08x}", code.value())), "{words:?}");
            assert!(code.name().is_none_or(|name| words.iter().any(|word| word == name)), "{words:?}");
        }
        assert!(words(Code::from_raw(5)).iter().any(|word| word == "5"));
    }

    #[test]
    fn an_extend_code_has_literals_too() {
        let text = "0xC1900101 - 0x20017";
        check(text, Code::from_raw(0x20017), &spellings(Code::from_raw(0x20017)), &sweep_expression());
    }

    #[test]
    fn healthy_lines_pass_no_sweep() {
        let sweep = sweep();
        for line in [
            "2023-05-23 10:02:36, Info                  CBS    Session: 30842_3324950609 finalized. [HRESULT = 0x00000000 - S_OK]",
            "2022-07-06 08:08:29, Info                  MOUPG  SetupHost::Initialize: MediaPath              = [C:\\21H2]",
            "2023-05-23 10:02:36, Info                  CSI    00000351 [SR] Verifying 100 components",
        ] {
            let folded = line.to_ascii_lowercase();
            let hit = sweep.iter().find(|literal| folded.contains(literal.as_str()));
            assert_eq!(hit, None, "{line}");
        }
    }

    #[test]
    fn no_literal_is_short() {
        for literal in sweep().into_iter().chain(spellings(Code::from_raw(5))) {
            assert!(literal.len() >= 4, "{literal}");
        }
    }
}
