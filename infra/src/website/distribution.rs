//! Bucket, distribution, and the policies of both.

use mysfits_site::headers::{
    FRAME_OPTIONS, OPENER_POLICY, PERMISSIONS_POLICY, REFERRER_POLICY, UPGRADE_INSECURE_REQUESTS,
    content_security_policy,
};

use super::{
    HAS_API_ORIGINS, HAS_DOMAIN, HAS_RESULT_PAGES, HAS_WEB_ACL, ROUTES, output, parameter, resource,
};
use crate::{
    cfn::{
        Draft, Expr, Removal, Statement, Text, attribute, either, only_if, parameter as value, reference, sub,
    },
    recommendations,
    resource::{
        cloud_front::{
            CacheBehavior, CacheKey, CachePolicy, CachePolicyConfig, CloudFrontDistribution,
            ContentSecurityPolicy, ContentTypeOptions, Cookies, CustomHeader, CustomHeaders, CustomOrigin,
            DistributionConfig, EdgeFunction, ErrorResponse, FrameOptions, FunctionAssociation,
            FunctionConfig, Headers, Origin, OriginAccessControl, OriginAccessControlConfig, QueryStrings,
            ReferrerPolicy, ResponseHeadersPolicy, ResponseHeadersPolicyConfig, S3Origin, SecurityHeaders,
            StrictTransportSecurity, ViewerCertificate,
        },
        s3::{Bucket, BucketPolicy, EncryptionRule},
        tags,
    },
};

const ORIGIN: &str = "site";
/// The recommendation API, which serves the pages of results.
const RESULTS_ORIGIN: &str = "results";
/// The paths of results, in each language.
const RESULT_PATHS: [&str; 2] = ["r/*", "ko/r/*"];
const DAY: u32 = 86_400;
const YEAR: u32 = 365 * DAY;

/// Returns a name in CloudFront, which has no regions.
fn global_name(name: &str) -> Text {
    sub(format!("${{AWS::StackName}}-${{AWS::Region}}-{name}"))
}

/// Adds all of it.
pub(super) fn add(draft: &mut Draft) {
    bucket(draft);
    let origin_access = OriginAccessControlConfig {
        name: global_name("site"),
        description: "Signs the distribution's requests to the site's bucket",
        origin_access_control_origin_type: "s3",
        signing_behavior: "always",
        signing_protocol: "sigv4",
    };
    draft.add(resource::ORIGIN_ACCESS, OriginAccessControl { origin_access_control_config: origin_access });
    let routes = EdgeFunction {
        name: global_name("routes"),
        auto_publish: true,
        function_code: ROUTES,
        function_config: FunctionConfig {
            comment: "Which file or API a path means, and in which language",
            runtime: "cloudfront-js-2.0",
        },
        tags: tags(),
    };
    draft.add(resource::ROUTES, routes);
    caching(draft);
    headers(draft);
    distribution(draft);
}

fn bucket(draft: &mut Draft) {
    draft.add(resource::SITE_BUCKET, Bucket::private(EncryptionRule::S3)).on_removal(Removal::Delete).skip(
        "CKV_AWS_18",
        "Only the distribution reads it; data events of CloudTrail tell more for an audit",
    );
    // No right to list: a missing file is then 403 and not 404, and the distribution knows both.
    let distribution = sub(format!(
        "arn:${{AWS::Partition}}:cloudfront::${{AWS::AccountId}}:distribution/${{{}}}",
        resource::DISTRIBUTION
    ));
    let read = Statement::allow(
        "ReadByDistribution",
        &["s3:GetObject"],
        [sub(format!("${{{}.Arn}}/*", resource::SITE_BUCKET))],
    )
    .by_service("cloudfront.amazonaws.com")
    .when("StringEquals", "aws:SourceArn", [distribution]);
    draft.add(resource::SITE_BUCKET_POLICY, BucketPolicy::new(resource::SITE_BUCKET, [read]));
    draft.output(output::SITE_BUCKET_NAME, "Bucket of the site", reference(resource::SITE_BUCKET));
}

