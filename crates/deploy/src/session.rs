//! One run of this tool: an account to work in, a console to report to, and how stacks are brought from one state to
//! another.

use std::{
    collections::HashSet,
    time::{Duration, Instant, SystemTime},
};

use aws_sdk_cloudformation::types::{ResourceStatus, StackStatus};
use mysfits_infra::Stack;

use crate::{
    aws::{
        Aws,
        buckets::Owner,
        stacks::{Source, State},
    },
    console::Console,
    error::{DeployError, ServiceError},
    failure::{Cause, latest_operation},
    names::CHANGE_SET_PREFIX,
    parameters::Parameters,
    plan::{self, Change},
    state::{ChangeSetEnd, Next, is_in_progress, is_success},
};

/// The longest that a stack may be at work: distributions and endpoints take their time.
const LONGEST: Duration = Duration::from_hours(1);
/// After this time what was asked for has begun or never will.
const SLOWEST_BEGINNING: Duration = Duration::from_mins(1);
/// The type of a bucket in CloudFormation.
const BUCKET: &str = "AWS::S3::Bucket";

/// An account to work in and a console to report to.
#[derive(Debug, Clone)]
pub struct Session {
    /// The account.
    pub aws: Aws,
    /// The console.
    pub console: Console,
}

/// The pauses between questions: short at first, for much is quickly done, then longer.
pub(crate) struct Pauses(Duration);

impl Default for Pauses {
    fn default() -> Self {
        Self(Duration::from_millis(100))
    }
}

impl Pauses {
    /// Waits for the next pause's time.
    pub(crate) async fn wait(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 3 / 2).min(Duration::from_secs(5));
    }
}

/// A change set that was made and what it changes.
#[derive(Debug)]
pub struct Prepared {
    id: String,
    /// What it changes; none if there is nothing to change.
    pub changes: Option<Vec<Change>>,
}

impl Session {
    /// Brings a stack into a state from which it can be created or updated: waits for what is going on, removes what
    /// failed to come up, lets a stuck rollback go on.
    ///
    /// Returns the stack if it exists.
    ///
    /// # Errors
    /// If the stack cannot be brought there.
    pub async fn ready(&self, stack: Stack) -> Result<Option<State>, DeployError> {
        let name = stack.name();
        let mut mended = 0;
        loop {
            let state = self.aws.stack(stack).await?;
            let next = Next::of(state.as_ref().map(|state| &state.status));
            let Some(state) = state else { return Ok(None) };
            match next {
                Next::Create => return Ok(None),
                Next::Update => return Ok(Some(state)),
                Next::Wait => self.settle(stack, &state).await?,
                Next::Recreate if mended < 2 => {
                    mended += 1;
                    self.console.line(format!("{name} is {}: removing what is left of it", state.status));
                    self.remove(stack, &state).await?;
                }
                Next::ContinueRollback if mended < 2 => {
                    mended += 1;
                    self.console.line(format!("{name} is {}: letting its rollback go on", state.status));
                    let before = self.newest_event(&state.id).await?;
                    self.aws.continue_rollback(stack).await?;
                    self.wait(stack, &state.id, "rollback", before).await?;
                }
                Next::Recreate | Next::ContinueRollback => {
                    return Err(self.failed(stack, &state, "mending").await?);
                }
                Next::Ask => {
                    let remedy = state.reason.unwrap_or_else(|| {
                        "end it in CloudFormation's console, then run the command again".to_owned()
                    });
                    return Err(DeployError::Stuck { name, status: state.status.to_string(), remedy });
                }
            }
        }
    }

    /// Waits for the end of an operation on a stack that an earlier run or another user started.
    ///
    /// # Errors
    /// If a request to CloudFormation fails, or the operation does not end.
    pub async fn settle(&self, stack: Stack, state: &State) -> Result<(), DeployError> {
        self.console.line(format!("{} is {}: waiting for its end", stack.name(), state.status));
        self.wait(stack, &state.id, "what an earlier run began", None).await?;
        Ok(())
    }

