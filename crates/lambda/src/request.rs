//! Converts a proxy event of an API Gateway REST API (payload 1.0) to a request.
//!
//! Any map may be null, header names are in any case, and the body is null, text or base64. The path has no stage.

use std::collections::BTreeMap;

use axum::body::Body;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

/// An event: any JSON value. [`request`](Self::request) checks that it comes from API Gateway, and reports better errors than
/// a JSON parser.
#[derive(Debug, Clone, Deserialize)]
pub struct ApiEvent(Box<RawValue>);

/// Invalid event.
#[derive(Debug, thiserror::Error)]
pub enum ApiEventError {
    /// The event of another source.
    #[error("not an event of an API Gateway REST API with proxy integration (payload format 1.0): {0}")]
    NotAnApiEvent(String),
    /// Invalid method.
    #[error("invalid httpMethod: {0:?}")]
    Method(String),
    /// Invalid path.
    #[error("invalid path: {0:?}")]
    Path(String),
    /// Invalid base64.
    #[error("isBase64Encoded is true, but the body is not base64: {0}")]
    Body(#[from] base64::DecodeError),
}

impl ApiEventError {
    /// Returns the error type that Lambda shows.
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

impl ApiEvent {
    /// Converts the event to a request.
    ///
    /// # Errors
    /// [`ApiEventError`] if the event is not a request of API Gateway.
    pub fn request(self) -> Result<Request<Body>, ApiEventError> {
        let text = self.0.get();
        let event: ProxyEvent = serde_json::from_str(text).map_err(|error| {
            ApiEventError::NotAnApiEvent(describe_foreign(text).unwrap_or_else(|| error.to_string()))
        })?;
        let method = Method::from_bytes(event.http_method.as_bytes())
            .map_err(|_| ApiEventError::Method(event.http_method))?;
        let path = utf8_percent_encode(&event.path, NOT_IN_PATH);
        let query = query(merged(event.query_string_parameters, event.multi_value_query_string_parameters));
        let target = if query.is_empty() { path.to_string() } else { format!("{path}?{query}") };
        let uri: Uri = target.parse().map_err(|_| ApiEventError::Path(event.path.clone()))?;
        if !target.starts_with('/') {
            return Err(ApiEventError::Path(event.path));
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

/// The characters that are escaped in a path. The percent sign is not: a path may be escaped already.
const NOT_IN_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Names the source of an event that a function often gets by mistake.
fn describe_foreign(event: &str) -> Option<String> {
    let event: Value = serde_json::from_str(event).ok()?;
    let Value::Object(members) = &event else {
        return Some("not a JSON object".to_owned());
    };
    if event.pointer("/requestContext/http").is_some() {
        let hint = "an event of an HTTP API or a function URL (payload format 2.0)";
        return Some(hint.to_owned());
    }
    if event.pointer("/requestContext/elb").is_some() {
        return Some("an event of a load balancer".to_owned());
    }
    if members.contains_key("Records") {
        return Some("records of a queue, topic, stream or bucket".to_owned());
    }
    (!members.contains_key("httpMethod")).then(|| "no httpMethod".to_owned())
}

/// Returns all values of each name. The map of lists, if it exists, has all values of the other.
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
        // API Gateway sends no invalid headers; ignore them.
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { continue };
        for value in values {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.append(&name, value);
            }
        }
    }
    // They described the body between client and gateway.
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::TRANSFER_ENCODING);
    headers
}

/// Returns the query of parameters that the gateway has decoded.
fn query(parameters: BTreeMap<String, Vec<String>>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, values) in parameters {
        for value in values {
            query.append_pair(&name, &value);
        }
    }
    query.finish()
}
