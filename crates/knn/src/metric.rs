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
            Self::L2 => sum(a, b, |x, y| (x - y) * (x - y)),
            // Adding zero turns -0.0 into 0.0: they are equal measures and must order as such.
            Self::InnerProduct | Self::Cosine => sum(a, b, |x, y| x * y) + 0.0,
        }
    }

    /// The number by which rows are sorted: ascending is nearer first, for every metric.
    pub(crate) fn sort_key(self, measure: f32) -> f32 {
        match self {
            Self::L2 => measure,
            Self::InnerProduct | Self::Cosine => -measure,
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

fn sum(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    const LANES: usize = 8;
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    let mut total = 0.0;
    if !a_chunks.is_empty() {
        let mut lanes = [0.0f32; LANES];
        for (x, y) in a_chunks.iter().zip(b_chunks) {
            for lane in 0..LANES {
                lanes[lane] += term(x[lane], y[lane]);
            }
        }
        total = lanes.into_iter().sum();
    }
    for (&x, &y) in a_rest.iter().zip(b_rest) {
        total += term(x, y);
    }
    total
}
