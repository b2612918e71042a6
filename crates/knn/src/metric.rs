//! Metrics: the scores by which rows are near to a query.

#![allow(clippy::inline_always, reason = "code is compiled for other instructions only where it is inlined")]

use crate::{names::impl_names, vectorized::vectorized};

/// The measure of nearness. A new metric is a breaking change, because callers depend on the order of its scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Metric {
    /// Squared Euclidean distance: lower is nearer. The default.
    #[default]
    L2,
    /// Inner product: higher is nearer.
    InnerProduct,
    /// Inner product of vectors scaled to length 1 (zero vectors stay zero): higher is nearer.
    Cosine,
}

impl_names!(Metric, "metric", L2 => "L2", InnerProduct => "INNER_PRODUCT", Cosine => "COSINE");

impl Metric {
    /// Returns the canonical scores of a query and each of some rows of equal length, already scaled if the metric requires
    /// it.
    ///
    /// The order of the additions is fixed (eight lanes, then the lanes in order, then the rest), so the same two
    /// vectors give the same bits in every index and on every platform.
    pub(crate) fn scores<const N: usize>(self, query: &[f32], rows: [&[f32]; N]) -> [f32; N] {
        match self {
            Self::L2 => sums(query, rows, squared_difference),
            // Adding zero turns -0.0 into 0.0: equal scores must compare as equal.
            Self::InnerProduct | Self::Cosine => sums(query, rows, product).map(|sum| sum + 0.0),
        }
    }

    /// Returns the most roundings that a term of the canonical score passes: of its own (a difference counts twice, for it
    /// is squared), of the additions in its lane, of those of the lanes, and of the rest.
    pub(crate) fn roundings(dim: usize) -> usize {
        3 + dim / LANES + LANES + (LANES - 1)
    }

    /// Returns the sort key of a score: a lower key is nearer, for every metric.
    pub(crate) fn sort_key(self, score: f32) -> f32 {
        match self {
            Self::L2 => score,
            Self::InnerProduct | Self::Cosine => -score,
        }
    }

    /// Calls `each` with the sort key of each row of a slice of whole rows, in row order: bit for bit those of
    /// [`scores`](Self::scores).
    pub(crate) fn sort_keys(self, query: &[f32], rows: &[f32], mut each: impl FnMut(f32)) {
        vectorized(
            #[inline(always)]
            || match self {
                Self::L2 => each_sum(query, rows, squared_difference, each),
                Self::InnerProduct | Self::Cosine => each_sum(query, rows, product, |sum| each(-(sum + 0.0))),
            },
        );
    }

    /// Scales a vector to length 1 if the metric is the cosine.
    pub(crate) fn normalise(self, vector: &mut [f32]) {
        if self != Self::Cosine {
            return;
        }
        // In f64 the squares of any f32s neither overflow nor vanish.
        let length = vector.iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>().sqrt();
        if length > 0.0 {
            for value in vector {
                *value = (f64::from(*value) / length) as f32;
            }
        }
    }
}

#[inline(always)]
fn squared_difference(x: f32, y: f32) -> f32 {
    (x - y) * (x - y)
}

#[inline(always)]
fn product(x: f32, y: f32) -> f32 {
    x * y
}

/// Independent partial sums of a sum.
const LANES: usize = 8;
/// Rows that are processed together, so that additions of one row do not wait for those before them.
const ROWS: usize = 4;

/// Returns the sums of terms over a query and each of some rows of the same length, all in the same order of additions.
#[inline(always)]
fn sums<const N: usize>(query: &[f32], rows: [&[f32]; N], term: impl Fn(f32, f32) -> f32) -> [f32; N] {
    let (query_chunks, query_rest) = query.as_chunks::<LANES>();
    let chunks = rows.map(|row| &row.as_chunks::<LANES>().0[..query_chunks.len()]);
    let mut lanes = [[0.0f32; LANES]; N];
    for (i, x) in query_chunks.iter().enumerate() {
        for n in 0..N {
            for lane in 0..LANES {
                lanes[n][lane] += term(x[lane], chunks[n][i][lane]);
            }
        }
    }
    // Otherwise the compiler moves the lanes of the rows next to each other in every step of the loop, for the sums below.
    let lanes = std::hint::black_box(lanes);
    std::array::from_fn(|n| {
        let mut total = if query_chunks.is_empty() { 0.0 } else { lanes[n].into_iter().sum() };
        for (&x, &y) in query_rest.iter().zip(&rows[n][query_chunks.len() * LANES..]) {
            total += term(x, y);
        }
        total
    })
}

/// Calls `each` with the sum over a query and each row of a slice of whole rows, in row order.
#[inline(always)]
fn each_sum(query: &[f32], rows: &[f32], term: impl Fn(f32, f32) -> f32 + Copy, mut each: impl FnMut(f32)) {
    let dim = query.len();
    let mut fours = rows.chunks_exact(ROWS * dim);
    for four in &mut fours {
        sums(query, std::array::from_fn::<_, ROWS, _>(|n| &four[n * dim..][..dim]), term)
            .into_iter()
            .for_each(&mut each);
    }
    for row in fours.remainder().chunks_exact(dim) {
        let [sum] = sums(query, [row], term);
        each(sum);
    }
}
