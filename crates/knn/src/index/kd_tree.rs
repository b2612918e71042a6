//! A kd-tree over the distinct points, for few dimensions.
//!
//! Rows on a grid repeat: a million survey entries fall on 32,768 points. Equal rows become one point, with their row
//! numbers in order.
//!
//! A leaf holds up to 16 points, coordinate by coordinate, so that their distances are computed together, each in the
//! canonical order of additions. A search goes to the leaf of the query first. It skips a subtree only if that is farther
//! than the k-th row that was found, never at an equal distance: ties are complete, and their row numbers decide.
//!
//! Points are split where the coordinate changes, near the median. On a grid a leaf is then a box whose neighbours begin one
//! step away, and a search reads few leaves.

#![allow(clippy::inline_always, reason = "code is compiled for other instructions only where it is inlined")]

use super::{buffers::SearchBuffers, flat::FlatIndex, top_k::TopK};
use crate::{hyperparameters::KD_TREE_MAX_DIM, parallel, vectorized::vectorized};

/// The most points of a leaf.
const LEAF: usize = 16;
/// From this dimension on, wider instructions save more than the call of code that has them takes.
const WIDE: usize = 4;
/// Covers the roundings of distances to subtrees, relative to the distance: 2 for each level and 10 for a sum of squares.
const MARGIN: f32 = 1.0 + 1e-5;

/// A tree, and the rows at each of its points.
#[derive(Debug, Clone)]
pub(crate) struct KdTree {
    dim: usize,
    /// A node is followed by its left subtree.
    nodes: Vec<TreeNode>,
    /// For each leaf, the coordinates of its points, dimension by dimension. NaN follows the last point.
    coordinates: Vec<[f32; LEAF]>,
    rows: PointRows,
}

/// The rows of each point. The number of the point `lane` of a leaf is `leaf * LEAF + lane`.
#[derive(Debug, Clone)]
enum PointRows {
    /// No rows are equal, as usual for measurements: the row of each point, and a zero where a leaf has no point.
    One(Vec<u32>),
    /// The rows of the point `p` are `rows[starts[p]..starts[p + 1]]`, ascending.
    Many { starts: Vec<u32>, rows: Vec<u32> },
}

