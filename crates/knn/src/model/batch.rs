//! Searching for one sample and for many.

use ndarray::ArrayView2;

use super::{Model, PredictError};
use crate::{CancellationToken, index::Scratch, preparation::Buffer, threads};

/// The most samples that are searched for together: one pass over the rows serves them all.
const MAX_BLOCK: usize = 32;
/// About how many multiplications are worth handing to another thread, ten microseconds.
const MIN_BLOCK_COST: usize = 1 << 16;

/// The buffers of a thread.
#[derive(Debug, Default)]
pub(super) struct State {
    scratch: Scratch,
    /// Prepared samples, one behind the other.
    queries: Vec<f32>,
    buffer: Buffer,
}

impl Model {
    /// Returns about how many multiplications it takes to predict `n_samples` samples: for scheduling.
    ///
    /// An estimate from the index's size and kind; the same for the same model on every machine. One core does roughly
    /// 5,000 in a microsecond.
    #[must_use]
    pub fn estimated_cost(&self, n_samples: usize) -> usize {
        self.cost().saturating_mul(n_samples)
    }

    /// About how many multiplications one prediction takes, or what takes as long.
    fn cost(&self) -> usize {
        let projection = self.preparation.projection();
        let projection = projection.map_or(0, |projection| projection.cost(self.feature_dim()));
        self.engine.cost(self.parameters.k()).saturating_add(projection)
    }

    /// Checks samples, a row each, as every prediction of them would: for who predicts them piece by piece.
    ///
    /// # Errors
    /// [`PredictError`] for the first row that has another dimension than the model, or a number that is not finite.
    pub fn check(&self, samples: ArrayView2<'_, f32>) -> Result<(), PredictError> {
        let samples = samples.as_standard_layout();
        self.check_rows(samples.as_slice().unwrap_or_default(), samples.ncols())
    }

    /// Checks samples, given as one slice of whole rows and the length of a row.
    fn check_rows(&self, values: &[f32], dim: usize) -> Result<(), PredictError> {
        if dim != self.feature_dim() {
            return Err(PredictError::FeatureDim { found: dim, expected: self.feature_dim() });
        }
        match values.iter().position(|v| !v.is_finite()) {
            None => Ok(()),
            Some(at) => Err(PredictError::NotFinite { row: at / dim, feature: at % dim, value: values[at] }),
        }
    }

    /// Searches for one sample.
    pub(super) fn map_one<T>(
        &self,
        sample: &[f32],
        finish: impl FnOnce(&mut Scratch) -> T,
    ) -> Result<T, PredictError> {
        self.check_rows(sample, sample.len())?;
        let State { mut scratch, mut queries, mut buffer } = State::default();
        if self.preparation.is_identity() {
            self.engine.search(&self.parameters, sample, &mut scratch, |_| ());
        } else {
            queries.resize(self.preparation.dim(), 0.0);
            self.preparation.prepare(sample, &mut queries, &mut buffer);
            self.engine.search(&self.parameters, &queries, &mut scratch, |_| ());
        }
        Ok(finish(&mut scratch))
    }

    /// Searches for every row, in an order that makes neighbours in space neighbours in time, and once for equal rows.
    ///
    /// What one search read of the tree is still in the cache for the next, and answers repeat: a batch of entries meets
    /// few points. The results are in row order again.
    pub(super) fn map_batch<T: Clone + Send + Sync>(
        &self,
        samples: ArrayView2<'_, f32>,
        cancellation: &CancellationToken,
        finish: impl Fn(&mut Scratch) -> T + Sync + Send,
    ) -> Result<Vec<T>, PredictError> {
        let samples = samples.as_standard_layout();
        let values = samples.as_slice().expect("standard layout is contiguous");
        let dim = samples.ncols();
        if samples.nrows() == 1 {
            // The request that is made most often: there is nothing to sort, and nobody to share it with.
            return Ok(vec![self.map_one(values, finish)?]);
        }
        self.check_rows(values, dim)?;
        let sample = |row: usize| &values[row * dim..][..dim];
        // The bits order otherwise than the numbers, but they order: that is all that is needed.
        let key = |&row: &usize| sample(row).iter().map(|v| v.to_bits());
        let mut order: Vec<usize> = (0..samples.nrows()).collect();
        threads::sort_by(&mut order, |a, b| key(a).cmp(key(b)));
        let groups: Vec<&[usize]> = order.chunk_by(|a, b| key(a).eq(key(b))).collect();

        let prepared_dim = self.preparation.dim();
        let block_len = self.block_len(groups.len());
        let results = threads::map_chunks(&groups, block_len, State::default, |state, block, results| {
            if cancellation.is_cancelled() {
                return;
            }
            let State { scratch, queries, buffer } = state;
            queries.resize(block.len() * prepared_dim, 0.0);
            for (group, query) in block.iter().zip(queries.chunks_exact_mut(prepared_dim)) {
                self.preparation.prepare(sample(group[0]), query, buffer);
            }
            self.engine.search(&self.parameters, queries, scratch, |scratch| results.push(finish(scratch)));
        });

        // A cancelled batch lacks the results of the blocks that were skipped.
        if results.len() < groups.len() {
            return Err(PredictError::Cancelled);
        }
        let mut group_of_row = vec![0; order.len()];
        for (i, group) in groups.iter().enumerate() {
            group.iter().for_each(|&row| group_of_row[row] = i);
        }
        Ok(group_of_row.into_iter().map(|group| results[group].clone()).collect())
    }

    /// How many samples one thread searches for together: so many that it is worth handing them over, and so few that
    /// every thread gets some.
    fn block_len(&self, n_samples: usize) -> usize {
        let worthwhile = (MIN_BLOCK_COST / self.cost().max(1)).clamp(1, 64);
        let fair = n_samples.div_ceil(2 * threads::count());
        fair.min(MAX_BLOCK).max(worthwhile)
    }
}
