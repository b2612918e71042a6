//! k nearest neighbours, with every tie decided: exact ones, or those that an inverted file finds.
//!
//! Generic in dimension, data and labels: this crate knows no mysfit, no AWS and no HTTP, does no I/O, and compiles to
//! wasm32.
//!
//! *Shapes.* Samples are the rows of a `n_samples × feature_dim` array of `f32`; labels are `n_samples` `f64`s, as in
//! SageMaker's built-in k-NN. Row numbers count from 0 in the order of the rows that were kept by sampling.
//!
//! *Ties.* Of two equally near rows the lower row number is nearer. Of two labels with equally many votes the lower
//! label wins. With fewer than `k` rows, all vote. For squared Euclidean distances these are the rules of FAISS's
//! `IndexFlatL2` (1.7.3 and later, one thread): the same rows give the same ids in the same order.
//!
//! *Exactness.* The flat scan and the kd-tree compare the same canonical `f32` measure, so the kd-tree gives bit for bit
//! what the flat scan gives; it only looks at fewer rows. [`IvfFlat`] measures in the same way and looks at the rows of
//! some lists: what it gives is measured exactly, but nearer rows may be in other lists. [`IvfPq`] measures to coded
//! rows, approximately.
//!
//! *Randomness.* What is drawn (the sample, what lists and codes are learned from, the matrix of a projection) depends
//! on the seed and on nothing else: not on the platform, not on the number of threads.
//!
//! Source: SageMaker Developer Guide, "K-Nearest Neighbors (k-NN) Algorithm"; FAISS `IndexFlat`, `IndexIVFFlat`,
//! `IndexIVFPQ`; the tie rules for votes are ours.
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
//! assert_eq!(rows, [2, 3, 1]); // rows 2 and 3 are equally near: the lower number first
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `parallel` (default) | batches on all cores, by rayon; without it one thread gives the same results |

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod cancellation;
mod dataset;
mod evaluation;
mod hyperparameters;
mod index;
mod kmeans;
mod memory;
mod metric;
mod model;
mod preparation;
mod projection;
mod random;
mod sample;
mod table;
mod threads;

pub use cancellation::CancellationToken;
pub use dataset::{Dataset, DatasetError};
pub use evaluation::{Evaluation, EvaluationError};
pub use hyperparameters::{
    HyperparameterError, Hyperparameters, HyperparametersBuilder, IndexKind, MAX_K, PQ_M, PredictorType,
};
pub use index::{Index, IndexError, IndexView, InvertedList, IvfFlat, IvfPq, KD_TREE_MAX_DIM, Neighbour};
pub use metric::Metric;
pub use model::{Model, PredictError, TrainError, Vote};
pub use projection::{Projection, ProjectionKind};
pub use sample::sample_rows;
pub use table::{Axis, DecisionTable, Lattice, LatticeError, TableError};
