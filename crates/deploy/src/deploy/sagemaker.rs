//! The SageMaker stack: its model, its endpoint and when that expires.

use std::time::Duration;

use aws_smithy_types::DateTime;
use mysfits_infra::{
    Stack,
    sagemaker::{output as sagemaker_output, parameter as sagemaker_parameter},
};

use super::{Deployment, ModelSource, model_url};
use crate::{
    aws::stacks::StackState,
    error::DeployError,
    expiry::{Expiry, expiry},
    names::model_key,
    parameters::{Parameters, sagemaker_parameters},
    poll::poll,
};

/// How long the deletion of an endpoint may take.
const ENDPOINT_TIMEOUT: Duration = Duration::from_mins(30);
/// The status of an endpoint during its deletion.
const DELETING: &str = "Deleting";
/// The statuses of an endpoint that never responds again.
const TERMINAL: [&str; 2] = ["Failed", DELETING];

impl Deployment<'_> {
    /// Creates the SageMaker stack, which has the model's bucket, if it does not exist. An existing stack is updated later,
    /// together with its model, so that a live endpoint is updated once. Returns the stack, and where its model comes from.
    pub(super) async fn sagemaker_before_model(
        &self,
    ) -> Result<(StackState, Option<ModelSource>), DeployError> {
        let deployer = self.deployer;
        let there = deployer.wait_until_ready(Stack::SageMaker).await?;
        let source = self.model_source(there.as_ref());
        let expiry = self.wanted_expiry(there.as_ref());
        let Some(state) = there else {
            return Ok((self.apply_sagemaker(None, None, &expiry).await?, source));
        };
        // A plan is saved only while the endpoint is usable.
        if self.saved.is_none()
            && let Some(name) = self.unusable_endpoint(&state).await?
        {
            deployer.console.line(format!(
                "the endpoint {name} failed or was deleted outside the stack; it is removed from the stack first, then \
                 recreated if needed"
            ));
            self.wait_until_deleted(&name).await?;
            return Ok((self.apply_sagemaker(None, None, &expiry).await?, source));
        }
        if state.has_model() || source.is_some() {
            deployer.console.line(format!("{} is updated after the model is available", state.name));
            return Ok((state, source));
        }
        Ok((self.apply_sagemaker(None, None, &expiry).await?, source))
    }

    /// Returns the name of the stack's endpoint if it was deleted or has failed.
    pub(crate) async fn unusable_endpoint(&self, state: &StackState) -> Result<Option<String>, DeployError> {
        let Some(name) = state.endpoint_name().filter(|_| state.has_model()) else { return Ok(None) };
        let endpoint = self.deployer.aws.endpoint(name).await?;
        let is_unusable =
            endpoint.is_none_or(|endpoint| TERMINAL.contains(&endpoint.endpoint_status.as_str()));
        Ok(is_unusable.then(|| name.to_owned()))
    }

    /// Waits until an endpoint in deletion is deleted. Until then its name cannot be reused.
    async fn wait_until_deleted(&self, name: &str) -> Result<(), DeployError> {
        let aws = &self.deployer.aws;
        poll(format!("deletion of the endpoint {name}"), ENDPOINT_TIMEOUT, async || {
            let endpoint = aws.endpoint(name).await?;
            let is_deleting = endpoint.is_some_and(|endpoint| endpoint.endpoint_status == DELETING);
            Ok((!is_deleting).then_some(()))
        })
        .await
    }

    /// Provides the endpoint's model and returns its URL. `image` is the training job's; empty for SageMaker's k-NN.
    pub(super) async fn model(
        &self,
        source: ModelSource,
        image: &str,
        sagemaker: &StackState,
    ) -> Result<String, DeployError> {
        let deployer = self.deployer;
        match source {
            ModelSource::Existing(url) => Ok(url),
            ModelSource::Package => {
                deployer.console.stage("upload-model");
                let bucket = sagemaker.output(sagemaker_output::DATA_BUCKET_NAME)?;
                let (model, hash) = self.package.model();
                let url = model_url(bucket, &hash);
                self.upload(bucket, model_key(&hash), hash, "application/gzip", &model).await?;
                Ok(url)
            }
            ModelSource::TrainingJob(training) => {
                deployer.console.stage("train");
                deployer.train(&training, image, sagemaker).await
            }
        }
    }

    pub(crate) fn expiry(&self, there: Option<&StackState>) -> Expiry {
        let of_stack = there.and_then(|state| state.parameters.get(sagemaker_parameter::ENDPOINT_EXPIRY));
        let now = DateTime::from(std::time::SystemTime::now());
        expiry(self.chosen.given.ttl, of_stack.map_or("", String::as_str), now)
    }

    /// Returns the endpoint's expiry; empty if no endpoint is requested.
    pub(crate) fn wanted_expiry(&self, there: Option<&StackState>) -> String {
        if self.backend.needs_endpoint() { self.expiry(there).value } else { String::new() }
    }

    pub(super) async fn apply_sagemaker(
        &self,
        model: Option<&str>,
        image: Option<&str>,
        expiry: &str,
    ) -> Result<StackState, DeployError> {
        self.apply(Stack::SageMaker, self.sagemaker_parameters(model, image, expiry)).await
    }

    /// Returns the parameters of the SageMaker stack.
    pub(crate) fn sagemaker_parameters(
        &self,
        model: Option<&str>,
        image: Option<&str>,
        expiry: &str,
    ) -> Parameters {
        sagemaker_parameters(&self.deployer.aws.region, model, image, expiry)
    }
}
