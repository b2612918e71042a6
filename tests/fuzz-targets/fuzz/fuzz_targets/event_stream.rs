#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| mysfits_fuzz_targets::event_stream(input));
