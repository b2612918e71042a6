//! All routes of the process as one router, and what guards them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{Method, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use mysfits_api::{Problem, Recommender};
use mysfits_sagemaker::{
    Endpoints,
    http::{INVOCATION_TIMEOUT, RouterOptions, request_timeout, router_with, service_unavailable},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    body::{Guarded, TimedOut},
    metrics::{Counted, Metrics},
    modules::Modules,
    site::Site,
};

/// How many requests are answered at once, by the models' routes and by all others each; more are turned away with 503.
/// A request is in flight until its response has been sent.
pub const MAX_IN_FLIGHT: usize = 1024;
/// How long a request may take until its response begins, its body's arrival included.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a request to a model may take: a container's time to answer, and some for the body to arrive.
pub const HOSTING_TIMEOUT: Duration = INVOCATION_TIMEOUT.saturating_add(Duration::from_secs(25));
/// When a caller who was turned away should come back, in seconds.
const RETRY_AFTER_SECONDS: u64 = 1;

/// How long a request to `/invocations` may take when larger ones than InvokeEndpoint's are allowed, and how long a client
/// may take to read the response: the longest `InvocationsTimeoutInSeconds` of a batch transform job.
pub const BATCH_TIMEOUT: Duration = Duration::from_hours(1);

/// What is answered however much there is to do: a process with its hands full is healthy, and what it counts is wanted
/// most then.
pub(crate) const ALWAYS_ANSWERED: [&str; 2] = ["/ping", "/metrics"];

/// What the process serves; what is not given is not there.
#[derive(Debug, Clone)]
pub struct App<R> {
    /// Who recommends, behind the API.
    pub recommender: R,
    /// The SageMaker endpoints.
    pub endpoints: Endpoints,
    /// The site.
    pub site: Option<Site>,
    /// The workshop's other modules.
    pub modules: Option<Modules>,
}

/// What every request passes through.
#[derive(Clone)]
struct Guard {
    metrics: Arc<Metrics>,
    hosting: Arc<Semaphore>,
    others: Arc<Semaphore>,
    /// What metrics call the paths that are no route.
    elsewhere: &'static str,
    /// How long a request to the container may take.
    container_timeout: Duration,
}

impl Guard {
    fn timeout(&self, surface: Surface) -> Duration {
        match surface {
            Surface::Container => self.container_timeout,
            Surface::Service => HOSTING_TIMEOUT,
            Surface::Api => REQUEST_TIMEOUT,
        }
    }
}

impl<R: Recommender> App<R> {
    /// The router of everything: API, SageMaker routes, `/metrics`, and the site for all other paths.
    pub fn router(self) -> Router {
        let metrics = Arc::new(Metrics::new());
        let recommender = Counted { recommender: self.recommender, metrics: metrics.clone() };
        let site = self.site;
        let mut api = match &self.modules {
            Some(modules) => {
                mysfits_api::routes_with(recommender, modules.adoptions()).merge(modules.router())
            }
            None => mysfits_api::routes(recommender),
        };
        if let Some(site) = site.clone() {
            api = api.layer(from_fn_with_state(site, pages_beside_ids));
        }
        let fallback = async move |request: Request| match site {
            Some(site) => site.answer(request).await,
            None => Problem::NotFound.into_response(),
        };
        let router = api.merge(mysfits_sagemaker::http::router(self.endpoints)).fallback(fallback);
        guarded(router, metrics, "site", HOSTING_TIMEOUT)
    }
}

/// Where the API and the site have names side by side.
const MYSFITS: &str = "/mysfits/";

/// `/mysfits/{..}` is the API's for ids, which are UUIDs, and the site's for all other names, by which its profiles are called.
/// With a slash at its end a path is the site's in any case.
async fn pages_beside_ids(State(site): State<Site>, request: Request, next: Next) -> Response {
    let is_visit = matches!(*request.method(), Method::GET | Method::HEAD);
    let name = request.uri().path().strip_prefix(MYSFITS).filter(|name| !name.contains('/'));
    match name {
        Some(name) if is_visit && !is_uuid(name) => site.answer(request).await,
        _ => next.run(request).await,
    }
}

