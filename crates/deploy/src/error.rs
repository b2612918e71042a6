//! Error types. Messages name the remedy.

mod aws_error;
mod plan_error;
mod registry_error;

use std::{io, path::PathBuf};

use mysfits_deploy_cli::{DeployExit, DeploySettingsError, SynthError, UnsupportedRegion};
use mysfits_infra::Stage;
use mysfits_output::OutputError;
use mysfits_package::{DependenciesError, PackageError};
use mysfits_site::settings::SettingsError;
use thiserror::Error;

use crate::{failure::Cause, image::ImageError, plan::Replaced};

pub use aws_error::AwsError;
pub use plan_error::PlanError;
pub use registry_error::RegistryError;

/// Why a command failed.
#[derive(Debug, Error)]
pub enum DeployError {
    /// A request to an AWS service failed.
    #[error(transparent)]
    Service(#[from] AwsError),
    /// No region is set.
    #[error(
        "no AWS region is set; set AWS_REGION or the profile's region (for example AWS_REGION=us-east-1)"
    )]
    NoRegion,
    /// A setting of the profile or the environment asks for other endpoints.
    #[error(
        "{setting} is set, but this tool calls only the regions' standard endpoints; unset it, then run the command again"
    )]
    UnsupportedEndpoints {
        /// The setting.
        setting: &'static str,
    },
    /// The package is invalid.
    #[error("the package cannot be deployed; build it again with `cargo xtask package`")]
    Package(#[from] PackageError),
    /// The package cannot be made.
    #[error("cannot make the package {folder}")]
    WritePackage {
        /// The folder of the package.
        folder: PathBuf,
        /// What is wrong.
        source: PackageError,
    },
    /// The output of `cargo tree` is invalid.
    #[error(transparent)]
    Dependencies(#[from] DependenciesError),
    /// The templates cannot be written, or are not up to date.
    #[error(transparent)]
    Synth(#[from] SynthError),
    /// Standard output is closed or full.
    #[error("the output is incomplete")]
    Output(#[from] OutputError),
    /// The package lacks a required file.
    #[error("the package has no {0}; build it again with `cargo xtask package`")]
    NotInPackage(String),
    /// The media type of a file of the site is unknown.
    #[error(
        "unknown media type for the site's file {0}: add its extension to `content_type` in crates/deploy/src/site.rs, or \
         remove the file"
    )]
    NoContentType(String),
    /// The user's file of site settings is invalid.
    #[error("{path}: {problem}")]
    SiteSettings {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: SettingsError,
    },
    /// The deployment's settings are invalid.
    #[error(transparent)]
    Settings(#[from] DeploySettingsError),
    /// The region lacks what the deployment needs.
    #[error(transparent)]
    Region(#[from] UnsupportedRegion),
    /// A plan cannot be saved or executed.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Code of a production stage is deployed only by CloudFormation.
    #[error(
        "--hotswap is not allowed in the production stage {stage}: its stacks would drift; deploy without --hotswap"
    )]
    HotswapInProduction {
        /// The stage.
        stage: String,
    },
    /// There is no such release.
    #[error("there is no {wanted} to go back to (releases: {known}); `mysfits-deploy releases` lists them")]
    NoRelease {
        /// The release.
        wanted: String,
        /// The numbers of the existing ones.
        known: String,
    },
    /// The package of a release is lost.
    #[error(
        "the package of release {release} cannot be used: {problem}; choose another release of `mysfits-deploy releases`"
    )]
    LostPackage {
        /// The release's number.
        release: u64,
        /// What is wrong.
        problem: String,
    },
    /// A file could not be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// A stack has our name but not our tags.
    #[error(
        "the stack {name} exists without the tags {tags}: this tool did not create it and does not change it; delete \
         the stack, or deploy to another stage (--stage NAME), region or account"
    )]
    ForeignStack {
        /// The stack's name.
        name: String,
        /// The tags it should carry.
        tags: String,
    },
    /// A bucket has our name but not our tags.
    #[error(
        "the bucket {name} exists without the tags {tags}, or in another account: this tool did not create it and does not \
         change it; delete or tag it, or deploy to another stage (--stage NAME), region or account"
    )]
    ForeignBucket {
        /// The bucket's name.
        name: String,
        /// The tags it should carry.
        tags: String,
    },
    /// The function's code is not the package's.
    #[error(
        "the deployed function {function} has the code {deployed}, the package has {packaged} (SHA-256 in Base64): \
         the function or the artifact bucket was changed during the deployment; find out who can write to them, \
         then deploy again"
    )]
    ForeignCode {
        /// The function's name.
        function: String,
        /// The hash that Lambda gives.
        deployed: String,
        /// The hash of the package's manifest.
        packaged: String,
    },
    /// A stack is in a state that this tool cannot resolve.
    #[error("the stack {name} is in state {status}, which this tool cannot resolve: {remedy}")]
    Stuck {
        /// The stack's name.
        name: String,
        /// The state.
        status: String,
        /// What to do.
        remedy: String,
    },
    /// A change set could not be created.
    #[error("cannot create a change set for {stack}: {reason}")]
    ChangeSet {
        /// The stack's name.
        stack: String,
        /// The reasons, validation findings first.
        reason: String,
    },
    /// A stack's creation, update or removal failed.
    #[error("{stack}: {doing} failed ({status}); {cause}")]
    Failed {
        /// The stack's name.
        stack: String,
        /// The operation: creation, update, deletion.
        doing: &'static str,
        /// The final state of the stack.
        status: String,
        /// The first cause.
        cause: Cause,
    },
    /// A protected resource would be replaced.
    #[error(
        "{stack} would replace {}: their data or addresses would be lost; repeat with --allow-replace to replace them",
        Replaced::list(replaced)
    )]
    Replaces {
        /// The stack's name.
        stack: String,
        /// The resources that would be replaced.
        replaced: Vec<Replaced>,
    },
    /// A stack lacks a required output.
    #[error("the stack {stack} has no output {output}; deploy again, or check the stack's events")]
    NoOutput {
        /// The stack's name.
        stack: String,
        /// The output's name.
        output: &'static str,
    },
    /// A confirmation is required, and there is no terminal to ask on.
    #[error(
        "{0}: confirmation required: pass --yes, run on a terminal, or pass --dry-run to see only the plan"
    )]
    ConfirmationRequired(&'static str),
    /// The user declined.
    #[error("cancelled; no changes made")]
    Declined,
    /// There is no such log.
    #[error("no log of the {source_name}: {remedy}")]
    NoLog {
        /// What would have written it.
        source_name: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// No browser could be started.
    #[error("cannot start a browser with {program}; open {url} yourself")]
    NoBrowser {
        /// The program.
        program: &'static str,
        /// The address.
        url: String,
    },
    /// Nothing had to be changed, and `--fail-on-no-changes` asks for an error.
    #[error("no changes")]
    NoChanges,
    /// Ctrl-C, or the signal TERM.
    #[error(
        "interrupted during: {0}; operations already started continue in AWS: run the same command again to continue"
    )]
    Interrupted(String),
    /// `status --drift` found drift.
    #[error("{n_resources} drifted; revert with `mysfits-deploy deploy --revert-drift`", n_resources = resources(*.0))]
    Drift(usize),
    /// Drift could not be detected.
    #[error(
        "drift detection of {stack} failed: {reason}; wait until the stack is idle, then run the command again"
    )]
    DriftDetection {
        /// The stack's name.
        stack: String,
        /// CloudFormation's reason.
        reason: String,
    },
    /// Another deployment is in progress.
    #[error(
        "{command} by {holder} on {host} is in progress since {since}; wait until it ends; if it no longer runs, remove its \
         lock with `mysfits-deploy unlock`"
    )]
    Locked {
        /// The other command.
        command: String,
        /// Who runs it.
        holder: String,
        /// The machine.
        host: String,
        /// Since when, in UTC.
        since: String,
    },
    /// The lock was removed or taken over during the run.
    #[error(
        "another deployment has taken this one's lock; see that it has ended (`mysfits-deploy status`), then run the \
         command again"
    )]
    LockLost,
    /// A stored list was changed by another run.
    #[error("{0} was changed by another run at the same time; run the command again")]
    Conflict(String),
    /// Resources that hold work would be deleted.
    #[error("would delete {}: what is in them would be lost; save it, then repeat with --delete-data", .0.join(", "))]
    DeletesData(Vec<String>),
    /// The smoke test failed.
    #[error("smoke test of {what} at {url} failed after {tries} tries in {seconds} s: {problem}")]
    Smoke {
        /// What was requested.
        what: &'static str,
        /// Its URL.
        url: String,
        /// The number of tries.
        tries: u32,
        /// The duration.
        seconds: u64,
        /// The problem of the last try.
        problem: String,
    },
    /// The training job failed.
    #[error("training job {name} ended {status}: {reason}")]
    Training {
        /// The job.
        name: String,
        /// Its final status.
        status: String,
        /// SageMaker's reason.
        reason: String,
    },
    /// The training options are invalid.
    #[error("{0}")]
    TrainingSettings(String),
    /// The container image is missing or invalid.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The container image cannot be pushed.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// Resources are left after deletion.
    #[error("{} left after deletion; run destroy again, or delete by hand:\n  {}", count(left), left.join("\n  "))]
    Left {
        /// The resources.
        left: Vec<String>,
    },
    /// An operation took too long.
    #[error(
        "timed out after {minutes} min waiting for {what}; the operation continues in AWS: run the command again to wait"
    )]
    Timeout {
        /// The operation.
        what: String,
        /// The duration.
        minutes: u64,
    },
    /// Nothing is deployed.
    #[error(
        "nothing is deployed in stage {stage} in {region} of account {account}; run `mysfits-deploy deploy --stage {stage}`"
    )]
    NothingDeployed {
        /// The stage.
        stage: Stage,
        /// The region.
        region: String,
        /// The account.
        account: String,
    },
    /// A stored list is invalid.
    #[error("cannot parse {what} ({problem}); delete it, the next run writes it again")]
    Corrupt {
        /// The list.
        what: String,
        /// The error of the system.
        problem: String,
    },
}

impl DeployError {
    /// Returns how the command ended, for its exit code.
    #[must_use]
    pub fn exit(&self) -> DeployExit {
        match self {
            Self::NoChanges => DeployExit::NoChanges,
            Self::Drift(_) => DeployExit::Drift,
            Self::Interrupted(_) => DeployExit::Interrupted,
            _ => DeployExit::Failed,
        }
    }
}

fn count(left: &[String]) -> String {
    let are = if left.len() == 1 { "is" } else { "are" };
    format!("{} {are}", resources(left.len()))
}

fn resources(n: usize) -> String {
    if n == 1 { "1 resource".to_owned() } else { format!("{n} resources") }
}

#[cfg(test)]
mod tests {
    use super::DeployError;

    #[test]
    fn exit_codes_tell_results_apart() {
        assert_eq!(DeployError::NoChanges.exit().code(), 2);
        assert_eq!(DeployError::Drift(2).exit().code(), 3);
        assert_eq!(DeployError::Interrupted("plan".to_owned()).exit().code(), 130);
        assert_eq!(DeployError::Declined.exit().code(), 1);
    }
}
