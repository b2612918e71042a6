//! Training data.

use mysfits_sagemaker::{
    codec::{ContentType, decode},
    fuzzing::{csv_rows, recordio_rows, same_samples},
    training::{LabelColumn, Samples},
};

use crate::codec::same_bits;

/// Reads CSV training data: whole, as a stream, and in chunks of any length it must be the same.
///
/// # Panics
/// If reading breaks a rule that holds for every input.
pub fn training_csv(data: &[u8]) {
    let whole = csv_rows(data, usize::MAX, None);
    for chunk_bytes in [1, 7] {
        assert!(same_samples(&whole, &csv_rows(data, chunk_bytes, None)));
    }
    if let Ok(samples) = &whole {
        assert!(samples.dataset().is_ok(), "every number is finite");
        let dim = samples.features.ncols();
        assert!(same_samples(&whole, &csv_rows(data, usize::MAX, Some(dim))));
        assert!(csv_rows(data, usize::MAX, Some(dim + 1)).is_err());
    }
    // Input that starts as gzip is skipped: a decompression bomb takes time without being a fault.
    if !data.starts_with(&[0x1f, 0x8b]) {
        let first = Samples::read_csv(data, LabelColumn::First);
        if whole.is_ok() {
            assert!(same_samples(&whole, &first));
        }
        let last = Samples::read_csv(data, LabelColumn::Last);
        assert_eq!(first.is_ok(), last.is_ok(), "validity does not depend on the label column");
    }
}

/// Reads RecordIO training data: as a stream in chunks of any length it must be the same, and its features must be the
/// rows of a request with the same bytes.
///
/// # Panics
/// If reading breaks a rule that holds for every input.
pub fn training_recordio(data: &[u8]) {
    let whole = recordio_rows(data, usize::MAX, None);
    assert!(same_samples(&whole, &recordio_rows(data, 5, None)));
    if let Ok(samples) = &whole {
        assert!(samples.dataset().is_ok(), "every number is finite");
        let request = decode(&ContentType::RecordIo, data).expect("a labelled record is a request, too");
        assert!(same_bits(samples.features.view(), request.view()));
        let dim = samples.features.ncols();
        assert!(same_samples(&whole, &recordio_rows(data, usize::MAX, Some(dim))));
        assert!(recordio_rows(data, usize::MAX, Some(dim + 1)).is_err());
    }
}
