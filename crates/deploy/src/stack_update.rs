//! What a stack is created or updated with, and what an update may do to its resources. Pure.

use std::collections::BTreeMap;

use mysfits_infra::{Stack, recommendations};

use crate::{
    aws::stacks::{StackState, TemplateSource},
    error::DeployError,
    parameters::Parameters,
    plan::{self, PlannedChange},
};

/// What a stack is created or updated with.
#[derive(Debug)]
pub(crate) struct StackUpdate {
    pub(crate) source: TemplateSource,
    pub(crate) parameters: Parameters,
    /// The user's tags.
    pub(crate) tags: BTreeMap<String, String>,
    /// Whether resources that were changed outside the stack are set back to the template.
    pub(crate) revert_drift: bool,
}

impl StackUpdate {
    /// Returns the same update with the template that its parameters need. The API's deployment holds a copy of the allowed
    /// origin, so another origin needs another deployment.
    pub(crate) fn with_api_deployment(&self, stack: Stack, there: Option<&StackState>) -> Self {
        let Self { parameters, tags, revert_drift, .. } = self;
        let name = recommendations::parameter::ALLOW_ORIGIN;
        let deployed = || there.and_then(|state| state.parameters.get(name)).map(String::as_str);
        let origin = parameters.get(name).or_else(|| deployed().filter(|_| parameters.keeps(name)));
        let source = match (stack, &self.source, origin) {
            (Stack::Recommendations, TemplateSource::Body(text), Some(origin)) => {
                TemplateSource::Body(recommendations::with_allow_origin(text, origin))
            }
            _ => self.source.clone(),
        };
        Self { source, parameters: parameters.clone(), tags: tags.clone(), revert_drift: *revert_drift }
    }
}

/// What a deployment may do to resources that hold data or have a public address. By default, it protects them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ApplyOptions {
    /// Replace buckets, the distribution, the API or the endpoint.
    pub allow_replace: bool,
    /// Delete resources that hold work, such as the notebook instance.
    pub delete_data: bool,
}

impl ApplyOptions {
    /// Checks the changes of a stack.
    ///
    /// # Errors
    /// If they replace or delete a protected resource without permission.
    pub(crate) fn check(
        self,
        stack: Stack,
        name: &str,
        changes: &[PlannedChange],
    ) -> Result<(), DeployError> {
        let replaced = plan::protected_replacements(stack, changes);
        if !self.allow_replace && !replaced.is_empty() {
            return Err(DeployError::Replaces { stack: name.to_owned(), replaced });
        }
        let deleted = plan::deleted_work(stack, name, changes);
        if !self.delete_data && !deleted.is_empty() {
            return Err(DeployError::DeletesData(deleted));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::PlannedAction;

    #[test]
    fn deletion_of_work_needs_permission() {
        let change = |action, logical_id: &str, resource_type: &str| PlannedChange {
            action,
            logical_id: logical_id.to_owned(),
            resource_type: resource_type.to_owned(),
            properties: Vec::new(),
        };
        let changes = [
            change(PlannedAction::Remove, "Notebook", "AWS::SageMaker::NotebookInstance"),
            change(PlannedAction::Remove, "CodeRepository", "AWS::CodeCommit::Repository"),
            change(PlannedAction::Remove, "EncryptionKey", "AWS::KMS::Key"),
            change(PlannedAction::Remove, "DataBucket", "AWS::S3::Bucket"),
            change(PlannedAction::Remove, "Endpoint", "AWS::SageMaker::Endpoint"),
            change(PlannedAction::Change, "Notebook", "AWS::SageMaker::NotebookInstance"),
            change(PlannedAction::Replace, "Notebook", "AWS::SageMaker::NotebookInstance"),
        ];
        let deleted = plan::deleted_work(Stack::SageMaker, "S", &changes);
        assert_eq!(deleted.len(), 5, "{deleted:?}");
        let options = ApplyOptions::default();
        let error = options.check(Stack::SageMaker, "S", &changes[..1]).unwrap_err().to_string();
        assert!(error.contains("the notebook instance") && error.contains("--delete-data"), "{error}");
        assert!(ApplyOptions { delete_data: true, ..options }.check(Stack::SageMaker, "S", &changes).is_ok());
        assert!(options.check(Stack::SageMaker, "S", &changes[4..6]).is_ok());
    }

    #[test]
    fn another_allowed_origin_changes_the_template() {
        let name = recommendations::parameter::ALLOW_ORIGIN;
        let text = |parameters: Parameters| {
            let source = TemplateSource::Body(Stack::Recommendations.yaml());
            let update = StackUpdate { source, parameters, tags: BTreeMap::new(), revert_drift: false };
            match update.with_api_deployment(Stack::Recommendations, None).source {
                TemplateSource::Body(text) | TemplateSource::Url(text) => text,
            }
        };
        let default = text(Parameters::default());
        assert_eq!(default, Stack::Recommendations.yaml());
        let of = |origin: &str| text(Parameters::default().set(name, origin));
        assert_eq!(of("*"), default);
        assert_ne!(of("https://a.example"), default);
        assert_ne!(of("https://a.example"), of("https://b.example"));
    }
}
