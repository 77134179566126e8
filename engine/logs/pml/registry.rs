//! Registry events: the path, what was asked, and what came back.

use super::bytes::{Bytes, time};
use super::detail::{Detail, grouped};
use super::names::{access, name};

/// What generic read, write, execute and all stand for on keys.
const GENERIC: [u32; 4] = [0x2_0019, 0x2_0006, 0x2_0019, 0xf_003f];

/// Most bytes of binary data that are shown, as Process Monitor does.
const SHOWN_BYTES: usize = 16;

/// Reads an event's structure; none if its path cannot be read.
pub(super) fn read(operation: u16, mut bytes: Bytes<'_>, output: Bytes<'_>, detail: &mut Detail) -> Option<()> {
    let operation = name("registry", operation.into()).unwrap_or("<Unknown>");
    operation.clone_into(&mut detail.operation);
    let mark = bytes.u16()?;
    let second = bytes.u16();
    let numbers = match operation {
        "RegOpenKey" | "RegCreateKey" => 1,
        "RegQueryKey" | "RegQueryValue" => 2,
        "RegEnumKey" | "RegEnumValue" | "RegSetInfoKey" | "RegSetValue" => 3,
        "RegLoadKey" | "RegRenameKey" => 0,
        _ => {
            // Only the path follows; the second mark belongs to it where there is one.
            detail.path = unpadded(bytes, mark, second)?;
            return Some(());
        }
    };
    let mut asked = [0; 3];
    for number in asked.iter_mut().take(numbers) {
        *number = bytes.u32()?;
    }
    detail.path = bytes.text(mark)?;
    let _ = match operation {
        "RegOpenKey" | "RegCreateKey" => open(asked[0], output, detail),
        "RegQueryKey" => query_key(asked[0], asked[1], output, detail),
        "RegEnumKey" => {
            detail.add("Index", grouped(asked[1]));
            query_key(asked[0], asked[2], output, detail)
        }
        "RegQueryValue" => query_value(asked[0], asked[1], output, detail),
        "RegEnumValue" => {
            detail.add("Index", grouped(asked[1]));
            query_value(asked[0], asked[2], output, detail)
        }
        "RegSetInfoKey" => set_information(asked[0], asked[2] & 0xffff, bytes, detail),
        "RegSetValue" => set_value(asked, bytes, detail),
        "RegLoadKey" => moved("Hive Path", second, bytes, detail),
        _ => moved("New Name", second, bytes, detail),
    };
    Some(())
}

fn unpadded(rest: Bytes<'_>, mark: u16, second: Option<u16>) -> Option<String> {
    let first = second?.to_le_bytes();
    let mut path = first.to_vec();
    path.extend_from_slice(rest.0);
    Bytes(&path).text(mark)
}

fn moved(label: &str, mark: Option<u16>, mut bytes: Bytes<'_>, detail: &mut Detail) -> Option<()> {
    detail.add(label, bytes.text(mark?)?);
    Some(())
}

fn open(desired: u32, mut output: Bytes<'_>, detail: &mut Detail) -> Option<()> {
    if desired == 0 {
        return Some(());
    }
    let shown = access("registry-access", GENERIC, desired);
    detail.add("Desired Access", &shown);
    let granted = output.u32()?;
    if shown == "Maximum Allowed" {
        detail.add("Granted Access", access("registry-access", GENERIC, granted));
    }
    detail.add("Disposition", name("registry-disposition", output.u32()?)?);
    Some(())
}

