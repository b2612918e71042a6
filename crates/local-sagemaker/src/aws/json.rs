//! AWS JSON 1.1: `POST /` with the operation in `X-Amz-Target`, members and errors as JSON.

use axum::{
    Json,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The header that names the operation.
pub const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.1");

/// The members of a request.
pub type Input = Map<String, Value>;

/// What a service answers instead of a result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// The error's type in the service model.
    pub code: &'static str,
    /// What happened, in the service's words.
    pub message: String,
}

impl ApiError {
    /// An error of this type.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The request cannot be fulfilled as it is.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// The service has no such operation here.
    #[must_use]
    pub fn unknown_operation(service: &str, operation: &str) -> Self {
        let message = format!(
            "{service}.{operation} is not supported here; docs/local-sagemaker/reference.md lists the operations that are"
        );
        Self::new("UnknownOperationException", message)
    }

    fn missing(member: &str) -> Self {
        Self::validation(format!(
            "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
        ))
    }

    /// A member breaks a constraint of the service model.
    #[must_use]
    pub fn constraint(value: &str, member: &str, constraint: &str) -> Self {
        Self::validation(format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"
        ))
    }
}

/// Reads a call: the service, the operation, and the members of the request.
///
/// # Errors
/// `UnknownOperationException` if the target is not `<service>.<operation>`; `SerializationException` if the body is not a
/// JSON object.
pub fn read_call<'h>(headers: &'h HeaderMap, body: &[u8]) -> Result<(&'h str, &'h str, Input), ApiError> {
    let target = headers.get(TARGET).and_then(|target| target.to_str().ok()).unwrap_or_default();
    let (service, operation) = target.split_once('.').ok_or_else(|| {
        let message = format!("{TARGET} is {target:?}; it must be <service>.<operation>");
        ApiError::new("UnknownOperationException", message)
    })?;
    let input = if body.is_empty() { Ok(Input::new()) } else { serde_json::from_slice(body) };
    let input = input.map_err(|error| ApiError::new("SerializationException", error.to_string()))?;
    Ok((service, operation, input))
}

/// A member that must be a text.
///
/// # Errors
/// `ValidationException` if it is missing or something else.
pub fn text<'i>(input: &'i Input, member: &str) -> Result<&'i str, ApiError> {
    match input.get(member) {
        Some(Value::String(text)) => Ok(text),
        None | Some(Value::Null) => Err(ApiError::missing(member)),
        Some(other) => Err(wrong_type(member, &format!("{other} is not a string"))),
    }
}

/// A member of some form; none if it is missing.
///
/// # Errors
/// `SerializationException` if it has another form.
pub fn member<T: DeserializeOwned>(input: &Input, member: &str) -> Result<Option<T>, ApiError> {
    match input.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            T::deserialize(value).map(Some).map_err(|error| wrong_type(member, &error.to_string()))
        }
    }
}

/// A member of some form that must be there.
///
/// # Errors
/// As [`text`] and [`member`].
pub fn required<T: DeserializeOwned>(input: &Input, name: &str) -> Result<T, ApiError> {
    member(input, name)?.ok_or_else(|| ApiError::missing(name))
}

fn wrong_type(member: &str, reason: &str) -> ApiError {
    ApiError::new("SerializationException", format!("{member}: {reason}"))
}

/// The answer to a call.
pub fn respond(result: Result<Value, ApiError>) -> Response {
    let mut response = match result {
        Ok(Value::Null) => StatusCode::OK.into_response(),
        Ok(value) => Json(value).into_response(),
        Err(ApiError { code, message }) => {
            (StatusCode::BAD_REQUEST, Json(json!({ "__type": code, "message": message }))).into_response()
        }
    };
    response.headers_mut().insert(header::CONTENT_TYPE, CONTENT_TYPE);
    if let Ok(id) = HeaderValue::from_str(&Uuid::new_v4().to_string()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
