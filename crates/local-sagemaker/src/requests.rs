//! Limits of requests: how many at once, and how long each may take. Counts and times them, for Prometheus.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    http::{Method, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse as _, Response},
    routing::get,
};
use mysfits_sagemaker::http::{INVOCATION_TIMEOUT, request_timeout, service_unavailable};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use tokio::sync::Semaphore;

use crate::body::{TimedOut, with_guard};

/// The most requests at once to the routes of SageMaker, and to all other routes. Beyond them, the response is 503. A
/// request counts until its response has been sent.
pub const MAX_IN_FLIGHT: usize = 1024;
/// The time until the response begins, including the time for the request's body to arrive.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// The same for a request to a model: the time for a prediction, and some for the body to arrive.
pub const HOSTING_TIMEOUT: Duration = INVOCATION_TIMEOUT.saturating_add(Duration::from_secs(25));
/// The same for a request to `/invocations` where larger requests are allowed than those of InvokeEndpoint, and the time
/// for a client to read the response: the longest `InvocationsTimeoutInSeconds` of a batch transform job.
pub const BATCH_TIMEOUT: Duration = Duration::from_hours(1);
/// When to retry a rejected request, in seconds.
pub const RETRY_AFTER_SECONDS: u64 = 1;

/// Routes that are never rejected: an overloaded process is healthy, and its metrics are needed most then.
pub(crate) const UNLIMITED_ROUTES: [&str; 2] = ["/ping", "/metrics"];
/// The media type of OpenMetrics, which Prometheus reads.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Why a request is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// There are [`MAX_IN_FLIGHT`] requests already.
    TooManyRequests,
    /// The response did not begin in time.
    Timeout,
    /// The client took too long to send the body.
    BodyTimeout,
}

impl Rejection {
    /// Returns the status of the response.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::TooManyRequests | Self::Timeout => StatusCode::SERVICE_UNAVAILABLE,
            Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
        }
    }

    /// Returns a response in plain text.
    #[must_use]
    pub fn plain_text(self) -> Response {
        (self.status(), self.message()).into_response()
    }

    fn message(self) -> &'static str {
        match self {
            Self::TooManyRequests => "There are too many requests at once.",
            Self::Timeout => "The request took too long.",
            Self::BodyTimeout => "The body did not arrive in time.",
        }
    }
}

/// Limits of requests, see [`limit_requests`].
pub struct RequestLimits {
    /// Metrics of the caller, which `/metrics` shows besides those of the requests.
    pub registry: Registry,
    /// The label of paths without a route in the metrics.
    pub fallback_label: &'static str,
    /// The time until a response of `/invocations` begins.
    pub container_timeout: Duration,
    /// Returns the response to a rejected request of a route that is not SageMaker's.
    pub reject: fn(Rejection) -> Response,
    /// Called with each response, for the caller's metrics.
    pub on_response: Arc<dyn Fn(&Response) + Send + Sync>,
}

impl fmt::Debug for RequestLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestLimits")
            .field("fallback_label", &self.fallback_label)
            .field("container_timeout", &self.container_timeout)
            .finish_non_exhaustive()
    }
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self {
            registry: Registry::default(),
            fallback_label: "other",
            container_timeout: HOSTING_TIMEOUT,
            reject: Rejection::plain_text,
            on_response: Arc::new(|_| ()),
        }
    }
}

/// Limits and counts the requests to all routes of a router, its fallback included, and adds `/metrics`.
pub fn limit_requests(router: Router, limits: RequestLimits) -> Router {
    let RequestLimits { mut registry, fallback_label, container_timeout, reject, on_response } = limits;
    let semaphore = || Arc::new(Semaphore::new(MAX_IN_FLIGHT));
    let limiter = Limiter {
        metrics: HttpMetrics::register(&mut registry),
        sagemaker: semaphore(),
        others: semaphore(),
        fallback_label,
        container_timeout,
        reject,
        on_response,
    };
    let registry = Arc::new(registry);
    let metrics = async move || {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &registry);
        ([(header::CONTENT_TYPE, METRICS_TYPE)], text)
    };
    router.route("/metrics", get(metrics)).layer(from_fn_with_state(limiter, limit))
}

