//! Tests of the public API.
//!
//! - `codec`: request formats and headers, without HTTP; `inference`: predictions and response formats.
//! - `container`: `/ping` and `/invocations`.
//! - `service`: InvokeEndpoint, with the errors of the real service.
//! - `batch`: batch transform: records, filters, joins.
//! - `variants`: several variants, containers, and multi-model endpoints.
//! - `operations`: response streams, asynchronous invocations and data capture.
//! - `streaming`: large responses, and bodies of any length.
//! - `faults`: fault injection.
//! - `local`: the endpoint for tests.
//! - `artifact`: `model.tar.gz`, valid and hostile ones.
//! - `training`: reading training data.

#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test, in its helpers too")]
#![allow(clippy::needless_raw_string_hashes, reason = "expect_test writes them when it updates a text")]
#![allow(
    clippy::format_collect,
    clippy::format_push_string,
    reason = "test data is built once, and reads best so"
)]

mod artifact;
mod batch;
mod codec;
mod container;
mod faults;
mod inference;
mod local;
mod operations;
mod service;
mod streaming;
mod support;
mod training;
mod variants;
