//! The stack of the API: the function, the API before it, and what watches both.

mod api;
mod domain;
mod function;
mod names;
mod watch;

pub(crate) use api::STAGE_NAME;
pub use api::with_allow_origin;
pub use names::{output, parameter, resource, variable};
pub use watch::MAX_DAILY_REQUESTS;

use crate::{
    STAGE_PARAMETER, Stage,
    cfn::{Assertion, Condition, Draft, Logic, Parameter},
    resource::iam,
};

/// The function asks an endpoint.
const HAS_ENDPOINT: Condition = Condition("HasEndpoint");
/// The endpoint answers elsewhere than at the region's public address.
const HAS_RUNTIME_URL: Condition = Condition("HasRuntimeUrl");
/// The function has a limit of its own.
const HAS_RESERVED_CONCURRENCY: Condition = Condition("HasReservedConcurrency");
/// The API logs each request.
const LOGS_REQUESTS: Condition = Condition("LogsRequests");
/// The stack sets the role with which API Gateway logs in the whole region.
const MANAGES_ACCOUNT_ROLE: Condition = Condition("ManagesAccountRole");
/// An e-mail address for alarms is set.
const HAS_ALARM_EMAIL: Condition = Condition("HasAlarmEmail");
/// The API has a domain name of its own.
const HAS_API_DOMAIN: Condition = Condition("HasApiDomain");
/// The stack makes the DNS records of the API's domain.
const HAS_API_HOSTED_ZONE: Condition = Condition("HasApiHostedZone");
/// Requests are traced.
const TRACES: Condition = Condition("Traces");

/// Returns the stack's template, before its references are checked.
pub(crate) fn draft() -> Draft {
    let mut draft = Draft::new("Mythical Mysfits recommendations: function and API");
    parameters(&mut draft);
    iam::boundary_parameter(&mut draft);
    conditions(&mut draft);
    function::add(&mut draft);
    api::add(&mut draft);
    domain::add(&mut draft);
    watch::add(&mut draft);
    draft
}

fn parameters(draft: &mut Draft) {
    use parameter as p;
    draft.parameter(STAGE_PARAMETER, Stage::parameter());
    let bucket = Parameter::text("S3 bucket of the function's zip file");
    let words = "a bucket's name";
    draft.parameter(p::ARTIFACT_BUCKET, bucket.like("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", words));
    let key = Parameter::text("S3 key of the function's zip file; use a new key for each new zip file");
    draft.parameter(p::ARTIFACT_KEY, key.like("^[^/].*\\.zip$", "a key that ends with .zip"));
    let architecture = Parameter::choice("Architecture of the function", &["x86_64", "arm64"]);
    draft.parameter(p::ARCHITECTURE, architecture.or("x86_64"));
    draft.parameter(p::MEMORY_SIZE, Parameter::number("Function memory in MB", 128, 10_240).or("256"));
    // API Gateway gives up after 29 s; the function must be done before.
    let timeout = Parameter::number("Function timeout in seconds", 1, 28);
    draft.parameter(p::TIMEOUT_SECONDS, timeout.or("10"));
    let reserved = Parameter::number("Reserved concurrency of the function; -1 for none", -1, 1000);
    draft.parameter(p::RESERVED_CONCURRENCY, reserved.or("-1"));
    let backend = "Recommendation backend: endpoint (SageMaker), embedded (decision table in the function), or fallback (endpoint, then table)";
    draft.parameter(
        p::BACKEND,
        Parameter::choice(backend, &["endpoint", "embedded", "fallback"]).or("embedded"),
    );
    let endpoint = Parameter::text("Name of the SageMaker endpoint; empty with Backend embedded").or("");
    let words = "up to 63 lower-case letters, digits and single dashes, or empty";
    draft.parameter(p::ENDPOINT_NAME, endpoint.like("^([a-z0-9]+(-[a-z0-9]+)*)?$", words).up_to(63));
    let url = Parameter::text("URL of the SageMaker runtime; empty for the public endpoint").or("");
    draft.parameter(p::SAGEMAKER_RUNTIME_URL, url.like("^(https?://.+)?$", "a URL, or empty"));
    let origin =
        "Allowed CORS origin; deploy with mysfits-deploy, which makes a new API deployment for a new value";
    let words = "https://HOST, or * for all origins";
    draft.parameter(
        p::ALLOW_ORIGIN,
        Parameter::text(origin).or(api::ANY_ORIGIN).like("^(\\*|https?://[^/' ]+)$", words),
    );
    domain::parameters(draft);
    let level = Parameter::choice("Log level", &LOG_LEVELS);
    draft.parameter(p::LOG_LEVEL, level.or("info"));
    let days = ["1", "3", "5", "7", "14", "30", "60", "90", "120", "150", "180", "365", "400", "545", "731"];
    draft.parameter(p::LOG_RETENTION_DAYS, Parameter::number_of("Log retention in days", &days).or("14"));
    let rate = Parameter::number("API throttling rate in requests per second", 1, 10_000);
    draft.parameter(p::THROTTLE_RATE, rate.or("50"));
    let burst = Parameter::number("API throttling burst in requests", 1, 5000);
    draft.parameter(p::THROTTLE_BURST, burst.or("100"));
    let logging = "API access log: off, on with the account's CloudWatch role, or on with a role that this stack sets for the region";
    let ways = ["off", "use-account-role", "manage-account-role"];
    draft.parameter(p::API_LOGGING, Parameter::choice(logging, &ways).or("off"));
    let email = Parameter::text("E-mail address for alarm notifications; empty for none").or("");
    draft.parameter(p::ALARM_EMAIL, email.like("^([^@ ]+@[^@ ]+)?$", "an e-mail address, or empty"));
    let tracing = Parameter::choice("X-Ray traces of requests, about 3.70 USD per million", &["on", "off"]);
    draft.parameter(p::TRACING, tracing.or("on"));
    let metrics = "Metrics of the function: full, or minimal (without those of each mysfit)";
    draft.parameter(p::METRICS, Parameter::choice(metrics, &["full", "minimal"]).or("full"));
    let asks = Logic::Not(Box::new(Logic::Equals(p::BACKEND, "embedded")));
    let words = "Backend endpoint and fallback need EndpointName";
    draft.rule("EndpointIsNamed", Assertion::new(Some(asks), Logic::given(p::ENDPOINT_NAME), words));
}

/// From the least talkative to the most.
const LOG_LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

fn conditions(draft: &mut Draft) {
    use parameter as p;
    let not = |logic| Logic::Not(Box::new(logic));
    let asks = not(Logic::Equals(p::BACKEND, "embedded"));
    draft.condition(HAS_ENDPOINT, Logic::And(vec![asks, Logic::given(p::ENDPOINT_NAME)]));
    draft.condition(HAS_RUNTIME_URL, Logic::given(p::SAGEMAKER_RUNTIME_URL));
    draft.condition(HAS_RESERVED_CONCURRENCY, not(Logic::Equals(p::RESERVED_CONCURRENCY, "-1")));
    draft.condition(LOGS_REQUESTS, not(Logic::Equals(p::API_LOGGING, "off")));
    draft.condition(MANAGES_ACCOUNT_ROLE, Logic::Equals(p::API_LOGGING, "manage-account-role"));
    draft.condition(HAS_ALARM_EMAIL, Logic::given(p::ALARM_EMAIL));
    domain::conditions(draft);
    draft.condition(TRACES, Logic::Equals(p::TRACING, "on"));
}
