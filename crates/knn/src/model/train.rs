//! How a model comes to be: trained from a dataset, or put together from an artifact's parts.

use ndarray::Array2;

use super::Model;
use crate::{
    Dataset, HyperparameterError, Hyperparameters, Index, IndexError, IndexKind, IvfFlat, IvfPq, Metric,
    PredictorType, ProjectionKind,
    index::{self, Engine, FlatIndex},
    preparation::{Buffer, Preparation},
    sample::sample_rows,
    threads,
};

/// Rows that one thread prepares at a time.
const BLOCK: usize = 64;

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
    /// More lists than there are rows to learn them from.
    #[error(
        "hyperparameter faiss_index_ivf_nlists is {n_lists}; it must be at most the number of rows, {n_samples}: \
         lower it, or raise sample_size"
    )]
    TooManyLists {
        /// The lists asked for.
        n_lists: usize,
        /// Rows after sampling.
        n_samples: usize,
    },
    /// Fewer rows than product quantisation has codes.
    #[error(
        "hyperparameter faiss_index_pq_m needs at least {} rows, which its codes are learned from; there are \
         {n_samples}: raise sample_size, or use index_type faiss.IVFFlat",
        index::CODES
    )]
    TooFewRows {
        /// Rows after sampling.
        n_samples: usize,
    },
    /// A projection that does not make samples narrower.
    #[error(
        "hyperparameter dimension_reduction_target is {target_dim}; it must be at least 1 and less than feature_dim, \
         {feature_dim}"
    )]
    TargetDim {
        /// The dimension asked for.
        target_dim: usize,
        /// The data's.
        feature_dim: usize,
    },
    /// A projection whose matrix is beyond all measure.
    #[error(
        "a projection of the type {kind} from {feature_dim} features to {target_dim} needs more than {max_bytes} bytes: \
         lower dimension_reduction_target, or use the type fjlt"
    )]
    ProjectionTooLarge {
        /// Which matrix.
        kind: ProjectionKind,
        /// The dimension asked for.
        target_dim: usize,
        /// The data's.
        feature_dim: usize,
        /// The most that is held.
        max_bytes: u64,
    },
    /// The rows do not fit into memory.
    #[error(
        "there is no memory for {n} rows of {width} numbers: lower sample_size, or use dimension reduction"
    )]
    TooLarge {
        /// How many rows.
        n: usize,
        /// How wide each is.
        width: usize,
    },
    /// The parts of an index do not make one.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A hyperparameter does not fit.
    #[error(transparent)]
    Hyperparameter(#[from] HyperparameterError),
}

impl Model {
    /// Draws the sample, prepares its rows, and builds the index over them.
    ///
    /// Deterministic: the same data and hyperparameters, the seed among them, give the same model, on any number of
    /// threads.
    ///
    /// # Errors
    /// [`TrainError`] if the hyperparameters ask for what cannot be with this data: a kd-tree of too many features,
    /// more lists than rows, codes learned from fewer than 256 rows, a projection onto no fewer features than there are;
    /// or if there is no memory for the rows.
    pub fn train(dataset: Dataset<'_>, parameters: &Hyperparameters) -> Result<Self, TrainError> {
        let n = dataset.n_samples().min(parameters.sample_size());
        match parameters.index() {
            IndexKind::IvfFlat { n_lists, .. } | IndexKind::IvfPq { n_lists, .. } if n_lists > n => {
                return Err(TrainError::TooManyLists { n_lists, n_samples: n });
            }
            IndexKind::IvfPq { .. } if n < index::CODES => {
                return Err(TrainError::TooFewRows { n_samples: n });
            }
            _ => {}
        }
        let preparation = Preparation::new(dataset.feature_dim(), parameters)?;
        let parameters = parameters.resolved(parameters.index(), preparation.projection());
        let sampled = n < dataset.n_samples();
        let sample =
            if sampled { sample_rows(dataset.n_samples(), n, parameters.seed()) } else { Vec::new() };
        let number_of = |i: usize| if sampled { sample[i] } else { i };
        let labels = (0..n).map(|i| dataset.labels()[number_of(i)]).collect();
        let rows = FlatIndex::new(prepared(dataset, n, number_of, &preparation)?, preparation.dim());
        let (metric, seed) = (parameters.metric(), parameters.seed());
        let engine = match parameters.index() {
            IndexKind::IvfFlat { n_lists, n_probe } => {
                Engine::IvfFlat(IvfFlat::train(&rows, metric, n_lists, n_probe, seed))
            }
            IndexKind::IvfPq { n_lists, n_probe, m } => {
                Engine::IvfPq(IvfPq::train(&rows, n_lists, n_probe, m, seed))
            }
            _ => Engine::exact(rows, &parameters)?,
        };
        Ok(Self::new(engine, preparation, labels, parameters))
    }

