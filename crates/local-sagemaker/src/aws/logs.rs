//! `CloudWatch` Logs of SageMaker's containers. As on AWS, SageMaker creates the log groups, and they remain after deletion.

use axum::body::Bytes;
use hyper::{Method, Request, header};
use serde_json::{Value, json};

use super::{client::AwsClient, json::TARGET, time::ApiTimestamp};

/// The most events of a call.
const MAX_EVENTS: usize = 10_000;

/// A stream of log events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogStream {
    /// Its group, for instance `/aws/sagemaker/TrainingJobs`.
    pub group: String,
    /// Its name.
    pub stream: String,
}

impl AwsClient {
    /// Writes lines, after creating group and stream if needed.
    ///
    /// Errors are ignored: a failed log must not fail a model.
    pub async fn log(&self, log: &LogStream, lines: &str) {
        let LogStream { group, stream } = log;
        self.logs("CreateLogGroup", json!({ "logGroupName": group })).await;
        self.logs("CreateLogStream", json!({ "logGroupName": group, "logStreamName": stream })).await;
        let timestamp = ApiTimestamp::now().millis();
        let lines: Vec<Value> = lines
            .lines()
            .filter(|line| !line.is_empty())
            .map(|line| json!({ "timestamp": timestamp, "message": line }))
            .collect();
        for events in lines.chunks(MAX_EVENTS) {
            let events = json!({ "logGroupName": group, "logStreamName": stream, "logEvents": events });
            self.logs("PutLogEvents", events).await;
        }
    }

    async fn logs(&self, operation: &str, members: Value) {
        let request = Request::builder()
            .method(Method::POST)
            .uri(self.url())
            .header(TARGET, format!("Logs_20140328.{operation}"))
            .header(header::CONTENT_TYPE, "application/x-amz-json-1.1")
            .body(Bytes::from(members.to_string()));
        if let Ok(request) = request {
            // "Already exists" is as good as made.
            let _ = self.call("logs", request).await;
        }
    }
}
