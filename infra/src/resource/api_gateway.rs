//! REST APIs.

use indexmap::IndexMap;
use serde::Serialize;

use super::Tags;
use crate::cfn::{Expr, Flag, Number, Text};

super::property_types! {
    struct RestApi = "AWS::ApiGateway::RestApi" ["RestApiId", "RootResourceId"] {
        name: Text,
        description: &'static str,
        endpoint_configuration: EndpointConfiguration,
        security_policy: &'static str,
        endpoint_access_mode: &'static str,
        tags: Tags,
    }

    struct EndpointConfiguration { types: [&'static str; 1] }

    struct RequestModel = "AWS::ApiGateway::Model" [] {
        rest_api_id: Text,
        content_type: &'static str,
        description: &'static str,
        schema: BodySchema,
    }

    struct RequestValidator = "AWS::ApiGateway::RequestValidator" ["RequestValidatorId"] {
        rest_api_id: Text,
        name: &'static str,
        validate_request_body: bool,
        validate_request_parameters: bool,
    }

    struct ApiResource = "AWS::ApiGateway::Resource" ["ResourceId"] {
        rest_api_id: Text,
        parent_id: Text,
        path_part: &'static str,
    }

    struct Method = "AWS::ApiGateway::Method" [] {
        rest_api_id: Text,
        resource_id: Text,
        http_method: &'static str,
        authorization_type: &'static str,
        request_validator_id: Option<Text>,
        /// Models by content type.
        request_models: Option<IndexMap<&'static str, Text>>,
        integration: Integration,
        method_responses: Option<[MethodResponse; 1]>,
    }

    struct Integration {
        r#type: &'static str,
        integration_http_method: Option<&'static str>,
        uri: Option<Text>,
        timeout_in_millis: Option<u32>,
        passthrough_behavior: Option<&'static str>,
        request_templates: Option<IndexMap<&'static str, &'static str>>,
        integration_responses: Option<[IntegrationResponse; 1]>,
    }

    struct IntegrationResponse {
        status_code: &'static str,
        response_parameters: IndexMap<String, Text>,
        response_templates: IndexMap<&'static str, &'static str>,
    }

    struct MethodResponse {
        status_code: &'static str,
        response_parameters: IndexMap<String, bool>,
    }

    struct GatewayResponse = "AWS::ApiGateway::GatewayResponse" [] {
        rest_api_id: Text,
        response_type: &'static str,
        response_parameters: IndexMap<String, Text>,
    }

    struct ApiDeployment = "AWS::ApiGateway::Deployment" ["DeploymentId"] {
        rest_api_id: Text,
        description: &'static str,
    }

    struct ApiStage = "AWS::ApiGateway::Stage" [] {
        rest_api_id: Text,
        deployment_id: Text,
        stage_name: &'static str,
        description: &'static str,
        tracing_enabled: Flag,
        method_settings: [MethodSetting; 1],
        access_log_setting: Expr<AccessLog>,
        tags: Tags,
    }

    struct MethodSetting {
        resource_path: &'static str,
        http_method: &'static str,
        throttling_rate_limit: Number,
        throttling_burst_limit: Number,
        /// Whether bodies are logged.
        data_trace_enabled: bool,
        /// Whether there is a metric for each method; those cost.
        metrics_enabled: bool,
    }

    struct AccessLog {
        destination_arn: Text,
        format: String,
    }

    /// A custom domain.
    struct ApiDomain = "AWS::ApiGateway::DomainName" ["RegionalDomainName", "RegionalHostedZoneId"] {
        domain_name: Text,
        regional_certificate_arn: Text,
        endpoint_configuration: DomainEndpointConfiguration,
        security_policy: &'static str,
        endpoint_access_mode: &'static str,
        tags: Tags,
    }

    struct DomainEndpointConfiguration {
        types: [&'static str; 1],
        ip_address_type: &'static str,
    }

    /// The API stage that responds at a custom domain.
    struct BasePathMapping = "AWS::ApiGateway::BasePathMapping" [] {
        domain_name: Text,
        rest_api_id: Text,
        stage: Text,
    }

    /// API Gateway's settings for the whole region.
    struct ApiGatewayAccount = "AWS::ApiGateway::Account" [] { cloud_watch_role_arn: Text }
}

/// A JSON schema of a request's body, draft 4.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct BodySchema {
    #[serde(rename = "$schema")]
    pub(crate) dialect: &'static str,
    pub(crate) title: &'static str,
    pub(crate) r#type: &'static str,
    pub(crate) required: Vec<&'static str>,
    pub(crate) properties: IndexMap<&'static str, ValueSchema>,
}

/// A JSON schema of one value.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum ValueSchema {
    Array { min_items: usize, max_items: usize, items: Box<ValueSchema> },
    Integer { minimum: u8, maximum: u8 },
    Boolean,
}
