//! SageMaker: notebook, model, endpoint.

use serde::Serialize;

use super::Tags;
use crate::cfn::{Expr, Flag, Number, Text};

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NotebookInstance {
    pub(crate) notebook_instance_name: &'static str,
    pub(crate) instance_type: Text,
    pub(crate) platform_identifier: &'static str,
    pub(crate) role_arn: Text,
    #[serde(rename = "VolumeSizeInGB")]
    pub(crate) volume_size: u32,
    pub(crate) root_access: &'static str,
    pub(crate) direct_internet_access: &'static str,
    pub(crate) instance_metadata_service_configuration: MetadataService,
    pub(crate) lifecycle_config_name: Text,
    pub(crate) kms_key_id: Text,
    pub(crate) tags: Tags,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MetadataService {
    pub(crate) minimum_instance_metadata_service_version: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NotebookLifecycleConfig {
    pub(crate) on_start: [Script; 1],
    pub(crate) tags: Tags,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Script {
    pub(crate) content: Text,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SageMakerModel {
    pub(crate) execution_role_arn: Text,
    pub(crate) primary_container: Container,
    pub(crate) enable_network_isolation: Flag,
    pub(crate) tags: Tags,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Container {
    pub(crate) image: Text,
    pub(crate) model_data_url: Text,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SageMakerEndpointConfig {
    pub(crate) production_variants: [Variant; 1],
    pub(crate) kms_key_id: Text,
    pub(crate) tags: Tags,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Variant {
    pub(crate) variant_name: &'static str,
    pub(crate) model_name: Text,
    pub(crate) initial_variant_weight: u32,
    pub(crate) instance_type: Text,
    pub(crate) initial_instance_count: Number,
    pub(crate) serverless_config: Expr<Serverless>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Serverless {
    #[serde(rename = "MemorySizeInMB")]
    pub(crate) memory: Number,
    #[serde(rename = "MaxConcurrency")]
    pub(crate) max_concurrency: Number,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SageMakerEndpoint {
    pub(crate) endpoint_name: Text,
    pub(crate) endpoint_config_name: Text,
    pub(crate) retain_all_variant_properties: Flag,
    pub(crate) tags: Tags,
}

super::resource_types! {
    NotebookInstance = "AWS::SageMaker::NotebookInstance" ["NotebookInstanceName"];
    NotebookLifecycleConfig = "AWS::SageMaker::NotebookInstanceLifecycleConfig" ["NotebookInstanceLifecycleConfigName"];
    SageMakerModel = "AWS::SageMaker::Model" ["ModelName"];
    SageMakerEndpointConfig = "AWS::SageMaker::EndpointConfig" ["EndpointConfigName"];
    SageMakerEndpoint = "AWS::SageMaker::Endpoint" ["EndpointName"];
}
