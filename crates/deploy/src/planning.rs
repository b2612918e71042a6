//! The plan of a deployment: the change set of each stack, as far as it is known before earlier stacks are deployed.
//! Deletes the change sets unless the deployment follows.

mod prediction;

use std::path::Path;

use aws_sdk_cloudformation::types::StackStatus;
use mysfits_infra::Stack;
use serde_json::json;

use crate::{
    aws::{stack_update::StackUpdate, stacks::StackState},
    deploy::{Deployment, ModelSource},
    error::{DeployError, PlanError},
    names::{CHANGE_SET_PREFIX, SAVED_CHANGE_SET_PREFIX},
    plan::{PlannedAction, PlannedChange, StackPlan},
    saved_plan::SavedPlan,
    state::NextAction,
};

impl Deployment<'_> {
    /// Shows the plan, and saves it or asks the user to confirm it. Returns it as JSON, and whether a stack would be changed.
    ///
    /// # Errors
    /// If a change set cannot be created, a protected resource would be lost, or the user declines.
    pub(crate) async fn confirm_plan(&self) -> Result<(serde_json::Value, bool), DeployError> {
        let aws = &self.deployer.aws;
        let console = &self.deployer.console;
        console.line(format!(
            "stage {}, account {}, region {}, as {}",
            aws.stage, aws.account, aws.region, aws.caller
        ));
        console.stage("plan");
        let mut plans = Vec::new();
        for stack in Stack::ALL {
            match self.plan(stack).await {
                Ok(plan) => plans.extend(plan),
                Err(error) => {
                    // Report the error; the next run cleans up what remains.
                    let _ = self.delete_empty_stacks(new(&plans).chain([stack])).await;
                    return Err(error);
                }
            }
        }
        console.finish();
        for plan in &plans {
            let text = if console.is_coloured() { format!("{plan:#}") } else { plan.to_string() };
            console.line(text.trim_end());
        }
        let [sagemaker, recommendations] =
            [aws.stack(Stack::SageMaker).await?, aws.stack(Stack::Recommendations).await?];
        let has_notebook = plans.iter().any(|plan| plan.stack == Stack::Notebook);
        let cost = self.cost(sagemaker.as_ref(), recommendations.as_ref(), has_notebook);
        console.line(&cost);
        let has_changes = !plans.iter().all(StackPlan::is_empty);
        let json = json!({
            "account": aws.account,
            "region": aws.region,
            "stage": aws.stage.as_str(),
            "package": self.package.digest(),
            "stacks": plans.iter().map(StackPlan::to_json).collect::<Vec<_>>(),
            "idleUsd": cost.idle_usd(),
        });
        if self.options.dry_run {
            self.delete_empty_stacks(new(&plans)).await?;
            console.line("dry run: no changes made");
            return Ok((json, has_changes));
        }
        let checked = plans.iter().try_for_each(|plan| self.check_plan(plan));
        if let Err(error) = checked {
            self.discard(&plans).await?;
            return Err(error);
        }
        if let Some(path) = &self.options.save {
            self.save(&plans, path, sagemaker.as_ref())?;
            console
                .line(format!("the plan is saved in {}; execute it with `deploy --apply`", path.display()));
            return Ok((json, has_changes));
        }
        if !has_changes {
            console.line("no stack changes; code and files are compared individually");
        }
        match console.confirm("deploy this", self.options.yes) {
            Ok(()) => Ok((json, has_changes)),
            Err(no) => {
                self.discard(&plans).await?;
                Err(no)
            }
        }
    }

    /// Checks that a plan may be executed, or saved if that is requested.
    fn check_plan(&self, plan: &StackPlan) -> Result<(), DeployError> {
        let StackPlan { stack, changes, .. } = plan;
        self.options.apply.check(*stack, &plan.name, changes.as_deref().unwrap_or_default())?;
        if self.options.save.is_some() && !plan.is_complete() {
            return Err(PlanError::Incomplete { stack: plan.name.clone() }.into());
        }
        Ok(())
    }

    /// Writes the plan to a file.
    fn save(
        &self,
        plans: &[StackPlan],
        path: &Path,
        sagemaker: Option<&StackState>,
    ) -> Result<(), DeployError> {
        let mut saved = SavedPlan::new(&self.deployer.aws, self.package.digest()).with_settings(
            self.backend,
            self.hosting,
            &self.settings,
        );
        saved.uploads_model = self.model_source(sagemaker) == Some(ModelSource::Package);
        for plan in plans {
            saved.add(&plan.name, plan.change_set.clone());
        }
        saved.write(path)
    }

    /// Deletes what the plan created: change sets that were kept, and empty stacks.
    async fn discard(&self, plans: &[StackPlan]) -> Result<(), DeployError> {
        for plan in plans {
            if let Some(id) = &plan.change_set {
                self.deployer.aws.delete_change_set(plan.stack, id).await?;
            }
        }
        self.delete_empty_stacks(new(plans)).await
    }

    /// Deletes the empty stacks that the plan's change sets created.
    async fn delete_empty_stacks(&self, stacks: impl Iterator<Item = Stack>) -> Result<(), DeployError> {
        let deployer = self.deployer;
        for stack in stacks {
            if let Some(state) = deployer.aws.stack(stack).await?
                && state.status == StackStatus::ReviewInProgress
            {
                deployer.remove(stack, &state).await?;
            }
        }
        Ok(())
    }

    /// Returns the plan for a stack; `None` if the deployment does not include it.
    async fn plan(&self, stack: Stack) -> Result<Option<StackPlan>, DeployError> {
        let deployer = self.deployer;
        let there = deployer.aws.stack(stack).await?;
        let status = there.as_ref().map(|state| &state.status);
        if !self.includes(stack, status) {
            return Ok(None);
        }
        let next = NextAction::for_status(status);
        let exists = next == NextAction::Update;
        let status =
            there.as_ref().filter(|_| next != NextAction::Create).map(|state| state.status.to_string());
        let mut plan = StackPlan {
            stack,
            name: deployer.aws.stack_name(stack),
            status,
            recovery: recovery(next),
            changes: None,
            notes: Vec::new(),
            is_exact: true,
            change_set: None,
        };
        if plan.recovery.is_some() {
            return Ok(Some(plan));
        }
        let there = there.filter(|_| exists);
        let Some(parameters) = self.predicted_parameters(stack, there.as_ref(), &mut plan).await? else {
            plan.changes = (!exists).then(|| additions(stack));
            return Ok(Some(plan));
        };
        let update = StackUpdate {
            source: self.source(stack, self.options.save.is_some()).await?,
            parameters: self.chosen.complete(stack, there.as_ref(), parameters),
            tags: self.chosen.tags(there.as_ref()),
            mode: self.options.mode,
        };
        let keep = self.options.save.is_some();
        let prefix = if keep { SAVED_CHANGE_SET_PREFIX } else { CHANGE_SET_PREFIX };
        let prepared = deployer.create_change_set(stack, there.as_ref(), &update, prefix).await?;
        if keep && prepared.changes.is_some() {
            plan.change_set = Some(prepared.id.clone());
        } else {
            deployer.discard(stack, &prepared).await?;
        }
        plan.changes = Some(prepared.changes.unwrap_or_default());
        Ok(Some(plan))
    }
}

