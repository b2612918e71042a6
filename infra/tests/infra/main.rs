//! Tests of the templates and of what is derived from them, through the public interface.
//!
//! - `cost`: sums, and the table.
//! - `deployer`: the deployer's policy.
//! - `names`: names of resources, within the limits of their services.
//! - `scripts`: the notebook's scripts under bash, the site's routes under node.
//! - `templates`: what must be in them; that the committed files are current; YAML 1.1.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod cost;
mod deployer;
mod names;
mod scripts;
mod templates;
