//! Labelled records of a RecordIO file or stream.
//!
//! Holds one record at a time, and allocates no more than has arrived.

use std::io::BufRead;

use super::{
    csv::MAX_COLUMNS,
    read_error::{ReadError, RowSink, StreamError},
};
use crate::codec::{
    Limits,
    record::{RecordError, RecordReader},
    recordio::{FrameReadError, FrameReader},
    sparse::SparseError,
};

/// Reads labelled records and passes each to `sink`: features, then label.
///
/// Every number must be finite. Every record must have `feature_dim` features, or as many as the first. Returns the number of
/// features; `None` if there is no record.
pub(super) fn read_records<E>(
    reader: &mut dyn BufRead,
    feature_dim: Option<usize>,
    sink: &mut RowSink<'_, E>,
) -> Result<Option<usize>, StreamError<E>> {
    let (mut frames, mut records) = (FrameReader::new(reader), RecordReader::default());
    let mut features = Vec::new();
    let mut expected = feature_dim;
    let mut number = 0;
    loop {
        number += 1;
        let wrong = |reason: String| ReadError::Record { number, reason };
        let record = match frames.next() {
            Ok(Some(record)) => record,
            Ok(None) => return Ok(expected.filter(|_| number > 1)),
            Err(FrameReadError::Io(error)) => return Err(ReadError::Io(error).into()),
            Err(FrameReadError::Frame(error)) => return Err(wrong(error.to_string()).into()),
        };
        features.clear();
        let limits = Limits::per_record(expected, MAX_COLUMNS);
        records.features(record, &mut features, limits).map_err(|error| match error {
            RecordError::Sparse(SparseError::Width { found, expected }) => {
                let found = usize::try_from(found).unwrap_or(usize::MAX);
                ReadError::FeatureDim { unit: "record", number, found, expected }
            }
            error => wrong(error.to_string()),
        })?;
        let label = records.label(record).map_err(|error| wrong(error.to_string()))?;
        let (found, expected) = (features.len(), *expected.get_or_insert(features.len()));
        if found == 0 {
            return Err(wrong("there are no features".to_owned()).into());
        }
        if found != expected {
            return Err(ReadError::FeatureDim { unit: "record", number, found, expected }.into());
        }
        // Without an early exit, which the compiler would not vectorise.
        let is_finite = features.iter().fold(true, |is_finite, value| is_finite & value.is_finite());
        if !is_finite && let Some(feature) = features.iter().position(|value| !value.is_finite()) {
            let reason = format!("feature {feature} is {}, not a finite 32-bit number", features[feature]);
            return Err(wrong(reason).into());
        }
        if !label.is_finite() {
            return Err(wrong(format!("the label is {label}, not a finite 64-bit number")).into());
        }
        sink(&features, label).map_err(StreamError::Sink)?;
    }
}
