//! The fuzz targets of `mysfits-sagemaker`, the API's routes and the function's events, as functions.
//!
//! `tests/fuzz-targets/fuzz` runs them with libFuzzer, which needs a nightly compiler. `tests/replay.rs` runs them on the
//! committed corpora with any compiler. Both run the same code.
//!
//! A target fails by a panic. Under libFuzzer it also fails if it takes too long or allocates far more than its input is
//! long; `cargo xtask fuzz` sets these limits.

mod artifact;
mod batch;
mod codec;
mod event_stream;
mod http;
mod lambda;
mod manifest;
mod model;
mod training;

pub use artifact::{artifact_archive, artifact_files, artifact_labels, join_parts};
pub use batch::{json_path, transform_object};
pub use codec::{csv, json, jsonlines, media_type, recordio};
pub use event_stream::event_stream;
pub use http::http_request;
pub use lambda::lambda_event;
pub use manifest::manifest;
pub use training::{training_csv, training_recordio};
