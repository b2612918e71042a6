//! Training data.

use std::io::{self, Read};

use mysfits_sagemaker::{
    codec::{ContentType, decode},
    training::{LabelColumn, ReadError, Samples},
};

use crate::codec::same_bits;

/// A reader that returns at most this number of bytes at a time.
struct Chunked<'a>(&'a [u8], usize);

impl Read for Chunked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = buffer.len().min(self.1);
        self.0.read(&mut buffer[..n])
    }
}

/// Reads CSV training data: the size of chunks and the position of the label must make no difference.
///
/// # Panics
/// If reading breaks a rule that holds for every input.
pub fn training_csv(data: &[u8]) {
    // Input that starts as gzip is skipped: a decompression bomb takes time without being a fault.
    if data.starts_with(&[0x1f, 0x8b]) {
        return;
    }
    for label in [LabelColumn::First, LabelColumn::Last] {
        let whole = Samples::read_csv(data, label);
        for chunk_bytes in [1, 7] {
            assert!(same_samples(&whole, &Samples::read_csv(Chunked(data, chunk_bytes), label)));
        }
    }
    let [first, last] =
        [LabelColumn::First, LabelColumn::Last].map(|label| Samples::read_csv(data, label).is_ok());
    assert_eq!(first, last, "validity does not depend on the label column");
}

/// Reads RecordIO training data: the size of chunks must make no difference, and the features must be the rows of a request
/// with the same bytes.
///
/// # Panics
/// If reading breaks a rule that holds for every input.
pub fn training_recordio(data: &[u8]) {
    if data.starts_with(&[0x1f, 0x8b]) {
        return;
    }
    let whole = Samples::read_recordio(data);
    assert!(same_samples(&whole, &Samples::read_recordio(Chunked(data, 5))));
    if let Ok(samples) = &whole {
        assert!(samples.dataset().is_ok(), "every number is finite");
        let request = decode(&ContentType::RecordIo, data).expect("a labelled record is a request, too");
        assert!(same_bits(samples.features.view(), request.view()));
    }
}

/// Returns whether two results are equal: equal samples bit for bit, or errors with the same message.
fn same_samples(a: &Result<Samples, ReadError>, b: &Result<Samples, ReadError>) -> bool {
    match (a, b) {
        (Ok(a), Ok(b)) => {
            let bits =
                |samples: &Samples| samples.labels.iter().map(|label| label.to_bits()).collect::<Vec<_>>();
            same_bits(a.features.view(), b.features.view()) && bits(a) == bits(b)
        }
        (Err(a), Err(b)) => a.to_string() == b.to_string(),
        _ => false,
    }
}
