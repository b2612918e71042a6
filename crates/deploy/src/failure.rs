//! The cause of a stack's failure: the first failed event that is not a consequence of another. Pure.

use std::fmt;

/// A stack event: a status change of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackEvent {
    /// The event's id.
    pub id: String,
    /// The resource's logical id; the stack's name for the stack itself.
    pub logical_id: String,
    /// The resource's type, such as `AWS::S3::Bucket`.
    pub resource_type: String,
    /// The resource's status, such as `CREATE_FAILED`.
    pub status: String,
    /// CloudFormation's reason, if any.
    pub reason: Option<String>,
}

impl fmt::Display for StackEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.status, self.logical_id, self.resource_type)?;
        self.reason.as_ref().map_or(Ok(()), |reason| write!(f, ": {reason}"))
    }
}

/// Returns the events of a stack's latest operation, oldest first. `newest_first` holds all events.
#[must_use]
pub fn latest_operation(stack: &str, newest_first: Vec<StackEvent>) -> Vec<StackEvent> {
    let begins = |event: &StackEvent| {
        event.logical_id == stack
            && matches!(
                event.status.as_str(),
                "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS" | "DELETE_IN_PROGRESS"
            )
    };
    let n_events = newest_first.iter().position(begins).map_or(newest_first.len(), |position| position + 1);
    let mut events: Vec<_> = newest_first.into_iter().take(n_events).collect();
    events.reverse();
    events
}

/// The first cause of a failure, with a remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause(Option<Box<StackEvent>>);

/// How CloudFormation's reasons begin for resources that it stopped because another one failed.
const CONSEQUENCES: [&str; 4] = [
    "Resource creation cancelled",
    "Resource update cancelled",
    "Resource deletion cancelled",
    "The following resource(s) failed",
];

impl Cause {
    /// Returns the first cause among a stack's events, oldest first.
    #[must_use]
    pub fn first<'a>(events: impl IntoIterator<Item = &'a StackEvent>) -> Self {
        let is_cause = |event: &&StackEvent| {
            let reason = event.reason.as_deref().unwrap_or_default();
            event.status.ends_with("_FAILED") && !CONSEQUENCES.iter().any(|words| reason.starts_with(words))
        };
        Self(events.into_iter().find(is_cause).cloned().map(Box::new))
    }

    /// Returns the remedy for CloudFormation's message.
    fn remedy(event: &StackEvent) -> &'static str {
        let reason = event.reason.as_deref().unwrap_or_default();
        let has = |words: &[&str]| words.iter().any(|word| reason.contains(word));
        let roles =
            ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PutRolePermissionsBoundary"];
        if has(&["not authorized"]) && has(&roles) {
            "missing permission: pass --permissions-boundary with the permissions boundary that the caller's policy requires; \
             `mysfits-deploy policy --managed` prints the policies that a caller needs, and names their boundary"
        } else if has(&["not authorized", "AccessDenied", "UnauthorizedTaggingOperation"])
            || is_denied(reason)
        {
            "missing permission: attach the policies that `mysfits-deploy policy --managed` prints to the caller's user or role"
        } else if has(&["service limit", "limit exceeded", "Limit Exceeded", "exceeded the maximum"])
            || is_quota(reason)
        {
            "this quota is exhausted: raise it in Service Quotas, or choose another --hosting"
        } else if has(&["already exists", "AlreadyExists"]) {
            "a resource of this name exists outside this stack: delete or rename it, or, if it is a log group, the dashboard or the \
             schedule and belongs to no stack, repeat with --import-existing"
        } else if has(&["not empty", "BucketNotEmpty"]) {
            "the bucket received new objects; the next run empties it again"
        } else if has(&["CloudWatch Logs role ARN must be set"]) {
            "set ApiLogging to manage-account-role, or off"
        } else if has(&["is not available in", "Unrecognized resource types", "not supported in"]) {
            "the region does not support this resource type: choose another region, or deploy without \
             --with-notebook and --with-repository"
        } else {
            "fix the cause"
        }
    }
}

