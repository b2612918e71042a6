//! A trained model: rows, labels, an index, and what it predicts.

use std::fmt;

use ndarray::{ArrayView1, ArrayView2};

use crate::{
    Dataset, HyperparameterError, Hyperparameters, Metric, Neighbour, PredictorType,
    index::{self, FlatIndex, Scratch, Search},
    sample::sample_rows,
    threads,
};

/// A k-NN model: the sampled rows with their labels, and an index over them.
pub struct Model {
    parameters: Hyperparameters,
    rows: FlatIndex,
    labels: Vec<f32>,
    /// The distinct labels, ascending; a classifier's only.
    classes: Vec<f32>,
    /// For each row the position of its label in `classes`; a classifier's only.
    class_of_row: Vec<u32>,
    index: Box<dyn Search>,
}

/// Why there is no model.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TrainError {
    /// A kd-tree was asked for where there can be none.
    #[error(
        "a kd-tree needs the metric L2 and at most {} features; this model has {metric} and {feature_dim}: \
         use the flat index",
        crate::KD_TREE_MAX_DIM
    )]
    KdTreeImpossible {
        /// The metric asked for.
        metric: Metric,
        /// The data's dimension.
        feature_dim: usize,
    },
    /// The kd-tree refused the points.
    #[error("the kd-tree could not be built: {reason}; use the flat index")]
    KdTree {
        /// What it said.
        reason: String,
    },
    /// A hyperparameter does not fit.
    #[error(transparent)]
    Hyperparameter(#[from] HyperparameterError),
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
}

/// How many neighbours have a label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vote {
    /// The label.
    pub label: f32,
    /// How many; at least one.
    pub count: usize,
}

impl Model {
    /// Draws the sample, and builds the index over it.
    ///
    /// Deterministic: the same data and hyperparameters, the seed among them, give the same model.
    ///
    /// # Errors
    /// [`TrainError`] if a kd-tree is asked for where there can be none.
    pub fn train(dataset: Dataset<'_>, parameters: &Hyperparameters) -> Result<Self, TrainError> {
        let dim = dataset.feature_dim();
        let (mut values, labels);
        if let (Some(all), true) =
            (dataset.features().as_slice(), parameters.sample_size() >= dataset.n_samples())
        {
            values = all.to_vec();
            labels = dataset.labels().to_vec();
        } else {
            let rows = sample_rows(dataset.n_samples(), parameters.sample_size(), parameters.seed());
            values = Vec::with_capacity(rows.len() * dim);
            for &row in &rows {
                values.extend(dataset.features().row(row));
            }
            labels = rows.iter().map(|&row| dataset.labels()[row]).collect();
        }
        for row in values.chunks_exact_mut(dim) {
            parameters.metric().normalise(row);
        }
        Self::build(values, dim, labels, parameters)
    }

    /// A model of exactly these rows, as read from an artifact: nothing is sampled, nothing scaled.
    ///
    /// # Errors
    /// [`TrainError`], as for [`train`](Self::train).
    pub fn from_rows(dataset: Dataset<'_>, parameters: &Hyperparameters) -> Result<Self, TrainError> {
        let values = dataset.features().iter().copied().collect();
        Self::build(values, dataset.feature_dim(), dataset.labels().to_vec(), parameters)
    }

    fn build(
        values: Vec<f32>,
        dim: usize,
        mut labels: Vec<f32>,
        parameters: &Hyperparameters,
    ) -> Result<Self, TrainError> {
        // -0.0 and 0.0 are one label.
        for label in &mut labels {
            *label += 0.0;
        }
        let (mut classes, mut class_of_row) = (Vec::new(), Vec::new());
        if parameters.predictor_type() == PredictorType::Classifier {
            classes.clone_from(&labels);
            classes.sort_unstable_by(f32::total_cmp);
            classes.dedup();
            class_of_row.extend(labels.iter().map(|l| classes.partition_point(|c| c < l) as u32));
        }
        let rows = FlatIndex::new(values, dim, parameters.metric());
        let index = index::build(&rows, parameters)?;
        Ok(Self { parameters: *parameters, rows, labels, classes, class_of_row, index })
    }

    /// What the model was trained with.
    #[must_use]
    pub fn hyperparameters(&self) -> &Hyperparameters {
        &self.parameters
    }

