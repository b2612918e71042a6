//! What a stack's state allows next. Pure: the table of CloudFormation's states and what a deployment or a removal does
//! about each.
//!
//! Source: AWS CloudFormation User Guide, "Stack status codes" and "Continue rolling back an update".

use aws_sdk_cloudformation::types::StackStatus;

/// What a deployment does next with a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Create: the stack does not exist, or is an empty one that a change set left.
    Create,
    /// Change it.
    Update,
    /// Its creation failed, or its removal: remove what is there, then create.
    Recreate,
    /// An update failed and so did its rollback: let the rollback go on, then change it.
    ContinueRollback,
    /// Something is going on, perhaps of a deployment that was killed: wait for its end, then look again.
    Wait,
    /// Unknown to this tool.
    Ask,
}

impl Next {
    /// Returns what to do with a stack in this state; `None` if there is no such stack.
    #[must_use]
    pub fn of(status: Option<&StackStatus>) -> Self {
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
            Some(_) => Self::Ask,
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
    Next::of(Some(status)) == Next::Update || *status == StackStatus::UpdateCompleteCleanupInProgress
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

/// How a change set's making ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeSetEnd {
    /// It is still being made.
    Pending,
    /// It can be executed.
    Ready,
    /// There is nothing to change.
    NoChanges,
    /// It cannot be made; with CloudFormation's reason.
    Failed(String),
}

impl ChangeSetEnd {
    /// Reads a change set's status, as CloudFormation spells it, and its reason.
    #[must_use]
    pub fn of(status: &str, reason: Option<&str>) -> Self {
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
    fn every_state_has_the_action_of_the_table() {
        let table = [
            ("CREATE_COMPLETE", Next::Update),
            ("UPDATE_COMPLETE", Next::Update),
            ("IMPORT_COMPLETE", Next::Update),
            ("UPDATE_ROLLBACK_COMPLETE", Next::Update),
            ("IMPORT_ROLLBACK_COMPLETE", Next::Update),
            ("UPDATE_FAILED", Next::Update),
            ("ROLLBACK_COMPLETE", Next::Recreate),
            ("ROLLBACK_FAILED", Next::Recreate),
            ("CREATE_FAILED", Next::Recreate),
            ("DELETE_FAILED", Next::Recreate),
            ("UPDATE_ROLLBACK_FAILED", Next::ContinueRollback),
            ("REVIEW_IN_PROGRESS", Next::Create),
            ("DELETE_COMPLETE", Next::Create),
            ("IMPORT_ROLLBACK_FAILED", Next::Ask),
            ("SOMETHING_NEW", Next::Ask),
        ];
        for (status, expected) in table {
            assert_eq!(Next::of(Some(&StackStatus::from(status))), expected, "{status}");
        }
        assert_eq!(Next::of(None), Next::Create);
        let waits = StackStatus::values().iter().filter(|s| s.ends_with("_IN_PROGRESS")).count() - 1;
        assert_eq!(waits, 9, "every state in progress but the review is waited for");
        for status in StackStatus::values().iter().filter(|s| s.ends_with("_IN_PROGRESS")) {
            let expected = if *status == "REVIEW_IN_PROGRESS" { Next::Create } else { Next::Wait };
            assert_eq!(Next::of(Some(&StackStatus::from(*status))), expected, "{status}");
        }
    }

    #[test]
    fn outputs_are_read_during_the_clean_up_but_no_update_begins_then() {
        let cleanup = StackStatus::UpdateCompleteCleanupInProgress;
        assert!(has_outputs(&cleanup));
        assert_eq!(Next::of(Some(&cleanup)), Next::Wait);
        assert!(!has_outputs(&StackStatus::RollbackComplete));
    }

    #[test]
    fn a_rolled_back_stack_is_no_success() {
        assert!(is_success(&StackStatus::UpdateComplete));
        for status in ["UPDATE_ROLLBACK_COMPLETE", "ROLLBACK_COMPLETE", "DELETE_FAILED"] {
            assert!(!is_success(&StackStatus::from(status)), "{status}");
        }
    }

    #[test]
    fn an_empty_change_set_is_no_failure() {
        let empty = "The submitted information didn't contain changes. Submit different information to create a \
                     change set.";
        assert_eq!(ChangeSetEnd::of("FAILED", Some(empty)), ChangeSetEnd::NoChanges);
        let empty = "No updates are to be performed.";
        assert_eq!(ChangeSetEnd::of("FAILED", Some(empty)), ChangeSetEnd::NoChanges);
        let broken = "Template format error: unresolved resource dependencies";
        assert_eq!(ChangeSetEnd::of("FAILED", Some(broken)), ChangeSetEnd::Failed(broken.to_owned()));
        assert_eq!(ChangeSetEnd::of("CREATE_PENDING", None), ChangeSetEnd::Pending);
        assert_eq!(ChangeSetEnd::of("CREATE_COMPLETE", None), ChangeSetEnd::Ready);
    }
}
