//! The InvokeEndpoint operation: the service in front of the containers, with its own errors.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use tokio::time::timeout;
use uuid::Uuid;

use super::{
    MAX_BODY_BYTES, MAX_SERVERLESS_BODY_BYTES, RouterState,
    body::{self, BodyError},
    captured_body::CapturingBody,
    headers::{CUSTOM_ATTRIBUTES, INFERENCE_ID, SERVICE_ACCEPT, TARGET_MODEL, field_value, renamed},
    invocation::collect,
    memory_budget::Reservation,
    service_error::{ServiceError, with_new_request_id, with_request_id},
    validation,
};
use crate::{
    data_capture::{CapturedBody, CapturedInvocation, DataCapture},
    endpoint::Endpoint,
    variant::{EndpointDeployment, Variant, VariantBackend},
};

/// The timeout of an invocation, as in the real service. After it, the caller gets a `ModelError`.
pub const INVOCATION_TIMEOUT: Duration = Duration::from_mins(1);

pub(super) const INVOKED_VARIANT: HeaderName = HeaderName::from_static("x-amzn-invoked-production-variant");

/// The synchronous operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SyncOperation {
    InvokeEndpoint,
    InvokeEndpointWithResponseStream,
}

/// `POST /endpoints/{name}/invocations`.
pub(super) async fn invoke(
    State(state): State<RouterState>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (id, response) = respond(SyncOperation::InvokeEndpoint, &state, &uri, headers, body).await;
    with_request_id(id, response.unwrap_or_else(ServiceError::into_response))
}

/// Invokes the model for a synchronous operation. Returns the id of the request, and the response of the model.
pub(super) async fn respond(
    operation: SyncOperation,
    state: &RouterState,
    uri: &Uri,
    headers: HeaderMap,
    body: Body,
) -> (Uuid, Result<Response, ServiceError>) {
    let id = Uuid::new_v4();
    // Read before any validation: clients do not read the response while they send.
    let body = body::read(body, MAX_BODY_BYTES, &state.memory).await;
    let response = async {
        let name = endpoint_name(uri.path());
        validation::check(&name, &headers)?;
        let headers = match operation {
            SyncOperation::InvokeEndpoint => headers,
            SyncOperation::InvokeEndpointWithResponseStream => {
                renamed(headers, &SERVICE_ACCEPT, header::ACCEPT)
            }
        };
        let invocation = EndpointInvocation::new(state, &name, &headers)?;
        let respond = async {
            let response = invocation.respond(state, id, &headers, body).await?;
            match operation {
                SyncOperation::InvokeEndpoint => invocation.collect(state, id, response).await,
                SyncOperation::InvokeEndpointWithResponseStream => Ok(response),
            }
        };
        let response = timeout(INVOCATION_TIMEOUT, respond).await;
        response.map_err(|_| ServiceError::timeout(&state.options.owner, &name))?
    };
    (id, response.await)
}

/// An unknown path or method.
pub(super) async fn unknown(body: Body) -> Response {
    body::discard(body).await;
    with_new_request_id(ServiceError::UnknownOperation.into_response())
}

/// A body that was read up to a limit.
pub(super) type ReadBody = Result<(Bytes, Reservation), BodyError>;

/// A validated request to an endpoint: who serves it.
#[derive(Debug)]
pub(super) struct EndpointInvocation {
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) deployment: Arc<EndpointDeployment>,
    pub(super) variant: Variant,
}

impl EndpointInvocation {
    /// Finds the endpoint and the variant that serve a synchronous request.
    pub(super) fn new(state: &RouterState, name: &str, headers: &HeaderMap) -> Result<Self, ServiceError> {
        let endpoint = find(state, name)?;
        let deployment = endpoint.deployment();
        if deployment.async_inference.is_some() {
            return Err(ServiceError::Validation(format!(
                "Endpoint {name} is asynchronous: use InvokeEndpointAsync."
            )));
        }
        let variant = validation::select_variant(&endpoint, &deployment, headers)?.clone();
        Ok(Self { endpoint, deployment, variant })
    }

