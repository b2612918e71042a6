//! One router for all services: each request goes to the one that it is signed for, or that target and path name.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    body::to_bytes,
    extract::{Request, State},
    http::{Method, StatusCode},
    response::{IntoResponse as _, Response},
    routing::any,
};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{
    caller::{Caller, RequestedService},
    json_body::JsonBodies,
    logs, query,
    s3::{self, S3Folder},
    services::AllServices,
};
use crate::{
    aws::json::{ApiError, Input, read_call, respond},
    control_plane::{self, SageMakerService},
    requests::{RequestLimits, limit_requests},
};

/// The longest time that a request to describe something waits for its final status.
const DESCRIBE_WAIT: Duration = Duration::from_secs(10);
/// The time between two looks at the status meanwhile.
const DESCRIBE_INTERVAL: Duration = Duration::from_millis(5);

/// What all requests share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) services: AllServices,
    pub(super) s3: S3,
    pub(super) json_bodies: JsonBodies,
    /// Whether clients may set faults.
    pub(super) has_chaos: bool,
    /// Whether requests to describe something wait for its final status.
    pub(super) waits: bool,
}

/// Where buckets are.
#[derive(Debug)]
pub(super) enum S3 {
    /// In a folder of this process.
    Folder(S3Folder),
    /// At another URL, which clients ask themselves.
    Url(String),
}

/// Returns the router of all services.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    // S3 has limits of its own: uploads take longer than other requests may.
    let services = Router::new()
        .route("/endpoints/{*path}", any(runtime))
        .fallback(others)
        .with_state(Arc::clone(&shared));
    let services = limit_requests(services, RequestLimits::default());
    Router::new().fallback(move |request: Request| {
        let (shared, services) = (Arc::clone(&shared), services.clone());
        async move {
            if Caller::new(&request).service == RequestedService::S3 && request.uri().path() != "/metrics" {
                return shared.s3.respond(request).await;
            }
            let Ok(response) = services.oneshot(request).await;
            response
        }
    })
}

impl S3 {
    async fn respond(&self, request: Request) -> Response {
        match self {
            Self::Folder(folder) => folder.respond(request).await,
            Self::Url(url) => {
                let message = format!(
                    "S3 is not here but at {url} (--s3-url): set AWS_ENDPOINT_URL_S3={url} for the client"
                );
                s3::error(StatusCode::BAD_REQUEST, "InvalidRequest", &message)
            }
        }
    }
}

async fn runtime(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    shared.to_endpoint(&Caller::new(&request), request).await
}

async fn others(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let caller = Caller::new(&request);
    match &caller.service {
        RequestedService::Json => respond(shared.json(&caller, request).await),
        RequestedService::Query => match to_bytes(request.into_body(), query::MAX_BODY_BYTES).await {
            Ok(body) => query::respond(&caller.owner, &body),
            Err(_) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        },
        RequestedService::Runtime => shared.to_endpoint(&caller, request).await,
        RequestedService::Local => shared.local(&caller, request).await,
        RequestedService::S3 => shared.s3.respond(request).await,
        RequestedService::Other(name) => respond(Err(ApiError::new(
            "UnknownOperationException",
            format!(
                "the service {name} is not supported here: s3, sts, iam, logs and sagemaker are; see \
                 docs/local-sagemaker/reference.md"
            ),
        ))),
    }
}

impl Shared {
    async fn json(&self, caller: &Caller, request: Request) -> Result<Value, ApiError> {
        let (parts, body) = request.into_parts();
        let body = self.json_bodies.read(body).await?;
        let (service, operation, input) = read_call(&parts.headers, &body.bytes)?;
        let services = self.services.get(&caller.owner)?;
        match service {
            control_plane::TARGET_PREFIX if self.waits => {
                settled(&services.sagemaker, operation, &input).await
            }
            control_plane::TARGET_PREFIX => services.sagemaker.call(operation, &input).await,
            logs::TARGET_PREFIX => services.logs.call(operation, &input),
            other => Err(ApiError::unknown_operation(other, operation)),
        }
    }

    /// Sends a request to `/endpoints/NAME/..` or `/chaos/NAME` to the account that has the endpoint.
    async fn to_endpoint(&self, caller: &Caller, request: Request) -> Response {
        let name = request.uri().path().split('/').nth(2).unwrap_or_default();
        let name = percent_decode_str(name).decode_utf8_lossy().into_owned();
        match self.services.for_endpoint(caller, &name) {
            Ok(services) => services.to_endpoint(&name, request).await,
            Err(error) => respond(Err(error)),
        }
    }

    async fn local(&self, caller: &Caller, request: Request) -> Response {
        let path = request.uri().path();
        match (request.method(), path) {
            (&Method::GET | &Method::HEAD, "/_local/health") => Json(self.health()).into_response(),
            (&Method::GET | &Method::HEAD, "/ping") => StatusCode::OK.into_response(),
            (&Method::POST, "/_local/reset") => self.reset().await,
            _ if path.starts_with("/chaos/") && self.has_chaos => self.to_endpoint(caller, request).await,
            _ => {
                let message =
                    "expected GET /_local/health, POST /_local/reset, or, with --chaos, /chaos/NAME";
                (StatusCode::NOT_FOUND, Json(json!({ "message": message }))).into_response()
            }
        }
    }

    fn health(&self) -> Value {
        let s3 = match &self.s3 {
            S3::Folder(_) => "running".to_owned(),
            S3::Url(url) => url.clone(),
        };
        json!({
            "status": "ok",
            "version": env!("CARGO_PKG_VERSION"),
            "services": {
                "s3": s3,
                "sts": "running",
                "iam": "running",
                "logs": "running",
                "sagemaker": "running",
                "sagemaker-runtime": "running",
            },
        })
    }

    /// Deletes all records, logs and buckets.
    async fn reset(&self) -> Response {
        self.services.clear();
        if let S3::Folder(folder) = &self.s3 {
            let folder = folder.clone();
            let cleared = tokio::task::spawn_blocking(move || folder.clear()).await;
            let error = match cleared {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error.to_string()),
                Err(panic) => Some(panic.to_string()),
            };
            if let Some(error) = error {
                let message = format!("the buckets cannot be deleted: {error}");
                return (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({ "message": message })))
                    .into_response();
            }
        }
        StatusCode::NO_CONTENT.into_response()
    }
}

/// Does an operation; one that describes something waits until its status is final, but not for long.
///
/// A client's waiter asks at once and then every 30 s or more: its first answer should end it.
async fn settled(service: &SageMakerService, operation: &str, input: &Input) -> Result<Value, ApiError> {
    let begin = Instant::now();
    loop {
        let result = service.call(operation, input).await;
        let is_under_way = operation.starts_with("Describe") && result.as_ref().is_ok_and(is_under_way);
        if !is_under_way || begin.elapsed() >= DESCRIBE_WAIT {
            return result;
        }
        tokio::time::sleep(DESCRIBE_INTERVAL).await;
    }
}

/// Returns whether a description has a status that changes by itself.
fn is_under_way(described: &Value) -> bool {
    const STATUSES: [&str; 5] = [
        "TrainingJobStatus",
        "EndpointStatus",
        "TransformJobStatus",
        "HyperParameterTuningJobStatus",
        "NotebookInstanceStatus",
    ];
    const UNDER_WAY: [&str; 6] = ["InProgress", "Stopping", "Creating", "Updating", "Deleting", "Pending"];
    let status = STATUSES.iter().find_map(|member| described.get(member)?.as_str());
    status.is_some_and(|status| UNDER_WAY.contains(&status))
}
