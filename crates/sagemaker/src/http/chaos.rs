//! `/chaos/{endpoint}`: reads and sets the faults of an endpoint.

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, State, rejection::PathRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use serde_json::json;
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

enum ChaosError {
    NoEndpoint,
    Faults(serde_json::Error),
}

impl IntoResponse for ChaosError {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::NoEndpoint => (StatusCode::NOT_FOUND, "there is no endpoint of this name".to_owned()),
            Self::Faults(error) => (StatusCode::BAD_REQUEST, format!("invalid faults: {error}")),
        };
        (status, Json(json!({ "message": message }))).into_response()
    }
}

async fn show(
    State(endpoints): State<Endpoints>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Response, ChaosError> {
    let endpoint = find(&endpoints, name)?;
    Ok(Json(endpoint.faults()).into_response())
}

async fn replace(
    State(endpoints): State<Endpoints>,
    name: Result<Path<String>, PathRejection>,
    body: Bytes,
) -> Result<Response, ChaosError> {
    let endpoint = find(&endpoints, name)?;
    let faults = serde_json::from_slice::<Faults>(&body).map_err(ChaosError::Faults)?;
    endpoint.set_faults(faults);
    tracing::warn!(endpoint = endpoint.name(), %faults, "set the faults of an endpoint");
    Ok(Json(faults).into_response())
}

fn find(
    endpoints: &Endpoints,
    name: Result<Path<String>, PathRejection>,
) -> Result<Arc<Endpoint>, ChaosError> {
    let name = name.map_err(|_| ChaosError::NoEndpoint)?;
    endpoints.get(&name).cloned().ok_or(ChaosError::NoEndpoint)
}
