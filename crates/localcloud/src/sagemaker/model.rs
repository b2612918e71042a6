//! Models: which artifact, for which image.

use serde::Deserialize;
use serde_json::Value;

use super::{
    SageMakerService, arn_only, echo, is_knn_image,
    names::{RecordKind, role},
    other_image,
    store::{ListEntry, page},
    tags::NewTags,
};
use crate::{
    aws_json::{ApiError, Input, member, required},
    emulator::S3Uri,
    time::ApiTimestamp,
};

#[derive(Debug)]
pub(super) struct ModelRecord {
    name: String,
    input: Input,
    created: ApiTimestamp,
    pub(super) container: ModelContainer,
}

/// What a variant runs.
#[derive(Debug, Clone)]
pub(super) struct ModelContainer {
    pub(super) image: String,
    pub(super) data: S3Uri,
    pub(super) is_isolated: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PrimaryContainer {
    image: Option<String>,
    model_data_url: Option<String>,
    mode: Option<String>,
}

impl ModelContainer {
    fn new(input: &Input) -> Result<Self, ApiError> {
        if input.contains_key("Containers") {
            return Err(ApiError::validation("Containers are not emulated here: give one PrimaryContainer"));
        }
        let container: PrimaryContainer = required(input, "PrimaryContainer")?;
        let image =
            container.image.ok_or_else(|| ApiError::validation("PrimaryContainer.Image must be given"))?;
        if !is_knn_image(&image) {
            return Err(other_image(&image));
        }
        if container.mode.is_some_and(|mode| mode != "SingleModel") {
            return Err(ApiError::validation(
                "PrimaryContainer.Mode must be SingleModel: the k-NN serves one model",
            ));
        }
        let url = container.model_data_url.unwrap_or_default();
        let data = url.parse().ok().filter(|uri: &S3Uri| !uri.key.is_empty()).ok_or_else(|| {
            let pattern = "Member must satisfy regular expression pattern: (https|s3)://([^/]+)/?(.*)";
            ApiError::constraint(&url, "primaryContainer.modelDataUrl", pattern)
        })?;
        Ok(Self { image, data, is_isolated: member(input, "EnableNetworkIsolation")?.unwrap_or(false) })
    }
}

impl SageMakerService {
    pub(super) async fn create_model(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::Model.name(input)?;
        let tags = NewTags::new(input)?;
        let role = role(input, "ExecutionRoleArn")?;
        let container = ModelContainer::new(input)?;
        if !self.0.emulator.exists(&container.data).await.unwrap_or(false) {
            return Err(ApiError::validation(format!(
                "Could not access model data at {}. Please ensure that the role \"{role}\" exists and that its trust \
                 relationship policy allows the action \"sts:AssumeRole\" for the service principal \
                 \"sagemaker.amazonaws.com\". Also ensure that the role has \"s3:GetObject\" permissions and that the \
                 object is located in {}.",
                container.data,
                mysfits_sagemaker::http::REGION,
            )));
        }
        let model =
            ModelRecord { name: name.clone(), input: input.clone(), created: ApiTimestamp::now(), container };
        let mut state = self.state();
        state.models.insert(&name, model)?;
        state.tags.create(&RecordKind::Model.arn(&name), tags);
        Ok(arn_only(RecordKind::Model, &name))
    }

    pub(super) fn describe_model(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::Model.name(input)?;
        let state = self.state();
        let model = state.models.get(&name)?;
        let mut described = echo(&model.input);
        described.insert("ModelArn".into(), RecordKind::Model.arn(&name).into());
        described.insert("CreationTime".into(), model.created.into());
        described.entry("EnableNetworkIsolation").or_insert(false.into());
        Ok(described.into())
    }

    pub(super) fn list_models(&self, input: &Input) -> Result<Value, ApiError> {
        let state = self.state();
        let entries = state.models.values().map(|model| ListEntry {
            name: model.name.clone(),
            created: model.created,
            status: None,
            summary: serde_json::json!({
                "ModelName": model.name,
                "ModelArn": RecordKind::Model.arn(&model.name),
                "CreationTime": Value::from(model.created),
            }),
        });
        page(entries.collect(), "Models", input)
    }

    pub(super) fn delete_model(&self, input: &Input) -> Result<Value, ApiError> {
        let name = RecordKind::Model.name(input)?;
        let mut state = self.state();
        state.models.remove(&name)?;
        state.tags.remove(&RecordKind::Model.arn(&name));
        Ok(Value::Null)
    }
}
