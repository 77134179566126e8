//! Fuzzes the claims of `claims/logs.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| casebook_fuzz::logs::check(data));
