//! Errors of reading training data, and the sink of the rows that are read.

use std::io;

/// Receives the rows as they are read: features, then label. An error ends the reading.
pub(super) type RowSink<'a, E> = dyn FnMut(&[f32], f64) -> Result<(), E> + 'a;

/// An error of reading rows.
#[derive(Debug)]
pub(super) enum StreamError<E> {
    /// The data are invalid.
    Read(ReadError),
    /// The sink returned an error.
    Sink(E),
}

impl<E> From<ReadError> for StreamError<E> {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl<E> From<io::Error> for StreamError<E> {
    fn from(error: io::Error) -> Self {
        Self::Read(error.into())
    }
}

/// An error of reading training data.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The reader failed, or the gzip stream is damaged.
    #[error("the training data cannot be read")]
    Io(#[from] io::Error),
    /// A field is not a number.
    #[error("line {line}, column {column}: {found:?} is not a number")]
    NotANumber {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// The field.
        found: String,
    },
    /// A number of a CSV is NaN or infinite, or too large for its type.
    #[error("line {line}, column {column}: {found:?} is not a finite {bits}-bit number")]
    NotFinite {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// The field.
        found: String,
        /// 32 for a feature, 64 for a label.
        bits: u32,
    },
    /// A field is too long.
    #[error("line {line}, column {column}: the field is longer than {limit} bytes")]
    FieldTooLong {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// The limit.
        limit: usize,
    },
    /// A line has another number of columns than the first.
    #[error("line {line} has {found} columns; the first has {expected}")]
    Ragged {
        /// Counted from 1.
        line: usize,
        /// Its columns.
        found: usize,
        /// Columns of the first line.
        expected: usize,
    },
    /// A sample has another number of features than required.
    #[error("{unit} {number} has {found} features beside its label; feature_dim is {expected}")]
    FeatureDim {
        /// `line` or `record`.
        unit: &'static str,
        /// The number of the line or record, counted from 1.
        number: u64,
        /// Its features.
        found: usize,
        /// The hyperparameter, or the number of features of the samples before.
        expected: usize,
    },
    /// A record of a RecordIO file cannot be read, or holds a number that is not finite.
    #[error("record {number}: {reason}")]
    Record {
        /// The number of the line or record, counted from 1.
        number: u64,
        /// What is wrong.
        reason: String,
    },
    /// The first line has only one column.
    #[error("the first line has one column; there must be a label and at least one feature")]
    TooNarrow,
    /// The first line has too many columns: probably a file without line ends.
    #[error("the first line has {found} columns; at most {limit} are read")]
    TooWide {
        /// Its columns.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// There are no samples.
    #[error("there are no samples")]
    Empty,
}
