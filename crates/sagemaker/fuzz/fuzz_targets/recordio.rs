//! `application/x-recordio-protobuf` requests; and the input as a record in a frame, so that the framing is no hurdle.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mysfits_sagemaker::codec::ContentType;
use mysfits_sagemaker_fuzz::{answer, decoded};

fuzz_target!(|body: &[u8]| {
    if let Some(rows) = decoded(ContentType::RecordIo, body) {
        answer(rows.view());
    }
    let mut framed = b"\x0a\x23\xd7\xce".to_vec();
    framed.extend(u32::try_from(body.len()).expect("inputs are small").to_le_bytes());
    framed.extend(body);
    framed.resize(framed.len().next_multiple_of(4), 0);
    if let Some(rows) = decoded(ContentType::RecordIo, &framed) {
        assert_eq!(rows.nrows(), 1);
        answer(rows.view());
    }
});
