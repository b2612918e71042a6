//! `policy`: prints the IAM policies for deploying.

use clap::{Args, ValueEnum};
use mysfits_infra::policy::{self, PolicyHolder, PolicyScope};
use mysfits_output::{OutputError, errln, outln};

use crate::StageArgs;

/// The holder of a printed policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyFor {
    /// A person or program that deploys
    Deployer,
    /// CloudFormation's service role (deploy --role-arn)
    ServiceRole,
    /// The stacks' roles: their permissions boundary (deploy --permissions-boundary)
    Boundary,
}

/// Options of `policy`.
#[derive(Debug, Clone, Args)]
pub struct PolicyArgs {
    /// Holder of the policy
    #[arg(value_enum, value_name = "HOLDER", default_value_t = PolicyFor::Deployer)]
    pub holder: PolicyFor,
    /// What may be deployed
    #[command(flatten)]
    pub stage: StageArgs,
    /// Print a list of managed policies that each fit IAM's size limit
    #[arg(long)]
    pub managed: bool,
    /// Account of the deployment [default: that of the credentials]
    #[arg(long, value_name = "ID", value_parser = account_id)]
    pub account: Option<String>,
    /// Permissions boundary that roles must have [default: a policy of the stage]
    #[arg(long, value_name = "ARN", value_parser = crate::arn::policy_arn)]
    pub permissions_boundary: Option<String>,
    /// Service role with which the deployer's stacks are changed
    #[arg(long, value_name = "ARN", value_parser = crate::arn::role_arn)]
    pub role_arn: Option<String>,
}

/// Prints a policy for a deployment in this account and region as JSON.
///
/// # Errors
/// If standard output is closed or full.
pub fn policy(args: &PolicyArgs, account: &str, region: &str) -> Result<(), OutputError> {
    let stage = &args.stage.stage;
    let mut scope = PolicyScope::new(account, region, stage.clone());
    if let Some(arn) = &args.permissions_boundary {
        scope = scope.with_boundary(arn);
    }
    let holder = match (args.holder, &args.role_arn) {
        (PolicyFor::Deployer, Some(role)) => PolicyHolder::DeployerWithServiceRole(role),
        (PolicyFor::Deployer, None) => PolicyHolder::Deployer,
        (PolicyFor::ServiceRole, _) => PolicyHolder::ServiceRole,
        (PolicyFor::Boundary, _) => PolicyHolder::Boundary,
    };
    if args.managed {
        outln!("{:#}", serde_json::Value::from(policy::managed(&scope, holder)))?;
    } else {
        outln!("{:#}", policy::policy(&scope, holder))?;
    }
    // Standard output holds only JSON.
    if matches!(holder, PolicyHolder::Deployer | PolicyHolder::ServiceRole) {
        errln!(
            "note: with this policy, roles can be created only with the permissions boundary {}; \
             `mysfits-deploy policy boundary` prints a policy for it, `mysfits-deploy deploy --permissions-boundary ARN` \
             sets it",
            scope.boundary()
        );
    }
    Ok(())
}

/// Returns an account's number.
fn account_id(text: &str) -> Result<String, &'static str> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err("expected the 12 digits of an AWS account, such as 123456789012")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_what_is_no_account() {
        assert!(account_id("123456789012").is_ok());
        for wrong in ["", "ACCOUNT", "12345678901", "1234567890123"] {
            assert!(account_id(wrong).is_err_and(|words| words.contains("12 digits")), "{wrong}");
        }
    }
}
