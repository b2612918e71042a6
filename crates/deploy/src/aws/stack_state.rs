//! The state of a stack.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::StackStatus;
use mysfits_infra::{names, sagemaker};

use crate::error::DeployError;

/// The state of a stack.
#[derive(Debug, Clone)]
pub struct StackState {
    /// Its name.
    pub name: String,
    /// Its id, which remains valid after deletion.
    pub id: String,
    /// Its status.
    pub status: StackStatus,
    /// The reason of the status, if any.
    pub reason: Option<String>,
    /// Its parameters.
    pub parameters: BTreeMap<String, String>,
    /// Its outputs.
    pub outputs: BTreeMap<String, String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Whether it carries the tags of our stage.
    pub is_ours: bool,
}

impl StackState {
    /// Returns an output that the stack must have.
    ///
    /// # Errors
    /// If the stack lacks it.
    pub(crate) fn output(&self, output: &'static str) -> Result<&str, DeployError> {
        let value = self.outputs.get(output).map(String::as_str);
        value.ok_or_else(|| DeployError::NoOutput { stack: self.name.clone(), output })
    }

    /// Returns the user's tags: those that this tool does not set itself.
    #[must_use]
    pub(crate) fn own_tags(&self) -> BTreeMap<String, String> {
        let is_own =
            |key: &String| key != names::PROJECT_TAG.0 && key != names::STAGE_TAG && !key.starts_with("aws:");
        self.tags.iter().filter(|(key, _)| is_own(key)).map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    /// Returns the name of the SageMaker stack's endpoint, if it has one.
    #[must_use]
    pub(crate) fn endpoint_name(&self) -> Option<&str> {
        self.outputs.get(sagemaker::output::ENDPOINT_NAME).map(String::as_str).filter(|name| !name.is_empty())
    }

    /// Returns the URL of the SageMaker stack's model, if it has one.
    #[must_use]
    pub(crate) fn model(&self) -> Option<&str> {
        let url = self.parameters.get(sagemaker::parameter::MODEL_DATA_URL);
        url.map(String::as_str).filter(|url| !url.is_empty())
    }

    /// Returns whether the SageMaker stack has a model, and so an endpoint.
    #[must_use]
    pub(crate) fn has_model(&self) -> bool {
        self.model().is_some()
    }
}

#[cfg(test)]
impl StackState {
    /// Returns a stack of ours in this state, without parameters, outputs and tags.
    pub(crate) fn in_status(status: StackStatus) -> Self {
        Self {
            name: String::new(),
            id: String::new(),
            status,
            reason: None,
            parameters: BTreeMap::new(),
            outputs: BTreeMap::new(),
            tags: BTreeMap::new(),
            is_ours: true,
        }
    }

    /// Returns the stack with these parameters.
    pub(crate) fn with_parameters(self, parameters: &[(&str, &str)]) -> Self {
        Self { parameters: texts(parameters), ..self }
    }

    /// Returns the stack with these outputs.
    pub(crate) fn with_outputs(self, outputs: &[(&str, &str)]) -> Self {
        Self { outputs: texts(outputs), ..self }
    }
}

#[cfg(test)]
fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
