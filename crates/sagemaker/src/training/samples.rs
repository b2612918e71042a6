//! Training data in memory.

use std::io::Read;

use mysfits_knn::{Dataset, DatasetError};
use ndarray::{Array1, Array2};

use super::{
    csv::{self, LabelColumn},
    decompress::with_decompressed,
    read_error::{ReadError, RowSink, StreamError},
    recordio,
};

/// Samples with labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    /// One sample in each row.
    pub features: Array2<f32>,
    /// In row order.
    pub labels: Array1<f64>,
}

impl Samples {
    /// Reads CSV without header, plain or gzip (detected by its first bytes). Numbers may be NaN or infinite.
    ///
    /// # Errors
    /// [`ReadError`] that names line and column.
    pub fn read_csv(reader: impl Read, label: LabelColumn) -> Result<Self, ReadError> {
        Self::collect(|sink| {
            with_decompressed(reader, |reader| csv::read_rows(reader, label, None, false, sink))
        })
    }

    /// Reads labelled records, `application/x-recordio-protobuf`, plain or gzip (detected by its first bytes).
    ///
    /// # Errors
    /// [`ReadError`] that names the record.
    pub fn read_recordio(reader: impl Read) -> Result<Self, ReadError> {
        Self::collect(|sink| with_decompressed(reader, |reader| recordio::read_records(reader, None, sink)))
    }

    /// Collects the rows that `read` passes to its sink; `read` returns their number of features.
    fn collect(
        read: impl FnOnce(&mut RowSink<'_, ReadError>) -> Result<Option<usize>, StreamError<ReadError>>,
    ) -> Result<Self, ReadError> {
        let (mut features, mut labels) = (Vec::new(), Vec::new());
        let dim = read(&mut |row, label| {
            features.extend_from_slice(row);
            labels.push(label);
            Ok(())
        });
        let dim = dim.map_err(|(StreamError::Read(error) | StreamError::Sink(error))| error)?;
        let dim = dim.ok_or(ReadError::Empty)?;
        let features =
            Array2::from_shape_vec((labels.len(), dim), features).expect("every row is as wide as the first");
        Ok(Self { features, labels: labels.into() })
    }

    /// Returns the samples as a dataset.
    ///
    /// # Errors
    /// [`DatasetError`] if a number is not finite.
    pub fn dataset(&self) -> Result<Dataset<'_>, DatasetError> {
        Dataset::new(self.features.view(), self.labels.view())
    }
}
