//! SageMaker: endpoints with their models, and training jobs.

use std::collections::BTreeMap;

use mysfits_infra::names::{SAGEMAKER_PREFIX, stage_of_sagemaker, tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Aws, client::AwsService};
use crate::{error::AwsError, names::is_of_stage};

/// SageMaker.
pub const SAGEMAKER: AwsService = AwsService {
    id: "SageMaker",
    signing_name: "sagemaker",
    host: "api.sagemaker",
    target: "SageMaker",
    only_region: None,
};

/// The most training time of a job.
pub(crate) const MAX_TRAINING_SECONDS: u32 = 3600;

/// The end of the image of SageMaker's k-NN, whose metrics SageMaker knows.
const BUILT_IN: &str = "/knn:1";
/// The accuracy on the test data: its name, and how SageMaker finds it in the log of another image.
pub(crate) const ACCURACY: (&str, &str) =
    ("test:accuracy", r"#quality_metric: host=\S+, test accuracy <score>=(\S+)");

/// A kind of SageMaker resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SageMakerKind {
    /// An endpoint.
    Endpoint,
    /// An endpoint configuration.
    EndpointConfig,
    /// A model.
    Model,
}

impl SageMakerKind {
    /// All kinds, in the order of deletion.
    pub const ALL: [Self; 3] = [Self::Endpoint, Self::EndpointConfig, Self::Model];

    /// Returns the kind as a word.
    #[must_use]
    pub(crate) fn word(self) -> &'static str {
        self.names().0
    }

    /// Returns the kind as a word, in names of members, and the operations that list and delete resources.
    fn names(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Endpoint => ("endpoint", "Endpoint", "ListEndpoints", "DeleteEndpoint"),
            Self::EndpointConfig => {
                ("endpoint configuration", "EndpointConfig", "ListEndpointConfigs", "DeleteEndpointConfig")
            }
            Self::Model => ("model", "Model", "ListModels", "DeleteModel"),
        }
    }
}

/// A SageMaker resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SageMakerResource {
    /// Its kind.
    pub kind: SageMakerKind,
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagList {
    #[serde(default)]
    tags: Vec<ResourceTag>,
}

/// A tag.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResourceTag {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// The state of an endpoint.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EndpointState {
    /// `InService`, `Creating`, `Failed`, …
    pub endpoint_status: String,
    /// The reason of a failure.
    pub failure_reason: Option<String>,
}

/// The state of a training job.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TrainingState {
    /// `InProgress`, `Completed`, `Failed`, `Stopping`, `Stopped`.
    pub training_job_status: String,
    /// The current step: `Starting`, `Downloading`, `Training`, `Uploading`, …
    #[serde(default)]
    pub secondary_status: String,
    /// The reason of a failure.
    pub failure_reason: Option<String>,
    /// The result.
    pub model_artifacts: Option<ModelArtifacts>,
    /// The final metrics.
    #[serde(default)]
    pub final_metric_data_list: Vec<FinalMetric>,
    /// The billed time in seconds.
    pub billable_time_in_seconds: Option<u64>,
}

/// The result of a training job.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModelArtifacts {
    /// The URI of the model.
    pub s3_model_artifacts: String,
}

/// A metric of a training job.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FinalMetric {
    /// Its name, such as `test:accuracy`.
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

/// A training job to create.
#[derive(Debug, Clone)]
pub struct TrainingRequest<'a> {
    /// Its name.
    pub name: &'a str,
    /// The algorithm's image.
    pub image: &'a str,
    /// The role that reads the data and writes the model.
    pub role_arn: &'a str,
    /// The URI of the training data.
    pub train_uri: &'a str,
    /// The URI of the test data.
    pub test_uri: &'a str,
    /// The URI of the output folder.
    pub output_uri: &'a str,
    /// The instance type.
    pub instance_type: &'a str,
    /// The algorithm's hyperparameters, as text.
    pub hyperparameters: &'a BTreeMap<&'a str, String>,
}

impl Aws {
    async fn sagemaker<O: serde::de::DeserializeOwned>(
        &self,
        operation: &'static str,
        input: &Value,
    ) -> Result<O, AwsError> {
        self.client.json(SAGEMAKER, operation, input).await
    }

    /// Returns the state of an endpoint; `None` if it does not exist.
    ///
    /// # Errors
    /// SageMaker's.
    pub async fn endpoint(&self, name: &str) -> Result<Option<EndpointState>, AwsError> {
        absent(self.sagemaker("DescribeEndpoint", &json!({"EndpointName": name})).await)
    }

    /// Returns all resources of a kind whose names contain `part`.
    pub(crate) async fn sagemaker_resources(
        &self,
        kind: SageMakerKind,
        part: &str,
    ) -> Result<Vec<SageMakerResource>, AwsError> {
        let (_, member, operation, _) = kind.names();
        let (name, arn, list) = (format!("{member}Name"), format!("{member}Arn"), format!("{member}s"));
        let input = json!({"NameContains": part, "MaxResults": 100});
        let items: Vec<Value> =
            self.client.json_list(SAGEMAKER, operation, input, [&list, "NextToken"]).await?;
        let resource = |item: Value| {
            let text = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
            SageMakerResource { kind, name: text(&name), arn: text(&arn) }
        };
        Ok(items.into_iter().map(resource).collect())
    }

