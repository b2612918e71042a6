//! Training data read whole, and what can be wrong with training data.

use std::io::{self, Read};

use mysfits_knn::{Dataset, DatasetError};
use ndarray::{Array1, Array2};

use super::{
    csv::{LabelColumn, Table},
    unpack::with_decompressed,
};

/// Samples with labels, as read.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    /// A row a sample.
    pub features: Array2<f32>,
    /// In row order.
    pub labels: Array1<f64>,
}

/// Why training data cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The reader failed, or the gzip stream is damaged.
    #[error("the training data cannot be read")]
    Io(#[from] io::Error),
    /// A field is no number.
    #[error("line {line}, column {column}: {found:?} is not a number")]
    NotANumber {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What stands there.
        found: String,
    },
    /// A number of a CSV is NaN or infinite, as written or as a number of so many bits.
    #[error("line {line}, column {column}: {found:?} is not a finite {bits}-bit number")]
    NotFinite {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What stands there.
        found: String,
        /// 32 for a feature, 64 for a label.
        bits: u32,
    },
    /// A field does not end.
    #[error("line {line}, column {column}: the field is longer than {limit} bytes")]
    FieldTooLong {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// How long a field may be at least.
        limit: usize,
    },
    /// A line has another number of columns than the first.
    #[error("line {line} has {found} columns; the first has {expected}")]
    Ragged {
        /// Counted from 1.
        line: usize,
        /// Its columns.
        found: usize,
        /// The first line's.
        expected: usize,
    },
    /// A sample has another number of features than was said.
    #[error("{unit} {number} has {found} features beside its label; feature_dim is {expected}")]
    FeatureDim {
        /// `line` or `record`.
        unit: &'static str,
        /// Which, counted from 1.
        number: u64,
        /// Its features.
        found: usize,
        /// The hyperparameter, or the width of the samples before.
        expected: usize,
    },
    /// A record of a RecordIO file cannot be read, or holds a number that is not finite.
    #[error("record {number}: {reason}")]
    Record {
        /// Which, counted from 1.
        number: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The first line has no room for a label and a feature.
    #[error("the first line has one column; there must be a label and at least one feature")]
    TooNarrow,
    /// The first line is no sample but a file without line ends.
    #[error("the first line has {found} columns; at most {limit} are read")]
    TooWide {
        /// Its columns.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// There is no line.
    #[error("there are no samples")]
    Empty,
}

impl Samples {
    /// Reads CSV without header, plain or gzip (told by its first bytes).
    ///
    /// # Errors
    /// [`ReadError`] that names line and column.
    pub fn read_csv(reader: impl Read, label: LabelColumn) -> Result<Self, ReadError> {
        let mut table = Table::new(label);
        with_decompressed(reader, |reader| {
            loop {
                let chunk = reader.fill_buf()?;
                let n = chunk.len();
                if n == 0 {
                    return Ok::<_, ReadError>(());
                }
                table.feed(chunk)?;
                reader.consume(n);
            }
        })?;
        table.finish()
    }

    /// The samples as a dataset.
    ///
    /// # Errors
    /// [`DatasetError`], if a number is not finite.
    pub fn dataset(&self) -> Result<Dataset<'_>, DatasetError> {
        Dataset::new(self.features.view(), self.labels.view())
    }
}
