//! An AWS on this machine to deploy into, without an account or Docker.
//!
//! - [`emulator`]: MiniStack as a child process, started by a launcher that adds missing features; its S3 and its logs.
//! - [`sagemaker`]: SageMaker's control plane: models, endpoints, training jobs, and records of notebook instances. The
//!   runtime is that of `mysfits-sagemaker`.
//! - `records`: `CodeCommit` and Application Auto Scaling, as records only.
//! - [`proxy`]: the ports of the site and the APIs, which replace the public host names of CloudFront and API Gateway.
//! - [`signature`]: this cloud's access key, and Signature Version 4: required by every service.
//! - `signals`: signals to processes.
//! - [`cloud`]: starts, serves and stops the cloud; [`state`]: the files of a running cloud; [`control`]: commands for a
//!   running cloud.
//!
//! It makes no requests to other machines, and does not know how the module is deployed.

#[cfg(not(unix))]
compile_error!("mysfits-localcloud runs on Linux only; on Windows, use WSL2");

mod aws_json;
pub mod cloud;
pub mod control;
pub mod emulator;
mod environment;
pub mod http;
mod ports;
pub mod proxy;
mod records;
pub mod sagemaker;
pub mod service;
mod signals;
pub mod signature;
pub mod state;
mod time;
