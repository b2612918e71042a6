//! What "near" means.

use std::fmt;

/// How nearness is measured, as SageMaker's `index_metric` names it.
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

impl Metric {
    /// All metrics.
    pub const ALL: [Self; 3] = [Self::L2, Self::InnerProduct, Self::Cosine];

    /// SageMaker's name for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::L2 => "L2",
            Self::InnerProduct => "INNER_PRODUCT",
            Self::Cosine => "COSINE",
        }
    }

    /// The canonical measure between two vectors of equal length, already scaled where the metric asks for it.
    ///
    /// The order of the additions is fixed (eight lanes, then the lanes in order, then the rest), so the same two
    /// vectors give the same bits in every index and on every platform.
    pub(crate) fn measure(self, a: &[f32], b: &[f32]) -> f32 {
        match self {
            Self::L2 => sum(a, b, squared_difference),
            // Adding zero turns -0.0 into 0.0: they are equal measures and must order as such.
            Self::InnerProduct | Self::Cosine => sum(a, b, product) + 0.0,
        }
    }

    /// The number by which rows are sorted: ascending is nearer first, for every metric.
    pub(crate) fn sort_key(self, measure: f32) -> f32 {
        match self {
            Self::L2 => measure,
            Self::InnerProduct | Self::Cosine => -measure,
        }
    }

    /// The sort keys of every row of a slice of whole rows, in row order: bit for bit those of [`measure`](Self::measure).
    pub(crate) fn sort_keys(self, query: &[f32], rows: &[f32], mut each: impl FnMut(f32)) {
        match self {
            Self::L2 => each_sum(query, rows, squared_difference, each),
            Self::InnerProduct | Self::Cosine => each_sum(query, rows, product, |sum| each(-(sum + 0.0))),
        }
    }

    /// Scales a vector to length 1 if the metric asks for it.
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

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn squared_difference(x: f32, y: f32) -> f32 {
    (x - y) * (x - y)
}

fn product(x: f32, y: f32) -> f32 {
    x * y
}

/// How many additions run side by side in a sum.
const LANES: usize = 8;
/// How many rows are measured side by side: their sums wait for each other's memory, not for their own additions.
const ROWS: usize = 4;

fn sum(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    let [total] = sums(a, [b], term);
    total
}

/// The sums of terms over a query and each of some rows of the same length, every one in the same order of additions.
#[inline]
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
    std::array::from_fn(|n| {
        let mut total = if query_chunks.is_empty() { 0.0 } else { lanes[n].into_iter().sum() };
        for (&x, &y) in query_rest.iter().zip(&rows[n][query_chunks.len() * LANES..]) {
            total += term(x, y);
        }
        total
    })
}

/// Sums over a query and every row of a slice of whole rows, in row order.
fn each_sum(query: &[f32], rows: &[f32], term: impl Fn(f32, f32) -> f32 + Copy, mut each: impl FnMut(f32)) {
    let dim = query.len();
    let mut fours = rows.chunks_exact(ROWS * dim);
    for four in &mut fours {
        sums(query, std::array::from_fn::<_, ROWS, _>(|n| &four[n * dim..][..dim]), term)
            .into_iter()
            .for_each(&mut each);
    }
    for row in fours.remainder().chunks_exact(dim) {
        each(sum(query, row, term));
    }
}
