//! Amazon SageMaker's built-in k-NN on your own machine: formats, model artifact, training job and endpoint.
//!
//! - [`codec`]: the formats of requests and responses (CSV, JSON, JSON lines, RecordIO; responses in the last three).
//! - [`client`]: encodes requests and decodes responses.
//! - [`inference`]: predictions, with or without their neighbours, and their encoding.
//! - [`artifact`]: `model.tar.gz` with SageMaker's three files, the index in faiss's format.
//! - [`training`]: the container's training job in `/opt/ml`: hyperparameters, channels, log; readers for training data.
//! - [`batch`]: batch transform: records of objects, JSONPath filters, joins of predictions with their records.
//! - [`S3Manifest`]: lists of S3 objects.
//! - [`Endpoints`] and [`http`]: models by endpoint name, served like the container and the InvokeEndpoint API.
//!   An [`EndpointDeployment`] has [variants](Variant) by weight: a k-NN model, any [`Container`], or a [`MultiModel`];
//!   [`AsyncInference`] and [`DataCapture`] use an [`ObjectStore`].
//! - [`LocalEndpoint`]: an endpoint on a free port, for tests; [`faults`]: fault injection.
//!
//! Serves any k-NN model. Source: SageMaker Developer Guide, "K-Nearest Neighbors (k-NN) Algorithm" and "Common data
//! formats"; the service model of `sagemaker-runtime`.
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
//! let router = mysfits_sagemaker::http::router(endpoints); // an axum router for any server
//! # let _: axum::Router = router;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `http` (default) | [`http`], [`faults`], [`Endpoints`], [`LocalEndpoint`]; without it there are formats, artifacts and training, and no async runtime |

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(feature = "http")]
mod account;
pub mod artifact;
#[cfg(feature = "http")]
mod async_inference;
pub mod batch;
pub mod client;
pub mod codec;
#[cfg(feature = "http")]
mod container;
#[cfg(feature = "http")]
mod data_capture;
#[cfg(feature = "http")]
mod endpoint;
#[cfg(feature = "http")]
pub mod faults;
#[cfg(feature = "http")]
pub mod http;
pub mod inference;
#[cfg(feature = "http")]
mod local;
mod manifest;
mod memory;
#[cfg(feature = "http")]
mod multi_model;
#[cfg(feature = "http")]
mod resource_name;
mod text;
pub mod training;
#[cfg(feature = "http")]
mod variant;

#[cfg(feature = "http")]
pub use account::AccountRegion;
#[cfg(feature = "http")]
pub use async_inference::{AsyncInference, DEFAULT_CONCURRENT_INVOCATIONS};
#[cfg(feature = "http")]
pub use container::{BoxFuture, Container, ContainerError, ObjectError, ObjectStore, StoredObject};
#[cfg(feature = "http")]
pub use data_capture::{CaptureOptions, DataCapture};
#[cfg(feature = "http")]
pub use endpoint::{DEFAULT_VARIANT, Endpoint, EndpointNameError, Endpoints};
#[cfg(feature = "http")]
pub use local::{LocalEndpoint, LocalEndpointError};
pub use manifest::{S3Manifest, S3ManifestError, is_file_path};
#[cfg(feature = "http")]
pub use multi_model::{DEFAULT_MODEL_MEMORY_BYTES, MultiModel};
#[cfg(feature = "http")]
pub use resource_name::{MAX_NAME_CHARS, is_valid_resource_name};
#[cfg(feature = "http")]
pub use variant::{
    DeploymentError, EndpointDeployment, MAX_VARIANTS, Variant, VariantBackend, VariantNameError,
};
