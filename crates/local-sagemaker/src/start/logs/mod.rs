//! `CloudWatch` Logs in memory: what SageMaker writes of jobs and endpoints, and clients read.
//!
//! Events are in the order in which they were put. Filter patterns are terms that a message must contain; other patterns are
//! refused. Retention, subscriptions and queries are not supported.

mod store;

use std::sync::{Mutex, MutexGuard, PoisonError};

use mysfits_sagemaker::AccountRegion;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::aws::{
    json::{ApiError, Input},
    time::ApiTimestamp,
};
use store::{LogEvent, LogStore};

/// How `X-Amz-Target` begins for this service.
pub(super) const TARGET_PREFIX: &str = "Logs_20140328";
/// The largest page of events, and of groups and streams.
const MAX_EVENTS: usize = 10_000;
const MAX_DESCRIBED: usize = 50;
/// The most bytes of messages in a page of events; one event may be larger.
const MAX_PAGE_BYTES: usize = 1 << 20;
const MAX_NAME_CHARS: usize = 512;

/// The logs of an account in a region.
#[derive(Debug)]
pub(super) struct LogsService {
    owner: AccountRegion,
    store: Mutex<LogStore>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LogGroupName {
    log_group_name: String,
    /// Not described here; accepted because clients set them by default.
    #[serde(default, rename = "tags")]
    _tags: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LogStreamName {
    log_group_name: String,
    log_stream_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PutLogEvents {
    log_group_name: String,
    log_stream_name: String,
    log_events: Vec<InputLogEvent>,
    /// Without effect, as in the service.
    #[serde(default, rename = "sequenceToken")]
    _sequence_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InputLogEvent {
    timestamp: i64,
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DescribeLogGroups {
    log_group_name_prefix: Option<String>,
    next_token: Option<String>,
    limit: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DescribeLogStreams {
    log_group_name: String,
    log_stream_name_prefix: Option<String>,
    order_by: Option<StreamOrder>,
    descending: Option<bool>,
    next_token: Option<String>,
    limit: Option<usize>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
enum StreamOrder {
    LogStreamName,
    LastEventTime,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GetLogEvents {
    log_group_name: String,
    log_stream_name: String,
    start_time: Option<i64>,
    end_time: Option<i64>,
    next_token: Option<String>,
    limit: Option<usize>,
    start_from_head: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FilterLogEvents {
    log_group_name: String,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    filter_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<usize>,
    /// Deprecated: the service behaves as if it were true.
    #[serde(default, rename = "interleaved")]
    _interleaved: Option<bool>,
}

fn read<T: DeserializeOwned>(input: &Input) -> Result<T, ApiError> {
    T::deserialize(Value::from(input.clone())).map_err(|error| invalid(error.to_string()))
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterException", message)
}

fn size(limit: Option<usize>, max: usize) -> Result<usize, ApiError> {
    match limit {
        None => Ok(max),
        Some(limit) if (1..=max).contains(&limit) => Ok(limit),
        Some(limit) => Err(ApiError::constraint(
            &limit.to_string(),
            "limit",
            &format!("Member must have value between 1 and {max}"),
        ))
        .map_err(|error| ApiError { code: "InvalidParameterException", ..error }),
    }
}

/// Returns the position that a token names.
fn position(token: Option<&str>) -> Result<usize, ApiError> {
    token.map_or(Ok(0), |token| token.parse().map_err(|_| invalid("The specified nextToken is invalid.")))
}

/// Returns a page of `entries` from a position on, and the token of the next page.
fn page(entries: Vec<Value>, start: usize, size: usize) -> (Vec<Value>, Option<String>) {
    let next = start.saturating_add(size);
    let next = (next < entries.len()).then(|| next.to_string());
    (entries.into_iter().skip(start).take(size).collect(), next)
}

fn with_token(mut response: Value, token: Option<String>) -> Value {
    if let Some(token) = token {
        response["nextToken"] = token.into();
    }
    response
}

fn is_in_range(event: &LogEvent, start: Option<i64>, end: Option<i64>) -> bool {
    start.is_none_or(|start| event.timestamp >= start) && end.is_none_or(|end| event.timestamp < end)
}

impl LogsService {
    pub(super) fn new(owner: AccountRegion) -> Self {
        Self { owner, store: Mutex::default() }
    }

    fn store(&self) -> MutexGuard<'_, LogStore> {
        // Every change is complete before anything can panic.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does an operation of the service.
    pub(super) fn call(&self, operation: &str, input: &Input) -> Result<Value, ApiError> {
        match operation {
            "CreateLogGroup" => self.create_group(input),
            "CreateLogStream" => {
                let LogStreamName { log_group_name, log_stream_name } = read(input)?;
                check_name(&log_stream_name)?;
                self.store().create_stream(&log_group_name, log_stream_name).map(|()| Value::Null)
            }
            "DeleteLogGroup" => {
                let LogGroupName { log_group_name, .. } = read(input)?;
                self.store().delete_group(&log_group_name).map(|()| Value::Null)
            }
            "DeleteLogStream" => {
                let LogStreamName { log_group_name, log_stream_name } = read(input)?;
                self.store().delete_stream(&log_group_name, &log_stream_name).map(|()| Value::Null)
            }
            "PutLogEvents" => self.put(input),
            "DescribeLogGroups" => self.describe_groups(input),
            "DescribeLogStreams" => self.describe_streams(input),
            "GetLogEvents" => self.events(input),
            "FilterLogEvents" => self.filter(input),
            other => Err(ApiError::unknown_operation(TARGET_PREFIX, other)),
        }
    }

    fn create_group(&self, input: &Input) -> Result<Value, ApiError> {
        let LogGroupName { log_group_name, .. } = read(input)?;
        check_name(&log_group_name)?;
        self.store().create_group(log_group_name).map(|()| Value::Null)
    }

    fn put(&self, input: &Input) -> Result<Value, ApiError> {
        let PutLogEvents { log_group_name, log_stream_name, log_events, .. } = read(input)?;
        if log_events.is_empty() || log_events.len() > MAX_EVENTS {
            return Err(invalid(format!("logEvents must hold 1 to {MAX_EVENTS} events")));
        }
        let ingestion = ApiTimestamp::now().millis();
        let events = log_events
            .into_iter()
            .map(|InputLogEvent { timestamp, message }| LogEvent { timestamp, ingestion, message })
            .collect();
        self.store().put(&log_group_name, &log_stream_name, events)?;
        Ok(json!({ "nextSequenceToken": "0" }))
    }

    fn describe_groups(&self, input: &Input) -> Result<Value, ApiError> {
        let DescribeLogGroups { log_group_name_prefix, next_token, limit } = read(input)?;
        let prefix = log_group_name_prefix.unwrap_or_default();
        let store = self.store();
        let groups = store.groups().filter(|(name, _)| name.starts_with(&prefix)).map(|(name, group)| {
            let arn = self.owner.arn("logs", &format!("log-group:{name}"));
            json!({
                "logGroupName": name,
                "creationTime": group.created.millis(),
                "metricFilterCount": 0,
                "arn": format!("{arn}:*"),
                "logGroupArn": arn,
                "storedBytes": 0,
                "logGroupClass": "STANDARD",
            })
        });
        let start = position(next_token.as_deref())?;
        let (groups, next) = page(groups.collect(), start, size(limit, MAX_DESCRIBED)?);
        Ok(with_token(json!({ "logGroups": groups }), next))
    }

    fn describe_streams(&self, input: &Input) -> Result<Value, ApiError> {
        let request: DescribeLogStreams = read(input)?;
        let by_time = request.order_by == Some(StreamOrder::LastEventTime);
        let prefix = request.log_stream_name_prefix.unwrap_or_default();
        if by_time && !prefix.is_empty() {
            return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
        }
        let store = self.store();
        let streams = &store.group(&request.log_group_name)?.streams;
        let mut streams: Vec<_> = streams.iter().filter(|(name, _)| name.starts_with(&prefix)).collect();
        if by_time {
            streams.sort_by_key(|(_, stream)| stream.events.back().map(|event| event.timestamp));
        }
        if request.descending == Some(true) {
            streams.reverse();
        }
        let streams = streams.into_iter().map(|(name, stream)| {
            let resource = format!("log-group:{}:log-stream:{name}", request.log_group_name);
            let mut described = json!({
                "logStreamName": name,
                "creationTime": stream.created.millis(),
                "uploadSequenceToken": "0",
                "arn": self.owner.arn("logs", &resource),
                "storedBytes": 0,
            });
            if let (Some(first), Some(last)) = (stream.events.front(), stream.events.back()) {
                described["firstEventTimestamp"] = first.timestamp.into();
                described["lastEventTimestamp"] = last.timestamp.into();
                described["lastIngestionTime"] = last.ingestion.into();
            }
            described
        });
        let start = position(request.next_token.as_deref())?;
        let (streams, next) = page(streams.collect(), start, size(request.limit, MAX_DESCRIBED)?);
        Ok(with_token(json!({ "logStreams": streams }), next))
    }

    /// `GetLogEvents`: tokens are `f/N` and `b/N`, for the events from position N on and before it. At both ends, a page is
    /// empty and has the token of the request, which ends a client's loop.
    fn events(&self, input: &Input) -> Result<Value, ApiError> {
        let request: GetLogEvents = read(input)?;
        let size = size(request.limit, MAX_EVENTS)?;
        let store = self.store();
        let stream = store.stream(&request.log_group_name, &request.log_stream_name)?;
        let events: Vec<&LogEvent> = stream
            .events
            .iter()
            .filter(|event| is_in_range(event, request.start_time, request.end_time))
            .collect();
        let end = events.len();
        let token = request.next_token.as_deref().and_then(|token| token.split_once('/'));
        let (is_forward, at) = match token {
            Some(("f", at)) => (true, position(Some(at))?.min(end)),
            Some(("b", at)) => (false, position(Some(at))?.min(end)),
            None if request.next_token.is_none() && request.start_from_head == Some(true) => (true, 0),
            None if request.next_token.is_none() => (false, end),
            _ => return Err(invalid("The specified nextToken is invalid.")),
        };
        let length = |event: &&LogEvent| event.message.len();
        let (from, to) = if is_forward {
            (at, at + fitting(events[at..].iter().map(length), size))
        } else {
            (at - fitting(events[..at].iter().rev().map(length), size), at)
        };
        let described: Vec<Value> = events[from..to]
            .iter()
            .map(|event| {
                json!({
                    "timestamp": event.timestamp,
                    "message": event.message,
                    "ingestionTime": event.ingestion,
                })
            })
            .collect();
        Ok(json!({
            "events": described,
            "nextForwardToken": format!("f/{to}"),
            "nextBackwardToken": format!("b/{from}"),
        }))
    }

    fn filter(&self, input: &Input) -> Result<Value, ApiError> {
        let request: FilterLogEvents = read(input)?;
        let pattern = request.filter_pattern.unwrap_or_default();
        let is_terms = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_-./:".contains(c);
        if !pattern.chars().all(is_terms) {
            return Err(invalid(format!(
                "Invalid filter pattern {pattern:?}: only terms that a message must contain are supported here"
            )));
        }
        let terms: Vec<&str> = pattern.split_whitespace().collect();
        let prefix = request.log_stream_name_prefix.unwrap_or_default();
        let is_wanted = |name: &String| {
            name.starts_with(&prefix)
                && request.log_stream_names.as_ref().is_none_or(|names| names.contains(name))
        };
        let store = self.store();
        let streams =
            store.group(&request.log_group_name)?.streams.iter().filter(|(name, _)| is_wanted(name));
        let mut events: Vec<(&String, usize, &LogEvent)> = streams
            .flat_map(|(name, stream)| {
                stream.events.iter().enumerate().map(move |(i, event)| (name, i, event))
            })
            .filter(|(_, _, event)| {
                is_in_range(event, request.start_time, request.end_time)
                    && terms.iter().all(|term| event.message.contains(term))
            })
            .collect();
        events.sort_by_key(|(name, i, event)| (event.timestamp, *name, *i));
        let start = position(request.next_token.as_deref())?.min(events.len());
        let rest = &events[start..];
        let n =
            fitting(rest.iter().map(|(_, _, event)| event.message.len()), size(request.limit, MAX_EVENTS)?);
        let described: Vec<Value> = rest[..n]
            .iter()
            .map(|(name, i, event)| {
                json!({
                    "logStreamName": name,
                    "timestamp": event.timestamp,
                    "message": event.message,
                    "ingestionTime": event.ingestion,
                    "eventId": format!("{:016}{i:016}", event.ingestion),
                })
            })
            .collect();
        let next = (n < rest.len()).then(|| (start + n).to_string());
        Ok(with_token(json!({ "events": described, "searchedLogStreams": [] }), next))
    }
}

/// Returns how many messages of these lengths fit into a page: at least one, if there is one.
fn fitting(lengths: impl Iterator<Item = usize>, size: usize) -> usize {
    let mut bytes = 0;
    let fits = |(i, length): &(usize, usize)| {
        bytes += length;
        *i == 0 || bytes <= MAX_PAGE_BYTES
    };
    lengths.take(size).enumerate().take_while(fits).count()
}

/// Checks the name of a group or a stream.
fn check_name(name: &str) -> Result<(), ApiError> {
    let is_allowed = |c: char| !c.is_control() && !matches!(c, ':' | '*');
    if (1..=MAX_NAME_CHARS).contains(&name.chars().count()) && name.chars().all(is_allowed) {
        return Ok(());
    }
    Err(invalid(format!(
        "1 validation error detected: Value '{}' at 'name' failed to satisfy constraint: Member must satisfy regular \
         expression pattern: [^:*]{{1,{MAX_NAME_CHARS}}}",
        name.chars().take(MAX_NAME_CHARS).collect::<String>()
    )))
}
