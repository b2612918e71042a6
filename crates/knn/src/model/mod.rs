//! Trained models: rows, labels, an index, and predictions from them.

mod batch;
mod train;

use std::fmt;

use ndarray::{ArrayView1, ArrayView2};

use crate::{
    CancellationToken, Hyperparameters, IndexView, MAX_K, Neighbour, PredictError, PredictorType,
    index::{Candidate, SearchBuffers, SearchIndex},
    transform::QueryTransform,
};

/// A k-NN model: the sampled rows in an index, and their labels.
#[derive(Clone)]
pub struct Model {
    parameters: Hyperparameters,
    transform: QueryTransform,
    index: SearchIndex,
    labels: Vec<f64>,
    /// The distinct labels of a classifier, ascending; empty for a regressor.
    classes: Vec<f64>,
    /// For each row the position of its label in `classes`; empty for a regressor.
    class_of_row: Vec<u32>,
}

/// The number of neighbours that have a label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LabelVotes {
    /// The label.
    pub label: f64,
    /// The number of neighbours; at least one.
    pub count: usize,
}

impl Model {
    /// Returns the hyperparameters, with the index and the projection that the model really has. With product quantization,
    /// the target dimension may have been raised to a multiple of `m`.
    #[must_use]
    pub fn hyperparameters(&self) -> &Hyperparameters {
        &self.parameters
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.labels.len()
    }

    /// Returns the number of features of a sample, before projection and padding.
    #[must_use]
    pub fn feature_dim(&self) -> usize {
        self.transform.feature_dim()
    }

