//! A cloud on this machine: what this project deploys works here as it does on AWS, without an account or Docker.
//!
//! - [`emulator`]: MiniStack as a child process, with what it lacks added by a launcher of ours; its S3 and its logs.
//! - [`sagemaker`]: the service MiniStack does not have: models, endpoints that really answer, training jobs that
//!   really train, notebook instances on paper. The runtime is `mysfits-sagemaker`'s.
//! - [`records`]: `CodeCommit` and Application Auto Scaling, as far as templates need them: records, nothing more.
//! - [`edge`]: where a browser reaches the distribution and the API, whose own addresses do not exist here.
//! - [`signature`]: this cloud's access key, and Signature Version 4: every service requires a signature.
//! - [`signals`]: signals to processes.
//! - [`cloud`]: all of these together, from start to end; [`state`]: what others read of a running one; [`control`]:
//!   what they do to it.
//!
//! Speaks to nobody but this machine. Knows no mysfits and nothing of how they are deployed.

#[cfg(not(unix))]
compile_error!("mysfits-localcloud runs on Linux only; on Windows, use WSL2");

pub mod aws_json;
pub mod cloud;
pub mod control;
pub mod edge;
pub mod emulator;
pub mod environment;
pub mod http;
pub mod ports;
pub mod records;
pub mod sagemaker;
pub mod service;
pub mod signals;
pub mod signature;
pub mod state;
pub mod time;
