//! The public names of this stack. Renaming one is a breaking change for its users.

/// Parameters, with the meaning that the template's own descriptions give.
pub mod parameter {
    /// The bucket that holds the function's zip.
    pub const ARTIFACT_BUCKET: &str = "ArtifactBucket";
    /// The zip's key; it carries the content's hash, so that a new zip is a change.
    pub const ARTIFACT_KEY: &str = "ArtifactKey";
    /// `x86_64` or `arm64`.
    pub const ARCHITECTURE: &str = "Architecture";
    /// Function memory in MB.
    pub const MEMORY_SIZE: &str = "MemorySize";
    /// Function timeout in seconds.
    pub const TIMEOUT_SECONDS: &str = "TimeoutSeconds";
    /// Reserved concurrency of the function; -1 for none of its own.
    pub const RESERVED_CONCURRENCY: &str = "ReservedConcurrency";
    /// `endpoint`, `embedded` or `fallback`.
    pub const BACKEND: &str = "Backend";
    /// The endpoint to ask; empty with the embedded model.
    pub const ENDPOINT_NAME: &str = "EndpointName";
    /// Where the endpoint answers, if not at the region's public address.
    pub const SAGEMAKER_RUNTIME_URL: &str = "SageMakerRuntimeUrl";
    /// The origin whose pages may read answers.
    pub const ALLOW_ORIGIN: &str = "AllowOrigin";
    /// Custom domain name of the API; empty for API Gateway's.
    pub const API_DOMAIN_NAME: &str = "ApiDomainName";
    /// The certificate of the API's domain.
    pub const API_CERTIFICATE_ARN: &str = "ApiCertificateArn";
    /// The hosted zone of the API's domain; empty if DNS is elsewhere.
    pub const API_HOSTED_ZONE_ID: &str = "ApiHostedZoneId";
    /// Log level.
    pub const LOG_LEVEL: &str = "LogLevel";
    /// Log retention in days.
    pub const LOG_RETENTION_DAYS: &str = "LogRetentionDays";
    /// API throttling rate in requests per second.
    pub const THROTTLE_RATE: &str = "ThrottleRate";
    /// API throttling burst in requests.
    pub const THROTTLE_BURST: &str = "ThrottleBurst";
    /// `off`, `use-account-role` or `manage-account-role`.
    pub const API_LOGGING: &str = "ApiLogging";
    /// E-mail address for alarms; empty for none.
    pub const ALARM_EMAIL: &str = "AlarmEmail";
    /// `on` or `off`: traces of requests, which cost more than the API.
    pub const TRACING: &str = "Tracing";
    /// `full` or `minimal`.
    pub const METRICS: &str = "Metrics";
}

/// Outputs.
pub mod output {
    /// The API's address, without a slash at its end.
    pub const RECOMMENDATIONS_API_ENDPOINT: &str = "RecommendationsApiEndpoint";
    /// The API's default address, which works without the custom domain.
    pub const DEFAULT_API_ENDPOINT: &str = "DefaultApiEndpoint";
    /// API Gateway's domain name of the API's custom domain, if there is one.
    pub const API_REGIONAL_DOMAIN_NAME: &str = "ApiRegionalDomainName";
    /// The API's id.
    pub const API_ID: &str = "ApiId";
    /// The stage's name.
    pub const STAGE_NAME: &str = "StageName";
    /// The function's name.
    pub const FUNCTION_NAME: &str = "FunctionName";
    /// The function's ARN.
    pub const FUNCTION_ARN: &str = "FunctionArn";
    /// Log group of the function.
    pub const FUNCTION_LOG_GROUP_NAME: &str = "FunctionLogGroupName";
}

/// The function's environment variables.
pub mod variable {
    /// The backend: `endpoint`, `embedded` or `fallback`.
    pub const BACKEND: &str = "BACKEND";
    /// The endpoint to ask.
    pub const ENDPOINT_NAME: &str = "ENDPOINT_NAME";
    /// The origin whose pages may read answers.
    pub const ALLOW_ORIGIN: &str = "ALLOW_ORIGIN";
    /// Where the endpoint answers, if not at the region's public address.
    pub const SAGEMAKER_RUNTIME_URL: &str = "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME";
    /// What is logged.
    pub const LOG_LEVEL: &str = "RUST_LOG";
    /// The metrics of each invocation.
    pub const METRICS: &str = "METRICS";
    /// The namespace of the metrics.
    pub const METRIC_NAMESPACE: &str = "METRIC_NAMESPACE";
    /// All of them.
    pub const ALL: [&str; 7] =
        [BACKEND, ENDPOINT_NAME, ALLOW_ORIGIN, SAGEMAKER_RUNTIME_URL, LOG_LEVEL, METRICS, METRIC_NAMESPACE];
}

