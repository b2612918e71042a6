//! Errors of training, prediction and of indexes that are built from parts.

use crate::{HyperparameterError, Metric, ProjectionKind, hyperparameters::KD_TREE_MAX_DIM};

/// An error of [`Model::train`](crate::Model::train) or [`Model::from_index`](crate::Model::from_index).
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The kd-tree does not support the metric or the number of features.
    #[error(
        "a kd-tree needs the metric L2 and at most {KD_TREE_MAX_DIM} features; this model has {metric} and \
         {feature_dim}: use the flat index"
    )]
    KdTreeImpossible {
        /// The requested metric.
        metric: Metric,
        /// The number of features of the data.
        feature_dim: usize,
    },
    /// There are more lists than rows to train their centroids with.
    #[error(
        "n_lists is {n_lists}; it must be at most the number of rows, {n_samples}: lower it, or raise sample_size"
    )]
    TooManyLists {
        /// The requested number of lists.
        n_lists: usize,
        /// Rows after sampling.
        n_samples: usize,
    },
    /// There are fewer rows than product quantization has codes.
    #[error(
        "product quantization needs at least {min} rows to train its codes; there are {n_samples}: raise sample_size, or \
         use IvfFlat"
    )]
    TooFewRows {
        /// Rows after sampling.
        n_samples: usize,
        /// The smallest number of rows.
        min: usize,
    },
    /// The projection does not reduce the number of features.
    #[error("target_dim is {target_dim}; it must be at least 1 and less than feature_dim, {feature_dim}")]
    TargetDim {
        /// The requested number of dimensions.
        target_dim: usize,
        /// The number of features of the data.
        feature_dim: usize,
    },
    /// The projection matrix would be too large.
    #[error(
        "a {kind} projection from {feature_dim} features to {target_dim} needs more than {max_bytes} bytes: lower \
         target_dim, or use fjlt"
    )]
    ProjectionTooLarge {
        /// The kind of matrix.
        kind: ProjectionKind,
        /// The requested number of dimensions.
        target_dim: usize,
        /// The number of features of the data.
        feature_dim: usize,
        /// The largest supported size.
        max_bytes: u64,
    },
    /// The rows do not fit into memory.
    #[error("there is no memory for {n} rows of {width} numbers: lower sample_size, or use a projection")]
    TooLarge {
        /// The number of rows.
        n: usize,
        /// The width of a row.
        width: usize,
    },
    /// The parts do not form a valid index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A hyperparameter is invalid.
    #[error(transparent)]
    Hyperparameter(#[from] HyperparameterError),
}

/// An error of a prediction or of a search for neighbours.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PredictError {
    /// The sample has another number of features than the model.
    #[error("a sample has {found} features; the model has {expected}")]
    FeatureDim {
        /// Features of the sample.
        found: usize,
        /// Features of the model.
        expected: usize,
    },
    /// A feature is NaN or infinite.
    #[error("feature {feature} of row {row} is {value}; every feature must be a finite number")]
    NotFinite {
        /// Row of the batch, counted from 0.
        row: usize,
        /// Column, counted from 0.
        feature: usize,
        /// The feature.
        value: f32,
    },
    /// The number of neighbours is out of range.
    #[error("invalid value for \"k\": {k} (expected 1 to {})", crate::MAX_K)]
    K {
        /// The requested number of neighbours.
        k: usize,
    },
    /// The batch was cancelled before it was finished.
    #[error("the prediction was cancelled")]
    Cancelled,
}

/// Parts that do not form a valid index, or an index and labels that do not form a model.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// A count that must be at least 1 is 0.
    #[error("the index's {what} is 0; it must be at least 1")]
    Zero {
        /// What is counted.
        what: &'static str,
    },
    /// There are more rows than a row number can count.
    #[error("the index has {n_samples} rows; the maximum is {}", u32::MAX)]
    TooMany {
        /// The number of rows.
        n_samples: usize,
    },
    /// A part has another length than its shape requires.
    #[error("the index's {what} are {found} numbers; they must be {n} times {width}")]
    Length {
        /// The part.
        what: &'static str,
        /// Its numbers.
        found: usize,
        /// The expected number of vectors.
        n: usize,
        /// The expected length of each vector.
        width: usize,
    },
    /// A list does not hold one vector or code for each of its rows.
    #[error("list {list} holds {n_values} values for {n_rows} rows of {width}")]
    ListLength {
        /// The list, counted from 0.
        list: usize,
        /// Row numbers in the list.
        n_rows: usize,
        /// Values in the list.
        n_values: usize,
        /// The expected number of values of a row.
        width: usize,
    },
    /// A row number is too high or occurs twice.
    #[error(
        "list {list} holds row {row}; the rows of all lists must be the numbers below {n_samples}, each once"
    )]
    Row {
        /// The list, counted from 0.
        list: usize,
        /// The row number.
        row: u32,
        /// Rows of all lists together.
        n_samples: usize,
    },
    /// A number is NaN or infinite.
    #[error("number {position} of the index's {what} is {value}; every number must be finite")]
    NotFinite {
        /// The part.
        what: &'static str,
        /// The position, counted from 0; in lists, from the start of the list.
        position: usize,
        /// The number.
        value: f64,
    },
    /// The length of a code does not divide the width of a row.
    #[error("rows of {dim} numbers cannot be coded in {m} bytes; the bytes must divide the numbers")]
    CodeLength {
        /// Bytes of a code.
        m: usize,
        /// Width of a row.
        dim: usize,
    },
    /// The number of labels is not the number of rows.
    #[error("there are {n_labels} labels for the index's {n_samples} rows; there must be one for each")]
    LabelCount {
        /// Rows of the index.
        n_samples: usize,
        /// Labels given.
        n_labels: usize,
    },
    /// The index's rows have another width than transformed samples.
    #[error(
        "the index's rows are {dim} wide; samples of {feature_dim} features are {transformed_dim} wide after projection \
         and padding"
    )]
    Width {
        /// Width of the index's rows.
        dim: usize,
        /// Features of a sample.
        feature_dim: usize,
        /// Width of a sample after projection and padding.
        transformed_dim: usize,
    },
}

impl IndexError {
    /// Checks that there are `n` times `width` numbers.
    pub(crate) fn check_length(what: &'static str, found: usize, n: usize, width: usize) -> Result<(), Self> {
        if n.checked_mul(width) == Some(found) {
            return Ok(());
        }
        Err(Self::Length { what, found, n, width })
    }

    /// Checks that all numbers are finite.
    pub(crate) fn check_finite<T: Copy + Into<f64>>(what: &'static str, values: &[T]) -> Result<(), Self> {
        match values.iter().position(|&value| !value.into().is_finite()) {
            None => Ok(()),
            Some(position) => Err(Self::NotFinite { what, position, value: values[position].into() }),
        }
    }
}
