//! Error responses of the service: the error type in a header, the rest in a JSON body.
//!
//! The bodies are those of the real service as far as they have been seen in public: `ModelError`, an unknown endpoint,
//! an oversize body ("Request .. has oversize body."), a target model on an endpoint with one model, and the form of
//! constraint violations ("1 validation error detected: ..") that AWS's services share. The other messages are our own,
//! because those of the real service are not documented: for unknown variants, containers, components, sessions and
//! explainers (`ValidationError`), synchronous requests to asynchronous endpoints and the reverse (`ValidationError`), a container
//! that is not reachable (`ServiceUnavailable`) or breaks off (`ModelError`, status 0), and unknown paths or methods (404
//! `UnknownOperationException`).

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::container_response::InvocationError;
use crate::{
    account::AccountRegion, container::ContainerError, faults::EndpointFault, multi_model::ModelLoadError,
    text::shorten,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
/// The header from which AWS SDKs take the type of an error.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
/// The longest `Message`, by the service model.
const MAX_MESSAGE_CHARS: usize = 2048 - 1;

#[derive(Debug)]
pub(super) enum ServiceError {
    /// The endpoint does not exist, or the service rejects the request.
    Validation(String),
    /// A target model for an endpoint with a single model.
    TargetModel(String),
    /// The container rejected the request, failed, or timed out: the body of the response.
    Model(Value),
    /// Too many requests of the account.
    Throttling,
    /// The container is still starting.
    NotReady(String),
    /// The service is overloaded.
    Unavailable(String),
    /// The client took too long to send the request.
    RequestTimeout(String),
    /// The path or method is not an operation of the service.
    UnknownOperation,
}

impl ServiceError {
    /// Returns the error of the service for an error of the container of this endpoint.
    pub(super) fn from_container(
        owner: &AccountRegion,
        endpoint: &str,
        id: Uuid,
        cause: &InvocationError,
    ) -> Self {
        match cause {
            // The model has not seen the request.
            cause if cause.is_overload() => Self::Unavailable(cause.message()),
            InvocationError::ContainerFailed(ContainerError::Unreachable(_))
            | InvocationError::ModelLoad(ModelLoadError::Store(_)) => Self::Unavailable(cause.message()),
            InvocationError::ContainerFailed(ContainerError::Broken(_)) => {
                Self::model(owner, endpoint, 0, &cause.message())
            }
            InvocationError::NoTargetModel => {
                Self::Validation(format!("Request {id} is missing a target model header."))
            }
            InvocationError::ModelLoad(ModelLoadError::NotFound { .. }) => Self::Validation(cause.message()),
            InvocationError::TooManyRequests(_) | InvocationError::Fault(EndpointFault::Throttling) => {
                Self::Throttling
            }
            InvocationError::Fault(EndpointFault::Unavailable) => Self::Unavailable(format!(
                "Endpoint {endpoint} is unavailable (injected fault). Please try again."
            )),
            InvocationError::Fault(EndpointFault::NotReady) => Self::NotReady(format!(
                "The model of endpoint {endpoint} is not ready (injected fault). Please try again."
            )),
            _ => Self::model(owner, endpoint, cause.status().as_u16(), &cause.message()),
        }
    }

    pub(super) fn timeout(owner: &AccountRegion, endpoint: &str) -> Self {
        let message = "Your invocation timed out while waiting for a response from container primary. Review the latency \
                       metrics for each container in Amazon CloudWatch, resolve the issue, and try again.";
        Self::model(owner, endpoint, 0, message)
    }

    /// Returns the error for a response of the container with this status, worded like that of the real service.
    fn model(owner: &AccountRegion, endpoint: &str, status: u16, message: &str) -> Self {
        let (code, kind) = match status {
            400..500 => ("CLIENT_ERROR_FROM_MODEL", "client"),
            _ => ("INTERNAL_FAILURE_FROM_MODEL", "server"),
        };
        let group = format!("/aws/sagemaker/Endpoints/{endpoint}");
        let (account, region) = (owner.account(), owner.region());
        Self::Model(json!({
            "ErrorCode": code,
            "LogStreamArn": owner.arn("logs", &format!("log-group:{group}")),
            "Message": format!(
                "Received {kind} error ({status}) from primary with message \"{message}\". See \
                 https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logEventViewer:group={group} \
                 in account {account} for more information.",
            ),
            "OriginalMessage": message,
            "OriginalStatusCode": status,
        }))
    }

    /// Returns the text that says what happened.
    pub(super) fn message(&self) -> String {
        match self {
            Self::Validation(text)
            | Self::NotReady(text)
            | Self::Unavailable(text)
            | Self::RequestTimeout(text) => text.clone(),
            Self::TargetModel(endpoint) => format!(
                "Endpoint {endpoint} is not a multi-model endpoint and does not support target model header."
            ),
            Self::Model(body) => body["Message"].as_str().unwrap_or_default().to_owned(),
            Self::Throttling => "Rate exceeded".to_owned(),
            Self::UnknownOperation => "Unknown operation".to_owned(),
        }
    }
}

impl IntoResponse for ServiceError {
    fn into_response(self) -> Response {
        let message = |text: String| json!({ "Message": shorten(&text, MAX_MESSAGE_CHARS) });
        let text = self.message();
        let (status, error_type, body) = match self {
            Self::Validation(text) => (StatusCode::BAD_REQUEST, "ValidationError", message(text)),
            Self::TargetModel(_) => (
                StatusCode::BAD_REQUEST,
                "ValidationError",
                json!({ "ErrorCode": "TARGET_MODEL_HEADER_NOT_SUPPORTED", "Message": text }),
            ),
            Self::Model(body) => (StatusCode::FAILED_DEPENDENCY, "ModelError", body),
            // The only error with a lower-case `message`: it comes from the common front end of AWS's services.
            Self::Throttling => {
                (StatusCode::BAD_REQUEST, "ThrottlingException", json!({ "message": "Rate exceeded" }))
            }
            Self::NotReady(text) => (StatusCode::TOO_MANY_REQUESTS, "ModelNotReadyException", message(text)),
            Self::Unavailable(text) => (StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", message(text)),
            Self::RequestTimeout(text) => {
                (StatusCode::REQUEST_TIMEOUT, "RequestTimeoutException", message(text))
            }
            Self::UnknownOperation => (StatusCode::NOT_FOUND, "UnknownOperationException", json!({})),
        };
        (status, [(ERROR_TYPE, HeaderValue::from_static(error_type))], Json(body)).into_response()
    }
}

/// Adds a new request id to a response.
pub(super) fn with_new_request_id(response: Response) -> Response {
    with_request_id(Uuid::new_v4(), response)
}

/// Adds this request id to a response.
pub(super) fn with_request_id(id: Uuid, mut response: Response) -> Response {
    let mut buffer = Uuid::encode_buffer();
    if let Ok(id) = HeaderValue::from_str(id.hyphenated().encode_lower(&mut buffer)) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
