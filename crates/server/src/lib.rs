//! One process, one port: the site, the recommendation API, and a SageMaker-compatible endpoint.
//!
//! - [`train`]: survey rows to a model, with a report that sets its accuracy beside the best possible.
//! - [`app`]: the router of all routes, and what guards it (concurrency, time, metrics).
//! - [`site`]: the built site, from memory.
//! - [`serve`]: a listener, served until a signal says stop.
//!
//! What is recommended and how k-NN works is not known here; the crates `mysfits-api` and `mysfits-knn` know.

pub mod app;
pub mod artifact;
mod metrics;
pub mod serve;
pub mod site;
pub mod train;
