//! Sampling without replacement, the same rows on every platform.

use crate::random::{Random, StreamId};

/// The stream that a training sample is drawn from.
pub(crate) const SAMPLE_ROWS: StreamId = *b"mysfits-knn: sample rows";

/// Draws `sample_size` of the rows `0..n_samples` without replacement, each set equally likely, in ascending order.
///
/// With `sample_size >= n_samples`, returns all rows and draws nothing. One pass, selection sampling (Knuth, The Art of
/// Computer Programming, volume 2, 3.4.2, algorithm S), one 64-bit draw a row until the sample is full.
pub(crate) fn sample_rows(n_samples: usize, sample_size: usize, random: &mut Random) -> Vec<usize> {
    if sample_size >= n_samples {
        return (0..n_samples).collect();
    }
    let mut rows = Vec::with_capacity(sample_size);
    for row in 0..n_samples {
        let missing = sample_size - rows.len();
        if missing == 0 {
            break;
        }
        if random.below(n_samples - row) < missing {
            rows.push(row);
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn draws_the_same_rows_on_every_platform() {
        let rows = sample_rows(100, 10, &mut Random::new(7, &SAMPLE_ROWS));
        assert_eq!(rows, [4, 24, 27, 35, 52, 54, 61, 76, 85, 90]);
    }

    proptest! {
        #[test]
        fn draws_distinct_rows_in_ascending_order(n in 1..2_000usize, size in 1..2_500usize, seed: u64) {
            let draw = || sample_rows(n, size, &mut Random::new(seed, &SAMPLE_ROWS));
            let rows = draw();
            prop_assert_eq!(rows.len(), size.min(n));
            prop_assert!(rows.is_sorted_by(|a, b| a < b) && rows.iter().all(|&row| row < n));
            prop_assert_eq!(rows, draw());
        }
    }
}
