//! The line about an invocation: what `CloudWatch` makes of it, and what must not be in it.

use std::{collections::BTreeSet, time::Duration};

use axum::response::IntoResponse as _;
use http::Response;
use mysfits_api::{FallbackFrom, FallbackReason, Problem, Recommended};
use mysfits_domain::{Recommendation, catalogue};
use mysfits_lambda::invocation_log::{Invocation, InvocationRecord, MetricSet};
use serde_json::{Value, json};

fn invocation() -> Invocation {
    Invocation { request_id: "id-1".to_owned(), trace_id: None, cold_start: true, backend: "fallback" }
}

fn line(record: &InvocationRecord) -> Value {
    let line = record.line();
    assert_eq!(line.split(|&byte| byte == b'\n').count(), 2, "one line feed, at the end");
    serde_json::from_slice(&line).unwrap()
}

fn of(response: &Response<impl Sized>) -> Value {
    line(&InvocationRecord::from_response(invocation(), response, Duration::from_micros(1500)))
}

fn recommended(fallback: Option<FallbackFrom>) -> Value {
    let recommendation = Recommendation { recommended_mysfit: catalogue()[8].id, explanation: None };
    let mut response = Response::new(());
    response.extensions_mut().insert(Recommended { recommendation, backend: "embedded", fallback });
    of(&response)
}

/// The metrics with their values and dimensions, as `CloudWatch` takes them out of the line.
#[track_caller]
fn metrics(line: &Value) -> BTreeSet<String> {
    let aws = &line["_aws"];
    assert!(aws["Timestamp"].as_u64().unwrap() > 1_700_000_000_000);
    let mut found = BTreeSet::new();
    for directive in aws["CloudWatchMetrics"].as_array().unwrap() {
        assert_eq!(directive["Namespace"], "Mysfits");
        for dimensions in directive["Dimensions"].as_array().unwrap() {
            let dimension = |name: &Value| {
                // A dimension's value is a text, or CloudWatch drops the line.
                let name = name.as_str().unwrap();
                format!("{name}={}", line[name].as_str().unwrap_or_else(|| panic!("{name}: {line}")))
            };
            let dimensions: Vec<_> = dimensions.as_array().unwrap().iter().map(dimension).collect();
            for metric in directive["Metrics"].as_array().unwrap() {
                let (name, unit) = (metric["Name"].as_str().unwrap(), metric["Unit"].as_str().unwrap());
                let value = line[name].as_f64().unwrap_or_else(|| panic!("{name}: {line}"));
                found.insert(format!("{name} {value} {unit} by {}", dimensions.join(",")));
            }
        }
    }
    found
}

#[test]
fn each_stage_has_a_namespace_for_its_metrics() {
    let response = Response::new(());
    let record = InvocationRecord::from_response(invocation(), &response, Duration::ZERO);
    let line = line(&record.with_namespace("Mysfits/prod"));
    let directives = line["_aws"]["CloudWatchMetrics"].as_array().unwrap();
    assert!(directives.len() > 1, "{line}");
    assert!(directives.iter().all(|directive| directive["Namespace"] == "Mysfits/prod"), "{line}");
}

#[test]
fn minimal_metrics_do_not_count_each_mysfit() {
    let recommendation = Recommendation { recommended_mysfit: catalogue()[8].id, explanation: None };
    let mut response = Response::new(());
    let recommended = Recommended { recommendation, backend: "embedded", fallback: None };
    response.extensions_mut().insert(recommended);
    let record = InvocationRecord::from_response(invocation(), &response, Duration::from_micros(1500));
    let full = metrics(&line(&record.clone().with_metrics(MetricSet::Full)));
    let minimal = metrics(&line(&record.with_metrics(MetricSet::Minimal)));
    assert_eq!((full.len(), minimal.len()), (3, 2), "{minimal:?}");
    assert!(minimal.iter().all(|metric| !metric.contains("Label")), "{minimal:?}");
}

#[test]
fn a_recommendation_is_counted_and_timed() {
    let line = recommended(None);
    let expected = [
        "Invocations 1 Count by Backend=embedded,Outcome=recommended",
        "Latency 1.5 Milliseconds by Backend=embedded",
        "Recommendations 1 Count by Label=8",
    ];
    assert_eq!(metrics(&line), expected.map(str::to_owned).into());
    assert_eq!(
        (&line["mysfit"], &line["level"], &line["message"]),
        (&json!("atlantis"), &json!("INFO"), &json!("invocation"))
    );
    assert_eq!((&line["requestId"], &line["coldStart"]), (&json!("id-1"), &json!(true)));
    let timestamp = line["timestamp"].as_str().unwrap();
    assert!(timestamp.len() > 20 && timestamp.ends_with('Z'), "{timestamp}");
}

#[test]
fn a_fallback_is_counted_by_itself() {
    let line = recommended(Some(FallbackFrom { backend: "endpoint", reason: FallbackReason::CircuitOpen }));
    assert!(metrics(&line).contains("Fallbacks 1 Count by "), "{line}");
    assert!(metrics(&line).contains("Invocations 1 Count by Backend=embedded,Outcome=fallback"), "{line}");
    assert_eq!(line["fallbackReason"], "circuit-open");
}

#[test]
fn outcomes_are_few_and_problems_are_named() {
    let unavailable = Problem::Unavailable { retry_after_seconds: 1 };
    for (problem, outcome, level, name) in [
        (Problem::MissingEntry, "refused", "INFO", "missing-entry"),
        (Problem::NotFound, "refused", "INFO", "not-found"),
        (unavailable, "unavailable", "ERROR", "unavailable"),
        (Problem::Internal, "failed", "ERROR", "internal"),
    ] {
        let line = of(&problem.into_response());
        assert_eq!(
            (&line["Outcome"], &line["level"], &line["problem"]),
            (&json!(outcome), &json!(level), &json!(name))
        );
        let expected = [
            format!("Invocations 1 Count by Backend=fallback,Outcome={outcome}"),
            "Latency 1.5 Milliseconds by Backend=fallback".to_owned(),
        ];
        assert_eq!(metrics(&line), expected.into());
    }
    assert_eq!(of(&Response::new(()))["Outcome"], "other");
    let error = line(&InvocationRecord::from_error(invocation(), "NotAnApiEvent", Duration::ZERO));
    assert_eq!(
        (&error["Outcome"], &error["problem"], error.get("status")),
        (&json!("failed"), &json!("NotAnApiEvent"), None)
    );
}
