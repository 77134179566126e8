//! Fuzzes the claims of `claims/knowledge.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| casebook_fuzz::knowledge::check(data));
