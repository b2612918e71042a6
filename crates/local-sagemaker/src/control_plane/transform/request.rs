//! What a transform job is asked to do, checked.
//!
//! Members without effect here: `Environment` (the built-in k-NN reads no variables in batch transform), `KmsKeyId`,
//! `VolumeKmsKeyId`, and the instance type.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use mysfits_sagemaker::batch::{
    AssembleWith, BatchStrategy, DataProcessing, DataProcessingOptions, JsonPath, MAX_PATH_CHARS, SplitType,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    aws::{
        json::{ApiError, Input, member},
        s3::S3Uri,
    },
    control_plane::{names, s3_source::S3Source},
};

/// The default of `MaxPayloadInMB`, and its upper limit.
const DEFAULT_PAYLOAD_MB: usize = 6;
const MAX_PAYLOAD_MB: usize = 100;
/// The most instances: the service's default quota.
const MAX_INSTANCES: usize = 20;
const MAX_ENVIRONMENT_VARIABLES: usize = 16;
const MAX_ENVIRONMENT_CHARS: usize = 10_240;
const DEFAULT_INVOCATION_TIMEOUT_SECONDS: u64 = 600;
const DEFAULT_INVOCATION_RETRIES: u32 = 3;
const URI_PATTERN: &str = "Member must satisfy regular expression pattern: (https|s3)://([^/]+)/?(.*)";

/// Members of requests that are supported; others are refused by name.
const MEMBERS: [&str; 12] = [
    "TransformJobName",
    "ModelName",
    "MaxConcurrentTransforms",
    "ModelClientConfig",
    "MaxPayloadInMB",
    "BatchStrategy",
    "Environment",
    "TransformInput",
    "TransformOutput",
    "TransformResources",
    "DataProcessing",
    "Tags",
];

/// A transform job that can be run.
#[derive(Debug)]
pub(super) struct TransformJobRequest {
    pub(super) model: String,
    pub(super) source: S3Source,
    pub(super) output: S3Uri,
    pub(super) n_workers: usize,
    pub(super) settings: TransformSettings,
    /// `None` for what the container prefers.
    pub(super) max_concurrent: Option<usize>,
    pub(super) strategy: Option<BatchStrategy>,
    pub(super) processing: ProcessingRequest,
}

/// How objects are read and sent.
#[derive(Debug, Clone)]
pub(super) struct TransformSettings {
    pub(super) split: SplitType,
    pub(super) is_gzip: bool,
    pub(super) content_type: String,
    pub(super) accept: String,
    pub(super) max_payload_mb: usize,
    pub(super) timeout: Duration,
    pub(super) max_retries: u32,
}

