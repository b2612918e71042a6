//! The module's infrastructure as typed CloudFormation: the stacks, what they cost, and the permissions that are needed to
//! deploy them.
//!
//! This crate only generates text; it uses no AWS SDK and makes no calls. Names of parameters, outputs, resources and
//! environment variables that other crates need are constants of the stacks' modules. [`names`] has the names of resources.
//!
//! ```
//! use mysfits_infra::{Stack, sagemaker};
//!
//! let template = Stack::SageMaker.template();
//! assert!(template.parameters().any(|name| name == sagemaker::parameter::MODEL_DATA_URL));
//! assert!(Stack::SageMaker.yaml().starts_with("# Generated"));
//! ```

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod cfn;
pub mod cost;
mod custom_domain;
mod differences;
pub mod import;
pub mod names;
pub mod notebook;
pub mod policy;
pub mod recommendations;
mod regions;
pub mod repository;
mod resource;
pub mod sagemaker;
mod stack;
mod stage;
mod synth;
pub mod website;

pub use cfn::{InvalidParameter, Resource, Template, TemplateError};
pub use names::PROJECT_TAG;
pub use resource::iam::PERMISSIONS_BOUNDARY;
pub use stack::Stack;
pub use stage::{STAGE_PARAMETER, Stage, StageError};
pub use synth::{Stale, check, synth};