/// Adds the cache policies. Objects set their cache time in their own headers; a policy with a minimum time
/// above 0 would override them.
fn caching(draft: &mut Draft) {
    let mut policy = |id: &'static str, name: &str, comment, key, default_ttl, max_ttl| {
        let config = CachePolicyConfig {
            name: global_name(name),
            comment,
            min_ttl: 0,
            default_ttl,
            max_ttl,
            parameters_in_cache_key_and_forwarded_to_origin: key,
        };
        draft.add(id, CachePolicy { cache_policy_config: config });
    };
    let files = key_of_files;
    policy(
        resource::ASSET_CACHE,
        "assets",
        "Files whose names carry their content's hash",
        files(),
        YEAR,
        YEAR,
    );
    policy(resource::PAGE_CACHE, "pages", "Files that change under their names", files(), 0, DAY);
    let results = CacheKey {
        headers_config: Headers { header_behavior: "whitelist", headers: Some(["x-forwarded-host"]) },
        query_strings_config: QueryStrings {
            query_string_behavior: "whitelist",
            query_strings: Some(["lang"]),
        },
        ..files()
    };
    policy(resource::RESULT_CACHE, "results", "Pages of results, in each language", results, 0, DAY);
}

/// Returns the cache key of files: only their paths.
fn key_of_files() -> CacheKey {
    CacheKey {
        // Without these two, files are cached and served uncompressed.
        enable_accept_encoding_brotli: true,
        enable_accept_encoding_gzip: true,
        cookies_config: Cookies { cookie_behavior: "none" },
        headers_config: Headers { header_behavior: "none", headers: None },
        query_strings_config: QueryStrings { query_string_behavior: "none", query_strings: None },
    }
}

