//! Deploys the module to an AWS account and removes it: plans, change sets, uploads, training jobs, deletion.
//!
//! Takes a package and does not build anything. Decisions are made in the pure modules ([`state`], [`plan`],
//! [`failure`], [`site`], [`expiry`], [`parameters`], [`names`]). Requests to AWS are in [`aws`]. The rest
//! combines the two, stage by stage. A run that was killed at any point can be repeated.
//!
//! ```
//! use mysfits_deploy::names;
//!
//! assert_eq!(names::artifact_bucket("123456789012", "eu-central-1"), "mysfits-artifacts-123456789012-eu-central-1");
//! ```

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod addresses;
pub mod aws;
mod cli;
mod console;
mod deploy;
mod destroy;
mod error;
pub mod expiry;
pub mod failure;
pub mod names;
mod package;
pub mod parameters;
pub mod plan;
mod planning;
mod price;
mod report;
mod session;
pub mod site;
mod smoke;
pub mod state;
mod train;
mod upload;

pub use addresses::Addresses;
pub use cli::Cli;
pub use console::Console;
pub use error::{DeployError, ServiceError};
pub use session::{Prepared, Session};
pub use upload::Site;