#[derive(Clone)]
struct Limiter {
    metrics: HttpMetrics,
    sagemaker: Arc<Semaphore>,
    others: Arc<Semaphore>,
    fallback_label: &'static str,
    container_timeout: Duration,
    reject: fn(Rejection) -> Response,
    on_response: Arc<dyn Fn(&Response) + Send + Sync>,
}

/// Limits one request, and counts it until its response has been sent.
async fn limit(State(limiter): State<Limiter>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or(limiter.fallback_label, MatchedPath::as_str);
    let method = request.method().clone();
    let in_flight = limiter.metrics.begin_request();
    let group = RouteGroup::from_route(route);
    let semaphore = if group == RouteGroup::Other { &limiter.others } else { &limiter.sagemaker };
    let (response, permit) = if UNLIMITED_ROUTES.contains(&route) {
        (next.run(request).await, None)
    } else if let Ok(permit) = semaphore.clone().try_acquire_owned() {
        let body_timed_out = request.extensions().get::<TimedOut>().cloned().unwrap_or_default();
        let response = match tokio::time::timeout(limiter.timeout(group), next.run(request)).await {
            // The routes only see a body that broke off.
            _ if body_timed_out.get() => limiter.reject(group, Rejection::BodyTimeout),
            Ok(response) => response,
            Err(_) => limiter.reject(group, Rejection::Timeout),
        };
        (response, Some(permit))
    } else {
        (limiter.reject(group, Rejection::TooManyRequests), None)
    };
    (limiter.on_response)(&response);
    let response = response.map(|body| with_guard(body, (in_flight, permit)));
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    limiter.metrics.count_request(route, &method, status, took);
    tracing::debug!(%method, route, status, took_us = took.as_micros() as u64, "request completed");
    response
}

impl Limiter {
    fn timeout(&self, group: RouteGroup) -> Duration {
        match group {
            RouteGroup::Container => self.container_timeout,
            RouteGroup::Service => HOSTING_TIMEOUT,
            RouteGroup::Other => REQUEST_TIMEOUT,
        }
    }

    fn reject(&self, group: RouteGroup, rejection: Rejection) -> Response {
        match (group, rejection) {
            (RouteGroup::Container, _) => rejection.plain_text(),
            (RouteGroup::Service, Rejection::BodyTimeout) => request_timeout(rejection.message()),
            (RouteGroup::Service, _) => service_unavailable(rejection.message()),
            (RouteGroup::Other, _) => (self.reject)(rejection),
        }
    }
}

/// Routes with the same limits and the same kind of error responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RouteGroup {
    /// InvokeEndpoint, with the errors of the service.
    Service,
    /// The container, with errors in plain text.
    Container,
    /// All other routes.
    Other,
}

impl RouteGroup {
    fn from_route(route: &str) -> Self {
        match route {
            "/ping" | "/invocations" | "/execution-parameters" => Self::Container,
            _ if route.starts_with("/endpoints/") => Self::Service,
            _ => Self::Other,
        }
    }
}

/// Upper bounds of the time buckets, in seconds.
const BUCKETS: [f64; 12] = [1e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 5e-2, 0.25, 1.0, 5.0];

/// The methods with a label of their own.
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

/// The metrics of requests.
#[derive(Debug, Clone)]
struct HttpMetrics {
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram>,
    in_flight: Gauge,
}

impl HttpMetrics {
    fn register(registry: &mut Registry) -> Self {
        let requests = Family::default();
        let durations = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        let in_flight = Gauge::default();
        registry.register("http_requests", "Completed requests", requests.clone());
        registry.register(
            "http_request_duration_seconds",
            "Time until the response began",
            durations.clone(),
        );
        registry.register("http_requests_in_flight", "Requests under way", in_flight.clone());
        Self { requests, durations, in_flight }
    }

    /// Counts a request as in flight until the returned value is dropped.
    fn begin_request(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// Counts a completed request. `route` is the pattern, not the path, and unknown methods have one label: clients could
    /// otherwise create any number of time series.
    fn count_request(&self, route: &str, method: &Method, status: u16, took: Duration) {
        let method = if KNOWN_METHODS.contains(method) { method.as_str() } else { "other" };
        let labels = RequestLabels { route: route.to_owned(), method: method.to_owned(), status };
        self.requests.get_or_create(&labels).inc();
        let labels = RouteLabels { route: labels.route };
        self.durations.get_or_create(&labels).observe(took.as_secs_f64());
    }
}

/// A request in flight. Dropped early if the client disconnects.
struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}
