//! Amazon SageMaker's built-in k-NN without Amazon: its wire formats, its model artifact, its endpoint.
//!
//! - [`codec`]: what a request and an answer look like (CSV, JSON, JSON lines in; JSON out).
//! - [`artifact`]: `model.tar.gz` in SageMaker's three-file layout, the index in faiss's own bytes.
//! - [`training`]: reading training data (CSV, plain or gzip).
//! - [`Endpoints`] and [`http`]: models by endpoint name, served the way the container and the InvokeEndpoint API do.
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

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod artifact;
pub mod codec;
mod endpoint;
pub mod http;
pub mod training;

pub use endpoint::{Endpoint, EndpointNameError, Endpoints};
