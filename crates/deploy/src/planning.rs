//! The plan of a deployment: what each stack's change set would change, so far as it can be known before the stacks
//! before it are there. Leaves nothing behind unless the deployment follows.

use aws_sdk_cloudformation::types::StackStatus;
use mysfits_deploy_cli::{Training, Ttl};
use mysfits_infra::{
    Stack,
    sagemaker::{output as sagemaker_output, parameter as sagemaker_parameter},
};

use crate::{
    aws::stacks::State,
    deploy::{Deployment, has_model, model_url},
    destroy::endpoint_of,
    error::DeployError,
    names::function_key,
    parameters::{ModelUrl, Parameters, of_sagemaker, of_website},
    plan::{Action, Change, StackPlan, precious},
    session::with_others,
    site::{api_origins, settings},
    state::Next,
};

impl Deployment<'_> {
    /// Shows the plan and asks the user to confirm it.
    ///
    /// # Errors
    /// If a change set cannot be created, a protected resource would be lost, or the user declines.
    pub(crate) async fn planned(&self) -> Result<(), DeployError> {
        let aws = &self.session.aws;
        let console = &self.session.console;
        console.line(format!("account {}, region {}, as {}", aws.account, aws.region, aws.caller));
        console.stage("plan");
        let mut plans = Vec::new();
        for stack in Stack::ALL {
            match self.plan(stack).await {
                Ok(plan) => plans.push(plan),
                Err(error) => {
                    // The error is what matters; what cannot be cleared away now is cleared away by the next run.
                    let _ = self.forget(new(&plans).chain([stack])).await;
                    return Err(error);
                }
            }
        }
        console.finish();
        for plan in &plans {
            console.line(plan.to_string().trim_end());
        }
        console.line(self.cost(aws.stack(Stack::SageMaker).await?.as_ref()));
        if self.args.dry_run {
            self.forget(new(&plans)).await?;
            console.line("dry run: nothing was changed");
            return Ok(());
        }
        for StackPlan { stack, changes, .. } in &plans {
            let replaced = precious(*stack, changes.as_deref().unwrap_or_default());
            if !self.args.allow_replace && !replaced.is_empty() {
                self.forget(new(&plans)).await?;
                return Err(DeployError::Replaces { stack: stack.name(), replaced });
            }
        }
        if plans.iter().all(StackPlan::is_empty) {
            console.line("no stack changes; code and files are compared one by one");
        }
        match console.agree("deploy this", self.args.yes) {
            Ok(()) => Ok(()),
            Err(no) => {
                self.forget(new(&plans)).await?;
                Err(no)
            }
        }
    }

    /// Removes the empty shells that the plan's change sets made of stacks that did not exist.
    async fn forget(&self, stacks: impl Iterator<Item = Stack>) -> Result<(), DeployError> {
        let session = self.session;
        for stack in stacks {
            if let Some(state) = session.aws.stack(stack).await?
                && state.status == StackStatus::ReviewInProgress
            {
                session.remove(stack, &state).await?;
            }
        }
        Ok(())
    }

    async fn plan(&self, stack: Stack) -> Result<StackPlan, DeployError> {
        let session = self.session;
        let there = session.aws.stack(stack).await?;
        let next = Next::of(there.as_ref().map(|state| &state.status));
        let exists = next == Next::Update;
        let status = there.as_ref().filter(|_| next != Next::Create).map(|state| state.status.to_string());
        let mut plan = StackPlan { stack, status, heal: heal(next), changes: None, notes: Vec::new() };
        if plan.heal.is_some() {
            return Ok(plan);
        }
        let there = there.filter(|_| exists);
        let Some(parameters) = self.foreseen(stack, there.as_ref(), &mut plan.notes).await? else {
            plan.changes = (!exists).then(|| additions(stack));
            return Ok(plan);
        };
        let parameters = with_others(stack, there.as_ref(), parameters);
        let source = self.source(stack, false).await?;
        let prepared = session.prepare(stack, exists, &source, &parameters).await?;
        session.discard(stack, &prepared).await?;
        plan.changes = Some(prepared.changes.unwrap_or_default());
        Ok(plan)
    }

    /// A stack's parameters as they will be, if that can be known.
    async fn foreseen(
        &self,
        stack: Stack,
        there: Option<&State>,
        notes: &mut Vec<String>,
    ) -> Result<Option<Parameters>, DeployError> {
        match stack {
            Stack::SageMaker => self.foreseen_sagemaker(there, notes).await.map(Some),
            Stack::Recommendations => self.foreseen_recommendations().await,
            Stack::Website => {
                let recommendations = self.session.aws.stack(Stack::Recommendations).await?;
                let url = recommendations.and_then(|state| self.addresses.api(&state).ok());
                let parameters = match (url, there) {
                    (Some(url), _) => {
                        of_website(&api_origins(&settings(&self.settings, &url, &self.session.aws.region)))
                    }
                    (None, None) => of_website(""),
                    (None, Some(_)) => Parameters::default(),
                };
                Ok(Some(parameters))
            }
        }
    }

    async fn foreseen_sagemaker(
        &self,
        there: Option<&State>,
        notes: &mut Vec<String>,
    ) -> Result<Parameters, DeployError> {
        let expiry = self.expiry(there);
        let bucket = there.and_then(|state| state.outputs.get(sagemaker_output::DATA_BUCKET_NAME));
        let is_job = self.args.train == Training::Sagemaker;
        let model = match bucket {
            _ if !self.args.backend.needs_endpoint() => ModelUrl::None,
            Some(bucket) if !is_job => ModelUrl::At(model_url(bucket, &self.package.model().1)),
            Some(_) if there.is_some_and(has_model) => {
                notes.push("the endpoint gets the training job's model, if that is a new one".to_owned());
                ModelUrl::Previous
            }
            _ => {
                let from = if is_job { "a training job has made" } else { "the bucket has" };
                notes.push(format!("when {from} the model: endpoint, its configuration and model are added"));
                ModelUrl::None
            }
        };
        if self.args.backend.needs_endpoint() {
            notes.extend(expiry.note.clone());
        } else if matches!(self.args.ttl, Some(Ttl::In(_))) {
            notes.push("--ttl is without effect: with --backend embedded there is no endpoint".to_owned());
        }
        if let Some(state) = there
            && let Some(name) = self.lost_endpoint(state).await?
        {
            notes.push(format!("the endpoint {name} is gone or failed: the stack is told first"));
        }
        if let Some(state) = there.filter(|state| has_model(state) && self.args.backend.needs_endpoint()) {
            let hosting = state.parameters.get(sagemaker_parameter::HOSTING_MODE);
            if hosting.is_some_and(|hosting| hosting != self.args.hosting.as_str()) {
                notes.push(
                    "the hosting changes, so another endpoint takes this one's place: until the function knows it, \
                     --backend endpoint answers 503; --backend fallback answers from the table meanwhile"
                        .to_owned(),
                );
            }
        }
        Ok(of_sagemaker(self.sagemaker_choice(), &model, &self.wanted_expiry(there)))
    }

    async fn foreseen_recommendations(&self) -> Result<Option<Parameters>, DeployError> {
        let sagemaker = self.session.aws.stack(Stack::SageMaker).await?;
        let endpoint = sagemaker.as_ref().and_then(endpoint_of);
        if self.args.backend.needs_endpoint() && endpoint.is_none() {
            return Ok(None);
        }
        let (_, hash) = self.package.lambda_zip();
        let architecture = self.package.architecture().to_string();
        Ok(Some(self.recommendations(&function_key(&hash), &architecture, endpoint)))
    }
}

