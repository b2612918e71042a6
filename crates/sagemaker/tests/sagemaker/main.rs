//! What a caller of the container, of the service in front of it, and of the files meets.
//!
//! - `codec`: request and response formats, without HTTP.
//! - `container`: `/ping` and `/invocations`.
//! - `service`: InvokeEndpoint, with the errors of the real service.
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
mod service;
mod support;
mod training;
