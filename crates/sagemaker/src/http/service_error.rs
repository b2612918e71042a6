//! What the service answers instead of a prediction: error type in a header, the rest in a JSON body.
//!
//! The bodies are those of the real service as far as they have been seen in public: `ModelError`, an unknown endpoint,
//! an oversize body ("Request .. has oversize body."), a target model on an endpoint with one model, and the form of
//! constraint violations ("1 validation error detected: ..") that AWS's services have in common. Ours, because nobody
//! wrote down what the real service says: all that names a variant, container, component, session or explainer that is
//! not there (`ValidationError`), operations that are not emulated (`ValidationError`), and paths or methods that are no
//! operation (404 `UnknownOperationException`).

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    ACCOUNT, REGION,
    invocation::{InvocationError, shortened},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
/// Every AWS SDK takes the error's type from this header.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
/// The longest `Message`, by the service model.
const MAX_MESSAGE_CHARS: usize = 2048 - 1;

/// Why the service gives no prediction.
#[derive(Debug)]
pub(super) enum ServiceError {
    /// No such endpoint, or a request that the service itself refuses.
    Validation(String),
    /// A target model, where there are no several models.
    TargetModel(String),
    /// The container refused, failed, or did not answer in time.
    Model(ModelError),
    /// More requests than the account may make.
    Throttling,
    /// The container is still starting.
    NotReady(String),
    /// The service has no room for the request.
    Unavailable(String),
    /// The client took too long to send the request.
    RequestTimeout(String),
    /// The path and method are no operation of the service.
    UnknownOperation,
}

/// What the container answered instead of a prediction.
#[derive(Debug)]
pub(super) struct ModelError {
    pub(super) endpoint: String,
    /// 0 if there was no answer.
    pub(super) status: u16,
    pub(super) message: String,
}

impl ModelError {
    pub(super) fn new(endpoint: &str, cause: &InvocationError) -> Self {
        Self { endpoint: endpoint.to_owned(), status: cause.status().as_u16(), message: cause.message() }
    }

    pub(super) fn timeout(endpoint: &str) -> Self {
        let message = "Your invocation timed out while waiting for a response from container primary. Review the latency \
                       metrics for each container in Amazon CloudWatch, resolve the issue, and try again.";
        Self { endpoint: endpoint.to_owned(), status: 0, message: message.to_owned() }
    }

    /// The body, in the words of the real service.
    fn body(&self) -> Value {
        let Self { endpoint, status, message } = self;
        let (code, kind) = match status {
            400..500 => ("CLIENT_ERROR_FROM_MODEL", "client"),
            _ => ("INTERNAL_FAILURE_FROM_MODEL", "server"),
        };
        let group = format!("/aws/sagemaker/Endpoints/{endpoint}");
        json!({
            "ErrorCode": code,
            "LogStreamArn": format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}"),
            "Message": format!(
                "Received {kind} error ({status}) from primary with message \"{message}\". See \
                 https://{REGION}.console.aws.amazon.com/cloudwatch/home?region={REGION}#logEventViewer:group={group} \
                 in account {ACCOUNT} for more information.",
            ),
            "OriginalMessage": message,
            "OriginalStatusCode": status,
        })
    }
}

impl IntoResponse for ServiceError {
    fn into_response(self) -> Response {
        let message = |text: String| json!({ "Message": shortened(text, MAX_MESSAGE_CHARS) });
        let (status, error_type, body) = match self {
            Self::Validation(text) => (StatusCode::BAD_REQUEST, "ValidationError", message(text)),
            Self::TargetModel(endpoint) => (
                StatusCode::BAD_REQUEST,
                "ValidationError",
                json!({
                    "ErrorCode": "TARGET_MODEL_HEADER_NOT_SUPPORTED",
                    "Message": format!(
                        "Endpoint {endpoint} is not a multi-model endpoint and does not support target model header."
                    ),
                }),
            ),
            Self::Model(error) => (StatusCode::FAILED_DEPENDENCY, "ModelError", error.body()),
            // The one error whose message is spelled so: it comes from what stands before all of AWS's services.
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

/// The response with a request id of its own.
pub(super) fn identified(response: Response) -> Response {
    identified_by(Uuid::new_v4(), response)
}

/// The response with this request id.
pub(super) fn identified_by(id: Uuid, mut response: Response) -> Response {
    let mut buffer = Uuid::encode_buffer();
    if let Ok(id) = HeaderValue::from_str(id.hyphenated().encode_lower(&mut buffer)) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
