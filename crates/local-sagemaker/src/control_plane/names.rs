//! Names, ARNs and error messages of SageMaker's resources.
//!
//! Names are matched whatever their case, as SageMaker does; ARNs are lower case.

use std::fmt::Debug;

use mysfits_sagemaker::{AccountRegion, MAX_NAME_CHARS, is_valid_resource_name};

use crate::aws::json::{ApiError, Input, text};

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SortKey {
    Name,
    CreationTime,
    LastModifiedTime,
    Status,
}

/// A kind of resource with a name and an ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RecordKind {
    /// The prefix of the API's members: `{stem}Name`, `{stem}Arn`, `{stem}Status`.
    pub(super) stem: &'static str,
    path: &'static str,
    pub(super) noun: &'static str,
    /// Whether its records have the time of their last change.
    pub(super) is_mutable: bool,
    /// The message for an unknown name; by default it has the ARN.
    missing: Option<&'static str>,
}

impl RecordKind {
    pub(super) const MODEL: Self = Self::immutable("Model", "model", "model");
    pub(super) const ENDPOINT_CONFIG: Self =
        Self::immutable("EndpointConfig", "endpoint-config", "endpoint configuration");
    pub(super) const ENDPOINT: Self =
        Self { is_mutable: true, ..Self::immutable("Endpoint", "endpoint", "endpoint") };
    pub(super) const TRAINING_JOB: Self =
        Self::mutable("TrainingJob", "training-job", "training job", "Requested resource not found.");
    pub(super) const TUNING_JOB: Self = Self {
        is_mutable: true,
        ..Self::immutable(
            "HyperParameterTuningJob",
            "hyper-parameter-tuning-job",
            "hyperparameter tuning job",
        )
    };
    pub(super) const MODEL_PACKAGE_GROUP: Self =
        Self::immutable("ModelPackageGroup", "model-package-group", "model package group");
    pub(super) const MODEL_PACKAGE: Self = Self::immutable("ModelPackage", "model-package", "model package");
    pub(super) const TRANSFORM_JOB: Self = Self::mutable(
        "TransformJob",
        "transform-job",
        "transform job",
        "Could not find requested job with name",
    );
    pub(super) const NOTEBOOK_INSTANCE: Self =
        Self::mutable("NotebookInstance", "notebook-instance", "notebook instance", "RecordNotFound");
    pub(super) const LIFECYCLE_CONFIG: Self = Self::mutable(
        "NotebookInstanceLifecycleConfig",
        "notebook-instance-lifecycle-config",
        "notebook instance lifecycle config",
        "RecordNotFound",
    );

    const fn immutable(stem: &'static str, path: &'static str, noun: &'static str) -> Self {
        Self { stem, path, noun, is_mutable: false, missing: None }
    }

    const fn mutable(
        stem: &'static str,
        path: &'static str,
        noun: &'static str,
        missing: &'static str,
    ) -> Self {
        Self { stem, path, noun, is_mutable: true, missing: Some(missing) }
    }

    /// Whether its records have a status by which lists can be filtered and sorted.
    pub(super) fn lists_by_status(self) -> bool {
        self.is_mutable && self != Self::LIFECYCLE_CONFIG
    }

    /// The default order of its lists, and whether that is descending, by the service model.
    pub(super) fn default_order(self) -> (SortKey, bool) {
        match self {
            Self::TRAINING_JOB | Self::LIFECYCLE_CONFIG | Self::MODEL_PACKAGE_GROUP | Self::MODEL_PACKAGE => {
                (SortKey::CreationTime, false)
            }
            Self::NOTEBOOK_INSTANCE | Self::TUNING_JOB => (SortKey::Name, false),
            _ => (SortKey::CreationTime, true),
        }
    }

    /// `{stem}Name`.
    pub(super) fn name_member(self) -> String {
        format!("{}Name", self.stem)
    }

    /// `{stem}Arn`.
    pub(super) fn arn_member(self) -> String {
        format!("{}Arn", self.stem)
    }

