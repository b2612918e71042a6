//! The training readers as streams, for the fuzz targets, which are a crate of their own. No part of the library.

use std::io::BufReader;

use ndarray::Array2;

use crate::training::{ReadError, RowSink, Samples, StreamError, stream_csv, stream_recordio};

/// CSV, the label first, read in chunks of so many bytes.
pub fn csv_rows(data: &[u8], chunk_bytes: usize, feature_dim: Option<usize>) -> Result<Samples, ReadError> {
    let mut reader = BufReader::with_capacity(chunk_bytes.min(data.len()).max(1), data);
    collect(|sink| stream_csv(&mut reader, feature_dim, sink))
}

/// RecordIO, read in chunks of so many bytes.
pub fn recordio_rows(
    data: &[u8],
    chunk_bytes: usize,
    feature_dim: Option<usize>,
) -> Result<Samples, ReadError> {
    let mut reader = BufReader::with_capacity(chunk_bytes.min(data.len()).max(1), data);
    collect(|sink| stream_recordio(&mut reader, feature_dim, sink))
}

/// Whether two readings came to the same: equal samples, or errors that say the same.
#[must_use]
pub fn same_samples(a: &Result<Samples, ReadError>, b: &Result<Samples, ReadError>) -> bool {
    match (a, b) {
        (Ok(a), Ok(b)) => a == b,
        (Err(a), Err(b)) => a.to_string() == b.to_string(),
        _ => false,
    }
}

fn collect(
    stream: impl FnOnce(&mut RowSink<'_, ReadError>) -> Result<Option<usize>, StreamError<ReadError>>,
) -> Result<Samples, ReadError> {
    let (mut features, mut labels) = (Vec::new(), Vec::new());
    let read = stream(&mut |row, label| {
        features.extend_from_slice(row);
        labels.push(label);
        Ok(())
    });
    let dim = read.map_err(|(StreamError::Read(error) | StreamError::Sink(error))| error)?;
    let dim = dim.ok_or(ReadError::Empty)?;
    let features =
        Array2::from_shape_vec((labels.len(), dim), features).expect("every row is as wide as the first");
    Ok(Samples { features, labels: labels.into() })
}
