//! CloudFormation's language as types: values, conditions, policies, and a template whose references are
//! checked.
//!
//! Independent of services and of the stacks of this project: a resource type is a struct that serialises to
//! the properties' names, and declares its type's name and attributes ([`Properties`]). A [`Draft`] becomes a
//! [`Template`] only if each name that is referred to exists, has the requested attribute, and exists under
//! the same conditions as the reference. Unused parameters and conditions are rejected too.
//!
//! Names are `&'static str`: a logical id is a constant ([`logical_id`]), for another one replaces the resource.
//!
//! ```
//! use mysfits_infra::cfn::{Draft, Parameter, Properties, Text, attribute, parameter};
//! use serde::Serialize;
//!
//! #[derive(Serialize)]
//! #[serde(rename_all = "PascalCase")]
//! struct Queue {
//!     queue_name: Text,
//! }
//!
//! impl Properties for Queue {
//!     const TYPE: &'static str = "AWS::SQS::Queue";
//!     const ATTRIBUTES: &'static [&'static str] = &["Arn", "QueueName", "QueueUrl"];
//! }
//!
//! let draft = |asked: &'static str| {
//!     let mut draft = Draft::new("A queue");
//!     draft.parameter("Name", Parameter::text("The queue's name").or("letters"));
//!     draft.add("Letters", Queue { queue_name: parameter("Name") });
//!     draft.output("Address", "Where letters go", attribute("Letters", asked));
//!     draft.finish()
//! };
//!
//! let yaml = draft("QueueUrl")?.yaml();
//! assert!(yaml.contains("    Properties:\n      QueueName:\n        Ref: Name\n"));
//! assert_eq!(
//!     draft("Url").unwrap_err().to_string(),
//!     "Outputs.Address.Value refers to the attribute Url of Letters; AWS::SQS::Queue has Arn, QueueName, QueueUrl",
//! );
//! # Ok::<(), mysfits_infra::TemplateError>(())
//! ```

mod check;
mod constraint;
mod draft;
mod error;
mod expr;
mod iam;
mod logic;
mod parameter;
pub(crate) mod render;
mod template;

pub use constraint::InvalidParameter;
pub use draft::{Draft, DraftEntry, Properties, Removal};
pub use error::TemplateError;
pub use expr::{
    Condition, Expr, Flag, Number, Text, attribute, either, logical_id, only_if, parameter, reference, sub,
};
pub use iam::{PolicyDocument, Statement};
pub use logic::Logic;
pub use parameter::{Assertion, Parameter};
pub use template::{Resource, Template};
