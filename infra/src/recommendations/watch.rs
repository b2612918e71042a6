//! Alarms, their notifications, and the dashboard.

use serde_json::{Value, json};

use super::{
    HAS_ALARM_EMAIL,
    api::{API_NAME, STAGE_NAME},
    parameter, resource,
};
use crate::{
    cfn::{Draft, only_if, parameter as value, reference, sub},
    names,
    resource::{
        cloud_watch::{Alarm, Dashboard, Dimension, Subscription, Topic},
        tags,
    },
    stage::STAGE,
};

/// The number of requests in a day above which there is an alarm: about 1.20 USD a day.
pub const MAX_DAILY_REQUESTS: u32 = 100_000;

/// Adds topic, alarms and dashboard.
pub(super) fn add(draft: &mut Draft) {
    let topic = Topic {
        display_name: "Mythical Mysfits",
        subscription: [Subscription { protocol: "email", endpoint: value(parameter::ALARM_EMAIL) }],
        tags: tags(),
    };
    let reason = "Alarms cannot publish under the service's key; messages name metrics, nothing personal";
    draft.add(resource::ALARM_TOPIC, topic).when(HAS_ALARM_EMAIL).skip("CKV_AWS_26", reason);
    alarms(draft);
    // All regions of an account share the names of dashboards.
    let dashboard_name = sub("${AWS::StackName}-${AWS::Region}");
    let dashboard = Dashboard { dashboard_name, dashboard_body: sub(body().to_string()), tags: tags() };
    draft.add(resource::DASHBOARD, dashboard);
}

/// What all alarms have in common: three of the last five minutes, and silence is no fault.
fn alarm(alarm_description: &'static str, namespace: &'static str, metric_name: &'static str) -> Alarm {
    let actions = || only_if(HAS_ALARM_EMAIL, [reference(resource::ALARM_TOPIC)]);
    Alarm {
        alarm_description,
        namespace,
        metric_name,
        dimensions: Vec::new(),
        statistic: None,
        extended_statistic: None,
        period: 60,
        evaluation_periods: 5,
        datapoints_to_alarm: 3,
        comparison_operator: "GreaterThanThreshold",
        threshold: 0.0,
        treat_missing_data: "notBreaching",
        alarm_actions: actions(),
        ok_actions: actions(),
        tags: tags(),
    }
}

fn alarms(draft: &mut Draft) {
    let of_function = || vec![Dimension { name: "FunctionName", value: reference(resource::FUNCTION) }];
    let of_api = || {
        vec![
            Dimension { name: "ApiName", value: sub(API_NAME) },
            Dimension { name: "Stage", value: reference(resource::API_STAGE) },
        ]
    };
    let counted = |id: &'static str, description, metric| {
        let alarm = Alarm {
            dimensions: of_function(),
            statistic: Some("Sum"),
            comparison_operator: "GreaterThanOrEqualToThreshold",
            threshold: 1.0,
            ..alarm(description, "AWS/Lambda", metric)
        };
        (id, alarm)
    };
    let faults = Alarm {
        dimensions: of_api(),
        // The average of this metric is the share of requests that it counts.
        statistic: Some("Average"),
        threshold: 0.01,
        ..alarm("More than 1 % of API responses are 5XX", "AWS/ApiGateway", "5XXError")
    };
    let latency = Alarm {
        dimensions: of_api(),
        extended_statistic: Some("p99"),
        threshold: 2000.0,
        ..alarm("The 99th percentile of API latency exceeds 2 s", "AWS/ApiGateway", "Latency")
    };
    // The API is public, and the bill depends on the number of requests.
    let requests = Alarm {
        dimensions: of_api(),
        statistic: Some("Sum"),
        period: 24 * 60 * 60,
        evaluation_periods: 1,
        datapoints_to_alarm: 1,
        threshold: f64::from(MAX_DAILY_REQUESTS),
        ..alarm("More than 100,000 API requests in a day: check the cost", "AWS/ApiGateway", "Count")
    };
    for (id, alarm) in [
        counted(resource::FUNCTION_ERRORS_ALARM, "Function errors", "Errors"),
        counted(resource::FUNCTION_THROTTLES_ALARM, "Function throttles", "Throttles"),
        (resource::API_ERRORS_ALARM, faults),
        (resource::API_LATENCY_ALARM, latency),
        (resource::API_REQUESTS_ALARM, requests),
    ] {
        draft.add(id, alarm);
    }
}

/// The dashboard's widgets, two in a row; CloudFormation fills in the names.
fn body() -> Value {
    let function = ["FunctionName".to_owned(), format!("${{{}}}", resource::FUNCTION)];
    let api = ["ApiName".to_owned(), API_NAME.to_owned(), "Stage".to_owned(), STAGE_NAME.to_owned()];
    let metric = |namespace: &str, name: &str, dimensions: &[String], statistic: &str| {
        let names = [namespace, name].into_iter().map(Value::from);
        let dimensions = dimensions.iter().map(|dimension| Value::from(dimension.as_str()));
        names.chain(dimensions).chain([json!({ "stat": statistic })]).collect::<Value>()
    };
    let of_api = |name, statistic| metric("AWS/ApiGateway", name, &api, statistic);
    let of_function = |name, statistic| metric("AWS/Lambda", name, &function, statistic);
    let search = |dimensions: &str, metric: &str, statistic: &str, period: u32| {
        let schema = format!("{{{},{dimensions}}}", names::metric_namespace(STAGE));
        let expression = format!("SEARCH('{schema} MetricName=\"{metric}\"', '{statistic}', {period})");
        json!([{ "expression": expression }])
    };
    let graphs = [
        ("Requests", vec![of_api("Count", "Sum"), of_api("4XXError", "Sum"), of_api("5XXError", "Sum")]),
        ("Time to an answer in ms", vec![of_api("Latency", "p50"), of_api("Latency", "p99")]),
        (
            "Function",
            vec![
                of_function("Invocations", "Sum"),
                of_function("Errors", "Sum"),
                of_function("Throttles", "Sum"),
            ],
        ),
        ("Time in the function in ms", vec![of_function("Duration", "p50"), of_function("Duration", "p99")]),
        ("Answers by backend and outcome", vec![search("Backend,Outcome", "Invocations", "Sum", 300)]),
        ("Which mysfits are recommended", vec![search("Label", "Recommendations", "Sum", 3600)]),
    ];
    let widgets = graphs.into_iter().enumerate().map(|(i, (title, metrics))| {
        json!({
            "type": "metric", "x": 12 * (i % 2), "y": 6 * (i / 2), "width": 12, "height": 6,
            "properties": {
                "title": title, "region": "${AWS::Region}", "view": "timeSeries", "period": 60, "metrics": metrics,
            },
        })
    });
    let mut body = json!({ "widgets": widgets.collect::<Vec<_>>() });
    // What else is built along decides whether maps keep their order; the template must not depend on it.
    body.sort_all_objects();
    body
}
