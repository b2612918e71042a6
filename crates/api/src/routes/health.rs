//! `GET /health`.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::state::ApiState;

/// The health of the API.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    /// Always `ok`.
    status: &'static str,
    /// The name of the backend.
    backend: &'static str,
    /// The version of questionnaire and catalogue.
    schema_version: String,
}

/// Returns the health of the API and the name of its backend.
#[utoipa::path(get, path = "/health", tag = "service", responses((status = 200, description = "The API is up", body = Health)))]
pub(super) async fn health(State(ApiState { recommender, .. }): State<ApiState>) -> Json<Health> {
    let schema_version = mysfits_domain::ModelSchema::current().version;
    Json(Health { status: "ok", backend: recommender.name(), schema_version })
}
