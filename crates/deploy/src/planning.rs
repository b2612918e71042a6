//! The plan of a deployment: the change set of each stack, as far as it is known before earlier stacks are deployed.
//! Deletes the change sets unless the deployment follows.

use std::path::Path;

use aws_sdk_cloudformation::types::StackStatus;
use mysfits_deploy_cli::Ttl;
use mysfits_infra::{
    Stack,
    recommendations::parameter as function_parameter,
    sagemaker::{output as sagemaker_output, parameter as sagemaker_parameter},
};
use serde_json::json;

use crate::{
    addresses::result_pages_host,
    aws::{stack_update::StackUpdate, stacks::StackState},
    deploy::{Deployment, ImageSource, ModelSource, model_url},
    error::{DeployError, PlanError},
    image::ContainerImage,
    names::{CHANGE_SET_PREFIX, SAVED_CHANGE_SET_PREFIX},
    parameters::{Parameters, notebook_parameters, website_parameters},
    plan::{PlannedAction, PlannedChange, StackPlan},
    saved_plan::SavedPlan,
    site::{api_origins, settings},
    state::NextAction,
    train::describe_job,
};

/// The note about a deployed model that the deployment keeps.
const KEPT_MODEL: &str =
    "the endpoint keeps its deployed model; --train sagemaker or --train local replaces it";
/// The key of a training job's model in a plan.
const PLANNED_MODEL: &str = "training/model.tar.gz";
/// The note about a model that the deployment gives to AWS's container.
const OTHER_CONTAINERS_MODEL: &str = "the endpoint keeps its deployed model, which AWS's k-NN container was not tested with if \
                                      another container trained it; --train sagemaker trains one with that container";
