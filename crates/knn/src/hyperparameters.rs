//! What a model is trained with: typed by the caller, then checked, then used.

use std::fmt;

use crate::Metric;

/// The largest `k` that is accepted, as in SageMaker's own schema.
pub const MAX_K: usize = 1024;

/// What a prediction is made of the neighbours' labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PredictorType {
    /// The label with the most votes; of equal votes the lower label.
    Classifier,
    /// The mean of the labels.
    Regressor,
}

impl PredictorType {
    /// SageMaker's name for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Classifier => "classifier",
            Self::Regressor => "regressor",
        }
    }
}

impl fmt::Display for PredictorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which exact index finds the neighbours. The results are the same; only the time differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum IndexKind {
    /// The kd-tree where it can be used, else the flat scan.
    #[default]
    Auto,
    /// Every row is looked at: any dimension, any metric.
    Flat,
    /// A kd-tree over the distinct points: [`Metric::L2`] and at most [`KD_TREE_MAX_DIM`](crate::KD_TREE_MAX_DIM)
    /// features.
    KdTree,
}

/// Checked hyperparameters; made by [`HyperparametersBuilder::check`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hyperparameters(HyperparametersBuilder);

/// Hyperparameters as typed; nothing is checked until [`check`](Self::check).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use = "hyperparameters do nothing until they are checked and trained with"]
pub struct HyperparametersBuilder {
    k: usize,
    predictor_type: PredictorType,
    sample_size: usize,
    metric: Metric,
    index: IndexKind,
    seed: u64,
}

/// A hyperparameter outside its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("hyperparameter {name} is {value}; it must be a whole number from {min} to {max}")]
pub struct HyperparameterError {
    /// SageMaker's name for it.
    pub name: &'static str,
    /// What was given.
    pub value: usize,
    /// Lowest allowed value.
    pub min: usize,
    /// Highest allowed value.
    pub max: usize,
}

impl Hyperparameters {
    /// A classifier of `k` neighbours; all else by default (every row, L2, the index that fits, seed 0).
    pub const fn classifier(k: usize) -> HyperparametersBuilder {
        HyperparametersBuilder::new(k, PredictorType::Classifier)
    }

    /// A regressor of `k` neighbours; all else by default (every row, L2, the index that fits, seed 0).
    pub const fn regressor(k: usize) -> HyperparametersBuilder {
        HyperparametersBuilder::new(k, PredictorType::Regressor)
    }

    /// How many neighbours are asked: `1..=1024`.
    #[must_use]
    pub const fn k(&self) -> usize {
        self.0.k
    }

    /// What a prediction is made of the neighbours' labels.
    #[must_use]
    pub const fn predictor_type(&self) -> PredictorType {
        self.0.predictor_type
    }

    /// How many rows are drawn from the training data, without replacement; all, if there are fewer.
    #[must_use]
    pub const fn sample_size(&self) -> usize {
        self.0.sample_size
    }

    /// What "near" means.
    #[must_use]
    pub const fn metric(&self) -> Metric {
        self.0.metric
    }

    /// Which index is built.
    #[must_use]
    pub const fn index(&self) -> IndexKind {
        self.0.index
    }

    /// What the sample is drawn with; the same seed draws the same rows.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.0.seed
    }
}

impl HyperparametersBuilder {
    const fn new(k: usize, predictor_type: PredictorType) -> Self {
        Self {
            k,
            predictor_type,
            sample_size: u32::MAX as usize,
            metric: Metric::L2,
            index: IndexKind::Auto,
            seed: 0,
        }
    }

    /// Draw this many rows of the training data, without replacement; at least 1.
    pub const fn sample_size(mut self, sample_size: usize) -> Self {
        self.sample_size = sample_size;
        self
    }

    /// Measure nearness by this.
    pub const fn metric(mut self, metric: Metric) -> Self {
        self.metric = metric;
        self
    }

    /// Build this index.
    pub const fn index(mut self, index: IndexKind) -> Self {
        self.index = index;
        self
    }

    /// Draw the sample with this seed.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// [`HyperparameterError`] that names the hyperparameter, its value and its range: `k` outside `1..=1024`,
    /// `sample_size` outside `1..=4294967295`.
    pub fn check(self) -> Result<Hyperparameters, HyperparameterError> {
        for (name, value, max) in [("k", self.k, MAX_K), ("sample_size", self.sample_size, u32::MAX as usize)]
        {
            if value < 1 || value > max {
                return Err(HyperparameterError { name, value, min: 1, max });
            }
        }
        Ok(Hyperparameters(self))
    }
}
