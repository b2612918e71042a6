//! Reservoir sampling: draws a sample of rows while they are read, and holds only the sample.
//!
//! Algorithm R (Vitter, "Random sampling with a reservoir", 1985): every set of `sample_size` rows is equally likely,
//! to within 2^-64 for each draw. One draw for each row once the sample is full, from `ChaCha8` with the seed. Uses only
//! integers: the same rows and seed give the same sample on every platform. Rows keep their order; all are kept if there are
//! at most `sample_size`.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};

use super::budget::{OutOfMemory, TrainingBudget};

/// Fills the key after the seed, so that this stream is independent of others with the same seed.
const STREAM_ID: [u8; 24] = *b"mysfits-sagemaker: rows ";
/// The initial capacity in rows, which is then doubled.
const FIRST_ROWS: usize = 1024;

/// Rows of equal width with their labels, in memory that grows within the budget.
#[derive(Default)]
pub(super) struct SampleRows {
    /// Row-major.
    pub(super) features: Vec<f32>,
    pub(super) labels: Vec<f64>,
    room: usize,
}

impl SampleRows {
    /// Creates rows, as many as labels.
    pub(super) const fn new(features: Vec<f32>, labels: Vec<f64>) -> Self {
        Self { features, labels, room: 0 }
    }

    /// Returns the memory of rows: features, label, and in a reservoir the row number and its position.
    pub(super) const fn bytes(n_rows: usize, dim: usize) -> u64 {
        (n_rows as u64).saturating_mul(dim as u64 * 4 + 8 + 8 + 4)
    }

    pub(super) fn len(&self) -> usize {
        self.labels.len()
    }

    /// Appends a row, of at most `max_rows`.
    pub(super) fn push(
        &mut self,
        features: &[f32],
        label: f64,
        max_rows: usize,
        budget: &TrainingBudget<'_>,
    ) -> Result<(), OutOfMemory> {
        let (n_rows, dim) = (self.len(), features.len());
        if n_rows == self.room {
            let wanted = (2 * n_rows).max(FIRST_ROWS).min(max_rows);
            let room = budget.rows(dim, n_rows + 1, wanted)?;
            let more = room - n_rows;
            // The allocation may fail although the budget allows it.
            let refused = self.labels.try_reserve_exact(more).is_err()
                || self.features.try_reserve_exact(more.saturating_mul(dim)).is_err();
            if refused {
                return Err(budget.refusal(dim, room, budget.available_bytes.unwrap_or_default()));
            }
            self.room = room;
        }
        self.features.extend_from_slice(features);
        self.labels.push(label);
        Ok(())
    }

    /// Appends the rows of another sample, with the same number of features.
    pub(super) fn append(&mut self, mut other: Self) {
        if self.len() == 0 {
            *self = other;
            return;
        }
        self.features.append(&mut other.features);
        self.labels.append(&mut other.labels);
        self.room = self.len();
    }

    pub(super) fn clear(&mut self) {
        self.features.clear();
        self.labels.clear();
    }
}

/// A sample of the rows so far.
pub(super) struct Reservoir {
    rows: SampleRows,
    sample_size: usize,
    seen: u64,
    random: ChaCha8Rng,
    /// For each row its number among all rows; empty before the first replacement.
    numbers: Vec<u64>,
}

