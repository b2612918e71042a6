//! The fast Johnson-Lindenstrauss transform `P·H·D / √target_dim`.
//!
//! `D`: a random sign for each feature. `H`: the Walsh-Hadamard transform over `d` features, the next power of two
//! (padded with zeros), which spreads every vector over all coordinates. `P`: a matrix of `target_dim × d`. Each number of
//! it is normal with variance `1 / q` with the probability `q`, else zero.
//!
//! *Density.* The paper has `q = min(1, c·log²n / d)` for `n` points and some constant `c`. An artifact stores neither.
//! Here `n` is always 2^20, `c` is 1 and the logarithm is natural: `q = min(1, 192.2 / d)`. Up to 128 features `P` is
//! dense.
//!
//! Source: Ailon and Chazelle, "The Fast Johnson-Lindenstrauss Transform and Approximate Nearest Neighbors", 2009.

use std::f64::consts::{LN_2, TAU};

use super::sign;
use crate::random::{Random, StreamId};

const SIGNS: StreamId = *b"mysfits-knn: fjlt signs ";
const NORMALS: StreamId = *b"mysfits-knn: fjlt matrix";

/// The natural logarithm of the number of points that the density assumes.
const LN_N_POINTS: f64 = 20.0 * LN_2;

#[derive(Clone)]
pub(super) struct Fjlt {
    signs: Vec<f32>,
    /// The columns of the nonzero numbers of `P`, row by row: those of row `i` end at `ends[i]`.
    columns: Vec<u32>,
    weights: Vec<f32>,
    ends: Vec<usize>,
    /// The common factor of `H`, the variance and the number of rows of `P`.
    scale: f64,
}

fn density(d: usize) -> f64 {
    (LN_N_POINTS * LN_N_POINTS / d as f64).min(1.0)
}

/// Returns an upper bound of the bytes of the matrix and of the buffers of one sample; `None` on overflow.
pub(super) fn bytes(feature_dim: usize, target_dim: usize) -> Option<u64> {
    let d = u32::try_from(feature_dim).ok()?.checked_next_power_of_two()?;
    // The number of weights is random; it practically never exceeds twice the mean and some.
    let per_row = u64::from(d).min(2 * (LN_N_POINTS * LN_N_POINTS) as u64 + 64);
    let weights = per_row.checked_mul(target_dim as u64)?.checked_mul(8)?;
    weights.checked_add((target_dim as u64).checked_mul(8)?)?.checked_add(u64::from(d) * 12)
}

/// Estimates the additions and multiplications that project one sample.
pub(super) fn cost(feature_dim: usize, target_dim: usize) -> usize {
    let d = feature_dim.checked_next_power_of_two().unwrap_or(usize::MAX);
    let weights = target_dim as f64 * d as f64 * density(d);
    d.saturating_mul(d.ilog2() as usize).saturating_add(weights as usize)
}

impl Fjlt {
    pub(super) fn new(feature_dim: usize, target_dim: usize, seed: u64) -> Self {
        let d = feature_dim.next_power_of_two();
        let q = density(d);
        let signs = sign::draw(feature_dim, &mut Random::new(seed, &SIGNS));
        let mut normals = Normals { random: Random::new(seed, &NORMALS), second: None };
        let (mut columns, mut weights) = (Vec::new(), Vec::new());
        let mut ends = Vec::with_capacity(target_dim);
        for _ in 0..target_dim {
            let mut column = 0;
            while column < d {
                if q < 1.0 {
                    // The number of zeros in a row has a geometric distribution.
                    let zeros = (libm::log(normals.random.unit()) / libm::log1p(-q)) as usize;
                    column = column.saturating_add(zeros);
                    if column >= d {
                        break;
                    }
                }
                columns.push(column as u32);
                weights.push(normals.draw() as f32);
                column += 1;
            }
            ends.push(columns.len());
        }
        let scale = 1.0 / (q * d as f64 * target_dim as f64).sqrt();
        Self { signs, columns, weights, ends, scale }
    }

    pub(super) fn project(&self, sample: &[f32], spread: &mut Vec<f64>, mut put: impl FnMut(usize, f64)) {
        spread.clear();
        spread
            .extend(sample.iter().zip(&self.signs).map(|(&value, &sign)| f64::from(value) * f64::from(sign)));
        spread.resize(sample.len().next_power_of_two(), 0.0);
        walsh_hadamard(spread);
        let mut start = 0;
        for (i, &end) in self.ends.iter().enumerate() {
            let row = self.columns[start..end].iter().zip(&self.weights[start..end]);
            let sum: f64 = row.map(|(&column, &weight)| spread[column as usize] * f64::from(weight)).sum();
            put(i, sum * self.scale);
            start = end;
        }
    }
}

/// The Walsh-Hadamard transform in place, not scaled; the length is a power of two.
fn walsh_hadamard(values: &mut [f64]) {
    let mut half = 1;
    while half < values.len() {
        for pair in values.chunks_exact_mut(2 * half) {
            let (one, other) = pair.split_at_mut(half);
            for (a, b) in one.iter_mut().zip(other) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
}

/// Standard normal numbers by the Box-Muller transform. Uses libm's functions, which give the same results on every
/// platform.
struct Normals {
    random: Random,
    second: Option<f64>,
}

impl Normals {
    fn draw(&mut self) -> f64 {
        if let Some(second) = self.second.take() {
            return second;
        }
        let radius = (-2.0 * libm::log(self.random.unit())).sqrt();
        let (sine, cosine) = libm::sincos(TAU * self.random.unit());
        self.second = Some(radius * sine);
        radius * cosine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walsh_hadamard_equals_the_matrix_product() {
        for d in [1usize, 2, 8, 64] {
            let values: Vec<f64> = (0..d).map(|i| ((i * 37 + 11) % 23) as f64 - 9.0).collect();
            let mut transformed = values.clone();
            walsh_hadamard(&mut transformed);
            for (row, &found) in transformed.iter().enumerate() {
                let sign =
                    |column: usize| if (row & column).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 };
                let expected: f64 = values.iter().enumerate().map(|(column, v)| sign(column) * v).sum();
                assert_eq!(found, expected, "{d}: {row}");
            }
        }
    }

    #[test]
    fn matrix_has_the_expected_density_and_size() {
        for (feature_dim, target_dim) in [(5usize, 3), (128, 40), (700, 64), (5000, 200)] {
            let d = feature_dim.next_power_of_two();
            let matrix = Fjlt::new(feature_dim, target_dim, 7);
            let expected = density(d) * (d * target_dim) as f64;
            let found = matrix.weights.len() as f64;
            assert!((found - expected).abs() <= 4.0 * expected.sqrt(), "{found} of {expected}");
            assert!(matrix.columns.iter().all(|&column| (column as usize) < d));
            let held = matrix.weights.len() * 8 + matrix.ends.len() * 8 + d * 12;
            assert!(held as u64 <= bytes(feature_dim, target_dim).unwrap());
            if d > 100 {
                let mean = matrix.weights.iter().sum::<f32>() / found as f32;
                let variance = matrix.weights.iter().map(|w| w * w).sum::<f32>() / found as f32;
                assert!(mean.abs() < 0.05 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
            }
        }
    }
}
