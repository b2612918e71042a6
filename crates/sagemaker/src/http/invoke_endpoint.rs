//! `InvokeEndpoint`: the service in front of the containers, with its own errors.

use axum::{
    Json,
    extract::{Path, State, rejection::BytesRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    ACCOUNT, REGION,
    invocation::{InvocationError, answer},
};
use crate::Endpoints;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
/// Every AWS SDK takes the error's type from this header.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const INVOKED_VARIANT: HeaderName = HeaderName::from_static("x-amzn-invoked-production-variant");
/// The name that SageMaker's own SDK gives the only variant of an endpoint.
const VARIANT: HeaderValue = HeaderValue::from_static("AllTraffic");

/// What the service answers instead of a prediction.
enum ServiceError {
    /// No such endpoint, or a request that the service itself refuses.
    Validation(String),
    /// The container refused or failed.
    Model { endpoint: String, cause: InvocationError },
}

impl IntoResponse for ServiceError {
    fn into_response(self) -> Response {
        let (status, error_type, body) = match self {
            Self::Validation(message) => {
                (StatusCode::BAD_REQUEST, "ValidationError", json!({ "Message": message }))
            }
            Self::Model { endpoint, cause } => {
                (StatusCode::FAILED_DEPENDENCY, "ModelError", model_error(&endpoint, &cause))
            }
        };
        (status, [(ERROR_TYPE, HeaderValue::from_static(error_type))], Json(body)).into_response()
    }
}

/// The body of a `ModelError`, in the words of the real service.
fn model_error(endpoint: &str, cause: &InvocationError) -> Value {
    let (status, message) = (cause.status(), cause.message());
    let (code, kind) = if status.is_server_error() {
        ("INTERNAL_FAILURE_FROM_MODEL", "server")
    } else {
        ("CLIENT_ERROR_FROM_MODEL", "client")
    };
    let group = format!("/aws/sagemaker/Endpoints/{endpoint}");
    json!({
        "ErrorCode": code,
        "LogStreamArn": format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}"),
        "Message": format!(
            "Received {kind} error ({}) from primary with message \"{message}\". See \
             https://{REGION}.console.aws.amazon.com/cloudwatch/home?region={REGION}#logEventViewer:group={group} \
             in account {ACCOUNT} for more information.",
            status.as_u16(),
        ),
        "OriginalMessage": message,
        "OriginalStatusCode": status.as_u16(),
    })
}

/// `POST /endpoints/{name}/invocations`.
pub(super) async fn invoke(
    State(endpoints): State<Endpoints>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let mut response = match invoke_by_name(&endpoints, name, &headers, body).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    };
    if let Ok(id) = HeaderValue::from_str(&Uuid::new_v4().to_string()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

async fn invoke_by_name(
    endpoints: &Endpoints,
    name: String,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ServiceError> {
    let Some(endpoint) = endpoints.get(&name) else {
        return Err(ServiceError::Validation(format!("Endpoint {name} of account {ACCOUNT} not found.")));
    };
    let body =
        body.map_err(|rejection| ServiceError::Validation(InvocationError::from(rejection).message()))?;
    let answer = answer(endpoint.model(), headers, body).await;
    let mut response = answer.map_err(|cause| ServiceError::Model { endpoint: name, cause })?.into_response();
    response.headers_mut().insert(INVOKED_VARIANT, VARIANT);
    Ok(response)
}
