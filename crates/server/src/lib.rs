//! One process, one port: the site, the recommendation API, and a SageMaker-compatible endpoint.
//!
//! - [`app`]: the router of all parts.
//! - [`backend`]: the backends of the API that can be chosen.
//! - [`site`]: the built site.
//! - [`origin`]: the origin of the site.
//! - [`feedback`]: a file of feedback.
//! - `json_responses`: validators and compression of the API's responses.
//! - `compression`: gzip and brotli.
//!
//! The listener, its limits and the SageMaker routes are those of `local-sagemaker`.
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `endpoint` | backends that call an endpoint through the AWS SDK; off by default |

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod app;
pub mod backend;
mod compression;
pub mod feedback;
mod json_responses;
pub mod origin;
pub mod site;
