//! Endpoint configurations: which models on how many of which machines, or on none of one's own.

use std::collections::BTreeSet;

use mysfits_sagemaker::MAX_VARIANTS;
use serde::Deserialize;
use serde_json::Value;

use super::{
    SageMakerService,
    config_options::{AsyncOptions, CaptureConfig},
    members::refuse_others,
    model::{ModelContainer, ModelMode},
    names::{self, RecordKind},
    store::{NewRecord, RecordData, RecreatedData, Store},
};
use crate::aws::json::{ApiError, Input, required};

/// The members of a configuration that are emulated. Keys, roles and networks have no effect here.
const CONFIG_MEMBERS: [&str; 9] = [
    "EndpointConfigName",
    "ProductionVariants",
    "DataCaptureConfig",
    "AsyncInferenceConfig",
    "Tags",
    "KmsKeyId",
    "ExecutionRoleArn",
    "VpcConfig",
    "EnableNetworkIsolation",
];
/// The members of a variant that are emulated. Volumes, time-outs and routing have no effect here.
const VARIANT_MEMBERS: [&str; 10] = [
    "VariantName",
    "ModelName",
    "InitialInstanceCount",
    "InstanceType",
    "InitialVariantWeight",
    "ServerlessConfig",
    "VolumeSizeInGB",
    "ModelDataDownloadTimeoutInSeconds",
    "ContainerStartupHealthCheckTimeoutInSeconds",
    "RoutingConfig",
];

/// What an endpoint is made of.
#[derive(Debug, Clone)]
pub(super) struct EndpointConfig {
    pub(super) variants: Vec<EndpointVariant>,
    pub(super) async_inference: Option<AsyncOptions>,
    pub(super) data_capture: Option<CaptureConfig>,
}

/// A variant of an endpoint.
#[derive(Debug, Clone)]
pub(super) struct EndpointVariant {
    pub(super) name: String,
    pub(super) model: String,
    pub(super) weight: f32,
    pub(super) hosting: VariantHosting,
}