/// Logical ids; the API's deployment has none here, for its id carries the hash of what it deploys.
pub mod resource {
    use crate::cfn::logical_id;

    /// Log group of the function.
    pub const FUNCTION_LOG_GROUP: &str = logical_id("FunctionLogGroup");
    /// What the function may do.
    pub const FUNCTION_ROLE: &str = logical_id("FunctionRole");
    /// That the function may ask the endpoint.
    pub const ENDPOINT_POLICY: &str = logical_id("EndpointPolicy");
    /// The function.
    pub const FUNCTION: &str = logical_id("Function");
    /// That the API may call the function.
    pub const FUNCTION_PERMISSION: &str = logical_id("FunctionPermission");
    /// The API.
    pub const API: &str = logical_id("Api");
    /// What a request's body must be.
    pub const REQUEST_MODEL: &str = logical_id("RequestModel");
    /// Holds bodies against the model.
    pub const BODY_VALIDATOR: &str = logical_id("BodyValidator");
    /// `/recommendations`.
    pub const RECOMMENDATIONS_RESOURCE: &str = logical_id("RecommendationsResource");
    /// `POST /recommendations`.
    pub const POST_METHOD: &str = logical_id("PostMethod");
    /// `OPTIONS /recommendations`.
    pub const OPTIONS_METHOD: &str = logical_id("OptionsMethod");
    /// `/r`.
    pub const RESULTS_RESOURCE: &str = logical_id("ResultsResource");
    /// `/r/{code}`.
    pub const RESULT_RESOURCE: &str = logical_id("ResultResource");
    /// Requests for `/r/{code}`.
    pub const RESULT_METHOD: &str = logical_id("ResultMethod");
    /// That the API may call the function for pages of results.
    pub const RESULT_PERMISSION: &str = logical_id("ResultPermission");
    /// The API's own answers to faulty requests.
    pub const CLIENT_ERROR_RESPONSE: &str = logical_id("ClientErrorResponse");
    /// The API's own answers when something failed behind it.
    pub const SERVER_ERROR_RESPONSE: &str = logical_id("ServerErrorResponse");
    /// The API's stage.
    pub const API_STAGE: &str = logical_id("ApiStage");
    /// Custom domain of the API.
    pub const API_DOMAIN: &str = logical_id("ApiDomain");
    /// The stage that responds at the custom domain.
    pub const API_DOMAIN_MAPPING: &str = logical_id("ApiDomainMapping");
    /// DNS record of the custom domain for IPv4.
    pub const API_ADDRESS_RECORD: &str = logical_id("ApiAddressRecord");
    /// DNS record of the custom domain for IPv6.
    pub const API_IPV6_ADDRESS_RECORD: &str = logical_id("ApiIpv6AddressRecord");
    /// One line for each request, if wanted.
    pub const ACCESS_LOG_GROUP: &str = logical_id("AccessLogGroup");
    /// Role for API Gateway's logs in this region.
    pub const API_LOGGING_ROLE: &str = logical_id("ApiLoggingRole");
    /// The region's settings of API Gateway.
    pub const API_ACCOUNT: &str = logical_id("ApiAccount");
    /// Alarm: the function failed.
    pub const FUNCTION_ERRORS_ALARM: &str = logical_id("FunctionErrorsAlarm");
    /// Alarm: the function was throttled.
    pub const FUNCTION_THROTTLES_ALARM: &str = logical_id("FunctionThrottlesAlarm");
    /// Alarm: the API answers 5XX.
    pub const API_ERRORS_ALARM: &str = logical_id("ApiErrorsAlarm");
    /// Alarm: the API is slow.
    pub const API_LATENCY_ALARM: &str = logical_id("ApiLatencyAlarm");
    /// Alarm: unusually many requests, which cost money.
    pub const API_REQUESTS_ALARM: &str = logical_id("ApiRequestsAlarm");
    /// Carries alarms to a mailbox.
    pub const ALARM_TOPIC: &str = logical_id("AlarmTopic");
    /// All of it in pictures.
    pub const DASHBOARD: &str = logical_id("Dashboard");
}
