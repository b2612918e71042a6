#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| mysfits_fuzz_targets::manifest(input));
