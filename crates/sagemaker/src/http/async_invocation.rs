//! The InvokeEndpointAsync operation: the request is queued, and the result is written to the object store.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use serde_json::json;
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{sleep, timeout},
};
use uuid::Uuid;

use super::{
    INVOCATION_TIMEOUT, MAX_ASYNC_BODY_BYTES, MAX_INLINE_BODY_BYTES, RouterState,
    body::{self, BodyError},
    container_response::InvocationError,
    headers::{INFERENCE_ID, SERVICE_ACCEPT, SERVICE_CONTENT_TYPE, field_value, renamed},
    invocation::collect,
    invoke_endpoint::{EndpointInvocation, ReadBody, endpoint_name, find},
    service_error::{ServiceError, with_request_id},
    validation::{self, FILE_NAME, INPUT_LOCATION, OUTPUT_PATH_EXTENSION, is_file_name},
};
use crate::async_inference::AsyncInference;

const OUTPUT_LOCATION: HeaderName = HeaderName::from_static("x-amzn-sagemaker-outputlocation");
const FAILURE_LOCATION: HeaderName = HeaderName::from_static("x-amzn-sagemaker-failurelocation");
const REQUEST_TTL: HeaderName = HeaderName::from_static("x-amzn-sagemaker-requestttlseconds");
const TIMEOUT: HeaderName = HeaderName::from_static("x-amzn-sagemaker-invocationtimeoutseconds");
/// The time that a request may wait in the queue, and the time that it may run, in seconds: fewest, default and most.
const TTL_SECONDS: [u64; 3] = [60, 21_600, 21_600];
const TIMEOUT_SECONDS: [u64; 3] = [1, 15 * INVOCATION_TIMEOUT.as_secs(), 3600];
/// The content type of objects in S3 that were written without one.
const S3_DEFAULT_CONTENT_TYPE: &str = "binary/octet-stream";
/// The time until a request that found no free memory or worker is tried again.
const RETRY_AFTER: Duration = Duration::from_millis(100);

/// `POST /endpoints/{name}/async-invocations`.
pub(super) async fn invoke(
    State(state): State<RouterState>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let id = Uuid::new_v4();
    let body = body::read(body, MAX_INLINE_BODY_BYTES, &state.memory).await;
    let response = accept(&state, id, &endpoint_name(uri.path()), headers, body);
    with_request_id(id, response.unwrap_or_else(ServiceError::into_response))
}

/// A queued invocation.
struct QueuedInvocation {
    state: RouterState,
    id: Uuid,
    invocation: EndpointInvocation,
    config: Arc<AsyncInference>,
    headers: HeaderMap,
    input: AsyncInput,
    output: String,
    failure: Option<String>,
    ttl: Duration,
    timeout: Duration,
    _queued: OwnedSemaphorePermit,
}

enum AsyncInput {
    Location(String),
    Inline(Bytes),
}

/// Validates a request, puts it into the queue, and returns where its result will be.
fn accept(
    state: &RouterState,
    id: Uuid,
    name: &str,
    headers: HeaderMap,
    body: ReadBody,
) -> Result<Response, ServiceError> {
    validation::check_async(name, &headers)?;
    let ttl = seconds(&headers, &REQUEST_TTL, "requestTTLSeconds", TTL_SECONDS)?;
    let timeout = seconds(&headers, &TIMEOUT, "invocationTimeoutSeconds", TIMEOUT_SECONDS)?;
    let endpoint = find(state, name)?;
    let deployment = endpoint.deployment();
    let Some(config) = deployment.async_inference.clone() else {
        let message = format!("Endpoint {name} is not asynchronous: it has no AsyncInferenceConfig.");
        return Err(ServiceError::Validation(message));
    };
    let (inline, _reservation) = body.map_err(|error| match error {
        BodyError::TooLarge { .. } => ServiceError::Validation(format!("Request {id} has oversize body.")),
        BodyError::Unreadable => ServiceError::Validation(error.to_string()),
        BodyError::OutOfMemory(_) => ServiceError::Unavailable(error.to_string()),
    })?;
    let location = field_value(&headers, &INPUT_LOCATION).map(std::borrow::Cow::into_owned);
    let input = match location {
        Some(location) if inline.is_empty() => AsyncInput::Location(location),
        None if !inline.is_empty() => AsyncInput::Inline(inline),
        _ => {
            let message = "Provide exactly one of InputLocation and Body.".to_owned();
            return Err(ServiceError::Validation(message));
        }
    };
    let queued = config.queued.clone().try_acquire_owned();
    let queued = queued.map_err(|_| {
        ServiceError::Unavailable(format!("Too many invocations of endpoint {name} are waiting."))
    })?;
    let inference_id = field_value(&headers, &INFERENCE_ID).map_or_else(|| id.to_string(), Into::into);
    // An id may have any characters.
    let base = if is_file_name(&inference_id) { inference_id.clone() } else { id.to_string() };
    let (output, failure) = locations(&config, &headers, &base);
    let variant = deployment.next_variant().clone();
    let accepted = accepted(&inference_id, &output, failure.as_deref());
    let headers = renamed(headers, &SERVICE_CONTENT_TYPE, header::CONTENT_TYPE);
    let headers = renamed(headers, &SERVICE_ACCEPT, header::ACCEPT);
    let invocation = EndpointInvocation { endpoint, deployment, variant };
    let state = state.clone();
    let queued = QueuedInvocation {
        state,
        id,
        invocation,
        config,
        headers,
        input,
        output,
        failure,
        ttl,
        timeout,
        _queued: queued,
    };
    tokio::spawn(queued.run());
    Ok(accepted)
}

