//! Fuzzes the claims of `claims/archives.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| casebook_fuzz::archives::check(data));
