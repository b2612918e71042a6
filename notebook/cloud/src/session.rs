//! An account, and what the notebook wants of it.

use std::{
    collections::BTreeMap,
    env,
    fmt::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use mysfits_deploy::{
    DeployError, ServiceError,
    aws::{
        Aws,
        buckets::Upload,
        hosting::HostingRequest,
        sagemaker::{Hosted, Kind, TrainingRequest},
    },
    names::TRAINING_LOGS,
};
use mysfits_infra::{
    PROJECT_TAG, Stack,
    sagemaker::{INSTANCE_TYPE, output, registry_account},
};
use mysfits_notebook::protocol::{Reply, Request};
use sha2::{Digest as _, Sha256};

/// The longest that a job or an endpoint is waited for.
const LONGEST: Duration = Duration::from_hours(1);
/// The bucket's name, which the lifecycle script of a notebook instance sets.
const BUCKET: &str = "MYSFITS_DATA_BUCKET";
const ROLE: &str = "MYSFITS_NOTEBOOK_ROLE_ARN";

/// An account with the module's data bucket and role.
pub(crate) struct Session {
    aws: Aws,
    bucket: String,
    role_arn: String,
    image: String,
}

impl Session {
    /// The account that the credentials lead to; none without credentials or region.
    pub(crate) async fn connect() -> Result<Option<Self>> {
        let aws = match Aws::connect().await {
            Ok(aws) => aws,
            Err(error) if is_nowhere(&error) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let [bucket, role_arn] = bucket_and_role(&aws).await?;
        let registry = registry_account(&aws.region)
            .with_context(|| format!("the registry of SageMaker's k-NN in {} is not known", aws.region))?;
        let image = format!("{registry}.dkr.ecr.{}.{}/knn:1", aws.region, aws.suffix());
        Ok(Some(Self { aws, bucket, role_arn, image }))
    }

    pub(crate) async fn answer(&self, request: Request) -> Result<Reply> {
        match request {
            Request::Place => {
                let place =
                    env::var("AWS_ENDPOINT_URL_SAGEMAKER").unwrap_or_else(|_| self.aws.region.clone());
                Ok(Reply::Place(place))
            }
            Request::Upload { file, key } => self.upload(&file, key).await,
            Request::Train { name, train_uri, test_uri, hyperparameters } => {
                self.train(&name, [&train_uri, &test_uri], &hyperparameters).await
            }
            Request::Deploy { endpoint, artifact_uri } => self.deploy(&endpoint, &artifact_uri).await,
            Request::Predict { endpoint, csv } => Ok(Reply::Body(self.aws.invoke(&endpoint, csv).await?)),
            Request::Delete { endpoint } => self.delete(&endpoint).await,
            Request::Exists { endpoint } => Ok(Reply::Exists(self.aws.endpoint(&endpoint).await?.is_some())),
        }
    }

    async fn upload(&self, file: &Path, key: String) -> Result<Reply> {
        let content = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let uri = format!("s3://{}/{key}", self.bucket);
        let upload = Upload {
            key,
            sha256: sha256(&content),
            content_type: "application/x-recordio-protobuf".to_owned(),
            cache_control: None,
        };
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
        // Made with our tag, it is removed with the module. A notebook instance's role may not tag it: then SageMaker makes it.
        let _ = self.aws.claim_log_group(TRAINING_LOGS).await;
        self.aws
            .create_training_job(&TrainingRequest {
                name,
                image: &self.image,
                role_arn: &self.role_arn,
                train_uri,
                test_uri,
                output_uri: &format!("s3://{}/notebook/{name}", self.bucket),
                instance_type: INSTANCE_TYPE,
                hyperparameters: &hyperparameters,
                tag: PROJECT_TAG,
            })
            .await?;
        let mut wait = Wait::new(format!("training job {name}"));
        loop {
            let job =
                self.aws.training_job(name).await?.context("SageMaker does not know the job any more")?;
            match job.training_job_status.as_str() {
                "Completed" => {
                    let accuracy = job.metric("test:accuracy").context("the job reports no test:accuracy")?;
                    let artifacts = job.model_artifacts.context("the job names no model")?;
                    return Ok(Reply::Trained { artifact_uri: artifacts.s3_model_artifacts, accuracy });
                }
                status @ ("Failed" | "Stopped") => {
                    bail!("training job {name}: {status}: {}", job.failure_reason.unwrap_or_default())
                }
                _ => wait.pause().await?,
            }
        }
    }

    async fn deploy(&self, endpoint: &str, artifact_uri: &str) -> Result<Reply> {
        self.aws
            .host(&HostingRequest {
                endpoint,
                image: &self.image,
                artifact_uri,
                role_arn: &self.role_arn,
                instance_type: INSTANCE_TYPE,
                tag: PROJECT_TAG,
            })
            .await?;
        let mut wait = Wait::new(format!("endpoint {endpoint}"));
        loop {
            let state = self.aws.endpoint(endpoint).await?.context("SageMaker does not know the endpoint")?;
            match state.endpoint_status.as_str() {
                "InService" => return Ok(Reply::Done),
                "Failed" => bail!("endpoint {endpoint}: {}", state.failure_reason.unwrap_or_default()),
                _ => wait.pause().await?,
            }
        }
    }

    async fn delete(&self, endpoint: &str) -> Result<Reply> {
        for kind in Kind::HOSTING {
            // The ARN is not used: resources are deleted by name.
            self.aws.delete_hosted(&Hosted { kind, name: endpoint.to_owned(), arn: String::new() }).await?;
        }
        let mut wait = Wait::new(format!("the end of endpoint {endpoint}"));
        while self.aws.endpoint(endpoint).await?.is_some() {
            wait.pause().await?;
        }
        Ok(Reply::Done)
    }
}

/// Returns whether credentials or region are missing. Wrong credentials are an error: they show that the user
/// wants a cloud.
fn is_nowhere(error: &DeployError) -> bool {
    match error {
        DeployError::NoRegion => true,
        DeployError::Service(ServiceError { code: None, message, .. }) => {
            message.contains("no providers in chain provided credentials")
                || message.contains("no credentials")
        }
        _ => false,
    }
}

async fn bucket_and_role(aws: &Aws) -> Result<[String; 2]> {
    if let (Ok(bucket), Ok(role)) = (env::var(BUCKET), env::var(ROLE)) {
        return Ok([bucket, role]);
    }
    let stack = aws.stack(Stack::SageMaker).await?;
    let outputs = stack.map(|stack| stack.outputs).unwrap_or_default();
    let output = |name: &str| {
        outputs.get(name).cloned().with_context(|| {
            format!(
                "there is no {name} in {}: deploy the module first (cargo xtask deploy), for the notebook uses its data \
                 bucket and its role",
                Stack::SageMaker.name()
            )
        })
    };
    Ok([output(output::DATA_BUCKET_NAME)?, output(output::NOTEBOOK_ROLE_ARN)?])
}

fn sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Waits in pauses that grow, and not for ever.
struct Wait {
    what: String,
    begun: Instant,
    pause: Duration,
}

impl Wait {
    fn new(what: String) -> Self {
        Self { what, begun: Instant::now(), pause: Duration::from_millis(100) }
    }

    async fn pause(&mut self) -> Result<()> {
        ensure!(self.begun.elapsed() < LONGEST, "{} takes longer than an hour", self.what);
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 3 / 2).min(Duration::from_secs(5));
        Ok(())
    }
}
