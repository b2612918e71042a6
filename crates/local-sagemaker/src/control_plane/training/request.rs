//! What a training job is asked to do, checked.
//!
//! Accepted without effect, since real clients send them and the algorithm has no use for them: encryption keys, network
//! settings, volume size, spot training, checkpoints (k-NN writes none), debugger, profiler, `TensorBoard`, experiments,
//! environment variables, retries, and remote debugging. Everything else that is not emulated is refused by name.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::Deserialize;
use serde_json::{Value, json};

use super::metrics::MetricDefinitions;
use crate::{
    aws::{
        json::{ApiError, Input, member, required},
        s3::S3Uri,
    },
    control_plane::{
        is_supported_image, members::refuse_others, names::role, other_image, s3_source::S3Source,
    },
};

/// How long a job may run that says nothing of it: the service's default, a day.
const DEFAULT_MAX_RUNTIME: Duration = Duration::from_hours(24);
/// The longest that a job may run on the service: 28 days.
const MAX_RUNTIME: Duration = Duration::from_hours(24 * 28);
/// The hosts of a job are threads. This is a common quota of an account.
const MAX_HOSTS: usize = 20;
const MAX_CHANNELS: usize = 20;
/// The service's limits.
const MAX_HYPERPARAMETERS: usize = 100;
const MAX_HYPERPARAMETER_NAME_CHARS: usize = 256;
const MAX_HYPERPARAMETER_VALUE_CHARS: usize = 2500;

const MEMBERS: [&str; 24] = [
    "TrainingJobName",
    "HyperParameters",
    "AlgorithmSpecification",
    "RoleArn",
    "InputDataConfig",
    "OutputDataConfig",
    "ResourceConfig",
    "StoppingCondition",
    "Tags",
    // Without effect.
    "VpcConfig",
    "EnableNetworkIsolation",
    "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining",
    "CheckpointConfig",
    "DebugHookConfig",
    "TensorBoardOutputConfig",
    "ExperimentConfig",
    "ProfilerConfig",
    "ProfilerRuleConfigurations",
    "Environment",
    "RetryStrategy",
    "RemoteDebugConfig",
    "InfraCheckConfig",
    "SessionChainingConfig",
];

/// A training job that can be run.
#[derive(Debug)]
pub(in crate::control_plane) struct TrainingJobRequest {
    pub(super) hyperparameters: BTreeMap<String, String>,
    pub(super) channels: Vec<RequestedChannel>,
    pub(super) hosts: Vec<String>,
    pub(super) artifact: S3Uri,
    pub(super) max_runtime: Duration,
    pub(in crate::control_plane) metrics: MetricDefinitions,
}