impl PointRows {
    fn of(&self, point: usize) -> &[u32] {
        match self {
            Self::One(rows) => &rows[point..=point],
            Self::Many { starts, rows } => &rows[starts[point] as usize..starts[point + 1] as usize],
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum TreeNode {
    Leaf {
        number: u32,
    },
    /// The largest coordinate on the left and the least on the right, in the dimension of the split.
    Split {
        dim: u32,
        left_max: f32,
        right_min: f32,
        right: u32,
    },
}

/// A distinct point; the coordinates are followed by zeros.
#[derive(Debug, Clone)]
struct Point {
    coordinates: [f32; KD_TREE_MAX_DIM],
    /// Its rows are `keyed[start..end]`.
    start: u32,
    end: u32,
}

/// Returns the bytes that a tree of `n` rows and its construction take at most for each row.
pub(crate) fn bytes_per_row(dim: usize) -> usize {
    // A leaf has at least 4 points, and there are fewer splits than leaves.
    let leaf = dim * size_of::<[f32; LEAF]>() + LEAF * size_of::<u32>() + 2 * size_of::<TreeNode>();
    size_of::<Keyed>() + size_of::<Point>() + size_of::<u32>() + leaf / 4
}

/// The bits of a row's coordinates, followed by zeros, and its number.
type Keyed = ([u32; KD_TREE_MAX_DIM], u32);

impl KdTree {
    /// Builds the tree; the rows have at most [`KD_TREE_MAX_DIM`] dimensions.
    pub(super) fn new(rows: &FlatIndex) -> Self {
        let dim = rows.dim();
        let key = |row: usize| {
            let mut key = [0; KD_TREE_MAX_DIM];
            for (key, coordinate) in key.iter_mut().zip(rows.row(row)) {
                // Adding zero turns -0.0 into 0.0, which have equal distances to everything.
                *key = (coordinate + 0.0).to_bits();
            }
            key
        };
        let mut keyed: Vec<Keyed> = (0..rows.len()).map(|row| (key(row), row as u32)).collect();
        parallel::sort_by(&mut keyed, Ord::cmp);
        let equal = |a: &Keyed, b: &Keyed| a.0 == b.0;
        // Counted first, so that no memory is reserved for more points than there are.
        let mut points = Vec::with_capacity(keyed.chunk_by(equal).count());
        let mut start = 0;
        for rows in keyed.chunk_by(equal) {
            let end = start + rows.len() as u32;
            points.push(Point { coordinates: rows[0].0.map(f32::from_bits), start, end });
            start = end;
        }
        let rows = if points.len() == keyed.len() {
            PointRows::One(Vec::new())
        } else {
            PointRows::Many { starts: vec![0], rows: Vec::with_capacity(keyed.len()) }
        };
        let mut tree = Self { dim, nodes: Vec::new(), coordinates: Vec::new(), rows };
        tree.add(&mut points, &keyed);
        tree
    }

    /// Adds the subtree of some points, at least one.
    fn add(&mut self, points: &mut [Point], keyed: &[Keyed]) {
        if points.len() <= LEAF {
            return self.add_leaf(points, keyed);
        }
        let spread = |dim: &usize| {
            let coordinates = points.iter().map(|point| point.coordinates[*dim]);
            let (min, max) = coordinates
                .fold((f32::INFINITY, f32::NEG_INFINITY), |(min, max), x| (min.min(x), max.max(x)));
            max - min
        };
        let widest = (0..self.dim).max_by(|a, b| spread(a).total_cmp(&spread(b))).unwrap_or(0);
        let (left, right) = split(points, widest);
        let node = self.nodes.len();
        let left_max = left.iter().map(|point| point.coordinates[widest]).fold(f32::NEG_INFINITY, f32::max);
        let right_min = right.iter().map(|point| point.coordinates[widest]).fold(f32::INFINITY, f32::min);
        self.nodes.push(TreeNode::Split { dim: widest as u32, left_max, right_min, right: 0 });
        self.add(left, keyed);
        let next = self.nodes.len() as u32;
        if let TreeNode::Split { right, .. } = &mut self.nodes[node] {
            *right = next;
        }
        self.add(right, keyed);
    }

    fn add_leaf(&mut self, points: &[Point], keyed: &[Keyed]) {
        let number = (self.coordinates.len() / self.dim) as u32;
        self.nodes.push(TreeNode::Leaf { number });
        for dim in 0..self.dim {
            let coordinate = |lane: usize| points.get(lane).map_or(f32::NAN, |point| point.coordinates[dim]);
            self.coordinates.push(std::array::from_fn(coordinate));
        }
        for lane in 0..LEAF {
            let of_point = points.get(lane).map_or(0..0, |point| point.start as usize..point.end as usize);
            let mut of_point = keyed[of_point].iter().map(|&(_, row)| row);
            match &mut self.rows {
                PointRows::One(rows) => rows.push(of_point.next().unwrap_or_default()),
                PointRows::Many { starts, rows } => {
                    rows.extend(of_point);
                    starts.push(rows.len() as u32);
                }
            }
        }
    }

    /// Writes the `k` nearest rows to the buffers: nearest first, equally near ones by row number, all rows if there are
    /// fewer.
    pub(super) fn search(&self, k: usize, query: &[f32], buffers: &mut SearchBuffers) {
        let SearchBuffers { single: nearest, candidates, .. } = buffers;
        nearest.start(k);
        let mut search =
            TreeSearch { tree: self, query, squares: [0.0; KD_TREE_MAX_DIM], limit: f32::INFINITY, nearest };
        search.descend(0, 0.0);
        nearest.finish(candidates);
    }
}

/// Splits points, more than [`LEAF`], by a coordinate: where it changes next to the middle, or in the middle if one side would
/// have less than a quarter of the points. The middle is near the median, so that the leaves are full.
fn split(points: &mut [Point], dim: usize) -> (&mut [Point], &mut [Point]) {
    let n = points.len();
    let is_balanced = |at: &usize| (n / 4..=n - n / 4).contains(at);
    let middle = Some((n / 2).next_multiple_of(LEAF)).filter(is_balanced).unwrap_or(n / 2);
    let coordinate = |point: &Point| point.coordinates[dim];
    let (_, pivot, _) = points.select_nth_unstable_by(middle, |a, b| coordinate(a).total_cmp(&coordinate(b)));
    let pivot = coordinate(pivot);
    let n_below = points.iter().filter(|point| coordinate(point) < pivot).count();
    let n_up_to = points.iter().filter(|point| coordinate(point) <= pivot).count();
    let at = if middle - n_below <= n_up_to - middle { n_below } else { n_up_to };
    let at = Some(at).filter(is_balanced).unwrap_or(middle);
    points.select_nth_unstable_by(at, |a, b| coordinate(a).total_cmp(&coordinate(b)));
    points.split_at_mut(at)
}

struct TreeSearch<'a> {
    tree: &'a KdTree,
    query: &'a [f32],
    /// The squared distance to the present subtree in each dimension.
    squares: [f32; KD_TREE_MAX_DIM],
    /// Farther subtrees are skipped.
    limit: f32,
    nearest: &'a mut TopK,
}

impl TreeSearch<'_> {
    /// Searches a subtree; `distance` is its squared distance to the query, the sum of `squares`.
    fn descend(&mut self, node: u32, distance: f32) {
        match self.tree.nodes[node as usize] {
            TreeNode::Leaf { number } => self.scan(number as usize),
            TreeNode::Split { dim, left_max, right_min, right } => {
                let dim = dim as usize;
                let query = self.query[dim];
                let (from_left, from_right) = (query - left_max, right_min - query);
                let (near, far, offset) = if from_left < from_right {
                    (node + 1, right, from_right)
                } else {
                    (right, node + 1, from_left)
                };
                self.descend(near, distance);
                let (square, near_square) = (offset * offset, self.squares[dim]);
                let distance = distance - near_square + square;
                if distance > self.limit {
                    return;
                }
                self.squares[dim] = square;
                self.descend(far, distance);
                self.squares[dim] = near_square;
            }
        }
    }

    /// Offers the rows of a leaf.
    fn scan(&mut self, leaf: usize) {
        let coordinates = &self.tree.coordinates[leaf * self.query.len()..];
        let mut distances = if self.query.len() < WIDE {
            distances(self.query, coordinates)
        } else {
            vectorized(
                #[inline(always)]
                || distances(self.query, coordinates),
            )
        };
        if self.nearest.bound_key() == f32::INFINITY {
            // Rows that another would soon replace need not be kept at first.
            let nearest = (0..LEAF).min_by(|&a, &b| distances[a].total_cmp(&distances[b])).unwrap_or(0);
            self.offer(leaf, nearest, distances[nearest]);
            distances[nearest] = f32::NAN;
        }
        let bound = self.nearest.bound_key();
        // A bit for each lane, so that far points need no branch. Not set for the NaN after the last point.
        let bit = |(lane, distance): (usize, &f32)| u32::from(*distance <= bound) << lane;
        let mut near = distances.iter().enumerate().map(bit).fold(0, std::ops::BitOr::bitor);
        while near != 0 {
            let lane = near.trailing_zeros() as usize;
            if distances[lane] <= self.nearest.bound_key() {
                self.offer(leaf, lane, distances[lane]);
            }
            near &= near - 1;
        }
        self.limit = self.nearest.bound_key() * MARGIN + f32::MIN_POSITIVE;
    }

    /// Offers the rows of a point.
    fn offer(&mut self, leaf: usize, lane: usize, distance: f32) {
        for &row in self.tree.rows.of(leaf * LEAF + lane) {
            // They are in order: if one is too far by its number, so are those after it.
            if !self.nearest.offer(distance, row) {
                break;
            }
        }
    }
}

/// Returns the squared distances of a query to the points of a leaf, each in the canonical order of additions, see
/// [`Metric::scores`](crate::Metric::scores).
#[inline(always)]
fn distances(query: &[f32], coordinates: &[[f32; LEAF]]) -> [f32; LEAF] {
    let mut distances = [0.0f32; LEAF];
    for (x, coordinates) in query.iter().zip(coordinates) {
        for (distance, coordinate) in distances.iter_mut().zip(coordinates) {
            let difference = x - coordinate;
            *distance += difference * difference;
        }
    }
    distances
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Metric;

    fn check(values: &[f32], dim: usize, queries: &[f32], k: usize) {
        let rows = FlatIndex::new(values.to_vec(), dim);
        let tree = KdTree::new(&rows);
        for query in queries.chunks_exact(dim) {
            let mut found = SearchBuffers::default();
            tree.search(k, query, &mut found);
            rows.search(k, Metric::L2, query, &mut SearchBuffers::default(), |scanned| {
                assert_eq!(scanned.candidates, found.candidates, "{query:?}");
            });
        }
    }

    /// Coordinates of a fixed multiplicative generator, from 0 to `n`.
    fn numbers(n: u32) -> impl Iterator<Item = f32> {
        (1u32..).map(move |i| (i.wrapping_mul(0x9e37_79b9) >> 8) as f32 / (1 << 24) as f32 * n as f32)
    }

    #[test]
    fn flat_and_tree_agree_in_each_dimension() {
        for dim in 1..=KD_TREE_MAX_DIM {
            let values: Vec<f32> = numbers(4).take(700 * dim).collect();
            let on_grid: Vec<f32> = values.iter().map(|v| v.floor()).collect();
            for k in [1, 10, 300, 1000] {
                check(&values, dim, &on_grid[..20 * dim], k);
                check(&on_grid, dim, &values[..20 * dim], k);
                check(&on_grid, dim, &on_grid[..20 * dim], k);
            }
        }
    }

    /// Most points share a coordinate, so they are split at equal ones.
    #[test]
    fn leaves_have_at_least_four_points() {
        let values: Vec<f32> = (0..5000u32)
            .flat_map(|row| {
                [if row % 50 == 0 { row as f32 } else { 1e6 }, (row % 7) as f32, (row / 7) as f32]
            })
            .collect();
        let tree = KdTree::new(&FlatIndex::new(values.clone(), 3));
        for leaf in tree.coordinates.chunks_exact(3) {
            assert!(leaf[0].iter().filter(|x| !x.is_nan()).count() >= 4);
        }
        check(&values, 3, &values[..90], 20);
    }

    #[test]
    fn a_search_on_a_grid_reads_few_leaves() {
        let values: Vec<f32> = (0..4096u32).flat_map(|i| [(i % 64) as f32, (i / 64) as f32]).collect();
        let tree = KdTree::new(&FlatIndex::new(values, 2));
        assert_eq!(
            tree.nodes.iter().filter(|node| matches!(node, TreeNode::Leaf { .. })).count(),
            4096 / LEAF
        );
    }

    #[test]
    fn flat_and_tree_agree_at_infinity() {
        let values: Vec<f32> = [3e38, -3e38, 0.0, 1.0, -3e38].into_iter().cycle().take(100).collect();
        check(&values, 1, &[3e38, 0.0, -3e38, 1e30], 4);
        let mut many: Vec<f32> = numbers(3).map(|v| (v - 1.5) * 2e38).take(300).collect();
        many.extend([f32::MAX, f32::MIN, 1e-45, -1e-45, 0.0, -0.0]);
        for dim in [1, 2, 3] {
            check(&many, dim, &many[276..], 40);
        }
    }
}
