#![no_main]

mod subtitle;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| subtitle::check(&[b"WEBVTT", bytes].concat()));
