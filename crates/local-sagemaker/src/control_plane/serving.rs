//! The endpoints that are in service, on the runtime's routes.

use std::sync::Arc;

use axum::Router;
use mysfits_sagemaker::{Endpoint, Endpoints, http};

/// A changing set of endpoints, and the routes over them.
#[derive(Debug)]
pub(super) struct Serving {
    endpoints: Endpoints,
    router: Router,
}

impl Default for Serving {
    fn default() -> Self {
        let endpoints = Endpoints::default();
        let router = http::router(endpoints.clone()).merge(http::chaos_routes(endpoints.clone()));
        Self { endpoints, router }
    }
}

impl Serving {
    pub(super) fn insert(&self, endpoint: Arc<Endpoint>) {
        self.endpoints.insert(endpoint);
    }

    pub(super) fn remove(&self, name: &str) {
        self.endpoints.remove(name);
    }

    /// The routes, whichever endpoints there will be.
    pub(super) fn router(&self) -> Router {
        self.router.clone()
    }
}
