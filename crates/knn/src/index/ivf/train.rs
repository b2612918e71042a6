//! Training of inverted files: centroids, codebooks and the assignment of rows to lists.

use super::inverted_file::{CODES, InvertedList};
use crate::{
    Metric,
    index::flat::FlatIndex,
    kmeans::{self, Centroids, MAX_POINTS_PER_CENTROID},
    parallel,
    random::{Random, StreamId},
    sample::sample_rows,
};

/// Iterations of k-means for the lists and for the codes, as in FAISS.
const LIST_ITERATIONS: usize = 10;
const CODE_ITERATIONS: usize = 25;

const LISTS: StreamId = *b"mysfits-knn: ivf lists  ";
const CODEBOOKS: StreamId = *b"mysfits-knn: pq codes   ";

/// Rows that a thread codes at a time.
const BLOCK: usize = 256;

/// Trains `n_lists` centroids with at most 256 times as many rows.
pub(super) fn centroids(rows: &FlatIndex, metric: Metric, n_lists: usize, seed: u64) -> Vec<f32> {
    let mut random = Random::new(seed, &LISTS);
    let n_points = n_lists.saturating_mul(MAX_POINTS_PER_CENTROID);
    let mut train =
        |points: &[f32]| kmeans::train(points, rows.dim(), metric, n_lists, LIST_ITERATIONS, &mut random);
    if n_points >= rows.len() {
        return train(rows.values());
    }
    let mut points = Vec::with_capacity(n_points * rows.dim());
    for row in sample_rows(rows.len(), n_points, &mut Random::stream(seed, &LISTS, 1)) {
        points.extend_from_slice(rows.row(row));
    }
    train(&points)
}

/// Returns the list of the nearest centroid for each row.
pub(super) fn assign(rows: &FlatIndex, metric: Metric, centroids: &[f32]) -> Vec<u32> {
    Centroids::new(centroids, rows.dim(), metric).assign(rows.values())
}

/// Trains 256 centroids for each of the `m` parts of the rows' residuals: `m × 256 × (dim / m)`.
pub(super) fn codebooks(
    rows: &FlatIndex,
    centroids: &[f32],
    list_of_row: &[u32],
    m: usize,
    seed: u64,
) -> Vec<f32> {
    let dim = rows.dim() / m;
    let n_points = CODES * MAX_POINTS_PER_CENTROID;
    let sample = sample_rows(rows.len(), n_points, &mut Random::stream(seed, &CODEBOOKS, m as u64));
    let mut points = vec![0.0; sample.len() * dim];
    let mut codebooks = Vec::with_capacity(CODES * rows.dim());
    for part in 0..m {
        for (&row, point) in sample.iter().zip(points.chunks_exact_mut(dim)) {
            residual(rows, centroids, list_of_row, row, part * dim, point);
        }
        let mut random = Random::stream(seed, &CODEBOOKS, part as u64);
        codebooks.extend(kmeans::train(&points, dim, Metric::L2, CODES, CODE_ITERATIONS, &mut random));
    }
    codebooks
}

/// Returns the codes of all rows, a byte for each part.
pub(super) fn encode(
    rows: &FlatIndex,
    centroids: &[f32],
    list_of_row: &[u32],
    parts: &[Centroids],
) -> Vec<u8> {
    let m = parts.len();
    let dim = rows.dim() / m;
    let mut codes = vec![0; rows.len() * m];
    let buffers = || (vec![0.0; BLOCK * dim], vec![0; BLOCK]);
    parallel::for_chunks_mut(&mut codes, BLOCK * m, buffers, |(points, nearest), first, codes| {
        let (first, n) = (first / m, codes.len() / m);
        for (part, centroids_of_part) in parts.iter().enumerate() {
            for (i, point) in points.chunks_exact_mut(dim).take(n).enumerate() {
                residual(rows, centroids, list_of_row, first + i, part * dim, point);
            }
            centroids_of_part.nearest(&points[..n * dim], &mut nearest[..n]);
            for (code, &nearest) in codes.iter_mut().skip(part).step_by(m).zip(&*nearest) {
                *code = nearest as u8;
            }
        }
    });
    codes
}

/// Writes the residual of a row's numbers from `start` on to `part`.
fn residual(
    rows: &FlatIndex,
    centroids: &[f32],
    list_of_row: &[u32],
    row: usize,
    start: usize,
    part: &mut [f32],
) {
    let centroid = &centroids[list_of_row[row] as usize * rows.dim() + start..];
    for ((residual, value), centroid) in part.iter_mut().zip(&rows.row(row)[start..]).zip(centroid) {
        // The difference may overflow; k-means needs finite numbers.
        *residual = (value - centroid).clamp(f32::MIN, f32::MAX);
    }
}

/// Returns the lists with their rows and each row's `width` values, in ascending order.
pub(super) fn fill<'a, T: Copy + 'a>(
    n_lists: usize,
    list_of_row: &[u32],
    width: usize,
    values_of_row: impl Fn(usize) -> &'a [T],
) -> Vec<InvertedList<T>> {
    let mut sizes = vec![0; n_lists];
    for &list in list_of_row {
        sizes[list as usize] += 1;
    }
    let list = |&size: &usize| InvertedList {
        rows: Vec::with_capacity(size),
        values: Vec::with_capacity(size * width),
    };
    let mut lists: Vec<InvertedList<T>> = sizes.iter().map(list).collect();
    for (row, &list) in list_of_row.iter().enumerate() {
        let list = &mut lists[list as usize];
        list.rows.push(row as u32);
        list.values.extend_from_slice(values_of_row(row));
    }
    lists
}
