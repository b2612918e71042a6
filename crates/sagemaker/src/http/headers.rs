//! Headers of the service and of the container contract.

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderName, header};

/// A caller's own text, which is forwarded to the model and back.
pub(super) const CUSTOM_ATTRIBUTES: HeaderName =
    HeaderName::from_static("x-amzn-sagemaker-custom-attributes");
pub(super) const TARGET_MODEL: HeaderName = HeaderName::from_static("x-amzn-sagemaker-target-model");
pub(super) const TARGET_VARIANT: HeaderName = HeaderName::from_static("x-amzn-sagemaker-target-variant");
pub(super) const INFERENCE_ID: HeaderName = HeaderName::from_static("x-amzn-sagemaker-inference-id");
pub(super) const SESSION_ID: HeaderName = HeaderName::from_static("x-amzn-sagemaker-session-id");
const NEW_SESSION_ID: HeaderName = HeaderName::from_static("x-amzn-sagemaker-new-session-id");
const CLOSED_SESSION_ID: HeaderName = HeaderName::from_static("x-amzn-sagemaker-closed-session-id");
/// `Accept` of InvokeEndpointWithResponseStream and InvokeEndpointAsync.
pub(super) const SERVICE_ACCEPT: HeaderName = HeaderName::from_static("x-amzn-sagemaker-accept");
/// `ContentType` of InvokeEndpointAsync, and of the response of InvokeEndpointWithResponseStream.
pub(super) const SERVICE_CONTENT_TYPE: HeaderName = HeaderName::from_static("x-amzn-sagemaker-content-type");

/// The headers of a request that the service forwards to a container.
const CONTAINER_REQUEST: [HeaderName; 6] =
    [header::CONTENT_TYPE, header::ACCEPT, CUSTOM_ATTRIBUTES, TARGET_MODEL, INFERENCE_ID, SESSION_ID];
/// The headers of a container's response that the service forwards to the caller.
const CONTAINER_RESPONSE: [HeaderName; 4] =
    [header::CONTENT_TYPE, CUSTOM_ATTRIBUTES, NEW_SESSION_ID, CLOSED_SESSION_ID];

/// Returns a header's value. `Accept` is a list, whose elements may come in several lines (RFC 9110, section 5.3).
pub(super) fn field_value<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<Cow<'h, str>> {
    let mut lines = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let first = lines.next()?;
    if *name != header::ACCEPT {
        return Some(first);
    }
    Some(lines.fold(first, |list, line| Cow::Owned(format!("{list}, {line}"))))
}

/// Returns the headers of a request that a container gets.
pub(super) fn to_container(headers: &HeaderMap) -> HeaderMap {
    select(headers, &CONTAINER_REQUEST)
}

/// Returns the headers of a container's response that the caller gets.
pub(super) fn from_container(headers: &HeaderMap) -> HeaderMap {
    select(headers, &CONTAINER_RESPONSE)
}

fn select(headers: &HeaderMap, names: &[HeaderName]) -> HeaderMap {
    let mut selected = HeaderMap::new();
    for name in names {
        for value in headers.get_all(name) {
            selected.append(name, value.clone());
        }
    }
    selected
}

/// Returns the headers with the value of `from` as that of `to`, which is removed if `from` is missing.
pub(super) fn renamed(mut headers: HeaderMap, from: &HeaderName, to: HeaderName) -> HeaderMap {
    match headers.remove(from) {
        Some(value) => drop(headers.insert(to, value)),
        None => drop(headers.remove(to)),
    }
    headers
}
