//! `/chaos/{endpoint}`: reads and sets the faults of an endpoint.

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, State, rejection::PathRejection},
    http::StatusCode,
    routing::get,
};
use bytes::Bytes;
use serde_json::{Value, json};
use std::sync::Arc;

use crate::{Endpoint, Endpoints, faults::Faults};

/// The largest request; it has five numbers.
const MAX_BODY_BYTES: usize = 4096;

/// Returns routes for fault injection. `GET /chaos/{endpoint}` returns the [faults](crate::faults) of an endpoint, `PUT`
/// replaces them: a JSON object with any of `latencyMs`, `modelError`, `unavailable`, `throttling` and `notReady`; omitted
/// faults are 0.
///
/// For tests only: all clients of these routes can make the endpoints fail. Errors are JSON, `{"message": ".."}`: 404 for an
/// unknown endpoint, 400 for invalid faults, which change nothing.
pub fn chaos_routes(endpoints: Endpoints) -> Router {
    Router::new()
        .route("/chaos/{endpoint}", get(show).put(replace))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(endpoints)
}

type ChaosError = (StatusCode, Json<Value>);

fn chaos_error(status: StatusCode, message: &str) -> ChaosError {
    (status, Json(json!({ "message": message })))
}

async fn show(
    State(endpoints): State<Endpoints>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<Faults>, ChaosError> {
    Ok(Json(find(&endpoints, name)?.faults()))
}

async fn replace(
    State(endpoints): State<Endpoints>,
    name: Result<Path<String>, PathRejection>,
    body: Bytes,
) -> Result<Json<Faults>, ChaosError> {
    let endpoint = find(&endpoints, name)?;
    let faults = serde_json::from_slice::<Faults>(&body)
        .map_err(|error| chaos_error(StatusCode::BAD_REQUEST, &format!("invalid faults: {error}")))?;
    endpoint.set_faults(faults);
    tracing::warn!(endpoint = endpoint.name(), %faults, "set the faults of an endpoint");
    Ok(Json(faults))
}

fn find(
    endpoints: &Endpoints,
    name: Result<Path<String>, PathRejection>,
) -> Result<Arc<Endpoint>, ChaosError> {
    let endpoint = name.ok().and_then(|Path(name)| endpoints.get(&name));
    endpoint.ok_or_else(|| chaos_error(StatusCode::NOT_FOUND, "there is no endpoint of this name"))
}
