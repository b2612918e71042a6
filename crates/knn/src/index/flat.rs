//! The rows themselves, and the scan that looks at every one.

use std::collections::BinaryHeap;

use ndarray::ArrayView2;

use super::{Hit, Scratch, Search};
use crate::Metric;

/// The rows of a model, in row-major order and scaled as the metric asks.
#[derive(Debug, Clone)]
pub(crate) struct FlatIndex {
    values: Vec<f32>,
    dim: usize,
    metric: Metric,
}

impl FlatIndex {
    pub(crate) fn new(values: Vec<f32>, dim: usize, metric: Metric) -> Self {
        debug_assert!(dim > 0 && values.len().is_multiple_of(dim));
        Self { values, dim, metric }
    }

    pub(crate) fn dim(&self) -> usize {
        self.dim
    }

    pub(crate) fn metric(&self) -> Metric {
        self.metric
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len() / self.dim
    }

    pub(crate) fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.dim..][..self.dim]
    }

    pub(crate) fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.dim)
    }

    pub(crate) fn view(&self) -> ArrayView2<'_, f32> {
        ArrayView2::from_shape((self.len(), self.dim), &self.values)
            .expect("the constructor's values are whole rows of dim")
    }
}

/// Looks at every row; any dimension, any metric.
pub(super) struct Scan {
    pub(super) k: usize,
}

impl Search for Scan {
    fn search(&self, rows: &FlatIndex, query: &[f32], scratch: &mut Scratch) {
        let metric = rows.metric;
        let hits = rows
            .rows()
            .enumerate()
            .map(|(row, values)| Hit::new(metric.sort_key(metric.measure(query, values)), row as u32));
        k_nearest(hits, self.k, &mut scratch.hits);
    }
}

/// Keeps the `k` lowest of the hits, ascending.
pub(super) fn k_nearest(hits: impl Iterator<Item = Hit>, k: usize, kept: &mut Vec<Hit>) {
    kept.clear();
    let mut heap = BinaryHeap::from(std::mem::take(kept));
    for hit in hits {
        if heap.len() < k {
            heap.push(hit);
        } else if let Some(mut farthest) = heap.peek_mut()
            && hit < *farthest
        {
            *farthest = hit;
        }
    }
    *kept = heap.into_sorted_vec();
}