/// On what a variant runs.
#[derive(Debug, Clone)]
pub(super) enum VariantHosting {
    Serverless { config: Value, max_concurrency: u32 },
    Instances { count: u32 },
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ProductionVariant {
    variant_name: String,
    model_name: Option<String>,
    initial_instance_count: Option<u32>,
    instance_type: Option<String>,
    initial_variant_weight: Option<f32>,
    serverless_config: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ServerlessConfig {
    #[serde(rename = "MemorySizeInMB")]
    memory_size_mb: u32,
    max_concurrency: u32,
    provisioned_concurrency: Option<u32>,
}

impl EndpointConfig {
    fn new(input: &Input, models: &Store<ModelContainer>) -> Result<Self, ApiError> {
        refuse_others(input, "", &CONFIG_MEMBERS)?;
        let members: Vec<Input> = required(input, "ProductionVariants")?;
        if !(1..=MAX_VARIANTS).contains(&members.len()) {
            let constraint = format!("Member must have length between 1 and {MAX_VARIANTS}");
            return Err(ApiError::constraint(&members.len().to_string(), "productionVariants", &constraint));
        }
        let mut variants = Vec::new();
        for (i, members) in members.into_iter().enumerate() {
            refuse_others(&members, &format!("ProductionVariants[{i}]."), &VARIANT_MEMBERS)?;
            variants.push(EndpointVariant::new(members, i + 1, models)?);
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = variants.iter().find(|variant| !seen.insert(variant.name.as_str())) {
            return Err(ApiError::validation(format!("Duplicate variant name: {}", twice.name)));
        }
        let config = Self {
            async_inference: AsyncOptions::new(input)?,
            data_capture: CaptureConfig::new(input)?,
            variants,
        };
        config.check_combination(input, models)?;
        Ok(config)
    }

    /// Refuses what the service does not support together.
    fn check_combination(&self, input: &Input, models: &Store<ModelContainer>) -> Result<(), ApiError> {
        let is_serverless =
            |variant: &EndpointVariant| matches!(variant.hosting, VariantHosting::Serverless { .. });
        if self.async_inference.is_some() && self.variants.len() > 1 {
            return Err(ApiError::validation("AsyncInferenceConfig supports one variant only"));
        }
        if !self.variants.iter().any(is_serverless) {
            return Ok(());
        }
        let mut containers = self.variants.iter().filter_map(|variant| models.get(&variant.model).ok());
        let unsupported = [
            ("several variants", self.variants.len() > 1),
            ("AsyncInferenceConfig", self.async_inference.is_some()),
            ("DataCaptureConfig", self.data_capture.is_some()),
            ("KmsKeyId", input.contains_key("KmsKeyId")),
            (
                "a model with EnableNetworkIsolation or of Mode MultiModel",
                containers.any(|model| model.data.is_isolated || model.data.mode == ModelMode::MultiModel),
            ),
        ];
        match unsupported.iter().find(|(_, is_used)| *is_used) {
            Some((feature, _)) => {
                Err(ApiError::validation(format!("A serverless variant does not support {feature}")))
            }
            None => Ok(()),
        }
    }
}

impl EndpointVariant {
    fn new(members: Input, number: usize, models: &Store<ModelContainer>) -> Result<Self, ApiError> {
        let variant = ProductionVariant::deserialize(Value::from(members))
            .map_err(|error| serialization(&format!("ProductionVariants[{}]", number - 1), &error))?;
        let member = |name: &str| format!("productionVariants.{number}.member.{name}");
        names::check_pattern(&variant.variant_name, &member("variantName"))?;
        let model =
            variant.model_name.ok_or_else(|| ApiError::validation("The variant must have a ModelName"))?;
        models.get(&model)?;
        let weight = variant.initial_variant_weight.unwrap_or(1.0);
        check_weight(weight, &member("initialVariantWeight"))?;
        let hosting = match (variant.serverless_config, variant.instance_type, variant.initial_instance_count)
        {
            (Some(config), None, None) => {
                let max_concurrency = serverless(&config)?;
                VariantHosting::Serverless { config, max_concurrency }
            }
            (None, Some(kind), Some(count)) if kind.starts_with("ml.") && count >= 1 => {
                VariantHosting::Instances { count }
            }
            (serverless, kind, count) => {
                return Err(ApiError::validation(format!(
                    "The variant must have either ServerlessConfig or InstanceType (ml. first) and \
                     InitialInstanceCount (at least 1); it has ServerlessConfig {}, InstanceType {kind:?}, \
                     InitialInstanceCount {count:?}",
                    serverless.map_or_else(|| "None".to_owned(), |config| config.to_string()),
                )));
            }
        };
        Ok(Self { name: variant.variant_name, model, weight, hosting })
    }
}

/// Checks the weight of a variant.
pub(super) fn check_weight(weight: f32, member: &str) -> Result<(), ApiError> {
    if weight.is_finite() && weight >= 0.0 {
        return Ok(());
    }
    let constraint = "Member must have value greater than or equal to 0";
    Err(ApiError::constraint(&weight.to_string(), member, constraint))
}

fn serialization(path: &str, error: &serde_json::Error) -> ApiError {
    ApiError::new("SerializationException", format!("{path}: {error}"))
}

/// Checks a serverless configuration, and returns the most requests at once.
fn serverless(config: &Value) -> Result<u32, ApiError> {
    let ServerlessConfig { memory_size_mb, max_concurrency, provisioned_concurrency } =
        ServerlessConfig::deserialize(config).map_err(|error| serialization("ServerlessConfig", &error))?;
    if !(1024..=6144).contains(&memory_size_mb) || memory_size_mb % 1024 != 0 {
        let constraint = "Member must be one of 1024, 2048, 3072, 4096, 5120, 6144";
        return Err(ApiError::constraint(&memory_size_mb.to_string(), "memorySizeInMB", constraint));
    }
    if !(1..=200).contains(&max_concurrency) {
        let constraint = "Member must have value between 1 and 200";
        return Err(ApiError::constraint(&max_concurrency.to_string(), "maxConcurrency", constraint));
    }
    if let Some(provisioned) = provisioned_concurrency
        && !(1..=max_concurrency).contains(&provisioned)
    {
        let constraint = "Member must have value between 1 and maxConcurrency";
        return Err(ApiError::constraint(&provisioned.to_string(), "provisionedConcurrency", constraint));
    }
    Ok(max_concurrency)
}

impl RecordData for EndpointConfig {
    const KIND: RecordKind = RecordKind::ENDPOINT_CONFIG;
}

impl RecreatedData for EndpointConfig {
    const CREATE: &'static str = "CreateEndpointConfig";
}

impl SageMakerService {
    pub(super) fn create_endpoint_config(&self, input: &Input) -> Result<Value, ApiError> {
        let new = NewRecord::new(RecordKind::ENDPOINT_CONFIG, input)?;
        let mut state = self.state();
        let config = EndpointConfig::new(input, &state.models)?;
        let config = state.configs.insert(new, config)?;
        Ok(self.arn_only(RecordKind::ENDPOINT_CONFIG, &config.name))
    }
}
