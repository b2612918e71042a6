//! k-means by Lloyd's algorithm, as FAISS trains the centroids of its inverted files and codes.
//!
//! Starts from random points. In each iteration every point is assigned to its nearest centroid (the first of equally near
//! ones), and every centroid moves to the mean of its points. A centroid without points takes half of the points of a
//! crowded one. Deterministic: points are assigned independently of each other in parallel, and summed in order by one
//! thread.
//!
//! *Shapes.* Points and centroids are concatenated rows of `dim` numbers.
//!
//! Source: Lloyd, "Least squares quantization in PCM", 1982; FAISS `Clustering`.

#![allow(clippy::inline_always, reason = "code is compiled for other instructions only where it is inlined")]

use crate::{Metric, parallel, random::Random, vectorized::vectorized};

/// The most training points of a centroid on average: FAISS's `max_points_per_centroid`.
pub(crate) const MAX_POINTS_PER_CENTROID: usize = 256;

/// Bytes that training holds for each number of each centroid: the number, its place in a tile, its sum.
pub(crate) const BYTES_PER_NUMBER: u64 = 2 * size_of::<f32>() as u64 + size_of::<f64>() as u64;

/// Centroids that are processed together.
const LANES: usize = 16;
/// Points that are processed together.
const POINTS: usize = 2;
/// Points that are compared with a tile of centroids at a time, so that both stay in the cache.
const BLOCK: usize = 32;

/// The relative distance by which the two halves of a split centroid are moved apart.
const SPLIT: f32 = 1.0 / 1024.0;

/// Trains `k` centroids with at least `k` points.
///
/// For [`Metric::L2`] the nearest centroid is that with the lowest distance. For the other metrics it is that with the
/// highest inner product, and centroids are scaled to length 1 after each iteration (spherical k-means): otherwise a long
/// one would attract all points.
pub(crate) fn train(
    points: &[f32],
    dim: usize,
    metric: Metric,
    k: usize,
    n_iterations: usize,
    random: &mut Random,
) -> Vec<f32> {
    let n = points.len() / dim;
    debug_assert!(k >= 1 && n >= k);
    if n == k {
        // Every point is its own centroid.
        return normalised(points.to_vec(), dim, metric);
    }
    let mut centroids = Vec::with_capacity(k * dim);
    for point in random.choose(n, k) {
        centroids.extend_from_slice(&points[point as usize * dim..][..dim]);
    }
    centroids = normalised(centroids, dim, metric);
    for _ in 0..n_iterations {
        let assigned = Centroids::new(&centroids, dim, metric).assign(points);
        let mut sizes = vec![0; k];
        means(points, dim, &assigned, &mut centroids, &mut sizes);
        fill_empty(&mut centroids, dim, &mut sizes, n, random);
        centroids = normalised(centroids, dim, metric);
    }
    centroids
}

fn normalised(mut centroids: Vec<f32>, dim: usize, metric: Metric) -> Vec<f32> {
    if metric != Metric::L2 {
        centroids.chunks_exact_mut(dim).for_each(|centroid| Metric::Cosine.normalise(centroid));
    }
    centroids
}

/// Writes the means of the assigned points to `centroids` and their counts to `sizes`; a centroid without points does not
/// change.
fn means(points: &[f32], dim: usize, assigned: &[u32], centroids: &mut [f32], sizes: &mut [usize]) {
    // Sums of f32s in f64 neither overflow nor lose f32 precision, for any number of rows that fits into memory.
    let mut sums = vec![0.0f64; centroids.len()];
    for (point, &centroid) in points.chunks_exact(dim).zip(assigned) {
        let centroid = centroid as usize;
        sizes[centroid] += 1;
        for (sum, &value) in sums[centroid * dim..][..dim].iter_mut().zip(point) {
            *sum += f64::from(value);
        }
    }
    let means = sums.chunks_exact(dim).zip(centroids.chunks_exact_mut(dim)).zip(sizes);
    for ((sums, centroid), &mut size) in means.filter(|(_, size)| **size > 0) {
        for (value, sum) in centroid.iter_mut().zip(sums) {
            *value = (sum / size as f64) as f32;
        }
    }
}

/// Gives each centroid without points half of another's points. The other is drawn with a probability in proportion to its
/// points.
fn fill_empty(centroids: &mut [f32], dim: usize, sizes: &mut [usize], n: usize, random: &mut Random) {
    let k = sizes.len();
    for empty in 0..k {
        if sizes[empty] > 0 {
            continue;
        }
        // One round over all centroids selects one on average. There are more points than centroids, so at least one
        // probability is above zero.
        let mut crowded = 0;
        while random.below(n - k) >= sizes[crowded].saturating_sub(1) {
            crowded = (crowded + 1) % k;
        }
        for i in 0..dim {
            let value = centroids[crowded * dim + i];
            let (wider, narrower) = (value * (1.0 + SPLIT), value * (1.0 - SPLIT));
            let (one, other) = if i % 2 == 0 { (wider, narrower) } else { (narrower, wider) };
            centroids[empty * dim + i] = one.clamp(f32::MIN, f32::MAX);
            centroids[crowded * dim + i] = other.clamp(f32::MIN, f32::MAX);
        }
        sizes[empty] = sizes[crowded] / 2;
        sizes[crowded] -= sizes[empty];
    }
}

