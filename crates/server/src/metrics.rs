//! What is counted and timed, for Prometheus.

use std::{sync::Arc, time::Duration};

use axum::http::Method;
use mysfits_api::{BoxFuture, RecommendError, Recommended, Recommender};
use mysfits_domain::Entry;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

/// Upper bounds of the time buckets, in seconds.
const BUCKETS: [f64; 12] = [1e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 5e-2, 0.25, 1.0, 5.0];

/// The methods that are told apart.
const KNOWN_METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    method: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RecommendationLabels {
    backend: &'static str,
    /// The mysfit's slug, or `none` if there was no recommendation.
    mysfit: &'static str,
}

/// All counters of a process.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram>,
    in_flight: Gauge,
    recommendations: Family<RecommendationLabels, Counter>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("mysfits");
        let requests = Family::default();
        let durations = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        let in_flight = Gauge::default();
        let recommendations = Family::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register("http_request_duration_seconds", "Time to answer", durations.clone());
        registry.register("http_requests_in_flight", "Requests being answered", in_flight.clone());
        registry.register("recommendations", "Recommendations by mysfit", recommendations.clone());
        Self { registry, requests, durations, in_flight, recommendations }
    }

    /// Counts a request as being answered until what is returned is dropped.
    pub(crate) fn begin_request(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// Counts an answered request. `route` is the pattern, not the path, and unknown methods are one: both are for
    /// callers to invent.
    pub(crate) fn request(&self, route: &str, method: &Method, status: u16, took: Duration) {
        let method = if KNOWN_METHODS.contains(method) { method.as_str() } else { "other" };
        let labels = RequestLabels { route: route.to_owned(), method: method.to_owned(), status };
        self.requests.get_or_create(&labels).inc();
        let labels = RouteLabels { route: labels.route };
        self.durations.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// Everything in the text format of Prometheus.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// A request that is being answered. Dropped early if its caller hangs up.
pub(crate) struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// A recommender whose recommendations are counted by mysfit.
pub(crate) struct Counted<R> {
    pub(crate) recommender: R,
    pub(crate) metrics: Arc<Metrics>,
}

impl<R: Recommender> Recommender for Counted<R> {
    fn name(&self) -> &'static str {
        self.recommender.name()
    }

    fn recommend(&self, entry: Entry, explain: bool) -> BoxFuture<'_, Result<Recommended, RecommendError>> {
        Box::pin(async move {
            let result = self.recommender.recommend(entry, explain).await;
            let told = |r: &Recommended| (r.backend, r.recommendation.recommended_mysfit.mysfit().slug);
            let (backend, mysfit) = result.as_ref().map_or((self.name(), "none"), told);
            let labels = RecommendationLabels { backend, mysfit };
            self.metrics.recommendations.get_or_create(&labels).inc();
            result
        })
    }
}
