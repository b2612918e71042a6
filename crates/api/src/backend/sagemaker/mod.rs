//! A SageMaker endpoint that hosts the k-NN model.

mod answer;
mod failure;
mod http;

use std::time::Duration;

use aws_sdk_sagemakerruntime::{
    Client, Config,
    config::{
        BehaviorVersion, Region, StalledStreamProtectionConfig, retry::RetryConfig, timeout::TimeoutConfig,
    },
    primitives::Blob,
};
use mysfits_domain::Entry;

use self::failure::RetryModelNotReady;
use crate::{BoxFuture, RecommendError, Recommended, Recommender};

pub use self::http::{RootCertificates, RootCertificatesError};
pub use aws_sdk_sagemakerruntime::config::Credentials;

/// The wire formats of the workshop's function.
const CONTENT_TYPE: &str = "application/jsonlines";
const ACCEPT: &str = "application/json";
const ACCEPT_VERBOSE: &str = "application/json; verbose=true";

/// The address of the endpoint, the credentials and the timeouts.
#[derive(Debug, Clone)]
pub struct SageMakerSettings {
    /// The endpoint's name.
    pub name: String,
    /// The AWS region, part of the request's signature; for instance `us-east-1`.
    pub region: String,
    /// The service's address if it is not AWS's own: a VPC endpoint, a server on this machine.
    pub url: Option<String>,
    /// The credentials that sign the requests.
    pub credentials: Credentials,
    /// The trusted root certificates.
    pub roots: RootCertificates,
    /// The timeouts.
    pub timeouts: Timeouts,
}

/// Timeouts of a request. Each is shorter than the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Of a connection.
    pub connect: Duration,
    /// Of one attempt.
    pub attempt: Duration,
    /// Of the request: all attempts, and the pauses between them.
    pub operation: Duration,
    /// The most attempts.
    pub attempts: u32,
}

impl Timeouts {
    /// Timeouts without a fallback: they fit into a function timeout of ten seconds.
    pub const STANDALONE: Self = Self {
        connect: Duration::from_secs(1),
        attempt: Duration::from_secs(3),
        operation: Duration::from_secs(8),
        attempts: 3,
    };
    /// Timeouts with a fallback: short, because the fallback can respond. A cold serverless endpoint exceeds
    /// them, but the request warms it up.
    pub const WITH_FALLBACK: Self = Self {
        connect: Duration::from_millis(500),
        attempt: Duration::from_secs(1),
        operation: Duration::from_millis(1500),
        attempts: 2,
    };
}

/// Recommends by a SageMaker endpoint. Opens no connection before the first request.
///
/// Retries throttling, a model that is not ready (429), 5xx and failed connections, within the time of the operation.
///
/// The metric of the endpoint's model must be L2: its response does not name the metric, and an explanation takes the
/// numbers for squared distances.
#[derive(Debug, Clone)]
pub struct SageMakerBackend {
    client: Client,
    name: String,
}

impl SageMakerBackend {
    /// Returns a backend for this endpoint.
    #[must_use]
    pub fn new(settings: SageMakerSettings) -> Self {
        let SageMakerSettings { name, region, url, credentials, roots, timeouts } = settings;
        let timeout_config = TimeoutConfig::builder()
            .connect_timeout(timeouts.connect)
            .operation_attempt_timeout(timeouts.attempt)
            .operation_timeout(timeouts.operation)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(timeouts.attempts)
            // The default of a second would be most of the time that there is.
            .with_initial_backoff(Duration::from_millis(100))
            .with_max_backoff(Duration::from_secs(1));
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .http_client(http::client(roots))
            .region(Region::new(region))
            .credentials_provider(credentials)
            .timeout_config(timeout_config)
            .retry_config(retries)
            .retry_classifier(RetryModelNotReady)
            // Answers are short, and there is a limit for each attempt.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        config.set_endpoint_url(url);
        Self { client: Client::from_conf(config.build()), name }
    }

    async fn invoke(&self, entry: Entry, explain: bool) -> Result<Vec<u8>, RecommendError> {
        let sent = self
            .client
            .invoke_endpoint()
            .endpoint_name(&self.name)
            .content_type(CONTENT_TYPE)
            .accept(if explain { ACCEPT_VERBOSE } else { ACCEPT })
            .body(Blob::new(answer::request(entry)))
            .send();
        let output = sent.await.map_err(|error| failure::classify(error, &self.name))?;
        Ok(output.body.map(Blob::into_inner).unwrap_or_default())
    }
}

impl Recommender for SageMakerBackend {
    fn name(&self) -> &'static str {
        "endpoint"
    }

    fn recommend(&self, entry: Entry, explain: bool) -> BoxFuture<'_, Result<Recommended, RecommendError>> {
        Box::pin(async move {
            let body = self.invoke(entry, explain).await?;
            let recommendation = answer::read(&body, explain.then_some(self.name()))
                .map_err(|error| RecommendError::BadAnswer(error.into()))?;
            Ok(Recommended::by(self.name(), recommendation))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_timeout_is_shorter_than_the_next() {
        for Timeouts { connect, attempt, operation, attempts } in
            [Timeouts::STANDALONE, Timeouts::WITH_FALLBACK]
        {
            assert!(connect < attempt && attempt < operation && attempts > 1);
        }
        assert!(Timeouts::WITH_FALLBACK.operation < Timeouts::STANDALONE.operation);
    }
}
