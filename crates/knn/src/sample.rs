//! Drawing rows without replacement, the same ones on every platform.

use crate::random::{Purpose, Random};

const PURPOSE: Purpose = *b"mysfits-knn: sample rows";

/// Draws `sample_size` of the rows `0..n_samples` without replacement, each set equally likely, in ascending order.
///
/// With `sample_size >= n_samples` all rows are kept and nothing is drawn. One pass, selection sampling (Knuth, The Art
/// of Computer Programming, volume 2, 3.4.2, algorithm S), one 64-bit draw a row until the sample is full.
#[must_use]
pub fn sample_rows(n_samples: usize, sample_size: usize, seed: u64) -> Vec<usize> {
    draw(n_samples, sample_size, &mut Random::new(seed, &PURPOSE))
}

/// The same, from a stream of the caller's.
pub(crate) fn draw(n_samples: usize, sample_size: usize, random: &mut Random) -> Vec<usize> {
    if sample_size >= n_samples {
        return (0..n_samples).collect();
    }
    let mut rows = Vec::with_capacity(sample_size);
    for row in 0..n_samples {
        let wanted = sample_size - rows.len();
        if wanted == 0 {
            break;
        }
        if random.below(n_samples - row) < wanted {
            rows.push(row);
        }
    }
    rows
}
