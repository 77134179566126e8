//! UUIDs that follow from a name: the same file has the same UUID in every export.
//!
//! Version 5 (RFC 9562) in the namespace for URLs, of `casebook:` and the path in the knowledge base. `uuid.uuid5(
//! uuid.NAMESPACE_URL, "casebook:rules/setupact/gave-up")` in Python gives the same.

use sha1::{Digest, Sha1};

/// The namespace for URLs.
const NAMESPACE: [u8; 16] =
    [0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];

/// The UUID of what stands at `path`.
pub(super) fn uuid(path: &str) -> String {
    let digest = Sha1::new().chain_update(NAMESPACE).chain_update("casebook:").chain_update(path).finalize();
    let mut hex = String::new();
    for (index, byte) in digest.iter().take(16).enumerate() {
        let byte = match index {
            6 => byte & 0x0f | 0x50,
            8 => byte & 0x3f | 0x80,
            _ => *byte,
        };
        if matches!(index, 4 | 6 | 8 | 10) {
            hex.push('-');
        }
        hex.push_str(&format!("{byte:02x}"));
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::uuid;

    #[test]
    fn uuid_is_that_of_other_programs() {
        assert_eq!(uuid("rules/setupact/gave-up"), "6e3449d0-e806-5164-96a4-2239dcea460a");
    }
}
