//! The log record of an invocation: one line of JSON, from which `CloudWatch` extracts metrics (embedded
//! metric format).
//!
//! | metric | unit | dimensions |
//! |---|---|---|
//! | `Latency` | ms in the function | `Backend` |
//! | `Invocations` | count | `Backend`, `Outcome` |
//! | `Recommendations` | count | `Label` |
//! | `Fallbacks` | count | none |
//!
//! `Backend` is the backend that responded, or else the configured one. A record holds no personal data: no
//! answers, no address, no headers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::response::Response;
use mysfits_api::{Problem, Recommended};
use mysfits_domain::Label;
use serde::Serialize;
use serde_json::{Value, json};
use tracing_subscriber::fmt::{format::Writer, time::FormatTime};

/// The metrics' namespace.
pub const NAMESPACE: &str = "MythicalMysfits/Recommendations";

/// How an invocation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// A mysfit was recommended by the backend that was asked.
    Recommended,
    /// A mysfit was recommended by the second backend.
    Fallback,
    /// The request was at fault.
    Refused,
    /// The backend was away.
    Unavailable,
    /// We, or the event, were at fault.
    Failed,
    /// Something else was asked for and answered.
    Other,
}

/// One invocation.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    timestamp: String,
    level: &'static str,
    message: &'static str,
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    cold_start: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// A problem's name, or an event error's.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mysfit: Option<&'static str>,
    // Dimensions and metrics are spelt as CloudWatch's own are.
    #[serde(rename = "Backend")]
    backend: &'static str,
    #[serde(rename = "Outcome")]
    outcome: Outcome,
    #[serde(rename = "Label", skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(rename = "Latency")]
    latency_ms: f64,
    #[serde(rename = "Invocations")]
    invocations: u8,
    #[serde(rename = "Recommendations", skip_serializing_if = "Option::is_none")]
    recommendations: Option<u8>,
    #[serde(rename = "Fallbacks", skip_serializing_if = "Option::is_none")]
    fallbacks: Option<u8>,
    #[serde(rename = "_aws")]
    metrics: Value,
}

/// What is known before the answer is.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Lambda's id of it.
    pub request_id: String,
    /// X-Ray's, as it came.
    pub trace_id: Option<String>,
    /// Whether it is the sandbox's first.
    pub cold_start: bool,
    /// The name of the backend that is configured.
    pub backend: &'static str,
}

impl Record {
    /// The record of an answer.
    #[must_use]
    pub fn of_answer<B>(invocation: Invocation, response: &Response<B>, took: Duration) -> Self {
        let recommended = response.extensions().get::<Recommended>();
        let problem = response.extensions().get::<Problem>();
        let status = response.status();
        let outcome = match (recommended, problem) {
            (Some(Recommended { fallback: Some(_), .. }), _) => Outcome::Fallback,
            (Some(_), _) => Outcome::Recommended,
            (None, Some(Problem::Unavailable { .. } | Problem::Timeout { .. })) => Outcome::Unavailable,
            _ if status.is_server_error() => Outcome::Failed,
            _ if status.is_client_error() => Outcome::Refused,
            _ => Outcome::Other,
        };
        let label = recommended.map(|r| r.recommendation.recommended_mysfit.mysfit().label);
        Self {
            status: Some(status.as_u16()),
            problem: problem.map(Problem::name),
            fallback_reason: recommended.and_then(|r| r.fallback).map(|from| from.reason.as_str()),
            backend: recommended.map_or(invocation.backend, |r| r.backend),
            ..Self::new(invocation, outcome, label, took)
        }
    }

    /// The record of an event that is no request.
    #[must_use]
    pub fn of_error(invocation: Invocation, error: &'static str, took: Duration) -> Self {
        Self { problem: Some(error), ..Self::new(invocation, Outcome::Failed, None, took) }
    }

    fn new(invocation: Invocation, outcome: Outcome, label: Option<Label>, took: Duration) -> Self {
        let Invocation { request_id, trace_id, cold_start, backend } = invocation;
        let has_fallen_back = outcome == Outcome::Fallback;
        let is_error = matches!(outcome, Outcome::Failed | Outcome::Unavailable);
        Self {
            timestamp: timestamp(),
            level: if is_error { "ERROR" } else { "INFO" },
            message: "invocation",
            request_id,
            trace_id,
            cold_start,
            status: None,
            problem: None,
            fallback_reason: None,
            mysfit: label.map(|label| label.mysfit().slug),
            backend,
            outcome,
            label: label.map(|label| label.get().to_string()),
            latency_ms: took.as_secs_f64() * 1e3,
            invocations: 1,
            recommendations: label.map(|_| 1),
            fallbacks: has_fallen_back.then_some(1),
            metrics: metrics(label.is_some(), has_fallen_back),
        }
    }

    /// The line, with its line feed, to be written at once so that no other line gets into it.
    #[must_use]
    pub fn line(&self) -> Vec<u8> {
        // Texts and finite numbers always have a JSON form; should they not, a line is lost, not an answer.
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        line.push(b'\n');
        line
    }
}

/// Which of the members are metrics, of what, in which dimensions.
fn metrics(has_label: bool, has_fallen_back: bool) -> Value {
    let directive = |dimensions: &[&str], name: &str, unit: &str| {
        json!({
            "Namespace": NAMESPACE,
            "Dimensions": [dimensions],
            "Metrics": [{ "Name": name, "Unit": unit }],
        })
    };
    let mut directives = vec![
        directive(&["Backend"], "Latency", "Milliseconds"),
        directive(&["Backend", "Outcome"], "Invocations", "Count"),
    ];
    if has_label {
        directives.push(directive(&["Label"], "Recommendations", "Count"));
    }
    if has_fallen_back {
        directives.push(directive(&[], "Fallbacks", "Count"));
    }
    // A clock before 1970 is not worth a failure.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    json!({ "Timestamp": now.as_millis() as u64, "CloudWatchMetrics": directives })
}

/// Now, as the rest of the log writes it.
fn timestamp() -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = tracing_subscriber::fmt::time::SystemTime.format_time(&mut Writer::new(&mut text));
    text
}
