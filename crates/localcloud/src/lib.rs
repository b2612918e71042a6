//! An AWS on this machine to deploy into, without an account or Docker.
//!
//! - [`emulator`]: MiniStack as a child process, started by a launcher that adds missing features.
//! - [`local_sagemaker`]: SageMaker, behind a signature check.
//! - [`authorization`]: IAM for these services, evaluated by MiniStack.
//! - `records`: `CodeCommit` and Application Auto Scaling, as records only.
//! - [`proxy`]: the ports of the site and the APIs, which replace the public host names of CloudFront and API Gateway.
//! - `signals`: signals to processes.
//! - [`cloud`]: starts, serves and stops the cloud; [`state`]: the files of a running cloud; [`control`]: commands for a
//!   running cloud.
//!
//! It makes no requests to other machines, and does not know how the module is deployed.

#[cfg(not(unix))]
compile_error!("mysfits-localcloud runs on Linux only; on Windows, use WSL2");

pub mod authorization;
pub mod cloud;
pub mod control;
pub mod emulator;
mod environment;
mod ports;
pub mod proxy;
mod records;
pub mod service;
mod signals;
pub mod state;
