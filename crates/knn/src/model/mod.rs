//! A trained model: rows, labels, an index, and what it predicts.

mod batch;
mod train;

use std::fmt;

use ndarray::{ArrayView1, ArrayView2};

use crate::{
    CancellationToken, Hyperparameters, IndexView, Neighbour, PredictorType,
    index::{self, Engine},
    preparation::Preparation,
};
pub use train::TrainError;

/// A k-NN model: the sampled rows in an index, and their labels.
pub struct Model {
    parameters: Hyperparameters,
    preparation: Preparation,
    engine: Engine,
    labels: Vec<f64>,
    /// The distinct labels, ascending; a classifier's only.
    classes: Vec<f64>,
    /// For each row the position of its label in `classes`; a classifier's only.
    class_of_row: Vec<u32>,
}

/// Why there is no prediction.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PredictError {
    /// The query has another dimension than the model.
    #[error("a sample has {found} features; the model has {expected}")]
    FeatureDim {
        /// The query's.
        found: usize,
        /// The model's.
        expected: usize,
    },
    /// A feature is NaN or infinite.
    #[error("feature {feature} of row {row} is {value}; every feature must be a finite number")]
    NotFinite {
        /// Row of the batch, counted from 0.
        row: usize,
        /// Column, counted from 0.
        feature: usize,
        /// What stands there.
        value: f32,
    },
    /// The batch was cancelled before it was finished.
    #[error("the prediction was cancelled")]
    Cancelled,
}

/// How many neighbours have a label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vote {
    /// The label.
    pub label: f64,
    /// How many; at least one.
    pub count: usize,
}

impl Model {
    /// What the model was trained with. The index and the projection are what they became: with product quantisation, a
    /// target dimension that was raised to a multiple of `m`.
    #[must_use]
    pub fn hyperparameters(&self) -> &Hyperparameters {
        &self.parameters
    }

