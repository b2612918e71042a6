//! A kd-tree over the distinct points, for few dimensions.
//!
//! Answers on a lattice repeat: a million entries fall on 32,768 points. So equal rows become one point that keeps
//! their numbers, in order; kiddo's immutable tree holds the points (its mutable tree refuses many points that share a
//! coordinate). And where distances tie, the k-th nearest row is found not by asking for k points, which would cut
//! through a tie, but by asking for all points within a radius that surely holds k rows. Most queries are answered by
//! one such question, with a radius learned from the data when the tree is built.

use std::num::NonZero;

use kiddo::{ImmutableKdTree, SquaredEuclidean};

use super::{FlatIndex, Hit};
use crate::{Metric, TrainError, threads};

/// The most features for which there is a kd-tree; beyond, a scan is as fast.
pub const KD_TREE_MAX_DIM: usize = 8;

/// How many points are asked, when the tree is built, how far their k-th row is.
const RADIUS_SAMPLES: usize = 257;
/// How many of 100 of them the learned radius must satisfy.
const RADIUS_PERCENTILE: usize = 90;

/// Finds the rows that are nearest to a query, whatever the number of dimensions.
pub(crate) trait Tree: Send + Sync {
    /// Puts the `k` nearest rows into `hits`, nearest first, equally near ones by row number; all rows, if there are
    /// fewer. `points` is a buffer.
    fn search(&self, query: &[f32], points: &mut Vec<Hit>, hits: &mut Vec<Hit>);
}

/// Distinct points, the rows that lie on each, and the tree that finds the points.
struct KdTree<const D: usize> {
    tree: ImmutableKdTree<f32, D>,
    points: Vec<[f32; D]>,
    /// Rows of point `p`: `rows[starts[p]..starts[p + 1]]`, ascending.
    starts: Vec<u32>,
    rows: Vec<u32>,
    k: usize,
    /// The squared distance within which most queries have `k` rows.
    learned_radius: f32,
}

/// Builds the tree for the rows' dimension, which is at most [`KD_TREE_MAX_DIM`].
pub(super) fn build(rows: &FlatIndex, k: usize) -> Result<Box<dyn Tree>, TrainError> {
    macro_rules! by_dimension {
        ($($dim:literal)+) => {
            match rows.dim() {
                $($dim => Ok(Box::new(KdTree::<$dim>::new(rows, k)?)),)+
                feature_dim => Err(TrainError::KdTreeImpossible { metric: Metric::L2, feature_dim }),
            }
        };
    }
    by_dimension!(1 2 3 4 5 6 7 8)
}

impl<const D: usize> KdTree<D> {
    fn new(rows: &FlatIndex, k: usize) -> Result<Self, TrainError> {
        // Adding zero makes one point of -0.0 and 0.0, which are equally far from everything.
        let point = |row: u32| -> [f32; D] { std::array::from_fn(|i| rows.row(row as usize)[i] + 0.0) };
        let mut keyed: Vec<([u32; D], u32)> =
            (0..rows.len() as u32).map(|row| (point(row).map(f32::to_bits), row)).collect();
        threads::sort_by(&mut keyed, Ord::cmp);

        let mut points = Vec::new();
        let mut starts = Vec::new();
        for (i, (bits, _)) in keyed.iter().enumerate() {
            if i == 0 || keyed[i - 1].0 != *bits {
                points.push(bits.map(f32::from_bits));
                starts.push(i as u32);
            }
        }
        starts.push(keyed.len() as u32);
        let rows = keyed.into_iter().map(|(_, row)| row).collect();
        let tree = ImmutableKdTree::new_from_slice(&points)
            .map_err(|error| TrainError::KdTree { reason: format!("{error:?}") })?;

        let mut this = Self { tree, points, starts, rows, k, learned_radius: 0.0 };
        this.learned_radius = this.learn_radius();
        Ok(this)
    }

    fn rows_of(&self, point: u32) -> &[u32] {
        let point = point as usize;
        &self.rows[self.starts[point] as usize..self.starts[point + 1] as usize]
    }

    fn squared_distance(&self, query: &[f32; D], point: u32) -> f32 {
        Metric::L2.measure(query, &self.points[point as usize])
    }

