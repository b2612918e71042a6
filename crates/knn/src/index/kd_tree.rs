//! A kd-tree over the distinct points, for few dimensions.
//!
//! Rows on a grid repeat: a million survey entries fall on 32,768 points. Equal rows become one point, with their row
//! numbers in order. kiddo's immutable tree holds the points (its mutable tree rejects many points that share a
//! coordinate).
//!
//! A search for the `k` nearest points would cut through ties. Instead, the tree is searched for all points within a
//! radius that holds at least `k` rows. A radius that is estimated from the data when the tree is built suffices for most
//! queries.
//!
//! The dimension of kiddo's tree is a constant, and each constant takes several seconds to compile. There are therefore
//! only trees of 2, 5 and 8 dimensions. Points of another dimension are padded with zeros, which add nothing to a
//! distance. Inside the tree, copies of the first coordinate replace the zeros, because a tree cannot split points that
//! share a coordinate. The copies and the coordinate itself are halved. That is exact and never makes a distance longer (2
//! to 4 quarters of a square instead of one whole). The tree then finds all points within a radius and a few more, which
//! are dropped by their canonical score.

use std::{borrow::Cow, num::NonZero, sync::Arc};

use kiddo::{ImmutableKdTree, SquaredEuclidean};

use super::{flat::FlatIndex, top_k::Candidate};
use crate::{Metric, TrainError, hyperparameters::KD_TREE_MAX_DIM, parallel};

/// The number of points whose distance to their k-th row is computed when the tree is built.
const RADIUS_SAMPLES: usize = 257;
/// The percentage of these points for which the estimated radius suffices.
const RADIUS_PERCENTILE: usize = 90;

/// A kd-tree of any number of dimensions.
pub(crate) trait Tree: Send + Sync {
    /// Writes the `k` nearest rows to `candidates`, nearest first, equally near ones by row number; all rows if there are
    /// fewer. `points` is a buffer.
    fn search(&self, k: usize, query: &[f32], points: &mut Vec<Candidate>, candidates: &mut Vec<Candidate>);
}

/// Distinct points, the rows at each of them, and the tree that finds the points.
struct KdTree<const D: usize> {
    /// The points [`embedded`].
    tree: ImmutableKdTree<f32, D>,
    /// At most `D`; the rest of each point is zeros.
    dim: usize,
    points: Vec<[f32; D]>,
    /// Rows of point `p`: `rows[starts[p]..starts[p + 1]]`, ascending.
    starts: Vec<u32>,
    rows: Vec<u32>,
    /// The squared distance within which most queries have the model's `k` rows.
    estimated_radius: f32,
}

/// Builds the tree for the rows' dimension, which is at most [`KD_TREE_MAX_DIM`].
pub(super) fn build(rows: &FlatIndex, k: usize) -> Result<Arc<dyn Tree>, TrainError> {
    match tree_dim(rows.dim()) {
        2 => Ok(Arc::new(KdTree::<2>::new(rows, k)?)),
        5 => Ok(Arc::new(KdTree::<5>::new(rows, k)?)),
        8 => Ok(Arc::new(KdTree::<8>::new(rows, k)?)),
        feature_dim => Err(TrainError::KdTreeImpossible { metric: Metric::L2, feature_dim }),
    }
}

/// Returns the dimension of the tree that holds points of `dim` dimensions, at most [`KD_TREE_MAX_DIM`].
pub(crate) const fn tree_dim(dim: usize) -> usize {
    match dim {
        1..=2 => 2,
        3..=5 => 5,
        6..=KD_TREE_MAX_DIM => KD_TREE_MAX_DIM,
        _ => dim,
    }
}

/// Returns a point of `dim` coordinates and zeros as the tree holds it. No two points get farther apart.
fn embedded<const D: usize>(dim: usize, point: &[f32; D]) -> [f32; D] {
    let repeated = D - dim;
    debug_assert!(repeated < 4, "four halves of a coordinate are as long as the coordinate");
    if repeated == 0 {
        return *point;
    }
    // Halving is exact, except for numbers so small that their squares underflow.
    std::array::from_fn(|i| if i > repeated { point[i - repeated] } else { point[0] / 2.0 })
}

/// Returns coordinates followed by zeros.
fn padded<const D: usize>(coordinates: &[f32]) -> [f32; D] {
    let mut point = [0.0; D];
    point[..coordinates.len()].copy_from_slice(coordinates);
    point
}

