//! SageMaker's control plane in AWS JSON 1.1, with the built-in k-NN as its only algorithm.
//!
//! A model is read from S3 when an endpoint needs it, and answers on the runtime's routes until the endpoint is deleted;
//! an endpoint is updated without a request being refused, and one whose new model cannot be loaded keeps the old one.
//! A training job downloads its channels, trains as the container does on one host or several, and uploads `model.tar.gz`. A
//! tuning job starts training jobs. A transform job sends objects to a model, and writes its predictions. Model packages are
//! records, and models can be created from them. Notebook instances are records. Statuses change after [`Pace`], never at
//! once, so that clients meet each of them.
//!
//! Members and errors are those of the service model (`sagemaker`, 2017-07-24); a record is described with the members
//! that it was created with. Not emulated, and refused: several containers, other algorithms' images. Callers check
//! signatures and permissions.

mod config_options;
mod deployment;
mod endpoint;
mod endpoint_config;
mod hosted;
mod lists;
mod members;
mod model;
mod model_package;
mod names;
mod notebook;
mod s3_source;
mod saved;
mod serving;
mod store;
mod tags;
mod training;
mod transform;
mod tuning;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::Router;
use mysfits_sagemaker::{AccountRegion, Endpoint, http::MemoryBudget};
use serde_json::{Value, json};

use crate::aws::{
    client::AwsClient,
    json::{ApiError, Input},
};
pub use hosted::hosted_endpoints;
use names::RecordKind;
use notebook::NotebookStatus;
pub use saved::RestoreError;
use serving::Serving;
use store::{AnyStore, RecordData, Store};

/// How `X-Amz-Target` begins for this service.
pub const TARGET_PREFIX: &str = "SageMaker";

/// How long a status lasts before the next one: AWS takes minutes, and a waiter must still meet each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace(pub Duration);

impl Default for Pace {
    fn default() -> Self {
        Self(Duration::from_millis(400))
    }
}

/// The service of one account in one region. Cheap to clone: clones share everything.
#[derive(Debug, Clone)]
pub struct SageMakerService(Arc<SharedRecords>);

#[derive(Debug)]
struct SharedRecords {
    owner: AccountRegion,
    state: Mutex<Records>,
    serving: Serving,
    s3: AwsClient,
    logs: AwsClient,
    pace: Pace,
    training_slots: training::TrainingSlots,
}

/// The records of an account in a region.
#[derive(Debug)]
struct Records {
    models: Store<model::ModelContainer>,
    configs: Store<endpoint_config::EndpointConfig>,
    endpoints: Store<endpoint::Endpoint>,
    jobs: Store<training::TrainingJob>,
    tuning_jobs: Store<tuning::TuningJob>,
    packages: Store<model_package::ModelPackage>,
    package_groups: Store<model_package::ModelPackageGroup>,
    transforms: Store<transform::TransformJob>,
    notebooks: Store<notebook::Notebook>,
    lifecycles: Store<notebook::LifecycleConfig>,
}

impl Records {
    fn new(owner: &AccountRegion) -> Self {
        Self {
            models: Store::new(owner),
            configs: Store::new(owner),
            endpoints: Store::new(owner),
            jobs: Store::new(owner),
            tuning_jobs: Store::new(owner),
            packages: Store::new(owner),
            package_groups: Store::new(owner),
            transforms: Store::new(owner),
            notebooks: Store::new(owner),
            lifecycles: Store::new(owner),
        }
    }

    fn stores(&mut self) -> [&mut dyn AnyStore; 10] {
        [
            &mut self.models,
            &mut self.configs,
            &mut self.endpoints,
            &mut self.jobs,
            &mut self.tuning_jobs,
            &mut self.packages,
            &mut self.package_groups,
            &mut self.transforms,
            &mut self.notebooks,
            &mut self.lifecycles,
        ]
    }

