//! The keys of the settings file, and the parameters that the deployer computes.

use mysfits_infra::{
    PERMISSIONS_BOUNDARY, STAGE_PARAMETER, notebook::parameter as n, recommendations::parameter as r,
    sagemaker::parameter as s, website::parameter as w,
};

/// Keys that set a parameter of a template, in the order of the reference.
pub(super) const PARAMETER_KEYS: &[(&str, &str)] = &[
    ("backend", r::BACKEND),
    ("hosting", s::HOSTING_MODE),
    ("container", s::CONTAINER),
    ("instance-type", s::ENDPOINT_INSTANCE_TYPE),
    ("min-instances", s::MIN_INSTANCES),
    ("max-instances", s::MAX_INSTANCES),
    ("serverless-memory", s::SERVERLESS_MEMORY_IN_MB),
    ("serverless-concurrency", s::SERVERLESS_MAX_CONCURRENCY),
    ("encryption", s::ENCRYPTION),
    ("memory", r::MEMORY_SIZE),
    ("timeout", r::TIMEOUT_SECONDS),
    ("reserved-concurrency", r::RESERVED_CONCURRENCY),
    ("log-level", r::LOG_LEVEL),
    ("log-retention", r::LOG_RETENTION_DAYS),
    ("access-log", r::API_LOGGING),
    ("throttle-rate", r::THROTTLE_RATE),
    ("throttle-burst", r::THROTTLE_BURST),
    ("allow-origin", r::ALLOW_ORIGIN),
    ("alarm-email", r::ALARM_EMAIL),
    ("tracing", r::TRACING),
    ("metrics", r::METRICS),
    ("permissions-boundary", PERMISSIONS_BOUNDARY),
    ("domain", w::DOMAIN_NAME),
    ("certificate", w::CERTIFICATE_ARN),
    ("hosted-zone", w::HOSTED_ZONE_ID),
    ("api-domain", r::API_DOMAIN_NAME),
    ("api-certificate", r::API_CERTIFICATE_ARN),
    ("api-hosted-zone", r::API_HOSTED_ZONE_ID),
    ("price-class", w::PRICE_CLASS),
    ("web-acl", w::WEB_ACL_ARN),
];

/// The region.
pub(super) const REGION: &str = "region";
/// Where the model is trained.
pub(super) const TRAIN: &str = "train";
/// The endpoint's time to live.
pub(super) const TTL: &str = "ttl";
/// The file with addresses of the workshop's other modules.
pub(super) const SITE_SETTINGS: &str = "site-settings";
/// Whether the workshop's notebook instance is created.
pub(super) const NOTEBOOK: &str = "notebook";
/// Whether the workshop's code repository is created.
pub(super) const REPOSITORY: &str = "repository";
/// The table of tags.
pub(super) const TAGS: &str = "tags";
/// The table of parameters by their names in the templates.
pub(super) const PARAMETERS: &str = "parameters";

/// Keys that set no parameter: name, accepted values, meaning.
pub(super) const OTHER_KEYS: &[(&str, &str, &str)] = &[
    (
        REGION,
        "a region, such as `eu-west-1`",
        "Region of every command about the stage; overrides `AWS_REGION` and the profile, `--region` overrides it",
    ),
    (
        TRAIN,
        "local, sagemaker",
        "Where the endpoint's model is trained; by default, the deployed model is kept",
    ),
    (TTL, "a time (30m, 2h, 7d), or none", "Time after which the endpoint is deleted"),
    (SITE_SETTINGS, "a JSON file, relative to this file", "Addresses of the workshop's other modules"),
    (NOTEBOOK, "true, false", "Create the workshop's notebook instance; an existing one is kept in any case"),
    (
        REPOSITORY,
        "true, false",
        "Create the workshop's CodeCommit repository; an existing one is kept in any case",
    ),
    (TAGS, "a table", "Tags of all resources, beside this tool's own"),
    (PARAMETERS, "a table", "Any parameter, by its name in the templates"),
];

/// Parameters of the notebook's stack that are outputs of the model's.
const FROM_MODEL: &str = "it is an output of the model's stack";

/// Parameters that the deployer computes, and how their values are chosen instead.
pub(super) const COMPUTED: &[(&str, &str)] = &[
    (STAGE_PARAMETER, "use --stage"),
    (r::ARTIFACT_BUCKET, "the package is uploaded to the stage's own bucket"),
    (r::ARTIFACT_KEY, "use --package"),
    (r::ARCHITECTURE, "build the package with --arch"),
    (r::ENDPOINT_NAME, "it has the stage and the hosting mode in it"),
    (r::SAGEMAKER_RUNTIME_URL, "set the environment variable AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME"),
    (s::MODEL_DATA_URL, "use --train"),
    (s::CONTAINER_IMAGE, "use --container own and --image"),
    (s::ENDPOINT_EXPIRY, "use --ttl"),
    (s::KNN_REGISTRY_ACCOUNT, "it follows from the region"),
    (n::DATA_BUCKET_NAME, FROM_MODEL),
    (n::TRAINING_ROLE_ARN, FROM_MODEL),
    (n::MODEL_ROLE_ARN, FROM_MODEL),
    (n::ENCRYPTION_KEY_ARN, FROM_MODEL),
    (w::API_ORIGINS, "use --site-settings"),
    (w::RESULT_PAGES_HOST, "it is the API's own host"),
];

/// Returns the known name that is most similar to `name`, if any is similar.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    /// The least similarity of a suggestion.
    const MIN_SIMILARITY: f64 = 0.75;
    known
        .into_iter()
        .map(|known| (strsim::jaro_winkler(&name.to_lowercase(), &known.to_lowercase()), known))
        .filter(|(similarity, _)| *similarity >= MIN_SIMILARITY)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known.to_owned())
}