impl<const D: usize> KdTree<D> {
    fn new(rows: &FlatIndex, k: usize) -> Result<Self, TrainError> {
        let dim = rows.dim();
        // Adding zero turns -0.0 into 0.0, which have equal distances to everything.
        let point = |row: u32| padded::<D>(rows.row(row as usize)).map(|coordinate| coordinate + 0.0);
        let mut keyed: Vec<([u32; D], u32)> =
            (0..rows.len() as u32).map(|row| (point(row).map(f32::to_bits), row)).collect();
        parallel::sort_by(&mut keyed, Ord::cmp);

        let equal = |a: &([u32; D], u32), b: &([u32; D], u32)| a.0 == b.0;
        // Counted first, so that no memory is reserved for more points than there are.
        let n_points = keyed.chunk_by(equal).count();
        let mut points = Vec::with_capacity(n_points);
        let mut starts = Vec::with_capacity(n_points + 1);
        let mut start = 0;
        for rows in keyed.chunk_by(equal) {
            points.push(rows[0].0.map(f32::from_bits));
            starts.push(start);
            start += rows.len() as u32;
        }
        starts.push(start);
        let rows = keyed.into_iter().map(|(_, row)| row).collect();
        let embedded: Cow<'_, [[f32; D]]> = if dim == D {
            Cow::Borrowed(&points)
        } else {
            points.iter().map(|point| embedded(dim, point)).collect()
        };
        let tree = ImmutableKdTree::new_from_slice(&embedded)
            .map_err(|error| TrainError::KdTree { reason: format!("{error:?}") })?;
        drop(embedded);

        let mut this = Self { tree, dim, points, starts, rows, estimated_radius: 0.0 };
        this.estimated_radius = this.estimate_radius(k);
        Ok(this)
    }

    fn rows_of(&self, point: u32) -> &[u32] {
        let point = point as usize;
        &self.rows[self.starts[point] as usize..self.starts[point + 1] as usize]
    }

    fn squared_distance(&self, query: &[f32; D], point: u32) -> f32 {
        Metric::L2.score(query, &self.points[point as usize])
    }

    /// Returns a radius that suffices for most queries: a percentile over points spread evenly through the data.
    fn estimate_radius(&self, k: usize) -> f32 {
        // Multiples of the golden ratio, modulo 1, are spread evenly. Equal steps could coincide with the edges of a grid,
        // where the radii are larger.
        let golden = |i: usize| (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let spread = |i| ((u128::from(golden(i)) * self.points.len() as u128) >> 64) as usize;
        let mut radii: Vec<f32> =
            (0..RADIUS_SAMPLES).map(|i| self.covering_radius(k, &self.points[spread(i)])).collect();
        radii.sort_unstable_by(f32::total_cmp);
        radii[(radii.len() - 1) * RADIUS_PERCENTILE / 100]
    }

    /// Returns a squared distance within which there are at least `k` rows, or all: the farthest of some near points whose
    /// rows add up to `k`. Infinite if a distance overflows.
    fn covering_radius(&self, k: usize, query: &[f32; D]) -> f32 {
        let wanted = NonZero::new(k.min(self.points.len())).unwrap_or(NonZero::<usize>::MIN);
        let query_in_tree = embedded(self.dim, query);
        let nearest = self.tree.query(&query_in_tree).nearest_n::<SquaredEuclidean<f32>>(wanted).execute();
        let mut radius = 0.0f32;
        let mut n_rows = 0;
        for point in nearest {
            radius = radius.max(self.squared_distance(query, point.item));
            n_rows += self.rows_of(point.item).len();
            if n_rows >= k {
                break;
            }
        }
        radius
    }

    /// Collects the points within `radius`. Returns whether they hold `k` rows, or all.
    ///
    /// The tree's own sums may be rounded differently from the canonical score. It is therefore searched within a slightly
    /// larger radius, and the canonical score decides.
    fn collect_within(&self, k: usize, query: &[f32; D], radius: f32, found: &mut Vec<Candidate>) -> bool {
        found.clear();
        let mut n_rows = 0;
        let wider = radius * (1.0 + 1e-5) + f32::MIN_POSITIVE;
        let query_in_tree = embedded(self.dim, query);
        self.tree.query(&query_in_tree).within::<SquaredEuclidean<f32>>(wider).unsorted().visit(|point| {
            let squared_distance = self.squared_distance(query, point.item);
            if squared_distance <= radius {
                n_rows += self.rows_of(point.item).len();
                found.push(Candidate::new(squared_distance, point.item));
            }
        });
        n_rows >= k || n_rows == self.rows.len()
    }

    /// Writes the `k` nearest of the points' rows to `candidates`.
    fn nearest_rows(&self, k: usize, points: &mut [Candidate], candidates: &mut Vec<Candidate>) {
        points.sort_unstable();
        candidates.clear();
        let mut farthest = f32::INFINITY;
        for point in points {
            let squared_distance = point.sort_key();
            if squared_distance > farthest {
                break;
            }
            // At most k rows of a point can be among the k nearest, and they are in order.
            let rows = self.rows_of(point.row());
            candidates.extend(rows.iter().take(k).map(|&row| Candidate::new(squared_distance, row)));
            if candidates.len() >= k {
                farthest = squared_distance;
            }
        }
        if candidates.len() > k {
            candidates.select_nth_unstable(k - 1);
            candidates.truncate(k);
        }
        candidates.sort_unstable();
    }
}