    /// Returns the tags of the record with this ARN.
    fn tags(&mut self, arn: &str) -> Result<&mut tags::RecordTags, ApiError> {
        let tags = self.stores().into_iter().find_map(|store| store.tags(arn));
        tags.ok_or_else(|| ApiError::validation(format!("Could not find a resource \"{arn}\".")))
    }

    /// Calls an operation that describes a record, or lists records: `Describe{stem}`, `List{stem}s`.
    fn read(&mut self, operation: &str, input: &Input) -> Result<Value, ApiError> {
        let described = operation.strip_prefix("Describe");
        let listed = operation.strip_prefix("List").and_then(|stems| stems.strip_suffix('s'));
        for store in self.stores() {
            let stem = Some(store.kind().stem);
            if described == stem {
                return store.describe(input);
            }
            if listed == stem {
                return store.list(input);
            }
        }
        Err(ApiError::unknown_operation(TARGET_PREFIX, operation))
    }
}

impl SageMakerService {
    /// Creates the service of this account and region, without records. It reads and writes its data through `s3`, and its
    /// logs through `logs`. Must be called, and used, in a tokio runtime.
    #[must_use]
    pub fn new(owner: AccountRegion, s3: AwsClient, logs: AwsClient, pace: Pace) -> Self {
        Self::with_budget(owner, s3, logs, pace, MemoryBudget::default())
    }

    /// Creates the same service, whose endpoints share this memory budget.
    #[must_use]
    pub fn with_budget(
        owner: AccountRegion,
        s3: AwsClient,
        logs: AwsClient,
        pace: Pace,
        budget: MemoryBudget,
    ) -> Self {
        let (state, serving) = (Mutex::new(Records::new(&owner)), Serving::new(owner.clone(), budget));
        let training_slots = training::TrainingSlots::default();
        Self(Arc::new(SharedRecords { owner, state, serving, s3, logs, pace, training_slots }))
    }

    /// Returns the ARN of the record of this name.
    fn arn(&self, kind: RecordKind, name: &str) -> String {
        kind.arn(&self.0.owner, name)
    }

    /// Returns an answer with nothing but the ARN.
    fn arn_only(&self, kind: RecordKind, name: &str) -> Value {
        json!({ kind.arn_member(): self.arn(kind, name) })
    }

    /// Serves an endpoint that was not created by a request: it has no record, and one that is created under its name takes its
    /// place.
    pub fn host(&self, endpoint: Arc<Endpoint>) {
        self.0.serving.insert(endpoint);
    }

    /// Returns the runtime's routes over the endpoints that are in service, and those that set their faults.
    pub fn runtime(&self) -> Router {
        self.0.serving.router()
    }

    /// Returns whether there is an endpoint of this name, in whatever status.
    #[must_use]
    pub fn has_endpoint(&self, name: &str) -> bool {
        self.state().endpoints.get(name).is_ok()
    }

    /// Returns whether an endpoint has a variant of this name.
    #[must_use]
    pub fn has_variant(&self, endpoint: &str, variant: &str) -> bool {
        self.state().endpoints.get(endpoint).is_ok_and(|endpoint| endpoint.has_variant(variant))
    }

    fn state(&self) -> MutexGuard<'_, Records> {
        // A record is changed in one step: what a panic left is whole.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits as long as a status lasts.
    async fn pause(&self) {
        tokio::time::sleep(self.0.pace.0).await;
    }

