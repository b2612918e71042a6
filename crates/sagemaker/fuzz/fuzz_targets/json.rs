//! `application/json` requests, sparse ones too.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mysfits_sagemaker::codec::ContentType;
use mysfits_sagemaker_fuzz::{answer, decoded};

fuzz_target!(|body: &[u8]| {
    if let Some(rows) = decoded(ContentType::Json, body) {
        answer(rows.view());
    }
});
