//! HTTP routes: those of the container, and InvokeEndpoint, which AWS SDKs call.
//!
//! - Container contract: `GET /ping`, `POST /invocations`, `GET /execution-parameters`. Errors are plain text with these
//!   statuses: 400 (the body cannot be evaluated), 413 (more than [`RouterOptions::max_payload_mb`]),
//!   415 (Content-Type), 503 (no model yet). As in the toolkit of Amazon's built-in algorithms, an empty body gets an
//!   empty 204, a request without a content type is read as JSON, and an unknown `Accept` gets JSON;
//!   [`RouterOptions::strict`] rejects these requests with 400, 415 and 406.
//! - `POST /endpoints/{name}/invocations` is InvokeEndpoint: an SDK whose endpoint URL for `sagemaker-runtime` points here
//!   needs nothing else. Signatures are not checked. Every response has a request id. Every error has the service's error
//!   type and JSON body, including those of a wrong method or path below `/endpoints/`.
//! - `../invocations-response-stream` is InvokeEndpointWithResponseStream: events are sent as the response arrives.
//! - `../async-invocations` is InvokeEndpointAsync, for endpoints with [`AsyncInference`](crate::AsyncInference). Inputs and
//!   outputs have at most [`MAX_ASYNC_BODY_BYTES`]; the service allows 1 GB.
//! - [`chaos_routes`] are separate: they let clients inject [`faults`](crate::faults).
//!
//! Large responses are streamed: rows are encoded while the response is sent, and it is never in memory as a whole.
//!
//! The resources of requests are limited. There are as many concurrent predictions as cores, with separate lanes and bounded
//! queues for short and long requests. Bodies, decoded samples and unread responses share a [`MemoryBudget`], a fifth of
//! which is reserved for small requests. Small requests to a large model that wait for a worker are predicted in one batch.
//! Requests beyond these limits get 503 immediately, which SDKs retry. If a client
//! disconnects, its work is cancelled.
//!
//! Source: SageMaker Developer Guide, "Use Your Own Inference Code with Hosting Services"; the service model of
//! `sagemaker-runtime`. The module `service_error` documents our choices where these are silent.

mod allowed_hosts;
mod async_invocation;
mod body;
mod captured_body;
mod chaos;
mod container_response;
mod event_stream;
mod headers;
mod invocation;
mod invoke_endpoint;
mod memory_budget;
mod options;
mod response_stream;
mod service_error;
mod shared_batch;
mod validation;
mod workers;

use std::{num::NonZero, thread::available_parallelism};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use crate::{
    endpoint::Endpoints,
    faults::Rate,
    variant::{Variant, VariantBackend},
};
use shared_batch::SharedBatches;
use workers::Workers;

pub use crate::account::{ACCOUNT, REGION};
pub use allowed_hosts::{AllowedHosts, ForeignRequestError};
pub use chaos::chaos_routes;
pub use invoke_endpoint::INVOCATION_TIMEOUT;
pub use memory_budget::MemoryBudget;
pub use options::RouterOptions;

/// The largest body of a request to InvokeEndpoint, by the service model. `/invocations` has the same limit by default.
pub const MAX_BODY_BYTES: usize = 6_291_456;
/// The largest body of a request to a serverless endpoint, and of its response.
pub const MAX_SERVERLESS_BODY_BYTES: usize = 4 << 20;
/// The largest input and output of an asynchronous invocation. The service allows 1 GB.
pub const MAX_ASYNC_BODY_BYTES: usize = 100 << 20;
/// The largest body of a request to InvokeEndpointAsync, by the service model.
pub const MAX_INLINE_BODY_BYTES: usize = 128_000;

/// The state of the routes.
#[derive(Debug, Clone)]
struct RouterState {
    endpoints: Endpoints,
    workers: Workers,
    shared_batches: SharedBatches,
    memory: MemoryBudget,
    async_memory: MemoryBudget,
    options: RouterOptions,
}

/// Returns all SageMaker routes for these endpoints, with the default [`RouterOptions`]. There is no fallback outside of
/// `/endpoints/`, so that the routes can be merged with other routers.
///
/// Needs tokio's timers (`enable_time` or `enable_all`).
pub fn router(endpoints: Endpoints) -> Router {
    router_with(endpoints, RouterOptions::default())
}

/// Returns the same routes as [`router`], with these options.
pub fn router_with(endpoints: Endpoints, options: RouterOptions) -> Router {
    let service = Router::new()
        .route("/{name}/invocations", post(invoke_endpoint::invoke).fallback(invoke_endpoint::unknown))
        .route(
            "/{name}/invocations-response-stream",
            post(response_stream::invoke).fallback(invoke_endpoint::unknown),
        )
        .route("/{name}/async-invocations", post(async_invocation::invoke).fallback(invoke_endpoint::unknown))
        .fallback(invoke_endpoint::unknown);
    Router::new()
        .route("/ping", get(ping))
        .route("/invocations", post(invocation::container))
        .route("/execution-parameters", get(execution_parameters))
        .nest("/endpoints", service)
        .with_state(RouterState {
            endpoints,
            workers: Workers::new(cores()),
            shared_batches: SharedBatches::default(),
            memory: options.memory.clone().with_batch(options.max_payload_bytes()),
            async_memory: MemoryBudget::for_async_invocations(),
            options,
        })
}

/// Returns 503 `ServiceUnavailable`, which SDKs retry: for middleware that sheds load in front of these routes.
#[must_use]
pub fn service_unavailable(message: &str) -> Response {
    service_error::with_new_request_id(
        service_error::ServiceError::Unavailable(message.to_owned()).into_response(),
    )
}

/// Returns 408 `RequestTimeoutException`, which SDKs retry: for clients that took too long to send the request.
#[must_use]
pub fn request_timeout(message: &str) -> Response {
    service_error::with_new_request_id(
        service_error::ServiceError::RequestTimeout(message.to_owned()).into_response(),
    )
}

fn cores() -> usize {
    available_parallelism().map_or(1, NonZero::get)
}

/// Returns an empty 200 as soon as there is a model, and all containers of the endpoint are healthy.
async fn ping(State(state): State<RouterState>) -> StatusCode {
    match state.endpoints.default_endpoint() {
        Some(endpoint) if endpoint.faults().not_ready < Rate::ALWAYS => {
            for backend in endpoint.deployment().variants().iter().map(Variant::backend) {
                if let VariantBackend::Container(container) = backend
                    && !container.is_healthy().await
                {
                    return StatusCode::SERVICE_UNAVAILABLE;
                }
            }
            StatusCode::OK
        }
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Returns the parameters of batch transform. One transform at a time, as the log of the k-NN container shows.
async fn execution_parameters(State(state): State<RouterState>) -> Json<Value> {
    Json(json!({
        "MaxConcurrentTransforms": 1,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": state.options.max_payload_mb,
    }))
}
