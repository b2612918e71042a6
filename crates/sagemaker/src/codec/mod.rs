//! Request and response formats of the k-NN container.
//!
//! Requests ([`ContentType`]): `text/csv`, `application/json`, `application/jsonlines` and
//! `application/x-recordio-protobuf`, each a batch of samples that [`decode`] reads. Responses ([`Accept`]): the last three,
//! with or without the neighbours; [`Predictions`](crate::inference::Predictions) writes them. The module
//! [`client`](crate::client) does the reverse.
//!
//! Features are parsed as doubles and rounded to `f32` in all formats, so that a sample has the same value in each. Labels are
//! `f64`.
//!
//! Source: SageMaker Developer Guide, "Data Formats for k-NN Training Input", "k-NN Request and Response Formats".

mod csv;
mod json;
mod media_type;
pub(crate) mod number;
mod protobuf;
pub(crate) mod record;
pub mod recordio;
pub(crate) mod sparse;

use ndarray::Array2;

pub(crate) use csv::strip_byte_order_mark;
pub use media_type::{Accept, ContentType, Format, MediaTypeError};
pub(crate) use number::parse_wide;
pub(crate) use sparse::Limits;

/// The tensor of the labels in a RecordIO response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum LabelTensor {
    /// `float32_tensor`: labels are rounded.
    Float32,
    /// `float64_tensor`.
    #[default]
    Float64,
}

impl LabelTensor {
    /// Returns the tensor for the response to a request: `Float32` if the request is RecordIO and the features of its first
    /// record are a `Float32Tensor`, else `Float64`.
    ///
    /// A response of the real service to `Float64Tensor`s has a `float64_tensor`; the developer guide shows requests and
    /// responses of "float32".
    #[must_use]
    pub fn for_request(content_type: &ContentType, body: &[u8]) -> Self {
        if *content_type != ContentType::RecordIo {
            return Self::Float64;
        }
        let mut frames = recordio::FrameReader::new(body);
        match frames.next() {
            Ok(Some(record)) if record::has_float32_features(record) == Ok(true) => Self::Float32,
            _ => Self::Float64,
        }
    }
}

/// An error of [`decode`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The body holds no sample.
    #[error("the body holds no sample")]
    Empty,
    /// The body is not UTF-8 text.
    #[error("the body is not UTF-8 text")]
    NotText,
    /// A sample is invalid.
    #[error("row {row}: {reason}")]
    Row {
        /// The row, counted from 0.
        row: usize,
        /// What is wrong.
        reason: String,
    },
    /// The samples have another number of features than the model.
    #[error("a sample has {found} features; the model has {expected}")]
    FeatureDim {
        /// Features of the first row.
        found: usize,
        /// Features of the model.
        expected: usize,
    },
    /// A sample has another number of features than the first.
    #[error("row {row} has {found} features; row 0 has {expected}")]
    Ragged {
        /// The row, counted from 0.
        row: usize,
        /// Its features.
        found: usize,
        /// Features of the first row.
        expected: usize,
    },
    /// The body is not JSON of the expected shape.
    #[error("{0}")]
    Json(String),
}

/// Reads a batch of samples, one in each row: all of equal length, at least one. Skips a leading UTF-8 byte order mark of
/// text.
///
/// # Errors
/// [`DecodeError`] that names the row.
pub fn decode(content_type: &ContentType, body: &[u8]) -> Result<Array2<f32>, DecodeError> {
    decode_rows(content_type, body, None)
}

/// Reads a batch of samples for a model with this number of features. If the first row has another number, nothing is
/// allocated for the others: a sparse sample claims more than it sends.
///
/// # Errors
/// [`DecodeError`] that names the row.
pub fn decode_for(
    content_type: &ContentType,
    body: &[u8],
    feature_dim: usize,
) -> Result<Array2<f32>, DecodeError> {
    decode_rows(content_type, body, Some(feature_dim))
}

fn decode_rows(
    content_type: &ContentType,
    body: &[u8],
    expected_dim: Option<usize>,
) -> Result<Array2<f32>, DecodeError> {
    let mut rows = RowBuilder { expected_dim, ..RowBuilder::default() };
    let text = strip_byte_order_mark(body);
    match *content_type {
        ContentType::Csv { label_size } => csv::decode(text, label_size, &mut rows)?,
        ContentType::Json => json::decode(text, &mut rows)?,
        ContentType::JsonLines => json::decode_lines(text, &mut rows)?,
        ContentType::RecordIo => recordio::decode(body, &mut rows)?,
    }
    rows.finish()
}

/// Collects rows in one buffer.
#[derive(Debug, Default)]
struct RowBuilder {
    /// The features of all rows, at the end those of the current one.
    values: Vec<f32>,
    count: usize,
    dim: usize,
    /// The required number of features of the first row.
    expected_dim: Option<usize>,
}

impl RowBuilder {
    /// Returns the start of the current row in the buffer.
    fn row_start(&self) -> usize {
        self.count * self.dim
    }

    /// Returns the required number of features of the current row, if it is known.
    fn width(&self) -> Option<usize> {
        if self.count == 0 { self.expected_dim } else { Some(self.dim) }
    }

    /// Returns the limits of the current row if it is sparse.
    fn limits(&self) -> Limits {
        Limits::per_batch(self.width())
    }

    /// Returns the error for a current row of the wrong width.
    fn width_error(&self, found: u64) -> DecodeError {
        let found = usize::try_from(found).unwrap_or(usize::MAX);
        match self.width() {
            Some(expected) if self.count > 0 => DecodeError::Ragged { row: self.count, found, expected },
            expected => DecodeError::FeatureDim { found, expected: expected.unwrap_or(found) },
        }
    }

    /// Ends the current row.
    fn end_row(&mut self) -> Result<(), DecodeError> {
        let found = self.values.len() - self.row_start();
        if found == 0 {
            return Err(DecodeError::Row { row: self.count, reason: "there are no features".to_owned() });
        }
        if self.width().is_some_and(|width| width != found) {
            return Err(self.width_error(found as u64));
        }
        self.dim = found;
        self.count += 1;
        Ok(())
    }

    fn finish(mut self) -> Result<Array2<f32>, DecodeError> {
        if self.count == 0 {
            return Err(DecodeError::Empty);
        }
        // The unused capacity would be held until the response is read.
        self.values.shrink_to_fit();
        Ok(Array2::from_shape_vec((self.count, self.dim), self.values)
            .expect("end_row made every row equally long"))
    }
}