    /// How many rows there are.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.labels.len()
    }

    /// How many features a sample has, as the caller sends it: before projection and padding.
    #[must_use]
    pub fn feature_dim(&self) -> usize {
        self.preparation.feature_dim()
    }

    /// What the rows are kept in: projected, scaled and padded, as the hyperparameters ask.
    #[must_use]
    pub fn index(&self) -> IndexView<'_> {
        self.engine.view()
    }

    /// The rows, `n_samples × dim`, projected and scaled as the hyperparameters ask; row numbers refer to these. None in
    /// an inverted file, which has them in lists ([`index`](Self::index)).
    #[must_use]
    pub fn features(&self) -> Option<ArrayView2<'_, f32>> {
        match self.index() {
            IndexView::Rows(rows) => Some(rows),
            IndexView::IvfFlat(_) | IndexView::IvfPq(_) => None,
        }
    }

    /// The labels, in row order.
    #[must_use]
    pub fn labels(&self) -> ArrayView1<'_, f64> {
        ArrayView1::from(&self.labels)
    }

    /// The distinct labels of a classifier, ascending; empty for a regressor.
    #[must_use]
    pub fn classes(&self) -> &[f64] {
        &self.classes
    }

    /// Predicts the label of one sample: most votes (of equal votes the lower label), or the mean, which is computed in
    /// `f64`.
    ///
    /// # Errors
    /// [`PredictError`] if the sample has not the model's dimension or holds a number that is not finite.
    pub fn predict(&self, sample: &[f32]) -> Result<f64, PredictError> {
        self.map_one(sample, |scratch| self.decide(scratch))
    }

    /// Predicts the labels of many samples, a row each, in row order; on all cores with the feature `parallel`.
    ///
    /// # Errors
    /// [`PredictError`] for the first row that has one.
    pub fn predict_batch(&self, samples: ArrayView2<'_, f32>) -> Result<Vec<f64>, PredictError> {
        self.predict_batch_with(samples, &CancellationToken::new())
    }

    /// Predicts as [`predict_batch`](Self::predict_batch) does, until `cancellation` is cancelled.
    ///
    /// The flag is checked between blocks of at most 32 samples, or more where these take microseconds.
    ///
    /// # Errors
    /// [`PredictError`] for the first row that has one; [`PredictError::Cancelled`].
    pub fn predict_batch_with(
        &self,
        samples: ArrayView2<'_, f32>,
        cancellation: &CancellationToken,
    ) -> Result<Vec<f64>, PredictError> {
        self.map_batch(samples, cancellation, |scratch| self.decide(scratch))
    }

    /// The `k` nearest rows to one sample, nearest first, equally near ones by row number; all, if there are fewer.
    ///
    /// An inverted file gives the nearest of those in the lists that it looks at; measures to coded rows are
    /// approximations.
    ///
    /// # Errors
    /// [`PredictError`] if the sample has not the model's dimension or holds a number that is not finite.
    pub fn neighbours(&self, sample: &[f32]) -> Result<Vec<Neighbour>, PredictError> {
        self.map_one(sample, |scratch| self.describe(scratch))
    }

    /// The nearest rows to many samples, as [`neighbours`](Self::neighbours) gives them for each.
    ///
    /// # Errors
    /// [`PredictError`] for the first row that has one.
    pub fn neighbours_batch(
        &self,
        samples: ArrayView2<'_, f32>,
    ) -> Result<Vec<Vec<Neighbour>>, PredictError> {
        self.neighbours_batch_with(samples, &CancellationToken::new())
    }

    /// Searches as [`neighbours_batch`](Self::neighbours_batch) does, until `cancellation` is cancelled.
    ///
    /// # Errors
    /// [`PredictError`] for the first row that has one; [`PredictError::Cancelled`].
    pub fn neighbours_batch_with(
        &self,
        samples: ArrayView2<'_, f32>,
        cancellation: &CancellationToken,
    ) -> Result<Vec<Vec<Neighbour>>, PredictError> {
        self.map_batch(samples, cancellation, |scratch| self.describe(scratch))
    }

    /// The votes of neighbours, most first; of equal counts the lower label first.
    ///
    /// The first is what a classifier predicts.
    #[must_use]
    pub fn votes(neighbours: &[Neighbour]) -> Vec<Vote> {
        let mut labels: Vec<f64> = neighbours.iter().map(|n| n.label).collect();
        labels.sort_unstable_by(f64::total_cmp);
        let mut votes: Vec<Vote> =
            labels.chunk_by(|a, b| a == b).map(|same| Vote { label: same[0], count: same.len() }).collect();
        // The sort is stable, so equal counts stay in label order.
        votes.sort_by_key(|vote| std::cmp::Reverse(vote.count));
        votes
    }

    /// What the model predicts from neighbours that it found; none if there are none.
    #[must_use]
    pub fn predict_from(&self, neighbours: &[Neighbour]) -> Option<f64> {
        match self.parameters.predictor_type() {
            PredictorType::Classifier => Self::votes(neighbours).first().map(|vote| vote.label),
            PredictorType::Regressor => mean(neighbours.iter().map(|n| n.label)),
        }
    }

    fn decide(&self, scratch: &mut index::Scratch) -> f64 {
        if self.parameters.predictor_type() == PredictorType::Regressor {
            let labels = scratch.hits.iter().map(|hit| self.labels[hit.row() as usize]);
            return mean(labels).expect("a model has at least one row");
        }
        // All zero between queries: only what this one counts is put back, however many classes there are.
        let votes = &mut scratch.votes;
        votes.resize(self.classes.len(), 0);
        let mut winner = (0, u32::MAX);
        for hit in &scratch.hits {
            let class = self.class_of_row[hit.row() as usize];
            votes[class as usize] += 1;
            let count = votes[class as usize];
            if count > winner.0 || (count == winner.0 && class < winner.1) {
                winner = (count, class);
            }
        }
        for hit in &scratch.hits {
            votes[self.class_of_row[hit.row() as usize] as usize] = 0;
        }
        self.classes[winner.1 as usize]
    }

    fn describe(&self, scratch: &index::Scratch) -> Vec<Neighbour> {
        let neighbour = |hit: &index::Hit| Neighbour {
            row: hit.row() as usize,
            label: self.labels[hit.row() as usize],
            // The sort key of a similarity is its negative; turning it back twice changes no bit but -0.0's sign.
            measure: self.parameters.metric().sort_key(hit.sort_key()) + 0.0,
        };
        scratch.hits.iter().map(neighbour).collect()
    }
}

/// Returns the mean of labels, added in their order; `None` if there are none.
fn mean(labels: impl ExactSizeIterator<Item = f64> + Clone) -> Option<f64> {
    // Above the largest number of neighbours.
    const SCALE: f64 = 2048.0;
    let n = labels.len() as f64;
    let sum: f64 = labels.clone().sum();
    // The sum of labels near the largest `f64` overflows, their mean does not.
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
