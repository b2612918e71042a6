//! All routes of the process as one router.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    middleware::from_fn,
    response::{IntoResponse as _, Response},
};
use local_sagemaker::requests::{RETRY_AFTER_SECONDS, Rejection, RequestLimits, limit_requests};
use mysfits_api::{FailedBackend, FeedbackStore, Problem, RecommendationApi, Recommended, Recommender};
use mysfits_dev_services::DevServices;
use mysfits_sagemaker::Endpoints;
use mysfits_site::results;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};
use tower::ServiceExt as _;

use crate::{json_responses, site::Site};

/// The parts of the process.
#[derive(Clone)]
pub struct App {
    /// The backend of the API.
    pub recommender: Arc<dyn Recommender>,
    /// The SageMaker endpoints.
    pub endpoints: Endpoints,
    /// The site, if it is served.
    pub site: Option<Site>,
    /// The fakes of the workshop's other modules, if they are served.
    pub dev_services: Option<DevServices>,
    /// The store of feedback, if it is stored.
    pub feedback: Option<Arc<dyn FeedbackStore>>,
}

impl App {
    /// Returns the router of all parts: API, SageMaker routes, `/metrics`, and the site for all other paths.
    pub fn router(self) -> Router {
        let Self { recommender, endpoints, site, dev_services, feedback } = self;
        let mut api = RecommendationApi::new(recommender);
        if let Some(services) = &dev_services {
            api = api.adoptions(services.adoptions());
        }
        if let Some(feedback) = feedback {
            api = api.feedback(feedback);
        }
        let site = site
            .map(|site| Router::new().fallback(async move |request: Request| site.respond(request).await));
        if let Some(site) = &site {
            api = api.site_pages(site.clone());
        }
        // On AWS, API Gateway sends the responses as they are; they are small.
        let api = api.router().layer(from_fn(json_responses::finish));
        let mut router = api.clone().merge(mysfits_sagemaker::http::router(endpoints));
        if let Some(services) = dev_services {
            router = router.merge(services.router());
        }
        if let Some(site) = site {
            let pages = Router::new().fallback(serve_page).with_state(SitePages { site, api });
            router = router.fallback_service(pages);
        }
        let mut registry = Registry::default();
        let limits = RequestLimits {
            on_response: count_recommendations(&mut registry),
            registry,
            fallback_label: "site",
            reject: reject_as_problem,
            ..Default::default()
        };
        limit_requests(router, limits)
    }
}

/// The pages of the site: its files, and the API's pages of results.
#[derive(Clone)]
struct SitePages {
    site: Router,
    api: Router,
}

/// Serves the page of a result if the path is its address, else a file of the site.
async fn serve_page(State(SitePages { site, api }): State<SitePages>, mut request: Request) -> Response {
    let target = results::api_path(request.uri().path()).and_then(|path| path.parse().ok());
    let router = match target {
        Some(target) => {
            *request.uri_mut() = target;
            api
        }
        None => site,
    };
    let Ok(response) = router.oneshot(request).await;
    response
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RecommendationLabels {
    backend: &'static str,
    /// The mysfit's slug, or `none` if the backend failed.
    mysfit: &'static str,
}

/// Registers a counter of recommendations, and returns a function that counts a response.
fn count_recommendations(registry: &mut Registry) -> Arc<dyn Fn(&Response) + Send + Sync> {
    let counters = Family::<RecommendationLabels, Counter>::default();
    registry.register("mysfits_recommendations", "Recommendations by mysfit", counters.clone());
    Arc::new(move |response| {
        let extensions = response.extensions();
        let labels = if let Some(recommended) = extensions.get::<Recommended>() {
            let mysfit = recommended.recommendation.recommended_mysfit.mysfit().slug;
            RecommendationLabels { backend: recommended.backend, mysfit }
        } else if let Some(&FailedBackend(backend)) = extensions.get() {
            RecommendationLabels { backend, mysfit: "none" }
        } else {
            return;
        };
        counters.get_or_create(&labels).inc();
    })
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
