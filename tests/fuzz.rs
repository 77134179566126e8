//! The claims of the fuzz targets, held against every input in `tests/fuzz/` that once broke one.
//!
//! An input lies in the folder of its target and is named by what it did. With this the claims are compiled and run
//! wherever the tests are; only the fuzzer itself needs `cargo fuzz` (fuzz/README.md).

use std::fs;

use crate::harness::{files, repository};

#[path = "../fuzz/claims/mod.rs"]
mod claims;

#[test]
fn what_once_broke_a_claim_breaks_none_now() {
    for (target, claim) in claims::ALL {
        let folder = repository().join("tests/fuzz").join(target);
        let inputs = if folder.is_dir() { files(&folder) } else { Vec::new() };
        for (_, input) in inputs {
            claim(&input);
        }
    }
}

#[test]
fn the_claims_hold_of_plain_inputs() {
    let rule = fs::read_to_string(repository().join("tests/bundles/clean/Panther/setupact.log")).expect("it is there");
    let matching = format!("{{s: {{level: Error}}, condition: s}}{}{rule}", claims::matching::BETWEEN);
    for (_, claim) in claims::ALL {
        for input in [b"".as_slice(), b"\0", b"\xff\xfe", matching.as_bytes(), rule.as_bytes()] {
            claim(input);
        }
    }
}
