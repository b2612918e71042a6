//! Logs, alarms, dashboards and notifications.

use serde::Serialize;

use super::Tags;
use crate::cfn::{Expr, Number, Text};

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LogGroup {
    pub(crate) log_group_name: Text,
    pub(crate) retention_in_days: Number,
    pub(crate) tags: Tags,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Alarm {
    pub(crate) alarm_description: &'static str,
    pub(crate) namespace: &'static str,
    pub(crate) metric_name: &'static str,
    pub(crate) dimensions: Vec<Dimension>,
    pub(crate) statistic: Option<&'static str>,
    pub(crate) extended_statistic: Option<&'static str>,
    /// In seconds.
    pub(crate) period: u32,
    pub(crate) evaluation_periods: u32,
    pub(crate) datapoints_to_alarm: u32,
    pub(crate) comparison_operator: &'static str,
    pub(crate) threshold: f64,
    pub(crate) treat_missing_data: &'static str,
    pub(crate) alarm_actions: Expr<[Text; 1]>,
    #[serde(rename = "OKActions")]
    pub(crate) ok_actions: Expr<[Text; 1]>,
    pub(crate) tags: Tags,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Dimension {
    pub(crate) name: &'static str,
    pub(crate) value: Text,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Topic {
    pub(crate) display_name: &'static str,
    pub(crate) subscription: [Subscription; 1],
    pub(crate) tags: Tags,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Subscription {
    pub(crate) protocol: &'static str,
    pub(crate) endpoint: Text,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Dashboard {
    pub(crate) dashboard_name: Text,
    pub(crate) dashboard_body: Text,
    pub(crate) tags: Tags,
}

super::resource_types! {
    LogGroup = "AWS::Logs::LogGroup" ["Arn"];
    Alarm = "AWS::CloudWatch::Alarm" ["Arn"];
    Topic = "AWS::SNS::Topic" ["TopicName", "TopicArn"];
    Dashboard = "AWS::CloudWatch::Dashboard" [];
}
