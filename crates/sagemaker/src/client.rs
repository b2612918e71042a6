//! The client side of the formats: encodes requests and decodes responses of a k-NN endpoint, local or real.
//!
//! ```
//! use mysfits_sagemaker::{client::{decode_response, encode_request}, codec::{ContentType, Format}};
//! use mysfits_knn::ndarray::array;
//!
//! let body = encode_request(&ContentType::Csv { label_size: 0 }, array![[1.0, 2.5], [3.0, 4.0]].view());
//! assert_eq!(body, b"1,2.5\n3,4");
//! let response = br#"{"predictions": [{"predicted_label": 6.0}, {"predicted_label": 3.0}]}"#;
//! assert_eq!(decode_response(Format::Json, response)?[1].predicted_label, 3.0);
//! # Ok::<(), mysfits_sagemaker::client::ResponseError>(())
//! ```

use std::fmt::Write as _;

use ndarray::ArrayView2;
use serde::Deserialize;

use crate::codec::{
    ContentType, Format,
    record::RecordReader,
    recordio::{FrameReader, write_sample},
};

/// A prediction of a response.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct DecodedPrediction {
    /// The predicted label.
    pub predicted_label: f64,
    /// The distances of the neighbours, from smallest to largest; empty without `verbose`. For `L2` they are squared.
    #[serde(default)]
    pub distances: Vec<f32>,
    /// The labels of the neighbours, in the order of `distances`; empty without `verbose`.
    #[serde(default)]
    pub labels: Vec<f64>,
}

/// A response that is not valid in its format.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// The body is not the JSON of predictions.
    #[error("the response is not the JSON of k-NN predictions")]
    Json(#[from] serde_json::Error),
    /// A record is invalid.
    #[error("record {row} of the response: {reason}")]
    Record {
        /// The record, counted from 0.
        row: usize,
        /// What is wrong.
        reason: String,
    },
}

/// Encodes samples, one in each row, as the body of a request.
///
/// Numbers are written with as few digits as identify the `f32`. For CSV with a `label_size`, the label columns are 0.
///
/// # Panics
/// Panics if RecordIO cannot hold a sample, which has more than 2^27 features.
#[must_use]
pub fn encode_request(content_type: &ContentType, samples: ArrayView2<'_, f32>) -> Vec<u8> {
    let (start, end, row_start, row_end, separator) = match content_type {
        ContentType::Csv { .. } => ("", "", "", "", "\n"),
        ContentType::Json => ("{\"instances\":[", "]}", "{\"features\":[", "]}", ","),
        ContentType::JsonLines => ("", "", "{\"features\":[", "]}", "\n"),
        ContentType::RecordIo => {
            let mut body = Vec::new();
            for row in samples.rows() {
                write_sample(&row.to_vec(), None, &mut body);
            }
            return body;
        }
    };
    let n_labels = if let ContentType::Csv { label_size } = content_type { *label_size } else { 0 };
    let mut text = String::from(start);
    for (i, row) in samples.rows().into_iter().enumerate() {
        text.push_str(if i == 0 { "" } else { separator });
        text.push_str(row_start);
        for _ in 0..n_labels {
            text.push_str("0,");
        }
        for (j, value) in row.iter().enumerate() {
            text.push_str(if j == 0 { "" } else { "," });
            // Writing to a string cannot fail.
            let _ = write!(text, "{value}");
        }
        text.push_str(row_end);
    }
    text.push_str(end);
    text.into_bytes()
}

/// Decodes the body of a response to the predictions of its rows.
///
/// # Errors
/// [`ResponseError`] if the body is not valid in this format. JSON has no NaN or infinity, which Python's `json` writes all
/// the same: such a response is invalid, too.
pub fn decode_response(format: Format, body: &[u8]) -> Result<Vec<DecodedPrediction>, ResponseError> {
    #[derive(Deserialize)]
    struct Response {
        predictions: Vec<DecodedPrediction>,
    }
    match format {
        Format::Json => Ok(serde_json::from_slice::<Response>(body)?.predictions),
        Format::JsonLines => {
            Ok(serde_json::Deserializer::from_slice(body).into_iter().collect::<Result<_, _>>()?)
        }
        Format::RecordIo => decode_records(body),
    }
}

fn decode_records(body: &[u8]) -> Result<Vec<DecodedPrediction>, ResponseError> {
    let (mut frames, mut reader, mut predictions) =
        (FrameReader::new(body), RecordReader::default(), Vec::new());
    loop {
        let row = predictions.len();
        let wrong = |reason: String| ResponseError::Record { row, reason };
        let Some(record) = frames.next().map_err(|error| wrong(error.to_string()))? else {
            return Ok(predictions);
        };
        let mut numbers = |key| reader.labels(record, key).map_err(|error| wrong(error.to_string()));
        let predicted_label = match numbers("predicted_label")?.as_deref() {
            Some(&[label]) => label,
            other => {
                return Err(wrong(format!(
                    "{} predicted labels (expected 1)",
                    other.map_or(0, <[f64]>::len)
                )));
            }
        };
        let distances = numbers("distances")?.unwrap_or_default();
        predictions.push(DecodedPrediction {
            predicted_label,
            distances: distances.into_iter().map(|distance| distance as f32).collect(),
            labels: numbers("labels")?.unwrap_or_default(),
        });
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::codec::decode;

    #[test]
    fn requests_are_decoded_as_they_were_encoded() {
        let samples = array![[1.0, -8.0], [0.1, 7.654_321], [1e-30, 3e38]];
        for content_type in [
            ContentType::Csv { label_size: 0 },
            ContentType::Csv { label_size: 2 },
            ContentType::Json,
            ContentType::JsonLines,
            ContentType::RecordIo,
        ] {
            let body = encode_request(&content_type, samples.view());
            assert_eq!(decode(&content_type, &body).unwrap(), samples, "{content_type:?}");
        }
    }

    #[test]
    fn invalid_responses_are_errors() {
        for (format, body) in [
            (Format::Json, "[]"),
            (Format::Json, r#"{"predictions": [{"score": 1.0}]}"#),
            (Format::JsonLines, r#"{"predicted_label": 1.0} x"#),
            (Format::RecordIo, "x"),
        ] {
            assert!(decode_response(format, body.as_bytes()).is_err(), "{body}");
        }
        let mut sample = Vec::new();
        write_sample(&[1.0], Some(2.0), &mut sample);
        let error = decode_response(Format::RecordIo, &sample).unwrap_err().to_string();
        assert_eq!(error, "record 0 of the response: 0 predicted labels (expected 1)");
    }
}
