//! What can go wrong between here and a running module; each text says what, where, and what to do.

use std::{io, path::PathBuf};

use mysfits_deploy_cli::SynthError;
use mysfits_infra::Stack;
use mysfits_output::OutputError;
use mysfits_package::{DependenciesError, PackageError};
use mysfits_site::settings::SettingsError;
use thiserror::Error;

use crate::{failure::Cause, plan::Replaced};

/// An answer of an AWS service that is not the one hoped for, or no answer at all.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{service} refused {operation}: {}{message}{}", code.as_deref().map(|code| format!("{code}: ")).unwrap_or_default(), self.remedy())]
pub struct ServiceError {
    /// The service, as its SDK calls it.
    pub service: &'static str,
    /// The operation that was asked for.
    pub operation: &'static str,
    /// The service's code for the error; none if there was no answer.
    pub code: Option<String>,
    /// The service's words, or what kept the answer away.
    pub message: String,
}

impl ServiceError {
    /// Returns whether the service answered with this code.
    #[must_use]
    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// What the caller can do about it, as the end of a sentence; empty where only the message can tell.
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
                 command again, it goes on where it stopped"
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
                "; the caller lacks this right: attach what `mysfits-deploy policy` prints to the caller's role, then \
                 run the command again"
            }
            code if is_quota(code) => {
                "; a quota of the account is used up: raise it under Service Quotas, or remove what is not needed, \
                 then run the command again"
            }
            _ => "",
        }
    }
}

/// Returns whether an error code means that the caller lacks a permission.
#[must_use]
pub fn is_denied(code: &str) -> bool {
    matches!(
        code,
        "AccessDenied"
            | "AccessDeniedException"
            | "UnauthorizedOperation"
            | "NotAuthorized"
            | "AllAccessDisabled"
    )
}

/// Returns whether an error code means that a quota is exhausted.
#[must_use]
pub fn is_quota(code: &str) -> bool {
    ["LimitExceeded", "ResourceLimitExceeded", "QuotaExceeded", "TooManyBuckets"]
        .iter()
        .any(|part| code.contains(part))
}

