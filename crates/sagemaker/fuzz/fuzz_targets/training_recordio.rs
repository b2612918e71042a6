//! RecordIO to train with: as a stream in chunks that end anywhere it must be the same; its features are what a request
//! of the same bytes would ask about.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mysfits_sagemaker::{
    codec::{ContentType, decode},
    fuzzing::{recordio_rows, same_samples},
};
use mysfits_sagemaker_fuzz::same_bits;

fuzz_target!(|data: &[u8]| {
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
});
