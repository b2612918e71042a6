//! What an update may do to a stack's resources. Pure.

use mysfits_infra::Stack;

use crate::{
    error::DeployError,
    plan::{self, PlannedChange},
};

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
}