    /// Returns the index, which holds the rows after projection, scaling and padding.
    #[must_use]
    pub fn index(&self) -> IndexView<'_> {
        self.index.view()
    }

    /// Returns the rows, `n_samples × dim`, after projection, scaling and padding; row numbers refer to these. `None` for an
    /// inverted file, which has them in lists ([`index`](Self::index)).
    #[must_use]
    pub fn features(&self) -> Option<ArrayView2<'_, f32>> {
        match self.index() {
            IndexView::Rows(rows) => Some(rows),
            IndexView::IvfFlat(_) | IndexView::IvfPq(_) => None,
        }
    }

    /// Returns the labels, in row order.
    #[must_use]
    pub fn labels(&self) -> ArrayView1<'_, f64> {
        ArrayView1::from(&self.labels)
    }

    /// Returns the distinct labels of a classifier, ascending; empty for a regressor.
    #[must_use]
    pub fn classes(&self) -> &[f64] {
        &self.classes
    }

    /// Predicts the label of one sample: the label with the most votes (of equal votes the lower label), or the mean of the
    /// labels, computed in `f64`.
    ///
    /// # Errors
    /// [`PredictError`] if the sample has another number of features than the model or a number that is not finite.
    pub fn predict(&self, sample: &[f32]) -> Result<f64, PredictError> {
        self.search_one(self.parameters.k(), sample, |buffers| self.decide(buffers))
    }

    /// Predicts the labels of many samples, one in each row, in row order; on all cores with the feature `parallel`.
    ///
    /// # Errors
    /// [`PredictError`] for the first invalid row.
    pub fn predict_batch(&self, samples: ArrayView2<'_, f32>) -> Result<Vec<f64>, PredictError> {
        self.predict_batch_with(samples, &CancellationToken::new())
    }

    /// Predicts as [`predict_batch`](Self::predict_batch) does, until `cancellation` is cancelled.
    ///
    /// The token is checked between blocks of at most 128 samples, or more if these take microseconds.
    ///
    /// # Errors
    /// [`PredictError`] for the first invalid row; [`PredictError::Cancelled`].
    pub fn predict_batch_with(
        &self,
        samples: ArrayView2<'_, f32>,
        cancellation: &CancellationToken,
    ) -> Result<Vec<f64>, PredictError> {
        self.search_batch(samples, cancellation, |buffers| self.decide(buffers))
    }

    /// Returns the `k` nearest rows to one sample, nearest first, equally near ones by row number; all rows if there are
    /// fewer.
    ///
    /// An inverted file returns the nearest of the rows in the lists that it scans; scores of coded rows are approximations.
    ///
    /// # Errors
    /// [`PredictError`] if the sample has another number of features than the model or a number that is not finite.
    #[doc(alias = "neighbors")]
    pub fn neighbours(&self, sample: &[f32]) -> Result<Vec<Neighbour>, PredictError> {
        self.neighbours_k(sample, self.parameters.k())
    }

    /// Returns the nearest rows to one sample, as [`neighbours`](Self::neighbours) does, with another `k` than the model's.
    ///
    /// # Errors
    /// [`PredictError`], as for [`neighbours`](Self::neighbours); [`PredictError::K`] if `k` is not in `1..=1024`.
    pub fn neighbours_k(&self, sample: &[f32], k: usize) -> Result<Vec<Neighbour>, PredictError> {
        if k == 0 || k > MAX_K {
            return Err(PredictError::K { k });
        }
        self.search_one(k, sample, |buffers| self.describe(buffers))
    }

    /// Returns the nearest rows to each of many samples, as [`neighbours`](Self::neighbours) does.
    ///
    /// # Errors
    /// [`PredictError`] for the first invalid row.
    pub fn neighbours_batch(
        &self,
        samples: ArrayView2<'_, f32>,
    ) -> Result<Vec<Vec<Neighbour>>, PredictError> {
        self.neighbours_batch_with(samples, &CancellationToken::new())
    }

    /// Searches as [`neighbours_batch`](Self::neighbours_batch) does, until `cancellation` is cancelled.
    ///
    /// # Errors
    /// [`PredictError`] for the first invalid row; [`PredictError::Cancelled`].
    pub fn neighbours_batch_with(
        &self,
        samples: ArrayView2<'_, f32>,
        cancellation: &CancellationToken,
    ) -> Result<Vec<Vec<Neighbour>>, PredictError> {
        self.search_batch(samples, cancellation, |buffers| self.describe(buffers))
    }

    /// Counts the votes of neighbours: most votes first, of equal votes the lower label first.
    ///
    /// A classifier predicts the first label.
    #[must_use]
    pub fn votes(neighbours: &[Neighbour]) -> Vec<LabelVotes> {
        let mut labels: Vec<f64> = neighbours.iter().map(|n| n.label).collect();
        labels.sort_unstable_by(f64::total_cmp);
        let same_label = |same: &[f64]| LabelVotes { label: same[0], count: same.len() };
        let mut votes: Vec<LabelVotes> = labels.chunk_by(|a, b| a == b).map(same_label).collect();
        // The sort is stable, so equal counts stay in label order.
        votes.sort_by_key(|vote| std::cmp::Reverse(vote.count));
        votes
    }

    /// Returns the prediction of the model for its neighbours; `None` if there are none.
    #[must_use]
    pub fn predict_from(&self, neighbours: &[Neighbour]) -> Option<f64> {
        match self.parameters.predictor_type() {
            PredictorType::Classifier => Self::votes(neighbours).first().map(|vote| vote.label),
            PredictorType::Regressor => mean(neighbours.iter().map(|n| n.label)),
        }
    }

    fn decide(&self, buffers: &mut SearchBuffers) -> f64 {
        if self.parameters.predictor_type() == PredictorType::Regressor {
            let labels = buffers.candidates.iter().map(|candidate| self.labels[candidate.row() as usize]);
            return mean(labels).expect("a model has at least one row");
        }
        // All votes are zero between queries: only the counted ones are reset, however many classes there are.
        let votes = &mut buffers.votes;
        votes.resize(self.classes.len(), 0);
        let mut winner = (0, u32::MAX);
        for candidate in &buffers.candidates {
            let class = self.class_of_row[candidate.row() as usize];
            votes[class as usize] += 1;
            let count = votes[class as usize];
            if count > winner.0 || (count == winner.0 && class < winner.1) {
                winner = (count, class);
            }
        }
        for candidate in &buffers.candidates {
            votes[self.class_of_row[candidate.row() as usize] as usize] = 0;
        }
        self.classes[winner.1 as usize]
    }

    fn describe(&self, buffers: &SearchBuffers) -> Vec<Neighbour> {
        let neighbour = |candidate: &Candidate| Neighbour {
            row: candidate.row() as usize,
            label: self.labels[candidate.row() as usize],
            // The sort key of a similarity is its negative. Negating it twice changes only the sign of -0.0.
            score: self.parameters.metric().sort_key(candidate.sort_key()) + 0.0,
        };
        buffers.candidates.iter().map(neighbour).collect()
    }
}

/// Returns the mean of labels, added in their order; `None` if there are none.
fn mean(labels: impl ExactSizeIterator<Item = f64> + Clone) -> Option<f64> {
    // More than the largest number of neighbours.
    const SCALE: f64 = 2048.0;
    let n = labels.len() as f64;
    let sum: f64 = labels.clone().sum();
    // The sum of labels near the largest `f64` overflows; their mean does not.
    let scaled = || (labels.map(|label| label / SCALE).sum::<f64>() / n * SCALE).clamp(f64::MIN, f64::MAX);
    let mean = if sum.is_finite() { sum / n } else { scaled() };
    (n > 0.0).then_some(mean)
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model")
            .field("parameters", &self.parameters)
            .field("n_samples", &self.n_samples())
            .field("feature_dim", &self.feature_dim())
            .field("n_classes", &self.classes.len())
            .finish_non_exhaustive()
    }
}