    /// Makes a change set, replacing those that an earlier run left.
    ///
    /// # Errors
    /// If CloudFormation does not take it.
    pub async fn prepare(
        &self,
        stack: Stack,
        exists: bool,
        source: &Source,
        parameters: &Parameters,
    ) -> Result<Prepared, DeployError> {
        for left in self.aws.left_change_sets(stack).await? {
            self.aws.delete_change_set(stack, &left).await?;
        }
        let millis =
            SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_millis());
        let name = format!("{CHANGE_SET_PREFIX}{millis}");
        let id = self.aws.create_change_set(stack, exists, &name, source, parameters).await?;
        let mut pauses = Pauses::default();
        let begun = Instant::now();
        loop {
            let (end, described) = self.aws.change_set(stack, &id).await?;
            match end {
                ChangeSetEnd::Pending if begun.elapsed() > LONGEST => {
                    return Err(too_long(format!("a change set for {}", stack.name())));
                }
                ChangeSetEnd::Pending => pauses.wait().await,
                ChangeSetEnd::Ready => {
                    let changes = described.iter().filter_map(Change::of).collect();
                    return Ok(Prepared { id, changes: Some(changes) });
                }
                ChangeSetEnd::NoChanges => return Ok(Prepared { id, changes: None }),
                ChangeSetEnd::Failed(reason) => {
                    let mut reasons = self.aws.findings(stack, &id).await;
                    reasons.push(reason);
                    self.aws.delete_change_set(stack, &id).await?;
                    return Err(DeployError::ChangeSet { stack: stack.name(), reason: reasons.join("; ") });
                }
            }
        }
    }

    /// Throws a change set away.
    ///
    /// # Errors
    /// CloudFormation's.
    pub async fn discard(&self, stack: Stack, prepared: &Prepared) -> Result<(), DeployError> {
        self.aws.delete_change_set(stack, &prepared.id).await
    }

    /// Brings a stack to its template with these parameters, creating it if need be; returns it as it is then.
    ///
    /// # Errors
    /// If something precious would be replaced and may not, or the stack fails.
    pub async fn apply(
        &self,
        stack: Stack,
        source: &Source,
        parameters: Parameters,
        allow_replace: bool,
    ) -> Result<State, DeployError> {
        let name = stack.name();
        let there = self.ready(stack).await?;
        let parameters = with_others(stack, there.as_ref(), parameters);
        let prepared = self.prepare(stack, there.is_some(), source, &parameters).await?;
        let (Some(changes), there) = (&prepared.changes, there) else {
            self.discard(stack, &prepared).await?;
            self.console.line(format!("{name}: no changes"));
            return self.existing(stack).await;
        };
        let replaced = plan::precious(stack, changes);
        if !allow_replace && !replaced.is_empty() {
            self.discard(stack, &prepared).await?;
            return Err(DeployError::Replaces { stack: name, replaced });
        }
        let doing = if there.is_some() { "update" } else { "creation" };
        self.console.line(format!("{name}: {doing} with {} changes", changes.len()));
        let id = self.aws.stack_by_id(name).await?.map_or_else(|| name.to_owned(), |state| state.id);
        let before = self.newest_event(&id).await?;
        self.aws.execute_change_set(stack, &prepared.id).await?;
        let state = self.wait(stack, &id, doing, before).await?;
        match state {
            Some(state) if is_success(&state.status) => Ok(state),
            Some(state) => Err(self.failed(stack, &state, doing).await?),
            None => self.existing(stack).await,
        }
    }

    /// A stack that must be there.
    async fn existing(&self, stack: Stack) -> Result<State, DeployError> {
        self.aws.stack(stack).await?.ok_or_else(|| DeployError::Stuck {
            name: stack.name(),
            status: "gone".to_owned(),
            remedy: "somebody removed it meanwhile; run the command again".to_owned(),
        })
    }

    /// Empties a stack's buckets, removes it and waits until it is gone.
    ///
    /// # Errors
    /// If it cannot be removed, even when tried again.
    pub async fn remove(&self, stack: Stack, state: &State) -> Result<(), DeployError> {
        for _ in 0..3 {
            self.empty_buckets_of(state).await?;
            let before = self.newest_event(&state.id).await?;
            self.aws.delete_stack(&state.id).await?;
            match self.wait(stack, &state.id, "removal", before).await? {
                None => return Ok(()),
                Some(state) if state.status == StackStatus::DeleteComplete => return Ok(()),
                Some(_) => self.console.line(format!("{}: removal failed, trying again", stack.name())),
            }
        }
        Err(self.failed(stack, state, "removal").await?)
    }

    /// Empties the buckets that a stack made, for CloudFormation removes none that holds anything.
    async fn empty_buckets_of(&self, state: &State) -> Result<(), DeployError> {
        for resource in self.aws.resources(&state.id).await? {
            let Some(bucket) = resource.physical_id.filter(|_| resource.resource_type == BUCKET) else {
                continue;
            };
            let owner = self.aws.bucket_owner(&bucket).await?;
            // If the creation of a bucket failed because a foreign bucket has the name, the stack lists that
            // bucket too. The stack, which is ours, created all the others itself.
            let is_strange = resource.status == ResourceStatus::CreateFailed && owner != Owner::Us;
            if is_strange || owner == Owner::Nobody {
                continue;
            }
            self.console.doing(format!("emptying {bucket}"));
            let removed = self.aws.empty_bucket(&bucket).await?;
            self.console.passing(format!("{bucket}: {removed} objects, versions and markers removed"));
        }
        Ok(())
    }

    /// The id of a stack's newest event.
    async fn newest_event(&self, id: &str) -> Result<Option<String>, ServiceError> {
        Ok(self.aws.events(id, 1).await?.first().map(|event| event.id.clone()))
    }

    /// Waits until a stack is no longer at work, telling what happens meanwhile; returns how it ended, none if it is
    /// gone without a trace.
    ///
    /// What was asked for a moment ago may not have begun: the stack's state is believed only once there is an event
    /// newer than `before`, if that is given.
    async fn wait(
        &self,
        stack: Stack,
        id: &str,
        doing: &str,
        before: Option<String>,
    ) -> Result<Option<State>, DeployError> {
        let name = stack.name();
        self.console.doing(format!("{name}: {doing}"));
        let mut seen: HashSet<String> = HashSet::new();
        let mut pauses = Pauses::default();
        let begun = Instant::now();
        loop {
            let state = self.aws.stack_by_id(id).await?;
            let events = self.aws.events(id, 1).await?;
            let has_begun = before.is_none()
                || events.first().map(|event| &event.id) != before.as_ref()
                || begun.elapsed() > SLOWEST_BEGINNING;
            if has_begun {
                for event in latest_operation(name, events) {
                    if seen.insert(event.id.clone()) {
                        self.console.passing(&event);
                    }
                }
            }
            match state {
                None => return Ok(None),
                Some(state)
                    if has_begun
                        && !is_in_progress(&state.status)
                        && state.status != StackStatus::ReviewInProgress =>
                {
                    return Ok(Some(state));
                }
                Some(_) if begun.elapsed() > LONGEST => return Err(too_long(format!("{name}: {doing}"))),
                Some(_) => pauses.wait().await,
            }
        }
    }

    /// The failure of a stack, with its first cause.
    async fn failed(
        &self,
        stack: Stack,
        state: &State,
        doing: &'static str,
    ) -> Result<DeployError, ServiceError> {
        let events = latest_operation(stack.name(), self.aws.events(&state.id, 5).await?);
        let cause = Cause::first(&events);
        Ok(DeployError::Failed { stack: stack.name(), doing, status: state.status.to_string(), cause })
    }
}

/// Returns the parameters, and keeps the stack's values of all others.
#[must_use]
pub fn with_others(stack: Stack, there: Option<&State>, parameters: Parameters) -> Parameters {
    let Some(there) = there else { return parameters };
    let of_template: Vec<String> = stack.template().parameters().map(str::to_owned).collect();
    parameters.keep_others(there.parameters.keys(), &of_template)
}

fn too_long(what: String) -> DeployError {
    DeployError::TooLong { what, minutes: LONGEST.as_secs() / 60 }
}
