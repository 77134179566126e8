//! Fuzzes the claims of `claims/facts.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| casebook_fuzz::facts::check(data));