fn query_key(length: u32, class: u32, mut output: Bytes<'_>, detail: &mut Detail) -> Option<()> {
    let class = name("key-information", class).unwrap_or("Unknown");
    if detail.operation == "RegQueryKey" {
        detail.add("Query", class);
    }
    if output.0.is_empty() {
        detail.add("Length", grouped(length));
        return Some(());
    }
    match class {
        "HandleTags" => detail.add("HandleTags", format_args!("0x{:x}", output.u32()?)),
        "Flags" => detail.add("UserFlags", format_args!("0x{:x}", output.u32()?)),
        "Basic" | "Node" => {
            output.take(if class == "Basic" { 12 } else { 20 })?;
            let length = output.u32()?;
            detail.add("Name", output.utf16(usize::try_from(length).ok()?)?);
        }
        "Cached" => {
            output.take(12)?;
            let (keys, _, values) = (output.u32()?, output.u32()?, output.u32()?);
            detail.add("SubKeys", grouped(keys));
            detail.add("Values", grouped(values));
        }
        "Full" => {
            output.take(20)?;
            let (keys, _, _, values) = (output.u32()?, output.u32()?, output.u32()?, output.u32()?);
            detail.add("SubKeys", grouped(keys));
            detail.add("Values", grouped(values));
        }
        _ => {}
    }
    Some(())
}

fn query_value(length: u32, class: u32, output: Bytes<'_>, detail: &mut Detail) -> Option<()> {
    let mut fields = output;
    if output.0.is_empty() {
        detail.add("Length", grouped(length));
        return Some(());
    }
    fields.u32()?;
    let kind = fields.u32()?;
    let data = match class {
        1 => {
            let (place, length, name_length) = (fields.u32()?, fields.u32()?, fields.u32()?);
            let name = fields.utf16(usize::try_from(name_length).ok()?)?;
            if detail.operation == "RegEnumValue" {
                detail.add("Name", name);
            }
            Some((length, output.at(usize::try_from(place).ok()?)?))
        }
        2 => Some((fields.u32()?, fields)),
        _ => None,
    };
    detail.add("Type", kind_name(kind));
    let (length, data) = data?;
    detail.add("Length", grouped(length));
    show(kind, length, data, detail)
}

fn set_information(class: u32, length: u32, mut bytes: Bytes<'_>, detail: &mut Detail) -> Option<()> {
    let class = name("key-set-information", class).map_or_else(|| format!("<Unknown: {class}>"), str::to_owned);
    detail.add("KeySetInformationClass", &class);
    detail.add("Length", grouped(length));
    if length == 0 {
        return Some(());
    }
    match class.as_str() {
        "KeyWriteTimeInformation" => detail.add("LastWriteTime", time(bytes.u64()?)?),
        "KeyWow64FlagsInformation" => detail.add("Wow64Flags", format_args!("0x{:x}", bytes.u32()?)),
        "KeySetHandleTagsInformation" => detail.add("HandleTags", format_args!("0x{:x}", bytes.u32()?)),
        _ => {}
    }
    Some(())
}

fn set_value([kind, length, kept]: [u32; 3], data: Bytes<'_>, detail: &mut Detail) -> Option<()> {
    detail.add("Type", kind_name(kind));
    detail.add("Length", grouped(length));
    show(kind, length.min(kept), data, detail)
}

fn kind_name(kind: u32) -> String {
    name("registry-type", kind).map_or_else(|| format!("<Unknown: {kind}>"), str::to_owned)
}

/// Shows a value's data as its type asks.
fn show(kind: u32, length: u32, mut data: Bytes<'_>, detail: &mut Detail) -> Option<()> {
    let length = usize::try_from(length).ok()?.min(data.0.len());
    if length == 0 {
        return None;
    }
    let mut data = Bytes(data.take(length)?);
    match kind {
        1 | 2 | 6 => detail.add("Data", data.utf16(length)?),
        3 => {
            let shown: Vec<String> = data.0.iter().take(SHOWN_BYTES).map(|byte| format!("{byte:02X}")).collect();
            detail.add("Data", shown.join(" "));
        }
        4 => detail.add("Data", data.u32()?),
        7 => detail.add("Data", data.texts().join(", ")),
        11 => detail.add("Data", data.u64()?),
        _ => {}
    }
    Some(())
}
