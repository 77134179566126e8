//! Fuzzes the claims of `claims/events.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| casebook_fuzz::events::check(data));
