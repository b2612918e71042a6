//! The InvokeEndpoint operation: the service in front of the containers, with its own errors.

use std::time::Duration;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use tokio::time::timeout;
use uuid::Uuid;

use super::{
    ACCOUNT, MAX_BODY_BYTES, RouterState,
    body::{self, BodyError},
    memory_budget::Reservation,
    service_error::{ServiceError, with_new_request_id, with_request_id},
    validation,
};

/// The timeout of an invocation, as in the real service. After it, the caller gets a `ModelError`.
pub const INVOCATION_TIMEOUT: Duration = Duration::from_mins(1);

const INVOKED_VARIANT: HeaderName = HeaderName::from_static("x-amzn-invoked-production-variant");

/// `POST /endpoints/{name}/invocations`.
pub(super) async fn invoke(
    State(state): State<RouterState>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let id = Uuid::new_v4();
    // Read before any validation: clients do not read the response while they send.
    let body = body::read(body, MAX_BODY_BYTES, &state.memory).await;
    let response = invoke_named(&state, id, &endpoint_name(uri.path()), &headers, body).await;
    with_request_id(id, response.unwrap_or_else(ServiceError::into_response))
}

/// `POST /endpoints/{name}/invocations-response-stream`: not emulated.
pub(super) async fn response_stream(body: Body) -> Response {
    not_emulated("InvokeEndpointWithResponseStream", body).await
}

/// `POST /endpoints/{name}/async-invocations`: not emulated.
pub(super) async fn asynchronous(body: Body) -> Response {
    not_emulated("InvokeEndpointAsync", body).await
}

async fn not_emulated(operation: &str, body: Body) -> Response {
    body::discard(body).await;
    let message = format!("{operation} is not emulated here: use InvokeEndpoint.");
    with_new_request_id(ServiceError::Validation(message).into_response())
}

/// An unknown path or method.
pub(super) async fn unknown(body: Body) -> Response {
    body::discard(body).await;
    with_new_request_id(ServiceError::UnknownOperation.into_response())
}

/// Validates a request and invokes the endpoint.
async fn invoke_named(
    state: &RouterState,
    id: Uuid,
    name: &str,
    headers: &HeaderMap,
    body: Result<(Bytes, Reservation), BodyError>,
) -> Result<Response, ServiceError> {
    validation::check(name, headers)?;
    let Some(endpoint) = state.endpoints.get(name) else {
        return Err(ServiceError::Validation(format!("Endpoint {name} of account {ACCOUNT} not found.")));
    };
    validation::check_target(endpoint, headers)?;
    let body = body.map_err(|error| match error {
        BodyError::TooLarge { .. } => ServiceError::Validation(format!("Request {id} has oversize body.")),
        BodyError::Unreadable => ServiceError::Validation(error.to_string()),
        BodyError::OutOfMemory(_) => ServiceError::Unavailable(error.to_string()),
    })?;
    let mut response = timeout(INVOCATION_TIMEOUT, state.invoke(endpoint, headers, body))
        .await
        .map_err(|_| ServiceError::timeout(name))?
        .map_err(|cause| ServiceError::from_container(name, &cause))?;
    // The service responds with 200 even if the container has no content.
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(INVOKED_VARIANT, endpoint.variant_header());
    Ok(response)
}

/// Returns the name of the endpoint in a path `../{name}/invocations`. Invalid UTF-8 is replaced: such a name is invalid
/// anyway.
fn endpoint_name(path: &str) -> String {
    let name = path.rsplit('/').nth(1).unwrap_or_default();
    percent_decode_str(name).decode_utf8_lossy().into_owned()
}
