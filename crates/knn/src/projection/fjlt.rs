//! The fast Johnson-Lindenstrauss transform `P·H·D / √target_dim`.
//!
//! `D`: a random sign for each feature. `H`: the Walsh-Hadamard transform over the next power of two of features, `d`
//! (zeros behind the last), which spreads every vector over all coordinates. `P`: `target_dim × d`, of which each number
//! is with the probability `q` a normal one of the variance `1 / q`, else zero.
//!
//! *Density.* The paper has `q = min(1, c·log²n / d)` for `n` points and some constant `c`. An artifact says neither, so
//! here `n` is 2^20 whatever the data, `c` is 1 and the logarithm natural: `q = min(1, 192.2 / d)`. Up to 128 features
//! `P` is full.
//!
//! Source: Ailon and Chazelle, "The Fast Johnson-Lindenstrauss Transform and Approximate Nearest Neighbors", 2009.

use std::f64::consts::{LN_2, TAU};

use super::sign;
use crate::random::{Purpose, Random};

const SIGNS: Purpose = *b"mysfits-knn: fjlt signs ";
const NORMALS: Purpose = *b"mysfits-knn: fjlt matrix";

/// The natural logarithm of the number of points that the density is made for.
const LN_N_POINTS: f64 = 20.0 * LN_2;

pub(super) struct Fjlt {
    signs: Vec<f32>,
    /// The numbers of `P` that are not zero, row by row: those of row `i` end at `ends[i]`.
    columns: Vec<u32>,
    weights: Vec<f32>,
    ends: Vec<usize>,
    /// What `H`, the variance and the number of rows of `P` have in common.
    scale: f64,
}

fn density(d: usize) -> f64 {
    (LN_N_POINTS * LN_N_POINTS / d as f64).min(1.0)
}

/// Bytes of the matrix and of what one sample needs, surely; none if that is beyond counting.
pub(super) fn bytes(feature_dim: usize, target_dim: usize) -> Option<u64> {
    let d = u32::try_from(feature_dim).ok()?.checked_next_power_of_two()?;
    // The number of weights is random: twice the mean and some is beyond any chance.
    let per_row = u64::from(d).min(2 * (LN_N_POINTS * LN_N_POINTS) as u64 + 64);
    let weights = per_row.checked_mul(target_dim as u64)?.checked_mul(8)?;
    weights.checked_add((target_dim as u64).checked_mul(8)?)?.checked_add(u64::from(d) * 12)
}

/// About how many additions and multiplications project one sample.
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
                    // How many numbers in a row are zero is distributed geometrically.
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

/// Standard normal numbers, by Box and Muller: two of two uniform ones. With libm's logarithm and cosine, which unlike
/// the system's are the same everywhere.
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
    fn the_transform_is_hadamards_matrix() {
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
    fn the_matrix_is_as_dense_and_as_wide_as_it_says() {
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
