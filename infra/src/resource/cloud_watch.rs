//! Logs, alarms, dashboards and notifications.

use super::Tags;
use crate::cfn::{Expr, Number, Text};

super::property_types! {
    struct LogGroup = "AWS::Logs::LogGroup" ["Arn"] {
        log_group_name: Text,
        retention_in_days: Number,
        tags: Tags,
    }

    struct Alarm = "AWS::CloudWatch::Alarm" ["Arn"] {
        alarm_description: &'static str,
        namespace: &'static str,
        metric_name: &'static str,
        dimensions: Vec<Dimension>,
        statistic: Option<&'static str>,
        extended_statistic: Option<&'static str>,
        /// In seconds.
        period: u32,
        evaluation_periods: u32,
        datapoints_to_alarm: u32,
        comparison_operator: &'static str,
        threshold: f64,
        treat_missing_data: &'static str,
        alarm_actions: Expr<[Text; 1]>,
        #[serde(rename = "OKActions")]
        ok_actions: Expr<[Text; 1]>,
        tags: Tags,
    }

    struct Dimension {
        name: &'static str,
        value: Text,
    }

    struct Topic = "AWS::SNS::Topic" ["TopicName", "TopicArn"] {
        display_name: &'static str,
        subscription: [Subscription; 1],
        tags: Tags,
    }

    struct Subscription {
        protocol: &'static str,
        endpoint: Text,
    }

    struct Dashboard = "AWS::CloudWatch::Dashboard" [] {
        dashboard_name: Text,
        dashboard_body: Text,
        tags: Tags,
    }
}
