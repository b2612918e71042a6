//! Hyperparameters: set with a builder, checked once, then used for training.

use crate::{Metric, names::impl_names};

/// The largest supported `k`.
pub const MAX_K: usize = 1024;

/// The supported code lengths of [`IndexKind::IvfPq`], in bytes.
pub const PQ_M: [usize; 16] = [1, 2, 3, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 96];

/// The largest number of features for which there is a kd-tree; beyond it, a scan is as fast.
pub const KD_TREE_MAX_DIM: usize = 8;

/// How the labels of the neighbours become a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PredictorType {
    /// The label with the most votes; of equal votes the lower label.
    Classifier,
    /// The mean of the labels.
    Regressor,
}

impl_names!(PredictorType, "predictor type", Classifier => "classifier", Regressor => "regressor");

/// The kind of matrix of a [`Projection`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProjectionKind {
    /// A matrix of ±1.
    Sign,
    /// The fast Johnson-Lindenstrauss transform: signs, Walsh-Hadamard transform, a sparse matrix of normal numbers.
    Fjlt,
}

impl_names!(ProjectionKind, "projection kind", Sign => "sign", Fjlt => "fjlt");

/// A random projection of samples onto fewer dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Projection {
    /// The kind of matrix.
    pub kind: ProjectionKind,
    /// The number of dimensions after the projection: at least 1, fewer than a sample has features.
    pub target_dim: usize,
    /// The seed of the matrix.
    pub seed: u64,
}

/// The index that finds the neighbours.
///
/// The first three variants give the same results in different times. The inverted files (`Ivf…`) scan only some of the
/// rows and may miss some of the nearest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum IndexKind {
    /// The kd-tree if it supports the metric and the number of features, else the flat scan.
    #[default]
    Auto,
    /// A scan of all rows: any number of features, any metric. FAISS's `IndexFlat`.
    Flat,
    /// A kd-tree over the distinct points: [`Metric::L2`] and at most [`KD_TREE_MAX_DIM`] features.
    KdTree,
    /// Rows in lists around centroids; a query scans the lists with the nearest centroids. FAISS's `IndexIVFFlat`.
    IvfFlat {
        /// The number of lists: at least 1, at most the number of rows.
        n_lists: usize,
        /// The number of lists that a query scans: at least 1; `n_lists` and more mean all.
        n_probe: usize,
    },
    /// The same with rows coded in `m` bytes each; [`Metric::L2`] only. FAISS's `IndexIVFPQ`.
    IvfPq {
        /// The number of lists: at least 1, at most the number of rows.
        n_lists: usize,
        /// The number of lists that a query scans: at least 1; `n_lists` and more mean all.
        n_probe: usize,
        /// Bytes of a coded row, one of [`PQ_M`].
        m: usize,
    },
}

impl IndexKind {
    /// Returns what the width of a row must be a multiple of: `m` if rows are coded in `m` parts, else 1.
    pub(crate) const fn dim_step(self) -> usize {
        match self {
            Self::IvfPq { m, .. } => m,
            _ => 1,
        }
    }
}

/// Checked hyperparameters; created by [`HyperparametersBuilder::check`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hyperparameters(HyperparametersBuilder);

/// Hyperparameters that are not checked yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use = "hyperparameters do nothing until they are checked and used for training"]
pub struct HyperparametersBuilder {
    k: usize,
    predictor_type: PredictorType,
    sample_size: usize,
    metric: Metric,
    index: IndexKind,
    projection: Option<Projection>,
    seed: u64,
}

/// A hyperparameter that is invalid for any data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HyperparameterError {
    /// A number outside its range.
    #[error("invalid value for {name:?}: {value} (expected {min} to {max})")]
    Range {
        /// The name of the field: `k`, `sample_size`, `n_lists`, `n_probe` or `target_dim`.
        name: &'static str,
        /// The value.
        value: usize,
        /// The lowest valid value.
        min: usize,
        /// The highest valid value.
        max: usize,
    },
    /// A code length that is not supported.
    #[error("invalid value for \"m\": {m} (expected one of {PQ_M:?})")]
    PqM {
        /// The code length.
        m: usize,
    },
    /// Product quantization with another metric than L2.
    #[error("invalid metric for IvfPq: {metric} (expected L2)")]
    PqMetric {
        /// The metric.
        metric: Metric,
    },
}