/// Centroids laid out for computing many scores at once: the same component of [`LANES`] centroids is contiguous, so that
/// short vectors are as fast as long ones.
#[derive(Debug, Clone)]
pub(crate) struct Centroids {
    tiles: Vec<[f32; LANES]>,
    n: usize,
    dim: usize,
    metric: Metric,
}

impl Centroids {
    /// Creates the layout of at least one centroid of `dim` numbers, at least 1.
    pub(crate) fn new(values: &[f32], dim: usize, metric: Metric) -> Self {
        let n = values.len() / dim;
        let mut tiles = vec![[0.0; LANES]; n.div_ceil(LANES) * dim];
        for (centroid, values) in values.chunks_exact(dim).enumerate() {
            for (lanes, &value) in tiles[centroid / LANES * dim..][..dim].iter_mut().zip(values) {
                lanes[centroid % LANES] = value;
            }
        }
        Self { tiles, n, dim, metric }
    }

    /// Writes the sort keys of a point's scores to the centroids, in the order of the centroids.
    pub(crate) fn sort_keys(&self, point: &[f32], keys: &mut [f32]) {
        vectorized(
            #[inline(always)]
            || {
                for (tile, keys) in self.tiles.chunks_exact(self.dim).zip(keys.chunks_mut(LANES)) {
                    let [sums] = self.tile_keys(tile, [point]);
                    keys.copy_from_slice(&sums[..keys.len()]);
                }
            },
        );
    }

    /// Returns the number of the nearest centroid for each point (the lowest of equally near ones); on all cores.
    pub(crate) fn assign(&self, points: &[f32]) -> Vec<u32> {
        let mut nearest = vec![0; points.len() / self.dim];
        parallel::for_chunks_mut(
            &mut nearest,
            BLOCK,
            || (),
            |(), first, nearest| {
                self.nearest(&points[first * self.dim..][..nearest.len() * self.dim], nearest);
            },
        );
        nearest
    }

    /// Does the same on the current thread and writes the numbers to `nearest`, one for each point.
    pub(crate) fn nearest(&self, points: &[f32], nearest: &mut [u32]) {
        vectorized(
            #[inline(always)]
            || self.write_nearest(points, nearest),
        );
    }

    #[inline(always)]
    fn write_nearest(&self, points: &[f32], nearest: &mut [u32]) {
        nearest.fill(0);
        for (points, nearest) in points.chunks(BLOCK * self.dim).zip(nearest.chunks_mut(BLOCK)) {
            let mut best = [f32::INFINITY; BLOCK];
            for (number, tile) in self.tiles.chunks_exact(self.dim).enumerate() {
                let first = number * LANES;
                let mut best_and_nearest = best.iter_mut().zip(&mut *nearest);
                let mut take = |mut keys: [f32; LANES]| {
                    // The last tile is padded.
                    keys[(self.n - first).min(LANES)..].fill(f32::INFINITY);
                    let lowest = lowest(&keys);
                    if let Some((best, nearest)) = best_and_nearest.next()
                        && lowest < *best
                    {
                        *best = lowest;
                        let lane = keys.iter().position(|&key| key == lowest).unwrap_or(0);
                        *nearest = (first + lane) as u32;
                    }
                };
                let mut groups = points.chunks_exact(POINTS * self.dim);
                for group in &mut groups {
                    let point = |i: usize| &group[i * self.dim..][..self.dim];
                    let keys: [_; POINTS] = self.tile_keys(tile, std::array::from_fn(point));
                    keys.into_iter().for_each(&mut take);
                }
                for point in groups.remainder().chunks_exact(self.dim) {
                    self.tile_keys(tile, [point]).into_iter().for_each(&mut take);
                }
            }
        }
    }

    /// Returns the sort keys of some points' scores to the centroids of a tile.
    #[inline(always)]
    fn tile_keys<const P: usize>(&self, tile: &[[f32; LANES]], points: [&[f32]; P]) -> [[f32; LANES]; P] {
        match self.metric {
            Metric::L2 => tile_sums(tile, points, |x, c| (x - c) * (x - c)),
            Metric::InnerProduct | Metric::Cosine => tile_sums(tile, points, |x, c| -(x * c)),
        }
    }
}

/// Returns the lowest of a tile's sort keys, by halving, which takes a few instructions.
#[inline(always)]
fn lowest(keys: &[f32; LANES]) -> f32 {
    let mut keys = *keys;
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            keys[i] = if keys[i] < keys[i + half] { keys[i] } else { keys[i + half] };
        }
        half /= 2;
    }
    keys[0]
}

