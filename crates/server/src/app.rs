//! All routes of the process as one router, and what guards them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::{MatchedPath, Request, State},
    http::header,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use mysfits_api::{Problem, Recommender};
use mysfits_sagemaker::Endpoints;
use tokio::sync::Semaphore;

use crate::{
    metrics::{Counted, Metrics},
    site::Site,
};

/// How many requests are answered at once; more are turned away with 503.
pub const MAX_IN_FLIGHT: usize = 1024;
/// How long a request may take, its body's arrival included.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// When a caller who was turned away should come back, in seconds.
const RETRY_AFTER_SECONDS: u64 = 1;

/// What the process serves; what is not given is not there.
#[derive(Debug, Clone)]
pub struct App<R> {
    /// Who recommends, behind the API.
    pub recommender: R,
    /// The SageMaker endpoints.
    pub endpoints: Endpoints,
    /// The site.
    pub site: Option<Site>,
}

/// What every request passes through.
#[derive(Clone)]
struct Guard {
    metrics: Arc<Metrics>,
    in_flight: Arc<Semaphore>,
}

impl<R: Recommender> App<R> {
    /// The router of everything: API, SageMaker routes, `/metrics`, and the site for all other paths.
    pub fn router(self) -> Router {
        let metrics = Arc::new(Metrics::new());
        let guard = Guard { metrics: metrics.clone(), in_flight: Arc::new(Semaphore::new(MAX_IN_FLIGHT)) };
        let recommender = Counted { recommender: self.recommender, metrics: metrics.clone() };
        let site = self.site;
        let fallback = async move |request: Request| match site {
            Some(site) => site.answer(request).await,
            None => Problem::NotFound.into_response(),
        };
        Router::new()
            .route("/metrics", get(async move || ([(header::CONTENT_TYPE, METRICS_TYPE)], metrics.text())))
            .merge(mysfits_api::routes(recommender))
            .merge(mysfits_sagemaker::http::router(self.endpoints))
            .fallback(fallback)
            .layer(from_fn_with_state(guard, pass))
    }
}

/// The text format of OpenMetrics, which Prometheus reads.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Lets a request through if there is room, bounds its time, counts it.
async fn pass(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let in_flight = guard.metrics.begin_request();
    let response = answer(&guard, request, next).await;
    drop(in_flight);
    let route = route.as_ref().map_or("site", MatchedPath::as_str);
    let status = response.status().as_u16();
    let took = begun.elapsed();
    guard.metrics.request(route, &method, status, took);
    tracing::debug!(%method, route, status, took_us = took.as_micros() as u64, "answered");
    response
}

async fn answer(guard: &Guard, request: Request<Body>, next: Next) -> Response {
    let Ok(_room) = guard.in_flight.try_acquire() else {
        return Problem::Unavailable { retry_after_seconds: RETRY_AFTER_SECONDS }.into_response();
    };
    match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::Timeout { retry_after_seconds: RETRY_AFTER_SECONDS }.into_response(),
    }
}
