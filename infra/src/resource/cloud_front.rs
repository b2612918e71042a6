//! CloudFront.

use super::Tags;
use crate::cfn::{Expr, Text};

super::property_types! {
    struct OriginAccessControl = "AWS::CloudFront::OriginAccessControl" ["Id"] {
        origin_access_control_config: OriginAccessControlConfig,
    }

    struct OriginAccessControlConfig {
        name: Text,
        description: &'static str,
        origin_access_control_origin_type: &'static str,
        signing_behavior: &'static str,
        signing_protocol: &'static str,
    }

    struct EdgeFunction = "AWS::CloudFront::Function" ["FunctionARN"] {
        name: Text,
        auto_publish: bool,
        function_code: &'static str,
        function_config: FunctionConfig,
        tags: Tags,
    }

    struct FunctionConfig {
        comment: &'static str,
        runtime: &'static str,
    }

    struct CachePolicy = "AWS::CloudFront::CachePolicy" ["Id"] { cache_policy_config: CachePolicyConfig }

    /// Times to live are in seconds.
    struct CachePolicyConfig {
        name: Text,
        comment: &'static str,
        #[serde(rename = "MinTTL")]
        min_ttl: u32,
        #[serde(rename = "DefaultTTL")]
        default_ttl: u32,
        #[serde(rename = "MaxTTL")]
        max_ttl: u32,
        parameters_in_cache_key_and_forwarded_to_origin: CacheKey,
    }

    struct CacheKey {
        enable_accept_encoding_brotli: bool,
        enable_accept_encoding_gzip: bool,
        cookies_config: Cookies,
        headers_config: Headers,
        query_strings_config: QueryStrings,
    }

    struct Cookies { cookie_behavior: &'static str }

    struct Headers {
        header_behavior: &'static str,
        headers: Option<[&'static str; 1]>,
    }

    struct QueryStrings {
        query_string_behavior: &'static str,
        query_strings: Option<[&'static str; 1]>,
    }

    struct ResponseHeadersPolicy = "AWS::CloudFront::ResponseHeadersPolicy" ["Id"] {
        response_headers_policy_config: ResponseHeadersPolicyConfig,
    }

    struct ResponseHeadersPolicyConfig {
        name: Text,
        comment: &'static str,
        security_headers_config: SecurityHeaders,
        custom_headers_config: CustomHeaders,
    }

    struct SecurityHeaders {
        strict_transport_security: StrictTransportSecurity,
        content_type_options: ContentTypeOptions,
        frame_options: FrameOptions,
        referrer_policy: ReferrerPolicy,
        content_security_policy: ContentSecurityPolicy,
    }

    struct StrictTransportSecurity {
        access_control_max_age_sec: u32,
        include_subdomains: bool,
        r#override: bool,
    }

    struct ContentTypeOptions { r#override: bool }

    struct FrameOptions {
        frame_option: &'static str,
        r#override: bool,
    }

    struct ReferrerPolicy {
        referrer_policy: &'static str,
        r#override: bool,
    }

    struct ContentSecurityPolicy {
        content_security_policy: Text,
        r#override: bool,
    }

    struct CustomHeaders { items: Vec<CustomHeader> }

    struct CustomHeader {
        header: &'static str,
        value: &'static str,
        r#override: bool,
    }

    struct CloudFrontDistribution = "AWS::CloudFront::Distribution" ["DomainName", "Id"] {
        distribution_config: DistributionConfig,
        tags: Tags,
    }

    struct DistributionConfig {
        enabled: bool,
        comment: &'static str,
        http_version: &'static str,
        #[serde(rename = "IPV6Enabled")]
        ipv6_enabled: bool,
        price_class: Text,
        aliases: Expr<[Text; 1]>,
        viewer_certificate: Expr<ViewerCertificate>,
        #[serde(rename = "WebACLId")]
        web_acl_id: Text,
        origins: [Expr<Origin>; 2],
        default_cache_behavior: CacheBehavior,
        cache_behaviors: Vec<Expr<CacheBehavior>>,
        custom_error_responses: Vec<ErrorResponse>,
    }

    struct ViewerCertificate {
        acm_certificate_arn: Text,
        minimum_protocol_version: &'static str,
        ssl_support_method: &'static str,
    }

    /// A bucket, or a server.
    struct Origin {
        id: &'static str,
        domain_name: Text,
        origin_path: Option<String>,
        origin_access_control_id: Option<Text>,
        #[serde(rename = "S3OriginConfig")]
        s3_origin_config: Option<S3Origin>,
        custom_origin_config: Option<CustomOrigin>,
    }

    struct S3Origin { origin_access_identity: &'static str }

    struct CustomOrigin {
        origin_protocol_policy: &'static str,
        #[serde(rename = "OriginSSLProtocols")]
        origin_ssl_protocols: [&'static str; 1],
    }

    struct CacheBehavior {
        /// Absent in the default behaviour.
        path_pattern: Option<&'static str>,
        target_origin_id: &'static str,
        viewer_protocol_policy: &'static str,
        allowed_methods: Vec<&'static str>,
        cached_methods: Vec<&'static str>,
        compress: bool,
        cache_policy_id: Text,
        response_headers_policy_id: Text,
        function_associations: Option<[FunctionAssociation; 1]>,
    }

    struct FunctionAssociation {
        #[serde(rename = "EventType")]
        event_type: &'static str,
        #[serde(rename = "FunctionARN")]
        function_arn: Text,
    }

    struct ErrorResponse {
        error_code: u32,
        response_code: u32,
        response_page_path: &'static str,
        #[serde(rename = "ErrorCachingMinTTL")]
        error_caching_min_ttl: u32,
    }
}
