//! One process, one port: the site, the recommendation API, and a SageMaker-compatible endpoint.
//!
//! - [`hosting`]: any k-NN models as endpoints, as SageMaker's container hosts one; [`reload`] picks up replaced files.
//! - [`train`]: survey rows to a model, with a report that sets its accuracy beside the best possible.
//! - [`access`]: the hosts and origins that requests are accepted from.
//! - [`app`]: the routers, and what guards them (concurrency, time, metrics).
//! - [`backend`]: who answers the API.
//! - [`site`]: the built site.
//! - [`modules`]: the workshop's other modules, in memory, for development.
//! - [`serve`]: a listener, served within [`limits`] until a signal says stop.
//!
//! What is recommended and how k-NN works is not known here; the crates `mysfits-api` and `mysfits-knn` know.
//!
//! ```
//! use axum::{body::Body, http::Request};
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
//! // What `serve` serves, without a socket.
//! let router = mysfits_server::app::hosting_router(Endpoints::new([Endpoint::new("knn-demo", model)?]));
//! let answer = router.oneshot(Request::get("/ping").body(Body::empty())?).await?;
//! assert_eq!(answer.status(), 200);
//! # Ok(()) }
//! ```
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `endpoint` | backends that ask an endpoint through the AWS SDK; off by default |

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod access;
pub mod app;
pub mod artifact;
pub mod backend;
mod body;
pub mod hosting;
pub mod limits;
mod metrics;
pub mod modules;
pub mod reload;
pub mod serve;
pub mod site;
pub mod train;
