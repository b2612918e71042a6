//! The deployer: updates, deletes and waits for stacks.

use std::{
    collections::HashSet,
    time::{Duration, Instant, SystemTime},
};

use aws_sdk_cloudformation::types::{ResourceStatus, StackStatus};
use mysfits_infra::Stack;

use crate::{
    apply_options::ApplyOptions,
    aws::{
        Aws,
        buckets::BucketOwner,
        stack_update::{ChangeMode, StackUpdate},
        stacks::{Execution, StackState, TemplateSource},
    },
    console::Console,
    error::{AwsError, DeployError, PlanError},
    failure::{Cause, latest_operation},
    names::CHANGE_SET_PREFIX,
    parameters::Parameters,
    plan::PlannedChange,
    poll::poll,
    settings::Chosen,
    state::{ChangeSetEnd, NextAction, is_in_progress, is_success},
};

/// How long a stack operation may take; distributions and endpoints are slow.
const STACK_TIMEOUT: Duration = Duration::from_hours(1);
/// How long a requested operation may take to start.
const START_TIMEOUT: Duration = Duration::from_mins(1);
/// From which age a change set of this tool is deleted.
const ABANDONED: Duration = Duration::from_hours(24);
/// The type of a bucket in CloudFormation.
const BUCKET: &str = "AWS::S3::Bucket";

/// An account to deploy to, and a console to report to.
#[derive(Debug, Clone)]
pub struct StackDeployer {
    /// The account.
    pub aws: Aws,
    /// The console.
    pub console: Console,
}

/// A change set.
#[derive(Debug)]
pub struct ChangeSet {
    pub(crate) id: String,
    /// The changes; `None` if there are none.
    pub changes: Option<Vec<PlannedChange>>,
}

impl StackDeployer {
    /// Brings a stack into a state from which it can be created or updated: waits for operations in progress, deletes
    /// failed stacks, continues failed rollbacks.
    ///
    /// Returns the stack if it exists.
    pub(crate) async fn wait_until_ready(&self, stack: Stack) -> Result<Option<StackState>, DeployError> {
        let name = self.aws.stack_name(stack);
        let mut recoveries = 0;
        loop {
            let state = self.aws.stack(stack).await?;
            let next = NextAction::for_status(state.as_ref().map(|state| &state.status));
            let Some(state) = state else { return Ok(None) };
            match next {
                NextAction::Create => return Ok(None),
                NextAction::Update => return Ok(Some(state)),
                NextAction::Wait => self.wait_for_operation(stack, &state).await?,
                NextAction::Recreate if recoveries < 2 => {
                    recoveries += 1;
                    self.console.line(format!("{name} is {}: deleting the remains", state.status));
                    self.remove(stack, &state).await?;
                }
                NextAction::ContinueRollback if recoveries < 2 => {
                    recoveries += 1;
                    self.console.line(format!("{name} is {}: continuing the rollback", state.status));
                    let before = self.newest_event(&state.id).await?;
                    self.aws.continue_rollback(stack).await?;
                    self.wait_for_stack(stack, &state.id, "rollback", before).await?;
                }
                NextAction::Recreate | NextAction::ContinueRollback => {
                    return Err(self.failed(&state, "recovery").await?);
                }
                NextAction::Unsupported => {
                    let remedy = state.reason.unwrap_or_else(|| {
                        "resolve it in CloudFormation's console, then run the command again".to_owned()
                    });
                    return Err(DeployError::Stuck { name, status: state.status.to_string(), remedy });
                }
            }
        }
    }

    /// Waits for the end of an operation on a stack that an earlier run or another user started.
    pub(crate) async fn wait_for_operation(
        &self,
        stack: Stack,
        state: &StackState,
    ) -> Result<(), DeployError> {
        self.console.line(format!("{} is {}: waiting for the operation to end", state.name, state.status));
        self.wait_for_stack(stack, &state.id, "operation in progress", None).await?;
        Ok(())
    }

