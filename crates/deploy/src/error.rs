//! Error types. Messages name the remedy.

use std::{io, path::PathBuf};

use mysfits_deploy_cli::{DeploySettingsError, SynthError};
use mysfits_infra::Stage;
use mysfits_output::OutputError;
use mysfits_package::{DependenciesError, PackageError};
use mysfits_site::settings::SettingsError;
use thiserror::Error;

use crate::{
    failure::{Cause, is_denied, is_quota},
    plan::Replaced,
    saved_plan::PlanError,
};

/// An error response of an AWS service, or a missing response.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{service} {operation} failed: {}{message}{}", code.as_deref().map(|code| format!("{code}: ")).unwrap_or_default(), self.remedy())]
pub struct AwsError {
    /// The service's id in the SDKs.
    pub service: &'static str,
    /// The requested operation.
    pub operation: &'static str,
    /// The service's error code; `None` without a response.
    pub code: Option<String>,
    /// The service's message, or why there was no response.
    pub message: String,
}

impl AwsError {
    /// Returns whether the service responded with this error code.
    #[must_use]
    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Returns the remedy as the end of a sentence, or an empty string if it depends on the message.
    fn remedy(&self) -> &'static str {
        let code = self.code.as_deref().unwrap_or_default();
        let no_credentials =
            ["no credentials", "loading credentials", "CredentialsNotLoaded", "NoCredentials"];
        match code {
            _ if no_credentials.iter().any(|words| self.message.contains(words)) => {
                "; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in (aws sso login), \
                 then run the command again"
            }
            "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "TokenRefreshRequired" => {
                "; the credentials have expired: sign in again (aws sso login, or new AWS_* variables), then run the \
                 command again; it continues where it stopped"
            }
            "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "InvalidAccessKeyId"
            | "SignatureDoesNotMatch"
            | "InvalidSignatureException"
            | "AuthFailure" => {
                "; the credentials are not valid for this account and region: check AWS_PROFILE, AWS_ACCESS_KEY_ID, \
                 AWS_SECRET_ACCESS_KEY and the machine's clock"
            }
            "OptInRequired" => {
                "; the region or service is not enabled in this account: enable it, or choose another"
            }
            code if is_denied(code) => {
                "; missing permission: attach the output of `mysfits-deploy policy` to the caller's role, then run the \
                 command again"
            }
            code if is_quota(code) => {
                "; a quota of the account is exhausted: raise it in Service Quotas, or delete unused resources, \
                 then run the command again"
            }
            _ => "",
        }
    }
}

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
    /// A plan cannot be saved or executed.
    #[error(transparent)]
    Plan(#[from] PlanError),
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
        "the bucket {name} exists without the tags {tags}: this tool did not create it and does not change it; delete \
         or tag it, or deploy to another stage (--stage NAME), region or account"
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

fn count(left: &[String]) -> String {
    match left.len() {
        1 => "1 resource is".to_owned(),
        n => format!("{n} resources are"),
    }
}

#[cfg(test)]
mod tests {
    use super::AwsError;

    #[track_caller]
    fn check(code: Option<&str>, message: &str, expected: &str) {
        let error = AwsError {
            service: "STS",
            operation: "GetCallerIdentity",
            code: code.map(str::to_owned),
            message: message.to_owned(),
        };
        let text = error.to_string();
        assert!(text.starts_with("STS GetCallerIdentity failed: "), "{text}");
        assert!(text.contains(message) && text.contains(expected), "{text}");
    }

    #[test]
    fn each_error_names_its_remedy() {
        check(Some("ExpiredToken"), "The security token is expired", "sign in again");
        check(Some("AccessDenied"), "not authorized to perform: iam:PassRole", "mysfits-deploy policy");
        check(Some("ResourceLimitExceeded"), "ml.m5.large for endpoint usage is 0", "Service Quotas");
        check(Some("InvalidClientTokenId"), "the token is invalid", "AWS_PROFILE");
        check(None, "no credentials were found", "AWS_ACCESS_KEY_ID");
        check(Some("Throttling"), "Rate exceeded", "Rate exceeded");
    }
}
