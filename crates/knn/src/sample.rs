//! Drawing rows without replacement, the same ones on every platform.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};

/// Fills the key behind the seed, so that this stream is independent of others that a caller draws from the same seed:
/// data that was generated with it would otherwise be chosen by its own values.
const PURPOSE: [u8; 24] = *b"mysfits-knn: sample rows";

/// The generator for a seed: `ChaCha8` whose key is the seed's eight bytes, least significant first, and the purpose.
///
/// The key is laid out here, not by the generator's `seed_from_u64`, so that no new version can change the stream.
fn generator(seed: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..].copy_from_slice(&PURPOSE);
    ChaCha8Rng::from_seed(key)
}

/// Draws `sample_size` of the rows `0..n_samples` without replacement, each set equally likely, in ascending order.
///
/// With `sample_size >= n_samples` all rows are kept and nothing is drawn. One pass, selection sampling (Knuth, The Art
/// of Computer Programming, volume 2, 3.4.2, algorithm S), one 64-bit draw a row until the sample is full.
#[must_use]
pub fn sample_rows(n_samples: usize, sample_size: usize, seed: u64) -> Vec<usize> {
    if sample_size >= n_samples {
        return (0..n_samples).collect();
    }
    let mut random = generator(seed);
    let mut rows = Vec::with_capacity(sample_size);
    for row in 0..n_samples {
        let wanted = (sample_size - rows.len()) as u128;
        if wanted == 0 {
            break;
        }
        // A uniform number below the rows that are left: the upper half of a 128-bit product.
        let drawn = (u128::from(random.next_u64()) * (n_samples - row) as u128) >> 64;
        if drawn < wanted {
            rows.push(row);
        }
    }
    rows
}