#[inline(always)]
fn tile_sums<const P: usize>(
    tile: &[[f32; LANES]],
    points: [&[f32]; P],
    term: impl Fn(f32, f32) -> f32,
) -> [[f32; LANES]; P] {
    let points = points.map(|point| &point[..tile.len()]);
    let mut sums = [[0.0; LANES]; P];
    for (i, lanes) in tile.iter().enumerate() {
        for p in 0..P {
            for lane in 0..LANES {
                sums[p][lane] += term(points[p][i], lanes[lane]);
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(n: usize) -> Vec<f32> {
        (0..n as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 20) as f32 / 64.0 - 32.0).collect()
    }

    /// Returns the number of the nearest centroid, computed in the simplest way.
    fn naive(point: &[f32], centroids: &[f32], metric: Metric) -> u32 {
        let mut best = (f32::INFINITY, 0);
        for (number, centroid) in (0..).zip(centroids.chunks(point.len())) {
            let pairs = point.iter().zip(centroid);
            let key = match metric {
                Metric::L2 => pairs.fold(0.0, |sum, (x, c)| sum + (x - c) * (x - c)),
                Metric::InnerProduct | Metric::Cosine => pairs.fold(0.0, |sum, (x, c)| sum - x * c),
            };
            if key < best.0 {
                best = (key, number);
            }
        }
        best.1
    }

    #[test]
    fn finds_the_nearest_centroid_for_any_numbers_of_points_and_centroids() {
        for metric in Metric::ALL {
            for dim in [1, 3, 17] {
                for k in [1, 2, 15, 16, 17, 100] {
                    let centroids = numbers(k * dim);
                    for n in [1, 2, 31, 32, 33, 97] {
                        let points: Vec<f32> = numbers(n * dim).iter().map(|v| v * 1.5 + 0.25).collect();
                        let found = Centroids::new(&centroids, dim, metric).assign(&points);
                        let expected = points.chunks(dim).map(|point| naive(point, &centroids, metric));
                        assert_eq!(found, expected.collect::<Vec<_>>(), "{metric} {dim} {k} {n}");
                    }
                }
            }
        }
    }

    #[test]
    fn equally_near_centroids_prefer_the_first_even_on_overflow() {
        let centroids = [5.0, 1.0, 3.0, 1.0, 3.0].repeat(8);
        assert_eq!(Centroids::new(&centroids, 1, Metric::L2).assign(&[2.0, 1.1, 4.0, 1e30]), [1, 1, 0, 0]);
        let keys = |metric, centroids: &[f32], point: &[f32]| {
            let mut keys = vec![0.0; centroids.len() / point.len()];
            Centroids::new(centroids, point.len(), metric).sort_keys(point, &mut keys);
            keys
        };
        assert_eq!(keys(Metric::L2, &centroids[..5], &[2.0]), [9.0, 1.0, 1.0, 1.0, 1.0]);
        assert_eq!(keys(Metric::InnerProduct, &[1.0, 2.0, -3.0, 0.5], &[2.0, 4.0]), [-10.0, 4.0]);
    }

    #[test]
    fn empty_centroids_take_half_of_a_crowded_one() {
        let mut random = Random::new(1, b"mysfits-knn: test.......");
        let mut centroids = vec![8.0, 8.0, 1.0, 1.0, 2.0, 2.0, f32::MAX, f32::MIN];
        let mut sizes = vec![101, 0, 1, 0];
        fill_empty(&mut centroids, 2, &mut sizes, 102, &mut random);
        assert_eq!((sizes.iter().sum::<usize>(), sizes[2]), (102, 1));
        assert!(sizes.iter().all(|&size| size > 0), "{sizes:?}");
        assert_eq!(centroids[4..6], [2.0, 2.0]);
        assert!(centroids.iter().all(|v| v.is_finite()));
        // The halves are near the old centroid.
        for centroid in [0, 1, 3] {
            let centroid = &centroids[centroid * 2..][..2];
            assert!(
                centroid.iter().all(|v| (v - 8.0).abs() < 0.03) && centroid != [8.0, 8.0],
                "{centroid:?}"
            );
        }
    }

    #[test]
    fn finds_well_separated_clusters() {
        let centres = [[0.0, 0.0], [100.0, 0.0], [0.0, 100.0], [100.0, 100.0]];
        let noise = numbers(800);
        let points: Vec<f32> =
            noise.iter().enumerate().map(|(i, v)| centres[i / 2 % 4][i % 2] + v / 16.0).collect();
        let mut random = Random::new(4, b"mysfits-knn: test.......");
        let centroids = train(&points, 2, Metric::L2, 4, 10, &mut random);
        for centre in centres {
            let near = |c: &[f32]| (c[0] - centre[0]).abs() < 1.0 && (c[1] - centre[1]).abs() < 1.0;
            assert!(centroids.chunks(2).any(near), "{centre:?}: {centroids:?}");
        }
        // With as many centroids as points, the centroids are the points.
        assert_eq!(train(&points[..16], 2, Metric::L2, 8, 10, &mut random), points[..16]);
    }
}