    /// Creates a change set, and deletes those that this tool made a day ago or earlier: other runs may use younger ones.
    pub(crate) async fn create_change_set(
        &self,
        stack: Stack,
        there: Option<&StackState>,
        update: &StackUpdate,
        prefix: &str,
    ) -> Result<ChangeSet, DeployError> {
        let update = &update.with_api_deployment(stack, there).with_importable_names(
            stack,
            &self.aws.stage,
            &self.aws.region,
        );
        let exists = there.is_some();
        for left in self.aws.left_change_sets(stack, ABANDONED).await? {
            self.aws.delete_change_set(stack, &left).await?;
        }
        let millis =
            SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_millis());
        let name = format!("{prefix}{millis}");
        let id = self.aws.create_change_set(stack, exists, &name, update).await?;
        let what = format!("a change set for {}", self.aws.stack_name(stack));
        let (end, described) = poll(what, STACK_TIMEOUT, async || {
            let (end, described) = self.aws.change_set(stack, &id).await?;
            Ok::<_, DeployError>((end != ChangeSetEnd::Pending).then_some((end, described)))
        })
        .await?;
        match end {
            ChangeSetEnd::Pending | ChangeSetEnd::NoChanges => Ok(ChangeSet { id, changes: None }),
            ChangeSetEnd::Ready => {
                let changes = described.iter().filter_map(PlannedChange::from_described).collect();
                Ok(ChangeSet { id, changes: Some(changes) })
            }
            ChangeSetEnd::Failed(reason) => {
                let mut reasons = self.aws.findings(stack, &id).await;
                reasons.push(reason);
                self.aws.delete_change_set(stack, &id).await?;
                Err(DeployError::ChangeSet { stack: self.aws.stack_name(stack), reason: reasons.join("; ") })
            }
        }
    }

    /// Deletes a change set.
    pub(crate) async fn discard(&self, stack: Stack, prepared: &ChangeSet) -> Result<(), DeployError> {
        self.aws.delete_change_set(stack, &prepared.id).await
    }

    /// Creates or updates a stack; returns its new state. Keeps the stack's values of all other parameters.
    ///
    /// # Errors
    /// If a protected resource would be replaced or deleted without permission, or the stack fails.
    pub async fn apply(
        &self,
        stack: Stack,
        source: &TemplateSource,
        parameters: Parameters,
        options: ApplyOptions,
    ) -> Result<StackState, DeployError> {
        let there = self.wait_until_ready(stack).await?;
        let parameters = Chosen::default().complete(stack, there.as_ref(), parameters);
        let tags = Chosen::default().tags(there.as_ref());
        let update = StackUpdate { source: source.clone(), parameters, tags, mode: ChangeMode::Template };
        self.update(stack, there, &update, options).await
    }

    /// Creates or updates a stack that is ready; returns its new state.
    pub(crate) async fn update(
        &self,
        stack: Stack,
        there: Option<StackState>,
        update: &StackUpdate,
        options: ApplyOptions,
    ) -> Result<StackState, DeployError> {
        let name = self.aws.stack_name(stack);
        let prepared = self.create_change_set(stack, there.as_ref(), update, CHANGE_SET_PREFIX).await?;
        let (Some(changes), there) = (&prepared.changes, there) else {
            self.discard(stack, &prepared).await?;
            self.console.line(format!("{name}: no changes"));
            return self.existing(stack).await;
        };
        if let Err(error) = options.check(stack, &name, changes) {
            self.discard(stack, &prepared).await?;
            return Err(error);
        }
        let doing = if there.is_some() { "update" } else { "creation" };
        self.console.line(format!("{name}: {doing} with {} changes", changes.len()));
        self.execute(stack, &prepared.id, doing).await
    }

    /// Executes a change set of a saved plan, unless it was executed already; returns the stack's new state.
    ///
    /// # Errors
    /// If the change set does not exist any more, or the stack fails.
    pub(crate) async fn execute_saved(
        &self,
        stack: Stack,
        change_set: Option<&str>,
    ) -> Result<StackState, DeployError> {
        let doing = if self.wait_until_ready(stack).await?.is_some() { "update" } else { "creation" };
        let name = self.aws.stack_name(stack);
        let Some(id) = change_set else {
            self.console.line(format!("{name}: no changes"));
            return self.existing(stack).await;
        };
        match self.aws.execution(stack, id).await? {
            Execution::Available => {
                self.console.line(format!("{name}: {doing} by the saved plan"));
                self.execute(stack, id, doing).await
            }
            Execution::Executed => self.existing(stack).await,
            Execution::Gone => Err(PlanError::Gone { stack: name }.into()),
        }
    }

    /// Executes a change set and waits for the end; returns the stack's new state.
    async fn execute(
        &self,
        stack: Stack,
        change_set: &str,
        doing: &'static str,
    ) -> Result<StackState, DeployError> {
        let name = self.aws.stack_name(stack);
        let id = self.aws.stack_by_id(&name).await?.map_or(name, |state| state.id);
        let before = self.newest_event(&id).await?;
        self.aws.execute_change_set(stack, change_set).await?;
        let state = self.wait_for_stack(stack, &id, doing, before).await?;
        match state {
            Some(state) if is_success(&state.status) => Ok(state),
            Some(state) => Err(self.failed(&state, doing).await?),
            None => self.existing(stack).await,
        }
    }

    /// Returns the state of a stack that must exist.
    async fn existing(&self, stack: Stack) -> Result<StackState, DeployError> {
        self.aws.stack(stack).await?.ok_or_else(|| DeployError::Stuck {
            name: self.aws.stack_name(stack),
            status: "deleted".to_owned(),
            remedy: "it was deleted during this run; run the command again".to_owned(),
        })
    }

    /// Empties a stack's buckets, deletes the stack and waits for the end.
    pub(crate) async fn remove(&self, stack: Stack, state: &StackState) -> Result<(), DeployError> {
        for _ in 0..3 {
            self.empty_buckets_of(state).await?;
            let before = self.newest_event(&state.id).await?;
            self.aws.delete_stack(&state.id).await?;
            match self.wait_for_stack(stack, &state.id, "deletion", before).await? {
                None => return Ok(()),
                Some(state) if state.status == StackStatus::DeleteComplete => return Ok(()),
                Some(_) => self.console.line(format!("{}: deletion failed, trying again", state.name)),
            }
        }
        Err(self.failed(state, "deletion").await?)
    }

    /// Empties the buckets that a stack created: CloudFormation deletes only empty ones.
    async fn empty_buckets_of(&self, state: &StackState) -> Result<(), DeployError> {
        for resource in self.aws.resources(&state.id).await? {
            let is_bucket = resource.resource_type() == Some(BUCKET);
            let bucket = resource.physical_resource_id().filter(|id| is_bucket && !id.is_empty());
            let Some(bucket) = bucket else { continue };
            // If the creation of a bucket failed because a foreign bucket has the name, the stack lists that
            // bucket too. The stack, which is ours, created all the others itself.
            let may_be_foreign = match resource.resource_status() {
                Some(ResourceStatus::DeleteComplete) => continue,
                status => status == Some(&ResourceStatus::CreateFailed),
            };
            if may_be_foreign && self.aws.bucket_owner(bucket).await? != BucketOwner::Ours {
                continue;
            }
            self.console.doing(format!("emptying {bucket}"));
            let removed = self.aws.empty_bucket(bucket).await?;
            self.console.passing(format!("{bucket}: {removed} objects, versions and markers deleted"));
        }
        Ok(())
    }

    /// Returns the id of a stack's newest event.
    async fn newest_event(&self, id: &str) -> Result<Option<String>, AwsError> {
        Ok(self.aws.events(id, 1).await?.first().map(|event| event.id.clone()))
    }

    /// Waits until no operation on a stack is in progress, and prints its events. Returns the final state, or `None` if the
    /// stack no longer exists.
    ///
    /// A requested operation starts with a delay: with `before`, the state counts only once there is a newer event.
    async fn wait_for_stack(
        &self,
        stack: Stack,
        id: &str,
        doing: &str,
        before: Option<String>,
    ) -> Result<Option<StackState>, DeployError> {
        let name = self.aws.stack_name(stack);
        self.console.doing(format!("{name}: {doing}"));
        let mut seen: HashSet<String> = HashSet::new();
        let begun = Instant::now();
        poll(format!("{name}: {doing}"), STACK_TIMEOUT, async || {
            let state = self.aws.stack_by_id(id).await?;
            let events = self.aws.events(id, 1).await?;
            let has_begun = before.is_none()
                || events.first().map(|event| &event.id) != before.as_ref()
                || begun.elapsed() > START_TIMEOUT;
            if has_begun {
                for event in latest_operation(&name, events) {
                    if seen.insert(event.id.clone()) {
                        self.console.passing(&event);
                    }
                }
            }
            let is_busy = |state: &StackState| {
                !has_begun || is_in_progress(&state.status) || state.status == StackStatus::ReviewInProgress
            };
            Ok(if state.as_ref().is_some_and(is_busy) { None } else { Some(state) })
        })
        .await
    }

    /// Returns the error for a failed stack, with its first cause.
    async fn failed(&self, state: &StackState, doing: &'static str) -> Result<DeployError, AwsError> {
        let events = latest_operation(&state.name, self.aws.events(&state.id, 5).await?);
        let (stack, status) = (state.name.clone(), state.status.to_string());
        Ok(DeployError::Failed { stack, doing, status, cause: Cause::first(&events) })
    }
}
