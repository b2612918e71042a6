//! The process, mostly without its socket.
//!
//! - `site`: files, their headers, and what is not there.
//! - `site_rules`: what is the same on CloudFront.
//! - `app`: all routes together, what guards them, what is counted.
//! - `hosting`: any models as endpoints: what can be asked for, and what cannot.
//! - `reload`: models that are replaced on disk, by what is a model and by what is none.
//! - `backends`: who answers the API of `dev`.
//! - `artifact`: models that fit this build's questionnaire, and others.
//! - `train`: how good the models are.
//! - `serve`: a real socket, and how it is closed.
//! - `program`: the binary, from the command line to the signal that ends it.
//! - `hosted`: the binary as SageMaker's container, while its models are replaced and things go wrong.

#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test, in its helpers too")]
#![allow(clippy::needless_raw_string_hashes, reason = "expect_test writes them when it updates a text")]
#![allow(clippy::format_collect, reason = "test data is built once, and reads best so")]

mod app;
mod artifact;
mod backends;
mod hosted;
mod hosting;
mod program;
mod reload;
mod serve;
mod site;
mod site_rules;
mod support;
mod train;
