//! What SageMaker's things are called, and how it speaks of them.
//!
//! Names are matched whatever their case, as SageMaker does; ARNs are lower case.

use mysfits_sagemaker::{
    MAX_NAME_CHARS,
    http::{ACCOUNT, REGION},
    is_name,
};

use crate::aws_json::{ApiError, Input, text};

/// A kind of thing that has a name and an ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Model,
    EndpointConfig,
    Endpoint,
    TrainingJob,
    NotebookInstance,
    LifecycleConfig,
}

impl Kind {
    /// How the members of the API begin: `{stem}Name`, `{stem}Arn`.
    pub(super) const fn stem(self) -> &'static str {
        match self {
            Self::Model => "Model",
            Self::EndpointConfig => "EndpointConfig",
            Self::Endpoint => "Endpoint",
            Self::TrainingJob => "TrainingJob",
            Self::NotebookInstance => "NotebookInstance",
            Self::LifecycleConfig => "NotebookInstanceLifecycleConfig",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::EndpointConfig => "endpoint-config",
            Self::Endpoint => "endpoint",
            Self::TrainingJob => "training-job",
            Self::NotebookInstance => "notebook-instance",
            Self::LifecycleConfig => "notebook-instance-lifecycle-config",
        }
    }

    const fn noun(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::EndpointConfig => "endpoint configuration",
            Self::Endpoint => "endpoint",
            Self::TrainingJob => "training job",
            Self::NotebookInstance => "notebook instance",
            Self::LifecycleConfig => "notebook instance lifecycle config",
        }
    }

    /// `{stem}Name`.
    pub(super) fn name_member(self) -> String {
        format!("{}Name", self.stem())
    }

    /// `{stem}Arn`.
    pub(super) fn arn_member(self) -> String {
        format!("{}Arn", self.stem())
    }

    pub(super) fn arn(self, name: &str) -> String {
        format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:{}/{}", self.path(), name.to_ascii_lowercase())
    }

    /// The name in a request, of which the service model's pattern holds.
    pub(super) fn name(self, input: &Input) -> Result<String, ApiError> {
        name(input, &self.name_member())
    }

    /// There is none of this name.
    pub(super) fn missing(self, name: &str) -> ApiError {
        match self {
            Self::TrainingJob => ApiError::validation("Requested resource not found."),
            Self::NotebookInstance | Self::LifecycleConfig => ApiError::validation("RecordNotFound"),
            Self::Model | Self::EndpointConfig | Self::Endpoint => {
                ApiError::validation(format!("Could not find {} \"{}\".", self.noun(), self.arn(name)))
            }
        }
    }

    /// There is one of this name.
    pub(super) fn exists(self, name: &str) -> ApiError {
        let (noun, arn) = (self.noun(), self.arn(name));
        match self {
            Self::TrainingJob => ApiError::new(
                "ResourceInUse",
                format!(
                    "Training job names must be unique within an AWS account and region, and a training job with this \
                     name already exists ({arn})"
                ),
            ),
            _ => ApiError::validation(format!("Cannot create already existing {noun} \"{arn}\".")),
        }
    }
}

/// A member that is a name.
pub(super) fn name(input: &Input, member: &str) -> Result<String, ApiError> {
    let name = text(input, member)?;
    if name.len() > MAX_NAME_CHARS {
        let constraint = format!("Member must have length less than or equal to {MAX_NAME_CHARS}");
        return Err(ApiError::constraint(name, member, &constraint));
    }
    if !is_name(name) {
        let pattern = "Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}";
        return Err(ApiError::constraint(name, member, pattern));
    }
    Ok(name.to_owned())
}

/// A member that is the ARN of a role.
pub(super) fn role<'i>(input: &'i Input, member: &str) -> Result<&'i str, ApiError> {
    let role = text(input, member)?;
    let account = role.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(":role/"));
    match account {
        Some((account, name)) if account == ACCOUNT && !name.is_empty() => Ok(role),
        Some((account, _)) if account != ACCOUNT => {
            Err(ApiError::validation(format!("Cross-account pass role is not allowed: {role}")))
        }
        _ => Err(ApiError::constraint(
            role,
            member,
            "Member must satisfy regular expression pattern: arn:aws[a-z\\-]*:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+",
        )),
    }
}
