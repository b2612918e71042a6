//! Autoscaling, and what happens at a certain time.

use super::Tags;
use crate::cfn::{Number, Text};

super::property_types! {
    struct ScalableTarget = "AWS::ApplicationAutoScaling::ScalableTarget" [] {
        service_namespace: &'static str,
        resource_id: Text,
        scalable_dimension: &'static str,
        min_capacity: Number,
        max_capacity: Number,
        tags: Tags,
    }

    struct ScalingPolicy = "AWS::ApplicationAutoScaling::ScalingPolicy" [] {
        policy_name: Text,
        policy_type: &'static str,
        scaling_target_id: Text,
        target_tracking_scaling_policy_configuration: TargetTracking,
    }

    struct TargetTracking {
        predefined_metric_specification: PredefinedMetric,
        target_value: Number,
        /// In seconds.
        scale_in_cooldown: u32,
        /// In seconds.
        scale_out_cooldown: u32,
    }

    struct PredefinedMetric { predefined_metric_type: &'static str }

    struct EndpointSchedule = "AWS::Scheduler::Schedule" ["Arn"] {
        name: Text,
        description: &'static str,
        schedule_expression: Text,
        schedule_expression_timezone: &'static str,
        flexible_time_window: FlexibleTimeWindow,
        target: ScheduleTarget,
    }

    struct FlexibleTimeWindow { mode: &'static str }

    struct ScheduleTarget {
        arn: Text,
        role_arn: Text,
        input: Text,
        retry_policy: RetryPolicy,
    }

    struct RetryPolicy {
        maximum_event_age_in_seconds: u32,
        maximum_retry_attempts: u32,
    }
}