/// Whether a text has the form of a UUID, of a mysfit or of nobody.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The router of a process that only hosts models: SageMaker routes and `/metrics`.
pub fn hosting_router(endpoints: Endpoints) -> Router {
    hosting_router_with(endpoints, RouterOptions::default(), HOSTING_TIMEOUT)
}

/// Returns the same as [`hosting_router`] with these options, and with the time that a request to `/invocations` may take.
pub fn hosting_router_with(
    endpoints: Endpoints,
    options: RouterOptions,
    container_timeout: Duration,
) -> Router {
    let router = router_with(endpoints, options).fallback(async || StatusCode::NOT_FOUND);
    guarded(router, Arc::new(Metrics::new()), "other", container_timeout)
}

fn guarded(
    router: Router,
    metrics: Arc<Metrics>,
    elsewhere: &'static str,
    container_timeout: Duration,
) -> Router {
    let room = || Arc::new(Semaphore::new(MAX_IN_FLIGHT));
    let guard =
        Guard { metrics: metrics.clone(), hosting: room(), others: room(), elsewhere, container_timeout };
    let text = async move || ([(header::CONTENT_TYPE, METRICS_TYPE)], metrics.text());
    router.route("/metrics", get(text)).layer(from_fn_with_state(guard, pass))
}

/// The text format of OpenMetrics, which Prometheus reads.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Whose answers a route gives, and so whose refusals.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Surface {
    /// InvokeEndpoint: errors that SDKs know.
    Service,
    /// The container: plain text.
    Container,
    /// All else: problems.
    Api,
}

impl Surface {
    fn of(route: &str) -> Self {
        match route {
            "/ping" | "/invocations" | "/execution-parameters" => Self::Container,
            _ if route.starts_with("/endpoints/") => Self::Service,
            _ => Self::Api,
        }
    }

    /// The answer to a request that gets no other.
    fn refusal(self, why: Refused) -> Response {
        let retry_after_seconds = RETRY_AFTER_SECONDS;
        let (text, problem) = match why {
            Refused::NoRoom => {
                ("There are too many requests at once.", Problem::Unavailable { retry_after_seconds })
            }
            Refused::TooSlow => ("The request took too long.", Problem::Timeout { retry_after_seconds }),
            Refused::SlowBody => ("The body did not arrive in time.", Problem::BodyTimeout),
        };
        match self {
            Self::Service if why == Refused::SlowBody => request_timeout(text),
            Self::Service => service_unavailable(text),
            Self::Container => (problem.status(), text).into_response(),
            Self::Api => problem.into_response(),
        }
    }
}

/// Why a request gets no other answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refused {
    NoRoom,
    TooSlow,
    /// The client took too long to send the body.
    SlowBody,
}

/// Lets a request through if there is room, bounds its time, counts it.
async fn pass(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or(guard.elsewhere, MatchedPath::as_str);
    let method = request.method().clone();
    let in_flight = guard.metrics.begin_request();
    let (response, permit) = if ALWAYS_ANSWERED.contains(&route) {
        (next.run(request).await, None)
    } else {
        answer(&guard, Surface::of(route), request, next).await
    };
    // In flight until the last of it is sent.
    let response = response.map(|body| Guarded::wrap(body, (in_flight, permit)));
    let status = response.status().as_u16();
    let took = begun.elapsed();
    guard.metrics.request(route, &method, status, took);
    tracing::debug!(%method, route, status, took_us = took.as_micros() as u64, "answered");
    response
}

async fn answer(
    guard: &Guard,
    surface: Surface,
    request: Request<Body>,
    next: Next,
) -> (Response, Option<OwnedSemaphorePermit>) {
    let room = if surface == Surface::Api { &guard.others } else { &guard.hosting };
    let Ok(permit) = room.clone().try_acquire_owned() else {
        return (surface.refusal(Refused::NoRoom), None);
    };
    let body_timed_out = request.extensions().get::<TimedOut>().cloned().unwrap_or_default();
    let response = match tokio::time::timeout(guard.timeout(surface), next.run(request)).await {
        // The routes only see a body that broke off.
        _ if body_timed_out.get() => surface.refusal(Refused::SlowBody),
        Ok(response) => response,
        Err(_) => surface.refusal(Refused::TooSlow),
    };
    (response, Some(permit))
}
