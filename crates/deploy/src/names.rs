//! Names of the resources that this tool creates, and how it recognises them. Pure.

use aws_sdk_cloudformation::types::Tag;
use mysfits_infra::{Stage, names::tags};

/// Prefix of this tool's change sets, by which those of interrupted runs are recognised.
pub const CHANGE_SET_PREFIX: &str = "mysfits-";
/// Prefix of the change sets of saved plans. Other runs leave them alone.
pub const SAVED_CHANGE_SET_PREFIX: &str = "plan-mysfits-";
/// Log group of all training jobs of the account.
pub const TRAINING_LOGS: &str = "/aws/sagemaker/TrainingJobs";
/// Log group of all notebook instances of the account.
pub const NOTEBOOK_LOGS: &str = "/aws/sagemaker/NotebookInstances";
/// Prefix of the log group of an endpoint; the endpoint's name follows.
pub const ENDPOINT_LOGS: &str = "/aws/sagemaker/Endpoints/";
/// The list of the site's releases, in the artifact bucket.
pub const RELEASES_KEY: &str = "site/releases.json";

/// The list of releases that can be deployed again, in the artifact bucket.
pub const DEPLOYED_RELEASES_KEY: &str = "releases/list.json";
/// The folder of the releases' packages, in the artifact bucket.
pub const RELEASE_PACKAGES: &str = "releases/packages/";

/// Returns the key of a release's package.
#[must_use]
pub fn package_key(digest: &str) -> String {
    format!("{RELEASE_PACKAGES}{digest}.tar")
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

/// Returns the tags of a stage's resources as text.
#[must_use]
pub fn tag_text(stage: &Stage) -> String {
    tags(stage).map(|(key, value)| format!("{key}={value}")).join(" and ")
}

/// Returns whether a resource with these tags, as pairs of key and value, belongs to the stage.
pub fn is_of_stage<'a>(stage: &Stage, found: impl IntoIterator<Item = (&'a str, &'a str)>) -> bool {
    let found: Vec<_> = found.into_iter().collect();
    tags(stage).iter().all(|tag| found.contains(tag))
}

/// Returns the tags of a stage's resources for CloudFormation.
#[must_use]
pub fn stack_tags(stage: &Stage) -> Vec<Tag> {
    tags(stage).map(|(key, value)| Tag::builder().key(key).value(value).build()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_belongs_to_the_stage_of_its_tags() {
        let stage = "prod".parse().expect("valid");
        let of_project = ("project", "mythical-mysfits");
        assert!(is_of_stage(&stage, [("a", "b"), ("stage", "prod"), of_project]));
        assert!(!is_of_stage(&stage, [("stage", "dev"), of_project]));
        assert!(!is_of_stage(&stage, [of_project]));
        assert!(!is_of_stage(&stage, [("project", "another"), ("stage", "prod")]));
        assert_eq!(tag_text(&stage), "project=mythical-mysfits and stage=prod");
    }
}
