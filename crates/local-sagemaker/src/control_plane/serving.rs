//! The endpoints that are in service, on the runtime's routes.

use std::sync::Arc;

use axum::Router;
use mysfits_sagemaker::{
    AccountRegion, Endpoint, Endpoints,
    http::{self, MemoryBudget, RouterOptions},
};

/// A changing set of endpoints, and the routes over them.
#[derive(Debug)]
pub(super) struct Serving {
    endpoints: Endpoints,
    router: Router,
}

impl Serving {
    /// Creates the routes over the endpoints of an account in a region, of which there are none yet.
    pub(super) fn new(owner: AccountRegion, budget: MemoryBudget) -> Self {
        let endpoints = Endpoints::default();
        let options = RouterOptions::default().owner(owner).memory(budget);
        let router = http::router_with(endpoints.clone(), options);
        let router = router.merge(http::chaos_routes(endpoints.clone()));
        Self { endpoints, router }
    }

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
