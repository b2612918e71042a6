//! A matrix of independent fair signs, scaled by `1 / √target_dim`.
//!
//! Layout: `feature_dim × target_dim`, row-major; a drawn 64-bit number gives 64 signs, from its lowest bit on, a set bit
//! a minus.
//!
//! Source: Achlioptas, "Database-friendly random projections", 2003.

use crate::random::{Random, StreamId};

const SIGNS: StreamId = *b"mysfits-knn: proj. signs";

#[derive(Clone)]
pub(super) struct Sign {
    signs: Vec<f32>,
    target_dim: usize,
}

/// Returns the bytes of the matrix and of the buffers of one sample; `None` on overflow.
pub(super) fn bytes(feature_dim: usize, target_dim: usize) -> Option<u64> {
    let signs = (feature_dim as u64).checked_mul(target_dim as u64)?;
    signs.checked_mul(size_of::<f32>() as u64)?.checked_add((target_dim as u64).checked_mul(8)?)
}

/// Draws `n` signs, in the order of the drawn bits.
pub(super) fn draw(n: usize, random: &mut Random) -> Vec<f32> {
    let mut signs = Vec::with_capacity(n);
    while signs.len() < n {
        let bits = random.next_u64();
        let sign = |bit: u32| if (bits >> bit) & 1 == 1 { -1.0 } else { 1.0 };
        signs.extend((0..64).take(n - signs.len()).map(sign));
    }
    signs
}

impl Sign {
    pub(super) fn new(feature_dim: usize, target_dim: usize, seed: u64) -> Self {
        Self { signs: draw(feature_dim * target_dim, &mut Random::new(seed, &SIGNS)), target_dim }
    }

    pub(super) fn project(&self, sample: &[f32], sums: &mut Vec<f64>, mut put: impl FnMut(usize, f64)) {
        sums.clear();
        sums.resize(self.target_dim, 0.0);
        for (&value, signs) in sample.iter().zip(self.signs.chunks_exact(self.target_dim)) {
            // Most features of sparse samples are zero.
            if value != 0.0 {
                for (sum, &sign) in sums.iter_mut().zip(signs) {
                    *sum += f64::from(value) * f64::from(sign);
                }
            }
        }
        let scale = 1.0 / (self.target_dim as f64).sqrt();
        sums.iter().enumerate().for_each(|(i, sum)| put(i, sum * scale));
    }
}
