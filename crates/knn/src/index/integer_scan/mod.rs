//! Exact search by inner products of integers: most rows are skipped without computing their canonical score.
//!
//! Rows are kept a second time as 16-bit integers, relative to the mean of all rows. Their inner products with a query are
//! exact, take half the memory and a fraction of the instructions of canonical scores, and bound the score of a row from
//! below and above ([`bound`]). The k-th lowest upper bound is a limit: rows with a higher lower bound are not among the k
//! nearest. Canonical scores are computed only for the rest, slightly more than k rows. The results are those of the scan of
//! all rows, bit for bit, on any processor.
//!
//! 1. [`mod@quantize`] rounds a vector to integers times a power of two and measures what is lost.
//! 2. [`kernel`] multiplies 64 rows with up to 4 queries by the widest instructions.
//! 3. [`search`] goes through the rows in blocks that fit into a core's cache, for all queries of a batch. It collects the
//!    rows below the limit, lowers the limit, and finally computes the canonical scores.
//!
//! If the rows near a query are closer to each other than the integers can tell, the query is answered by the scan, from the
//! block of rows on where that is noticed. Vectors whose squares would leave the range of `f32` are scanned, too.
//!
//! *Memory.* 2 bytes for each component of a row and 12 bytes for each row, in tiles of 64 rows. A search holds the integers
//! of its queries, and 12 bytes for each row that is collected for a query: at most 4 k, or 64, and one tile.

#![allow(
    clippy::inline_always,
    reason = "code is compiled for a kernel's instructions only where it is inlined"
)]

mod bound;
mod kernel;
mod quantize;
mod search;

use bound::RowBound;
use kernel::{ROWS, RowPairs};
use quantize::{MAX_DIM, quantize};
pub(super) use search::QueryBuffers;

use super::top_k::TopK;
use crate::{Metric, parallel};

/// The fewest dimensions for which integers are faster than the scan.
const MIN_DIM: usize = 16;

/// The rows of a flat index as integers.
#[derive(Debug, Clone)]
pub(super) struct IntegerRows {
    metric: Metric,
    center: Vec<f32>,
    /// For each tile, the pairs of its rows.
    pairs: Vec<RowPairs>,
    tiles: Vec<TileBounds>,
    /// The largest residual of a row, relative to the row's norm.
    residual: f64,
}

/// The [`RowBound`]s of the rows of a tile.
#[derive(Debug, Clone, Copy)]
struct TileBounds {
    scales: [f32; ROWS],
    half_norms: [f32; ROWS],
    norms: [f32; ROWS],
}

impl TileBounds {
    const UNKNOWN: Self = Self {
        scales: [RowBound::UNKNOWN.scale; ROWS],
        half_norms: [RowBound::UNKNOWN.half_norm; ROWS],
        norms: [RowBound::UNKNOWN.norm; ROWS],
    };

    fn get(&self, row: usize) -> RowBound {
        RowBound { scale: self.scales[row], half_norm: self.half_norms[row], norm: self.norms[row] }
    }

    fn set(&mut self, row: usize, bound: RowBound) {
        self.scales[row] = bound.scale;
        self.half_norms[row] = bound.half_norm;
        self.norms[row] = bound.norm;
    }
}

/// Returns the bytes that [`IntegerRows`] take for `n` rows of `dim` numbers and their creation on `n_threads` threads; 0 if
/// they are not used.
pub(crate) fn bytes(n: u64, dim: u64, n_threads: u64) -> Option<u64> {
    if !usize::try_from(dim).is_ok_and(is_useful) {
        return Some(0);
    }
    let pairs = dim.div_ceil(2);
    let tile = pairs
        .checked_mul(size_of::<RowPairs>() as u64)?
        .checked_add(size_of::<(TileBounds, usize)>() as u64)?;
    let temporary = dim.checked_mul(12)?.checked_add(pairs.checked_mul(4 * n_threads)?)?;
    n.div_ceil(ROWS as u64).checked_mul(tile)?.checked_add(temporary)
}

fn is_useful(dim: usize) -> bool {
    // Elsewhere (wasm32), integers are not faster than floats.
    cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) && (MIN_DIM..=MAX_DIM).contains(&dim)
}

impl IntegerRows {
    /// Quantizes rows of `dim` numbers; `None` if that would not speed up searches.
    pub(super) fn new(values: &[f32], dim: usize, metric: Metric) -> Option<Self> {
        if !is_useful(dim) || values.len() / dim < ROWS {
            return None;
        }
        let center = if metric == Metric::L2 { mean(values, dim) } else { vec![0.0; dim] };
        let n_tiles = (values.len() / dim).div_ceil(ROWS);
        let len = dim.div_ceil(2);
        let mut pairs = vec![RowPairs([[0; 2]; ROWS]); n_tiles * len];
        let mut tiles = vec![(TileBounds::UNKNOWN, 0.0f64); n_tiles];
        let mut parts: Vec<_> = pairs.chunks_exact_mut(len).zip(&mut tiles).collect();
        let buffer = || vec![[0; 2]; len];
        parallel::for_chunks_mut(&mut parts, 1, buffer, |buffer, tile, parts| {
            for (part, values) in parts.iter_mut().zip(values[tile * ROWS * dim..].chunks(ROWS * dim)) {
                let (pairs, (bounds, residual)) = part;
                for (row, vector) in values.chunks_exact(dim).enumerate() {
                    let Some(quantized) = quantize(vector, &center, buffer) else { continue };
                    bounds.set(row, RowBound::new(metric, quantized));
                    if quantized.residual > 0.0 {
                        *residual = residual.max(quantized.residual / quantized.norm);
                    }
                    for (row_pairs, &pair) in pairs.iter_mut().zip(&*buffer) {
                        row_pairs.0[row] = pair;
                    }
                }
            }
        });
        drop(parts);
        let residual = tiles.iter().fold(0.0f64, |largest, tile| largest.max(tile.1));
        let tiles = tiles.into_iter().map(|tile| tile.0).collect();
        Some(Self { metric, center, pairs, tiles, residual })
    }

    /// Offers to each query's `nearest` all rows that may be among them; `values` are the rows. Returns the number of
    /// canonical scores that were computed before a scan.
    pub(super) fn search(
        &self,
        values: &[f32],
        queries: &[f32],
        nearest: &mut [TopK],
        buffers: &mut QueryBuffers,
    ) -> usize {
        search::search(self, values, queries, nearest, buffers)
    }
}

/// Returns the mean of rows, each component as an `f32`; finite.
fn mean(values: &[f32], dim: usize) -> Vec<f32> {
    let mut sums = vec![0.0f64; dim];
    for row in values.chunks_exact(dim) {
        for (sum, &value) in sums.iter_mut().zip(row) {
            *sum += f64::from(value);
        }
    }
    let n = (values.len() / dim) as f64;
    sums.into_iter().map(|sum| (sum / n) as f32).collect()
}

#[cfg(test)]
mod tests;
