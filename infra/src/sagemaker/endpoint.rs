//! The model's endpoint: serverless or on instances that scale, and the time at which it goes.

use super::{
    ENCRYPTS_INSTANCE, HAS_EXPIRY, HAS_INSTANCE_ENDPOINT, HAS_MODEL, IS_INSTANCE, output, parameter, resource,
};
use crate::{
    cfn::{
        Draft, Expr, PolicyDocument, Statement, Text, attribute, either, only_if, parameter as value,
        reference, sub,
    },
    names,
    resource::{
        iam::Role,
        sagemaker::{
            Container, SageMakerEndpoint, SageMakerEndpointConfig, SageMakerModel, Serverless, Variant,
        },
        scaling::{
            EndpointSchedule, FlexibleTimeWindow, PredefinedMetric, RetryPolicy, ScalableTarget,
            ScalingPolicy, ScheduleTarget, TargetTracking,
        },
        tags,
    },
    stage::STAGE,
};

const REGISTRY: &str = "KnnRegistry";
const ACCOUNT: &str = "Account";
/// The only variant of the endpoint.
const VARIANT: &str = "AllTraffic";

/// The accounts whose registries hold SageMaker's k-NN image, by region.
///
/// Source: `image_uri_config/knn.json` of the SageMaker Python SDK. af-south-1 is absent: it lacks code repositories.
const REGISTRY_ACCOUNTS: [(&str, &str); 20] = [
    ("ap-east-1", "286214385809"),
    ("ap-northeast-1", "351501993468"),
    ("ap-northeast-2", "835164637446"),
    ("ap-northeast-3", "867004704886"),
    ("ap-south-1", "991648021394"),
    ("ap-southeast-1", "475088953585"),
    ("ap-southeast-2", "712309505854"),
    ("ca-central-1", "469771592824"),
    ("eu-central-1", "664544806723"),
    ("eu-north-1", "669576153137"),
    ("eu-south-1", "257386234256"),
    ("eu-west-1", "438346466558"),
    ("eu-west-2", "644912444149"),
    ("eu-west-3", "749696950732"),
    ("me-south-1", "249704162688"),
    ("sa-east-1", "855470959533"),
    ("us-east-1", "382416733822"),
    ("us-east-2", "404615174143"),
    ("us-west-1", "632365934929"),
    ("us-west-2", "174872318107"),
];

/// Returns the account whose registry holds SageMaker's k-NN image in a region, if it is known.
///
/// The image is `<account>.dkr.ecr.<region>.<url suffix>/knn:1`.
#[must_use]
pub fn registry_account(region: &str) -> Option<&'static str> {
    REGISTRY_ACCOUNTS.iter().find(|(known, _)| *known == region).map(|(_, account)| *account)
}

/// The registry's account in the stack's region.
fn account() -> Text {
    Expr::FindInMap(REGISTRY, Box::new(Expr::Ref("AWS::Region".into())), ACCOUNT)
}

/// Returns the repository of SageMaker's k-NN in the stack's region.
pub(super) fn repository_arn() -> Text {
    let arn = "arn:${AWS::Partition}:ecr:${AWS::Region}:${Account}:repository/knn";
    Expr::Sub(arn.to_owned(), vec![(ACCOUNT, account())])
}

/// Adds the accounts of the registries.
pub(super) fn registry(draft: &mut Draft) {
    draft.mapping(REGISTRY, ACCOUNT, REGISTRY_ACCOUNTS);
}

/// Adds model, endpoint, scaling and expiry.
pub(super) fn add(draft: &mut Draft) {
    hosting(draft);
    scaling(draft);
    expiry(draft);
}

/// The endpoint's name says how it is hosted: between serverless and instances, and between types of instances that
/// scale, there is no way but a new endpoint, and a new name makes one. It is in lower case because ARNs are.
fn endpoint_name() -> Text {
    let parts = Expr::Split(".", Box::new(value(parameter::ENDPOINT_INSTANCE_TYPE)));
    let kind = either(IS_INSTANCE, Expr::Join("-", Box::new(parts)), "ml-serverless");
    Expr::Sub(names::sagemaker("${Kind}", STAGE), vec![("Kind", kind)])
}

