//! The flat index: all rows, and a scan over them.

use ndarray::ArrayView2;

use super::{buffers::SearchBuffers, integer_scan::IntegerRows, top_k::TopK};
use crate::Metric;

/// Bytes of rows that are compared with all queries of a block at a time, so that they stay in the cache.
const TILE_BYTES: usize = 64 * 1024;

/// The transformed rows of a model, in row-major order.
#[derive(Debug, Clone)]
pub(crate) struct FlatIndex {
    values: Vec<f32>,
    dim: usize,
    integers: Option<IntegerRows>,
}

impl FlatIndex {
    /// Creates an index of rows of `dim` numbers each, at least 1.
    pub(crate) fn new(values: Vec<f32>, dim: usize) -> Self {
        debug_assert!(dim > 0 && values.len().is_multiple_of(dim));
        Self { values, dim, integers: None }
    }

    /// Prepares searches by this metric, if that speeds them up.
    pub(super) fn prepared(self, metric: Metric) -> Self {
        Self { integers: IntegerRows::new(&self.values, self.dim, metric), ..self }
    }

    pub(crate) fn dim(&self) -> usize {
        self.dim
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len() / self.dim
    }

    pub(crate) fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.dim..][..self.dim]
    }

    /// Returns all rows, concatenated.
    pub(crate) fn values(&self) -> &[f32] {
        &self.values
    }

    pub(crate) fn view(&self) -> ArrayView2<'_, f32> {
        ArrayView2::from_shape((self.len(), self.dim), &self.values)
            .expect("the constructor's values are whole rows of dim")
    }

    /// Searches all rows for each of the queries; any dimension, any metric (that of [`prepared`](Self::prepared), if it was
    /// called).
    pub(super) fn search(
        &self,
        k: usize,
        metric: Metric,
        queries: &[f32],
        buffers: &mut SearchBuffers,
        mut found: impl FnMut(&mut SearchBuffers),
    ) {
        let mut nearest = std::mem::take(&mut buffers.nearest);
        let n_queries = queries.len() / self.dim;
        if nearest.len() < n_queries {
            nearest.resize_with(n_queries, TopK::default);
        }
        let nearest_of_query = &mut nearest[..n_queries];
        for nearest in &mut *nearest_of_query {
            nearest.start(k);
        }

        match &self.integers {
            Some(integers) => {
                integers.search(&self.values, queries, nearest_of_query, &mut buffers.integers);
            }
            None => self.scan(metric, queries, nearest_of_query),
        }
        for nearest in nearest_of_query {
            nearest.finish(&mut buffers.candidates);
            found(buffers);
        }
        buffers.nearest = nearest;
    }

    /// Offers all rows to each of the queries.
    fn scan(&self, metric: Metric, queries: &[f32], nearest_of_query: &mut [TopK]) {
        let tile_rows = (TILE_BYTES / size_of::<f32>() / self.dim).max(4);
        for (tile, rows) in self.values.chunks(tile_rows * self.dim).enumerate() {
            for (query, nearest) in queries.chunks_exact(self.dim).zip(&mut *nearest_of_query) {
                let mut row = (tile * tile_rows) as u32;
                metric.sort_keys(query, rows, |sort_key| {
                    nearest.offer(sort_key, row);
                    row += 1;
                });
            }
        }
    }
}
