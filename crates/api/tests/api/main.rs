//! The API as its callers meet it: requests in, answers out, no socket between.
//!
//! - `recommendations`: what is answered, and how it is explained.
//! - `refusals`: every fault of a request, and the words for it.
//! - `failures`: a backend that is away, wrong, or panics.
//! - `mysfits`: catalogue and questionnaire.
//! - `cors`: what a page on another origin needs.
//! - `backends`: table and model recommend the same.
//! - `openapi`: the document says what the API does.
//! - `fallback`: one backend behind another.
//! - `endpoint`: a SageMaker endpoint as the backend; with the feature of that name.
//! - `any_body`: whatever is sent, it is never our fault.

#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test, in its helpers too")]
#![allow(clippy::needless_raw_string_hashes, reason = "expect_test writes them when it updates a text")]

mod any_body;
mod backends;
mod cors;
#[cfg(feature = "endpoint")]
mod endpoint;
mod failures;
mod fallback;
mod mysfits;
mod openapi;
mod recommendations;
mod refusals;
mod support;