/// Returns whether an error code means that the caller lacks a permission.
#[must_use]
pub fn is_denied(code: &str) -> bool {
    matches!(
        code,
        "AccessDenied"
            | "AccessDeniedException"
            | "UnauthorizedOperation"
            | "NotAuthorized"
            | "AllAccessDisabled"
    )
}

/// Returns whether an error code means that a quota is exhausted.
#[must_use]
pub fn is_quota(code: &str) -> bool {
    ["LimitExceeded", "ResourceLimitExceeded", "QuotaExceeded", "TooManyBuckets"]
        .iter()
        .any(|part| code.contains(part))
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(event) = &self.0 else {
            return f.write_str("no resource failed; see the stack's events in CloudFormation's console");
        };
        let reason = event.reason.as_deref().unwrap_or("CloudFormation gave no reason");
        write!(
            f,
            "first cause: {} ({}) {}: {reason}; remedy: {}, then run the command again",
            event.logical_id,
            event.resource_type,
            event.status,
            Self::remedy(event)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(logical_id: &str, status: &str, reason: &str) -> StackEvent {
        StackEvent {
            id: format!("{logical_id}-{status}"),
            logical_id: logical_id.to_owned(),
            resource_type: "AWS::Some::Thing".to_owned(),
            status: status.to_owned(),
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
        }
    }

    #[track_caller]
    fn check(events: &[StackEvent], expected: &[&str]) {
        let text = Cause::first(events).to_string();
        for words in expected {
            assert!(text.contains(words), "{text:?} lacks {words:?}");
        }
    }

    #[test]
    fn finds_the_first_cause() {
        let events = [
            event("DataBucket", "CREATE_IN_PROGRESS", ""),
            event("Role", "CREATE_FAILED", "Resource creation cancelled"),
            event(
                "Endpoint",
                "CREATE_FAILED",
                "The account-level service limit 'ml.m5.large for endpoint usage' is 0",
            ),
            event("Topic", "CREATE_FAILED", "something later"),
            event("Stack", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [Endpoint]"),
        ];
        check(&events, &["Endpoint (AWS::Some::Thing) CREATE_FAILED", "ml.m5.large", "Service Quotas"]);
    }

    #[test]
    fn the_remedy_follows_the_reason() {
        let failed = |reason| [event("X", "CREATE_FAILED", reason)];
        check(
            &failed("User: arn:aws:iam::1:user/x is not authorized to perform: s3:CreateBucket"),
            &["`mysfits-deploy policy --managed`"],
        );
        check(
            &failed(
                "User: arn:aws:iam::1:user/x is not authorized to perform: iam:CreateRole on resource: role y",
            ),
            &["--permissions-boundary", "`mysfits-deploy policy --managed`"],
        );
        check(&failed("knn-ml-serverless-mysfits already exists in stack arn"), &["delete or rename"]);
        check(
            &[event("B", "DELETE_FAILED", "The bucket you tried to delete is not empty")],
            &["empties it again"],
        );
        check(&failed("odd"), &["fix the cause", "odd"]);
    }

    #[test]
    fn only_the_latest_operation_counts() {
        let newest_first = vec![
            event("S", "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update: [B]"),
            event("B", "UPDATE_FAILED", "now"),
            event("S", "UPDATE_IN_PROGRESS", "User Initiated"),
            event("A", "CREATE_FAILED", "long ago"),
            event("S", "CREATE_IN_PROGRESS", "User Initiated"),
        ];
        let events = latest_operation("S", newest_first);
        assert_eq!(events.len(), 3);
        check(&events, &["B (AWS::Some::Thing) UPDATE_FAILED: now"]);
    }

    #[test]
    fn reports_a_failure_without_a_failed_resource() {
        check(&[event("S", "ROLLBACK_COMPLETE", "")], &["no resource failed"]);
    }
}