/// The stacks that did not exist before the plan.
fn new(plans: &[StackPlan]) -> impl Iterator<Item = Stack> {
    plans.iter().filter(|plan| plan.status.is_none()).map(|plan| plan.stack)
}

/// Describes the recovery that a stack needs before it can be changed.
fn recovery(next: NextAction) -> Option<String> {
    let text = match next {
        NextAction::Create | NextAction::Update => return None,
        NextAction::Wait => "an operation is in progress; waiting for it",
        NextAction::Recreate => {
            "creation or deletion failed; the remains are deleted and the stack is recreated"
        }
        NextAction::ContinueRollback => "the rollback failed; it is continued before the update",
        NextAction::Unsupported => "this tool does not support this state",
    };
    Some(text.to_owned())
}

/// Returns the resources that a new stack has in any case.
fn additions(stack: Stack) -> Vec<PlannedChange> {
    let template = stack.template();
    let unconditional = template.resources().filter(|resource| resource.condition.is_none());
    unconditional
        .map(|resource| PlannedChange {
            action: PlannedAction::Add,
            logical_id: resource.logical_id.to_owned(),
            resource_type: resource.kind.to_owned(),
            properties: Vec::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_stack_has_only_unconditional_resources() {
        let ids: Vec<_> = additions(Stack::SageMaker).into_iter().map(|change| change.logical_id).collect();
        assert!(ids.iter().any(|id| id == "DataBucket"), "{ids:?}");
        assert!(!ids.iter().any(|id| id == "Endpoint"), "{ids:?}");
    }

    #[test]
    fn describes_each_recovery() {
        assert_eq!(recovery(NextAction::Update), None);
        for next in
            [NextAction::Wait, NextAction::Recreate, NextAction::ContinueRollback, NextAction::Unsupported]
        {
            assert!(recovery(next).is_some());
        }
    }
}
