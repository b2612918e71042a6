//! Options of `releases` and `rollback`.

use clap::Args;

use crate::{StageArgs, arn::role_arn};

/// Options of `releases`.
#[derive(Debug, Clone, Args)]
pub struct ReleasesArgs {
    /// The stage whose releases are listed
    #[command(flatten)]
    pub stage: StageArgs,
    /// Print a JSON array
    #[arg(long)]
    pub json: bool,
}

/// Options of `rollback`.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent flag")]
pub struct RollbackArgs {
    /// The stage to roll back
    #[command(flatten)]
    pub stage: StageArgs,
    /// Number of the release [default: the one before the deployed one]
    #[arg(value_name = "RELEASE")]
    pub release: Option<u64>,
    /// Skip the confirmation prompt
    #[arg(long)]
    pub yes: bool,
    /// Show the plan and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Allow replacement of buckets, the distribution, the API or the endpoint
    #[arg(long)]
    pub allow_replace: bool,
    /// Allow deletion of notebook instance, code repository, data bucket or key
    #[arg(long)]
    pub delete_data: bool,
    /// Service role with which CloudFormation changes the stacks
    #[arg(long, value_name = "ARN", value_parser = role_arn)]
    pub role_arn: Option<String>,
    /// Print the plan and the result as JSON, and progress to standard error
    #[arg(long)]
    pub json: bool,
}
