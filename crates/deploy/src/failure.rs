//! Why a stack failed: the first event that is a cause and not a consequence. Pure.

use std::fmt;

use crate::error::{is_denied, is_quota};

/// What happened to one resource of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// CloudFormation's id of the event, to know which were seen.
    pub id: String,
    /// The resource's logical id; the stack's name for the stack itself.
    pub logical_id: String,
    /// Its type, `AWS::S3::Bucket` say.
    pub resource_type: String,
    /// What became of it, `CREATE_FAILED` say.
    pub status: String,
    /// CloudFormation's words, if any.
    pub reason: Option<String>,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.status, self.logical_id, self.resource_type)?;
        self.reason.as_ref().map_or(Ok(()), |reason| write!(f, ": {reason}"))
    }
}

/// Returns the events of a stack's latest operation, oldest first, of its events, newest first.
#[must_use]
pub fn latest_operation(stack: &str, newest_first: Vec<Event>) -> Vec<Event> {
    let begins = |event: &Event| {
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

/// Where a failure began, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause(Option<Box<Event>>);

/// The reasons that CloudFormation gives to what it stopped because something else had failed.
const CONSEQUENCES: [&str; 4] = [
    "Resource creation cancelled",
    "Resource update cancelled",
    "Resource deletion cancelled",
    "The following resource(s) failed",
];

impl Cause {
    /// Returns the first cause among a stack's events, oldest first.
    #[must_use]
    pub fn first<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let is_cause = |event: &&Event| {
            let reason = event.reason.as_deref().unwrap_or_default();
            event.status.ends_with("_FAILED") && !CONSEQUENCES.iter().any(|words| reason.starts_with(words))
        };
        Self(events.into_iter().find(is_cause).cloned().map(Box::new))
    }

    /// Returns the remedy for CloudFormation's message.
    fn remedy(event: &Event) -> &'static str {
        let reason = event.reason.as_deref().unwrap_or_default();
        let has = |words: &[&str]| words.iter().any(|word| reason.contains(word));
        if has(&["not authorized", "AccessDenied", "UnauthorizedTaggingOperation"]) || is_denied(reason) {
            "the deployer lacks this right: attach what `mysfits-deploy policy` prints to its role"
        } else if has(&["service limit", "limit exceeded", "Limit Exceeded", "exceeded the maximum"])
            || is_quota(reason)
        {
            "the quota named above is used up: raise it under Service Quotas, or choose another --hosting"
        } else if has(&["already exists", "AlreadyExists"]) {
            "something of this name was made outside this stack: remove or rename it"
        } else if has(&["not empty", "BucketNotEmpty"]) {
            "something wrote into the bucket meanwhile; the next run empties it again"
        } else if has(&["CloudWatch Logs role ARN must be set"]) {
            "set ApiLogging to manage-account-role, or off"
        } else if has(&["is not available in", "Unrecognized resource types", "not supported in"]) {
            "the region lacks this resource type: choose another region, or leave it out \
             (--without-notebook, --without-repository)"
        } else {
            "mend this"
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(event) = &self.0 else {
            return f.write_str("no resource failed: CloudFormation's console has the stack's own events");
        };
        let reason = event.reason.as_deref().unwrap_or("CloudFormation gave no reason");
        write!(
            f,
            "first cause: {} ({}) {}: {reason}; what to do: {}, then run the command again",
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

    fn event(logical_id: &str, status: &str, reason: &str) -> Event {
        Event {
            id: format!("{logical_id}-{status}"),
            logical_id: logical_id.to_owned(),
            resource_type: "AWS::Some::Thing".to_owned(),
            status: status.to_owned(),
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
        }
    }

    #[track_caller]
    fn check(events: &[Event], expected: &[&str]) {
        let text = Cause::first(events).to_string();
        for words in expected {
            assert!(text.contains(words), "{text:?} lacks {words:?}");
        }
    }

    #[test]
    fn the_first_cause_is_found_behind_its_consequences() {
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
            &["policy"],
        );
        check(&failed("knn-ml-serverless-mysfits already exists in stack arn"), &["remove or rename"]);
        check(
            &[event("B", "DELETE_FAILED", "The bucket you tried to delete is not empty")],
            &["empties it again"],
        );
        check(&failed("odd"), &["mend this", "odd"]);
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
    fn a_failure_without_a_failed_resource_says_so() {
        check(&[event("S", "ROLLBACK_COMPLETE", "")], &["no resource failed"]);
    }
}
