//! Models: which artifacts, for which image.

use serde::Deserialize;
use serde_json::Value;

use super::{
    SageMakerService, is_supported_image,
    members::refuse_others,
    names::{RecordKind, role},
    other_image,
    store::{NewRecord, Record, RecordData, RecreatedData},
};
use crate::aws::{
    json::{ApiError, Input, member},
    s3::S3Uri,
};

/// The members of a model that are emulated. Network and execution mode have no effect here.
const MODEL_MEMBERS: [&str; 8] = [
    "ModelName",
    "PrimaryContainer",
    "Containers",
    "InferenceExecutionConfig",
    "ExecutionRoleArn",
    "Tags",
    "VpcConfig",
    "EnableNetworkIsolation",
];
/// The members of a container that are emulated. The k-NN reads no variables of its environment.
const CONTAINER_MEMBERS: [&str; 7] = [
    "ContainerHostname",
    "Image",
    "Mode",
    "ModelDataUrl",
    "ModelDataSource",
    "Environment",
    "MultiModelConfig",
];

/// What a variant runs.
#[derive(Debug, Clone)]
pub(super) struct ModelContainer {
    pub(super) image: String,
    pub(super) mode: ModelMode,
    /// The artifact, or the prefix of all artifacts.
    pub(super) data: S3Uri,
    pub(super) is_isolated: bool,
}

/// How many models a container has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub(super) enum ModelMode {
    #[default]
    SingleModel,
    MultiModel,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContainerDefinition {
    image: Option<String>,
    model_data_url: Option<String>,
    model_data_source: Option<ModelDataSource>,
    mode: Option<String>,
    multi_model_config: Option<MultiModelConfig>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ModelDataSource {
    #[serde(rename = "S3DataSource")]
    s3_data_source: S3ModelDataSource,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct S3ModelDataSource {
    #[serde(rename = "S3Uri")]
    s3_uri: String,
    #[serde(rename = "S3DataType")]
    s3_data_type: String,
    compression_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MultiModelConfig {
    model_cache_setting: Option<String>,
}

impl ModelContainer {
    fn new(input: &Input) -> Result<Self, ApiError> {
        refuse_others(input, "", &MODEL_MEMBERS)?;
        let (path, members) = container(input)?;
        refuse_others(&members, &format!("{path}."), &CONTAINER_MEMBERS)?;
        let definition = ContainerDefinition::deserialize(Value::from(members))
            .map_err(|error| ApiError::new("SerializationException", format!("{path}: {error}")))?;
        let image =
            definition.image.ok_or_else(|| ApiError::validation(format!("{path}.Image must be given")))?;
        if !is_supported_image(&image) {
            return Err(other_image(&image));
        }
        let mode = match definition.mode.as_deref() {
            None | Some("SingleModel") => ModelMode::SingleModel,
            Some("MultiModel") => ModelMode::MultiModel,
            Some(other) => {
                let constraint = "Member must satisfy enum value set: [MultiModel, SingleModel]";
                return Err(ApiError::constraint(other, &format!("{path}.mode"), constraint));
            }
        };
        let cache = definition.multi_model_config.and_then(|config| config.model_cache_setting);
        if cache.is_some_and(|setting| setting != "Enabled") {
            return Err(ApiError::validation(format!(
                "{path}.MultiModelConfig.ModelCacheSetting must be Enabled: models are always cached here"
            )));
        }
        let url = match (definition.model_data_url, definition.model_data_source) {
            (Some(url), None) => url,
            (None, Some(source)) => source.url(mode, path)?,
            (None, None) => String::new(),
            (Some(_), Some(_)) => {
                let message = format!("{path} must have either ModelDataUrl or ModelDataSource");
                return Err(ApiError::validation(message));
            }
        };
        let mut data: S3Uri =
            url.parse().ok().filter(|uri: &S3Uri| !uri.key.is_empty()).ok_or_else(|| {
                let pattern = "Member must satisfy regular expression pattern: (https|s3)://([^/]+)/?(.*)";
                ApiError::constraint(&url, "primaryContainer.modelDataUrl", pattern)
            })?;
        // A prefix is a folder, with or without its slash.
        if mode == ModelMode::MultiModel && !data.key.ends_with('/') {
            data.key.push('/');
        }
        Ok(Self { image, mode, data, is_isolated: member(input, "EnableNetworkIsolation")?.unwrap_or(false) })
    }
}

impl ModelDataSource {
    fn url(self, mode: ModelMode, path: &str) -> Result<String, ApiError> {
        let S3ModelDataSource { s3_uri, s3_data_type, compression_type } = self.s3_data_source;
        let is_known = match mode {
            ModelMode::SingleModel => s3_data_type == "S3Object" && compression_type == "Gzip",
            ModelMode::MultiModel => s3_data_type == "S3Prefix",
        };
        if is_known {
            return Ok(s3_uri);
        }
        Err(ApiError::validation(format!(
            "{path}.ModelDataSource.S3DataSource with S3DataType {s3_data_type} and CompressionType {compression_type} is not \
             emulated here; give a model.tar.gz, S3Object with Gzip"
        )))
    }
}

/// Returns the only container of a model, and its path in the request.
fn container(input: &Input) -> Result<(&'static str, Input), ApiError> {
    let primary: Option<Input> = member(input, "PrimaryContainer")?;
    let several: Option<Vec<Input>> = member(input, "Containers")?;
    match (primary, several) {
        (Some(container), None) => Ok(("PrimaryContainer", container)),
        (None, Some(containers)) => match <[Input; 1]>::try_from(containers) {
            Ok([container]) => Ok(("Containers[0]", container)),
            Err(containers) => Err(ApiError::validation(format!(
                "Containers must hold one container, not {}: inference pipelines are not emulated here",
                containers.len()
            ))),
        },
        _ => Err(ApiError::validation(
            "A model must have either PrimaryContainer or Containers with one container",
        )),
    }
}

impl RecordData for ModelContainer {
    const KIND: RecordKind = RecordKind::MODEL;

    fn describe(_record: &Record<Self>, described: &mut Input) {
        described.entry("EnableNetworkIsolation").or_insert(false.into());
    }
}

impl RecreatedData for ModelContainer {
    const CREATE: &'static str = "CreateModel";
}

impl SageMakerService {
    pub(super) async fn create_model(&self, input: &Input) -> Result<Value, ApiError> {
        let new = NewRecord::new(RecordKind::MODEL, input)?;
        let role = role(input, "ExecutionRoleArn")?;
        let container = ModelContainer::new(&self.with_packages(input)?)?;
        // The models of a multi-model endpoint may come later.
        let is_single = container.mode == ModelMode::SingleModel;
        if is_single && !self.0.s3.exists(&container.data).await.unwrap_or(false) {
            return Err(ApiError::validation(format!(
                "Could not access model data at {}. Please ensure that the role \"{role}\" exists and that its trust \
                 relationship policy allows the action \"sts:AssumeRole\" for the service principal \
                 \"sagemaker.amazonaws.com\". Also ensure that the role has \"s3:GetObject\" permissions and that the \
                 object is located in {}.",
                container.data,
                self.0.owner.region(),
            )));
        }
        let mut state = self.state();
        let model = state.models.insert(new, container)?;
        Ok(self.arn_only(RecordKind::MODEL, &model.name))
    }
}
