//! CloudFormation's language as types: values, conditions, policies, and a template in which every reference holds.
//!
//! Knows no service: those are in `resource`. A [`Draft`] becomes a [`Template`] only if each name that is referred to
//! exists, has the attribute that is asked of it, and exists whenever the one who asks does.

mod check;
mod draft;
mod expr;
mod iam;
mod logic;
mod parameter;
mod render;
mod template;

pub use check::TemplateError;
pub use template::{Resource, Template};

pub(crate) use draft::{Draft, Properties, Removal};
pub(crate) use expr::{
    Condition, Expr, Flag, Number, Text, attribute, either, logical_id, only_if, parameter, reference, sub,
};
pub(crate) use iam::{PolicyDocument, Statement};
pub(crate) use logic::Logic;
pub(crate) use parameter::{Assertion, Parameter};