    /// How many rows there are.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.rows.len()
    }

    /// How many features a row has.
    #[must_use]
    pub fn feature_dim(&self) -> usize {
        self.rows.dim()
    }

    /// The rows, `n_samples × feature_dim`, scaled as the metric asks; row numbers refer to these.
    #[must_use]
    pub fn features(&self) -> ArrayView2<'_, f32> {
        self.rows.view()
    }

    /// The labels, in row order.
    #[must_use]
    pub fn labels(&self) -> ArrayView1<'_, f32> {
        ArrayView1::from(&self.labels)
    }

    /// The distinct labels of a classifier, ascending; empty for a regressor.
    #[must_use]
    pub fn classes(&self) -> &[f32] {
        &self.classes
    }

    /// Predicts the label of one sample: most votes (of equal votes the lower label), or the mean.
    ///
    /// # Errors
    /// [`PredictError`] if the sample has not the model's dimension or holds a number that is not finite.
    pub fn predict(&self, sample: &[f32]) -> Result<f32, PredictError> {
        self.check(sample, sample.len())?;
        let mut scratch = Scratch::default();
        self.search(sample, &mut scratch);
        Ok(self.decide(&mut scratch))
    }

    /// Predicts the labels of many samples, a row each, in row order; on all cores with the feature `parallel`.
    ///
    /// # Errors
    /// [`PredictError`] for the first row that has one.
    pub fn predict_batch(&self, samples: ArrayView2<'_, f32>) -> Result<Vec<f32>, PredictError> {
        self.map_batch(samples, |scratch| self.decide(scratch))
    }

    /// The `k` nearest rows to one sample, nearest first, equally near ones by row number; all, if there are fewer.
    ///
    /// # Errors
    /// [`PredictError`] if the sample has not the model's dimension or holds a number that is not finite.
    pub fn neighbours(&self, sample: &[f32]) -> Result<Vec<Neighbour>, PredictError> {
        self.check(sample, sample.len())?;
        let mut scratch = Scratch::default();
        self.search(sample, &mut scratch);
        Ok(self.describe(&scratch))
    }

    /// The nearest rows to many samples, as [`neighbours`](Self::neighbours) gives them for each.
    ///
    /// # Errors
    /// [`PredictError`] for the first row that has one.
    pub fn neighbours_batch(
        &self,
        samples: ArrayView2<'_, f32>,
    ) -> Result<Vec<Vec<Neighbour>>, PredictError> {
        self.map_batch(samples, |scratch| self.describe(scratch))
    }

    /// The votes of neighbours, most first; of equal counts the lower label first.
    ///
    /// The first is what a classifier predicts.
    #[must_use]
    pub fn votes(neighbours: &[Neighbour]) -> Vec<Vote> {
        let mut labels: Vec<f32> = neighbours.iter().map(|n| n.label).collect();
        labels.sort_unstable_by(f32::total_cmp);
        let mut votes: Vec<Vote> =
            labels.chunk_by(|a, b| a == b).map(|same| Vote { label: same[0], count: same.len() }).collect();
        // The sort is stable, so equal counts stay in label order.
        votes.sort_by_key(|vote| std::cmp::Reverse(vote.count));
        votes
    }

    /// What the model predicts from neighbours that it found; none if there are none.
    #[must_use]
    pub fn predict_from(&self, neighbours: &[Neighbour]) -> Option<f32> {
        match self.parameters.predictor_type() {
            PredictorType::Classifier => Self::votes(neighbours).first().map(|vote| vote.label),
            PredictorType::Regressor => mean(neighbours.iter().map(|n| n.label)),
        }
    }

    /// Checks samples, given as one slice of whole rows and the length of a row.
    fn check(&self, values: &[f32], dim: usize) -> Result<(), PredictError> {
        if dim != self.feature_dim() {
            return Err(PredictError::FeatureDim { found: dim, expected: self.feature_dim() });
        }
        match values.iter().position(|v| !v.is_finite()) {
            None => Ok(()),
            Some(at) => Err(PredictError::NotFinite { row: at / dim, feature: at % dim, value: values[at] }),
        }
    }

    /// Puts the nearest rows to a checked sample into the scratch.
    fn search(&self, sample: &[f32], scratch: &mut Scratch) {
        if self.rows.metric() == Metric::Cosine {
            let mut query = std::mem::take(&mut scratch.query);
            query.clear();
            query.extend_from_slice(sample);
            self.rows.metric().normalise(&mut query);
            self.index.search(&self.rows, &query, scratch);
            scratch.query = query;
        } else {
            self.index.search(&self.rows, sample, scratch);
        }
    }

    fn decide(&self, scratch: &mut Scratch) -> f32 {
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

    fn describe(&self, scratch: &Scratch) -> Vec<Neighbour> {
        let neighbour = |hit: &index::Hit| Neighbour {
            row: hit.row() as usize,
            label: self.labels[hit.row() as usize],
            // The sort key of a similarity is its negative; turning it back twice changes no bit but -0.0's sign.
            measure: self.rows.metric().sort_key(hit.sort_key()) + 0.0,
        };
        scratch.hits.iter().map(neighbour).collect()
    }

    /// Searches for every row, in an order that makes neighbours in space neighbours in time, and once for equal rows.
    ///
    /// What one search read of the tree is still in the cache for the next, and answers repeat: a batch of entries meets
    /// few points. The results are in row order again.
    fn map_batch<T: Clone + Send + Sync>(
        &self,
        samples: ArrayView2<'_, f32>,
        finish: impl Fn(&mut Scratch) -> T + Sync + Send,
    ) -> Result<Vec<T>, PredictError> {
        let samples = samples.as_standard_layout();
        let values = samples.as_slice().expect("standard layout is contiguous");
        let dim = samples.ncols();
        self.check(values, dim)?;
        let sample = |row: usize| &values[row * dim..][..dim];
        // The bits order otherwise than the numbers, but they order: that is all that is needed.
        let key = |&row: &usize| sample(row).iter().map(|v| v.to_bits());
        let mut order: Vec<usize> = (0..samples.nrows()).collect();
        threads::sort_by(&mut order, |a, b| key(a).cmp(key(b)));
        let groups: Vec<&[usize]> = order.chunk_by(|a, b| key(a).eq(key(b))).collect();
        let results = threads::map_init(&groups, Scratch::default, |scratch, group| {
            self.search(sample(group[0]), scratch);
            finish(scratch)
        });
        let mut group_of_row = vec![0; order.len()];
        for (i, group) in groups.iter().enumerate() {
            group.iter().for_each(|&row| group_of_row[row] = i);
        }
        Ok(group_of_row.into_iter().map(|group| results[group].clone()).collect())
    }
}

/// The mean of labels, summed in f64 so that the order of equally near rows cannot show in the result.
fn mean(labels: impl ExactSizeIterator<Item = f32>) -> Option<f32> {
    let n = labels.len();
    (n > 0).then(|| (labels.map(f64::from).sum::<f64>() / n as f64) as f32)
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
