//! CloudFront.

use serde::Serialize;

use super::Tags;
use crate::cfn::{Expr, Text};

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OriginAccessControl {
    pub(crate) origin_access_control_config: OriginAccessControlConfig,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OriginAccessControlConfig {
    pub(crate) name: Text,
    pub(crate) description: &'static str,
    pub(crate) origin_access_control_origin_type: &'static str,
    pub(crate) signing_behavior: &'static str,
    pub(crate) signing_protocol: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EdgeFunction {
    pub(crate) name: Text,
    pub(crate) auto_publish: bool,
    pub(crate) function_code: &'static str,
    pub(crate) function_config: FunctionConfig,
    pub(crate) tags: Tags,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FunctionConfig {
    pub(crate) comment: &'static str,
    pub(crate) runtime: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CachePolicy {
    pub(crate) cache_policy_config: CachePolicyConfig,
}

/// Times to live are in seconds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CachePolicyConfig {
    pub(crate) name: Text,
    pub(crate) comment: &'static str,
    #[serde(rename = "MinTTL")]
    pub(crate) min_ttl: u32,
    #[serde(rename = "DefaultTTL")]
    pub(crate) default_ttl: u32,
    #[serde(rename = "MaxTTL")]
    pub(crate) max_ttl: u32,
    pub(crate) parameters_in_cache_key_and_forwarded_to_origin: CacheKey,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CacheKey {
    pub(crate) enable_accept_encoding_brotli: bool,
    pub(crate) enable_accept_encoding_gzip: bool,
    pub(crate) cookies_config: Cookies,
    pub(crate) headers_config: Headers,
    pub(crate) query_strings_config: QueryStrings,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Cookies {
    pub(crate) cookie_behavior: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Headers {
    pub(crate) header_behavior: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct QueryStrings {
    pub(crate) query_string_behavior: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResponseHeadersPolicy {
    pub(crate) response_headers_policy_config: ResponseHeadersPolicyConfig,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResponseHeadersPolicyConfig {
    pub(crate) name: Text,
    pub(crate) comment: &'static str,
    pub(crate) security_headers_config: SecurityHeaders,
    pub(crate) custom_headers_config: CustomHeaders,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SecurityHeaders {
    pub(crate) strict_transport_security: StrictTransportSecurity,
    pub(crate) content_type_options: ContentTypeOptions,
    pub(crate) frame_options: FrameOptions,
    pub(crate) referrer_policy: ReferrerPolicy,
    pub(crate) content_security_policy: ContentSecurityPolicy,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StrictTransportSecurity {
    pub(crate) access_control_max_age_sec: u32,
    pub(crate) include_subdomains: bool,
    pub(crate) r#override: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ContentTypeOptions {
    pub(crate) r#override: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FrameOptions {
    pub(crate) frame_option: &'static str,
    pub(crate) r#override: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ReferrerPolicy {
    pub(crate) referrer_policy: &'static str,
    pub(crate) r#override: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ContentSecurityPolicy {
    pub(crate) content_security_policy: Text,
    pub(crate) r#override: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CustomHeaders {
    pub(crate) items: Vec<CustomHeader>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CustomHeader {
    pub(crate) header: &'static str,
    pub(crate) value: &'static str,
    pub(crate) r#override: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CloudFrontDistribution {
    pub(crate) distribution_config: DistributionConfig,
    pub(crate) tags: Tags,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DistributionConfig {
    pub(crate) enabled: bool,
    pub(crate) comment: &'static str,
    pub(crate) http_version: &'static str,
    #[serde(rename = "IPV6Enabled")]
    pub(crate) ipv6_enabled: bool,
    pub(crate) price_class: Text,
    pub(crate) aliases: Expr<[Text; 1]>,
    pub(crate) viewer_certificate: Expr<ViewerCertificate>,
    #[serde(rename = "WebACLId")]
    pub(crate) web_acl_id: Text,
    pub(crate) origins: [Origin; 1],
    pub(crate) default_cache_behavior: CacheBehavior,
    pub(crate) cache_behaviors: Vec<CacheBehavior>,
    pub(crate) custom_error_responses: Vec<ErrorResponse>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ViewerCertificate {
    pub(crate) acm_certificate_arn: Text,
    pub(crate) minimum_protocol_version: &'static str,
    pub(crate) ssl_support_method: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Origin {
    pub(crate) id: &'static str,
    pub(crate) domain_name: Text,
    pub(crate) origin_access_control_id: Text,
    #[serde(rename = "S3OriginConfig")]
    pub(crate) s3_origin_config: S3Origin,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct S3Origin {
    pub(crate) origin_access_identity: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CacheBehavior {
    /// Absent in the default behaviour.
    pub(crate) path_pattern: Option<&'static str>,
    pub(crate) target_origin_id: &'static str,
    pub(crate) viewer_protocol_policy: &'static str,
    pub(crate) allowed_methods: Vec<&'static str>,
    pub(crate) cached_methods: Vec<&'static str>,
    pub(crate) compress: bool,
    pub(crate) cache_policy_id: Text,
    pub(crate) response_headers_policy_id: Text,
    pub(crate) function_associations: Option<[FunctionAssociation; 1]>,
}

#[derive(Debug, Serialize)]
pub(crate) struct FunctionAssociation {
    #[serde(rename = "EventType")]
    pub(crate) event_type: &'static str,
    #[serde(rename = "FunctionARN")]
    pub(crate) function_arn: Text,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ErrorResponse {
    pub(crate) error_code: u32,
    pub(crate) response_code: u32,
    pub(crate) response_page_path: &'static str,
    #[serde(rename = "ErrorCachingMinTTL")]
    pub(crate) error_caching_min_ttl: u32,
}

super::resource_types! {
    OriginAccessControl = "AWS::CloudFront::OriginAccessControl" ["Id"];
    EdgeFunction = "AWS::CloudFront::Function" ["FunctionARN"];
    CachePolicy = "AWS::CloudFront::CachePolicy" ["Id"];
    ResponseHeadersPolicy = "AWS::CloudFront::ResponseHeadersPolicy" ["Id"];
    CloudFrontDistribution = "AWS::CloudFront::Distribution" ["DomainName", "Id"];
}
