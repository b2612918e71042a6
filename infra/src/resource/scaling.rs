//! Autoscaling, and what happens at a certain time.

use serde::Serialize;

use super::Tags;
use crate::cfn::{Number, Text};

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ScalableTarget {
    pub(crate) service_namespace: &'static str,
    pub(crate) resource_id: Text,
    pub(crate) scalable_dimension: &'static str,
    pub(crate) min_capacity: Number,
    pub(crate) max_capacity: Number,
    pub(crate) tags: Tags,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ScalingPolicy {
    pub(crate) policy_name: Text,
    pub(crate) policy_type: &'static str,
    pub(crate) scaling_target_id: Text,
    pub(crate) target_tracking_scaling_policy_configuration: TargetTracking,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TargetTracking {
    pub(crate) predefined_metric_specification: PredefinedMetric,
    pub(crate) target_value: Number,
    /// In seconds.
    pub(crate) scale_in_cooldown: u32,
    /// In seconds.
    pub(crate) scale_out_cooldown: u32,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PredefinedMetric {
    pub(crate) predefined_metric_type: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EndpointSchedule {
    pub(crate) description: &'static str,
    pub(crate) schedule_expression: Text,
    pub(crate) schedule_expression_timezone: &'static str,
    pub(crate) flexible_time_window: FlexibleTimeWindow,
    pub(crate) target: ScheduleTarget,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FlexibleTimeWindow {
    pub(crate) mode: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ScheduleTarget {
    pub(crate) arn: Text,
    pub(crate) role_arn: Text,
    pub(crate) input: Text,
    pub(crate) retry_policy: RetryPolicy,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RetryPolicy {
    pub(crate) maximum_event_age_in_seconds: u32,
    pub(crate) maximum_retry_attempts: u32,
}

super::resource_types! {
    ScalableTarget = "AWS::ApplicationAutoScaling::ScalableTarget" [];
    ScalingPolicy = "AWS::ApplicationAutoScaling::ScalingPolicy" [];
    EndpointSchedule = "AWS::Scheduler::Schedule" ["Arn"];
}
