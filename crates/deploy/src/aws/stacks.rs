//! CloudFormation: stacks, change sets and events.

use std::time::{Duration, SystemTime};

use aws_sdk_cloudformation::{
    error::ProvideErrorMetadata as _,
    types::{
        Capability, Change as Described, ChangeSetSummary, ChangeSetType, DeploymentMode, ExecutionStatus,
        Stack as Found, StackResourceSummary, StackStatus, Tag,
    },
};
use mysfits_infra::{STAGE_PARAMETER, Stack};

use super::{
    Aws, service_error,
    stack_update::{ChangeMode, StackUpdate},
};
pub use super::{stack_state::StackState, stack_update::TemplateSource};
use crate::{
    error::{AwsError, DeployError},
    failure::StackEvent,
    names::{CHANGE_SET_PREFIX, is_of_stage, stack_tags, tag_text},
    state::ChangeSetEnd,
};

/// The service, for errors.
pub(super) const CLOUDFORMATION: &str = "CloudFormation";

/// Converts an error of a CloudFormation operation.
macro_rules! stack_error {
    ($operation:literal) => {
        |error| $crate::aws::service_error($crate::aws::stacks::CLOUDFORMATION, $operation, &error)
    };
}
pub(super) use stack_error;

/// What became of a change set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Execution {
    /// It can be executed.
    Available,
    /// It was executed.
    Executed,
    /// It was deleted, or the stack was changed after it was created.
    Gone,
}

impl Aws {
    /// Returns the state of one of our stacks; `None` if it does not exist.
    ///
    /// # Errors
    /// If a stack of this name exists without our tags, or if a request to CloudFormation fails.
    pub async fn stack(&self, stack: Stack) -> Result<Option<StackState>, DeployError> {
        let name = self.stack_name(stack);
        let Some(state) = self.stack_by_id(&name).await? else { return Ok(None) };
        // An empty shell holds nothing that could be lost, and whether it has tags yet depends on when it was left.
        if state.is_ours || state.status == StackStatus::ReviewInProgress {
            Ok(Some(state))
        } else {
            Err(DeployError::ForeignStack { name, tags: tag_text(&self.stage) })
        }
    }

    /// Returns the name of a stack.
    #[must_use]
    pub fn stack_name(&self, stack: Stack) -> String {
        stack.name(&self.stage)
    }

    /// Returns the state of a stack by name or id, with or without our tags.
    pub(crate) async fn stack_by_id(&self, id: &str) -> Result<Option<StackState>, AwsError> {
        let answer = match self.cloudformation.describe_stacks().stack_name(id).send().await {
            Ok(answer) => answer,
            Err(error) if is_absent(error.code(), error.message()) => return Ok(None),
            Err(error) => return Err(service_error(CLOUDFORMATION, "DescribeStacks", &error)),
        };
        Ok(answer.stacks().first().map(|found| self.state(found)))
    }

