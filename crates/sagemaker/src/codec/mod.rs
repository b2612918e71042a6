//! Request and response formats of the k-NN container.
//!
//! In: [`ContentType`], `text/csv`, `application/json`, `application/jsonlines` and `application/x-recordio-protobuf`,
//! each a batch of samples that [`decode`] makes rows of. Out: [`Accept`], the last three, with or without the
//! neighbours; [`Predictions`](crate::inference::Predictions) writes them.
//!
//! Numbers are doubles, rounded to `f32`, whatever the format: a sample means the same in all of them.
//!
//! Source: SageMaker Developer Guide, "Data Formats for k-NN Training Input", "k-NN Request and Response Formats".

mod csv;
mod json;
mod media_type;
pub(crate) mod number;
mod protobuf;
pub(crate) mod record;
pub mod recordio;
mod sparse;

use ndarray::Array2;

pub(crate) use csv::strip_byte_order_mark;
pub use media_type::{Accept, ContentType, Format, Header, MediaTypeError};
pub(crate) use number::parse as parse_number;

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

/// Reads a batch of samples: a row each, all of equal length, at least one.
///
/// # Errors
/// [`DecodeError`] that names the row.
pub fn decode(content_type: &ContentType, body: &[u8]) -> Result<Array2<f32>, DecodeError> {
    let mut rows = Rows::default();
    match *content_type {
        ContentType::Csv { label_size } => csv::decode(body, label_size, &mut rows)?,
        ContentType::Json => json::decode(body, &mut rows)?,
        ContentType::JsonLines => json::decode_lines(body, &mut rows)?,
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

    /// Ends the row under construction.
    fn end_row(&mut self) -> Result<(), DecodeError> {
        let found = self.values.len() - self.row_start();
        if found == 0 {
            return Err(DecodeError::Row { row: self.count, reason: "there are no features".to_owned() });
        }
        if self.count == 0 {
            self.dim = found;
        } else if found != self.dim {
            return Err(DecodeError::Ragged { row: self.count, found, expected: self.dim });
        }
        self.count += 1;
        Ok(())
    }

    fn finish(self) -> Result<Array2<f32>, DecodeError> {
        if self.count == 0 {
            return Err(DecodeError::Empty);
        }
        Ok(Array2::from_shape_vec((self.count, self.dim), self.values)
            .expect("end_row made every row equally long"))
    }
}