/// Returns the locations of the response and of a failure.
fn locations(config: &AsyncInference, headers: &HeaderMap, base: &str) -> (String, Option<String>) {
    let extension = field_value(headers, &OUTPUT_PATH_EXTENSION);
    let folder = extension.as_deref().map_or("", |text| text.trim_matches('/'));
    let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let file = field_value(headers, &FILE_NAME).map_or_else(|| format!("{base}.out"), Into::into);
    let failure = config.failure_path.as_ref().map(|path| format!("{path}/{folder}{base}-error.out"));
    (format!("{}/{folder}{file}", config.output_path), failure)
}

fn accepted(inference_id: &str, output: &str, failure: Option<&str>) -> Response {
    let body = Json(json!({ "InferenceId": inference_id }));
    let mut response = (StatusCode::ACCEPTED, body).into_response();
    let locations = [(OUTPUT_LOCATION, Some(output)), (FAILURE_LOCATION, failure)];
    for (name, location) in locations {
        if let Some(Ok(value)) = location.map(HeaderValue::from_str) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Returns a header's number of seconds.
fn seconds(
    headers: &HeaderMap,
    name: &HeaderName,
    member: &str,
    [min, default, max]: [u64; 3],
) -> Result<Duration, ServiceError> {
    let Some(value) = field_value(headers, name) else { return Ok(Duration::from_secs(default)) };
    match value.parse() {
        Ok(seconds) if (min..=max).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        _ => Err(ServiceError::Validation(format!(
            "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have value between \
             {min} and {max}"
        ))),
    }
}

impl QueuedInvocation {
    /// Waits for its turn, invokes the model, and writes the result.
    async fn run(self) {
        let endpoint = self.invocation.endpoint.name();
        let result = match timeout(self.ttl, self.config.running.clone().acquire_owned()).await {
            Ok(_running) => timeout(self.timeout, self.predict()).await.unwrap_or_else(|_| {
                let seconds = self.timeout.as_secs();
                Err(format!("The invocation timed out after {seconds} s."))
            }),
            Err(_) => Err(format!("The request expired after {} s in the queue.", self.ttl.as_secs())),
        };
        let (uri, body) = match result {
            Ok(body) => (&self.output, body),
            Err(message) => {
                tracing::warn!(endpoint, id = %self.id, message, "an asynchronous invocation failed");
                let Some(failure) = &self.failure else { return };
                (failure, message.into())
            }
        };
        if let Err(error) = self.config.store.put(uri, body).await {
            tracing::warn!(endpoint, uri, %error, "a result cannot be written");
        }
    }

    async fn predict(&self) -> Result<Bytes, String> {
        let mut headers = self.headers.clone();
        let input = match &self.input {
            AsyncInput::Location(uri) => {
                let object = self.config.store.get(uri, MAX_ASYNC_BODY_BYTES).await;
                let object =
                    object.map_err(|error| format!("Failed to download the input from {uri}: {error}"))?;
                // `AsyncPredictor` of SageMaker's Python SDK gives the type to the object only.
                if let Some(content_type) = object.content_type
                    && content_type != S3_DEFAULT_CONTENT_TYPE
                {
                    headers.entry(header::CONTENT_TYPE).or_insert(content_type);
                }
                object.body
            }
            AsyncInput::Inline(body) => body.clone(),
        };
        loop {
            match self.try_predict(&headers, input.clone()).await {
                Ok(output) => return Ok(output),
                // No client waits for this result.
                Err(cause) if cause.is_overload() => sleep(RETRY_AFTER).await,
                Err(cause) => {
                    let endpoint = self.invocation.endpoint.name();
                    let owner = &self.state.options.owner;
                    return Err(ServiceError::from_container(owner, endpoint, self.id, &cause).message());
                }
            }
        }
    }

    async fn try_predict(&self, headers: &HeaderMap, input: Bytes) -> Result<Bytes, InvocationError> {
        let EndpointInvocation { endpoint, variant, .. } = &self.invocation;
        let memory = &self.state.async_memory;
        let mut reservation = memory.reserve();
        reservation.resize(input.len())?;
        let response = self.state.invoke(endpoint, variant, headers, (input, reservation)).await?;
        let (_, body) = collect(response, MAX_ASYNC_BODY_BYTES, memory).await?;
        Ok(body)
    }
}
