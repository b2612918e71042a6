//! The module's infrastructure as typed CloudFormation: three stacks, what they cost, and what a person needs to be
//! allowed to deploy them.
//!
//! Knows no AWS SDK and makes no call: out of here come texts. Names that others need, of parameters, outputs,
//! resources and environment variables, are constants of the stacks' modules.
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
pub mod policy;
pub mod recommendations;
mod resource;
pub mod sagemaker;
mod stack;
mod synth;
pub mod website;

pub use cfn::{Resource, Template, TemplateError};
pub use stack::Stack;
pub use synth::{Stale, check, synth};

/// Everything that takes tags carries this one, the stacks too. What does not carry it is not ours.
pub const PROJECT_TAG: (&str, &str) = ("project", "mythical-mysfits");
/// First part of the name of the bucket for packages; account and region follow, with dashes between.
pub const ARTIFACT_BUCKET_PREFIX: &str = "mysfits-artifacts";
