//! `InvokeEndpoint`: the service in front of the containers, with its own errors.

use std::time::Duration;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use tokio::time::timeout;
use uuid::Uuid;

use super::{
    ACCOUNT, Hosting, MAX_BODY_BYTES,
    body::{self, BodyError},
    invocation::{Answer, InvocationError, next_fault},
    memory_budget::Reservation,
    service_error::{ModelError, ServiceError, identified, identified_by},
    validation,
};
use crate::{Endpoint, faults::Fault};

/// How long a container may take to answer: the real service's limit. After it the caller gets a `ModelError`.
pub const INVOCATION_TIMEOUT: Duration = Duration::from_mins(1);

const INVOKED_VARIANT: HeaderName = HeaderName::from_static("x-amzn-invoked-production-variant");

/// `POST /endpoints/{name}/invocations`.
pub(super) async fn invoke(
    State(hosting): State<Hosting>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let id = Uuid::new_v4();
    // Whatever is wrong with the rest: a caller who is still sending reads no answer.
    let body = body::read(body, MAX_BODY_BYTES, &hosting.memory).await;
    let response = match hosting.invoke(id, &name_in(uri.path()), &headers, body).await {
        Ok((answer, variant)) => {
            let mut response = answer.into_response();
            // The service's own status on success, also where the container has nothing to say.
            *response.status_mut() = StatusCode::OK;
            response.headers_mut().insert(INVOKED_VARIANT, variant);
            response
        }
        Err(error) => error.into_response(),
    };
    identified_by(id, response)
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
    // As above: what was sent wrongly makes no difference to the answer.
    body::discard(body).await;
    let message = format!("{operation} is not emulated here: use InvokeEndpoint.");
    identified(ServiceError::Validation(message).into_response())
}

/// A path or a method that is no operation.
pub(super) async fn unknown(body: Body) -> Response {
    body::discard(body).await;
    identified(ServiceError::UnknownOperation.into_response())
}

impl Hosting {
    async fn invoke(
        &self,
        id: Uuid,
        name: &str,
        headers: &HeaderMap,
        body: Result<(Bytes, Reservation), BodyError>,
    ) -> Result<(Answer, HeaderValue), ServiceError> {
        validation::check(name, headers)?;
        let Some(endpoint) = self.endpoints.get(name) else {
            return Err(ServiceError::Validation(format!("Endpoint {name} of account {ACCOUNT} not found.")));
        };
        validation::check_target(endpoint, headers)?;
        let body = body.map_err(|error| {
            let message = InvocationError::from(error).message();
            match error {
                BodyError::TooLarge { .. } => {
                    ServiceError::Validation(format!("Request {id} has oversize body."))
                }
                BodyError::Unreadable => ServiceError::Validation(message),
                BodyError::OutOfMemory => ServiceError::Unavailable(message),
            }
        })?;
        let answer = timeout(INVOCATION_TIMEOUT, self.forward(endpoint, headers, body))
            .await
            .unwrap_or_else(|_| Err(ServiceError::Model(ModelError::timeout(name))))?;
        Ok((answer, endpoint.variant_header()))
    }

    /// Hands the request on to the container.
    async fn forward(
        &self,
        endpoint: &Endpoint,
        headers: &HeaderMap,
        body: (Bytes, Reservation),
    ) -> Result<Answer, ServiceError> {
        let name = endpoint.name();
        let failed = |cause: &InvocationError| match cause {
            // The model has not seen the request.
            InvocationError::Busy | InvocationError::OutOfMemory => {
                ServiceError::Unavailable(cause.message())
            }
            _ => ServiceError::Model(ModelError::new(name, cause)),
        };
        match next_fault(endpoint).await {
            None => self.answer(endpoint.model(), headers, body).await.map_err(|cause| failed(&cause)),
            Some(Fault::Throttling) => Err(ServiceError::Throttling),
            Some(Fault::Unavailable) => Err(ServiceError::Unavailable(format!(
                "Endpoint {name} is unavailable, as it was asked to be. Please try again."
            ))),
            Some(Fault::NotReady) => Err(ServiceError::NotReady(format!(
                "The model of endpoint {name} is not ready, as it was asked to be. Please try again."
            ))),
            Some(fault @ Fault::ModelError) => Err(failed(&InvocationError::Fault(fault))),
        }
    }
}

/// The endpoint's name in a path `../{name}/invocations`: the service sees bytes, not characters, and answers whatever
/// they are.
fn name_in(path: &str) -> String {
    let mut rest = path.rsplit('/').nth(1).unwrap_or_default().as_bytes();
    let mut name = Vec::with_capacity(rest.len());
    while let Some((&first, after)) = rest.split_first() {
        let hex = |digit: u8| char::from(digit).to_digit(16);
        rest = after;
        match (first, after) {
            (b'%', [high, low, after @ ..]) if hex(*high).is_some() && hex(*low).is_some() => {
                name.push((hex(*high).unwrap_or_default() * 16 + hex(*low).unwrap_or_default()) as u8);
                rest = after;
            }
            _ => name.push(first),
        }
    }
    String::from_utf8_lossy(&name).into_owned()
}
