//! Amazon SageMaker's built-in k-NN without Amazon: its wire formats, its model artifact, its endpoint.
//!
//! - [`codec`]: what a request and an answer look like (CSV, JSON, JSON lines, RecordIO in; the last three out).
//! - [`inference`]: predictions, with or without their neighbours, and how they are written.
//! - [`artifact`]: `model.tar.gz` in SageMaker's three-file layout, the index in faiss's own bytes.
//! - [`training`]: the training job of the container: `/opt/ml`, hyperparameters, channels, log; reading training data.
//! - [`Endpoints`] and [`http`]: models by endpoint name, served the way the container and the InvokeEndpoint API do.
//! - [`LocalEndpoint`]: the same on a free port, for tests; [`faults`]: and on a bad day.
//!
//! Knows no mysfits: any k-NN model will do. Source: SageMaker Developer Guide, "K-Nearest Neighbors (k-NN) Algorithm"
//! and "Common data formats"; the service model of `sagemaker-runtime`.
//!
//! ```
//! use mysfits_knn::{Dataset, Hyperparameters, Model};
//! use mysfits_sagemaker::{Endpoint, Endpoints};
//! use ndarray::array;
//!
//! let (features, labels) = (array![[1.0, 1.0], [9.0, 9.0]], array![0.0, 1.0]);
//! let dataset = Dataset::new(features.view(), labels.view())?;
//! let model = Model::train(dataset, &Hyperparameters::classifier(1).check()?)?;
//! let endpoints = Endpoints::new([Endpoint::new("knn-demo", model)?]);
//! let router = mysfits_sagemaker::http::router(endpoints); // an axum router for any server, or none
//! # let _: axum::Router = router;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `http` (default) | [`http`], [`faults`], [`Endpoints`], [`LocalEndpoint`]; without it there are formats, artifacts and training, and no runtime |
//! | `fuzzing` | what its fuzz targets need; no part of the contract |

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod artifact;
pub mod codec;
#[cfg(feature = "http")]
mod endpoint;
#[cfg(feature = "http")]
pub mod faults;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "http")]
pub mod http;
pub mod inference;
#[cfg(feature = "http")]
mod local;
pub mod training;

#[cfg(feature = "http")]
pub use endpoint::{
    DEFAULT_VARIANT, Endpoint, EndpointNameError, Endpoints, MAX_NAME_CHARS, VariantNameError, is_name,
};
#[cfg(feature = "http")]
pub use local::{LocalEndpoint, LocalEndpointError};
