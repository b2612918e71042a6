//! The backends that need the AWS SDK, in a build without it.

use std::sync::Arc;

use anyhow::{Result, bail};
use mysfits_api::{Embedded, Recommender};

use super::OwnEndpoint;

const REMEDY: &str =
    "this build has no AWS SDK; build mysfits-server with `--features endpoint`, or use `cargo xtask dev`";

pub fn endpoint(_: &OwnEndpoint<'_>) -> Result<Arc<dyn Recommender>> {
    bail!(REMEDY)
}

pub fn fallback(_: &OwnEndpoint<'_>, _: Embedded) -> Result<Arc<dyn Recommender>> {
    bail!(REMEDY)
}
