//! k-nearest-neighbour search, classification and regression, with exact or inverted-file indexes and defined ties.
//!
//! Generic in dimension, data and labels. Does no I/O and compiles to wasm32.
//!
//! *Shapes.* Samples are the rows of a `n_samples × feature_dim` array of `f32`; labels are `n_samples` `f64`s. Row numbers
//! count from 0, in the order of the rows that sampling kept.
//!
//! *Ties.* Of two equally near rows, the one with the lower row number is nearer. Of two labels with equally many votes,
//! the lower label wins. With fewer than `k` rows, all rows vote. For squared Euclidean distances these are the rules of
//! FAISS's `IndexFlatL2` (1.7.3 and later, one thread): the same rows give the same ids in the same order.
//!
//! *Exactness.* The flat scan and the kd-tree compare the same canonical `f32` score, so their results are equal bit for
//! bit. [`IvfFlat`] computes the same score but scans only the rows of some lists, so it may miss nearer rows in other
//! lists. [`IvfPq`] approximates the scores from coded rows.
//!
//! *Randomness.* Random choices (the sample, the training of lists and codes, the matrix of a projection) depend on the
//! seed only, not on the platform or the number of threads.
//!
//! Source: FAISS `IndexFlat`, `IndexIVFFlat`, `IndexIVFPQ`; the tie rules for votes are ours.
//!
//! ```
//! use mysfits_knn::{Dataset, Hyperparameters, Model};
//! use ndarray::array;
//!
//! let features = array![[1.0, 1.0], [1.0, 2.0], [8.0, 8.0], [8.0, 7.0]];
//! let labels = array![0.0, 0.0, 1.0, 1.0];
//! let dataset = Dataset::new(features.view(), labels.view())?;
//! let model = Model::train(dataset, &Hyperparameters::classifier(3).check()?)?;
//!
//! assert_eq!(model.predict(&[2.0, 1.0])?, 0.0);
//! let rows: Vec<usize> = model.neighbours(&[8.0, 7.5])?.iter().map(|n| n.row).collect();
//! assert_eq!(rows, [2, 3, 1]); // rows 2 and 3 are equally near: the lower row number comes first
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `parallel` (default) | batches on all cores, with rayon; without it, one thread gives the same results |

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod cancellation;
mod dataset;
mod decision_table;
mod error;
mod evaluation;
mod hyperparameters;
mod index;
mod kmeans;
mod memory;
mod metric;
mod model;
mod names;
mod parallel;
mod projection;
mod random;
mod sample;
mod transform;
mod vectorized;

pub use cancellation::CancellationToken;
pub use dataset::{Dataset, DatasetError};
pub use decision_table::{DecisionTable, Grid, GridAxis, GridError, TableError};
pub use error::{IndexError, PredictError, TrainError};
pub use evaluation::{ClassMetrics, Evaluation, EvaluationError};
pub use hyperparameters::{
    HyperparameterError, Hyperparameters, HyperparametersBuilder, IndexKind, KD_TREE_MAX_DIM, MAX_K, PQ_M,
    PredictorType, Projection, ProjectionKind,
};
pub use index::{Index, IndexView, InvertedList, IvfFlat, IvfPq, Neighbour};
pub use metric::Metric;
pub use model::{LabelVotes, Model};
pub use names::ParseNameError;
/// The array library of the public interface.
pub use ndarray;
