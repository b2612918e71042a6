//! The AWS wrappers against a service in this process: what is sent, what is retried, which errors are returned.
#![allow(clippy::unwrap_used, reason = "a panic is a failed test")]

pub(crate) mod fake_registry;
pub(crate) mod fake_service;
mod integrity;
mod operations;
mod ownership;
mod service_role;
mod signed_client;
mod stack_lists;
mod stage_scope;

use super::Aws;
