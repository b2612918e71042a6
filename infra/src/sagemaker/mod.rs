//! The stack of the model: data bucket, the roles of training jobs and models, and, once there is a model, its endpoint.

mod container;
mod endpoint;
mod names;
mod registries;
pub(crate) mod roles;

pub use names::{output, parameter, resource};
pub use registries::registry_account;

use crate::{
    STAGE_PARAMETER, Stage,
    cfn::{
        Assertion, Condition, Draft, Logic, Parameter, PolicyDocument, Removal, Statement, Text, attribute,
        either, reference, sub,
    },
    resource::{
        iam::{self, Key},
        s3::{Bucket, BucketPolicy, EncryptionRule},
        tags,
    },
};

/// A model was given.
const HAS_MODEL: Condition = Condition("HasModel");
/// The endpoint, if there is one, runs on instances.
const IS_INSTANCE: Condition = Condition("IsInstance");
/// There is an endpoint, and it runs on instances.
const HAS_INSTANCE_ENDPOINT: Condition = Condition("HasInstanceEndpoint");
/// The endpoint's instances have disks that our key encrypts.
const ENCRYPTS_INSTANCE: Condition = Condition("EncryptsInstance");
/// There is an endpoint, and it is removed at some time.
const HAS_EXPIRY: Condition = Condition("HasExpiry");
/// The stack has a repository of container images.
const HAS_REPOSITORY: Condition = Condition("HasRepository");
/// The model's image is one of the repository's.
const USES_OWN_IMAGE: Condition = Condition("UsesOwnImage");
/// Data are encrypted with a key of ours.
const USES_KMS: Condition = Condition("UsesKms");

/// The machine that trains and answers unless another one is chosen; [`cost`](crate::cost) knows its price.
pub const INSTANCE_TYPE: &str = "ml.m5.large";
/// The description of the key that encrypts data, by which it is recognized.
pub const KEY_DESCRIPTION: &str = "Mythical Mysfits: training data, models and disks";

/// Returns the stack's template, before its references are checked.
pub(crate) fn draft() -> Draft {
    let mut draft = Draft::new(
        "Mythical Mysfits recommendations: training data, roles of training jobs and models, endpoint",
    );
    parameters(&mut draft);
    iam::boundary_parameter(&mut draft);
    conditions(&mut draft);
    storage(&mut draft);
    container::add(&mut draft);
    roles::add(&mut draft);
    endpoint::add(&mut draft);
    draft
}

fn parameters(draft: &mut Draft) {
    use parameter as p;
    draft.parameter(STAGE_PARAMETER, Stage::parameter());
    let s3_url = Parameter::text("S3 URL of the endpoint's model.tar.gz; empty for no endpoint").or("");
    draft.parameter(p::MODEL_DATA_URL, s3_url.like("^(s3://.+/.+)?$", "s3://BUCKET/KEY, or empty"));
    let account = Parameter::text("Account of the registry of SageMaker's k-NN in this region").or("");
    let words = "12 digits; may be empty without a model";
    draft.parameter(p::KNN_REGISTRY_ACCOUNT, account.like("^([0-9]{12})?$", words));
    let description = "A model needs KnnRegistryAccount, the account of the registry with SageMaker's k-NN in this region, or ContainerImage";
    let model = Logic::given(p::MODEL_DATA_URL);
    let image = Logic::Or(vec![Logic::given(p::KNN_REGISTRY_ACCOUNT), Logic::given(p::CONTAINER_IMAGE)]);
    draft.rule("ModelNeedsRegistry", Assertion::new(Some(model), image, description));
    container::parameters(draft);
    let hosting = "Endpoint hosting: serverless (no cost while idle) or instance (no cold starts)";
    draft
        .parameter(p::HOSTING_MODE, Parameter::choice(hosting, &["serverless", "instance"]).or("serverless"));
    let instance =
        Parameter::text("Instance type of the endpoint with HostingMode instance").or(INSTANCE_TYPE);
    let words = "an ml type in lower case, not of the T family, which cannot be scaled automatically";
    draft.parameter(p::ENDPOINT_INSTANCE_TYPE, instance.like("^ml\\.[a-su-z][a-z0-9-]*\\.[a-z0-9]+$", words));
    draft.parameter(
        p::MIN_INSTANCES,
        Parameter::number("Minimum instance count of the endpoint", 1, 20).or("1"),
    );
    draft.parameter(
        p::MAX_INSTANCES,
        Parameter::number("Maximum instance count of the endpoint", 1, 20).or("2"),
    );
    let target = Parameter::number("Target invocations per instance and minute for autoscaling", 1, 100_000);
    draft.parameter(p::TARGET_INVOCATIONS_PER_INSTANCE, target.or("600"));
    let sizes = ["1024", "2048", "3072", "4096", "5120", "6144"];
    let memory = Parameter::number_of("Memory of the serverless endpoint in MB", &sizes);
    draft.parameter(p::SERVERLESS_MEMORY_IN_MB, memory.or("2048"));
    let concurrency = Parameter::number("Maximum concurrency of the serverless endpoint", 1, 200);
    draft.parameter(p::SERVERLESS_MAX_CONCURRENCY, concurrency.or("5"));
    let encryption = "Encryption key: s3 (S3 managed) or kms (a key of this stack, 1 USD a month)";
    draft.parameter(p::ENCRYPTION, Parameter::choice(encryption, &["s3", "kms"]).or("s3"));
    let expiry = Parameter::text("Time when the endpoint is deleted, in UTC; empty for never").or("");
    let pattern = "^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})?$";
    draft.parameter(p::ENDPOINT_EXPIRY, expiry.like(pattern, "yyyy-mm-ddThh:mm:ss, or empty"));
}

