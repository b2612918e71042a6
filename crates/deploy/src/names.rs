//! Names of the resources that this tool creates, and how it recognises them. Pure.

use aws_sdk_cloudformation::types::Tag;
use mysfits_infra::{ARTIFACT_BUCKET_PREFIX, PROJECT_TAG};

/// Prefix of this tool's change sets, by which those of interrupted runs are recognised.
pub const CHANGE_SET_PREFIX: &str = "mysfits-";
/// Prefix of this tool's training jobs. The notebook's role may start `knn-*`.
pub const TRAINING_JOB_PREFIX: &str = "knn-mysfits-";
/// Log group of all training jobs of the account.
pub const TRAINING_LOGS: &str = "/aws/sagemaker/TrainingJobs";
/// Log group of all notebook instances of the account.
pub const NOTEBOOK_LOGS: &str = "/aws/sagemaker/NotebookInstances";
/// Prefix of the log group of an endpoint; the endpoint's name follows.
pub const ENDPOINT_LOGS: &str = "/aws/sagemaker/Endpoints/";
/// Prefix of the names of k-NN endpoints.
pub const ENDPOINT_PREFIX: &str = "knn-";
/// Prefix of the log groups of the stacks.
pub const LOGS: &str = "/mysfits/";
/// The list of the site's releases, in the artifact bucket.
pub const RELEASES_KEY: &str = "site/releases.json";

/// Returns the name of the artifact bucket, one in each account and region.
#[must_use]
pub fn artifact_bucket(account: &str, region: &str) -> String {
    format!("{ARTIFACT_BUCKET_PREFIX}-{account}-{region}")
}

/// Returns the key of the function's zip. It depends on the content, so that CloudFormation detects a change.
#[must_use]
pub fn function_key(sha256: &str) -> String {
    format!("lambda/{sha256}.zip")
}

/// Returns the key of a template that is too long for a request.
#[must_use]
pub fn template_key(sha256: &str) -> String {
    format!("templates/{sha256}.yaml")
}

/// Returns the key of a locally trained model.
#[must_use]
pub fn model_key(sha256: &str) -> String {
    format!("models/{sha256}/model.tar.gz")
}

/// Returns our tag as text.
#[must_use]
pub fn tag_text() -> String {
    format!("{}={}", PROJECT_TAG.0, PROJECT_TAG.1)
}

/// Returns whether tags, as pairs of key and value, include ours.
pub fn is_ours<'a>(tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> bool {
    tags.into_iter().any(|tag| tag == PROJECT_TAG)
}

/// Returns our tag for CloudFormation.
#[must_use]
pub fn stack_tag() -> Tag {
    Tag::builder().key(PROJECT_TAG.0).value(PROJECT_TAG.1).build()
}
