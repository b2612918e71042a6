//! The model's endpoint: serverless or on instances that scale, and the time at which it goes.

use super::{
    ENCRYPTS_INSTANCE, HAS_EXPIRY, HAS_INSTANCE_ENDPOINT, HAS_MODEL, IS_INSTANCE, container, output,
    parameter, resource,
};
use crate::{
    cfn::{
        Draft, Expr, PolicyDocument, Statement, Text, attribute, either, only_if, parameter as value,
        reference, sub,
    },
    names,
    resource::{
        Tag,
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

/// The only variant of the endpoint.
const VARIANT: &str = "AllTraffic";

/// Adds expiry, model, endpoint and scaling.
pub(super) fn add(draft: &mut Draft) {
    expiry(draft);
    hosting(draft);
    scaling(draft);
}

/// The endpoint's name says how it is hosted: between serverless and instances, and between types of instances that
/// scale, there is no way but a new endpoint, and a new name makes one. It is in lower case because ARNs are.
fn endpoint_name() -> Text {
    let parts = Expr::Split(".", Box::new(value(parameter::ENDPOINT_INSTANCE_TYPE)));
    let kind = either(IS_INSTANCE, Expr::Join("-", Box::new(parts)), "ml-serverless");
    Expr::Sub(names::sagemaker("${Kind}", STAGE), vec![("Kind", kind)])
}

fn hosting(draft: &mut Draft) {
    let model = SageMakerModel {
        execution_role_arn: attribute(resource::MODEL_ROLE, "Arn"),
        primary_container: Container {
            image: container::image(),
            model_data_url: value(parameter::MODEL_DATA_URL),
        },
        // Serverless endpoints do not know it.
        enable_network_isolation: only_if(IS_INSTANCE, true),
        tags: tags(),
    };
    draft
        .add(resource::MODEL, model)
        .when(HAS_MODEL)
        .after([resource::MODEL_POLICY])
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
    // The endpoint must not exist without the schedule that deletes it, so the schedule is created first: the reference in this
    // tag is the dependency. `DependsOn` cannot name a resource with a condition of its own.
    let schedule = Tag { key: "expiry-schedule", value: reference(resource::EXPIRY_SCHEDULE) };
    let tags_of_endpoint = tags().into_iter().map(Expr::Literal).chain([only_if(HAS_EXPIRY, schedule)]);
    let endpoint = SageMakerEndpoint {
        endpoint_name: endpoint_name(),
        endpoint_config_name: attribute(resource::ENDPOINT_CONFIG, "EndpointConfigName"),
        // Else each update would set the number of instances back to the first.
        retain_all_variant_properties: only_if(IS_INSTANCE, true),
        tags: tags_of_endpoint.collect(),
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

/// Adds a schedule that deletes the endpoint once. The schedule stays, idle and free of charge, until the stack is updated
/// or deleted: CloudFormation has no property for a schedule that deletes itself.
///
/// Schedule and role refer to the endpoint by its name, so that they exist before it. A schedule that was created after the
/// endpoint, minutes later, would be rejected if its time had passed.
fn expiry(draft: &mut Draft) {
    let arn = "arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}:endpoint/${Name}".to_owned();
    let arn = Expr::Sub(arn, vec![("Name", endpoint_name())]);
    let delete = Statement::allow("DeleteEndpoint", &["sagemaker:DeleteEndpoint"], [arn]);
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
            input: Expr::Sub(r#"{"EndpointName": "${Name}"}"#.to_owned(), vec![("Name", endpoint_name())]),
            // An endpoint cannot be deleted while it is created or updated: Scheduler retries for a day.
            retry_policy: RetryPolicy { maximum_event_age_in_seconds: 86_400, maximum_retry_attempts: 185 },
        },
    };
    draft.add(resource::EXPIRY_SCHEDULE, schedule).when(HAS_EXPIRY);
}
