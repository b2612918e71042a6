//! Endpoint configurations: which model on how many of which machines, or on none of one's own.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    SageMakerService, arn_only, echo,
    names::{self, RecordKind},
    store::{ListEntry, Store, page},
    tags::NewTags,
};
use crate::{
    aws_json::{ApiError, Input, required},
    sagemaker::model::ModelRecord,
    time::ApiTimestamp,
};

#[derive(Debug)]
pub(super) struct EndpointConfig {
    name: String,
    input: Input,
    created: ApiTimestamp,
    pub(super) variant: EndpointVariant,
}

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
    fn new(input: &Input, models: &Store<ModelRecord>) -> Result<Self, ApiError> {
        let variants: Vec<ProductionVariant> = required(input, "ProductionVariants")?;
        let Ok([variant]) = <[ProductionVariant; 1]>::try_from(variants) else {
            return Err(ApiError::validation(
                "ProductionVariants must hold one variant: several are not emulated here",
            ));
        };
        names::variant(&variant.variant_name)?;
        let model =
            variant.model_name.ok_or_else(|| ApiError::validation("The variant must have a ModelName"))?;
        let is_isolated = models.get(&model)?.container.is_isolated;
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

impl SageMakerService {
    pub(super) fn create_endpoint_config(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::EndpointConfig.name(input)?;
        let tags = NewTags::new(input)?;
        let mut state = self.state();
        let variant = EndpointVariant::new(input, &state.models)?;
        let created = ApiTimestamp::now();
        let config = EndpointConfig { name: name.clone(), input: input.clone(), created, variant };
        state.configs.insert(&name, config)?;
        state.tags.create(&RecordKind::EndpointConfig.arn(&name), tags);
        Ok(arn_only(RecordKind::EndpointConfig, &name))
    }

    pub(super) fn describe_endpoint_config(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::EndpointConfig.name(input)?;
        let state = self.state();
        let config = state.configs.get(&name)?;
        let mut described = echo(&config.input);
        described.insert("EndpointConfigArn".into(), RecordKind::EndpointConfig.arn(&name).into());
        described.insert("CreationTime".into(), config.created.into());
        Ok(described.into())
    }

    pub(super) fn list_endpoint_configs(&self, input: &Input) -> Result<Value, ApiError> {
        let state = self.state();
        let entries = state.configs.values().map(|config| ListEntry {
            name: config.name.clone(),
            created: config.created,
            status: None,
            summary: json!({
                "EndpointConfigName": config.name,
                "EndpointConfigArn": RecordKind::EndpointConfig.arn(&config.name),
                "CreationTime": Value::from(config.created),
            }),
        });
        page(entries.collect(), "EndpointConfigs", input)
    }

    pub(super) fn delete_endpoint_config(&self, input: &Input) -> Result<Value, ApiError> {
        let name = names::name(input, &RecordKind::EndpointConfig.name_member())?;
        let mut state = self.state();
        state.configs.remove(&name)?;
        state.tags.remove(&RecordKind::EndpointConfig.arn(&name));
        Ok(Value::Null)
    }
}
