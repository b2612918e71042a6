//! Requests to AWS, by service.

mod artifact_bucket;
pub(crate) mod buckets;
pub(crate) mod client;
pub(crate) mod conditional;
mod credentials;
pub(crate) mod distribution;
mod drift;
pub(crate) mod existence;
pub(crate) mod function;
pub(crate) mod logs;
pub(crate) mod registry;
pub(crate) mod sagemaker;
pub(crate) mod stack_state;
pub(crate) mod stack_update;
pub(crate) mod stacks;
pub(crate) mod tagging;
#[cfg(test)]
pub(crate) mod tests;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::{error::metadata::ProvideErrorMetadata, retry::RetryConfig, timeout::TimeoutConfig};

use crate::error::{AwsError, DeployError};
use client::{SignedClient, error_chain};
use credentials::CachedCredentials;
use mysfits_infra::Stage;

/// A stage in an AWS account and region, with clients.
#[derive(Debug, Clone)]
pub struct Aws {
    /// The stage.
    pub stage: Stage,
    /// The account's twelve digits.
    pub account: String,
    /// The region.
    pub region: String,
    /// The partition: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// The ARN of the caller.
    pub caller: String,
    /// The role with which CloudFormation changes the stacks; with the caller's permissions by default.
    pub(crate) service_role: Option<String>,
    pub(crate) cloudformation: aws_sdk_cloudformation::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) client: SignedClient,
}

impl Aws {
    /// Reads the environment and the profile, and requests the caller's identity.
    ///
    /// # Errors
    /// If no region is set, or there are no valid credentials.
    pub async fn connect(stage: Stage) -> Result<Self, DeployError> {
        Self::connect_in(stage, None).await
    }

    /// Connects to a region, or, by default, to that of the environment or the profile.
    pub(crate) async fn connect_in(stage: Stage, region: Option<&str>) -> Result<Self, DeployError> {
        Self::from_config(&load_config(region).await, stage).await
    }

    /// Creates the clients for a configuration.
    ///
    /// # Errors
    /// As [`Self::connect`].
    pub async fn from_config(config: &SdkConfig, stage: Stage) -> Result<Self, DeployError> {
        let region = config.region().ok_or(DeployError::NoRegion)?.to_string();
        check_endpoints(config)?;
        // One cache for the clients of all services.
        let cached = config
            .credentials_provider()
            .map(|provider| SharedCredentialsProvider::new(CachedCredentials::new(provider)));
        let mut builder = config.to_builder();
        builder.set_credentials_provider(cached);
        let config = &builder.build();
        let identity = caller_identity(config).await?;
        let caller = identity.arn().unwrap_or_default().to_owned();
        let partition = caller.split(':').nth(1).filter(|part| !part.is_empty()).unwrap_or("aws").to_owned();
        // Bucket names as host names need DNS that knows them: a custom endpoint seldom has it.
        let custom_endpoint =
            config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
        let s3 = aws_sdk_s3::config::Builder::from(config).force_path_style(custom_endpoint).build();
        let suffix = suffix_of(&partition);
        Ok(Self {
            stage,
            account: identity.account().unwrap_or_default().to_owned(),
            client: SignedClient::new(config, &region, suffix),
            region,
            partition,
            caller,
            service_role: None,
            cloudformation: aws_sdk_cloudformation::Client::new(config),
            s3: aws_sdk_s3::Client::from_conf(s3),
        })
    }

    /// Lets CloudFormation change the stacks with this role's permissions.
    #[must_use]
    pub(crate) fn with_service_role(self, arn: Option<String>) -> Self {
        Self { service_role: arn, ..self }
    }

    /// Returns the client for services without an SDK crate.
    #[must_use]
    pub fn client(&self) -> &SignedClient {
        &self.client
    }

    /// Returns the suffix of AWS host names in this partition.
    #[must_use]
    pub fn suffix(&self) -> &'static str {
        suffix_of(&self.partition)
    }
}

/// Refuses settings that only the SDKs' clients would follow.
fn check_endpoints(config: &SdkConfig) -> Result<(), DeployError> {
    let settings = [
        (config.use_fips(), "AWS_USE_FIPS_ENDPOINT or use_fips_endpoint"),
        (config.use_dual_stack(), "AWS_USE_DUALSTACK_ENDPOINT or use_dualstack_endpoint"),
    ];
    match settings.into_iter().find(|(is_set, _)| *is_set == Some(true)) {
        Some((_, setting)) => Err(DeployError::UnsupportedEndpoints { setting }),
        None => Ok(()),
    }
}

/// Reads the environment and the profile; a region that is given takes the place of theirs.
async fn load_config(region: Option<&str>) -> SdkConfig {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let defaults = aws_config::defaults(BehaviorVersion::v2026_01_12());
    let defaults = match region {
        Some(region) => defaults.region(Region::new(region.to_owned())),
        None => defaults,
    };
    defaults
        .http_client(http)
        .retry_config(RetryConfig::standard().with_max_attempts(5))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(std::time::Duration::from_secs(5))
                .operation_attempt_timeout(std::time::Duration::from_mins(5))
                .build(),
        )
        .load()
        .await
}

async fn caller_identity(config: &SdkConfig) -> Result<GetCallerIdentityOutput, AwsError> {
    let request = aws_sdk_sts::Client::new(config).get_caller_identity();
    request.send().await.map_err(|error| service_error("STS", "GetCallerIdentity", &error))
}

/// Returns an account and a region: those that are given, or those of the credentials and the configuration. With an
/// account, no credentials are needed.
///
/// # Errors
/// If no region is set, or there are no valid credentials.
pub(crate) async fn account_and_region(
    account: Option<&str>,
    region: Option<&str>,
) -> Result<(String, String), DeployError> {
    let config = load_config(region).await;
    let region = config.region().ok_or(DeployError::NoRegion)?.to_string();
    let account = match account {
        Some(account) => account.to_owned(),
        None => caller_identity(&config).await?.account().unwrap_or_default().to_owned(),
    };
    Ok((account, region))
}

/// Returns the suffix of host names in a partition.
fn suffix_of(partition: &str) -> &'static str {
    if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" }
}

/// Converts an SDK's error: keeps the service's code and message, or the cause of a missing response.
pub(crate) fn service_error<E, R>(
    service: &'static str,
    operation: &'static str,
    error: &SdkError<E, R>,
) -> AwsError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug + 'static,
{
    let answered = error.as_service_error();
    let code = answered.and_then(ProvideErrorMetadata::code).map(str::to_owned);
    let message = answered.and_then(ProvideErrorMetadata::message).map(str::to_owned);
    AwsError { service, operation, code, message: message.unwrap_or_else(|| error_chain(error)) }
}
