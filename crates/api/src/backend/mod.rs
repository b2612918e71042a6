//! Backends: a decision table ([`Embedded`]), a model in this process ([`InProcess`]), a SageMaker endpoint
//! (`Endpoint`, with the feature of that name), and one backend with another as its fallback ([`Fallback`]).

mod embedded;
#[cfg(feature = "endpoint")]
mod endpoint;
mod fallback;
mod in_process;

pub use embedded::Embedded;
#[cfg(feature = "endpoint")]
pub use endpoint::{Credentials, Endpoint, EndpointSettings, Patience, Roots, RootsError};
pub use fallback::Fallback;
pub use in_process::InProcess;

use mysfits_domain::UnknownLabel;
use mysfits_knn::{Metric, TableError};

/// A model or table that cannot answer our questions.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum UnfitModel {
    /// It has another number of features.
    #[error("the model has {found} features; the questionnaire has {expected} questions")]
    FeatureDim {
        /// The model's.
        found: usize,
        /// The questionnaire's.
        expected: usize,
    },
    /// The model is a regressor: it predicts a mean of labels, which is not a label.
    #[error("the model is a regressor; only a classifier's answer is a mysfit")]
    Regressor,
    /// Its metric is not L2: explanations give Euclidean distances.
    #[error(
        "the metric of the model is {found}; it must be L2, because explanations give Euclidean distances"
    )]
    Metric {
        /// The model's.
        found: Metric,
    },
    /// No decision table can be compiled from it.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The table's lattice is not that of the entries.
    #[error("the decision table is not over the entries: its axes are {found}")]
    Lattice {
        /// Its axes.
        found: String,
    },
    /// It predicts a label that no mysfit has.
    #[error(transparent)]
    Label(#[from] UnknownLabel),
}