/// The note about the model of the package.
const PACKAGED_MODEL: &str = "the endpoint gets the model of the package, which was not tested with AWS's k-NN container; \
                              --train sagemaker lets that container train one";

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

    /// Predicts a stack's parameters; returns `None` if they depend on a stack that does not exist yet.
    async fn predicted_parameters(
        &self,
        stack: Stack,
        there: Option<&StackState>,
        plan: &mut StackPlan,
    ) -> Result<Option<Parameters>, DeployError> {
        match stack {
            Stack::SageMaker => self.predicted_sagemaker_parameters(there, plan).await.map(Some),
            Stack::Recommendations => self.predicted_recommendations_parameters().await,
            Stack::Website => {
                let recommendations = self.deployer.aws.stack(Stack::Recommendations).await?;
                let name = function_parameter::API_DOMAIN_NAME;
                let domain = self.chosen.value(Stack::Recommendations, recommendations.as_ref(), name);
                let host = recommendations.as_ref().map(result_pages_host).unwrap_or_default();
                let url = recommendations
                    .as_ref()
                    .and_then(|state| self.addresses.planned_api(state, &domain).ok());
                let parameters = match (url, there) {
                    (Some(url), _) => {
                        let settings = settings(&self.settings, &url, &self.deployer.aws.region);
                        website_parameters(&api_origins(&settings), host)
                    }
                    // The page's origins are known once there is an API.
                    (None, None) => {
                        plan.is_exact = false;
                        website_parameters("", "")
                    }
                    (None, Some(_)) => {
                        plan.is_exact = false;
                        Parameters::default()
                    }
                };
                Ok(Some(parameters))
            }
            Stack::Repository => Ok(Some(Parameters::default())),
            Stack::Notebook => {
                let sagemaker = self.deployer.aws.stack(Stack::SageMaker).await?;
                Ok(sagemaker.and_then(|state| notebook_parameters(&state.outputs)))
            }
        }
    }

    async fn predicted_sagemaker_parameters(
        &self,
        there: Option<&StackState>,
        plan: &mut StackPlan,
    ) -> Result<Parameters, DeployError> {
        let StackPlan { notes, is_exact, .. } = plan;
        let expiry = self.expiry(there);
        let bucket = there.and_then(|state| state.outputs.get(sagemaker_output::DATA_BUCKET_NAME));
        let packaged = bucket.map(|bucket| model_url(bucket, &self.package.model().1));
        let (model, added_after) = match self.model_source(there) {
            None => (None, None),
            Some(ModelSource::Existing(url)) => {
                if self.leaves_own_container(there) {
                    notes.push(OTHER_CONTAINERS_MODEL.to_owned());
                } else if self.model_url.is_none() && Some(&url) != packaged.as_ref() {
                    notes.push(KEPT_MODEL.to_owned());
                }
                (Some(url), None)
            }
            Some(ModelSource::Package) => {
                // That container is tested with it.
                if self.image_source(there) == ImageSource::BuiltIn {
                    notes.push(PACKAGED_MODEL.to_owned());
                }
                let after = packaged.is_none().then_some("after the model is uploaded");
                (packaged, after)
            }
            Some(ModelSource::TrainingJob(_)) if self.options.save.is_some() => {
                return Err(PlanError::TrainingJob.into());
            }
            Some(ModelSource::TrainingJob(training)) => {
                *is_exact = false;
                notes.push(describe_job(&training));
                // The plan's change set is not executed: any URL shows what is added.
                let deployed = there.and_then(StackState::model).map(str::to_owned);
                let url = deployed.or_else(|| bucket.map(|bucket| format!("s3://{bucket}/{PLANNED_MODEL}")));
                let after = url.is_none().then_some("after the training job");
                (url, after)
            }
        };
        if let Some(after) = added_after {
            *is_exact = false;
            notes.push(format!("{after}: endpoint, endpoint configuration and model are added"));
        }
        if self.backend.needs_endpoint() {
            notes.extend(expiry.note.clone());
        } else if matches!(self.chosen.given.ttl, Some(Ttl::In(_))) {
            notes.push("ttl has no effect: the backend embedded has no endpoint".to_owned());
        }
        if let Some(state) = there
            && let Some(name) = self.unusable_endpoint(state).await?
        {
            *is_exact = false;
            notes.push(format!(
                "the endpoint {name} failed or was deleted: it is removed from the stack first"
            ));
        }
        if let Some(state) = there.filter(|state| state.has_model() && self.backend.needs_endpoint()) {
            let hosting = state.parameters.get(sagemaker_parameter::HOSTING_MODE);
            if hosting.is_some_and(|hosting| hosting != self.hosting.as_str()) {
                notes.push(
                    "the hosting mode changes, which replaces the endpoint: until the function is updated, --backend endpoint \
                     responds with 503, and --backend fallback uses the decision table"
                        .to_owned(),
                );
            }
        }
        let image = self.predicted_image(there, plan)?;
        Ok(self.sagemaker_parameters(model.as_deref(), image.as_deref(), &self.wanted_expiry(there)))
    }

    /// Returns whether the endpoint changes from an image of ours to SageMaker's k-NN.
    fn leaves_own_container(&self, there: Option<&StackState>) -> bool {
        let image = there.and_then(|state| state.parameters.get(sagemaker_parameter::CONTAINER_IMAGE));
        image.is_some_and(|image| !image.is_empty()) && self.image_source(there) == ImageSource::BuiltIn
    }

    /// Predicts the container's image; `None` if the deployed one is kept, or the repository does not exist yet.
    fn predicted_image(
        &self,
        there: Option<&StackState>,
        plan: &mut StackPlan,
    ) -> Result<Option<String>, DeployError> {
        if !self.backend.needs_endpoint() {
            return Ok(None);
        }
        let folder = match self.image_source(there) {
            ImageSource::BuiltIn => return Ok(Some(String::new())),
            ImageSource::Existing(_) => return Ok(None),
            ImageSource::Folder(folder) => folder,
        };
        let image = ContainerImage::read(&folder)?;
        let repository = there.and_then(|state| state.outputs.get(sagemaker_output::IMAGE_REPOSITORY_URI));
        let address = repository.map(|repository| image.address(repository));
        let deployed = there.and_then(|state| state.parameters.get(sagemaker_parameter::CONTAINER_IMAGE));
        if address.is_some() && address.as_ref() == deployed {
            return Ok(address);
        }
        if self.options.save.is_some() {
            return Err(PlanError::Image.into());
        }
        plan.is_exact = false;
        plan.notes.push(format!("the container image {} is pushed first", image.tag));
        Ok(address)
    }

    async fn predicted_recommendations_parameters(&self) -> Result<Option<Parameters>, DeployError> {
        let sagemaker = self.deployer.aws.stack(Stack::SageMaker).await?;
        let endpoint = sagemaker.as_ref().and_then(StackState::endpoint_name);
        if self.backend.needs_endpoint() && endpoint.is_none() {
            return Ok(None);
        }
        Ok(Some(self.recommendations_parameters(endpoint)))
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
