//! Fuzzes the claims of `claims/matching.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| casebook_fuzz::matching::check(data));
