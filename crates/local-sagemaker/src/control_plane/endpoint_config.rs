//! Endpoint configurations: which model on how many of which machines, or on none of one's own.

use serde::Deserialize;
use serde_json::Value;

use super::{
    SageMakerService,
    model::ModelContainer,
    names::{self, RecordKind},
    store::{NewRecord, RecordData, Store},
};
use crate::aws::json::{ApiError, Input, required};

/// The only variant of an endpoint.
#[derive(Debug, Clone)]
pub(super) struct EndpointVariant {
    pub(super) name: String,
    pub(super) model: String,
    pub(super) hosting: VariantHosting,
}

/// On what a variant runs.
#[derive(Debug, Clone)]
pub(super) enum VariantHosting {
    Serverless { config: Value },
    Instances { count: u32 },
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ProductionVariant {
    variant_name: String,
    model_name: Option<String>,
    initial_instance_count: Option<u32>,
    instance_type: Option<String>,
    serverless_config: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServerlessConfig {
    #[serde(rename = "MemorySizeInMB")]
    memory_size_mb: u32,
    max_concurrency: u32,
}

impl EndpointVariant {
    fn new(input: &Input, models: &Store<ModelContainer>) -> Result<Self, ApiError> {
        let variants: Vec<ProductionVariant> = required(input, "ProductionVariants")?;
        let Ok([variant]) = <[ProductionVariant; 1]>::try_from(variants) else {
            return Err(ApiError::validation(
                "ProductionVariants must hold one variant: several are not emulated here",
            ));
        };
        names::check_pattern(&variant.variant_name, "productionVariants.1.member.variantName")?;
        let model =
            variant.model_name.ok_or_else(|| ApiError::validation("The variant must have a ModelName"))?;
        let is_isolated = models.get(&model)?.data.is_isolated;
        let hosting = match (variant.serverless_config, variant.instance_type, variant.initial_instance_count)
        {
            (Some(config), None, None) => {
                serverless(&config)?;
                if input.contains_key("KmsKeyId") || is_isolated {
                    return Err(ApiError::validation(
                        "A serverless variant supports neither KmsKeyId nor a model with EnableNetworkIsolation",
                    ));
                }
                VariantHosting::Serverless { config }
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
        Ok(Self { name: variant.variant_name, model, hosting })
    }
}

fn serverless(config: &Value) -> Result<(), ApiError> {
    let ServerlessConfig { memory_size_mb, max_concurrency } = ServerlessConfig::deserialize(config)
        .map_err(|error| ApiError::new("SerializationException", format!("ServerlessConfig: {error}")))?;
    if !(1024..=6144).contains(&memory_size_mb) || memory_size_mb % 1024 != 0 {
        let constraint = "Member must be one of 1024, 2048, 3072, 4096, 5120, 6144";
        return Err(ApiError::constraint(&memory_size_mb.to_string(), "memorySizeInMB", constraint));
    }
    if !(1..=200).contains(&max_concurrency) {
        let constraint = "Member must have value between 1 and 200";
        return Err(ApiError::constraint(&max_concurrency.to_string(), "maxConcurrency", constraint));
    }
    Ok(())
}

impl RecordData for EndpointVariant {
    const KIND: RecordKind = RecordKind::ENDPOINT_CONFIG;

    fn saved(&self) -> Option<Value> {
        Some(Value::Null)
    }
}

impl SageMakerService {
    pub(super) fn create_endpoint_config(&self, input: &Input) -> Result<Value, ApiError> {
        let new = NewRecord::new(RecordKind::ENDPOINT_CONFIG, input)?;
        let mut state = self.state();
        let variant = EndpointVariant::new(input, &state.models)?;
        let config = state.configs.insert(new, variant)?;
        Ok(self.arn_only(RecordKind::ENDPOINT_CONFIG, &config.name))
    }
}
