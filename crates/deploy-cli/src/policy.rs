//! `policy`: prints the IAM policies for deploying.

use clap::{Args, ValueEnum};
use mysfits_infra::policy::{self, GithubJobs, GithubRepository, PolicyHolder, PolicyScope};
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
    /// Print the trust policy of a role for this repository's GitHub Actions
    #[arg(long, value_name = "OWNER/REPO", conflicts_with_all = ["holder", "managed", "permissions_boundary", "role_arn"])]
    pub github: Option<GithubRepository>,
    /// Trust jobs of this branch [default: jobs in the environment named like the stage]
    #[arg(long, value_name = "BRANCH", requires = "github", value_parser = branch_name)]
    pub branch: Option<String>,
}

/// Prints a policy for a deployment in this account and region as JSON.
///
/// # Errors
/// If standard output is closed or full.
pub fn policy(args: &PolicyArgs, account: &str, region: &str) -> Result<(), OutputError> {
    let stage = &args.stage.stage;
    let mut scope = PolicyScope::new(account, region, stage.clone());
    if let Some(repository) = &args.github {
        let branch = args.branch.as_deref();
        let jobs = branch.map_or(GithubJobs::Environment(stage.as_str()), GithubJobs::Branch);
        outln!("{:#}", policy::github_trust(&scope, repository, &jobs))?;
        errln!(
            "note: attach the policies that `mysfits-deploy policy --managed --stage {stage}` prints to the role"
        );
        if !repository.has_ids() {
            errln!(
                "note: tokens of repositories that were created, renamed or transferred after 15 July 2026 hold ids; \
                 for these, pass --github OWNER@ID/REPO@ID"
            );
        }
        return Ok(());
    }
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

/// Returns a branch's name. Characters of patterns are not valid in Git's names either.
fn branch_name(text: &str) -> Result<String, &'static str> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '#' | '+');
    if !text.is_empty() && text.chars().all(is_allowed) && !text.starts_with("refs/") {
        return Ok(text.to_owned());
    }
    Err("expected the name of a branch, such as main")
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

    #[test]
    fn rejects_what_is_no_branch() {
        assert!(branch_name("main").is_ok() && branch_name("release/1.x").is_ok());
        for wrong in ["", "*", "feature/*", "refs/heads/main", "two words", "a?"] {
            assert!(branch_name(wrong).is_err(), "{wrong}");
        }
    }
}
