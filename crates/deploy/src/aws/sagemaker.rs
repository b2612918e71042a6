//! SageMaker: endpoints and what they are made of, and training jobs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Aws, client::Service};
use crate::{error::ServiceError, names::is_ours};

pub(super) const SAGEMAKER: Service = Service {
    id: "SageMaker",
    signing_name: "sagemaker",
    host: "api.sagemaker",
    target: "SageMaker",
    only_region: None,
};

/// What an endpoint is made of, from the outside in: each is removed before what it uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What is asked.
    Endpoint,
    /// On what it runs.
    EndpointConfig,
    /// What it answers with.
    Model,
    /// The workshop's notebook.
    NotebookInstance,
}

impl Kind {
    /// What hosts models, in the order of removal. Notebooks belong to their stack.
    pub const HOSTING: [Self; 3] = [Self::Endpoint, Self::EndpointConfig, Self::Model];

    /// Returns the kind as a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::EndpointConfig => "endpoint configuration",
            Self::Model => "model",
            Self::NotebookInstance => "notebook",
        }
    }

    fn list(self) -> &'static str {
        match self {
            Self::Endpoint => "ListEndpoints",
            Self::EndpointConfig => "ListEndpointConfigs",
            Self::Model => "ListModels",
            Self::NotebookInstance => "ListNotebookInstances",
        }
    }

    fn delete(self) -> &'static str {
        match self {
            Self::Endpoint => "DeleteEndpoint",
            Self::EndpointConfig => "DeleteEndpointConfig",
            Self::Model => "DeleteModel",
            Self::NotebookInstance => "DeleteNotebookInstance",
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Endpoint => "Endpoint",
            Self::EndpointConfig => "EndpointConfig",
            Self::Model => "Model",
            Self::NotebookInstance => "NotebookInstance",
        }
    }
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosted {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tags {
    #[serde(default)]
    tags: Vec<Tag>,
}

/// A tag.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// An endpoint, so far as it matters here.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EndpointState {
    /// `InService`, `Creating`, `Failed`…
    pub endpoint_status: String,
    /// Why it failed.
    pub failure_reason: Option<String>,
}

/// A training job, as far as it has come.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TrainingState {
    /// `InProgress`, `Completed`, `Failed`, `Stopping`, `Stopped`.
    pub training_job_status: String,
    /// What it is doing: `Starting`, `Downloading`, `Training`, `Uploading`…
    #[serde(default)]
    pub secondary_status: String,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// What it made.
    pub model_artifacts: Option<ModelArtifacts>,
    /// How good that is.
    #[serde(default)]
    pub final_metric_data_list: Vec<Metric>,
    /// For how much of its time is paid.
    pub billable_time_in_seconds: Option<u64>,
}

/// What a training job made.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModelArtifacts {
    /// Where the model lies.
    pub s3_model_artifacts: String,
}

/// A number that a training job reports.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Metric {
    /// Its name, `test:accuracy` say.
    pub metric_name: String,
    /// Its value.
    pub value: f64,
}

impl TrainingState {
    /// Returns the value of a metric.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<f64> {
        self.final_metric_data_list
            .iter()
            .find(|metric| metric.metric_name == name)
            .map(|metric| metric.value)
    }
}

/// What a training job is to do.
#[derive(Debug, Clone)]
pub struct TrainingRequest<'a> {
    /// Its name.
    pub name: &'a str,
    /// The algorithm's image.
    pub image: &'a str,
    /// The role that reads the data and writes the model.
    pub role_arn: &'a str,
    /// Where the training data lies.
    pub train_uri: &'a str,
    /// Where the test data lies.
    pub test_uri: &'a str,
    /// Below what the model is put.
    pub output_uri: &'a str,
    /// The machine that trains.
    pub instance_type: &'a str,
    /// The algorithm's parameters, as text.
    pub hyperparameters: &'a BTreeMap<&'a str, String>,
    /// Our tag.
    pub tag: (&'a str, &'a str),
}

impl Aws {
    async fn sagemaker<O: serde::de::DeserializeOwned>(
        &self,
        operation: &'static str,
        input: &Value,
    ) -> Result<O, ServiceError> {
        self.client.json(SAGEMAKER, operation, input).await
    }

    /// Returns the state of an endpoint; `None` if it does not exist.
    ///
    /// # Errors
    /// SageMaker's.
    pub async fn endpoint(&self, name: &str) -> Result<Option<EndpointState>, ServiceError> {
        absent(self.sagemaker("DescribeEndpoint", &json!({"EndpointName": name})).await)
    }

