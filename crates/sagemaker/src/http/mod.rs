//! The routes: the container's own, and the one that every AWS SDK calls.
//!
//! - Container contract: `GET /ping`, `POST /invocations`, `GET /execution-parameters`. Errors are plain text with the
//!   status that says what is wrong: 400 (the body cannot be evaluated), 413 (more than [`RouterOptions::max_payload_mb`]),
//!   415 (Content-Type), 503 (no model yet). As in the toolkit of Amazon's built-in algorithms, an empty body is answered
//!   204, a request without a content type is read as JSON, and an `Accept` that is not known is answered in JSON;
//!   [`RouterOptions::strict`] refuses these requests with 400, 415 and 406.
//! - `POST /endpoints/{name}/invocations` is InvokeEndpoint: an SDK whose endpoint URL for `sagemaker-runtime` points here
//!   needs nothing else. Signatures are not checked. Every answer has a request id; every refusal has the service's error
//!   type and JSON body, one of a wrong method or path below `/endpoints/` too.
//! - [`chaos_routes`] are apart: who adds them lets callers set [`faults`](crate::faults).
//!
//! Answers of many numbers are streamed: they are written while they are sent, and never stand in memory as a whole.
//!
//! What requests may take is bounded: as many predictions at once as there are cores, short requests apart from long
//! ones, each with a bounded queue; 80 MiB for bodies, decoded samples and unread responses together, 16 MiB of them for
//! small requests only. What is beyond is answered 503 at once, and SDKs try it again. The work for a client that has
//! hung up is cancelled.
//!
//! Source: SageMaker Developer Guide, "Use Your Own Inference Code with Hosting Services"; the service model of
//! `sagemaker-runtime`. Where these say nothing, the module `service_error` says what we chose.

mod allowed_hosts;
mod body;
mod chaos;
mod invocation;
mod invoke_endpoint;
mod memory_budget;
mod options;
mod service_error;
mod validation;
mod workers;

use std::{num::NonZero, thread::available_parallelism};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{any, get, post},
};
use serde_json::{Value, json};

use crate::{Endpoints, faults::Rate};
use memory_budget::MemoryBudget;
use workers::Workers;

pub use allowed_hosts::{AllowedHosts, ForeignRequestError};
pub use chaos::chaos_routes;
pub use invoke_endpoint::INVOCATION_TIMEOUT;
pub use options::RouterOptions;

/// The largest body of a request to InvokeEndpoint, by the service model. `/invocations` has the same limit by default.
pub const MAX_BODY_BYTES: usize = 6_291_456;

/// The account in messages and log names: AWS's own placeholder, for there is no account.
pub const ACCOUNT: &str = "123456789012";
/// The region in messages and log names.
pub const REGION: &str = "us-east-1";

/// What every request is answered from.
#[derive(Debug, Clone)]
struct Hosting {
    endpoints: Endpoints,
    workers: Workers,
    memory: MemoryBudget,
    options: RouterOptions,
}

/// Returns all SageMaker routes over these endpoints, with the default [`RouterOptions`]. There is no fallback outside of
/// `/endpoints/`, so that the routes can be merged into any router.
///
/// Needs tokio's timers (`enable_time` or `enable_all`).
pub fn router(endpoints: Endpoints) -> Router {
    router_with(endpoints, RouterOptions::default())
}

/// Returns the same routes as [`router`], with these options.
pub fn router_with(endpoints: Endpoints, options: RouterOptions) -> Router {
    let service = Router::new()
        .route("/{name}/invocations", post(invoke_endpoint::invoke).fallback(invoke_endpoint::unknown))
        .route("/{name}/invocations-response-stream", any(invoke_endpoint::response_stream))
        .route("/{name}/async-invocations", any(invoke_endpoint::asynchronous))
        .fallback(invoke_endpoint::unknown);
    Router::new()
        .route("/ping", get(ping))
        .route("/invocations", post(invocation::container))
        .route("/execution-parameters", get(execution_parameters))
        .nest("/endpoints", service)
        .with_state(Hosting {
            endpoints,
            workers: Workers::new(cores()),
            memory: MemoryBudget::for_payloads(options.max_payload_bytes()),
            options,
        })
}

/// The refusal of an SDK's request by who stands before the routes and has no room for it: 503 `ServiceUnavailable`,
/// which SDKs try again.
#[must_use]
pub fn service_unavailable(message: &str) -> Response {
    service_error::identified(service_error::ServiceError::Unavailable(message.to_owned()).into_response())
}

/// The response to an SDK that took too long to send its request: 408 `RequestTimeoutException`, which SDKs try again.
#[must_use]
pub fn request_timeout(message: &str) -> Response {
    service_error::identified(service_error::ServiceError::RequestTimeout(message.to_owned()).into_response())
}

fn cores() -> usize {
    available_parallelism().map_or(1, NonZero::get)
}

/// Healthy with an empty body as soon as there is a model to ask.
async fn ping(State(hosting): State<Hosting>) -> StatusCode {
    match hosting.endpoints.default_endpoint() {
        Some(endpoint) if endpoint.faults().not_ready < Rate::ALWAYS => StatusCode::OK,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// What batch transform asks before it begins. One transform at a time, as the log of the k-NN container shows.
async fn execution_parameters(State(hosting): State<Hosting>) -> Json<Value> {
    Json(json!({
        "MaxConcurrentTransforms": 1,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": hosting.options.payload_mb(),
    }))
}
