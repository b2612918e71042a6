//! Searches for one sample and for batches.

use ndarray::ArrayView2;

use super::Model;
use crate::{CancellationToken, PredictError, index::SearchBuffers, parallel, transform::TransformBuffer};

/// The most samples that are searched for together, in one pass over the rows.
const MAX_BLOCK: usize = 128;
/// The least work for another thread, in multiplications: about ten microseconds.
const MIN_BLOCK_COST: usize = 1 << 16;

#[derive(Debug, Default)]
struct ThreadBuffers {
    search: SearchBuffers,
    /// Transformed samples, concatenated.
    queries: Vec<f32>,
    transform: TransformBuffer,
}

impl Model {
    /// Estimates the cost of predicting `n_samples` samples in multiplications, for scheduling.
    ///
    /// Depends on the size and kind of the index only. A core does roughly 5,000 multiplications in a microsecond.
    #[must_use]
    pub fn estimated_cost(&self, n_samples: usize) -> usize {
        self.cost().saturating_mul(n_samples)
    }

    /// Estimates the cost of one prediction, in multiplications.
    fn cost(&self) -> usize {
        let projection = self.transform.projection();
        let projection = projection.map_or(0, |projection| projection.cost(self.feature_dim()));
        self.index.cost(self.parameters.k()).saturating_add(projection)
    }

    /// Validates samples, one in each row, without predicting: before they are predicted in several batches.
    ///
    /// # Errors
    /// [`PredictError`] if the samples have another number of features than the model or a number that is not finite.
    pub fn check(&self, samples: ArrayView2<'_, f32>) -> Result<(), PredictError> {
        let samples = samples.as_standard_layout();
        self.check_rows(samples.as_slice().unwrap_or_default(), samples.ncols())
    }

    /// Validates samples, given as one slice of whole rows and the length of a row.
    fn check_rows(&self, values: &[f32], dim: usize) -> Result<(), PredictError> {
        if dim != self.feature_dim() {
            return Err(PredictError::FeatureDim { found: dim, expected: self.feature_dim() });
        }
        match values.iter().position(|v| !v.is_finite()) {
            None => Ok(()),
            Some(at) => Err(PredictError::NotFinite { row: at / dim, feature: at % dim, value: values[at] }),
        }
    }

    pub(super) fn search_one<T>(
        &self,
        k: usize,
        sample: &[f32],
        finish: impl FnOnce(&mut SearchBuffers) -> T,
    ) -> Result<T, PredictError> {
        self.check_rows(sample, sample.len())?;
        let ThreadBuffers { mut search, mut queries, mut transform } = ThreadBuffers::default();
        let query = if self.transform.is_identity() {
            sample
        } else {
            queries.resize(self.transform.dim(), 0.0);
            self.transform.apply(sample, &mut queries, &mut transform);
            &queries
        };
        self.index.search(k, self.parameters.metric(), query, &mut search, |_| ());
        Ok(finish(&mut search))
    }

    /// Searches for each row, and only once for equal rows. The results are in row order.
    ///
    /// Rows are searched for in sorted order: near rows follow each other, so that the part of the tree that one search
    /// reads is still in the cache for the next.
    pub(super) fn search_batch<T: Clone + Send + Sync>(
        &self,
        samples: ArrayView2<'_, f32>,
        cancellation: &CancellationToken,
        finish: impl Fn(&mut SearchBuffers) -> T + Sync + Send,
    ) -> Result<Vec<T>, PredictError> {
        let samples = samples.as_standard_layout();
        let values = samples.as_slice().expect("standard layout is contiguous");
        let dim = samples.ncols();
        if samples.nrows() == 1 {
            // The most frequent request: there is nothing to sort or to distribute.
            return Ok(vec![self.search_one(self.parameters.k(), values, finish)?]);
        }
        self.check_rows(values, dim)?;
        let sample = |row: usize| &values[row * dim..][..dim];
        // The order of the bits is not that of the numbers, but any total order will do.
        let key = |&row: &usize| sample(row).iter().map(|v| v.to_bits());
        let mut order: Vec<usize> = (0..samples.nrows()).collect();
        parallel::sort_by(&mut order, |a, b| key(a).cmp(key(b)));
        let groups: Vec<&[usize]> = order.chunk_by(|a, b| key(a).eq(key(b))).collect();

        let (k, metric, query_dim) = (self.parameters.k(), self.parameters.metric(), self.transform.dim());
        let block_len = self.block_len(groups.len());
        let results =
            parallel::map_chunks(&groups, block_len, ThreadBuffers::default, |buffers, block, results| {
                if cancellation.is_cancelled() {
                    return;
                }
                let ThreadBuffers { search, queries, transform } = buffers;
                queries.resize(block.len() * query_dim, 0.0);
                for (group, query) in block.iter().zip(queries.chunks_exact_mut(query_dim)) {
                    self.transform.apply(sample(group[0]), query, transform);
                }
                self.index.search(k, metric, queries, search, |search| results.push(finish(search)));
            });

        // A cancelled batch lacks the results of the skipped blocks.
        if results.len() < groups.len() {
            return Err(PredictError::Cancelled);
        }
        let mut group_of_row = vec![0; order.len()];
        for (i, group) in groups.iter().enumerate() {
            group.iter().for_each(|&row| group_of_row[row] = i);
        }
        Ok(group_of_row.into_iter().map(|group| results[group].clone()).collect())
    }

    /// Returns how many samples a thread searches for together: enough to outweigh the distribution, and few enough to
    /// occupy all threads.
    fn block_len(&self, n_samples: usize) -> usize {
        let worthwhile = (MIN_BLOCK_COST / self.cost().max(1)).clamp(1, 64);
        let blocks_per_thread = if self.index.min_block() > 1 { 1 } else { 2 };
        let fair = n_samples.div_ceil(blocks_per_thread * parallel::count());
        fair.min(MAX_BLOCK).max(worthwhile).max(self.index.min_block())
    }
}
