//! Fuzzes the claims of `claims/text.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| casebook_fuzz::text::check(data));
