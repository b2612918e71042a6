//! Models and tables that do not answer the questionnaire.

use mysfits_domain::{QUESTION_COUNT, UnknownLabel};
use mysfits_knn::{GridAxis, Metric, TableError};

/// A model or table that does not answer this build's questionnaire.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IncompatibleModel {
    /// The model has another number of features.
    #[error("the model has {found} features; the questionnaire has {QUESTION_COUNT} questions")]
    FeatureDim {
        /// The number of features.
        found: usize,
    },
    /// The model is a regressor: it predicts a mean of labels, which is not a label.
    #[error("the model is a regressor; only a classifier predicts mysfits")]
    Regressor,
    /// The metric is not L2: explanations give Euclidean distances.
    #[error(
        "the metric of the model is {found}; it must be L2, because explanations give Euclidean distances"
    )]
    Metric {
        /// The metric of the model.
        found: Metric,
    },
    /// The model cannot be tabulated, or the bytes are not a decision table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The table's grid is not that of the entries.
    #[error("the axes of the decision table are {found:?}; they must be those of the entries")]
    Grid {
        /// The axes of the table.
        found: Vec<GridAxis>,
    },
    /// A label is not that of a mysfit.
    #[error(transparent)]
    Label(#[from] UnknownLabel),
}