impl Reservoir {
    /// Creates an empty sample. Each host draws from a stream of its own: with the same one, hosts with the same data would
    /// draw the same rows.
    pub(super) fn new(sample_size: usize, seed: u64, host: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..].copy_from_slice(&STREAM_ID);
        let mut random = ChaCha8Rng::from_seed(key);
        random.set_stream(host);
        Self { rows: SampleRows::default(), sample_size, seen: 0, random, numbers: Vec::new() }
    }

    /// Returns the number of offered rows.
    pub(super) fn seen(&self) -> u64 {
        self.seen
    }

    /// Adds a row to the sample with the required probability. All rows have the same number of features.
    pub(super) fn offer(
        &mut self,
        features: &[f32],
        label: f64,
        budget: &TrainingBudget<'_>,
    ) -> Result<(), OutOfMemory> {
        self.seen += 1;
        if self.rows.len() < self.sample_size {
            return self.rows.push(features, label, self.sample_size, budget);
        }
        // A uniform number below the number of rows so far: the upper half of a 128-bit product.
        let drawn = (u128::from(self.random.next_u64()) * u128::from(self.seen)) >> 64;
        if let Ok(place) = usize::try_from(drawn)
            && place < self.sample_size
        {
            if self.numbers.is_empty() {
                self.numbers = (0..self.sample_size as u64).collect();
            }
            self.numbers[place] = self.seen - 1;
            self.rows.labels[place] = label;
            self.rows.features[place * features.len()..][..features.len()].copy_from_slice(features);
        }
        Ok(())
    }

    /// Returns the sample, in the order of reading.
    pub(super) fn into_rows(self) -> SampleRows {
        let Self { mut rows, numbers, .. } = self;
        let mut order: Vec<u32> = (0..numbers.len() as u32).collect();
        order.sort_unstable_by_key(|&place| numbers[place as usize]);
        drop(numbers);
        let dim = rows.features.len().checked_div(rows.len()).unwrap_or(0);
        // Apply the permutation in place, along its cycles.
        for first in 0..order.len() {
            let mut to = first;
            loop {
                let from = std::mem::replace(&mut order[to], to as u32) as usize;
                if from == first {
                    break;
                }
                rows.labels.swap(to, from);
                for feature in 0..dim {
                    rows.features.swap(to * dim + feature, from * dim + feature);
                }
                to = from;
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws from rows whose label is their number.
    fn draw(n_rows: usize, sample_size: usize, seed: u64) -> Vec<usize> {
        let needed_bytes = |_, _| 0;
        let budget = TrainingBudget { available_bytes: None, sample_size, needed_bytes: &needed_bytes };
        let mut reservoir = Reservoir::new(sample_size, seed, 0);
        for row in 0..n_rows {
            reservoir.offer(&[row as f32, -(row as f32)], row as f64, &budget).unwrap();
        }
        assert_eq!(reservoir.seen(), n_rows as u64);
        let rows = reservoir.into_rows();
        for (features, label) in rows.features.chunks_exact(2).zip(&rows.labels) {
            assert_eq!(features, [*label as f32, -*label as f32], "a row keeps its features and its label");
        }
        rows.labels.iter().map(|label| *label as usize).collect()
    }

    #[test]
    fn samples_are_ascending_and_of_the_size_asked_for() {
        for n_rows in 0..40 {
            for sample_size in 1..20 {
                let rows = draw(n_rows, sample_size, 7);
                assert_eq!(rows.len(), n_rows.min(sample_size));
                assert!(rows.is_sorted_by(|a, b| a < b), "{rows:?}");
                assert!(rows.iter().all(|row| *row < n_rows));
            }
        }
    }

    #[test]
    fn the_same_seed_draws_the_same_rows_on_every_platform() {
        // What a second implementation of ChaCha8 and algorithm R draws.
        assert_eq!(draw(1000, 8, 0), [186, 357, 392, 438, 503, 653, 692, 822]);
        assert_eq!(draw(1000, 8, 1), [503, 590, 752, 770, 792, 794, 849, 978]);
    }

    #[test]
    fn every_pair_of_rows_is_equally_likely() {
        const N: usize = 7;
        const SEEDS: u64 = 21_000;
        let mut pairs = [[0u32; N]; N];
        for seed in 0..SEEDS {
            let [a, b] = *draw(N, 2, seed) else { panic!("two rows") };
            pairs[a][b] += 1;
        }
        // 21 pairs, 1,000 each; chi squared with 20 degrees of freedom is above 45.3 once in a thousand times, and the
        // seeds are fixed.
        let expected = SEEDS as f64 / 21.0;
        let chi_squared: f64 = (0..N)
            .flat_map(|a| (a + 1..N).map(move |b| (a, b)))
            .map(|(a, b)| (f64::from(pairs[a][b]) - expected).powi(2) / expected)
            .sum();
        assert!(chi_squared < 45.3, "{chi_squared}: {pairs:?}");
    }
}
