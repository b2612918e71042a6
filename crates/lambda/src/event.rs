//! The event of a REST API's proxy integration (payload 1.0) as a request.
//!
//! Any map may be null, any header's name in any case, and the body null, text or base64. The path is the resource's,
//! without the stage.

use std::{collections::BTreeMap, fmt::Write as _};

use axum::body::Body;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// What Lambda hands over: any JSON. That it is an event of ours is for [`request`](Self::request) to say, in better words
/// than those of a parser.
#[derive(Debug, Clone)]
pub struct Event(Value);

/// Invalid event.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// It comes from somewhere else.
    #[error(
        "this is no event of an API Gateway REST API's proxy integration (payload format 1.0): {0}; the function answers POST /recommendations behind such an API"
    )]
    NotAnApiEvent(String),
    /// Invalid method.
    #[error("httpMethod is {0:?}, which is no HTTP method")]
    Method(String),
    /// Invalid path.
    #[error("path is {0:?}, which is no path")]
    Path(String),
    /// The body is not what it says it is.
    #[error("isBase64Encoded is true, but body is no base64: {0}")]
    Body(#[from] base64::DecodeError),
}

impl EventError {
    /// The error's type, as Lambda shows it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotAnApiEvent(_) => "NotAnApiEvent",
            Self::Method(_) | Self::Path(_) | Self::Body(_) => "MalformedApiEvent",
        }
    }
}

type Map<T> = Option<BTreeMap<String, Option<T>>>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProxyEvent {
    path: String,
    http_method: String,
    headers: Map<String>,
    multi_value_headers: Map<Vec<String>>,
    query_string_parameters: Map<String>,
    multi_value_query_string_parameters: Map<Vec<String>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self)
    }
}

impl Event {
    /// The request that the event tells of.
    ///
    /// # Errors
    /// [`EventError`] if it tells of none.
    pub fn request(self) -> Result<Request<Body>, EventError> {
        let foreign = describe_foreign(&self.0);
        let event: ProxyEvent = serde_json::from_value(self.0)
            .map_err(|error| EventError::NotAnApiEvent(foreign.unwrap_or_else(|| error.to_string())))?;
        let method = Method::from_bytes(event.http_method.as_bytes())
            .map_err(|_| EventError::Method(event.http_method))?;
        let query = query(merged(event.query_string_parameters, event.multi_value_query_string_parameters));
        let target = format!("{}{query}", escape(&event.path, is_path_byte));
        let uri: Uri = target.parse().map_err(|_| EventError::Path(event.path.clone()))?;
        if !target.starts_with('/') {
            return Err(EventError::Path(event.path));
        }
        let body = event.body.unwrap_or_default();
        let body = if event.is_base64_encoded == Some(true) {
            BASE64_STANDARD.decode(body)?
        } else {
            body.into_bytes()
        };
        let mut request = Request::new(Body::from(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers(merged(event.headers, event.multi_value_headers));
        Ok(request)
    }
}

/// Where an event comes from that a function often gets by mistake.
fn describe_foreign(event: &Value) -> Option<String> {
    let Value::Object(members) = event else {
        return Some("it is not even a JSON object".to_owned());
    };
    if event.pointer("/requestContext/http").is_some() {
        let hint = "it is one of an HTTP API or a function URL (payload format 2.0)";
        return Some(hint.to_owned());
    }
    if event.pointer("/requestContext/elb").is_some() {
        return Some("it is one of a load balancer".to_owned());
    }
    if members.contains_key("Records") {
        return Some("it holds records of a queue, topic, stream or bucket".to_owned());
    }
    (!members.contains_key("httpMethod")).then(|| "it has no httpMethod".to_owned())
}

/// All values of each name: the map of many knows all that the map of one knows, if it is there at all.
fn merged(single: Map<String>, multi: Map<Vec<String>>) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, values) in multi.into_iter().flatten() {
        all.insert(name, values.unwrap_or_default());
    }
    for (name, value) in single.into_iter().flatten() {
        all.entry(name).or_insert_with(|| value.into_iter().collect());
    }
    all
}

fn headers(all: BTreeMap<String, Vec<String>>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, values) in all {
        // What is no header came through no HTTP server; the answer does not depend on it.
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { continue };
        for value in values {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.append(&name, value);
            }
        }
    }
    // The body is here, whole; its length and coding on the way here were another's.
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::TRANSFER_ENCODING);
    headers
}

/// The query, from parameters that the gateway has decoded.
fn query(parameters: BTreeMap<String, Vec<String>>) -> String {
    let mut query = String::new();
    for (name, values) in parameters {
        for value in values {
            query.push(if query.is_empty() { '?' } else { '&' });
            query.push_str(&escape(&name, is_unreserved));
            query.push('=');
            query.push_str(&escape(&value, is_unreserved));
        }
    }
    query
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// What may stand in a path. The percent sign too: a path that is escaped already stays as it is.
fn is_path_byte(byte: u8) -> bool {
    is_unreserved(byte)
        || matches!(
            byte,
            b'/' | b'%'
                | b':'
                | b'@'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
        )
}

fn escape(text: &str, may_stay: fn(u8) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if may_stay(byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}
