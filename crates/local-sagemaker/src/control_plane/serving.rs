//! The endpoints that are in service, on the runtime's routes.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;
use axum::{Router, body::Body, extract::Request, response::Response};
use mysfits_sagemaker::{Endpoint, Endpoints, http};
use tower::{ServiceExt as _, service_fn};

/// A changing set of endpoints. A request is answered by the routes as they were when it came.
#[derive(Debug)]
pub(super) struct Serving {
    endpoints: Mutex<BTreeMap<String, Arc<Endpoint>>>,
    routes: Arc<ArcSwap<Router>>,
}

impl Default for Serving {
    fn default() -> Self {
        let routes = Arc::new(ArcSwap::from_pointee(routes(&BTreeMap::new())));
        Self { endpoints: Mutex::new(BTreeMap::new()), routes }
    }
}

fn routes(endpoints: &BTreeMap<String, Arc<Endpoint>>) -> Router {
    let endpoints: Endpoints = endpoints.values().map(Arc::clone).collect();
    http::router(endpoints.clone()).merge(http::chaos_routes(endpoints))
}

impl Serving {
    pub(super) fn insert(&self, endpoint: Arc<Endpoint>) {
        self.change(|endpoints| {
            endpoints.insert(endpoint.name().to_owned(), endpoint);
        });
    }

    pub(super) fn remove(&self, name: &str) {
        self.change(|endpoints| {
            endpoints.remove(name);
        });
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, Arc<Endpoint>>)) {
        let mut endpoints = self.endpoints.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut endpoints);
        self.routes.store(Arc::new(routes(&endpoints)));
    }

    /// The routes, whichever endpoints there will be.
    pub(super) fn router(&self) -> Router {
        let routes = Arc::clone(&self.routes);
        Router::new().fallback_service(service_fn(move |request: Request<Body>| {
            let routes = Router::clone(&routes.load());
            async move {
                let response: Result<Response, Infallible> = routes.oneshot(request).await;
                response
            }
        }))
    }
}
