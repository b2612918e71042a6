//! Requests to the router, without a socket.
//!
//! - `recommendations`: recommendations and explanations.
//! - `refusals`: invalid requests and their errors.
//! - `failures`: backends that are unavailable, wrong, or panic.
//! - `mysfits`: catalogue and questionnaire.
//! - `feedback`: feedback on recommendations.
//! - `results`: the pages of shared results.
//! - `cors`: CORS.
//! - `backends`: table and model recommend the same.
//! - `openapi`: the OpenAPI document describes the API; `reference`: the documentation's page about it.
//! - `fallback`: a backend with a fallback.
//! - `endpoint`: a SageMaker endpoint as the backend (feature `endpoint`).
//! - `any_body`: random requests, which never cause a server error.

#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test, in its helpers too")]
#![allow(clippy::needless_raw_string_hashes, reason = "expect_test writes them when it updates a text")]

mod any_body;
mod backends;
mod cors;
#[cfg(feature = "endpoint")]
mod endpoint;
mod failures;
mod fallback;
mod feedback;
mod mysfits;
mod openapi;
mod recommendations;
mod reference;
mod refusals;
mod results;
mod support;
