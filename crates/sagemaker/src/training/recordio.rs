//! Labelled records of a RecordIO file or stream, one after the other.
//!
//! One record is held at a time, and no more of it than has arrived: what its head claims is never allocated.

use std::io::{BufRead, Read};

use ndarray::Array2;

use crate::codec::{
    Limits,
    record::{RecordError, RecordReader},
    recordio::{FrameReadError, FrameReader},
    sparse::SparseError,
};

use super::{ReadError, RowSink, Samples, StreamError, csv::MAX_COLUMNS, unpack::with_decompressed};

impl Samples {
    /// Reads labelled records, `application/x-recordio-protobuf`, plain or gzip (told by its first bytes).
    ///
    /// # Errors
    /// [`ReadError`] that names the record.
    #[expect(clippy::missing_panics_doc, reason = "every record has as many features as the first")]
    pub fn read_recordio(reader: impl Read) -> Result<Self, ReadError> {
        let (mut features, mut labels) = (Vec::new(), Vec::new());
        let mut keep = |row: &[f32], label| {
            features.extend_from_slice(row);
            labels.push(label);
            Ok::<_, ReadError>(())
        };
        let width = with_decompressed(reader, |reader| read_records(reader, None, &mut keep))
            .map_err(|(StreamError::Read(error) | StreamError::Sink(error))| error)?;
        let width = width.ok_or(ReadError::Empty)?;
        let features = Array2::from_shape_vec((labels.len(), width), features).expect("a row for each label");
        Ok(Self { features, labels: labels.into() })
    }
}

/// Reads labelled records and gives each to `sink` as it comes: features, then label.
///
/// Every number must be finite. Every record must have `feature_dim` features, or, if nobody says, as many as the first.
/// Returns how many they have; none, if there is no record.
pub(crate) fn read_records<E>(
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
        if let Some(feature) = features.iter().position(|value| !value.is_finite()) {
            let reason = format!("feature {feature} is {}, not a finite 32-bit number", features[feature]);
            return Err(wrong(reason).into());
        }
        if !label.is_finite() {
            return Err(wrong(format!("the label is {label}, not a finite 64-bit number")).into());
        }
        sink(&features, label).map_err(StreamError::Sink)?;
    }
}
