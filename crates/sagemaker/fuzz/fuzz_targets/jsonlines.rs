//! `application/jsonlines` requests; the same instances in one JSON object must be the same rows.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mysfits_sagemaker::codec::ContentType;
use mysfits_sagemaker_fuzz::{answer, decoded, same_bits};

fuzz_target!(|body: &[u8]| {
    let Some(rows) = decoded(ContentType::JsonLines, body) else { return };
    let text = std::str::from_utf8(body).expect("what is read is text");
    let lines: Vec<_> =
        text.lines().filter(|line| !line.trim_matches([' ', '\t', '\r']).is_empty()).collect();
    let json = format!("{{\"instances\": [{}]}}", lines.join(","));
    let same = decoded(ContentType::Json, json.as_bytes()).expect("each line is an instance");
    assert!(same_bits(rows.view(), same.view()));
    answer(rows.view());
});