    /// Removes a record after a while.
    fn remove_later<T: RecordData + 'static>(&self, name: String, store: fn(&mut Records) -> &mut Store<T>) {
        let service = self.clone();
        tokio::spawn(async move {
            service.pause().await;
            let _ = store(&mut service.state()).remove(&name);
        });
    }

    /// Calls an operation of the service.
    ///
    /// # Errors
    /// The service's error; `UnknownOperationException` for an operation that is not supported.
    pub async fn call(&self, operation: &str, input: &Input) -> Result<Value, ApiError> {
        use NotebookStatus::{InService, Pending, Stopped, Stopping};
        match operation {
            "CreateModel" => self.create_model(input).await,
            "DeleteModel" => self.state().models.delete(input),
            "CreateEndpointConfig" => self.create_endpoint_config(input),
            "DeleteEndpointConfig" => self.state().configs.delete(input),
            "CreateEndpoint" => self.create_endpoint(input, &[]),
            "UpdateEndpoint" => self.update_endpoint(input),
            "UpdateEndpointWeightsAndCapacities" => self.update_endpoint_weights_and_capacities(input),
            "DeleteEndpoint" => self.delete_endpoint(input),
            "CreateTrainingJob" => self.create_training_job(input),
            "StopTrainingJob" => self.stop_training_job(input),
            "DeleteTrainingJob" => self.delete_training_job(input),
            "CreateHyperParameterTuningJob" => self.create_tuning_job(input),
            "DescribeHyperParameterTuningJob" => self.describe_tuning_job(input),
            "StopHyperParameterTuningJob" => self.stop_tuning_job(input),
            "DeleteHyperParameterTuningJob" => self.delete_tuning_job(input),
            "ListTrainingJobsForHyperParameterTuningJob" => self.list_tuned_training_jobs(input),
            "CreateModelPackageGroup" => self.create_model_package_group(input),
            "DescribeModelPackageGroup" => self.describe_model_package_group(input),
            "DeleteModelPackageGroup" => self.delete_model_package_group(input),
            "CreateModelPackage" => self.create_model_package(input),
            "DescribeModelPackage" => self.describe_model_package(input),
            "UpdateModelPackage" => self.update_model_package(input),
            "ListModelPackages" => self.list_model_packages(input),
            "DeleteModelPackage" => self.delete_model_package(input),
            "CreateTransformJob" => self.create_transform_job(input),
            "StopTransformJob" => self.stop_transform_job(input),
            "CreateNotebookInstance" => self.create_notebook_instance(input),
            "StartNotebookInstance" => self.change_notebook(input, Stopped, Pending, Some(InService)),
            "StopNotebookInstance" => self.change_notebook(input, InService, Stopping, Some(Stopped)),
            "UpdateNotebookInstance" => self.update_notebook_instance(input),
            "DeleteNotebookInstance" => self.delete_notebook_instance(input),
            "CreateNotebookInstanceLifecycleConfig" => self.create_lifecycle_config(input),
            "UpdateNotebookInstanceLifecycleConfig" => self.update_lifecycle_config(input),
            "DeleteNotebookInstanceLifecycleConfig" => self.delete_lifecycle_config(input),
            "AddTags" => self.add_tags(input),
            "ListTags" => self.list_tags(input),
            "DeleteTags" => self.delete_tags(input),
            other => self.state().read(other, input),
        }
    }
}

/// The longest `FailureReason`, in characters.
const MAX_REASON_CHARS: usize = 1024;

/// A reason as long as the service model lets it be.
fn reason(text: &str) -> String {
    text.chars().take(MAX_REASON_CHARS).collect()
}

/// Whether an image can be run here: the built-in k-NN's, in any region, or one of this program in a repository of the account.
/// Without a tag it is the latest.
fn is_supported_image(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or_default();
    let is_own = name.split(['@', ':']).next() == Some("local-sagemaker");
    image.contains(".dkr.ecr.") && (is_own || ["knn", "knn:1", "knn:latest"].contains(&name))
}

/// Another image.
fn other_image(image: &str) -> ApiError {
    ApiError::validation(format!(
        "The image {image:?} cannot be run here: only the built-in k-NN can, <account>.dkr.ecr.<region>.<suffix>/knn:1, and an image \
         of local-sagemaker, <account>.dkr.ecr.<region>.<suffix>/<folder>/local-sagemaker"
    ))
}
