//! Training of models, and construction of models from the parts of an artifact.

use ndarray::Array2;

use super::Model;
use crate::{
    Dataset, HyperparameterError, Hyperparameters, Index, IndexError, IndexKind, IvfFlat, IvfPq, Metric,
    PredictorType, TrainError,
    index::{CODES, FlatIndex, SearchIndex},
    parallel,
    random::Random,
    sample::{SAMPLE_ROWS, sample_rows},
    transform::{QueryTransform, TransformBuffer},
};

/// Rows that a thread transforms at a time.
const BLOCK: usize = 64;

impl Model {
    /// Trains a model: draws the sample, transforms its rows, and builds the index.
    ///
    /// Deterministic: the same data and hyperparameters (including the seed) give the same model, on any number of threads.
    ///
    /// # Errors
    /// [`TrainError`] if the hyperparameters do not fit the data: a kd-tree of too many features, more lists than rows,
    /// product quantization with fewer than 256 rows, a projection that does not reduce the number of features; or if there
    /// is no memory for the rows.
    pub fn train(dataset: Dataset<'_>, parameters: &Hyperparameters) -> Result<Self, TrainError> {
        let n = dataset.n_samples().min(parameters.sample_size());
        match parameters.index() {
            IndexKind::IvfFlat { n_lists, .. } | IndexKind::IvfPq { n_lists, .. } if n_lists > n => {
                return Err(TrainError::TooManyLists { n_lists, n_samples: n });
            }
            IndexKind::IvfPq { .. } if n < CODES => {
                return Err(TrainError::TooFewRows { n_samples: n, min: CODES });
            }
            _ => {}
        }
        let transform = QueryTransform::new(dataset.feature_dim(), parameters)?;
        let parameters = parameters.resolved(parameters.index(), transform.projection());
        let sampled = n < dataset.n_samples();
        let sample = if sampled {
            sample_rows(dataset.n_samples(), n, &mut Random::new(parameters.seed(), &SAMPLE_ROWS))
        } else {
            Vec::new()
        };
        let number_of = |i: usize| if sampled { sample[i] } else { i };
        let labels = (0..n).map(|i| dataset.labels()[number_of(i)]).collect();
        let rows = FlatIndex::new(transformed(dataset, n, number_of, &transform)?, transform.dim());
        let (metric, seed) = (parameters.metric(), parameters.seed());
        let index = match parameters.index() {
            IndexKind::IvfFlat { n_lists, n_probe } => {
                SearchIndex::IvfFlat(IvfFlat::train(&rows, metric, n_lists, n_probe, seed))
            }
            IndexKind::IvfPq { n_lists, n_probe, m } => {
                SearchIndex::IvfPq(IvfPq::train(&rows, n_lists, n_probe, m, seed))
            }
            _ => SearchIndex::exact(rows, &parameters)?,
        };
        Ok(Self::new(index, transform, labels, parameters))
    }

    /// Creates a model from an index and the labels of its rows, in the order of the row numbers, as read from an artifact.
    ///
    /// The rows are not sampled, projected, scaled or padded. Queries have `feature_dim` features; they are transformed as the
    /// hyperparameters require. [`Hyperparameters::index`] only decides between scan and tree for plain rows.
    ///
    /// # Errors
    /// [`TrainError::Index`] if there is no row, the number of labels is not the number of rows, a number is not finite, or
    /// the rows have another width than transformed queries; [`TrainError::TargetDim`],
    /// [`TrainError::ProjectionTooLarge`], [`TrainError::KdTreeImpossible`] as in training;
    /// [`TrainError::Hyperparameter`] if the rows are coded and the metric is not L2.
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
        IndexError::check_finite("labels", &labels)?;
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
        let transform = QueryTransform::new(feature_dim, &parameters)?;
        if transform.dim() != dim {
            return Err(IndexError::Width { dim, feature_dim, transformed_dim: transform.dim() }.into());
        }
        let parameters = parameters.resolved(kind, transform.projection());
        let index = match index {
            Index::Rows(rows) => {
                let values = row_major_values(rows);
                IndexError::check_finite("vectors", &values)?;
                SearchIndex::exact(FlatIndex::new(values, dim), &parameters)?
            }
            Index::IvfFlat(lists) => SearchIndex::IvfFlat(lists),
            Index::IvfPq(lists) => SearchIndex::IvfPq(lists),
        };
        Ok(Self::new(index, transform, labels, parameters))
    }

    fn new(
        index: SearchIndex,
        transform: QueryTransform,
        mut labels: Vec<f64>,
        parameters: Hyperparameters,
    ) -> Self {
        // -0.0 and 0.0 are the same label.
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
        Self { parameters, transform, index, labels, classes, class_of_row }
    }
}

/// Returns the elements of `rows` in row-major order; the array's own memory is reused if it holds exactly these.
fn row_major_values(rows: Array2<f32>) -> Vec<f32> {
    if !rows.is_standard_layout() {
        return rows.iter().copied().collect();
    }
    // An owned array that was sliced in place still holds the other elements.
    let len = rows.len();
    let (mut values, offset) = rows.into_raw_vec_and_offset();
    values.drain(..offset.unwrap_or(0));
    values.truncate(len);
    values
}

/// Returns the transformed rows of a sample, concatenated.
fn transformed(
    dataset: Dataset<'_>,
    n: usize,
    number_of: impl Fn(usize) -> usize + Sync + Send,
    transform: &QueryTransform,
) -> Result<Vec<f32>, TrainError> {
    let dim = transform.dim();
    let mut values = Vec::new();
    let len = n.checked_mul(dim).filter(|&len| values.try_reserve_exact(len).is_ok());
    let len = len.ok_or(TrainError::TooLarge { n, width: dim })?;
    let features = dataset.features();
    if let (Some(all), true, true) = (features.as_slice(), transform.is_identity(), n == dataset.n_samples())
    {
        values.extend_from_slice(all);
        return Ok(values);
    }
    values.resize(len, 0.0);
    let buffers = || (Vec::new(), TransformBuffer::default());
    parallel::for_chunks_mut(&mut values, BLOCK * dim, buffers, |(sample, buffer), first, values| {
        for (i, transformed) in values.chunks_exact_mut(dim).enumerate() {
            let row = features.row(number_of(first / dim + i));
            if let Some(row) = row.as_slice() {
                transform.apply(row, transformed, buffer);
            } else {
                sample.clear();
                sample.extend(row);
                transform.apply(sample, transformed, buffer);
            }
        }
    });
    Ok(values)
}
