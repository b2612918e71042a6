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

use self::failure::NotReadyIsTriedAgain;
use crate::{BoxFuture, RecommendError, Recommended, Recommender};

pub use self::http::{Roots, RootsError};
pub use aws_sdk_sagemakerruntime::config::Credentials;

/// The wire formats of the workshop's function.
const CONTENT_TYPE: &str = "application/jsonlines";
const ACCEPT: &str = "application/json";
const ACCEPT_VERBOSE: &str = "application/json; verbose=true";

/// Where the endpoint is and how to get in.
#[derive(Debug, Clone)]
pub struct EndpointSettings {
    /// The endpoint's name.
    pub name: String,
    /// The AWS region, part of the request's signature; for instance `us-east-1`.
    pub region: String,
    /// The service's address if it is not AWS's own: a VPC endpoint, a server on this machine.
    pub url: Option<String>,
    /// Who asks.
    pub credentials: Credentials,
    /// Who vouches for the service.
    pub roots: Roots,
    /// How long to wait for it.
    pub patience: Patience,
}

/// How long to wait, each time within the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For the answer to one attempt.
    pub attempt: Duration,
    /// For all of it: attempts and the pauses between them.
    pub operation: Duration,
    /// How often it is tried.
    pub attempts: u32,
}

impl Patience {
    /// Timeouts without a fallback: they fit into a function timeout of ten seconds.
    pub const ALONE: Self = Self {
        connect: Duration::from_secs(1),
        attempt: Duration::from_secs(3),
        operation: Duration::from_secs(8),
        attempts: 3,
    };
    /// Timeouts with a fallback: short, because the fallback can respond. A cold serverless endpoint exceeds
    /// them, but the request warms it up.
    pub const BEFORE_FALLBACK: Self = Self {
        connect: Duration::from_millis(500),
        attempt: Duration::from_secs(1),
        operation: Duration::from_millis(1500),
        attempts: 2,
    };
}

/// Recommends by asking a SageMaker endpoint. Makes its one client when it is made, and no connection before it is asked.
///
/// Tried again within the time of the operation are throttling, a model that is not ready (429), 5xx and connections
/// that fail; nothing else.
///
/// The metric of the endpoint's model must be L2: its response does not name the metric, and an explanation takes the
/// numbers for squared distances.
#[derive(Debug, Clone)]
pub struct Endpoint {
    client: Client,
    name: String,
}

impl Endpoint {
    /// Asks this endpoint from now on.
    #[must_use]
    pub fn new(settings: EndpointSettings) -> Self {
        let EndpointSettings { name, region, url, credentials, roots, patience } = settings;
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(patience.connect)
            .operation_attempt_timeout(patience.attempt)
            .operation_timeout(patience.operation)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(patience.attempts)
            // A caller waits: a second, the default, would be most of the time there is.
            .with_initial_backoff(Duration::from_millis(100))
            .with_max_backoff(Duration::from_secs(1));
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .http_client(http::client(roots))
            .region(Region::new(region))
            .credentials_provider(credentials)
            .timeout_config(timeouts)
            .retry_config(retries)
            .retry_classifier(NotReadyIsTriedAgain)
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

impl Recommender for Endpoint {
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
    fn each_time_fits_into_the_next() {
        for Patience { connect, attempt, operation, attempts } in [Patience::ALONE, Patience::BEFORE_FALLBACK]
        {
            assert!(connect < attempt && attempt < operation && attempts > 1);
        }
        assert!(Patience::BEFORE_FALLBACK.operation < Patience::ALONE.operation);
    }
}
