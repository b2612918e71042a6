//! Records, and requests made of them.

use std::sync::Arc;

use mysfits_sagemaker::{
    batch::{BatchStrategy, PayloadError, Payloads, RecordSplitter, SplitError, SplitType},
    codec::recordio::write_sample,
};
use proptest::prelude::*;

use super::processing::{options, processing};

fn records(object: &[u8], split: SplitType, max_bytes: usize) -> Vec<Vec<u8>> {
    RecordSplitter::new(object, split, max_bytes).collect::<Result<_, _>>().unwrap()
}

fn bodies(object: &str, strategy: BatchStrategy, max_bytes: usize) -> Vec<String> {
    let processing = Arc::new(processing(options()));
    Payloads::new(object.as_bytes(), SplitType::Line, strategy, max_bytes, processing)
        .map(|payload| String::from_utf8(payload.unwrap().body).unwrap())
        .collect()
}

#[test]
fn splits_lines_and_leaves_empty_ones_out() {
    assert_eq!(records(b"1,2\n3,4\r\n\n\r\n5,6", SplitType::Line, 3), [b"1,2", b"3,4", b"5,6"]);
    assert_eq!(records(b"\n", SplitType::Line, 3), [b""; 0]);
    assert_eq!(records(b"", SplitType::Line, 3), [b""; 0]);
}

#[test]
fn an_object_that_is_not_split_is_one_record() {
    assert_eq!(records(b"1,2\n3,4\n", SplitType::None, 8), [b"1,2\n3,4\n"]);
    assert_eq!(records(b"", SplitType::None, 8), [b""; 0]);
}

#[test]
fn recordio_records_keep_their_bytes() {
    let (mut object, mut ends) = (Vec::new(), Vec::new());
    for row in 0..3 {
        write_sample(&[row as f32, 1.0], None, &mut object);
        ends.push(object.len());
    }
    let split = records(&object, SplitType::RecordIo, 1024);
    assert_eq!(split.concat(), object);
    assert_eq!(split[0], object[..ends[0]]);
    let error = RecordSplitter::new(&object[1..], SplitType::RecordIo, 1024).next().unwrap().unwrap_err();
    assert!(error.to_string().contains("record 0: invalid magic number"), "{error}");
    let cut = RecordSplitter::new(&object[..ends[1] + 5], SplitType::RecordIo, 1024).last().unwrap();
    assert!(cut.unwrap_err().to_string().contains("record 2: the frame at byte"));
}

#[test]
fn rejects_records_that_are_too_large() {
    for split in [SplitType::None, SplitType::Line] {
        let mut splitter = RecordSplitter::new(&b"12345678"[..], split, 7);
        let error = splitter.next().unwrap().unwrap_err();
        assert!(matches!(error, SplitError::TooLarge { record: 0, max_bytes: 7 }), "{error}");
        assert!(splitter.next().is_none());
    }
    let mut splitter = RecordSplitter::new(&b"1\n12345678"[..], SplitType::Line, 7);
    assert_eq!(splitter.next().unwrap().unwrap(), b"1");
    let error = splitter.next().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "record 1 is larger than the maximum payload of 7 bytes");
}

#[test]
fn requests_have_one_record_or_as_many_as_fit() {
    let object = "1,2\n3,4\n5,6\n7,8\n";
    assert_eq!(bodies(object, BatchStrategy::SingleRecord, 100), ["1,2", "3,4", "5,6", "7,8"]);
    assert_eq!(bodies(object, BatchStrategy::MultiRecord, 100), ["1,2\n3,4\n5,6\n7,8"]);
    assert_eq!(bodies(object, BatchStrategy::MultiRecord, 11), ["1,2\n3,4\n5,6", "7,8"]);
    assert_eq!(bodies(object, BatchStrategy::MultiRecord, 10), ["1,2\n3,4", "5,6\n7,8"]);
}

#[test]
fn keeps_records_for_a_join_within_the_limit() {
    let mut options = options();
    options.input_filter = "$[0]".parse().unwrap();
    options.is_joined = true;
    let processing = Arc::new(processing(options));
    let object = &b"1,22\n3,44\n5,66\n"[..];
    let payloads = Payloads::new(object, SplitType::Line, BatchStrategy::MultiRecord, 8, processing);
    let payloads: Vec<_> = payloads.collect::<Result<_, _>>().unwrap();
    assert_eq!(payloads.iter().map(|payload| payload.n_records).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(payloads[0].body, b"1\n3");
    assert_eq!(payloads[0].records, [b"1,22", b"3,44"]);
}

#[test]
fn reports_records_that_cannot_be_filtered() {
    let mut options = options();
    options.input_filter = "$[1:]".parse().unwrap();
    let processing = Arc::new(processing(options));
    let mut payloads =
        Payloads::new(&b"1,2\n3\n"[..], SplitType::Line, BatchStrategy::SingleRecord, 8, processing);
    assert_eq!(payloads.next().unwrap().unwrap().body, b"2");
    let error = payloads.next().unwrap().unwrap_err();
    assert!(matches!(error, PayloadError::Processing(_)));
    assert_eq!(error.to_string(), "JsonPath $[1:]: the index 1 is out of range: there are 1 elements");
}

proptest! {
    #[test]
    fn requests_hold_all_records_in_order(
        lines in prop::collection::vec("[0-9a-z,]{1,12}", 0..30),
        max_bytes in 12_usize..60,
        is_single: bool,
    ) {
        let strategy = if is_single { BatchStrategy::SingleRecord } else { BatchStrategy::MultiRecord };
        let bodies = bodies(&lines.join("\n"), strategy, max_bytes);
        prop_assert!(bodies.iter().all(|body| body.len() <= max_bytes && !body.is_empty()));
        let sent: Vec<&str> = bodies.iter().flat_map(|body| body.split('\n')).collect();
        prop_assert_eq!(sent, lines);
    }
}
