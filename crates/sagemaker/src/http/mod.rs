//! The routes: the container's own, and the one that every AWS SDK calls.
//!
//! `GET /ping`, `POST /invocations` (container contract) and `POST /endpoints/{name}/invocations` (InvokeEndpoint). An
//! SDK whose endpoint URL for `sagemaker-runtime` points here needs nothing else; signatures are not checked.

mod invocation;
mod invoke_endpoint;

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    routing::{get, post},
};

use crate::Endpoints;

/// The largest body of a request: the service model's limit for InvokeEndpoint, in bytes.
pub const MAX_BODY_BYTES: usize = 6_291_456;

/// The account in messages and log names: AWS's own placeholder, for there is no account.
const ACCOUNT: &str = "123456789012";
/// The region in messages and log names.
const REGION: &str = "us-east-1";

/// All SageMaker routes over these endpoints. No fallback: it can be merged into any router.
pub fn router(endpoints: Endpoints) -> Router {
    Router::new()
        .route("/ping", get(ping))
        .route("/invocations", post(invocation::container))
        .route("/endpoints/{name}/invocations", post(invoke_endpoint::invoke))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(endpoints)
}

/// Healthy with an empty body as soon as there is a model to ask.
async fn ping(State(endpoints): State<Endpoints>) -> StatusCode {
    if endpoints.default_endpoint().is_some() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}