    /// The radius that gives most queries their `k` rows: a percentile over points spread evenly through the data.
    fn learn_radius(&self) -> f32 {
        // Multiples of the golden ratio, modulo 1, fall evenly everywhere, and unlike equal steps never in step with
        // the edges of a lattice, where the radii are larger.
        let golden = |i: usize| (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let spread = |i| ((u128::from(golden(i)) * self.points.len() as u128) >> 64) as usize;
        let mut radii: Vec<f32> =
            (0..RADIUS_SAMPLES).map(|i| self.sure_radius(&self.points[spread(i)])).collect();
        radii.sort_unstable_by(f32::total_cmp);
        radii[(radii.len() - 1) * RADIUS_PERCENTILE / 100]
    }

    /// A squared distance within which there are at least `k` rows, or all: the farthest of the nearest points whose
    /// rows add up to `k`. Infinite if a distance overflows.
    fn sure_radius(&self, query: &[f32; D]) -> f32 {
        let wanted = NonZero::new(self.k.min(self.points.len())).unwrap_or(NonZero::<usize>::MIN);
        let nearest = self.tree.query(query).nearest_n::<SquaredEuclidean<f32>>(wanted).execute();
        let mut radius = 0.0f32;
        let mut n_rows = 0;
        for point in nearest {
            radius = radius.max(self.squared_distance(query, point.item));
            n_rows += self.rows_of(point.item).len();
            if n_rows >= self.k {
                break;
            }
        }
        radius
    }

    /// Collects the points within `radius` and says whether they hold `k` rows (or there are no more).
    ///
    /// The tree's own sums may be rounded otherwise than the canonical measure, so it is asked for a little more than
    /// the radius, and what it finds is measured again.
    fn points_within(&self, query: &[f32; D], radius: f32, found: &mut Vec<Hit>) -> bool {
        found.clear();
        let mut n_rows = 0;
        let wider = radius * (1.0 + 1e-5) + f32::MIN_POSITIVE;
        self.tree.query(query).within::<SquaredEuclidean<f32>>(wider).unsorted().visit(|point| {
            let squared_distance = self.squared_distance(query, point.item);
            if squared_distance <= radius {
                n_rows += self.rows_of(point.item).len();
                found.push(Hit::new(squared_distance, point.item));
            }
        });
        n_rows >= self.k || n_rows == self.rows.len()
    }

    /// Of the points' rows, the `k` nearest.
    fn nearest_rows(&self, points: &mut [Hit], hits: &mut Vec<Hit>) {
        points.sort_unstable();
        hits.clear();
        let mut farthest = f32::INFINITY;
        for point in points {
            let squared_distance = point.sort_key();
            if squared_distance > farthest {
                break;
            }
            // Of one point's rows no more than k can be among the k nearest, and they are in order.
            let rows = self.rows_of(point.row());
            hits.extend(rows.iter().take(self.k).map(|&row| Hit::new(squared_distance, row)));
            if hits.len() >= self.k {
                farthest = squared_distance;
            }
        }
        if hits.len() > self.k {
            hits.select_nth_unstable(self.k - 1);
            hits.truncate(self.k);
        }
        hits.sort_unstable();
    }
}

impl<const D: usize> Tree for KdTree<D> {
    fn search(&self, query: &[f32], points: &mut Vec<Hit>, hits: &mut Vec<Hit>) {
        let query: &[f32; D] = query.try_into().expect("the model checks a query's dimension");
        // Enough for most queries. A single one begins with empty buffers, and growing them step by step shows.
        points.reserve(self.k.min(self.points.len()));
        hits.reserve((2 * self.k).min(self.rows.len()));
        if !self.points_within(query, self.learned_radius, points) {
            let radius = self.sure_radius(query);
            if !radius.is_finite() || !self.points_within(query, radius, points) {
                // Distances that overflow tie at infinity, where a tree cannot tell near from far: look at all points.
                let all = (0..self.points.len() as u32).map(|p| Hit::new(self.squared_distance(query, p), p));
                points.clear();
                points.extend(all);
            }
        }
        self.nearest_rows(points, hits);
        debug_assert_eq!(hits.len(), self.k.min(self.rows.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Scratch;

    #[test]
    fn a_learned_radius_satisfies_most_queries() {
        let values: Vec<f32> = (0..4096u32).flat_map(|i| [(i % 64) as f32, (i / 64) as f32]).collect();
        let rows = FlatIndex::new(values, 2);
        let tree = KdTree::<2>::new(&rows, 9).unwrap();
        let satisfied = |p: &&[f32; 2]| tree.points_within(p, tree.learned_radius, &mut Vec::new());
        let share = tree.points.iter().filter(satisfied).count() as f32 / 4096.0;
        assert!(share >= 0.85, "{share}");
        assert_eq!(tree.learned_radius, 2.0); // the eight around a point, corners included
    }

    #[test]
    fn flat_and_tree_agree_at_infinity() {
        let rows = FlatIndex::new(vec![3e38, -3e38, 0.0, 1.0, -3e38], 1);
        let tree = KdTree::<1>::new(&rows, 4).unwrap();
        for query in [3e38, 0.0, -3e38, 1e30] {
            let (mut points, mut hits) = (Vec::new(), Vec::new());
            tree.search(&[query], &mut points, &mut hits);
            rows.search(4, Metric::L2, &[query], &mut Scratch::default(), |scanned| {
                assert_eq!(scanned.hits, hits, "{query}");
            });
        }
    }
}