    /// A model of this index and one label for each of its rows, in the order of the row numbers, as read from an
    /// artifact: nothing is sampled, nothing of the rows projected, scaled or padded. Queries are, as the hyperparameters
    /// ask; they have `feature_dim` features.
    ///
    /// The index is what it is: of [`Hyperparameters::index`] only the choice between scan and tree counts.
    ///
    /// # Errors
    /// [`TrainError::Index`] if there is no row, not one label for each, a number that is not finite, or rows of
    /// another width than prepared queries; [`TrainError::TargetDim`], [`TrainError::ProjectionTooLarge`],
    /// [`TrainError::KdTreeImpossible`] as in training; [`TrainError::Hyperparameter`] if coded rows are to be measured
    /// by anything but L2.
    pub fn from_index(
        index: Index,
        labels: Vec<f64>,
        parameters: &Hyperparameters,
        feature_dim: usize,
    ) -> Result<Self, TrainError> {
        let (dim, n_samples) = (index.view().dim(), index.view().n_samples());
        for (what, value) in
            [("number of rows", n_samples), ("dimension", dim), ("number of features", feature_dim)]
        {
            if value == 0 {
                return Err(IndexError::Zero { what }.into());
            }
        }
        if u32::try_from(n_samples).is_err() {
            return Err(IndexError::TooMany { n_samples }.into());
        }
        if labels.len() != n_samples {
            return Err(IndexError::LabelCount { n_samples, n_labels: labels.len() }.into());
        }
        index::check_finite("labels", &labels)?;
        let kind = match &index {
            Index::Rows(_) => match parameters.index() {
                IndexKind::IvfFlat { .. } | IndexKind::IvfPq { .. } => IndexKind::Auto,
                exact => exact,
            },
            Index::IvfFlat(lists) => {
                IndexKind::IvfFlat { n_lists: lists.lists().len(), n_probe: lists.n_probe() }
            }
            Index::IvfPq(lists) => {
                IndexKind::IvfPq { n_lists: lists.lists().len(), n_probe: lists.n_probe(), m: lists.m() }
            }
        };
        let metric = parameters.metric();
        if matches!(index, Index::IvfPq(_)) && metric != Metric::L2 {
            return Err(HyperparameterError::PqMetric { metric }.into());
        }
        let parameters = parameters.resolved(kind, parameters.projection());
        let preparation = Preparation::new(feature_dim, &parameters)?;
        if preparation.dim() != dim {
            return Err(IndexError::Width { dim, feature_dim, prepared_dim: preparation.dim() }.into());
        }
        let parameters = parameters.resolved(kind, preparation.projection());
        let engine = match index {
            Index::Rows(rows) => {
                let values = row_major_values(rows);
                index::check_finite("vectors", &values)?;
                Engine::exact(FlatIndex::new(values, dim), &parameters)?
            }
            Index::IvfFlat(lists) => Engine::IvfFlat(lists),
            Index::IvfPq(lists) => Engine::IvfPq(lists),
        };
        Ok(Self::new(engine, preparation, labels, parameters))
    }

    fn new(
        engine: Engine,
        preparation: Preparation,
        mut labels: Vec<f64>,
        parameters: Hyperparameters,
    ) -> Self {
        // -0.0 and 0.0 are one label.
        for label in &mut labels {
            *label += 0.0;
        }
        let (mut classes, mut class_of_row) = (Vec::new(), Vec::new());
        if parameters.predictor_type() == PredictorType::Classifier {
            classes.clone_from(&labels);
            classes.sort_unstable_by(f64::total_cmp);
            classes.dedup();
            class_of_row.extend(labels.iter().map(|l| classes.partition_point(|c| c < l) as u32));
        }
        Self { parameters, preparation, engine, labels, classes, class_of_row }
    }
}

/// Returns the elements of `rows` in row-major order; the array's own memory is reused if it holds exactly these.
fn row_major_values(rows: Array2<f32>) -> Vec<f32> {
    if !rows.is_standard_layout() {
        return rows.iter().copied().collect();
    }
    // An owned array that was sliced in place keeps the memory of the elements that were cut off.
    let len = rows.len();
    let (mut values, offset) = rows.into_raw_vec_and_offset();
    values.drain(..offset.unwrap_or(0));
    values.truncate(len);
    values
}

/// The prepared rows of a sample, one behind the other.
fn prepared(
    dataset: Dataset<'_>,
    n: usize,
    number_of: impl Fn(usize) -> usize + Sync + Send,
    preparation: &Preparation,
) -> Result<Vec<f32>, TrainError> {
    let dim = preparation.dim();
    let mut values = Vec::new();
    let len = n.checked_mul(dim).filter(|&len| values.try_reserve_exact(len).is_ok());
    let len = len.ok_or(TrainError::TooLarge { n, width: dim })?;
    let features = dataset.features();
    if let (Some(all), true, true) =
        (features.as_slice(), preparation.is_identity(), n == dataset.n_samples())
    {
        values.extend_from_slice(all);
        return Ok(values);
    }
    values.resize(len, 0.0);
    let buffers = || (Vec::new(), Buffer::default());
    threads::for_chunks_mut(&mut values, BLOCK * dim, buffers, |(sample, buffer), first, values| {
        for (i, prepared) in values.chunks_exact_mut(dim).enumerate() {
            let row = features.row(number_of(first / dim + i));
            if let Some(row) = row.as_slice() {
                preparation.prepare(row, prepared, buffer);
            } else {
                sample.clear();
                sample.extend(row);
                preparation.prepare(sample, prepared, buffer);
            }
        }
    });
    Ok(values)
}