    /// Returns all resources of a kind whose names contain `part`.
    ///
    /// # Errors
    /// SageMaker's.
    pub async fn hosted(&self, kind: Kind, part: &str) -> Result<Vec<Hosted>, ServiceError> {
        let (name, arn) = (format!("{}Name", kind.prefix()), format!("{}Arn", kind.prefix()));
        let mut found = Vec::new();
        let mut input = json!({"NameContains": part, "MaxResults": 100});
        loop {
            let page: BTreeMap<String, Value> = self.sagemaker(kind.list(), &input).await?;
            for item in page.values().filter_map(Value::as_array).flatten() {
                let text = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
                found.push(Hosted { kind, name: text(&name), arn: text(&arn) });
            }
            match page.get("NextToken").filter(|token| token.as_str().is_some_and(|token| !token.is_empty()))
            {
                Some(token) => input["NextToken"] = token.clone(),
                None => return Ok(found),
            }
        }
    }

    /// Returns whether a SageMaker resource has our tag.
    ///
    /// # Errors
    /// SageMaker's.
    pub async fn is_our_hosted(&self, arn: &str) -> Result<bool, ServiceError> {
        let tags: Option<Tags> = absent(self.sagemaker("ListTags", &json!({"ResourceArn": arn})).await)?;
        let tags = tags.map(|tags| tags.tags).unwrap_or_default();
        Ok(is_ours(tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()))))
    }

    /// Removes one; one that is gone is fine.
    ///
    /// # Errors
    /// SageMaker's.
    pub async fn delete_hosted(&self, hosted: &Hosted) -> Result<(), ServiceError> {
        let name = format!("{}Name", hosted.kind.prefix());
        absent(self.sagemaker::<Value>(hosted.kind.delete(), &json!({name: hosted.name})).await)?;
        Ok(())
    }

    /// Begins a training job.
    ///
    /// # Errors
    /// SageMaker's.
    pub async fn create_training_job(&self, request: &TrainingRequest<'_>) -> Result<(), ServiceError> {
        let channel = |name: &str, uri: &str| {
            json!({
                "ChannelName": name,
                "ContentType": "application/x-recordio-protobuf",
                "DataSource": {"S3DataSource": {
                    "S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated",
                }},
            })
        };
        let input = json!({
            "TrainingJobName": request.name,
            "AlgorithmSpecification": {"TrainingImage": request.image, "TrainingInputMode": "File"},
            "RoleArn": request.role_arn,
            "InputDataConfig": [channel("train", request.train_uri), channel("test", request.test_uri)],
            "OutputDataConfig": {"S3OutputPath": request.output_uri},
            "ResourceConfig": {"InstanceType": request.instance_type, "InstanceCount": 1, "VolumeSizeInGB": 5},
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
            "HyperParameters": request.hyperparameters,
            "Tags": [{"Key": request.tag.0, "Value": request.tag.1}],
        });
        self.sagemaker::<Value>("CreateTrainingJob", &input).await?;
        Ok(())
    }

    /// Returns the state of a training job; `None` if it does not exist.
    ///
    /// # Errors
    /// SageMaker's.
    pub async fn training_job(&self, name: &str) -> Result<Option<TrainingState>, ServiceError> {
        absent(self.sagemaker("DescribeTrainingJob", &json!({"TrainingJobName": name})).await)
    }

    /// Returns the names of this tool's training jobs in progress.
    ///
    /// # Errors
    /// SageMaker's.
    pub async fn running_training_jobs(&self, prefix: &str) -> Result<Vec<String>, ServiceError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Page {
            #[serde(default)]
            training_job_summaries: Vec<Summary>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Summary {
            training_job_name: String,
        }
        let input = json!({"NameContains": prefix, "StatusEquals": "InProgress", "MaxResults": 100});
        let page: Page = self.sagemaker("ListTrainingJobs", &input).await?;
        Ok(page.training_job_summaries.into_iter().map(|job| job.training_job_name).collect())
    }

    /// Stops a training job.
    ///
    /// # Errors
    /// SageMaker's.
    pub async fn stop_training_job(&self, name: &str) -> Result<(), ServiceError> {
        absent(self.sagemaker::<Value>("StopTrainingJob", &json!({"TrainingJobName": name})).await)?;
        Ok(())
    }
}

/// Takes "there is no such thing" for an answer.
fn absent<T>(answer: Result<T, ServiceError>) -> Result<Option<T>, ServiceError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// SageMaker has no code of its own for what is not there: the message tells, in one of these ways.
fn is_absent(error: &ServiceError) -> bool {
    let message = error.message.to_lowercase();
    error.is("ResourceNotFound")
        || error.is("ResourceNotFoundException")
        || (error.is("ValidationException")
            && ["could not find", "not found", "does not exist"].iter().any(|words| message.contains(words)))
}
