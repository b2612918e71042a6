//! The output of runners: a line of JSON for each case.

use serde::{Deserialize, Serialize};

/// The result of a case with a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseOutcome {
    /// The client.
    pub client: SdkClient,
    /// The line of the scorecard.
    pub group: String,
    /// The case.
    pub case: String,
    /// Its result.
    pub verdict: CaseResult,
    /// Why it did not pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A client, a column of the scorecard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SdkClient {
    /// `boto3`
    #[serde(rename = "boto3")]
    Boto3,
    /// `aws-sdk-sagemakerruntime`
    #[serde(rename = "Rust SDK")]
    Rust,
    /// `@aws-sdk/client-sagemaker-runtime`
    #[serde(rename = "JavaScript SDK")]
    JavaScript,
    /// `awscli`
    #[serde(rename = "AWS CLI")]
    Cli,
    /// `sagemaker`, version 2
    #[serde(rename = "SageMaker Python SDK")]
    SageMaker,
    /// `sagemaker`, version 3, whose resources are in `sagemaker-core`
    #[serde(rename = "SageMaker Python SDK v3")]
    SageMakerV3,
}

impl SdkClient {
    /// All of them, in the scorecard's order.
    pub const ALL: [Self; 6] =
        [Self::Boto3, Self::Rust, Self::JavaScript, Self::Cli, Self::SageMaker, Self::SageMakerV3];

    /// Returns its display name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Boto3 => "boto3",
            Self::Rust => "Rust SDK",
            Self::JavaScript => "JavaScript SDK",
            Self::Cli => "AWS CLI",
            Self::SageMaker => "SageMaker Python SDK",
            Self::SageMakerV3 => "SageMaker Python SDK v3",
        }
    }
}

/// The result of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseResult {
    /// As expected.
    Passed,
    /// Otherwise.
    Failed,
    /// Not as expected in an undocumented case; or the case could not be run.
    NotApplicable,
}

/// A line of a runner's output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RunnerLine {
    /// Which version the client is.
    Version {
        /// The client.
        client: SdkClient,
        /// Its version.
        version: String,
    },
    /// A case.
    Outcome(CaseOutcome),
}
