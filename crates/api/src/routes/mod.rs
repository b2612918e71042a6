//! The routes as one router.

mod feedback;
mod health;
mod mysfits;
mod openapi;
mod parameters;
mod recommendations;
mod results;
mod site_pages;
mod state;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::from_fn_with_state,
    response::IntoResponse as _,
    routing::{get, post},
};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    Adoptions, AllowOrigin, FeedbackStore, MAX_BODY_BYTES, Problem, Recommender, adoptions::NoAdoptions,
};

use self::state::ApiState;

/// The API over a backend; [`router`](Self::router) returns its routes.
#[derive(Clone)]
pub struct RecommendationApi {
    state: ApiState,
    allow_origin: AllowOrigin,
    site_pages: Option<Router>,
    feedback: Option<Arc<dyn FeedbackStore>>,
}

impl RecommendationApi {
    /// Returns the API over a backend.
    #[must_use]
    pub fn new(recommender: Arc<dyn Recommender>) -> Self {
        let state = ApiState { recommender, adoptions: Arc::new(NoAdoptions) };
        Self { state, allow_origin: AllowOrigin::ANY, site_pages: None, feedback: None }
    }

    /// Sets the origins whose pages may read the responses. By default, any.
    #[must_use]
    pub fn allow_origin(self, allow_origin: AllowOrigin) -> Self {
        Self { allow_origin, ..self }
    }

    /// Sets the source of likes and adoptions. By default, no mysfit has likes or is adopted.
    #[must_use]
    pub fn adoptions(self, adoptions: Arc<dyn Adoptions>) -> Self {
        Self { state: ApiState { adoptions, ..self.state }, ..self }
    }

    /// Sets a router for pages of the site: `GET /mysfits/{name}` where the name is not a UUID, and `GET /r/{code}` where the code is
    /// invalid. By default, the API responds with problem documents.
    #[must_use]
    pub fn site_pages(self, pages: Router) -> Self {
        Self { site_pages: Some(pages), ..self }
    }

    /// Sets the store of feedback. By default, feedback is not stored and there is no `POST /feedback`.
    #[must_use]
    pub fn feedback(self, store: Arc<dyn FeedbackStore>) -> Self {
        Self { feedback: Some(store), ..self }
    }

    /// Returns the router: all routes, and a problem document for every other path. A host with more paths replaces the
    /// fallback.
    pub fn router(self) -> Router {
        let Self { state, allow_origin, site_pages, feedback } = self;
        let with_layers = |routes: Router<ApiState>| {
            routes
                .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
                .with_state(state.clone())
                .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
                .layer(CatchPanicLayer::custom(|_| Problem::Internal.into_response()))
                .route_layer(allow_origin.layer())
        };
        let shared = Router::new()
            .route("/mysfits/{mysfit_id}", get(mysfits::get))
            .route("/r/{code}", get(results::page));
        let mut shared = with_layers(shared);
        if let Some(pages) = site_pages {
            shared = shared.route_layer(from_fn_with_state(pages, site_pages::serve));
        }
        let mut routes = Router::new()
            .route("/recommendations", post(recommendations::recommend))
            .route("/mysfits", get(mysfits::list))
            .route("/questionnaire", get(mysfits::questionnaire))
            .route("/openapi.json", get(openapi::serve))
            .route("/health", get(health::health));
        if let Some(store) = feedback {
            routes = routes.route("/feedback", post(feedback::store).with_state(store));
        }
        with_layers(routes).merge(shared).fallback(async move || {
            let mut response = Problem::NotFound.into_response();
            allow_origin.insert_into(response.headers_mut());
            response
        })
    }
}

impl std::fmt::Debug for RecommendationApi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecommendationApi")
            .field("backend", &self.state.recommender.name())
            .finish_non_exhaustive()
    }
}
