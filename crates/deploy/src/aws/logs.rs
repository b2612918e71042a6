//! `CloudWatch` Logs: groups, streams and lines.

use std::collections::HashMap;

use mysfits_infra::PROJECT_TAG;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Aws, client::AwsService};
use crate::error::AwsError;

const LOGS: AwsService = AwsService {
    id: "CloudWatch Logs",
    signing_name: "logs",
    host: "logs",
    target: "Logs_20140328",
    only_region: None,
};

/// A log line.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// Its id, if the service gives one.
    #[serde(default)]
    pub event_id: String,
    /// The log stream.
    #[serde(default)]
    pub log_stream_name: String,
    /// The time, in milliseconds since 1970.
    pub timestamp: i64,
    /// The text.
    pub message: String,
}

/// Which lines of a log group to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogQuery {
    /// The group.
    pub group: String,
    /// The beginning of the streams' names, in groups that others use, too.
    pub stream_prefix: Option<String>,
    /// A filter pattern of `CloudWatch` Logs.
    pub filter: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogGroupSummary {
    log_group_name: String,
    /// The ARN. It ends with `:*`, unlike in requests for tags.
    arn: String,
}

#[derive(Deserialize)]
struct GroupTags {
    #[serde(default)]
    tags: HashMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stream {
    log_stream_name: String,
}

impl Aws {
    async fn logs<O: DeserializeOwned>(&self, operation: &'static str, input: &Value) -> Result<O, AwsError> {
        self.client.json(LOGS, operation, input).await
    }

    async fn log_list<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        input: Value,
        list: &str,
    ) -> Result<Vec<T>, AwsError> {
        self.client.json_list(LOGS, operation, input, [list, "nextToken"]).await
    }

    /// Returns the lines of a query since a time, in milliseconds since 1970, oldest first. `None` if the group does not
    /// exist.
    pub(crate) async fn lines(
        &self,
        query: &LogQuery,
        since_ms: i64,
    ) -> Result<Option<Vec<LogLine>>, AwsError> {
        let mut input = json!({"logGroupName": query.group, "startTime": since_ms});
        if let Some(prefix) = &query.stream_prefix {
            input["logStreamNamePrefix"] = prefix.as_str().into();
        }
        if let Some(filter) = &query.filter {
            input["filterPattern"] = filter.as_str().into();
        }
        let mut lines: Vec<LogLine> = match self.log_list("FilterLogEvents", input, "events").await {
            Err(error) if is_absent(&error) => return Ok(None),
            lines => lines?,
        };
        lines.sort_by(|a, b| (a.timestamp, &a.event_id).cmp(&(b.timestamp, &b.event_id)));
        Ok(Some(lines))
    }

    /// Returns the log groups whose names begin with `prefix`.
    pub(crate) async fn log_groups(&self, prefix: &str) -> Result<Vec<String>, AwsError> {
        Ok(self.groups(prefix).await?.into_iter().map(|group| group.log_group_name).collect())
    }

    async fn groups(&self, prefix: &str) -> Result<Vec<LogGroupSummary>, AwsError> {
        let input = json!({"logGroupNamePrefix": prefix});
        self.log_list("DescribeLogGroups", input, "logGroups").await
    }

    /// Returns whether a log group has our tag.
    async fn is_ours(&self, group: &LogGroupSummary) -> Result<bool, AwsError> {
        let input = json!({"resourceArn": group.arn.trim_end_matches(":*")});
        let GroupTags { tags } = self.logs("ListTagsForResource", &input).await?;
        Ok(tags.get(PROJECT_TAG.0).is_some_and(|value| value == PROJECT_TAG.1))
    }

    /// Returns the log groups with our tag whose names begin with `prefix`.
    pub(crate) async fn our_log_groups(&self, prefix: &str) -> Result<Vec<String>, AwsError> {
        let mut ours = Vec::new();
        for group in self.groups(prefix).await? {
            if self.is_ours(&group).await? {
                ours.push(group.log_group_name);
            }
        }
        Ok(ours)
    }

    /// Returns the log streams of a group whose names begin with `prefix`; none if the group does not exist.
    pub(crate) async fn log_streams(&self, group: &str, prefix: &str) -> Result<Vec<String>, AwsError> {
        let mut input = json!({"logGroupName": group});
        if !prefix.is_empty() {
            input["logStreamNamePrefix"] = prefix.into();
        }
        let streams: Vec<Stream> = match self.log_list("DescribeLogStreams", input, "logStreams").await {
            Err(error) if is_absent(&error) => Vec::new(),
            streams => streams?,
        };
        Ok(streams.into_iter().map(|stream| stream.log_stream_name).collect())
    }

    /// Removes a group with all its streams.
    pub(crate) async fn delete_log_group(&self, group: &str) -> Result<(), AwsError> {
        absent(self.logs::<Value>("DeleteLogGroup", &json!({"logGroupName": group})).await)
    }

    /// Removes a stream of a group that others use too.
    pub(crate) async fn delete_log_stream(&self, group: &str, stream: &str) -> Result<(), AwsError> {
        let input = json!({"logGroupName": group, "logStreamName": stream});
        absent(self.logs::<Value>("DeleteLogStream", &input).await)
    }
}

/// Returns the group's name from the resource of its ARN.
pub(crate) fn group_of(resource: &str) -> &str {
    resource.trim_start_matches("log-group:").trim_end_matches(":*")
}

fn is_absent(error: &AwsError) -> bool {
    error.is("ResourceNotFoundException")
}

/// What is gone already need not be removed.
fn absent(answer: Result<Value, AwsError>) -> Result<(), AwsError> {
    match answer {
        Err(error) if !is_absent(&error) => Err(error),
        _ => Ok(()),
    }
}
