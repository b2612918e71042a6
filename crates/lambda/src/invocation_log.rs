//! The log record of an invocation: one line of JSON, from which `CloudWatch` extracts metrics (embedded
//! metric format).
//!
//! | metric | unit | dimensions |
//! |---|---|---|
//! | `Latency` | ms in the function | `Backend` |
//! | `Invocations` | count | `Backend`, `InvocationOutcome` |
//! | `Recommendations` | count | `Label`; not in [`MetricSet::Minimal`] |
//! | `Fallbacks` | count | none |
//!
//! `Backend` is the backend that responded, or else the configured one. A record holds no personal data: no
//! answers, no address, no headers.

use std::{
    str::FromStr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::response::Response;
use mysfits_api::{Problem, Recommended};
use mysfits_domain::Label;
use serde::Serialize;
use serde_json::{Value, json};
use tracing_subscriber::fmt::{format::Writer, time::FormatTime};

/// The default namespace of the metrics.
pub const NAMESPACE: &str = "Mysfits";

/// The metrics that `CloudWatch` extracts. Each combination of dimensions is billed as a metric.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MetricSet {
    /// All metrics.
    #[default]
    Full,
    /// All but the recommendations of each mysfit.
    Minimal,
}

impl FromStr for MetricSet {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "full" => Ok(Self::Full),
            "minimal" => Ok(Self::Minimal),
            _ => Err(()),
        }
    }
}

/// The outcome of an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InvocationOutcome {
    /// A recommendation of the configured backend.
    Recommended,
    /// A recommendation of the fallback.
    Fallback,
    /// An invalid request.
    Refused,
    /// The backend was unavailable.
    Unavailable,
    /// An internal error, or an invalid event.
    Failed,
    /// A response without a recommendation.
    Other,
}

/// The log record of an invocation.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InvocationRecord {
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
    outcome: InvocationOutcome,
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

/// What is known before the response.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Lambda's request id.
    pub request_id: String,
    /// The X-Ray trace id.
    pub trace_id: Option<String>,
    /// Whether it is the first invocation of the sandbox.
    pub cold_start: bool,
    /// The name of the backend that is configured.
    pub backend: &'static str,
}

impl InvocationRecord {
    /// Creates the record of a response.
    #[must_use]
    pub fn from_response<B>(invocation: Invocation, response: &Response<B>, took: Duration) -> Self {
        let recommended = response.extensions().get::<Recommended>();
        let problem = response.extensions().get::<Problem>();
        let status = response.status();
        let outcome = match (recommended, problem) {
            (Some(Recommended { fallback: Some(_), .. }), _) => InvocationOutcome::Fallback,
            (Some(_), _) => InvocationOutcome::Recommended,
            (None, Some(Problem::Unavailable { .. } | Problem::Timeout { .. })) => {
                InvocationOutcome::Unavailable
            }
            _ if status.is_server_error() => InvocationOutcome::Failed,
            _ if status.is_client_error() => InvocationOutcome::Refused,
            _ => InvocationOutcome::Other,
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

    /// Creates the record of an invalid event.
    #[must_use]
    pub fn from_error(invocation: Invocation, error: &'static str, took: Duration) -> Self {
        Self { problem: Some(error), ..Self::new(invocation, InvocationOutcome::Failed, None, took) }
    }

    fn new(invocation: Invocation, outcome: InvocationOutcome, label: Option<Label>, took: Duration) -> Self {
        let Invocation { request_id, trace_id, cold_start, backend } = invocation;
        let has_fallen_back = outcome == InvocationOutcome::Fallback;
        let is_error = matches!(outcome, InvocationOutcome::Failed | InvocationOutcome::Unavailable);
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

    /// Returns the record with these metrics.
    #[must_use]
    pub fn with_metrics(mut self, metrics: MetricSet) -> Self {
        if metrics == MetricSet::Minimal
            && let Some(directives) = self.metrics["CloudWatchMetrics"].as_array_mut()
        {
            directives.retain(|directive| directive["Dimensions"] != json!([["Label"]]));
        }
        self
    }

    /// Returns the record with its metrics in this namespace.
    #[must_use]
    pub fn with_namespace(mut self, namespace: &str) -> Self {
        for directive in self.metrics["CloudWatchMetrics"].as_array_mut().into_iter().flatten() {
            directive["Namespace"] = namespace.into();
        }
        self
    }

    /// Returns the line with its line feed. Write it in one call, so that lines do not mix.
    #[must_use]
    pub fn line(&self) -> Vec<u8> {
        // Serializing texts and finite numbers does not fail.
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        line.push(b'\n');
        line
    }
}

/// Returns the metric directives: names, units and dimensions.
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