fn conditions(draft: &mut Draft) {
    use parameter as p;
    let both = |one, other| Logic::And(vec![Logic::Is(one), Logic::Is(other)]);
    draft.condition(HAS_MODEL, Logic::given(p::MODEL_DATA_URL));
    draft.condition(IS_INSTANCE, Logic::Equals(p::HOSTING_MODE, "instance"));
    draft.condition(HAS_INSTANCE_ENDPOINT, both(HAS_MODEL, IS_INSTANCE));
    draft.condition(HAS_EXPIRY, Logic::And(vec![Logic::Is(HAS_MODEL), Logic::given(p::ENDPOINT_EXPIRY)]));
    container::conditions(draft);
    draft.condition(USES_KMS, Logic::Equals(p::ENCRYPTION, "kms"));
    draft.condition(ENCRYPTS_INSTANCE, both(IS_INSTANCE, USES_KMS));
}

/// Bucket and key.
fn storage(draft: &mut Draft) {
    let account: Text = sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root");
    let everything = Statement::allow("DelegateToIam", &["kms:*"], ["*".into()]).by(account);
    let key = Key {
        description: KEY_DESCRIPTION,
        enable_key_rotation: true,
        pending_window_in_days: 7,
        key_policy: PolicyDocument::new([everything]),
        tags: tags(),
    };
    let reason = "In a key's own policy the asterisk means this key; there is no other way to write it";
    draft
        .add(resource::ENCRYPTION_KEY, key)
        .when(USES_KMS)
        .on_removal(Removal::Delete)
        .wildcard("DelegateToIam", reason);
    // The choice is around the whole rule: readers of templates do not look into a choice of algorithms.
    let by_key = EncryptionRule::kms(attribute(resource::ENCRYPTION_KEY, "Arn"));
    draft
        .add(resource::DATA_BUCKET, Bucket::private(either(USES_KMS, by_key, EncryptionRule::S3)))
        .on_removal(Removal::Delete)
        .skip(
            "CKV_AWS_18",
            "Three roles use it; data events of CloudTrail tell more where an audit is needed",
        );
    draft.add(resource::DATA_BUCKET_POLICY, BucketPolicy::new(resource::DATA_BUCKET, []));
    let bucket = reference(resource::DATA_BUCKET);
    draft.output(output::DATA_BUCKET_NAME, "Bucket of training data and models", bucket);
    let key = attribute(resource::ENCRYPTION_KEY, "Arn");
    draft.output_if(USES_KMS, output::ENCRYPTION_KEY_ARN, "Key that encrypts data and models", key);
}