/// Why a deployment, a removal or a question about them failed.
#[derive(Debug, Error)]
pub enum DeployError {
    /// An AWS service said no.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// There is no region to deploy to.
    #[error(
        "no AWS region is set; set AWS_REGION or the profile's region (for example AWS_REGION=us-east-1)"
    )]
    NoRegion,
    /// What was built cannot be used.
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
    /// The package lacks a file that is needed.
    #[error("the package has no {0}; build it again with `cargo xtask package`")]
    NotInPackage(String),
    /// A file of the site is of a kind that browsers would not understand.
    #[error(
        "the site's file {0} has an ending without a media type; add it to `content_type` in crates/deploy/src/site.rs, \
         or leave the file out"
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
    /// A file could not be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A stack has our name but not our tag.
    #[error(
        "the stack {name} exists but does not carry the tag {tag}, so this tool did not make it and does not touch it; \
         rename or delete that stack, or deploy to another region or account"
    )]
    ForeignStack {
        /// The stack's name.
        name: String,
        /// The tag it should carry.
        tag: String,
    },
    /// A bucket has our name but not our tag.
    #[error(
        "the bucket {name} exists but does not carry the tag {tag}, so this tool did not make it and does not touch it; \
         delete or tag it, or deploy to another region or account"
    )]
    ForeignBucket {
        /// The bucket's name.
        name: String,
        /// The tag it should carry.
        tag: String,
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
    /// A stack is in a state that only a person can end.
    #[error("the stack {name} is in state {status}, which this tool cannot mend: {remedy}")]
    Stuck {
        /// The stack's name.
        name: &'static str,
        /// The state.
        status: String,
        /// What to do.
        remedy: String,
    },
    /// A change set could not be made.
    #[error("no change set for {stack}: {reason}")]
    ChangeSet {
        /// The stack's name.
        stack: &'static str,
        /// What AWS said, its validation's findings first.
        reason: String,
    },
    /// A stack's creation, update or removal failed.
    #[error("{stack}: {doing} failed ({status}); {cause}")]
    Failed {
        /// The stack's name.
        stack: &'static str,
        /// What was being done: create, update, delete.
        doing: &'static str,
        /// How the stack ended.
        status: String,
        /// Where it began.
        cause: Cause,
    },
    /// Something precious would be replaced.
    #[error(
        "{stack} would replace {}; what they hold or are called would be lost: repeat with --allow-replace to do it",
        Replaced::list(replaced)
    )]
    Replaces {
        /// The stack's name.
        stack: &'static str,
        /// What would be replaced.
        replaced: Vec<Replaced>,
    },
    /// A stack lacks an output that the next step needs.
    #[error("the stack {} has no output {output}; deploy again, or look at the stack's events", stack.name())]
    NoOutput {
        /// The stack.
        stack: Stack,
        /// The output's name.
        output: &'static str,
    },
    /// A confirmation is required, and there is no terminal to ask on.
    #[error("{0} needs a yes: repeat with --yes, or on a terminal, or with --dry-run to see the plan only")]
    NobodyToAsk(&'static str),
    /// The answer was no.
    #[error("stopped, as told; nothing was changed")]
    Declined,
    /// The smoke test's answers were not what they should be.
    #[error("{what} at {url} does not answer as it should, after {tries} tries in {seconds} s: {problem}")]
    Smoke {
        /// What was asked.
        what: &'static str,
        /// Where.
        url: String,
        /// How often.
        tries: u32,
        /// For how long.
        seconds: u64,
        /// What came last.
        problem: String,
    },
    /// The training job failed.
    #[error("training job {name} ended {status}: {reason}")]
    Training {
        /// The job.
        name: String,
        /// How it ended.
        status: String,
        /// SageMaker's reason.
        reason: String,
    },
    /// What was to be trained with is no training.
    #[error("{0}")]
    TrainingSettings(String),
    /// After removal something is left.
    #[error("{} left after removal; run destroy again, or remove by hand:\n  {}", count(left), left.join("\n  "))]
    Left {
        /// What is left.
        left: Vec<String>,
    },
    /// Something took longer than it ever should.
    #[error("{what} is not done after {minutes} min; it goes on in AWS: run the command again to wait on")]
    TooLong {
        /// What is being waited for.
        what: String,
        /// For how long.
        minutes: u64,
    },
    /// Nothing is deployed.
    #[error("nothing is deployed in {region} of account {account}; `mysfits-deploy deploy` does it")]
    NothingDeployed {
        /// The region.
        region: String,
        /// The account.
        account: String,
    },
    /// A stored list cannot be understood.
    #[error("{what} cannot be read ({problem}); delete it, it is written anew")]
    Corrupt {
        /// Which one.
        what: String,
        /// Why not.
        problem: String,
    },
}

fn count(left: &[String]) -> String {
    match left.len() {
        1 => "one thing is".to_owned(),
        n => format!("{n} things are"),
    }
}

#[cfg(test)]
mod tests {
    use super::ServiceError;

    #[track_caller]
    fn check(code: Option<&str>, message: &str, expected: &str) {
        let error = ServiceError {
            service: "STS",
            operation: "GetCallerIdentity",
            code: code.map(str::to_owned),
            message: message.to_owned(),
        };
        let text = error.to_string();
        assert!(text.starts_with("STS refused GetCallerIdentity: "), "{text}");
        assert!(text.contains(message) && text.contains(expected), "{text}");
    }

    #[test]
    fn each_kind_of_refusal_names_its_remedy() {
        check(Some("ExpiredToken"), "The security token is expired", "sign in again");
        check(Some("AccessDenied"), "not authorized to perform: iam:PassRole", "mysfits-deploy policy");
        check(Some("ResourceLimitExceeded"), "ml.m5.large for endpoint usage is 0", "Service Quotas");
        check(Some("InvalidClientTokenId"), "the token is invalid", "AWS_PROFILE");
        check(None, "no credentials were found", "AWS_ACCESS_KEY_ID");
        check(Some("Throttling"), "Rate exceeded", "Rate exceeded");
    }
}
