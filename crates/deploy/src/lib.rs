//! The library behind `mysfits-deploy`, the program for everything in the cloud.
//!
//! Decisions are in pure modules: the next action for a stack status (`state`), the meaning of a change set (`plan`), the
//! first cause of a failure (`failure`), upload order (`site`), parameters, expiry and names. Requests to AWS are in `aws`.
//! The commands (`deploy`, `destroy`, `report`, `train`, `package`) combine the two. `deployer` updates and deletes stacks,
//! and waits for them. A run that is interrupted at any point can be repeated.
//!
//! Public is [`Cli`], which runs a command, and the AWS client that the notebook's helper program shares.
//!
//! ```no_run
//! # async fn example() -> Result<(), mysfits_deploy::DeployError> {
//! use mysfits_deploy::Aws;
//! use mysfits_infra::Stage;
//!
//! // Credentials and region of the environment or the profile.
//! let aws = Aws::connect(Stage::DEFAULT).await?;
//! println!("stage {}, account {}, region {}", aws.stage, aws.account, aws.region);
//! # Ok(())
//! # }
//! ```

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod addresses;
mod apply_options;
mod aws;
mod cli;
mod console;
mod deploy;
mod deployer;
mod destroy;
mod digest;
mod dns;
mod error;
mod expiry;
mod failure;
mod hotswap;
mod image;
mod interrupt;
mod leftovers;
mod lock;
mod logs;
mod names;
mod open;
mod package;
mod package_archive;
mod parameters;
mod plan;
mod planning;
mod poll;
mod price;
mod property_change;
mod releases;
mod report;
mod rollback;
mod saved_plan;
mod settings;
mod site;
mod smoke;
mod state;
mod train;
mod upload;

pub use apply_options::ApplyOptions;
pub use aws::{
    Aws,
    buckets::Upload,
    client::{AwsService, ServiceRequest, SignedClient},
    sagemaker::{
        EndpointState, FinalMetric, ModelArtifacts, SAGEMAKER, SageMakerKind, SageMakerResource,
        TrainingRequest, TrainingState,
    },
    stacks::{StackState, TemplateSource},
};
pub use cli::Cli;
pub use console::Console;
pub use deployer::StackDeployer;
pub use error::{AwsError, DeployError};
pub use failure::Cause;
pub use parameters::Parameters;
pub use plan::Replaced;
pub use poll::poll;
