//! A kd-tree over the distinct points, for few dimensions.
//!
//! Answers on a lattice repeat: a million entries fall on 32,768 points. So equal rows become one point that keeps
//! their numbers, in order; kiddo's immutable tree holds the points (its mutable tree refuses many points that share a
//! coordinate). And where distances tie, the k-th nearest row is found not by asking for k points, which would cut
//! through a tie, but by asking for all points within a radius that surely holds k rows. Most queries are answered by
//! one such question, with a radius learned from the data when the tree is built.
//!
//! kiddo's tree takes the dimension as a constant, and each constant compiles for several seconds. So there are trees of
//! 2, 5 and 8 dimensions only. Points of another dimension end in zeros, which add nothing to a distance. In the tree itself
//! their first coordinate takes the place of the zeros, because a tree cannot split points that share a coordinate: it is
//! repeated, each time halved. That is exact and makes no distance longer (2 to 4 quarters of a square instead of one whole).
//! The tree then finds all points within a radius and a few more, which the canonical measure drops.

use std::{borrow::Cow, num::NonZero};

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
    /// The points [`embedded`].
    tree: ImmutableKdTree<f32, D>,
    /// At most `D`; the rest of each point is zeros.
    dim: usize,
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
    match tree_dim(rows.dim()) {
        2 => Ok(Box::new(KdTree::<2>::new(rows, k)?)),
        5 => Ok(Box::new(KdTree::<5>::new(rows, k)?)),
        8 => Ok(Box::new(KdTree::<8>::new(rows, k)?)),
        feature_dim => Err(TrainError::KdTreeImpossible { metric: Metric::L2, feature_dim }),
    }
}

/// Returns the dimension of the tree that holds points of `dim` dimensions; there is none beyond [`KD_TREE_MAX_DIM`].
pub(crate) const fn tree_dim(dim: usize) -> usize {
    match dim {
        1..=2 => 2,
        3..=5 => 5,
        6..=KD_TREE_MAX_DIM => KD_TREE_MAX_DIM,
        _ => dim,
    }
}

/// Returns a point of `dim` coordinates and zeros as the tree holds it: no two points are farther apart than they were.
fn embedded<const D: usize>(dim: usize, point: &[f32; D]) -> [f32; D] {
    let repeated = D - dim;
    debug_assert!(repeated < 4, "four halves of a coordinate are as long as the coordinate");
    if repeated == 0 {
        return *point;
    }
    // Halving is exact, but for numbers so small that their squares vanish.
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
        // Adding zero makes one point of -0.0 and 0.0, which are equally far from everything.
        let point = |row: u32| padded::<D>(rows.row(row as usize)).map(|coordinate| coordinate + 0.0);
        let mut keyed: Vec<([u32; D], u32)> =
            (0..rows.len() as u32).map(|row| (point(row).map(f32::to_bits), row)).collect();
        threads::sort_by(&mut keyed, Ord::cmp);

        let equal = |a: &([u32; D], u32), b: &([u32; D], u32)| a.0 == b.0;
        // Counted first, so that no memory is reserved for points that there are not.
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

        let mut this = Self { tree, dim, points, starts, rows, k, learned_radius: 0.0 };
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

    /// A squared distance within which there are at least `k` rows, or all: the farthest of some near points whose rows
    /// add up to `k`. Infinite if a distance overflows.
    fn sure_radius(&self, query: &[f32; D]) -> f32 {
        let wanted = NonZero::new(self.k.min(self.points.len())).unwrap_or(NonZero::<usize>::MIN);
        let query_in_tree = embedded(self.dim, query);
        let nearest = self.tree.query(&query_in_tree).nearest_n::<SquaredEuclidean<f32>>(wanted).execute();
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
        let query_in_tree = embedded(self.dim, query);
        self.tree.query(&query_in_tree).within::<SquaredEuclidean<f32>>(wider).unsorted().visit(|point| {
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
        let query = &padded(query);
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
    fn embedded_points_are_at_most_as_far_apart() {
        fn check<const D: usize>(dim: usize) {
            let mut coordinates = (1u32..).map(|i| (i.wrapping_mul(0x9e37_79b9) >> 20) as f32 - 2048.5);
            for _ in 0..1000 {
                let mut point = || padded::<D>(&coordinates.by_ref().take(dim).collect::<Vec<_>>());
                let (a, b) = (point(), point());
                let distance = Metric::L2.measure(&a, &b);
                let in_tree = Metric::L2.measure(&embedded(dim, &a), &embedded(dim, &b));
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
            let (mut points, mut hits) = (Vec::new(), Vec::new());
            tree.search(&[query], &mut points, &mut hits);
            rows.search(4, Metric::L2, &[query], &mut Scratch::default(), |scanned| {
                assert_eq!(scanned.hits, hits, "{query}");
            });
        }
    }
}
