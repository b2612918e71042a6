//! Request and response formats of the k-NN container.
//!
//! In: [`ContentType`], `text/csv`, `application/json` and `application/jsonlines`, each a batch of samples.
//! Out: [`Accept`], `application/json`: one line in the style of Python's `json.dumps`, every float with its `.0`.
//!
//! Source: SageMaker Developer Guide, "Data Formats for k-NN Training Input", "k-NN Request and Response Formats".

mod csv;
mod json;
mod media_type;
mod number;

use ndarray::Array2;

pub use media_type::{Accept, ContentType, MediaTypeError};
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
    }
    rows.finish()
}

/// Writes predictions, in row order.
#[must_use]
pub fn encode(accept: Accept, predicted_labels: &[f32]) -> Vec<u8> {
    match accept {
        Accept::Json => json::encode(predicted_labels),
    }
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

    /// Ends the row under construction.
    fn end_row(&mut self) -> Result<(), DecodeError> {
        let found = self.values.len() - self.count * self.dim;
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
