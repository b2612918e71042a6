//! Proven bounds of canonical sort keys, from inner products of integers.
//!
//! Let u = 2^-24 be the unit roundoff of `f32`, and γ(m) = m u / (1 - m u). Let x be a row, q a query, c the centre; x' and
//! q' the differences to the centre as rounded to `f32`; s X and t Q their integers times their scales; d(x), d(q) the
//! residuals x' - s X and q' - t Q. Norms are Euclidean. P = X · Q is an integer, and exact.
//!
//! *Inner product.* x' · q' = s t P + d(x) · t Q + x' · d(q). With |d(x)| <= ρ |x'| for all rows, by Cauchy and Schwarz:
//!
//! ```text
//! |x' · q' - s t P| <= |x'| ε,    ε = ρ (|q'| + |d(q)|) + |d(q)|
//! ```
//!
//! *Squared distance.* |x' - q'|² = 2 H + |q'|², with H = |x'|² / 2 - x' · q'. Each component of x' and q' has a relative
//! error of at most u, so x' - q' differs from x - q by a vector of at most u (1 + u) (|x'| + |q'|), and the squares of their
//! lengths by at most 2.01 u (|x'| + |q'|)² <= 4.02 u (|x'|² + |q'|²).
//!
//! *Canonical score.* Each of its terms passes at most m = [`Metric::roundings`] roundings. A sum of squares (no term is
//! negative) is therefore within γ(m) times the real one, an inner product within γ(m) |x| |q|. Terms that underflow add at
//! most η = (dim + 16) 2^-125, even if the processor replaces subnormal numbers by zero. Overflows are impossible:
//! [`quantize`](super::quantize::quantize) refuses such norms.
//!
//! *Lower bound.* L = `(half_norm - P s t) - norm ε`, in `f32`. Its rounding errors are those of P (u |P s t|), of two
//! subtractions and one product. As |P s t| <= 1.01 |x'| |q'| and ε <= 0.01 |q'| (otherwise the query is scanned), their sum
//! is at most u (|x'|² + 3.1 |x'| |q'|) <= u (2.6 |x'|² + 1.6 |q'|²). Together with half of the error of the distance, and
//! `half_norm` rounded to `f32` (u |x'|² / 2), that is less than 5.2 u |x'|² + 3.7 u |q'|². `half_norm` is lowered by
//! 8 u |x'|², and 8 u |q'|² are added in [`QueryBound::limit`]: rows with L above the limit of a sort key have higher ones.
//!
//! *Upper bound.* U = `L + (2 norm ε + 64 u half_norm)` adds 2 |x'| ε and 32 u |x'|². H needs at most 12 u |x'|² + 2 u |q'|² of
//! that, half of the error of the distance 2.1 u (|x'|² + |q'|²), and the rounding of U 2 u (1.2 |x'|² + 0.7 |q'|²).
//! [`QueryBound::sort_key`] adds twice 8 u |q'|²: the row's sort key is not above it.
//!
//! *Inner products.* `half_norm` is 0, H = -x' · q', and the errors are at most 3.3 u |x'| |q'| and γ(m) |x'| |q'|: ε is
//! raised by (γ(m) + 8 u) |q'|.
//!
//! The rest covers the errors of `f64`, which are below 2^-35 times the squares for up to 2^17 dimensions.
//!
//! Source: Higham, "Accuracy and Stability of Numerical Algorithms", 2002, chapter 3.

use super::quantize::Quantized;
use crate::Metric;

/// The unit roundoff of `f32`.
const U: f64 = 1.0 / (1 << 24) as f64;
/// Covers the rounding of a few operations in `f64`.
const SLACK: f64 = 1.0 / (1u64 << 40) as f64;

/// A row's part of the bounds.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowBound {
    pub(super) scale: f32,
    /// Half the squared norm, or 0 for inner products. Negative infinity if nothing is known of the row.
    pub(super) half_norm: f32,
    pub(super) norm: f32,
}

