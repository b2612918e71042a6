//! What a training job is asked to do, checked.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{is_knn_image, names::role, other_image};
use super::DEFAULT_MAX_RUNTIME;
use crate::aws::{
    json::{ApiError, Input, member, required},
    s3::S3Uri,
};

/// A training job that can be run.
#[derive(Debug)]
pub(super) struct TrainingJobRequest {
    pub(super) hyperparameters: BTreeMap<String, String>,
    pub(super) channels: Vec<RequestedChannel>,
    pub(super) hosts: Vec<String>,
    pub(super) artifact: S3Uri,
    pub(super) max_runtime: Duration,
}

/// Data of a job.
#[derive(Debug)]
pub(super) struct RequestedChannel {
    pub(super) name: String,
    pub(super) source: ChannelObjects,
    pub(super) is_pipe: bool,
    /// What the container reads of it in `inputdataconfig.json`.
    pub(super) config: Value,
}

/// The objects of a channel.
#[derive(Debug)]
pub(super) enum ChannelObjects {
    /// `S3Prefix`: the objects whose keys begin like this.
    Prefix(S3Uri),
    /// `ManifestFile`: the objects that this object lists.
    Manifest(S3Uri),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AlgorithmSpecification {
    training_image: Option<String>,
    training_input_mode: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ChannelInput {
    channel_name: String,
    data_source: DataSource,
    content_type: Option<String>,
    input_mode: Option<String>,
    record_wrapper_type: Option<String>,
}

#[derive(Deserialize)]
struct DataSource {
    #[serde(rename = "S3DataSource")]
    s3: Option<S3DataSource>,
}

#[derive(Deserialize)]
struct S3DataSource {
    #[serde(rename = "S3DataType")]
    kind: String,
    #[serde(rename = "S3Uri")]
    uri: String,
    #[serde(rename = "S3DataDistributionType")]
    distribution: Option<String>,
}

#[derive(Deserialize)]
struct OutputDataConfig {
    #[serde(rename = "S3OutputPath")]
    path: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResourceConfig {
    instance_type: String,
    instance_count: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StoppingCondition {
    max_runtime_in_seconds: Option<u64>,
}

impl TrainingJobRequest {
    pub(super) fn new(name: &str, input: &Input) -> Result<Self, ApiError> {
        role(input, "RoleArn")?;
        let algorithm: AlgorithmSpecification = required(input, "AlgorithmSpecification")?;
        let image = algorithm.training_image.unwrap_or_default();
        if !is_knn_image(&image) {
            return Err(other_image(&image));
        }
        let resources: ResourceConfig = required(input, "ResourceConfig")?;
        if !resources.instance_type.starts_with("ml.") || resources.instance_count == 0 {
            return Err(ApiError::validation(format!(
                "ResourceConfig must have an InstanceType (ml. first) and an InstanceCount of at least 1; it has {:?} \
                 and {}",
                resources.instance_type, resources.instance_count
            )));
        }
        let output: OutputDataConfig = required(input, "OutputDataConfig")?;
        let output = uri(&output.path, "outputDataConfig.s3OutputPath")?;
        let folder = output.key.trim_end_matches('/');
        let separator = if folder.is_empty() { "" } else { "/" };
        let stopping: StoppingCondition = required(input, "StoppingCondition")?;
        let channels: Vec<ChannelInput> = member(input, "InputDataConfig")?.unwrap_or_default();
        let mode = &algorithm.training_input_mode;
        Ok(Self {
            hyperparameters: member(input, "HyperParameters")?.unwrap_or_default(),
            channels: channels
                .into_iter()
                .map(|channel| RequestedChannel::new(channel, mode))
                .collect::<Result<_, _>>()?,
            hosts: (1..=resources.instance_count).map(|i| format!("algo-{i}")).collect(),
            artifact: S3Uri {
                key: format!("{folder}{separator}{name}/output/model.tar.gz"),
                bucket: output.bucket,
            },
            max_runtime: stopping.max_runtime_in_seconds.map_or(DEFAULT_MAX_RUNTIME, Duration::from_secs),
        })
    }
}

impl RequestedChannel {
    fn new(input: ChannelInput, mode: &str) -> Result<Self, ApiError> {
        let name = input.channel_name;
        // It becomes a folder's name.
        let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        if name.is_empty() || !name.bytes().all(is_name) || name.starts_with('.') {
            let pattern = "Member must satisfy regular expression pattern: [A-Za-z0-9\\.\\-_]+";
            return Err(ApiError::constraint(&name, "inputDataConfig.member.channelName", pattern));
        }
        let source = input.data_source.s3.ok_or_else(|| {
            ApiError::validation(format!("Channel {name} has no S3DataSource; others are not emulated here"))
        })?;
        let uri = uri(&source.uri, "inputDataConfig.member.dataSource.s3DataSource.s3Uri")?;
        let objects = match source.kind.as_str() {
            "S3Prefix" => ChannelObjects::Prefix(uri),
            "ManifestFile" => ChannelObjects::Manifest(uri),
            other => {
                return Err(ApiError::validation(format!(
                    "Channel {name} has the S3DataType {other}; it must be S3Prefix or ManifestFile"
                )));
            }
        };
        // On a single host, the only number that can train here, both mean all objects.
        let distribution = source.distribution.as_deref().unwrap_or("FullyReplicated");
        if !["FullyReplicated", "ShardedByS3Key"].contains(&distribution) {
            return Err(ApiError::constraint(
                distribution,
                "inputDataConfig.member.dataSource.s3DataSource.s3DataDistributionType",
                "Member must satisfy enum value set: [FullyReplicated, ShardedByS3Key]",
            ));
        }
        let mode = input.input_mode.as_deref().unwrap_or(mode);
        let mut config = json!({
            "TrainingInputMode": mode,
            "S3DistributionType": distribution,
            "RecordWrapperType": input.record_wrapper_type.as_deref().unwrap_or("None"),
        });
        if let Some(content_type) = input.content_type {
            config["ContentType"] = content_type.into();
        }
        Ok(Self { is_pipe: mode == "Pipe", name, source: objects, config })
    }
}

fn uri(text: &str, member: &str) -> Result<S3Uri, ApiError> {
    text.parse().map_err(|_| {
        let pattern = "Member must satisfy regular expression pattern: (https|s3)://([^/]+)/?(.*)";
        ApiError::constraint(text, member, pattern)
    })
}
