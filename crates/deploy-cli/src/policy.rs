//! `policy`: prints the IAM policy for deploying.

use clap::Args;
use mysfits_infra::policy;
use mysfits_output::{OutputError, errln, outln};

use crate::StageArgs;

/// Warning that goes with the policy.
const WARNING: &str = "warning: this policy allows creating roles and their policies without a permissions \
    boundary: a user who has it can become administrator of the account; give it only to administrators";

/// Options of `policy`.
#[derive(Debug, Clone, Args)]
pub struct PolicyArgs {
    /// What may be deployed
    #[command(flatten)]
    pub stage: StageArgs,
    /// Print a list of managed policies that each fit IAM's size limit
    #[arg(long)]
    pub managed: bool,
}

/// Prints the least-privilege IAM policy for deploying as JSON.
///
/// # Errors
/// If standard output is closed or full.
pub fn policy(args: &PolicyArgs) -> Result<(), OutputError> {
    let account = policy::PolicyAccount { stage: &args.stage.stage, ..policy::PolicyAccount::PLACEHOLDERS };
    if args.managed {
        outln!("{:#}", serde_json::Value::from(policy::managed(&account)))?;
    } else {
        outln!("{:#}", policy::deployer(&account))?;
    }
    // Standard output holds only JSON.
    errln!("{WARNING}");
    Ok(())
}