fn headers(draft: &mut Draft) {
    let origins = either(HAS_API_ORIGINS, sub(format!(" ${{{}}}", parameter::API_ORIGINS)), "");
    let policy = content_security_policy("${Origins}") + UPGRADE_INSECURE_REQUESTS;
    let csp = Expr::Sub(policy, vec![("Origins", origins)]);
    let custom = |header, value| CustomHeader { header, value, r#override: true };
    let config = ResponseHeadersPolicyConfig {
        name: global_name("security"),
        comment: "Headers under which a browser may run the site",
        security_headers_config: SecurityHeaders {
            strict_transport_security: StrictTransportSecurity {
                access_control_max_age_sec: 2 * YEAR,
                // The site may be at a domain whose other subdomains have nothing to do with it.
                include_subdomains: false,
                r#override: true,
            },
            content_type_options: ContentTypeOptions { r#override: true },
            frame_options: FrameOptions { frame_option: FRAME_OPTIONS, r#override: true },
            referrer_policy: ReferrerPolicy { referrer_policy: REFERRER_POLICY, r#override: true },
            content_security_policy: ContentSecurityPolicy { content_security_policy: csp, r#override: true },
        },
        custom_headers_config: CustomHeaders {
            items: vec![
                custom("Permissions-Policy", PERMISSIONS_POLICY),
                custom("Cross-Origin-Opener-Policy", OPENER_POLICY),
            ],
        },
    };
    draft.add(resource::SECURITY_HEADERS, ResponseHeadersPolicy { response_headers_policy_config: config });
}

fn behavior(
    viewer_protocol_policy: &'static str,
    methods: &[&'static str],
    cache: &'static str,
) -> CacheBehavior {
    CacheBehavior {
        path_pattern: None,
        target_origin_id: ORIGIN,
        viewer_protocol_policy,
        allowed_methods: methods.to_vec(),
        cached_methods: vec!["GET", "HEAD"],
        compress: true,
        cache_policy_id: reference(cache),
        response_headers_policy_id: reference(resource::SECURITY_HEADERS),
        function_associations: None,
    }
}

/// Returns the behaviour of a path of results.
fn results(path_pattern: &'static str) -> CacheBehavior {
    CacheBehavior {
        path_pattern: Some(path_pattern),
        target_origin_id: RESULTS_ORIGIN,
        function_associations: Some([routes()]),
        ..behavior("redirect-to-https", &["GET", "HEAD"], resource::RESULT_CACHE)
    }
}

fn routes() -> FunctionAssociation {
    FunctionAssociation {
        event_type: "viewer-request",
        function_arn: attribute(resource::ROUTES, "FunctionARN"),
    }
}

/// Returns the origins: the bucket, and the API if it serves pages of results.
fn origins() -> [Expr<Origin>; 2] {
    let site = Origin {
        id: ORIGIN,
        // The bucket's global name redirects for hours where a bucket is new.
        domain_name: attribute(resource::SITE_BUCKET, "RegionalDomainName"),
        origin_path: None,
        origin_access_control_id: Some(attribute(resource::ORIGIN_ACCESS, "Id")),
        s3_origin_config: Some(S3Origin { origin_access_identity: "" }),
        custom_origin_config: None,
    };
    let api = Origin {
        id: RESULTS_ORIGIN,
        domain_name: value(parameter::RESULT_PAGES_HOST),
        origin_path: Some(format!("/{}", recommendations::STAGE_NAME)),
        origin_access_control_id: None,
        s3_origin_config: None,
        custom_origin_config: Some(CustomOrigin {
            origin_protocol_policy: "https-only",
            origin_ssl_protocols: ["TLSv1.2"],
        }),
    };
    [site.into(), only_if(HAS_RESULT_PAGES, api)]
}

fn distribution(draft: &mut Draft) {
    let pages = CacheBehavior {
        function_associations: Some([routes()]),
        ..behavior("redirect-to-https", &["GET", "HEAD", "OPTIONS"], resource::PAGE_CACHE)
    };
    let assets = CacheBehavior {
        path_pattern: Some("assets/*"),
        ..behavior("https-only", &["GET", "HEAD"], resource::ASSET_CACHE)
    };
    let of_results = RESULT_PATHS.map(|path| only_if(HAS_RESULT_PAGES, results(path)));
    // The status stays 404: a page in the place of a missing script or of wasm would be run as one.
    let lost = |error_code| ErrorResponse {
        error_code,
        response_code: 404,
        response_page_path: "/404.html",
        error_caching_min_ttl: 10,
    };
    let certificate = ViewerCertificate {
        acm_certificate_arn: value(parameter::CERTIFICATE_ARN),
        minimum_protocol_version: "TLSv1.2_2021",
        ssl_support_method: "sni-only",
    };
    let domain: Text = value(parameter::DOMAIN_NAME);
    let config = DistributionConfig {
        enabled: true,
        comment: "Mythical Mysfits recommendations",
        http_version: "http2and3",
        ipv6_enabled: true,
        price_class: value(parameter::PRICE_CLASS),
        aliases: only_if(HAS_DOMAIN, [domain]),
        viewer_certificate: only_if(HAS_DOMAIN, certificate),
        web_acl_id: only_if(HAS_WEB_ACL, value(parameter::WEB_ACL_ARN)),
        origins: origins(),
        default_cache_behavior: pages,
        cache_behaviors: std::iter::once(assets.into()).chain(of_results).collect(),
        custom_error_responses: vec![lost(403), lost(404)],
    };
    draft
        .add(resource::DISTRIBUTION, CloudFrontDistribution { distribution_config: config, tags: tags() })
        // The viewer-request function maps `/` to a file. It needs the original path, because a request for
        // `/` may be redirected to another language.
        .skip("CKV_AWS_305", "The viewer-request function says which file / means")
        .skip(
            "CKV_AWS_86",
            "Access logs need a bucket with ACLs, or resources that cost; metrics are there without",
        )
        .skip(
            "CKV_AWS_174",
            "TLS 1.2 wherever there is a certificate; CloudFront's own one does not allow the choice",
        );
    let id = reference(resource::DISTRIBUTION);
    draft.output(output::DISTRIBUTION_ID, "CloudFront distribution id", id);
    let own = sub(format!("https://${{{}}}", parameter::DOMAIN_NAME));
    let given = sub(format!("https://${{{}.DomainName}}", resource::DISTRIBUTION));
    draft.output(output::CLOUD_FRONT_URL, "URL of the site", either(HAS_DOMAIN, own, given));
}
