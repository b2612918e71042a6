//! One process, one port: the site, the recommendation API, and a SageMaker-compatible endpoint.
//!
//! - [`hosting`]: any k-NN models as endpoints, as SageMaker's container hosts one; [`reload`] picks up replaced files.
//! - [`train`]: survey rows to a model, with a report that sets its accuracy beside the best possible.
//! - [`app`]: the routers, and what guards them (concurrency, time, metrics).
//! - [`backend`]: who answers the API.
//! - [`site`]: the built site, from memory.
//! - [`serve`]: a listener, served until a signal says stop.
//!
//! What is recommended and how k-NN works is not known here; the crates `mysfits-api` and `mysfits-knn` know.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod app;
pub mod artifact;
pub mod backend;
pub mod hosting;
mod metrics;
pub mod reload;
pub mod serve;
pub mod site;
pub mod train;
