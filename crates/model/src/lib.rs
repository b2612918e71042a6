//! The recommendation model: a k-NN classifier over the answers of the questionnaire, whose labels are mysfits.
//!
//! - [`RecommendationModel`]: a k-NN model that answers this build's questionnaire.
//! - [`RecommendationTable`]: the model's recommendation for every entry; [`table_files`] stores one.
//! - `survey` (feature `training`): trains a model on the survey, and reports its accuracy.
//! - `artifact` (feature `training`): stores a model as `model.tar.gz`, with the schema of its features and labels.
//!
//! The crate knows no HTTP and no AWS.
//!
//! ```
//! use std::sync::Arc;
//!
//! use mysfits_domain::Entry;
//! use mysfits_knn::{Dataset, Hyperparameters, Model};
//! use mysfits_model::RecommendationModel;
//! use ndarray::array;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (features, labels) = (array![[1.0, 2.0, 3.0, 4.0, 5.0], [8.0, 8.0, 8.0, 8.0, 8.0]], array![8.0, 0.0]);
//! let dataset = Dataset::new(features.view(), labels.view())?;
//! let model = Model::train(dataset, &Hyperparameters::classifier(1).check()?)?;
//!
//! let model = RecommendationModel::new(Arc::new(model))?;
//! let mysfit = model.table().label(Entry::try_from([1, 2, 3, 4, 5])?).mysfit();
//! assert_eq!(mysfit.name.en, "Atlantis");
//! # Ok(()) }
//! ```
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `training` | `survey` and `artifact`; off by default |

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(feature = "training")]
pub mod artifact;
mod error;
mod model;
#[cfg(feature = "training")]
pub mod survey;
mod table;
pub mod table_files;

pub use error::IncompatibleModel;
pub use model::RecommendationModel;
pub use table::RecommendationTable;
