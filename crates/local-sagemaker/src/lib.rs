//! Amazon SageMaker's k-NN algorithm on your own machine: the library of the program `local-sagemaker`.
//!
//! - [`hosting`]: models as endpoints, as SageMaker's container hosts one; [`reload`] picks up replaced files.
//! - [`endpoint_args`]: endpoints of the command line; [`containers`]: servers with `/ping` and `/invocations` as endpoints.
//! - [`serve`]: a listener that serves a router within [`connections`] limits until a signal stops it.
//! - [`requests`]: limits of requests (concurrency, time), and their metrics.
//! - [`control_plane`]: models, endpoints, training jobs, and records of notebook instances; [`aws`] has AWS's protocols.
//! - [`start`]: all services on one port, as `local-sagemaker start` serves them.
//! - [`access`]: the hosts and origins that requests are accepted from; [`server_args`]: arguments of `start` and `serve`.
//! - [`inspect`]: what a model artifact holds and which program wrote it.
//! - [`signals`]: signals that end a command before it serves.
//!
//! Request and response formats, training jobs and the routes themselves are in `mysfits-sagemaker`.
//!
//! ```
//! use axum::{body::Body, http::Request};
//! use local_sagemaker::hosting::hosting_router;
//! use mysfits_knn::{Dataset, Hyperparameters, Model};
//! use mysfits_sagemaker::{Endpoint, Endpoints};
//! use ndarray::array;
//! use tower::ServiceExt as _;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (features, labels) = (array![[1.0, 1.0], [9.0, 9.0]], array![0.0, 1.0]);
//! let dataset = Dataset::new(features.view(), labels.view())?;
//! let model = Model::train(dataset, &Hyperparameters::classifier(1).check()?)?;
//!
//! // The routes of `local-sagemaker serve`, without a socket.
//! let router = hosting_router(Endpoints::new([Endpoint::new("knn-demo", model)?]));
//! let response = router.oneshot(Request::get("/ping").body(Body::empty())?).await?;
//! assert_eq!(response.status(), 200);
//! # Ok(()) }
//! ```

#[cfg(all(doctest, feature = "services"))]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod access;
#[cfg(feature = "services")]
pub mod aws;
mod body;
pub mod chaos;
pub mod connections;
#[cfg(feature = "services")]
pub mod containers;
#[cfg(feature = "services")]
pub mod control_plane;
#[cfg(feature = "services")]
pub mod endpoint_args;
#[cfg(feature = "services")]
pub mod hosting;
#[cfg(feature = "services")]
pub mod inspect;
#[cfg(feature = "services")]
pub mod reload;
pub mod request_memory;
pub mod requests;
pub mod serve;
pub mod server_args;
pub mod signals;
#[cfg(feature = "services")]
pub mod start;

pub use prometheus_client;
