//! `/chaos/{endpoint}`: an endpoint's faults, seen and set from outside.

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

use crate::{
    Endpoint, Endpoints,
    faults::{Faults, FaultsError},
};

/// A request names five numbers.
const MAX_BODY_BYTES: usize = 4096;

/// `GET /chaos/{endpoint}` says which [faults](crate::faults) an endpoint has, `PUT` replaces them: a JSON object with
/// any of `latencyMs`, `modelError`, `unavailable`, `throttling` and `notReady`; what is left out does not go wrong.
///
/// For test beds: whoever reaches these routes can break the endpoints. Errors are JSON, `{"message": ".."}`: 404 for an
/// endpoint that is not there, 400 for faults that cannot be, nothing changed.
pub fn chaos_routes(endpoints: Endpoints) -> Router {
    Router::new()
        .route("/chaos/{endpoint}", get(show).put(replace))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(endpoints)
}

enum ChaosError {
    NoEndpoint,
    Faults(FaultsError),
}

impl IntoResponse for ChaosError {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::NoEndpoint => (StatusCode::NOT_FOUND, "there is no endpoint of this name".to_owned()),
            Self::Faults(error) => (StatusCode::BAD_REQUEST, error.to_string()),
        };
        (status, Json(json!({ "message": message }))).into_response()
    }
}

async fn show(
    State(endpoints): State<Endpoints>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Response, ChaosError> {
    let endpoint = find(&endpoints, name)?;
    Ok(Json(endpoint.faults().to_json()).into_response())
}

async fn replace(
    State(endpoints): State<Endpoints>,
    name: Result<Path<String>, PathRejection>,
    body: Bytes,
) -> Result<Response, ChaosError> {
    let endpoint = find(&endpoints, name)?;
    let faults = Faults::from_json(&body).map_err(ChaosError::Faults)?;
    endpoint.set_faults(faults);
    tracing::warn!(endpoint = endpoint.name(), %faults, "the faults of an endpoint were set");
    Ok(Json(faults.to_json()).into_response())
}

fn find(
    endpoints: &Endpoints,
    name: Result<Path<String>, PathRejection>,
) -> Result<Arc<Endpoint>, ChaosError> {
    let name = name.map_err(|_| ChaosError::NoEndpoint)?;
    endpoints.get(&name).cloned().ok_or(ChaosError::NoEndpoint)
}
