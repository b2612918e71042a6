//! The notebook's requests, in an AWS account.

use std::{collections::BTreeMap, env, path::Path, time::Duration};

use anyhow::{Context as _, Result, bail};
use mysfits_deploy::{
    Aws, AwsError, DeployError, SageMakerKind, SageMakerResource, TrainingRequest, Upload, poll,
};
use mysfits_infra::{
    Stack, Stage, names,
    sagemaker::{INSTANCE_TYPE, output, registry_account},
};
use mysfits_notebook::protocol::{Reply, Request};

use crate::endpoint::{EndpointRequest, create_endpoint, invoke_endpoint};

/// How long an endpoint may take to start or to be deleted.
const TIMEOUT: Duration = Duration::from_hours(1);
/// The stage, which the lifecycle script of a notebook instance sets.
const STAGE: &str = "MYSFITS_STAGE";
/// The bucket's name, which the lifecycle script of a notebook instance sets.
const BUCKET: &str = "MYSFITS_DATA_BUCKET";
/// The roles' ARNs, which it sets too.
const TRAINING_ROLE: &str = "MYSFITS_TRAINING_ROLE_ARN";
const MODEL_ROLE: &str = "MYSFITS_MODEL_ROLE_ARN";

/// An AWS account with the module's data bucket and roles.
pub(crate) struct NotebookSession {
    aws: Aws,
    bucket: String,
    training_role_arn: String,
    model_role_arn: String,
    image: String,
}

impl NotebookSession {
    /// Connects to the account of the credentials. Returns `None` without credentials or region.
    pub(crate) async fn connect() -> Result<Option<Self>> {
        let aws = match Aws::connect(stage()?).await {
            Ok(aws) => aws,
            Err(error) if is_not_configured(&error) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let [bucket, training_role_arn, model_role_arn] = bucket_and_roles(&aws).await?;
        let registry = registry_account(&aws.region)
            .with_context(|| format!("unknown registry of SageMaker's k-NN in {}", aws.region))?;
        let image = format!("{registry}.dkr.ecr.{}.{}/knn:1", aws.region, aws.suffix());
        Ok(Some(Self { aws, bucket, training_role_arn, model_role_arn, image }))
    }

    pub(crate) async fn answer(&self, request: Request) -> Result<Reply> {
        match request {
            Request::Place => {
                let place =
                    env::var("AWS_ENDPOINT_URL_SAGEMAKER").unwrap_or_else(|_| self.aws.region.clone());
                Ok(Reply::Place(place))
            }
            Request::Name { what } => Ok(Reply::Name(names::sagemaker(what, &self.aws.stage))),
            Request::Upload { file, key } => self.upload(&file, key).await,
            Request::Train { name, train_uri, test_uri, hyperparameters } => {
                self.train(&name, [&train_uri, &test_uri], &hyperparameters).await
            }
            Request::Deploy { endpoint, artifact_uri } => self.deploy(&endpoint, &artifact_uri).await,
            Request::Predict { endpoint, csv } => {
                Ok(Reply::Body(invoke_endpoint(&self.aws, &endpoint, csv).await?))
            }
            Request::Delete { endpoint } => self.delete(&endpoint).await,
            Request::Exists { endpoint } => Ok(Reply::Exists(self.aws.endpoint(&endpoint).await?.is_some())),
        }
    }

    async fn upload(&self, file: &Path, key: String) -> Result<Reply> {
        let content = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let uri = format!("s3://{}/{key}", self.bucket);
        let upload = Upload::new(key, "application/x-recordio-protobuf", &content);
        self.aws.upload(&self.bucket, &upload, content.into()).await?;
        Ok(Reply::Uri(uri))
    }

    async fn train(
        &self,
        name: &str,
        [train_uri, test_uri]: [&str; 2],
        hyperparameters: &BTreeMap<String, String>,
    ) -> Result<Reply> {
        let hyperparameters =
            hyperparameters.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        self.aws
            .create_training_job(&TrainingRequest {
                name,
                image: &self.image,
                role_arn: &self.training_role_arn,
                train_uri,
                test_uri,
                output_uri: &format!("s3://{}/notebook/{name}", self.bucket),
                instance_type: INSTANCE_TYPE,
                hyperparameters: &hyperparameters,
            })
            .await?;
        let job = self.aws.wait_for_training_job(name, |_| {}).await?;
        let accuracy = job.metric("test:accuracy").context("the job reports no test:accuracy")?;
        let artifacts = job.model_artifacts.context("the job has no model artifact")?;
        Ok(Reply::Trained { artifact_uri: artifacts.s3_model_artifacts, accuracy })
    }

    async fn deploy(&self, endpoint: &str, artifact_uri: &str) -> Result<Reply> {
        let request = EndpointRequest {
            endpoint,
            image: &self.image,
            artifact_uri,
            role_arn: &self.model_role_arn,
            instance_type: INSTANCE_TYPE,
        };
        create_endpoint(&self.aws, &request).await?;
        poll(format!("endpoint {endpoint}"), TIMEOUT, async || {
            let state = self.aws.endpoint(endpoint).await?.context("the endpoint no longer exists")?;
            match state.endpoint_status.as_str() {
                "InService" => Ok(Some(Reply::Done)),
                "Failed" => bail!("endpoint {endpoint}: {}", state.failure_reason.unwrap_or_default()),
                _ => Ok(None),
            }
        })
        .await
    }

    async fn delete(&self, endpoint: &str) -> Result<Reply> {
        for kind in SageMakerKind::ALL {
            // The ARN is not used: resources are deleted by name.
            self.aws
                .delete_resource(&SageMakerResource { kind, name: endpoint.to_owned(), arn: String::new() })
                .await?;
        }
        poll(format!("deletion of the endpoint {endpoint}"), TIMEOUT, async || {
            Ok(self.aws.endpoint(endpoint).await?.is_none().then_some(Reply::Done))
        })
        .await
    }
}

/// Returns whether credentials or region are missing. Wrong credentials are an error: they show that the user
/// wants a cloud.
fn is_not_configured(error: &DeployError) -> bool {
    match error {
        DeployError::NoRegion => true,
        DeployError::Service(AwsError { code: None, message, .. }) => {
            message.contains("no providers in chain provided credentials")
                || message.contains("no credentials")
        }
        _ => false,
    }
}

/// Returns the stage of the environment, or the default.
pub(crate) fn stage() -> Result<Stage> {
    let Ok(stage) = env::var(STAGE) else { return Ok(Stage::DEFAULT) };
    stage.parse().with_context(|| STAGE)
}

/// Returns the data bucket, and the roles of training jobs and of models.
async fn bucket_and_roles(aws: &Aws) -> Result<[String; 3]> {
    if let [Ok(bucket), Ok(training), Ok(model)] = [BUCKET, TRAINING_ROLE, MODEL_ROLE].map(env::var) {
        return Ok([bucket, training, model]);
    }
    let stack_name = aws.stack_name(Stack::SageMaker);
    let stack = aws.stack(Stack::SageMaker).await?;
    let outputs = stack.map(|stack| stack.outputs).unwrap_or_default();
    let output = |name: &str| {
        outputs.get(name).cloned().with_context(|| {
            format!(
                "{stack_name} has no output {name}: deploy the module first (cargo xtask deploy), because the notebook uses its data \
                 bucket and roles"
            )
        })
    };
    Ok([
        output(output::DATA_BUCKET_NAME)?,
        output(output::TRAINING_ROLE_ARN)?,
        output(output::MODEL_ROLE_ARN)?,
    ])
}
