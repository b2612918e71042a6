//! CSV to train with: read whole, read as a stream, and in chunks that end anywhere, it must be the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mysfits_sagemaker::{
    fuzzing::{csv_rows, same_samples},
    training::{LabelColumn, Samples},
};

fuzz_target!(|data: &[u8]| {
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
    // What begins as gzip is a matter of its own: a bomb takes time, which is no fault.
    if !data.starts_with(&[0x1f, 0x8b]) {
        let first = Samples::read_csv(data, LabelColumn::First);
        if whole.is_ok() {
            assert!(same_samples(&whole, &first));
        }
        let last = Samples::read_csv(data, LabelColumn::Last);
        assert_eq!(first.is_ok(), last.is_ok(), "which column is the label changes no fault");
    }
});