    /// Returns the tags of our stage as SageMaker takes them.
    #[must_use]
    pub fn sagemaker_tags(&self) -> Value {
        tags(&self.stage).map(|(key, value)| json!({"Key": key, "Value": value})).into_iter().collect()
    }

    /// Returns whether a SageMaker resource has the tags of our stage.
    pub(crate) async fn has_our_tags(&self, arn: &str) -> Result<bool, AwsError> {
        let tags: Option<TagList> = absent(self.sagemaker("ListTags", &json!({"ResourceArn": arn})).await)?;
        let tags = tags.map(|tags| tags.tags).unwrap_or_default();
        Ok(is_of_stage(&self.stage, tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()))))
    }

    /// Deletes a resource. A missing resource is not an error.
    ///
    /// # Errors
    /// SageMaker's.
    pub async fn delete_resource(&self, hosted: &SageMakerResource) -> Result<(), AwsError> {
        let (_, member, _, operation) = hosted.kind.names();
        absent(self.sagemaker::<Value>(operation, &json!({format!("{member}Name"): hosted.name})).await)?;
        Ok(())
    }

    /// Creates a training job.
    ///
    /// # Errors
    /// SageMaker's.
    pub async fn create_training_job(&self, request: &TrainingRequest<'_>) -> Result<(), AwsError> {
        let channel = |name: &str, uri: &str| {
            json!({
                "ChannelName": name,
                "ContentType": "application/x-recordio-protobuf",
                "DataSource": {"S3DataSource": {
                    "S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated",
                }},
            })
        };
        let mut algorithm = json!({"TrainingImage": request.image, "TrainingInputMode": "File"});
        if !request.image.ends_with(BUILT_IN) {
            let (name, regex) = ACCURACY;
            algorithm["MetricDefinitions"] = json!([{"Name": name, "Regex": regex}]);
        }
        let input = json!({
            "TrainingJobName": request.name,
            "AlgorithmSpecification": algorithm,
            "RoleArn": request.role_arn,
            "InputDataConfig": [channel("train", request.train_uri), channel("test", request.test_uri)],
            "OutputDataConfig": {"S3OutputPath": request.output_uri},
            "ResourceConfig": {"InstanceType": request.instance_type, "InstanceCount": 1, "VolumeSizeInGB": 5},
            "StoppingCondition": {"MaxRuntimeInSeconds": MAX_TRAINING_SECONDS},
            "HyperParameters": request.hyperparameters,
            "Tags": self.sagemaker_tags(),
        });
        self.sagemaker::<Value>("CreateTrainingJob", &input).await?;
        Ok(())
    }

    /// Returns the state of a training job; `None` if it does not exist.
    pub(crate) async fn training_job(&self, name: &str) -> Result<Option<TrainingState>, AwsError> {
        absent(self.sagemaker("DescribeTrainingJob", &json!({"TrainingJobName": name})).await)
    }

    /// Returns the names of the stage's training jobs in progress.
    pub(crate) async fn running_training_jobs(&self) -> Result<Vec<String>, AwsError> {
        let input =
            json!({"NameContains": SAGEMAKER_PREFIX, "StatusEquals": "InProgress", "MaxResults": 100});
        let members = ["TrainingJobSummaries", "NextToken"];
        let jobs: Vec<Value> = self.client.json_list(SAGEMAKER, "ListTrainingJobs", input, members).await?;
        let names = jobs.iter().filter_map(|job| job["TrainingJobName"].as_str());
        let is_ours = |name: &&str| stage_of_sagemaker(name) == Some(self.stage.as_str());
        Ok(names.filter(is_ours).map(str::to_owned).collect())
    }

    /// Stops a training job. One that does not exist or has ended is not an error.
    pub(crate) async fn stop_training_job(&self, name: &str) -> Result<(), AwsError> {
        let stopped = self.sagemaker::<Value>("StopTrainingJob", &json!({"TrainingJobName": name})).await;
        match absent(stopped) {
            Err(error) if error.is("ValidationException") && error.message.contains("job is in status") => {
                Ok(())
            }
            stopped => stopped.map(drop),
        }
    }
}

/// Converts the error of a missing resource to `None`.
fn absent<T>(answer: Result<T, AwsError>) -> Result<Option<T>, AwsError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns whether the error reports a missing resource. SageMaker has no common code for it; the message tells.
fn is_absent(error: &AwsError) -> bool {
    let message = error.message.to_lowercase();
    error.is("ResourceNotFound")
        || error.is("ResourceNotFoundException")
        || (error.is("ValidationException")
            && ["could not find", "not found", "does not exist"].iter().any(|words| message.contains(words)))
}
