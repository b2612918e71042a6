//! What a caller of the container, of the service in front of it, and of the files meets.
//!
//! - `codec`: request formats and headers, without HTTP; `inference`: predictions and response formats.
//! - `container`: `/ping` and `/invocations`.
//! - `service`: InvokeEndpoint, with the errors of the real service.
//! - `streaming`: answers of many rows, and bodies of any length.
//! - `faults`: what goes wrong on purpose, how often, and how it looks to the caller.
//! - `local`: the endpoint of other people's tests.
//! - `artifact`: `model.tar.gz`, ours and hostile ones.
//! - `training`: reading training data.

#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test, in its helpers too")]
#![allow(clippy::needless_raw_string_hashes, reason = "expect_test writes them when it updates a text")]
#![allow(
    clippy::format_collect,
    clippy::format_push_string,
    reason = "test data is built once, and reads best so"
)]

mod artifact;
mod codec;
mod container;
mod faults;
mod inference;
mod local;
mod service;
mod streaming;
mod support;
mod training;
