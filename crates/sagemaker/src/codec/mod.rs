//! Request and response formats of the k-NN container.
//!
//! In: [`ContentType`], `text/csv`, `application/json`, `application/jsonlines` and `application/x-recordio-protobuf`,
//! each a batch of samples that [`decode`] makes rows of. Out: [`Accept`], the last three, with or without the
//! neighbours; [`Predictions`](crate::inference::Predictions) writes them.
//!
//! Features are doubles, rounded to `f32`, whatever the format: a sample means the same in all of them. Labels are `f64`.
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
pub use media_type::{Accept, ContentType, Format, Header, MediaTypeError};
pub(crate) use number::parse_wide;
pub(crate) use sparse::Limits;

/// Why a body is not a batch of samples.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// There is no sample in it.
    #[error("the body holds no sample")]
    Empty,
    /// The body is not in the stated encoding.
    #[error("the body is not UTF-8 text")]
    NotText,
    /// A sample cannot be read.
    #[error("row {row}: {reason}")]
    Row {
        /// Which, counted from 0.
        row: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The samples have not the number of features that the model has.
    #[error("a sample has {found} features; the model has {expected}")]
    FeatureDim {
        /// The first row's number of features.
        found: usize,
        /// The model's.
        expected: usize,
    },
    /// The samples have not all as many features as the first.
    #[error("row {row} has {found} features; row 0 has {expected}")]
    Ragged {
        /// Which, counted from 0.
        row: usize,
        /// Its number of features.
        found: usize,
        /// The first row's.
        expected: usize,
    },
    /// The body as a whole is not JSON of the stated shape.
    #[error("{0}")]
    Json(String),
}

/// Reads a batch of samples: a row each, all of equal length, at least one. A UTF-8 byte order mark at the beginning of
/// text is skipped.
///
/// # Errors
/// [`DecodeError`] that names the row.
pub fn decode(content_type: &ContentType, body: &[u8]) -> Result<Array2<f32>, DecodeError> {
    decode_rows(content_type, body, None)
}

/// Reads a batch of samples for a model with so many features. A body whose first row has another number is refused
/// there: nothing is allocated for the others, of which a sparse one claims more than it sends.
///
/// # Errors
/// [`DecodeError`]
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
    let mut rows = Rows { expected_dim, ..Rows::default() };
    let text = strip_byte_order_mark(body);
    match *content_type {
        ContentType::Csv { label_size } => csv::decode(text, label_size, &mut rows)?,
        ContentType::Json => json::decode(text, &mut rows)?,
        ContentType::JsonLines => json::decode_lines(text, &mut rows)?,
        ContentType::RecordIo => recordio::decode(body, &mut rows)?,
    }
    rows.finish()
}

/// Rows as they are read, in one buffer.
#[derive(Debug, Default)]
struct Rows {
    values: Vec<f32>,
    count: usize,
    dim: usize,
    /// How many features the first row must have.
    expected_dim: Option<usize>,
}

impl Rows {
    /// Where the row under construction pushes its features.
    fn values(&mut self) -> &mut Vec<f32> {
        &mut self.values
    }

    /// Where the row under construction begins among the values.
    fn row_start(&self) -> usize {
        self.count * self.dim
    }

    /// How many features the row under construction must have, if that is known.
    fn width(&self) -> Option<usize> {
        if self.count == 0 { self.expected_dim } else { Some(self.dim) }
    }

    /// What the row under construction may claim if it is sparse.
    fn limits(&self) -> Limits {
        Limits::per_batch(self.width())
    }

    /// Returns the error for a row under construction of another width than it must have.
    fn width_error(&self, found: u64) -> DecodeError {
        let found = usize::try_from(found).unwrap_or(usize::MAX);
        match self.width() {
            Some(expected) if self.count > 0 => DecodeError::Ragged { row: self.count, found, expected },
            expected => DecodeError::FeatureDim { found, expected: expected.unwrap_or(found) },
        }
    }

    /// Ends the row under construction.
    fn end_row(&mut self) -> Result<(), DecodeError> {
        let found = self.values.len() - self.row_start();
        if found == 0 {
            return Err(DecodeError::Row { row: self.count, reason: "there are no features".to_owned() });
        }
        if self.count == 0 {
            if let Some(expected) = self.expected_dim
                && found != expected
            {
                return Err(DecodeError::FeatureDim { found, expected });
            }
            self.dim = found;
        } else if found != self.dim {
            return Err(DecodeError::Ragged { row: self.count, found, expected: self.dim });
        }
        self.count += 1;
        Ok(())
    }

    fn finish(mut self) -> Result<Array2<f32>, DecodeError> {
        if self.count == 0 {
            return Err(DecodeError::Empty);
        }
        // Grown by doubling: what is not used would be held as long as a response is not read.
        self.values.shrink_to_fit();
        Ok(Array2::from_shape_vec((self.count, self.dim), self.values)
            .expect("end_row made every row equally long"))
    }
}