impl<const D: usize> Tree for KdTree<D> {
    fn search(&self, k: usize, query: &[f32], points: &mut Vec<Candidate>, candidates: &mut Vec<Candidate>) {
        let query = &padded(query);
        // Enough for most queries: growing the buffers step by step would slow down a single query.
        points.reserve(k.min(self.points.len()));
        candidates.reserve((2 * k).min(self.rows.len()));
        if !self.collect_within(k, query, self.estimated_radius, points) {
            let radius = self.covering_radius(k, query);
            if !radius.is_finite() || !self.collect_within(k, query, radius, points) {
                // Distances that overflow are equal (infinite), and the tree cannot order them: scan all points.
                let all =
                    (0..self.points.len() as u32).map(|p| Candidate::new(self.squared_distance(query, p), p));
                points.clear();
                points.extend(all);
            }
        }
        self.nearest_rows(k, points, candidates);
        debug_assert_eq!(candidates.len(), k.min(self.rows.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::buffers::SearchBuffers;

    #[test]
    fn estimated_radius_suffices_for_most_queries() {
        let values: Vec<f32> = (0..4096u32).flat_map(|i| [(i % 64) as f32, (i / 64) as f32]).collect();
        let rows = FlatIndex::new(values, 2);
        let tree = KdTree::<2>::new(&rows, 9).unwrap();
        let satisfied = |p: &&[f32; 2]| tree.collect_within(9, p, tree.estimated_radius, &mut Vec::new());
        let share = tree.points.iter().filter(satisfied).count() as f32 / 4096.0;
        assert!(share >= 0.85, "{share}");
        assert_eq!(tree.estimated_radius, 2.0); // the eight around a point, corners included
    }

    #[test]
    fn embedded_points_are_at_most_as_far_apart() {
        fn check<const D: usize>(dim: usize) {
            let mut coordinates = (1u32..).map(|i| (i.wrapping_mul(0x9e37_79b9) >> 20) as f32 - 2048.5);
            for _ in 0..1000 {
                let mut point = || padded::<D>(&coordinates.by_ref().take(dim).collect::<Vec<_>>());
                let (a, b) = (point(), point());
                let distance = Metric::L2.score(&a, &b);
                let in_tree = Metric::L2.score(&embedded(dim, &a), &embedded(dim, &b));
                assert!(in_tree <= distance * (1.0 + 1e-6), "{dim}: {in_tree} > {distance}");
                assert!(in_tree >= distance * 0.499, "{dim}: {in_tree} is too small for {distance}");
            }
        }
        (1..=2).for_each(check::<2>);
        (3..=5).for_each(check::<5>);
        (6..=8).for_each(check::<8>);
        assert_eq!(embedded(3, &[8.0, 2.0, 3.0, 0.0, 0.0]), [4.0, 4.0, 4.0, 2.0, 3.0]);
        assert_eq!(embedded(5, &[8.0, 2.0, 3.0, 1.0, 0.0]), [8.0, 2.0, 3.0, 1.0, 0.0]);
    }

    #[test]
    fn flat_and_tree_agree_at_infinity() {
        let rows = FlatIndex::new(vec![3e38, -3e38, 0.0, 1.0, -3e38], 1);
        let tree = KdTree::<2>::new(&rows, 4).unwrap();
        for query in [3e38, 0.0, -3e38, 1e30] {
            let (mut points, mut candidates) = (Vec::new(), Vec::new());
            tree.search(4, &[query], &mut points, &mut candidates);
            rows.search(4, Metric::L2, &[query], &mut SearchBuffers::default(), |scanned| {
                assert_eq!(scanned.candidates, candidates, "{query}");
            });
        }
    }
}