/// Filters are parsed when the job runs: as in the service, an invalid one fails the job, not the request.
#[derive(Debug, Clone)]
pub(super) struct ProcessingRequest {
    pub(super) input_filter: String,
    pub(super) output_filter: String,
    pub(super) is_joined: bool,
    pub(super) assemble_with: AssembleWith,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TransformInputMember {
    data_source: TransformDataSource,
    content_type: Option<String>,
    compression_type: Option<String>,
    split_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TransformDataSource {
    #[serde(rename = "S3DataSource")]
    s3: TransformS3DataSource,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TransformS3DataSource {
    #[serde(rename = "S3DataType")]
    data_type: String,
    #[serde(rename = "S3Uri")]
    uri: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TransformOutputMember {
    #[serde(rename = "S3OutputPath")]
    path: String,
    accept: Option<String>,
    assemble_with: Option<String>,
    #[serde(rename = "KmsKeyId")]
    _kms_key_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TransformResourcesMember {
    instance_type: String,
    instance_count: usize,
    #[serde(rename = "VolumeKmsKeyId")]
    _volume_kms_key_id: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ModelClientConfigMember {
    invocations_timeout_in_seconds: Option<u64>,
    invocations_max_retries: Option<u32>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DataProcessingMember {
    input_filter: Option<String>,
    output_filter: Option<String>,
    join_source: Option<String>,
}

impl TransformJobRequest {
    pub(super) fn new(input: &Input) -> Result<Self, ApiError> {
        if let Some(name) = input.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
            return Err(not_supported(name));
        }
        let source: TransformInputMember = structure(input, "TransformInput")?.ok_or_else(missing)?;
        let output: TransformOutputMember = structure(input, "TransformOutput")?.ok_or_else(missing)?;
        let resources: TransformResourcesMember =
            structure(input, "TransformResources")?.ok_or_else(missing)?;
        let client: ModelClientConfigMember = structure(input, "ModelClientConfig")?.unwrap_or_default();
        let max_payload_mb = payload_limit(input)?;
        check_environment(input)?;
        let request = Self {
            model: names::name(input, "ModelName")?,
            source: S3Source::new(
                &source.data_source.s3.data_type,
                &source.data_source.s3.uri,
                "transformInput.dataSource.s3DataSource",
            )?,
            output: output.path.parse().map_err(|_| {
                ApiError::constraint(&output.path, "transformOutput.s3OutputPath", URI_PATTERN)
            })?,
            n_workers: instances(&resources)?,
            settings: TransformSettings {
                split: choice(
                    source.split_type.as_deref(),
                    "transformInput.splitType",
                    &[
                        ("None", SplitType::None),
                        ("Line", SplitType::Line),
                        ("RecordIO", SplitType::RecordIo),
                    ],
                )?,
                is_gzip: choice(
                    source.compression_type.as_deref(),
                    "transformInput.compressionType",
                    &[("None", false), ("Gzip", true)],
                )?,
                content_type: source.content_type.unwrap_or_default(),
                accept: output.accept.unwrap_or_default(),
                max_payload_mb,
                timeout: invocation_timeout(&client)?,
                max_retries: invocation_retries(&client)?,
            },
            max_concurrent: concurrency(input, max_payload_mb)?,
            strategy: strategy(input)?,
            processing: ProcessingRequest::new(input, output.assemble_with.as_deref())?,
        };
        // What is wrong with formats is said at once; what is wrong with a path, as in the service, by the job.
        let check = |path: &str| path.parse().unwrap_or_else(|_| JsonPath::root());
        let ProcessingRequest { input_filter, output_filter, .. } = &request.processing;
        request
            .data_processing(check(input_filter), check(output_filter))
            .map_err(|error| ApiError::validation(error.to_string()))?;
        Ok(request)
    }

    /// Returns how records are processed, with the filters of the request.
    pub(super) fn parsed_processing(&self) -> Result<Arc<DataProcessing>, String> {
        let path = |text: &str| text.parse::<JsonPath>().map_err(|error| error.to_string());
        let ProcessingRequest { input_filter, output_filter, .. } = &self.processing;
        let processing = self.data_processing(path(input_filter)?, path(output_filter)?);
        processing.map(Arc::new).map_err(|error| error.to_string())
    }

    fn data_processing(
        &self,
        input_filter: JsonPath,
        output_filter: JsonPath,
    ) -> Result<DataProcessing, mysfits_sagemaker::batch::ProcessingError> {
        DataProcessing::new(DataProcessingOptions {
            input_filter,
            is_joined: self.processing.is_joined,
            output_filter,
            content_type: self.settings.content_type.clone(),
            accept: self.settings.accept.clone(),
            split: self.settings.split,
            assemble_with: self.processing.assemble_with,
        })
    }
}

impl ProcessingRequest {
    fn new(input: &Input, assemble_with: Option<&str>) -> Result<Self, ApiError> {
        let DataProcessingMember { input_filter, output_filter, join_source } =
            structure(input, "DataProcessing")?.unwrap_or_default();
        let filter = |path: Option<String>, member: &str| {
            let path = path.filter(|path| !path.is_empty()).unwrap_or_else(|| "$".to_owned());
            if path.chars().count() > MAX_PATH_CHARS {
                let constraint = format!("Member must have length less than or equal to {MAX_PATH_CHARS}");
                return Err(ApiError::constraint(&path, &format!("dataProcessing.{member}"), &constraint));
            }
            Ok(path)
        };
        Ok(Self {
            input_filter: filter(input_filter, "inputFilter")?,
            output_filter: filter(output_filter, "outputFilter")?,
            is_joined: choice(
                join_source.as_deref(),
                "dataProcessing.joinSource",
                &[("None", false), ("Input", true)],
            )?,
            assemble_with: choice(
                assemble_with,
                "transformOutput.assembleWith",
                &[("None", AssembleWith::None), ("Line", AssembleWith::Line)],
            )?,
        })
    }
}

fn not_supported(member: &str) -> ApiError {
    ApiError::validation(format!("{member} is not supported here for transform jobs"))
}

fn missing() -> ApiError {
    ApiError::validation("TransformInput, TransformOutput and TransformResources must not be null")
}

/// Reads a structure; a member that it does not have here is refused by name.
fn structure<T: DeserializeOwned>(input: &Input, name: &str) -> Result<Option<T>, ApiError> {
    let Some(value) = input.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
    T::deserialize(value).map(Some).map_err(|error| ApiError::validation(format!("{name}: {error}")))
}

/// Returns the value of a name; that of the first if the member is not given.
fn choice<T: Copy>(given: Option<&str>, member: &str, choices: &[(&str, T)]) -> Result<T, ApiError> {
    let found = match given {
        None => choices.first(),
        Some(given) => choices.iter().find(|(name, _)| *name == given),
    };
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let constraint = format!("Member must satisfy enum value set: [{}]", names.join(", "));
        ApiError::constraint(given.unwrap_or_default(), member, &constraint)
    })
}

fn range(value: u64, member: &str, min: u64, max: u64) -> Result<u64, ApiError> {
    if (min..=max).contains(&value) {
        return Ok(value);
    }
    let constraint = format!("Member must have value between {min} and {max}");
    Err(ApiError::constraint(&value.to_string(), member, &constraint))
}

fn payload_limit(input: &Input) -> Result<usize, ApiError> {
    let limit: Option<u64> = member(input, "MaxPayloadInMB")?;
    let limit =
        range(limit.unwrap_or(DEFAULT_PAYLOAD_MB as u64), "maxPayloadInMB", 0, MAX_PAYLOAD_MB as u64)?;
    // 0 is no limit but that of the container.
    Ok(if limit == 0 { MAX_PAYLOAD_MB } else { limit as usize })
}

fn concurrency(input: &Input, max_payload_mb: usize) -> Result<Option<usize>, ApiError> {
    let Some(count) = member::<usize>(input, "MaxConcurrentTransforms")?.filter(|count| *count > 0) else {
        return Ok(None);
    };
    if count.saturating_mul(max_payload_mb) > MAX_PAYLOAD_MB {
        return Err(ApiError::validation(format!(
            "MaxConcurrentTransforms ({count}) * MaxPayloadInMB ({max_payload_mb}) must not exceed {MAX_PAYLOAD_MB}"
        )));
    }
    Ok(Some(count))
}

fn strategy(input: &Input) -> Result<Option<BatchStrategy>, ApiError> {
    let given: Option<String> = member(input, "BatchStrategy")?;
    given
        .map(|given| {
            choice(
                Some(&given),
                "batchStrategy",
                &[("MultiRecord", BatchStrategy::MultiRecord), ("SingleRecord", BatchStrategy::SingleRecord)],
            )
        })
        .transpose()
}

fn invocation_timeout(client: &ModelClientConfigMember) -> Result<Duration, ApiError> {
    let seconds = client.invocations_timeout_in_seconds.unwrap_or(DEFAULT_INVOCATION_TIMEOUT_SECONDS);
    let seconds = range(seconds, "modelClientConfig.invocationsTimeoutInSeconds", 1, 3600)?;
    Ok(Duration::from_secs(seconds))
}

fn invocation_retries(client: &ModelClientConfigMember) -> Result<u32, ApiError> {
    let retries = client.invocations_max_retries.unwrap_or(DEFAULT_INVOCATION_RETRIES);
    range(retries.into(), "modelClientConfig.invocationsMaxRetries", 0, 3).map(|retries| retries as u32)
}

fn instances(resources: &TransformResourcesMember) -> Result<usize, ApiError> {
    let TransformResourcesMember { instance_type, instance_count: count, .. } = resources;
    if !instance_type.starts_with("ml.") || *count == 0 {
        return Err(ApiError::validation(format!(
            "TransformResources must have an InstanceType (ml. first) and an InstanceCount of at least 1; it has \
             {instance_type:?} and {count}"
        )));
    }
    if *count > MAX_INSTANCES {
        return Err(ApiError::new(
            "ResourceLimitExceeded",
            format!(
                "The account-level service limit '{instance_type} for transform job usage' is {MAX_INSTANCES} Instances, \
                 with current utilization of 0 Instances and a request delta of {count} Instances. Please use AWS Service \
                 Quotas to request an increase for this quota."
            ),
        ));
    }
    Ok(*count)
}

fn check_environment(input: &Input) -> Result<(), ApiError> {
    let variables: BTreeMap<String, Value> = member(input, "Environment")?.unwrap_or_default();
    let is_valid = |value: &Value| value.as_str().is_some_and(|text| text.len() <= MAX_ENVIRONMENT_CHARS);
    if variables.len() > MAX_ENVIRONMENT_VARIABLES || !variables.values().all(is_valid) {
        return Err(ApiError::validation(format!(
            "Environment must have at most {MAX_ENVIRONMENT_VARIABLES} texts of at most {MAX_ENVIRONMENT_CHARS} characters"
        )));
    }
    Ok(())
}
