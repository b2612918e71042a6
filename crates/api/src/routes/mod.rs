//! The routes, and what stands around them.

mod mysfits;
mod openapi;
mod recommendations;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    middleware::map_response,
    response::{IntoResponse as _, Response},
    routing::{MethodRouter, get, post},
};
use serde::Serialize;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::ToSchema;

use crate::{AllowOrigin, Problem, Recommender, cors};

pub use openapi::OpenApi;

/// The most that is read of a body, in bytes: a hundred times what a request needs.
pub const MAX_BODY_BYTES: usize = 16 * 1024;

/// What handlers share.
type Shared = Arc<dyn Recommender>;

/// The whole API for pages of any origin: the routes, and a problem document for every other path.
pub fn router(recommender: impl Recommender) -> Router {
    router_for(recommender, AllowOrigin::ANY)
}

/// The whole API for pages of this origin.
pub fn router_for(recommender: impl Recommender, allow_origin: AllowOrigin) -> Router {
    readable(unguarded(recommender).fallback(async || Problem::NotFound), allow_origin)
}

/// The API's routes without a fallback, to be merged into a router that serves other paths too.
pub fn routes(recommender: impl Recommender) -> Router {
    readable(unguarded(recommender), AllowOrigin::ANY)
}

/// Lets pages read every answer.
fn readable(router: Router, allow_origin: AllowOrigin) -> Router {
    router.layer(map_response(move |response: Response| {
        let response = allow_origin.apply(response);
        async { response }
    }))
}

fn unguarded(recommender: impl Recommender) -> Router {
    let shared: Shared = Arc::new(recommender);
    Router::new()
        .route("/recommendations", with_preflight(post(recommendations::recommend)))
        .route("/mysfits", with_preflight(get(mysfits::list)))
        .route("/mysfits/{mysfit_id}", with_preflight(get(mysfits::get)))
        .route("/questionnaire", with_preflight(get(mysfits::questionnaire)))
        .route("/openapi.json", with_preflight(get(openapi::serve)))
        .route("/health", with_preflight(get(health)))
        .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(CatchPanicLayer::custom(|_| Problem::Internal.into_response()))
        .with_state(shared)
}

fn with_preflight(methods: MethodRouter<Shared>) -> MethodRouter<Shared> {
    methods.options(cors::preflight)
}

/// That the API is up, and who answers.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    status: &'static str,
    /// Who recommends.
    backend: &'static str,
    /// The version of questionnaire and catalogue.
    schema_version: String,
}

/// Says that the API is up, and who answers.
#[utoipa::path(get, path = "/health", tag = "service", responses((status = 200, description = "The API is up", body = Health)))]
async fn health(State(recommender): State<Shared>) -> Json<Health> {
    let schema_version = mysfits_domain::ModelSchema::current().version;
    Json(Health { status: "ok", backend: recommender.name(), schema_version })
}
