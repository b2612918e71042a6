//! The next action for each stack status. Pure.
//!
//! Source: AWS CloudFormation User Guide, "Stack status codes" and "Continue rolling back an update".

use aws_sdk_cloudformation::types::StackStatus;

/// What a deployment does next with a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextAction {
    /// Create the stack: it does not exist, or is the empty stack of a change set.
    Create,
    /// Update the stack.
    Update,
    /// Delete and create the stack: its creation or deletion failed.
    Recreate,
    /// Continue the rollback, then update: an update and its rollback failed.
    ContinueRollback,
    /// Wait: an operation is in progress, perhaps of an interrupted run.
    Wait,
    /// None: the status is unknown to this tool.
    Unsupported,
}

impl NextAction {
    /// Returns the next action for a stack; `status` is `None` if the stack does not exist.
    #[must_use]
    pub fn for_status(status: Option<&StackStatus>) -> Self {
        use StackStatus as S;
        match status {
            None | Some(S::DeleteComplete | S::ReviewInProgress) => Self::Create,
            // UPDATE_FAILED is an update without rollback: the next update goes on from there.
            Some(
                S::CreateComplete
                | S::UpdateComplete
                | S::ImportComplete
                | S::UpdateRollbackComplete
                | S::ImportRollbackComplete
                | S::UpdateFailed,
            ) => Self::Update,
            Some(S::CreateFailed | S::RollbackComplete | S::RollbackFailed | S::DeleteFailed) => {
                Self::Recreate
            }
            Some(S::UpdateRollbackFailed) => Self::ContinueRollback,
            Some(status) if is_in_progress(status) => Self::Wait,
            Some(_) => Self::Unsupported,
        }
    }
}

/// Returns whether an operation is in progress in this state. `REVIEW_IN_PROGRESS` does not count.
#[must_use]
pub fn is_in_progress(status: &StackStatus) -> bool {
    *status != StackStatus::ReviewInProgress && status.as_str().ends_with("_IN_PROGRESS")
}

/// Returns whether a stack's outputs are those of its newest template, including while old resources are
/// cleaned up.
#[must_use]
pub fn has_outputs(status: &StackStatus) -> bool {
    NextAction::for_status(Some(status)) == NextAction::Update
        || *status == StackStatus::UpdateCompleteCleanupInProgress
}

/// Returns whether the operation succeeded.
#[must_use]
pub fn is_success(status: &StackStatus) -> bool {
    matches!(
        status,
        StackStatus::CreateComplete
            | StackStatus::UpdateComplete
            | StackStatus::ImportComplete
            | StackStatus::DeleteComplete
    )
}

/// The progress of the creation of a change set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeSetEnd {
    /// The creation is in progress.
    Pending,
    /// It can be executed.
    Ready,
    /// There are no changes.
    NoChanges,
    /// The creation failed, with CloudFormation's reason.
    Failed(String),
}

impl ChangeSetEnd {
    /// Parses the status of a change set and its reason.
    #[must_use]
    pub fn from_status(status: &str, reason: Option<&str>) -> Self {
        let reason = reason.unwrap_or("CloudFormation gave no reason");
        match status {
            "CREATE_PENDING" | "CREATE_IN_PROGRESS" => Self::Pending,
            "CREATE_COMPLETE" => Self::Ready,
            _ if reason.contains("didn't contain changes")
                || reason.contains("No updates are to be performed") =>
            {
                Self::NoChanges
            }
            _ => Self::Failed(reason.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_each_status_to_an_action() {
        let table = [
            ("CREATE_COMPLETE", NextAction::Update),
            ("UPDATE_COMPLETE", NextAction::Update),
            ("IMPORT_COMPLETE", NextAction::Update),
            ("UPDATE_ROLLBACK_COMPLETE", NextAction::Update),
            ("IMPORT_ROLLBACK_COMPLETE", NextAction::Update),
            ("UPDATE_FAILED", NextAction::Update),
            ("ROLLBACK_COMPLETE", NextAction::Recreate),
            ("ROLLBACK_FAILED", NextAction::Recreate),
            ("CREATE_FAILED", NextAction::Recreate),
            ("DELETE_FAILED", NextAction::Recreate),
            ("UPDATE_ROLLBACK_FAILED", NextAction::ContinueRollback),
            ("REVIEW_IN_PROGRESS", NextAction::Create),
            ("DELETE_COMPLETE", NextAction::Create),
            ("IMPORT_ROLLBACK_FAILED", NextAction::Unsupported),
            ("SOMETHING_NEW", NextAction::Unsupported),
        ];
        for (status, expected) in table {
            assert_eq!(NextAction::for_status(Some(&StackStatus::from(status))), expected, "{status}");
        }
        assert_eq!(NextAction::for_status(None), NextAction::Create);
        let waits = StackStatus::values().iter().filter(|s| s.ends_with("_IN_PROGRESS")).count() - 1;
        assert_eq!(waits, 9, "waits in every state in progress except the review");
        for status in StackStatus::values().iter().filter(|s| s.ends_with("_IN_PROGRESS")) {
            let expected =
                if *status == "REVIEW_IN_PROGRESS" { NextAction::Create } else { NextAction::Wait };
            assert_eq!(NextAction::for_status(Some(&StackStatus::from(*status))), expected, "{status}");
        }
    }

    #[test]
    fn cleanup_has_outputs_but_allows_no_update() {
        let cleanup = StackStatus::UpdateCompleteCleanupInProgress;
        assert!(has_outputs(&cleanup));
        assert_eq!(NextAction::for_status(Some(&cleanup)), NextAction::Wait);
        assert!(!has_outputs(&StackStatus::RollbackComplete));
    }

    #[test]
    fn a_rolled_back_stack_is_not_a_success() {
        assert!(is_success(&StackStatus::UpdateComplete));
        for status in ["UPDATE_ROLLBACK_COMPLETE", "ROLLBACK_COMPLETE", "DELETE_FAILED"] {
            assert!(!is_success(&StackStatus::from(status)), "{status}");
        }
    }

    #[test]
    fn an_empty_change_set_is_not_a_failure() {
        let empty = "The submitted information didn't contain changes. Submit different information to create a \
                     change set.";
        assert_eq!(ChangeSetEnd::from_status("FAILED", Some(empty)), ChangeSetEnd::NoChanges);
        let empty = "No updates are to be performed.";
        assert_eq!(ChangeSetEnd::from_status("FAILED", Some(empty)), ChangeSetEnd::NoChanges);
        let broken = "Template format error: unresolved resource dependencies";
        assert_eq!(
            ChangeSetEnd::from_status("FAILED", Some(broken)),
            ChangeSetEnd::Failed(broken.to_owned())
        );
        assert_eq!(ChangeSetEnd::from_status("CREATE_PENDING", None), ChangeSetEnd::Pending);
        assert_eq!(ChangeSetEnd::from_status("CREATE_COMPLETE", None), ChangeSetEnd::Ready);
    }
}
