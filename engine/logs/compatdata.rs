//! What stands in the way of an upgrade: `CompatData*.xml`, the appraiser's XML, `ScanResult.xml`.
//!
//! ```text
//! <Program Name="Example" Id="1"><CompatibilityInfo BlockingType="Hard" StatusDetail="UpgradeBlock"/></Program>
//! <DriverPackage Inf="oem1.inf" BlockMigration="False" HasSignedBinaries="True"/>
//! <Asset><PropertyList Type="Inventory"><Property Name="LowerCaseLongPathUnexpanded" Value="c:\a.exe"/>…
//! ```
//! A program, driver package, device or asset is one record with all it holds. Attributes are
//! fields under lower-case names; a property is a field of its own name, so that a rule can ask
//! for the block and the blocking file at once.

use std::borrow::Cow;

use super::layout::Columns;
use super::xml;

/// Elements that say something of the element they stand in.
const PARTS: [&str; 5] = ["CompatibilityInfo", "Link", "Action", "Property", "PropertyList"];
/// Hostile files must not make one record a million fields.
const MOST_FIELDS: usize = 1024;

/// Whether a record begins with this tag.
pub(super) fn starts(rest: &str) -> bool {
    let Some(tag) = xml::tag(rest) else { return false };
    tag.name == "Asset" || !PARTS.contains(&tag.name) && (tag.has_attributes() || tag.text().is_some())
}

/// Reads the attributes, properties and texts of an element and all it holds.
pub(super) fn columns(text: &str) -> Columns<'_> {
    let mut columns = Columns::of(text);
    let Some(first) = xml::tag(text) else { return columns };
    columns.fields.push((Cow::Borrowed("element"), Cow::Borrowed(first.name)));
    for tag in xml::tags(text) {
        let property = (tag.name == "Property").then(|| property(tag)).flatten();
        match property {
            Some((name, value)) => columns.fields.push((lower(name), xml::decode(value))),
            None => columns.fields.extend(tag.attributes().map(|(name, value)| (lower(name), xml::decode(value)))),
        }
        columns.fields.extend(tag.text().map(|value| (lower(tag.name), xml::decode(value))));
        if columns.fields.len() > MOST_FIELDS {
            break;
        }
    }
    columns.fields.truncate(MOST_FIELDS);
    columns
}

fn property<'t>(tag: xml::Tag<'t>) -> Option<(&'t str, &'t str)> {
    let find = |wanted: &str| tag.attributes().find(|(name, _)| *name == wanted).map(|(_, value)| value);
    find("Name").zip(find("Value"))
}

fn lower(name: &str) -> Cow<'_, str> {
    if name.chars().any(char::is_uppercase) { Cow::Owned(name.to_lowercase()) } else { Cow::Borrowed(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        let shown = if starts(input) { columns(input).show() } else { "no record".to_owned() };
        let expected = if expected == "no record" { expected.to_owned() } else { format!("|||{expected}|{input}") };
        assert_eq!(shown, expected, "{input}");
    }

    #[test]
    fn a_program_is_read_with_what_blocks_it() {
        check(
            "<Program Name=\"A &amp; B\" Id=\"1\"><CompatibilityInfo BlockingType=\"Hard\"/></Program>",
            "element=Program name=A & B id=1 blockingtype=Hard",
        );
        check(
            "<DriverPackage Inf=\"oem1.inf\" BlockMigration=\"True\"/>",
            "element=DriverPackage inf=oem1.inf blockmigration=True",
        );
    }

    #[test]
    fn properties_of_an_asset_are_fields() {
        check(
            "<Asset><PropertyList Type=\"A\"><Property Name=\"DT_ANY_FMC_BlockingApplication\" Value=\"True\"/>",
            "element=Asset type=A dt_any_fmc_blockingapplication=True",
        );
        check("<Blocked>yes</Blocked>", "element=Blocked blocked=yes");
    }

    #[test]
    fn parts_and_empty_elements_are_no_records() {
        for input in [
            "<Programs>",
            "<Devices/>",
            "<CompatibilityInfo BlockingType=\"Hard\"/>",
            "</Program>",
            "<!-- a=\"b\" -->",
            "x",
        ] {
            check(input, "no record");
        }
    }
}
