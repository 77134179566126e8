//! What queries for a file's information gave back, and what a request sets.

use super::bytes::{Bytes, time};
use super::detail::{Detail, grouped, yes};
use super::files::attribute_letters;

/// Adds what a query gave back; operations whose answer is not known here add nothing.
pub(super) fn queried(operation: &str, mut output: Bytes<'_>, detail: &mut Detail) -> Option<()> {
    match operation {
        "QueryBasicInformationFile" => return basic(output, detail),
        "QueryStandardInformationFile" => {
            detail.add("AllocationSize", grouped(output.u64()?));
            detail.add("EndOfFile", grouped(output.u64()?));
            detail.add("NumberOfLinks", output.u32()?);
            detail.add("DeletePending", yes(output.u8()? != 0));
            detail.add("Directory", yes(output.u8()? != 0));
        }
        "QueryNameInformationFile" | "QueryNormalizedNameInformationFile" => {
            let length = usize::try_from(output.u32()?).ok()?;
            detail.add("Name", output.utf16(length)?);
        }
        "QueryFileInternalInformationFile" => detail.add("IndexNumber", format_args!("0x{:x}", output.u64()?)),
        "QueryAttributeTagFile" => {
            let (attributes, tag) = (output.u32()?, output.u32()?);
            detail.add("Attributes", attribute_letters(attributes));
            detail.add("ReparseTag", format_args!("0x{tag:x}"));
        }
        _ => {}
    }
    Some(())
}

/// Adds what a request sets.
pub(super) fn set(operation: &str, mut input: Bytes<'_>, detail: &mut Detail) -> Option<()> {
    match operation {
        "SetBasicInformationFile" => return basic(input, detail),
        "SetDispositionInformationFile" => detail.add("Delete", yes(input.u8()? != 0)),
        "SetEndOfFileInformationFile" => detail.add("EndOfFile", grouped(input.u64()?)),
        "SetAllocationInformationFile" => detail.add("AllocationSize", grouped(input.u64()?)),
        _ => {}
    }
    Some(())
}

/// Times in UTC and attributes.
fn basic(mut bytes: Bytes<'_>, detail: &mut Detail) -> Option<()> {
    for label in ["CreationTime", "LastAccessTime", "LastWriteTime", "ChangeTime"] {
        let time = time(bytes.u64()?)?;
        let (hour, half) = (time.hour(), if time.hour() < 12 { "AM" } else { "PM" });
        let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
        let (month, day, year) = (time.month(), time.day(), time.year());
        let (minute, second) = (time.minute(), time.second());
        detail.add(label, format_args!("{month}/{day}/{year} {hour}:{minute:02}:{second:02} {half}"));
    }
    detail.add("FileAttributes", attribute_letters(bytes.u32()?));
    Some(())
}
