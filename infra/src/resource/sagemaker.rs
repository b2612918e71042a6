//! SageMaker: notebook, model, endpoint.

use super::{Tag, Tags};
use crate::cfn::{Expr, Flag, Number, Text};

super::property_types! {
    struct NotebookInstance = "AWS::SageMaker::NotebookInstance" ["NotebookInstanceName"] {
        notebook_instance_name: Text,
        instance_type: Text,
        platform_identifier: &'static str,
        role_arn: Text,
        #[serde(rename = "VolumeSizeInGB")]
        volume_size: u32,
        root_access: &'static str,
        direct_internet_access: &'static str,
        instance_metadata_service_configuration: MetadataService,
        lifecycle_config_name: Text,
        kms_key_id: Text,
        tags: Tags,
    }

    struct MetadataService { minimum_instance_metadata_service_version: &'static str }

    struct NotebookLifecycleConfig = "AWS::SageMaker::NotebookInstanceLifecycleConfig" ["NotebookInstanceLifecycleConfigName"] {
        on_start: [Script; 1],
        tags: Tags,
    }

    struct Script { content: Text }

    struct SageMakerModel = "AWS::SageMaker::Model" ["ModelName"] {
        execution_role_arn: Text,
        primary_container: Container,
        enable_network_isolation: Flag,
        tags: Tags,
    }

    struct Container {
        image: Text,
        model_data_url: Text,
    }

    struct SageMakerEndpointConfig = "AWS::SageMaker::EndpointConfig" ["EndpointConfigName"] {
        production_variants: [Variant; 1],
        kms_key_id: Text,
        tags: Tags,
    }

    struct Variant {
        variant_name: &'static str,
        model_name: Text,
        initial_variant_weight: u32,
        instance_type: Text,
        initial_instance_count: Number,
        serverless_config: Expr<Serverless>,
    }

    struct Serverless {
        #[serde(rename = "MemorySizeInMB")]
        memory: Number,
        #[serde(rename = "MaxConcurrency")]
        max_concurrency: Number,
    }

    struct SageMakerEndpoint = "AWS::SageMaker::Endpoint" ["EndpointName"] {
        endpoint_name: Text,
        endpoint_config_name: Text,
        retain_all_variant_properties: Flag,
        tags: Vec<Expr<Tag>>,
    }
}
