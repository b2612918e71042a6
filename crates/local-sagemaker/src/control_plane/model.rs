//! Models: which artifact, for which image.

use serde::Deserialize;
use serde_json::Value;

use super::{
    SageMakerService, is_knn_image,
    names::{RecordKind, role},
    other_image,
    store::{NewRecord, Record, RecordData},
};
use crate::aws::{
    json::{ApiError, Input, member, required},
    s3::S3Uri,
};

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

impl RecordData for ModelContainer {
    const KIND: RecordKind = RecordKind::MODEL;

    fn saved(&self) -> Option<Value> {
        Some(Value::Null)
    }

    fn describe(_record: &Record<Self>, described: &mut Input) {
        described.entry("EnableNetworkIsolation").or_insert(false.into());
    }
}

impl SageMakerService {
    pub(super) async fn create_model(&self, input: &Input) -> Result<Value, ApiError> {
        let new = NewRecord::new(RecordKind::MODEL, input)?;
        let role = role(input, "ExecutionRoleArn")?;
        let container = ModelContainer::new(&self.with_packages(input)?)?;
        if !self.0.s3.exists(&container.data).await.unwrap_or(false) {
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
