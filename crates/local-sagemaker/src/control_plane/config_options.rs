//! Options of endpoint configurations: asynchronous inference and data capture.

use std::sync::Arc;

use mysfits_sagemaker::{
    AsyncInference, CaptureOptions, DEFAULT_CONCURRENT_INVOCATIONS, DataCapture, ObjectStore,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::aws::{
    json::{ApiError, Input, member},
    s3::S3Uri,
};

/// The most concurrent invocations and the most capture options, by the service model.
const MAX_CONCURRENT_INVOCATIONS: u32 = 1000;
const MAX_CAPTURE_OPTIONS: usize = 32;

/// The asynchronous inference of an endpoint.
#[derive(Debug, Clone)]
pub(super) struct AsyncOptions {
    pub(super) described: Value,
    output_path: String,
    failure_path: Option<String>,
    max_concurrent: u32,
}

/// Notifications are refused: there is no SNS here. Keys have no effect.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct AsyncInferenceConfig {
    client_config: Option<AsyncClientConfig>,
    output_config: AsyncOutputConfig,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct AsyncClientConfig {
    max_concurrent_invocations_per_instance: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct AsyncOutputConfig {
    #[serde(rename = "KmsKeyId")]
    _kms_key_id: Option<String>,
    #[serde(rename = "S3OutputPath")]
    s3_output_path: Option<String>,
    #[serde(rename = "S3FailurePath")]
    s3_failure_path: Option<String>,
}

impl AsyncOptions {
    pub(super) fn new(input: &Input) -> Result<Option<Self>, ApiError> {
        let Some(described) = member::<Value>(input, "AsyncInferenceConfig")? else { return Ok(None) };
        let config = AsyncInferenceConfig::deserialize(&described)
            .map_err(|error| ApiError::validation(format!("AsyncInferenceConfig: {error}")))?;
        let AsyncOutputConfig { s3_output_path, s3_failure_path, .. } = config.output_config;
        let output_path = s3_output_path.ok_or_else(|| {
            ApiError::validation("AsyncInferenceConfig.OutputConfig.S3OutputPath must be given: there are no notifications here")
        })?;
        check_uri(&output_path, "asyncInferenceConfig.outputConfig.s3OutputPath")?;
        if let Some(path) = &s3_failure_path {
            check_uri(path, "asyncInferenceConfig.outputConfig.s3FailurePath")?;
        }
        let max_concurrent =
            config.client_config.and_then(|config| config.max_concurrent_invocations_per_instance);
        let max_concurrent = max_concurrent.unwrap_or(DEFAULT_CONCURRENT_INVOCATIONS);
        if !(1..=MAX_CONCURRENT_INVOCATIONS).contains(&max_concurrent) {
            let member = "asyncInferenceConfig.clientConfig.maxConcurrentInvocationsPerInstance";
            let constraint = format!("Member must have value between 1 and {MAX_CONCURRENT_INVOCATIONS}");
            return Err(ApiError::constraint(&max_concurrent.to_string(), member, &constraint));
        }
        Ok(Some(Self { described, output_path, failure_path: s3_failure_path, max_concurrent }))
    }

    /// Returns the runtime's configuration.
    pub(super) fn to_runtime(&self, store: Arc<dyn ObjectStore>) -> AsyncInference {
        let config =
            AsyncInference::new(store, &self.output_path).with_concurrent_invocations(self.max_concurrent);
        match &self.failure_path {
            Some(path) => config.with_failure_path(path),
            None => config,
        }
    }
}

/// The data capture of an endpoint.
#[derive(Debug, Clone)]
pub(super) struct CaptureConfig {
    is_enabled: bool,
    destination: String,
    kms_key: String,
    options: CaptureOptions,
}

/// Keys have no effect.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DataCaptureConfig {
    enable_capture: Option<bool>,
    initial_sampling_percentage: u8,
    #[serde(rename = "DestinationS3Uri")]
    destination_s3_uri: String,
    kms_key_id: Option<String>,
    capture_options: Vec<CaptureOption>,
    capture_content_type_header: Option<CaptureContentTypeHeader>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CaptureOption {
    capture_mode: CaptureMode,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
enum CaptureMode {
    Input,
    Output,
    InputAndOutput,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CaptureContentTypeHeader {
    csv_content_types: Option<Vec<String>>,
    json_content_types: Option<Vec<String>>,
}

impl CaptureConfig {
    pub(super) fn new(input: &Input) -> Result<Option<Self>, ApiError> {
        let Some(config) = member::<Value>(input, "DataCaptureConfig")? else { return Ok(None) };
        let config = DataCaptureConfig::deserialize(config)
            .map_err(|error| ApiError::validation(format!("DataCaptureConfig: {error}")))?;
        check_uri(&config.destination_s3_uri, "dataCaptureConfig.destinationS3Uri")?;
        if config.initial_sampling_percentage > 100 {
            let value = config.initial_sampling_percentage.to_string();
            let member = "dataCaptureConfig.initialSamplingPercentage";
            let constraint = "Member must have value less than or equal to 100";
            return Err(ApiError::constraint(&value, member, constraint));
        }
        let modes: Vec<CaptureMode> =
            config.capture_options.iter().map(|option| option.capture_mode).collect();
        if !(1..=MAX_CAPTURE_OPTIONS).contains(&modes.len()) {
            let constraint = format!("Member must have length between 1 and {MAX_CAPTURE_OPTIONS}");
            let member = "dataCaptureConfig.captureOptions";
            return Err(ApiError::constraint(&modes.len().to_string(), member, &constraint));
        }
        let has = |mode| modes.contains(&mode) || modes.contains(&CaptureMode::InputAndOutput);
        let headers = config.capture_content_type_header.unwrap_or_default();
        let mut options = CaptureOptions::default();
        options.sampling_percentage = config.initial_sampling_percentage;
        options.input = has(CaptureMode::Input);
        options.output = has(CaptureMode::Output);
        options.csv_content_types = headers.csv_content_types.unwrap_or_default();
        options.json_content_types = headers.json_content_types.unwrap_or_default();
        Ok(Some(Self {
            is_enabled: config.enable_capture.unwrap_or(true),
            destination: config.destination_s3_uri,
            kms_key: config.kms_key_id.unwrap_or_default(),
            options,
        }))
    }

    /// Returns the runtime's data capture, if it is enabled.
    pub(super) fn to_runtime(&self, store: Arc<dyn ObjectStore>) -> Option<DataCapture> {
        self.is_enabled.then(|| DataCapture::new(store, &self.destination, self.options.clone()))
    }

    pub(super) fn describe(&self) -> Value {
        json!({
            "EnableCapture": self.is_enabled,
            "CaptureStatus": if self.is_enabled { "Started" } else { "Stopped" },
            "CurrentSamplingPercentage": self.options.sampling_percentage,
            "DestinationS3Uri": self.destination,
            "KmsKeyId": self.kms_key,
        })
    }
}

fn check_uri(uri: &str, member: &str) -> Result<(), ApiError> {
    if uri.parse::<S3Uri>().is_ok() {
        return Ok(());
    }
    let constraint = "Member must satisfy regular expression pattern: (https|s3)://([^/])/?(.*)";
    Err(ApiError::constraint(uri, member, constraint))
}