impl Hyperparameters {
    /// Returns a builder for a classifier with `k` neighbours and default values for the rest.
    pub const fn classifier(k: usize) -> HyperparametersBuilder {
        HyperparametersBuilder::new(k, PredictorType::Classifier)
    }

    /// Returns a builder for a regressor with `k` neighbours and default values for the rest.
    pub const fn regressor(k: usize) -> HyperparametersBuilder {
        HyperparametersBuilder::new(k, PredictorType::Regressor)
    }

    /// Returns the number of neighbours: `1..=1024`.
    #[must_use]
    pub const fn k(&self) -> usize {
        self.0.k
    }

    /// Returns how the labels of the neighbours become a prediction.
    #[must_use]
    pub const fn predictor_type(&self) -> PredictorType {
        self.0.predictor_type
    }

    /// Returns the largest number of rows that are drawn from the training data, without replacement.
    #[must_use]
    pub const fn sample_size(&self) -> usize {
        self.0.sample_size
    }

    /// Returns the metric.
    #[must_use]
    pub const fn metric(&self) -> Metric {
        self.0.metric
    }

    /// Returns the kind of index.
    #[must_use]
    pub const fn index(&self) -> IndexKind {
        self.0.index
    }

    /// Returns the projection of rows and queries, if there is one.
    #[must_use]
    pub const fn projection(&self) -> Option<Projection> {
        self.0.projection
    }

    /// Returns the same hyperparameters with the index and projection that a model really has.
    pub(crate) const fn resolved(mut self, index: IndexKind, projection: Option<Projection>) -> Self {
        self.0.index = index;
        self.0.projection = projection;
        self
    }

    /// Returns the seed of the sample and of the lists and codes of an inverted file.
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
            projection: None,
            seed: 0,
        }
    }

    /// Sets how many rows of the training data are drawn, without replacement; at least 1. By default, all rows are used.
    pub const fn sample_size(mut self, sample_size: usize) -> Self {
        self.sample_size = sample_size;
        self
    }

    /// Sets the metric. By default, [`Metric::L2`].
    pub const fn metric(mut self, metric: Metric) -> Self {
        self.metric = metric;
        self
    }

    /// Sets the kind of index. By default, [`IndexKind::Auto`].
    pub const fn index(mut self, index: IndexKind) -> Self {
        self.index = index;
        self
    }

    /// Sets a projection of rows and queries. By default, samples are not projected.
    pub const fn projection(mut self, projection: Projection) -> Self {
        self.projection = Some(projection);
        self
    }

    /// Sets the seed of the sample and of the lists and codes of an inverted file. By default, 0.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Checks the values that do not depend on the data.
    ///
    /// The rest is checked in training: that a target dimension is below the number of features, and that there are no
    /// more lists than rows.
    ///
    /// # Errors
    /// [`HyperparameterError`] that names the field, its value and its range: `k` outside `1..=1024`; `sample_size`,
    /// `n_lists`, `n_probe` or `target_dim` outside `1..=4294967295`; `m` not one of [`PQ_M`], or with another metric
    /// than L2.
    pub fn check(self) -> Result<Hyperparameters, HyperparameterError> {
        const MAX: usize = u32::MAX as usize;
        let in_range = |name, value, max| match value {
            1.. if value <= max => Ok(()),
            _ => Err(HyperparameterError::Range { name, value, min: 1, max }),
        };
        in_range("k", self.k, MAX_K)?;
        in_range("sample_size", self.sample_size, MAX)?;
        if let IndexKind::IvfFlat { n_lists, n_probe } | IndexKind::IvfPq { n_lists, n_probe, .. } =
            self.index
        {
            in_range("n_lists", n_lists, MAX)?;
            in_range("n_probe", n_probe, MAX)?;
        }
        if let IndexKind::IvfPq { m, .. } = self.index {
            if !PQ_M.contains(&m) {
                return Err(HyperparameterError::PqM { m });
            }
            if self.metric != Metric::L2 {
                return Err(HyperparameterError::PqMetric { metric: self.metric });
            }
        }
        if let Some(projection) = self.projection {
            in_range("target_dim", projection.target_dim, MAX)?;
        }
        Ok(Hyperparameters(self))
    }
}