    /// The member of a list that holds its records.
    pub(super) fn list_member(self) -> String {
        let suffix = match self {
            Self::TRAINING_JOB | Self::TUNING_JOB | Self::TRANSFORM_JOB => "Summaries",
            Self::MODEL_PACKAGE | Self::MODEL_PACKAGE_GROUP => "SummaryList",
            _ => "s",
        };
        format!("{}{suffix}", self.stem)
    }

    /// Returns the ARN of the record of this name.
    pub(super) fn arn(self, owner: &AccountRegion, name: &str) -> String {
        owner.arn("sagemaker", &format!("{}/{}", self.path, name.to_ascii_lowercase()))
    }

    /// The name in a request, of which the service model's pattern holds.
    pub(super) fn name(self, input: &Input) -> Result<String, ApiError> {
        name(input, &self.name_member())
    }

    /// Returns the error for an unknown name.
    pub(super) fn missing(self, owner: &AccountRegion, name: &str) -> ApiError {
        ApiError::validation(match self.missing {
            Some(message) if self == Self::TRANSFORM_JOB => format!("{message}: {name}"),
            Some(message) => message.to_owned(),
            None => format!("Could not find {} \"{}\".", self.noun, self.arn(owner, name)),
        })
    }

    /// Returns the error for a request that a record with this status cannot fulfil.
    pub(super) fn rejected(self, status: impl Debug) -> ApiError {
        let noun = self.noun;
        ApiError::validation(format!("The request was rejected because the {noun} is in status {status:?}."))
    }

    /// Returns the error for a name that is taken.
    pub(super) fn exists(self, owner: &AccountRegion, name: &str) -> ApiError {
        let (noun, arn) = (self.noun, self.arn(owner, name));
        let unique = match self {
            Self::TRAINING_JOB => "Training job",
            Self::TUNING_JOB => "Hyperparameter tuning job",
            Self::TRANSFORM_JOB => "Transform job",
            _ => return ApiError::validation(format!("Cannot create already existing {noun} \"{arn}\".")),
        };
        ApiError::new(
            "ResourceInUse",
            format!(
                "{unique} names must be unique within an AWS account and region, and a {noun} with this name already \
                 exists ({arn})"
            ),
        )
    }
}

/// A member that is a name.
pub(super) fn name(input: &Input, member: &str) -> Result<String, ApiError> {
    let name = text(input, member)?;
    if name.len() > MAX_NAME_CHARS {
        let constraint = format!("Member must have length less than or equal to {MAX_NAME_CHARS}");
        return Err(ApiError::constraint(name, member, &constraint));
    }
    check_pattern(name, member)?;
    Ok(name.to_owned())
}

/// Returns a member that is the ARN of a role, of any account and partition.
pub(super) fn role<'i>(input: &'i Input, member: &str) -> Result<&'i str, ApiError> {
    let role = text(input, member)?;
    if is_role(role) {
        return Ok(role);
    }
    Err(ApiError::constraint(
        role,
        member,
        "Member must satisfy regular expression pattern: arn:aws[a-z\\-]*:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+",
    ))
}

fn is_role(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts.as_slice() else { return false };
    let is_partition = partition
        .strip_prefix("aws")
        .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
    let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    let is_path = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-/".contains(&b);
    let name = resource.strip_prefix("role").unwrap_or_default();
    is_partition && is_account && !name.trim_start_matches('/').is_empty() && name.bytes().all(is_path)
}

/// Checks the form of a name.
pub(super) fn check_pattern(name: &str, member: &str) -> Result<(), ApiError> {
    if is_valid_resource_name(name) {
        return Ok(());
    }
    let pattern = "Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}";
    Err(ApiError::constraint(name, member, pattern))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_roles_of_every_account_and_partition() {
        for arn in [
            "arn:aws:iam::123456789012:role/mysfits",
            "arn:aws:iam::000000000000:role/service-role/AmazonSageMaker-ExecutionRole-20261130T000000",
            "arn:aws-cn:iam::210987654321:role/x+=,.@-_",
        ] {
            assert!(is_role(arn), "{arn}");
        }
        for text in [
            "",
            "mysfits",
            "arn:aws:iam::1:role/x",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:user/x",
            "arn:aws:iam::123456789012:role/a b",
            "arn:gcp:iam::123456789012:role/x",
        ] {
            assert!(!is_role(text), "{text}");
        }
    }
}