/// Data of a job.
#[derive(Debug)]
pub(super) struct RequestedChannel {
    pub(super) name: String,
    pub(super) source: S3Source,
    /// Whether each host gets a share of the objects, and not all of them.
    pub(super) is_sharded: bool,
    pub(super) is_pipe: bool,
    /// What the container reads of it in `inputdataconfig.json`.
    pub(super) config: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AlgorithmSpecification {
    training_input_mode: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ChannelInput {
    channel_name: String,
    content_type: Option<String>,
    compression_type: Option<String>,
    input_mode: Option<String>,
    record_wrapper_type: Option<String>,
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
    #[serde(rename = "CompressionType")]
    compression: Option<String>,
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
    /// Checks a request. Adds what the service adds to its description: the metric definitions of the algorithm.
    pub(in crate::control_plane) fn new(name: &str, input: &mut Input) -> Result<Self, ApiError> {
        refuse_others(input, "", &MEMBERS)?;
        role(input, "RoleArn")?;
        let metrics = algorithm(input)?;
        let algorithm: AlgorithmSpecification = required(input, "AlgorithmSpecification")?;
        let channels: Vec<Input> = member(input, "InputDataConfig")?.unwrap_or_default();
        if channels.len() > MAX_CHANNELS {
            let constraint = format!("Member must have length less than or equal to {MAX_CHANNELS}");
            return Err(ApiError::constraint(&channels.len().to_string(), "inputDataConfig", &constraint));
        }
        let mut names = BTreeSet::new();
        let channel_name = |channel: &Input| channel.get("ChannelName").map(ToString::to_string);
        if let Some(same) = channels.iter().filter_map(channel_name).find(|name| !names.insert(name.clone()))
        {
            return Err(ApiError::validation(format!("Duplicate channel name {same} in InputDataConfig")));
        }
        let mode = input_mode(&algorithm.training_input_mode, "algorithmSpecification.trainingInputMode")?;
        Ok(Self {
            hyperparameters: hyperparameters(input)?,
            channels: channels
                .iter()
                .map(|channel| RequestedChannel::new(channel, mode))
                .collect::<Result<_, _>>()?,
            hosts: hosts(input)?,
            artifact: artifact(name, input)?,
            max_runtime: max_runtime(input)?,
            metrics,
        })
    }
}

fn algorithm(input: &mut Input) -> Result<MetricDefinitions, ApiError> {
    let members =
        ["TrainingImage", "TrainingInputMode", "MetricDefinitions", "EnableSageMakerMetricsTimeSeries"];
    let Some(Value::Object(algorithm)) = input.get_mut("AlgorithmSpecification") else {
        return Err(required::<Input>(input, "AlgorithmSpecification")
            .err()
            .unwrap_or_else(|| ApiError::validation("AlgorithmSpecification must be a structure")));
    };
    refuse_others(algorithm, "AlgorithmSpecification.", &members)?;
    let image = member::<String>(algorithm, "TrainingImage")?.unwrap_or_default();
    if !is_supported_image(&image) {
        return Err(other_image(&image));
    }
    let metrics = MetricDefinitions::new(algorithm)?;
    algorithm.entry("EnableSageMakerMetricsTimeSeries").or_insert(false.into());
    Ok(metrics)
}

fn hyperparameters(input: &Input) -> Result<BTreeMap<String, String>, ApiError> {
    let hyperparameters: BTreeMap<String, String> = member(input, "HyperParameters")?.unwrap_or_default();
    let refused = |value: &str, constraint: String| {
        let value: String = value.chars().take(MAX_HYPERPARAMETER_NAME_CHARS).collect();
        ApiError::constraint(&value, "hyperParameters", &constraint)
    };
    if hyperparameters.len() > MAX_HYPERPARAMETERS {
        let constraint = format!("Member must have length less than or equal to {MAX_HYPERPARAMETERS}");
        return Err(refused(&hyperparameters.len().to_string(), constraint));
    }
    for (name, value) in &hyperparameters {
        for (text, limit) in [(name, MAX_HYPERPARAMETER_NAME_CHARS), (value, MAX_HYPERPARAMETER_VALUE_CHARS)]
        {
            if text.chars().count() > limit {
                let constraint = format!(
                    "Map value must satisfy constraint: [Member must have length less than or equal to {limit}]"
                );
                return Err(refused(text, constraint));
            }
        }
    }
    Ok(hyperparameters)
}

fn hosts(input: &Input) -> Result<Vec<String>, ApiError> {
    let members =
        ["InstanceType", "InstanceCount", "VolumeSizeInGB", "VolumeKmsKeyId", "KeepAlivePeriodInSeconds"];
    refuse_others(&required(input, "ResourceConfig")?, "ResourceConfig.", &members)?;
    let ResourceConfig { instance_type, instance_count } = required(input, "ResourceConfig")?;
    if !instance_type.starts_with("ml.") || instance_count == 0 {
        return Err(ApiError::validation(format!(
            "ResourceConfig must have an InstanceType (ml. first) and an InstanceCount of at least 1; it has \
             {instance_type:?} and {instance_count}"
        )));
    }
    if instance_count > MAX_HOSTS {
        return Err(ApiError::new(
            "ResourceLimitExceeded",
            format!(
                "The account-level service limit '{instance_type} for training job usage' is {MAX_HOSTS} Instances, with \
                 current utilization of 0 Instances and a request delta of {instance_count} Instances."
            ),
        ));
    }
    Ok((1..=instance_count).map(|number| format!("algo-{number}")).collect())
}

fn artifact(job: &str, input: &Input) -> Result<S3Uri, ApiError> {
    let members = ["S3OutputPath", "KmsKeyId", "CompressionType"];
    refuse_others(&required(input, "OutputDataConfig")?, "OutputDataConfig.", &members)?;
    let OutputDataConfig { path, compression } = required(input, "OutputDataConfig")?;
    if compression.is_some_and(|compression| compression != "GZIP") {
        return Err(ApiError::validation(
            "OutputDataConfig.CompressionType must be GZIP: a model that is not compressed is not emulated here",
        ));
    }
    let output: S3Uri = path.parse().map_err(|_| {
        let pattern = "Member must satisfy regular expression pattern: (https|s3)://([^/]+)/?(.*)";
        ApiError::constraint(&path, "outputDataConfig.s3OutputPath", pattern)
    })?;
    let folder = output.key.trim_end_matches('/');
    let separator = if folder.is_empty() { "" } else { "/" };
    Ok(S3Uri { key: format!("{folder}{separator}{job}/output/model.tar.gz"), bucket: output.bucket })
}

fn max_runtime(input: &Input) -> Result<Duration, ApiError> {
    let members = ["MaxRuntimeInSeconds", "MaxWaitTimeInSeconds", "MaxPendingTimeInSeconds"];
    refuse_others(&required(input, "StoppingCondition")?, "StoppingCondition.", &members)?;
    let StoppingCondition { max_runtime_in_seconds } = required(input, "StoppingCondition")?;
    match max_runtime_in_seconds {
        None => Ok(DEFAULT_MAX_RUNTIME),
        Some(seconds) if (1..=MAX_RUNTIME.as_secs()).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        Some(seconds) => Err(ApiError::constraint(
            &seconds.to_string(),
            "stoppingCondition.maxRuntimeInSeconds",
            &format!("Member must have value between 1 and {}", MAX_RUNTIME.as_secs()),
        )),
    }
}

fn one_of<'v>(value: &'v str, member: &str, values: &[&str]) -> Result<&'v str, ApiError> {
    if values.contains(&value) {
        return Ok(value);
    }
    let constraint = format!("Member must satisfy enum value set: [{}]", values.join(", "));
    Err(ApiError::constraint(value, member, &constraint))
}