    /// Returns a stack's resources, including deleted ones.
    pub(crate) async fn resources(&self, stack_id: &str) -> Result<Vec<StackResourceSummary>, AwsError> {
        let mut found = Vec::new();
        let mut pages =
            self.cloudformation.list_stack_resources().stack_name(stack_id).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = match page {
                Err(error) if is_absent(error.code(), error.message()) => return Ok(found),
                page => page.map_err(stack_error!("ListStackResources"))?,
            };
            found.extend_from_slice(page.stack_resource_summaries());
        }
        Ok(found)
    }

    /// Starts the creation of a change set; returns its id.
    ///
    /// # Errors
    /// CloudFormation's, if the creation does not start.
    pub(crate) async fn create_change_set(
        &self,
        stack: Stack,
        exists: bool,
        name: &str,
        update: &StackUpdate,
    ) -> Result<String, DeployError> {
        let parameters = update.parameters.clone().set(STAGE_PARAMETER, self.stage.as_str());
        let kind = if exists { ChangeSetType::Update } else { ChangeSetType::Create };
        let request = self
            .cloudformation
            .create_change_set()
            .stack_name(self.stack_name(stack))
            .change_set_name(name)
            .change_set_type(kind)
            .capabilities(Capability::CapabilityIam)
            // A new stack cannot have drifted.
            .set_deployment_mode(
                (update.mode == ChangeMode::RevertDrift && exists).then_some(DeploymentMode::RevertDrift),
            )
            .set_import_existing_resources((update.mode == ChangeMode::ImportExisting).then_some(true))
            .set_parameters(Some(parameters.written()))
            .set_role_arn(self.service_role.clone());
        let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
        let tags = stack_tags(&self.stage).into_iter().chain(update.tags.iter().map(tag)).collect();
        let request = request.set_tags(Some(tags));
        let request = match &update.source {
            TemplateSource::Body(text) => request.template_body(text),
            TemplateSource::Url(url) => request.template_url(url),
        };
        let answer = request.send().await.map_err(stack_error!("CreateChangeSet"))?;
        Ok(answer.id().unwrap_or(name).to_owned())
    }

    /// Returns the state of a change set, and the changes that are known so far.
    pub(crate) async fn change_set(
        &self,
        stack: Stack,
        id: &str,
    ) -> Result<(ChangeSetEnd, Vec<Described>), DeployError> {
        let mut changes = Vec::new();
        let mut end = ChangeSetEnd::Pending;
        let mut token = None;
        loop {
            let page = self
                .cloudformation
                .describe_change_set()
                .stack_name(self.stack_name(stack))
                .change_set_name(id)
                .include_property_values(true)
                .set_next_token(token)
                .send()
                .await
                .map_err(stack_error!("DescribeChangeSet"))?;
            if let Some(status) = page.status() {
                end = ChangeSetEnd::from_status(status.as_str(), page.status_reason());
            }
            changes.extend_from_slice(page.changes());
            token = page.next_token().map(str::to_owned);
            if token.is_none() {
                return Ok((end, changes));
            }
        }
    }

    /// Returns whether a change set can be executed, was executed already, or neither, as if it had been deleted.
    pub(crate) async fn execution(&self, stack: Stack, id: &str) -> Result<Execution, DeployError> {
        let request =
            self.cloudformation.describe_change_set().stack_name(self.stack_name(stack)).change_set_name(id);
        let described = match request.send().await {
            Err(error) if is_absent(error.code(), error.message()) => return Ok(Execution::Gone),
            described => described.map_err(stack_error!("DescribeChangeSet"))?,
        };
        Ok(match described.execution_status().map(ExecutionStatus::as_str) {
            Some("AVAILABLE") => Execution::Available,
            Some("EXECUTE_IN_PROGRESS" | "EXECUTE_COMPLETE") => Execution::Executed,
            _ => Execution::Gone,
        })
    }

    /// Returns the findings of CloudFormation's validation of a change set. No other operation returns them.
    ///
    /// There is no error: if the service does not support this operation, there are no findings.
    pub(crate) async fn findings(&self, stack: Stack, id: &str) -> Vec<String> {
        let name = self.stack_name(stack);
        let request = self.cloudformation.describe_events().stack_name(&name).change_set_name(id);
        let Ok(answer) = request.send().await else { return Vec::new() };
        let finding = |event: &aws_sdk_cloudformation::types::OperationEvent| {
            let reason = event.validation_status_reason()?;
            let at = event.validation_path().map(|path| format!(" at {path}")).unwrap_or_default();
            Some(format!("{}{at}: {reason}", event.logical_resource_id().unwrap_or(&name)))
        };
        answer.operation_events().iter().filter_map(finding).collect()
    }

    /// Executes a change set.
    pub(crate) async fn execute_change_set(&self, stack: Stack, id: &str) -> Result<(), DeployError> {
        let request =
            self.cloudformation.execute_change_set().stack_name(self.stack_name(stack)).change_set_name(id);
        request.send().await.map_err(stack_error!("ExecuteChangeSet"))?;
        Ok(())
    }

    /// Removes a change set; one that is gone is fine.
    pub(crate) async fn delete_change_set(&self, stack: Stack, id: &str) -> Result<(), DeployError> {
        let request =
            self.cloudformation.delete_change_set().stack_name(self.stack_name(stack)).change_set_name(id);
        match request.send().await {
            Err(error) if !is_absent(error.code(), error.message()) => {
                Err(service_error(CLOUDFORMATION, "DeleteChangeSet", &error).into())
            }
            _ => Ok(()),
        }
    }

    /// Returns this tool's change sets of a stack that are at least this old.
    pub(crate) async fn left_change_sets(
        &self,
        stack: Stack,
        age: Duration,
    ) -> Result<Vec<String>, DeployError> {
        let is_left = |set: &&ChangeSetSummary| {
            let made = set.creation_time().and_then(|time| SystemTime::try_from(*time).ok());
            set.change_set_name().is_some_and(|name| name.starts_with(CHANGE_SET_PREFIX))
                && made.and_then(|made| made.elapsed().ok()).is_some_and(|elapsed| elapsed >= age)
        };
        let mut left = Vec::new();
        let mut pages =
            self.cloudformation.list_change_sets().stack_name(self.stack_name(stack)).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = match page {
                Err(error) if is_absent(error.code(), error.message()) => return Ok(left),
                page => page.map_err(stack_error!("ListChangeSets"))?,
            };
            let names = page.summaries().iter().filter(is_left).filter_map(|set| set.change_set_name());
            left.extend(names.map(str::to_owned));
        }
        Ok(left)
    }

    /// Returns a stack's events, newest first: at most `n_pages` pages of a hundred.
    pub(crate) async fn events(&self, stack_id: &str, n_pages: usize) -> Result<Vec<StackEvent>, AwsError> {
        let mut events = Vec::new();
        let mut pages =
            self.cloudformation.describe_stack_events().stack_name(stack_id).into_paginator().send();
        for _ in 0..n_pages {
            let Some(page) = pages.next().await else { break };
            let page = match page {
                Err(error) if is_absent(error.code(), error.message()) => return Ok(events),
                page => page.map_err(stack_error!("DescribeStackEvents"))?,
            };
            events.extend(page.stack_events().iter().map(|event| StackEvent {
                id: event.event_id().unwrap_or_default().to_owned(),
                logical_id: event.logical_resource_id().unwrap_or_default().to_owned(),
                resource_type: event.resource_type().unwrap_or_default().to_owned(),
                status: event.resource_status().map_or("", |status| status.as_str()).to_owned(),
                reason: event.resource_status_reason().filter(|reason| !reason.is_empty()).map(str::to_owned),
            }));
        }
        Ok(events)
    }

    /// Begins to remove a stack.
    pub(crate) async fn delete_stack(&self, stack_id: &str) -> Result<(), DeployError> {
        self.cloudformation
            .delete_stack()
            .stack_name(stack_id)
            .set_role_arn(self.service_role.clone())
            .send()
            .await
            .map_err(stack_error!("DeleteStack"))?;
        Ok(())
    }

    /// Lets a failed rollback go on.
    pub(crate) async fn continue_rollback(&self, stack: Stack) -> Result<(), DeployError> {
        let request = self.cloudformation.continue_update_rollback().stack_name(self.stack_name(stack));
        let request = request.set_role_arn(self.service_role.clone());
        request.send().await.map_err(stack_error!("ContinueUpdateRollback"))?;
        Ok(())
    }

    fn state(&self, found: &Found) -> StackState {
        let pairs = |key: Option<&str>, value: Option<&str>| Some((key?.to_owned(), value?.to_owned()));
        StackState {
            name: found.stack_name().unwrap_or_default().to_owned(),
            id: found.stack_id().unwrap_or_default().to_owned(),
            status: found.stack_status().cloned().unwrap_or_else(|| "UNKNOWN".into()),
            reason: found.stack_status_reason().filter(|reason| !reason.is_empty()).map(str::to_owned),
            parameters: found
                .parameters()
                .iter()
                .filter_map(|p| pairs(p.parameter_key(), p.parameter_value()))
                .collect(),
            outputs: found.outputs().iter().filter_map(|o| pairs(o.output_key(), o.output_value())).collect(),
            tags: found.tags().iter().filter_map(|tag| pairs(tag.key(), tag.value())).collect(),
            is_ours: is_of_stage(
                &self.stage,
                found.tags().iter().filter_map(|tag| Some((tag.key()?, tag.value()?))),
            ),
        }
    }
}

/// Whether an error means that there is no such stack or change set.
fn is_absent(code: Option<&str>, message: Option<&str>) -> bool {
    matches!(code, Some("ChangeSetNotFound" | "ChangeSetNotFoundException"))
        || (code == Some("ValidationError")
            && message.is_some_and(|message| message.contains("does not exist")))
}
