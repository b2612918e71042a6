//! Request bodies and media types.

use mysfits_sagemaker::codec::{Accept, ContentType, decode, recordio::write_sample};
use ndarray::{Array2, ArrayView2, Axis};

use crate::model::{MAX_ROWS, predict};

/// Decodes `text/csv` requests, with and without a label column.
///
/// # Panics
/// If decoding breaks a rule that holds for every input.
pub fn csv(body: &[u8]) {
    let rows = decoded(ContentType::Csv { label_size: 0 }, body);
    let without_first = decoded(ContentType::Csv { label_size: 1 }, body);
    if let Some(rows) = rows {
        // A label column may hold anything; where all are numbers, it is only left out.
        assert_eq!(
            without_first.map(|rest| rest.ncols() + 1),
            Some(rows.ncols()).filter(|&columns| columns > 1)
        );
        predict(rows.view());
    }
}

/// Decodes `application/json` requests, dense and sparse.
///
/// # Panics
/// If decoding breaks a rule that holds for every input.
pub fn json(body: &[u8]) {
    if let Some(rows) = decoded(ContentType::Json, body) {
        predict(rows.view());
    }
}

/// Decodes `application/jsonlines` requests; the same instances in one JSON object must be the same rows.
///
/// # Panics
/// If decoding breaks a rule that holds for every input.
pub fn jsonlines(body: &[u8]) {
    let Some(rows) = decoded(ContentType::JsonLines, body) else { return };
    let text = std::str::from_utf8(body).expect("what is read is text");
    // A byte order mark may only begin a body.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines: Vec<_> =
        text.lines().filter(|line| !line.trim_matches([' ', '\t', '\r']).is_empty()).collect();
    let json = format!("{{\"instances\": [{}]}}", lines.join(","));
    let same = decoded(ContentType::Json, json.as_bytes()).expect("each line is an instance");
    assert!(same_bits(rows.view(), same.view()));
    predict(rows.view());
}

/// Decodes `application/x-recordio-protobuf` requests: the input as it is, and as one record in a frame.
///
/// # Panics
/// If decoding breaks a rule that holds for every input.
pub fn recordio(body: &[u8]) {
    if let Some(rows) = decoded(ContentType::RecordIo, body) {
        predict(rows.view());
    }
    // Mutations rarely yield a valid frame; with one added they reach the record.
    let mut framed = b"\x0a\x23\xd7\xce".to_vec();
    framed.extend(u32::try_from(body.len()).expect("inputs are small").to_le_bytes());
    framed.extend(body);
    framed.resize(framed.len().next_multiple_of(4), 0);
    if let Some(rows) = decoded(ContentType::RecordIo, &framed) {
        assert_eq!(rows.nrows(), 1);
        predict(rows.view());
    }
}

/// Parses `Content-Type` and `Accept`. Reads the input up to the first byte that is not UTF-8.
///
/// # Panics
/// If parsing breaks a rule that holds for every input.
pub fn media_type(input: &[u8]) {
    let header = input.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    match Accept::parse(header) {
        Ok(accept) => {
            let canonical = format!("{}; verbose={}", accept.content_type(), accept.verbose);
            assert_eq!(Accept::parse(&canonical), Ok(accept));
            // A supported type wins over a refused one before it and any header after it.
            assert!(Accept::parse(&format!("application/jsonlines;q=0, {canonical}, {header}")).is_ok());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    match ContentType::parse(header) {
        // Unknown parameters are ignored.
        Ok(content_type) => {
            assert_eq!(ContentType::parse(&format!("{header} ; x=\"a;b\"")), Ok(content_type));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Decodes a body; the rows must be the same when written as RecordIO and decoded again.
fn decoded(content_type: ContentType, body: &[u8]) -> Option<Array2<f32>> {
    let rows = match decode(&content_type, body) {
        Ok(rows) => rows,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return None;
        }
    };
    assert!(rows.nrows() > 0 && rows.ncols() > 0);
    let mut again = Vec::new();
    for row in rows.rows().into_iter().take(MAX_ROWS) {
        write_sample(row.as_slice().expect("rows are whole"), None, &mut again);
    }
    let again = decode(&ContentType::RecordIo, &again).expect("what was written is read");
    assert!(same_bits(again.view(), rows.slice_axis(Axis(0), (..rows.nrows().min(MAX_ROWS)).into())));
    Some(rows)
}

/// Returns whether two batches are equal bit for bit, including NaN.
pub fn same_bits(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>) -> bool {
    a.dim() == b.dim() && a.iter().map(|value| value.to_bits()).eq(b.iter().map(|value| value.to_bits()))
}
