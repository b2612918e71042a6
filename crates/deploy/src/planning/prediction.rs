//! The parameters that a deployment will give to each stack, as far as they are known before earlier stacks are deployed.

use mysfits_deploy_cli::Ttl;
use mysfits_infra::{
    Stack,
    recommendations::parameter as function_parameter,
    sagemaker::{output as sagemaker_output, parameter as sagemaker_parameter},
};

use crate::{
    addresses::result_pages_host,
    aws::stacks::StackState,
    deploy::{Deployment, ImageSource, ModelSource, model_url},
    error::{DeployError, PlanError},
    image::ContainerImage,
    parameters::{Parameters, notebook_parameters, website_parameters},
    plan::StackPlan,
    site::{api_origins, settings},
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
    /// Predicts a stack's parameters; returns `None` if they depend on a stack that does not exist yet.
    pub(super) async fn predicted_parameters(
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
