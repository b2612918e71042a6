#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|input: &[u8]| -> Corpus {
    if mysfits_fuzz_targets::lambda_event(input) { Corpus::Keep } else { Corpus::Reject }
});
