//! REST APIs.

use indexmap::IndexMap;
use serde::Serialize;

use super::Tags;
use crate::cfn::{Expr, Number, Text};

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RestApi {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) endpoint_configuration: EndpointConfiguration,
    pub(crate) security_policy: &'static str,
    pub(crate) endpoint_access_mode: &'static str,
    pub(crate) tags: Tags,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EndpointConfiguration {
    pub(crate) types: [&'static str; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RequestModel {
    pub(crate) rest_api_id: Text,
    pub(crate) content_type: &'static str,
    pub(crate) description: &'static str,
    pub(crate) schema: BodySchema,
}

/// A JSON schema of a request's body, draft 4.
#[derive(Debug, Serialize)]
pub(crate) struct BodySchema {
    #[serde(rename = "$schema")]
    pub(crate) dialect: &'static str,
    pub(crate) title: &'static str,
    pub(crate) r#type: &'static str,
    pub(crate) required: Vec<&'static str>,
    pub(crate) properties: IndexMap<&'static str, ValueSchema>,
}

/// A JSON schema of one value.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum ValueSchema {
    Array { min_items: usize, max_items: usize, items: Box<ValueSchema> },
    Integer { minimum: u8, maximum: u8 },
    Boolean,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RequestValidator {
    pub(crate) rest_api_id: Text,
    pub(crate) name: &'static str,
    pub(crate) validate_request_body: bool,
    pub(crate) validate_request_parameters: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ApiResource {
    pub(crate) rest_api_id: Text,
    pub(crate) parent_id: Text,
    pub(crate) path_part: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Method {
    pub(crate) rest_api_id: Text,
    pub(crate) resource_id: Text,
    pub(crate) http_method: &'static str,
    pub(crate) authorization_type: &'static str,
    pub(crate) request_validator_id: Option<Text>,
    /// Models by content type.
    pub(crate) request_models: Option<IndexMap<&'static str, Text>>,
    pub(crate) integration: Integration,
    pub(crate) method_responses: [MethodResponse; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Integration {
    pub(crate) r#type: &'static str,
    pub(crate) integration_http_method: Option<&'static str>,
    pub(crate) uri: Option<Text>,
    pub(crate) timeout_in_millis: Option<u32>,
    pub(crate) passthrough_behavior: Option<&'static str>,
    pub(crate) request_templates: Option<IndexMap<&'static str, &'static str>>,
    pub(crate) integration_responses: Option<[IntegrationResponse; 1]>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct IntegrationResponse {
    pub(crate) status_code: &'static str,
    pub(crate) response_parameters: IndexMap<String, Text>,
    pub(crate) response_templates: IndexMap<&'static str, &'static str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MethodResponse {
    pub(crate) status_code: &'static str,
    pub(crate) response_parameters: IndexMap<String, bool>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GatewayResponse {
    pub(crate) rest_api_id: Text,
    pub(crate) response_type: &'static str,
    pub(crate) response_parameters: IndexMap<String, Text>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ApiDeployment {
    pub(crate) rest_api_id: Text,
    pub(crate) description: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ApiStage {
    pub(crate) rest_api_id: Text,
    pub(crate) deployment_id: Text,
    pub(crate) stage_name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) tracing_enabled: bool,
    pub(crate) method_settings: [MethodSetting; 1],
    pub(crate) access_log_setting: Expr<AccessLog>,
    pub(crate) tags: Tags,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MethodSetting {
    pub(crate) resource_path: &'static str,
    pub(crate) http_method: &'static str,
    pub(crate) throttling_rate_limit: Number,
    pub(crate) throttling_burst_limit: Number,
    /// Whether bodies are logged.
    pub(crate) data_trace_enabled: bool,
    /// Whether there is a metric for each method; those cost.
    pub(crate) metrics_enabled: bool,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AccessLog {
    pub(crate) destination_arn: Text,
    pub(crate) format: String,
}

/// API Gateway's settings for the whole region.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ApiGatewayAccount {
    pub(crate) cloud_watch_role_arn: Text,
}

super::resource_types! {
    RestApi = "AWS::ApiGateway::RestApi" ["RestApiId", "RootResourceId"];
    RequestModel = "AWS::ApiGateway::Model" [];
    RequestValidator = "AWS::ApiGateway::RequestValidator" ["RequestValidatorId"];
    ApiResource = "AWS::ApiGateway::Resource" ["ResourceId"];
    Method = "AWS::ApiGateway::Method" [];
    GatewayResponse = "AWS::ApiGateway::GatewayResponse" [];
    ApiDeployment = "AWS::ApiGateway::Deployment" ["DeploymentId"];
    ApiStage = "AWS::ApiGateway::Stage" [];
    ApiGatewayAccount = "AWS::ApiGateway::Account" [];
}
