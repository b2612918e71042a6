//! Options of `deploy`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use mysfits_infra::{
    PERMISSIONS_BOUNDARY, notebook::parameter as notebook, recommendations::parameter as function,
    sagemaker::parameter as sagemaker, website::parameter as website,
};

use crate::{
    StageArgs, Training, TrainingArgs, Ttl,
    settings::{DeploySettings, SettingError, assignment},
};

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

/// The container of training jobs and of the endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EndpointContainer {
    /// SageMaker's k-NN
    BuiltIn,
    /// The image of local-sagemaker, in a repository of the stack
    Own,
}

impl EndpointContainer {
    /// Returns the value in the template.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BuiltIn => "built-in",
            Self::Own => "own",
        }
    }
}

/// The metrics that the function writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FunctionMetrics {
    /// All metrics
    Full,
    /// All but the recommendations of each mysfit
    Minimal,
}

impl FunctionMetrics {
    /// Returns the value in the template and in the function's environment.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Minimal => "minimal",
        }
    }
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
    /// Recommendation backend [default: the deployed one, or embedded]
    #[arg(long, value_enum)]
    pub backend: Option<Backend>,
    /// Hosting mode of the endpoint [default: the deployed one, or serverless]
    #[arg(long, value_enum)]
    pub hosting: Option<HostingMode>,
    /// Container of training jobs and endpoint [default: the deployed one, or built-in]
    #[arg(long, value_enum)]
    pub container: Option<EndpointContainer>,
    /// Image to push for an own container [default: the deployed one, or target/local-sagemaker/image]
    #[arg(long, value_name = "DIR")]
    pub image: Option<PathBuf>,
    /// Where the endpoint's model is trained [default: the deployed model, or sagemaker]
    #[arg(long, value_enum)]
    pub train: Option<Training>,
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
    /// Show the plan and save it to a file, to execute it later
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub plan: Option<PathBuf>,
    /// Execute exactly a saved plan
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "dry_run", "plan", "config", "backend", "hosting", "container", "image", "train", "ttl", "allow_replace", "with_notebook",
        "notebook_repository", "notebook_commit", "with_repository", "alarm_email", "domain", "certificate", "hosted_zone", "api_domain",
        "api_certificate", "api_hosted_zone", "site_settings", "parameters",
        "tags", "reset",
    ])]
    pub apply: Option<PathBuf>,
    /// Replace only the function's code, without CloudFormation (not in production stages)
    #[arg(long, conflicts_with_all = ["dry_run", "plan", "apply", "backend", "hosting", "container", "image", "train", "ttl", "parameters", "tags", "reset"])]
    pub hotswap: bool,
    /// Print the plan and the result as JSON, and progress to standard error
    #[arg(long)]
    pub json: bool,
    /// Allow replacement of buckets, the distribution, the API or the endpoint
    #[arg(long)]
    pub allow_replace: bool,
    /// Allow deletion of notebook instance, code repository, data bucket or key
    #[arg(long)]
    pub delete_data: bool,
    /// Set resources that were changed outside the stacks back to the templates
    #[arg(long)]
    pub revert_drift: bool,
    /// Import log groups, dashboard and schedule that have the templates' names and belong to no stack
    #[arg(long, conflicts_with_all = ["plan", "apply", "hotswap", "revert_drift"])]
    pub import_existing: bool,
    /// Exit with code 2 if there is nothing to change
    #[arg(long)]
    pub fail_on_no_changes: bool,
    /// Create the workshop's notebook instance; an existing one is kept without this
    #[arg(long)]
    pub with_notebook: bool,
    /// Public Git repository that the notebook instance clones (https)
    #[arg(long, value_name = "URL", value_parser = public_repository)]
    pub notebook_repository: Option<String>,
    /// Commit that the notebook instance checks out (40 hexadecimal digits)
    #[arg(long, value_name = "HASH", value_parser = commit_hash)]
    pub notebook_commit: Option<String>,
    /// Create the workshop's code repository; an existing one is kept without this
    #[arg(long)]
    pub with_repository: bool,
    /// Switch off X-Ray traces, which cost more than the API
    #[arg(long)]
    pub no_tracing: bool,
    /// Metrics that the function writes [default: the deployed ones, or full]
    #[arg(long, value_enum)]
    pub metrics: Option<FunctionMetrics>,
    /// Permissions boundary of the roles that the stacks create ("" for none)
    #[arg(long, value_name = "ARN")]
    pub permissions_boundary: Option<String>,
    /// Service role with which CloudFormation changes the stacks
    #[arg(long, value_name = "ARN", value_parser = crate::arn::role_arn)]
    pub role_arn: Option<String>,
    /// E-mail address for alarm notifications ("" for none)
    #[arg(long, value_name = "ADDRESS")]
    pub alarm_email: Option<String>,
    /// Custom domain of the site
    #[arg(long, value_name = "NAME")]
    pub domain: Option<String>,
    /// ARN of the domain's certificate in us-east-1
    #[arg(long, value_name = "ARN")]
    pub certificate: Option<String>,
    /// Route 53 hosted zone in which the domain's records are made
    #[arg(long, value_name = "ID")]
    pub hosted_zone: Option<String>,
    /// Custom domain of the API
    #[arg(long, value_name = "NAME")]
    pub api_domain: Option<String>,
    /// ARN of the certificate of the API's domain, in the stage's region
    #[arg(long, value_name = "ARN")]
    pub api_certificate: Option<String>,
    /// Route 53 hosted zone in which the records of the API's domain are made
    #[arg(long, value_name = "ID")]
    pub api_hosted_zone: Option<String>,
    /// JSON file with addresses of the workshop's other modules
    #[arg(long, value_name = "FILE")]
    pub site_settings: Option<PathBuf>,
    /// Set a parameter of the templates (repeatable)
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = assignment)]
    pub parameters: Vec<(String, String)>,
    /// Add a tag to all resources (repeatable)
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = assignment)]
    pub tags: Vec<(String, String)>,
    /// Set everything that is not given back to its default
    #[arg(long)]
    pub reset: bool,
}

