//! What a model is trained with: typed by the caller, then checked, then used.

use std::fmt;

use crate::{Metric, Projection};

/// The largest `k` that is accepted, as in SageMaker's own schema.
pub const MAX_K: usize = 1024;

/// The code lengths in bytes that SageMaker's `faiss_index_pq_m` allows.
pub const PQ_M: [usize; 16] = [1, 2, 3, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 96];

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

/// Which index finds the neighbours. The first three give the same results, in different times; the inverted files
/// (`Ivf…`) look at a part of the rows only and may miss some of the nearest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum IndexKind {
    /// The kd-tree where it can be used, else the flat scan.
    #[default]
    Auto,
    /// Every row is looked at: any dimension, any metric. SageMaker's `faiss.Flat`.
    Flat,
    /// A kd-tree over the distinct points: [`Metric::L2`] and at most [`KD_TREE_MAX_DIM`](crate::KD_TREE_MAX_DIM)
    /// features.
    KdTree,
    /// Rows in lists around centroids, of which a query looks at the nearest. SageMaker's `faiss.IVFFlat`.
    IvfFlat {
        /// How many lists: at least 1, at most as many as rows. SageMaker's `faiss_index_ivf_nlists`.
        n_lists: usize,
        /// How many lists a query looks at: at least 1; `n_lists` and more mean all. SageMaker uses 5.
        n_probe: usize,
    },
    /// The same with rows coded in `m` bytes each; [`Metric::L2`] only. SageMaker's `faiss.IVFPQ`.
    IvfPq {
        /// How many lists: at least 1, at most as many as rows.
        n_lists: usize,
        /// How many lists a query looks at: at least 1; `n_lists` and more mean all.
        n_probe: usize,
        /// Bytes of a coded row, one of [`PQ_M`]. SageMaker's `faiss_index_pq_m`.
        m: usize,
    },
}

impl IndexKind {
    /// What the width of a row must be a multiple of: `m` where rows are coded in `m` parts, else 1.
    pub(crate) const fn dim_step(self) -> usize {
        match self {
            Self::IvfPq { m, .. } => m,
            _ => 1,
        }
    }
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
    projection: Option<Projection>,
    seed: u64,
}

/// A hyperparameter that cannot be, whatever the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HyperparameterError {
    /// A number outside its range.
    #[error("hyperparameter {name} is {value}; it must be a whole number from {min} to {max}")]
    Range {
        /// SageMaker's name for it.
        name: &'static str,
        /// What was given.
        value: usize,
        /// Lowest allowed value.
        min: usize,
        /// Highest allowed value.
        max: usize,
    },
    /// A code length that there is not.
    #[error("hyperparameter faiss_index_pq_m is {m}; it must be one of {PQ_M:?}")]
    PqM {
        /// What was given.
        m: usize,
    },
    /// Product quantisation approximates squared Euclidean distances and nothing else.
    #[error("hyperparameter index_metric is {metric}; with index_type faiss.IVFPQ it must be L2")]
    PqMetric {
        /// What was given.
        metric: Metric,
    },
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

    /// What rows and queries are projected by before anything else; none, if they stay as wide as they are.
    #[must_use]
    pub const fn projection(&self) -> Option<Projection> {
        self.0.projection
    }

    /// The same with what training or reading a model found out: the index as it is, the projection as it was done.
    pub(crate) const fn resolved(mut self, index: IndexKind, projection: Option<Projection>) -> Self {
        self.0.index = index;
        self.0.projection = projection;
        self
    }

    /// What the sample is drawn with, and the lists and codes of an inverted file; the same seed draws the same.
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

    /// Project rows and queries by this first.
    pub const fn projection(mut self, projection: Projection) -> Self {
        self.projection = Some(projection);
        self
    }

    /// Draw the sample, and the lists and codes of an inverted file, with this seed.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Checks the ranges.
    ///
    /// What depends on the data (a target dimension below the data's, no more lists than rows) is checked in training.
    ///
    /// # Errors
    /// [`HyperparameterError`] that names the hyperparameter, its value and its range: `k` outside `1..=1024`;
    /// `sample_size`, `faiss_index_ivf_nlists`, `_faiss_index_nprobe` or `dimension_reduction_target` outside
    /// `1..=4294967295`; `faiss_index_pq_m` not one of [`PQ_M`], or with another metric than L2.
    pub fn check(self) -> Result<Hyperparameters, HyperparameterError> {
        const ANY: usize = u32::MAX as usize;
        let in_range = |name, value, max| {
            let possible = value >= 1 && value <= max;
            if possible { Ok(()) } else { Err(HyperparameterError::Range { name, value, min: 1, max }) }
        };
        in_range("k", self.k, MAX_K)?;
        in_range("sample_size", self.sample_size, ANY)?;
        if let IndexKind::IvfFlat { n_lists, n_probe } | IndexKind::IvfPq { n_lists, n_probe, .. } =
            self.index
        {
            in_range("faiss_index_ivf_nlists", n_lists, ANY)?;
            in_range("_faiss_index_nprobe", n_probe, ANY)?;
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
            in_range("dimension_reduction_target", projection.target_dim, ANY)?;
        }
        Ok(Hyperparameters(self))
    }
}