fn input_mode<'v>(value: &'v str, member: &str) -> Result<&'v str, ApiError> {
    one_of(value, member, &["Pipe", "File", "FastFile"])
}

impl RequestedChannel {
    fn new(channel: &Input, mode: &str) -> Result<Self, ApiError> {
        let members =
            ["ChannelName", "DataSource", "ContentType", "CompressionType", "RecordWrapperType", "InputMode"];
        refuse_others(channel, "InputDataConfig.", &members)?;
        let input: ChannelInput = serde::Deserialize::deserialize(Value::from(channel.clone()))
            .map_err(|error| ApiError::new("SerializationException", format!("InputDataConfig: {error}")))?;
        let name = input.channel_name;
        // It becomes a folder's name.
        let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        if name.is_empty() || name.len() > 64 || !name.bytes().all(is_name) || name.starts_with('.') {
            let pattern = "Member must satisfy regular expression pattern: [A-Za-z0-9\\.\\-_]+";
            return Err(ApiError::constraint(&name, "inputDataConfig.member.channelName", pattern));
        }
        let source: Input = required(channel, "DataSource")?;
        refuse_others(&source, "DataSource.", &["S3DataSource"])?;
        let s3: Input = required(&source, "S3DataSource")?;
        refuse_others(&s3, "S3DataSource.", &["S3DataType", "S3Uri", "S3DataDistributionType"])?;
        let S3DataSource { kind, uri, distribution } = required(&source, "S3DataSource")?;
        let path = "inputDataConfig.member.dataSource.s3DataSource";
        let source = S3Source::new(&kind, &uri, path)?;
        let distribution = one_of(
            distribution.as_deref().unwrap_or("FullyReplicated"),
            &format!("{path}.s3DataDistributionType"),
            &["FullyReplicated", "ShardedByS3Key"],
        )?;
        // The container detects gzip by the data.
        let compression = input.compression_type.as_deref().unwrap_or("None");
        one_of(compression, "inputDataConfig.member.compressionType", &["None", "Gzip"])?;
        let wrapper = input.record_wrapper_type.as_deref().unwrap_or("None");
        one_of(wrapper, "inputDataConfig.member.recordWrapperType", &["None", "RecordIO"])?;
        let mode =
            input_mode(input.input_mode.as_deref().unwrap_or(mode), "inputDataConfig.member.inputMode")?;
        let mut config = json!({
            "TrainingInputMode": mode,
            "S3DistributionType": distribution,
            "RecordWrapperType": wrapper,
        });
        if let Some(content_type) = input.content_type {
            config["ContentType"] = content_type.into();
        }
        Ok(Self {
            is_pipe: mode == "Pipe",
            is_sharded: distribution == "ShardedByS3Key",
            name,
            source,
            config,
        })
    }
}
