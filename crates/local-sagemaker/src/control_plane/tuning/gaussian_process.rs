//! Gaussian process regression with a fixed squared exponential kernel, for a few hundred points.
//!
//! Source: Rasmussen and Williams, "Gaussian Processes for Machine Learning" (2006), algorithm 2.1.

/// The distance at which the correlation of two objectives is `exp(-1/2)`.
const LENGTH_SCALE: f64 = 0.15;
/// The variance of an observation, beside a variance of 1 of the objective.
const NOISE: f64 = 1e-4;

/// The objective at all points, by what it is at some of them.
pub(super) struct GaussianProcess {
    /// The lower triangular factor of the covariances, by row.
    factor: Vec<Vec<f64>>,
    weights: Vec<f64>,
}

impl GaussianProcess {
    /// Creates the process of values with mean 0 and variance 1. `distance(i, j)` is that of two points.
    pub(super) fn new(values: &[f64], distance: impl Fn(usize, usize) -> f64) -> Self {
        let mut factor: Vec<Vec<f64>> = Vec::with_capacity(values.len());
        for i in 0..values.len() {
            let mut row = Vec::with_capacity(i + 1);
            for (j, other) in factor.iter().enumerate() {
                row.push((covariance(distance(i, j)) - dot(&row, other)) / other[j]);
            }
            let variance = 1.0 + NOISE - dot(&row, &row);
            // Rounding can make it negative where points are nearly the same.
            row.push(variance.max(NOISE).sqrt());
            factor.push(row);
        }
        let mut weights = solve_lower(&factor, values.iter().copied());
        for i in (0..weights.len()).rev() {
            weights[i] /= factor[i][i];
            for j in 0..i {
                weights[j] -= factor[i][j] * weights[i];
            }
        }
        Self { factor, weights }
    }

    /// Returns mean and standard deviation at a point with these distances to the points of the values.
    pub(super) fn predict(&self, distances: impl Iterator<Item = f64>) -> (f64, f64) {
        let covariances: Vec<f64> = distances.map(covariance).collect();
        let explained = solve_lower(&self.factor, covariances.iter().copied());
        let variance = 1.0 - dot(&explained, &explained);
        (dot(&covariances, &self.weights), variance.max(0.0).sqrt())
    }
}

fn covariance(distance: f64) -> f64 {
    (-0.5 * (distance / LENGTH_SCALE).powi(2)).exp()
}

/// Returns the sum of products, as far as both go.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Solves `factor * x = values`.
fn solve_lower(factor: &[Vec<f64>], values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut solution = Vec::with_capacity(factor.len());
    for ((i, row), value) in factor.iter().enumerate().zip(values) {
        solution.push((value - dot(&solution, row)) / row[i]);
    }
    solution
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_certain_where_it_was_observed_and_uncertain_far_from_it() {
        let (points, values) = ([0.1_f64, 0.3, 0.9], [-1.0, 1.2, 0.3]);
        let process = GaussianProcess::new(&values, |i, j| (points[i] - points[j]).abs());
        let predict = |at: f64| process.predict(points.iter().map(|point| (point - at).abs()));
        for (point, value) in points.iter().zip(values) {
            let (mean, deviation) = predict(*point);
            assert!((mean - value).abs() < 1e-2 && deviation < 0.02, "{point}: {mean} {deviation}");
        }
        let (mean, deviation) = predict(5.0);
        assert!(mean.abs() < 1e-6 && (deviation - 1.0).abs() < 1e-6, "{mean} {deviation}");
    }

    #[test]
    fn the_same_point_twice_is_no_problem() {
        let process = GaussianProcess::new(&[1.0, 1.0, -1.0], |i, j| if i.max(j) < 2 { 0.0 } else { 0.5 });
        let (mean, deviation) = process.predict([0.0, 0.0, 0.5].into_iter());
        assert!((mean - 1.0).abs() < 0.05 && deviation < 0.1, "{mean} {deviation}");
    }
}
