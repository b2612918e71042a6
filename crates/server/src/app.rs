//! All routes of the process as one router.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::Method,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse as _, Response},
};
use local_sagemaker::requests::{RETRY_AFTER_SECONDS, Rejection, RequestLimits, limit_requests};
use mysfits_api::{Problem, Recommender};
use mysfits_dev_services::DevServices;
use mysfits_sagemaker::Endpoints;
use prometheus_client::registry::Registry;

use crate::{
    metrics::{Counted, RecommendationMetrics},
    site::Site,
};

/// The parts of the process.
#[derive(Debug, Clone)]
pub struct App<R> {
    /// The backend of the API.
    pub recommender: R,
    /// The SageMaker endpoints.
    pub endpoints: Endpoints,
    /// The site, if it is served.
    pub site: Option<Site>,
    /// The fakes of the workshop's other modules, if they are served.
    pub dev_services: Option<DevServices>,
}

impl<R: Recommender> App<R> {
    /// Returns the router of all parts: API, SageMaker routes, `/metrics`, and the site for all other paths.
    pub fn router(self) -> Router {
        let mut registry = Registry::default();
        let metrics = Arc::new(RecommendationMetrics::register(&mut registry));
        let recommender = Counted { recommender: self.recommender, metrics };
        let site = self.site;
        let mut api = match &self.dev_services {
            Some(services) => {
                mysfits_api::routes_with(recommender, services.adoptions()).merge(services.router())
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
        let limits = RequestLimits {
            registry,
            fallback_label: "site",
            reject: reject_as_problem,
            ..Default::default()
        };
        limit_requests(router, limits)
    }
}

fn reject_as_problem(rejection: Rejection) -> Response {
    let retry_after_seconds = RETRY_AFTER_SECONDS;
    let problem = match rejection {
        Rejection::TooManyRequests => Problem::Unavailable { retry_after_seconds },
        Rejection::Timeout => Problem::Timeout { retry_after_seconds },
        Rejection::BodyTimeout => Problem::BodyTimeout,
    };
    problem.into_response()
}

/// Path prefix shared by API and site.
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

/// Returns whether a text has the form of a UUID.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
