//! The program and its routes, mostly without a socket.
//!
//! - `hosting`: models as endpoints, by the command line's options.
//! - `reload`: models that are replaced on disk, by valid and by invalid files.
//! - `serve`: connections, and how the server stops.
//! - `unread_responses`: clients that never read, against the limits of memory and time.
//! - `help`: the documentation's page about its options.
//! - `program`: the program, from its arguments to the signal that ends it.
//! - `start`: all services on one port; `data_folder`: what they save.
//! - `training_jobs`, `tuning`, `model_packages`: all over S3 and logs in memory (`fake_aws`).
//! - `endpoints`: endpoints of the control plane (`control_plane`).
//! - `containers`: other servers as endpoints.
//! - `container`: the program as SageMaker's container: training jobs, replaced models, injected faults.
//! - `hosts`: training jobs of several processes.
//! - `transform`: transform jobs, over S3 and logs in memory (`fake_aws`).

#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test, in its helpers too")]
#![allow(clippy::needless_raw_string_hashes, reason = "expect_test writes them when it updates a text")]
#![allow(clippy::format_collect, reason = "test data is built once, and reads best so")]

mod container;
mod containers;
mod control_plane;
mod data_folder;
mod endpoints;
mod fake_aws;
mod help;
mod hosting;
mod hosts;
mod model_packages;
mod program;
mod reload;
mod serve;
mod start;
mod support;
mod training_jobs;
mod transform;
mod tuning;
#[cfg(target_os = "linux")]
mod unread_responses;
