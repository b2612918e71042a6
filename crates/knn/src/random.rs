//! Random numbers that are the same on every platform, in independent streams.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _};

/// Identifies a stream. It fills the key after the seed, so that streams of one seed are independent of each other and of
/// the streams that a caller draws from the same seed. Otherwise data that was generated from a seed would correlate with
/// the sample that the same seed selects.
pub(crate) type StreamId = [u8; 24];

/// A generator: `ChaCha8` whose key is the seed's eight bytes, least significant first, and the stream's id.
///
/// The key is laid out here, not by the generator's `seed_from_u64`, so that no new version can change the stream.
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    pub(crate) fn new(seed: u64, id: &StreamId) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..].copy_from_slice(id);
        Self(ChaCha8Rng::from_seed(key))
    }

    /// Returns the numbered stream of the same key, for parts that are drawn independently of each other.
    pub(crate) fn stream(seed: u64, id: &StreamId, number: u64) -> Self {
        let mut random = Self::new(seed, id);
        random.0.set_stream(number);
        random
    }

    pub(crate) fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Returns a uniform number below `n`, which is at least 1: the upper half of a 128-bit product.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next_u64()) * n as u128) >> 64) as usize
    }

    /// Returns a uniform number in `(0, 1]`, in steps of 2^-53; never zero, whose logarithm is infinite.
    pub(crate) fn unit(&mut self) -> f64 {
        ((self.next_u64() >> 11) + 1) as f64 / (1u64 << 53) as f64
    }

    /// Returns `count` different numbers below `n`, in random order; at most `n` numbers.
    pub(crate) fn choose(&mut self, n: usize, count: usize) -> Vec<u32> {
        let mut numbers: Vec<u32> = (0..n as u32).collect();
        let count = count.min(n);
        for i in 0..count {
            numbers.swap(i, i + self.below(n - i));
        }
        numbers.truncate(count);
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEST: StreamId = *b"mysfits-knn: test.......";

    #[test]
    fn streams_are_repeatable_and_independent() {
        let draw = |mut random: Random| [random.next_u64(), random.next_u64()];
        assert_eq!(draw(Random::new(3, &TEST)), draw(Random::stream(3, &TEST, 0)));
        let others = [
            draw(Random::new(3, &TEST)),
            draw(Random::stream(3, &TEST, 1)),
            draw(Random::new(4, &TEST)),
            draw(Random::new(3, b"mysfits-knn: test......!")),
        ];
        for (i, one) in others.iter().enumerate() {
            assert!(others[..i].iter().all(|other| other != one));
        }
    }

    #[test]
    fn numbers_are_in_their_ranges() {
        let mut random = Random::new(0, &TEST);
        let mut counts = [0; 5];
        for _ in 0..5_000 {
            counts[random.below(5)] += 1;
            let unit = random.unit();
            assert!(unit > 0.0 && unit <= 1.0);
        }
        assert!(counts.iter().all(|count| (900..1_100).contains(count)), "{counts:?}");
        for (n, count) in [(10, 4), (10, 10), (3, 7), (0, 2), (1, 0)] {
            let mut chosen = random.choose(n, count);
            assert_eq!(chosen.len(), count.min(n));
            chosen.sort_unstable();
            chosen.dedup();
            assert!(chosen.len() == count.min(n) && chosen.iter().all(|&number| (number as usize) < n));
        }
    }
}