    /// Reads the response of a container whole.
    async fn collect(
        &self,
        state: &RouterState,
        id: Uuid,
        response: Response,
    ) -> Result<Response, ServiceError> {
        if !matches!(self.variant.backend(), VariantBackend::Container(_)) {
            return Ok(response);
        }
        let collected = collect(response, self.max_bytes(), &state.memory).await;
        let collected = collected.map(|(response, _)| response);
        collected.map_err(|cause| {
            ServiceError::from_container(&state.options.owner, self.endpoint.name(), id, &cause)
        })
    }

    /// Invokes the model. The body of the response may still be arriving.
    async fn respond(
        &self,
        state: &RouterState,
        id: Uuid,
        headers: &HeaderMap,
        body: ReadBody,
    ) -> Result<Response, ServiceError> {
        let name = self.endpoint.name();
        let oversize = || ServiceError::Validation(format!("Request {id} has oversize body."));
        let (bytes, reservation) = body.map_err(|error| match error {
            BodyError::TooLarge { .. } => oversize(),
            BodyError::Unreadable => ServiceError::Validation(error.to_string()),
            BodyError::OutOfMemory(_) => ServiceError::Unavailable(error.to_string()),
        })?;
        if bytes.len() > self.max_bytes() {
            return Err(oversize());
        }
        let capture = self.deployment.data_capture.as_ref().filter(|capture| capture.selects_next());
        let captured = capture.map(|capture| (Arc::clone(capture), bytes.clone()));
        let mut response =
            state
                .invoke(&self.endpoint, &self.variant, headers, (bytes, reservation))
                .await
                .map_err(|cause| ServiceError::from_container(&state.options.owner, name, id, &cause))?;
        // The service responds with 200 even if the container has no content.
        *response.status_mut() = StatusCode::OK;
        response.headers_mut().insert(INVOKED_VARIANT, self.variant.header());
        Ok(match captured {
            Some((capture, input)) => self.capture(capture, id, headers, input, response),
            None => response,
        })
    }

    fn max_bytes(&self) -> usize {
        if self.variant.is_serverless() { MAX_SERVERLESS_BODY_BYTES } else { MAX_BODY_BYTES }
    }

    /// Records request and response when the response has been sent.
    fn capture(
        &self,
        capture: Arc<DataCapture>,
        id: Uuid,
        headers: &HeaderMap,
        input: Bytes,
        response: Response,
    ) -> Response {
        let text = |headers: &HeaderMap, name| field_value(headers, name).map(std::borrow::Cow::into_owned);
        let content_type = |headers| text(headers, &header::CONTENT_TYPE).unwrap_or_default();
        let invocation = CapturedInvocation {
            endpoint: self.endpoint.name().to_owned(),
            variant: self.variant.name().to_owned(),
            event_id: id,
            inference_id: text(headers, &INFERENCE_ID),
            custom_attributes: text(headers, &CUSTOM_ATTRIBUTES),
            target_model: text(headers, &TARGET_MODEL),
            input: CapturedBody { content_type: content_type(headers), data: input },
            output: CapturedBody { content_type: content_type(response.headers()), data: Bytes::new() },
        };
        response.map(|body| Body::new(CapturingBody::new(body, capture, invocation)))
    }
}

/// Returns the endpoint of this name.
pub(super) fn find(state: &RouterState, name: &str) -> Result<Arc<Endpoint>, ServiceError> {
    let missing = || {
        let account = state.options.owner.account();
        ServiceError::Validation(format!("Endpoint {name} of account {account} not found."))
    };
    state.endpoints.get(name).ok_or_else(missing)
}

/// Returns the name of the endpoint in a path `../{name}/invocations`. Invalid UTF-8 is replaced: such a name is invalid
/// anyway.
pub(super) fn endpoint_name(path: &str) -> String {
    let name = path.rsplit('/').nth(1).unwrap_or_default();
    percent_decode_str(name).decode_utf8_lossy().into_owned()
}
