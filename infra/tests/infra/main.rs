//! Tests of the templates and of what is derived from them, through the public interface.
//!
//! - `cost`: sums, and the table.
//! - `names`: names of resources, within the limits of their services.
//! - `policy`: the policies for deploying, evaluated as IAM does.
//! - `scripts`: the notebook's scripts under bash, the site's routes under node.
//! - `templates`: what must be in them; that the committed files are current; YAML 1.1.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod cost;
mod names;
mod policy;
mod scripts;
mod templates;
