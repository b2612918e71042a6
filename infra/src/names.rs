//! Names that programs and templates share. Each holds the stage, so that stages do not meet in one account.
//!
//! Where a template gives no name, CloudFormation makes one of the stack's name, the logical id and a random suffix.
//! Names of services without regions hold the region, too. In templates, the arguments are CloudFormation's
//! placeholders, such as `${Stage}`.

use std::fmt::Display;

use crate::Stage;

/// All resources that support tags have this one, and the stacks. Resources without it are not ours.
pub const PROJECT_TAG: (&str, &str) = ("project", "mythical-mysfits");
/// The key of the tag with the stage's name, on the same resources.
pub const STAGE_TAG: &str = "stage";

/// Returns the tags of a stage's resources. Resources without both belong to another stage or project.
#[must_use]
pub fn tags(stage: &Stage) -> [(&'static str, &str); 2] {
    [PROJECT_TAG, (STAGE_TAG, stage.as_str())]
}

/// Returns the name of a stack or a code repository.
///
/// The prefix is not that of the workshop's own stacks, `MythicalMysfits-`. The stage is in lower case and `what` begins
/// with a capital letter, so the names of two stages are never prefixes of each other.
pub(crate) fn resource_name(stage: impl Display, what: &str) -> String {
    format!("Mysfits-{stage}-{what}")
}

/// Returns the name of the bucket for packages. Each stage has its own, so the policy of one stage does not allow writing what
/// another stage runs.
#[must_use]
pub fn artifact_bucket(stage: &Stage, account: &str, region: &str) -> String {
    format!("mysfits-{stage}-{account}-{region}")
}

/// The lock that keeps two deployments apart, in the bucket for packages.
pub const LOCK_KEY: &str = "deployment-lock.json";

/// Returns the prefix of the log groups of the stacks.
pub fn log_groups(stage: impl Display) -> String {
    format!("/mysfits/{stage}/")
}

/// Returns the namespace of the function's own metrics.
pub fn metric_namespace(stage: impl Display) -> String {
    format!("Mysfits/{stage}")
}

/// Returns the path of the roles. IAM has no regions: by the path, a policy can name the roles of one stage in one
/// region.
pub fn role_path(stage: impl Display, region: impl Display) -> String {
    format!("/mysfits/{stage}/{region}/")
}

/// Returns the name of the notebook instance. It is in lower case because its ARN is.
pub fn notebook(stage: impl Display) -> String {
    format!("mysfits-{stage}-notebook")
}

/// Returns the name of the code repository.
pub fn code_repository(stage: impl Display) -> String {
    resource_name(stage, "Recommendations")
}

/// Returns the name of the repository of container images. It holds the stack's name in lower case, as repositories must have it.
pub fn image_repository(stage: impl Display) -> String {
    format!("mysfits-{stage}-model/local-sagemaker")
}

/// The first part of the names of endpoints and training jobs.
pub const SAGEMAKER_PREFIX: &str = "knn-";
/// What stands before the stage in the names of endpoints and training jobs.
const SAGEMAKER_STAGE: &str = "-mysfits-";

/// Returns the name of an endpoint or a training job. `what` tells those of a stage apart.
pub fn sagemaker(what: impl Display, stage: impl Display) -> String {
    format!("{SAGEMAKER_PREFIX}{what}{SAGEMAKER_STAGE}{stage}")
}

/// Returns the stage in the name of an endpoint or a training job; `None` if this module did not name it.
#[must_use]
pub fn stage_of_sagemaker(name: &str) -> Option<&str> {
    let (_, stage) = name.strip_prefix(SAGEMAKER_PREFIX)?.split_once(SAGEMAKER_STAGE)?;
    Some(stage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stage_is_read_from_sagemaker_names() {
        let stage = |name: &str| name.parse::<Stage>().expect("valid");
        let endpoint = sagemaker("ml-serverless", stage("eu-dev"));
        assert_eq!(endpoint, "knn-ml-serverless-mysfits-eu-dev");
        assert_eq!(stage_of_sagemaker(&endpoint), Some("eu-dev"));
        let endpoint = sagemaker("a", stage("x-mysfits-y"));
        assert_eq!(stage_of_sagemaker(&endpoint), Some("x-mysfits-y"));
        for other in ["other-mysfits-dev", "knn-ml-serverless-mysfits", "knn-"] {
            assert_eq!(stage_of_sagemaker(other), None, "{other}");
        }
    }
}
