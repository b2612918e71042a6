//! `text/csv` requests, with and without label columns.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mysfits_sagemaker::codec::ContentType;
use mysfits_sagemaker_fuzz::{answer, decoded};

fuzz_target!(|body: &[u8]| {
    let rows = decoded(ContentType::Csv { label_size: 0 }, body);
    let without_first = decoded(ContentType::Csv { label_size: 1 }, body);
    if let Some(rows) = rows {
        // A label column may hold anything; where all are numbers, it is only left out.
        assert_eq!(
            without_first.map(|rest| rest.ncols() + 1),
            Some(rows.ncols()).filter(|&columns| columns > 1)
        );
        answer(rows.view());
    }
});