impl RowBound {
    /// Nothing is known: the row is never skipped, and no other row because of it.
    pub(super) const UNKNOWN: Self = Self { scale: 1.0, half_norm: f32::NEG_INFINITY, norm: 0.0 };

    pub(super) fn new(metric: Metric, row: Quantized) -> Self {
        let Quantized { scale, norm, .. } = row;
        let half_norm =
            if metric == Metric::L2 { (norm * norm / 2.0 * (1.0 - 16.0 * U)) as f32 } else { 0.0 };
        Self { scale, half_norm, norm: round_up(norm) }
    }
}

/// A query's part of the bounds.
#[derive(Debug, Clone, Copy)]
pub(super) struct QueryBound {
    /// The scale of the query's integers.
    scale: f32,
    /// The error of the inner product with a row, relative to the norm of the row.
    error: f32,
    to_limit: Line,
    to_sort_key: Line,
}

/// A function `factor * x + offset`, which is rounded up.
#[derive(Debug, Clone, Copy)]
struct Line {
    factor: f64,
    offset: f64,
}

impl Line {
    fn at(self, x: f64) -> f64 {
        let product = self.factor * x;
        product + self.offset + SLACK * (product.abs() + self.offset.abs())
    }
}

/// Returns a number that is at least `value`.
fn round_up(value: f64) -> f32 {
    (value as f32).next_up()
}

impl QueryBound {
    /// Returns the bound for a query; `None` if it would be useless. `residual` is the largest residual of a row, relative
    /// to the row's norm.
    pub(super) fn new(metric: Metric, dim: usize, query: Quantized, residual: f64) -> Option<Self> {
        let m = Metric::roundings(dim) as f64 * U;
        let gamma = m / (1.0 - m);
        let underflow = 2.0 * (dim + 16) as f64 * f64::from(f32::MIN_POSITIVE) * 2.0;
        let Quantized { scale, norm, residual: lost } = query;
        let error = (residual * (norm + lost) + lost) * (1.0 + SLACK);
        if error > 0.01 * norm {
            return None;
        }
        Some(if metric == Metric::L2 {
            let squares = norm * norm;
            let to_limit =
                Line { factor: 0.5 / (1.0 - gamma), offset: squares * (8.0 * U - 0.5) + underflow };
            let to_sort_key = Line {
                factor: 2.0 * (1.0 + gamma),
                offset: (1.0 + gamma) * squares * (1.0 + 16.0 * U) + underflow,
            };
            Self { scale, error: round_up(error), to_limit, to_sort_key }
        } else {
            let error = round_up(error + (gamma + 8.0 * U) * norm);
            let line = Line { factor: 1.0, offset: underflow };
            Self { scale, error, to_limit: line, to_sort_key: line }
        })
    }

    /// Returns the limit above which the lower bounds of rows are whose sort keys are above this one; infinite if it is not
    /// finite.
    pub(super) fn limit(&self, sort_key: f64) -> f32 {
        if sort_key.is_finite() { round_up(self.to_limit.at(sort_key)) } else { f32::INFINITY }
    }

    /// Returns a number that is at least the sort key of a row with this upper bound.
    pub(super) fn sort_key(&self, upper: f32) -> f64 {
        self.to_sort_key.at(f64::from(upper))
    }

    /// Returns the lower bound of a row. `dot` is the inner product of the integers.
    #[inline(always)]
    pub(super) fn lower(&self, dot: i32, row_scale: f32, half_norm: f32, norm: f32) -> f32 {
        half_norm - dot as f32 * row_scale * self.scale - norm * self.error
    }

    /// Returns the upper bound of a row from its lower bound.
    pub(super) fn upper(&self, lower: f32, row: RowBound) -> f32 {
        if row.half_norm == f32::NEG_INFINITY {
            return f32::INFINITY;
        }
        lower + (2.0 * row.norm * self.error + (64.0 * U) as f32 * row.half_norm)
    }
}
