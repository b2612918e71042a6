//! The routes, and what stands around them.

mod mysfits;
mod openapi;
mod parameters;
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

use crate::{Adoptions, AllowOrigin, Problem, Recommender, adoption::NotKept, cors};

pub use openapi::OpenApi;

/// The most that is read of a body, in bytes: a hundred times what a request needs.
pub const MAX_BODY_BYTES: usize = 16 * 1024;

/// What handlers share.
#[derive(Clone)]
struct Shared {
    recommender: Arc<dyn Recommender>,
    adoptions: Arc<dyn Adoptions>,
}

/// The whole API for pages of any origin: the routes, and a problem document for every other path.
pub fn router(recommender: impl Recommender) -> Router {
    router_for(recommender, AllowOrigin::ANY)
}

/// The whole API for pages of this origin.
pub fn router_for(recommender: impl Recommender, allow_origin: AllowOrigin) -> Router {
    let routes = around(unguarded(recommender, Arc::new(NotKept)));
    readable(routes.fallback(async || Problem::NotFound), allow_origin)
}

/// The API's routes without a fallback, to be merged into a router that serves other paths too.
pub fn routes(recommender: impl Recommender) -> Router {
    routes_with(recommender, Arc::new(NotKept))
}

/// The same routes, with what visitors did with the mysfits.
pub fn routes_with(recommender: impl Recommender, adoptions: Arc<dyn Adoptions>) -> Router {
    guarded(unguarded(recommender, adoptions))
}

/// Other routes with everything around them that stands around the API's: a problem for a method that is not known, the
/// limit of bodies, an answer where a handler panics, and the headers with which pages of any origin may read it all.
pub fn guarded(routes: Router) -> Router {
    readable(around(routes), AllowOrigin::ANY)
}

/// What stands around routes for whatever origin.
fn around(routes: Router) -> Router {
    routes
        .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(CatchPanicLayer::custom(|_| Problem::Internal.into_response()))
}

/// Lets pages read every answer.
fn readable(router: Router, allow_origin: AllowOrigin) -> Router {
    router.layer(map_response(move |response: Response| {
        let response = allow_origin.apply(response);
        async { response }
    }))
}

fn unguarded(recommender: impl Recommender, adoptions: Arc<dyn Adoptions>) -> Router {
    let shared = Shared { recommender: Arc::new(recommender), adoptions };
    Router::new()
        .route("/recommendations", with_preflight(post(recommendations::recommend)))
        .route("/mysfits", with_preflight(get(mysfits::list)))
        .route("/mysfits/{mysfit_id}", with_preflight(get(mysfits::get)))
        .route("/questionnaire", with_preflight(get(mysfits::questionnaire)))
        .route("/openapi.json", with_preflight(get(openapi::serve)))
        .route("/health", with_preflight(get(health)))
        .with_state(shared)
}

/// Methods, and the answer to a browser that asks whether it may use them from a page of another origin.
pub fn with_preflight<S: Clone + Send + Sync + 'static>(methods: MethodRouter<S>) -> MethodRouter<S> {
    methods.options(cors::preflight)
}

/// The health of the API.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    status: &'static str,
    /// The name of the backend.
    backend: &'static str,
    /// The version of questionnaire and catalogue.
    schema_version: String,
}

/// Returns the health of the API and the name of its backend.
#[utoipa::path(get, path = "/health", tag = "service", responses((status = 200, description = "The API is up", body = Health)))]
async fn health(State(Shared { recommender, .. }): State<Shared>) -> Json<Health> {
    let schema_version = mysfits_domain::ModelSchema::current().version;
    Json(Health { status: "ok", backend: recommender.name(), schema_version })
}