impl DeployArgs {
    /// Returns the settings that the options give.
    ///
    /// # Errors
    /// If a parameter or tag is unknown or invalid.
    pub fn settings(&self) -> Result<DeploySettings, SettingError> {
        let mut settings = DeploySettings {
            train: self.train,
            ttl: self.ttl,
            site_settings: self.site_settings.clone(),
            notebook: self.with_notebook,
            repository: self.with_repository,
            ..DeploySettings::default()
        };
        for (name, value) in &self.parameters {
            settings.set_parameter(name, value)?;
        }
        for (key, value) in &self.tags {
            settings.set_tag(key, value)?;
        }
        // A new repository need not have the commit of the earlier one.
        let any_commit = self.notebook_repository.as_ref().map(|_| "");
        let named = [
            (function::BACKEND, self.backend.map(Backend::as_str)),
            (sagemaker::HOSTING_MODE, self.hosting.map(HostingMode::as_str)),
            (sagemaker::CONTAINER, self.container.map(EndpointContainer::as_str)),
            (function::ALARM_EMAIL, self.alarm_email.as_deref()),
            (function::TRACING, self.no_tracing.then_some("off")),
            (function::METRICS, self.metrics.map(FunctionMetrics::as_str)),
            (website::DOMAIN_NAME, self.domain.as_deref()),
            (website::CERTIFICATE_ARN, self.certificate.as_deref()),
            (website::HOSTED_ZONE_ID, self.hosted_zone.as_deref()),
            (function::API_DOMAIN_NAME, self.api_domain.as_deref()),
            (function::API_CERTIFICATE_ARN, self.api_certificate.as_deref()),
            (function::API_HOSTED_ZONE_ID, self.api_hosted_zone.as_deref()),
            (PERMISSIONS_BOUNDARY, self.permissions_boundary.as_deref()),
            (notebook::NOTEBOOK_REPOSITORY, self.notebook_repository.as_deref()),
            (notebook::NOTEBOOK_COMMIT, self.notebook_commit.as_deref().or(any_commit)),
        ];
        for (name, value) in named {
            if let Some(value) = value {
                settings.set_parameter(name, value)?;
            }
        }
        Ok(settings)
    }
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
    use clap::Parser as _;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Cli {
        #[command(flatten)]
        args: DeployArgs,
    }

    #[track_caller]
    fn settings(line: &str) -> DeploySettings {
        let args = std::iter::once("deploy").chain(line.split_whitespace());
        Cli::parse_from(args).args.settings().unwrap()
    }

    #[test]
    fn sets_only_what_is_given() {
        assert_eq!(settings(""), DeploySettings::default());
        let given = settings(
            "--backend fallback --parameter LogLevel=debug --parameter PriceClass=PriceClass_All --tag a=b",
        );
        assert_eq!(given.parameters["Backend"], "fallback");
        assert_eq!(given.parameters["LogLevel"], "debug");
        assert_eq!(given.parameters.len(), 3);
        assert_eq!(given.tags["a"], "b");
        assert_eq!(settings("--alarm-email=").parameters["AlarmEmail"], "");
        let cheap = settings("--no-tracing --metrics minimal").parameters;
        assert_eq!((cheap["Tracing"].as_str(), cheap["Metrics"].as_str()), ("off", "minimal"));
    }

    #[test]
    fn sets_the_boundary_that_is_given() {
        let boundary = |line: &str| settings(line).parameters.get(PERMISSIONS_BOUNDARY).cloned();
        let arn = "arn:aws:iam::123456789012:policy/boundary";
        assert_eq!(boundary(&format!("--permissions-boundary {arn}")).as_deref(), Some(arn));
        assert_eq!(boundary("--permissions-boundary=").as_deref(), Some(""), "removes it");
        assert_eq!(boundary(""), None);
        let args = Cli::parse_from(["deploy", "--permissions-boundary", "boundary"]).args;
        let error = args.settings().unwrap_err().to_string();
        assert!(
            error.contains("PermissionsBoundary") && error.contains("ARN of a managed policy"),
            "{error}"
        );
    }

    #[test]
    fn sets_the_container_that_is_given() {
        let container = |line: &str| settings(line).parameters.get(sagemaker::CONTAINER).cloned();
        assert_eq!(container("--container own --image folder").as_deref(), Some("own"));
        assert_eq!(container("--container built-in").as_deref(), Some("built-in"));
        assert_eq!(container(""), None);
    }

    #[test]
    fn sets_the_commit_that_is_given() {
        let commit = |line: &str| settings(line).parameters.get(notebook::NOTEBOOK_COMMIT).cloned();
        let hash = "0123456789abcdef0123456789abcdef01234567";
        let repository = "--notebook-repository https://git.example.org/mysfits.git";
        assert_eq!(commit(&format!("--notebook-commit {hash}")).as_deref(), Some(hash));
        assert_eq!(commit(&format!("{repository} --notebook-commit {hash}")).as_deref(), Some(hash));
        assert_eq!(commit(repository).as_deref(), Some(""));
        assert_eq!(commit(""), None);
    }

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
