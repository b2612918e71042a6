//! Request formats and headers, without HTTP.
//!
//! - `csv`, `json`, `recordio`: what each format can say, and what it is told when it says something else.
//! - `record`: protobuf by `prost`, as an oracle for ours.
//! - `formats`: all formats at once; nothing brings them down.
//! - `labelled`: RecordIO to train with, from streams.
//! - `media_type`: `Content-Type` and `Accept`.

mod csv;
mod formats;
mod json;
mod labelled;
mod media_type;
pub mod record;
pub mod recordio;

use expect_test::Expect;
use mysfits_sagemaker::codec::{ContentType, decode};
use ndarray::Array2;

const CSV: &str = "text/csv";
const JSON: &str = "application/json";
const LINES: &str = "application/jsonlines";
const RECORD_IO: &str = "application/x-recordio-protobuf";

#[track_caller]
fn check(content_type: &str, body: impl AsRef<[u8]>, expected: Array2<f32>) {
    let (content_type, body) = (ContentType::parse(content_type).unwrap(), body.as_ref());
    assert_eq!(decode(&content_type, body), Ok(expected), "{}", String::from_utf8_lossy(body));
}

#[track_caller]
fn check_refused(content_type: &str, body: impl AsRef<[u8]>, expected: Expect) {
    let content_type = ContentType::parse(content_type).unwrap();
    expected.assert_eq(&decode(&content_type, body.as_ref()).unwrap_err().to_string());
}
