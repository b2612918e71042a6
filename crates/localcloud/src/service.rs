//! One port for all services that are ours: AWS JSON 1.1 at `POST /`, told apart by their targets; beside it SageMaker's
//! runtime, and the routes that set an endpoint's faults.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::HeaderMap,
    response::Response,
    routing::post,
};
use serde_json::Value;

use crate::{
    aws_json::{ApiError, Input, TARGET, respond},
    records::{AutoScaling, CodeCommit, autoscaling, codecommit},
    sagemaker::{self, SageMaker},
};

/// No request of these services is longer, in bytes.
const MAX_BODY_BYTES: usize = 4 << 20;

/// The services.
#[derive(Debug)]
struct Services {
    sagemaker: SageMaker,
    codecommit: CodeCommit,
    autoscaling: AutoScaling,
}

/// The routes of all services.
pub fn router(sagemaker: SageMaker) -> Router {
    let runtime = sagemaker.runtime();
    let services = Services {
        autoscaling: AutoScaling::new(sagemaker.clone()),
        codecommit: CodeCommit::default(),
        sagemaker,
    };
    Router::new()
        .route("/", post(call))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(Arc::new(services))
        .fallback_service(runtime)
}

async fn call(State(services): State<Arc<Services>>, headers: HeaderMap, body: Bytes) -> Response {
    respond(services.call(&headers, &body).await)
}

impl Services {
    async fn call(&self, headers: &HeaderMap, body: &Bytes) -> Result<Value, ApiError> {
        let target = headers.get(TARGET).and_then(|target| target.to_str().ok()).unwrap_or_default();
        let (service, operation) = target.split_once('.').ok_or_else(|| {
            let message = format!("{TARGET} is {target:?}; it must be <service>.<operation>");
            ApiError::new("UnknownOperationException", message)
        })?;
        let input: Input = if body.is_empty() {
            Input::new()
        } else {
            serde_json::from_slice(body)
                .map_err(|error| ApiError::new("SerializationException", error.to_string()))?
        };
        match service {
            sagemaker::TARGET_PREFIX => self.sagemaker.call(operation, &input).await,
            codecommit::TARGET_PREFIX => self.codecommit.call(operation, &input),
            autoscaling::TARGET_PREFIX => self.autoscaling.call(operation, &input),
            other => Err(ApiError::new(
                "UnknownOperationException",
                format!("there is no service {other} here; see AWS_ENDPOINT_URL for the emulator's"),
            )),
        }
    }
}