fn hosting(draft: &mut Draft) {
    let image = "${Account}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/knn:1".to_owned();
    let model = SageMakerModel {
        execution_role_arn: attribute(resource::NOTEBOOK_ROLE, "Arn"),
        primary_container: Container {
            image: Expr::Sub(image, vec![(ACCOUNT, account())]),
            model_data_url: value(parameter::MODEL_DATA_URL),
        },
        // Serverless endpoints do not know it.
        enable_network_isolation: only_if(IS_INSTANCE, true),
        tags: tags(),
    };
    draft
        .add(resource::MODEL, model)
        .when(HAS_MODEL)
        .after([resource::NOTEBOOK_POLICY])
        .skip("CKV_AWS_370", "Isolated on instances; serverless endpoints do not support network isolation");
    let serverless = Serverless {
        memory: value(parameter::SERVERLESS_MEMORY_IN_MB),
        max_concurrency: value(parameter::SERVERLESS_MAX_CONCURRENCY),
    };
    let variant = Variant {
        variant_name: VARIANT,
        model_name: attribute(resource::MODEL, "ModelName"),
        initial_variant_weight: 1,
        instance_type: only_if(IS_INSTANCE, value(parameter::ENDPOINT_INSTANCE_TYPE)),
        initial_instance_count: only_if(IS_INSTANCE, value(parameter::MIN_INSTANCES)),
        serverless_config: either(IS_INSTANCE, Expr::NoValue, serverless),
    };
    let config = SageMakerEndpointConfig {
        production_variants: [variant],
        kms_key_id: only_if(ENCRYPTS_INSTANCE, reference(resource::ENCRYPTION_KEY)),
        tags: tags(),
    };
    // All of a configuration is fixed when it is made: a new model means a new configuration, and so it has no name.
    draft.add(resource::ENDPOINT_CONFIG, config).when(HAS_MODEL);
    let endpoint = SageMakerEndpoint {
        endpoint_name: endpoint_name(),
        endpoint_config_name: attribute(resource::ENDPOINT_CONFIG, "EndpointConfigName"),
        // Else each update would set the number of instances back to the first.
        retain_all_variant_properties: only_if(IS_INSTANCE, true),
        tags: tags(),
    };
    draft.add(resource::ENDPOINT, endpoint).when(HAS_MODEL);
    let name = attribute(resource::ENDPOINT, "EndpointName");
    draft.output_if(HAS_MODEL, output::ENDPOINT_NAME, "Endpoint name", name);
    draft.output_if(HAS_MODEL, output::ENDPOINT_ARN, "Endpoint ARN", reference(resource::ENDPOINT));
}

fn scaling(draft: &mut Draft) {
    let target = ScalableTarget {
        service_namespace: "sagemaker",
        resource_id: sub(format!("endpoint/${{{}.EndpointName}}/variant/{VARIANT}", resource::ENDPOINT)),
        scalable_dimension: "sagemaker:variant:DesiredInstanceCount",
        min_capacity: value(parameter::MIN_INSTANCES),
        max_capacity: value(parameter::MAX_INSTANCES),
        tags: tags(),
    };
    draft.add(resource::SCALABLE_TARGET, target).when(HAS_INSTANCE_ENDPOINT);
    let policy = ScalingPolicy {
        policy_name: sub(format!("${{{}.EndpointName}}-invocations", resource::ENDPOINT)),
        policy_type: "TargetTrackingScaling",
        scaling_target_id: reference(resource::SCALABLE_TARGET),
        target_tracking_scaling_policy_configuration: TargetTracking {
            predefined_metric_specification: PredefinedMetric {
                predefined_metric_type: "SageMakerVariantInvocationsPerInstance",
            },
            target_value: value(parameter::TARGET_INVOCATIONS_PER_INSTANCE),
            scale_in_cooldown: 300,
            scale_out_cooldown: 60,
        },
    };
    draft.add(resource::SCALING_POLICY, policy).when(HAS_INSTANCE_ENDPOINT);
}

/// A schedule that removes the endpoint once. CloudFormation cannot say that the schedule removes itself as well: it
/// stays, idle and free of charge, until the stack is updated or removed.
fn expiry(draft: &mut Draft) {
    let delete =
        Statement::allow("DeleteEndpoint", &["sagemaker:DeleteEndpoint"], [reference(resource::ENDPOINT)]);
    let role = Role::of_service(
        "scheduler.amazonaws.com",
        "Role that deletes the endpoint of Mythical Mysfits at its expiry",
    )
    .with("delete-endpoint", PolicyDocument::new([delete]));
    draft.add(resource::EXPIRY_ROLE, role).when(HAS_EXPIRY);
    let schedule = EndpointSchedule {
        name: sub("${AWS::StackName}-expiry"),
        description: "Deletes the endpoint of Mythical Mysfits at its expiry",
        schedule_expression: sub(format!("at(${{{}}})", parameter::ENDPOINT_EXPIRY)),
        schedule_expression_timezone: "UTC",
        flexible_time_window: FlexibleTimeWindow { mode: "OFF" },
        target: ScheduleTarget {
            arn: sub("arn:${AWS::Partition}:scheduler:::aws-sdk:sagemaker:deleteEndpoint"),
            role_arn: attribute(resource::EXPIRY_ROLE, "Arn"),
            input: sub(format!(r#"{{"EndpointName": "${{{}.EndpointName}}"}}"#, resource::ENDPOINT)),
            // An endpoint that is just being updated cannot be removed: for a day it is tried again.
            retry_policy: RetryPolicy { maximum_event_age_in_seconds: 86_400, maximum_retry_attempts: 185 },
        },
    };
    draft.add(resource::EXPIRY_SCHEDULE, schedule).when(HAS_EXPIRY);
}