/// The stacks that did not exist before the plan.
fn new(plans: &[StackPlan]) -> impl Iterator<Item = Stack> {
    plans.iter().filter(|plan| plan.status.is_none()).map(|plan| plan.stack)
}

/// What has to be mended before a stack can be changed, in words.
fn heal(next: Next) -> Option<String> {
    let text = match next {
        Next::Create | Next::Update => return None,
        Next::Wait => "something is going on: its end is waited for",
        Next::Recreate => {
            "it failed to come up or to go: what is left of it is removed, then it is made anew"
        }
        Next::ContinueRollback => "its rollback is stuck: it is let go on, then the stack is changed",
        Next::Ask => "this tool does not know what to do in this state",
    };
    Some(text.to_owned())
}

/// What a new stack has in any case; what depends on others' outputs is not foreseen.
fn additions(stack: Stack) -> Vec<Change> {
    let template = stack.template();
    let unconditional = template.resources().filter(|resource| resource.condition.is_none());
    unconditional
        .map(|resource| Change {
            action: Action::Add,
            logical_id: resource.logical_id.to_owned(),
            resource_type: resource.kind.to_owned(),
            what: Vec::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_stack_is_foreseen_without_what_depends_on_others() {
        let ids: Vec<_> = additions(Stack::SageMaker).into_iter().map(|change| change.logical_id).collect();
        assert!(ids.iter().any(|id| id == "DataBucket"), "{ids:?}");
        assert!(!ids.iter().any(|id| id == "Endpoint"), "{ids:?}");
    }

    #[test]
    fn what_must_be_mended_is_said() {
        assert_eq!(heal(Next::Update), None);
        for next in [Next::Wait, Next::Recreate, Next::ContinueRollback, Next::Ask] {
            assert!(heal(next).is_some());
        }
    }
}
