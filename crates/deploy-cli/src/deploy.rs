//! Options of `deploy`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::{StageArgs, TrainingArgs, Ttl};

/// The recommendation backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Backend {
    /// The SageMaker endpoint, as in the workshop
    Endpoint,
    /// The decision table in the function: no endpoint, no cost while idle
    Embedded,
    /// The endpoint, and the decision table while the endpoint is unavailable
    Fallback,
}

impl Backend {
    /// Returns whether the backend needs an endpoint.
    #[must_use]
    pub fn needs_endpoint(self) -> bool {
        self != Self::Embedded
    }

    /// Returns the value in the template and in the function's environment.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::Embedded => "embedded",
            Self::Fallback => "fallback",
        }
    }
}

/// The hosting mode of the endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum HostingMode {
    /// Serverless inference, billed per request
    Serverless,
    /// Instances, billed per hour
    Instance,
}

impl HostingMode {
    /// Returns the value in the template.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Serverless => "serverless",
            Self::Instance => "instance",
        }
    }
}

/// Where the endpoint's model is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Training {
    /// On this machine: the model is in the package
    Local,
    /// In a SageMaker training job
    Sagemaker,
}

/// Options of `deploy`.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent flag")]
pub struct DeployArgs {
    /// What to deploy
    #[command(flatten)]
    pub stage: StageArgs,
    /// Package to deploy, made by `cargo xtask package` [default: target/package]
    #[arg(long, value_name = "DIR")]
    pub package: Option<PathBuf>,
    /// Recommendation backend
    #[arg(long, value_enum, default_value_t = Backend::Embedded)]
    pub backend: Backend,
    /// Hosting mode of the endpoint
    #[arg(long, value_enum, default_value_t = HostingMode::Serverless)]
    pub hosting: HostingMode,
    /// Where the endpoint's model is trained
    #[arg(long, value_enum, default_value_t = Training::Local)]
    pub train: Training,
    /// Options of the training job
    #[command(flatten)]
    pub training: TrainingArgs,
    /// Delete the endpoint after this time (30m, 2h, 7d), or never (none)
    #[arg(long, value_name = "TIME")]
    pub ttl: Option<Ttl>,
    /// Skip the confirmation prompt
    #[arg(long)]
    pub yes: bool,
    /// Show the plan and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Allow replacement of buckets, the distribution, the API or the endpoint
    #[arg(long)]
    pub allow_replace: bool,
    /// Do not create the workshop's notebook instance
    #[arg(long)]
    pub without_notebook: bool,
    /// Public Git repository that the notebook instance clones (https)
    #[arg(long, value_name = "URL", value_parser = public_repository)]
    pub notebook_repository: Option<String>,
    /// Commit that the notebook instance checks out (40 hexadecimal digits)
    #[arg(long, value_name = "HASH", value_parser = commit_hash)]
    pub notebook_commit: Option<String>,
    /// Do not create the workshop's code repository
    #[arg(long)]
    pub without_repository: bool,
    /// E-mail address for alarm notifications
    #[arg(long, value_name = "ADDRESS")]
    pub alarm_email: Option<String>,
    /// JSON file with addresses of the workshop's other modules
    #[arg(long, value_name = "FILE")]
    pub site_settings: Option<PathBuf>,
}

/// Returns the URL of a public repository. Every reader of the stack sees its parameters, so a URL with
/// credentials is rejected.
fn public_repository(url: &str) -> Result<String, &'static str> {
    match url.strip_prefix("https://") {
        None | Some("") => Err("expected a URL that begins with https://"),
        Some(rest) if rest.contains('@') => {
            Err("expected a URL without user name or password: every reader of the stack can see it")
        }
        Some(_) => Ok(url.to_owned()),
    }
}

/// Returns a full SHA-1. An abbreviated hash or a branch could later resolve to another commit.
fn commit_hash(text: &str) -> Result<String, &'static str> {
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() == 40 && text.bytes().all(is_hex) {
        return Ok(text.to_owned());
    }
    Err("expected the 40 hexadecimal digits that `git rev-parse HEAD` prints")
}

#[cfg(test)]
mod tests {
    use super::{commit_hash, public_repository};

    #[test]
    fn accepts_only_full_commit_hashes() {
        assert!(commit_hash("0123456789abcdef0123456789abcdef01234567").is_ok());
        for wrong in ["", "main", "0123456", "0123456789ABCDEF0123456789abcdef01234567"] {
            assert!(commit_hash(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn accepts_only_repositories_without_credentials() {
        assert!(public_repository("https://git.example.org/mysfits.git").is_ok());
        for wrong in
            ["", "https://", "git@example.org:mysfits.git", "http://a/b", "https://me:secret@example.org/b"]
        {
            assert!(public_repository(wrong).is_err(), "{wrong}");
        }
    }
}
