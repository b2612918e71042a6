//! One port for all services that are ours: AWS JSON 1.1 at `POST /`, told apart by their targets; beside it SageMaker's
//! runtime, and the routes that set an endpoint's faults.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderMap, Uri},
    response::{IntoResponse as _, Response},
    routing::post,
};
use local_sagemaker::{
    aws::{
        json::{ApiError, read_call, respond},
        signature::CredentialScope,
    },
    control_plane::{self as sagemaker, SageMakerService},
};
use mysfits_sagemaker::{
    AccountRegion,
    http::{ACCOUNT, REGION},
};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::records::{AutoScaling, CodeCommit, autoscaling, codecommit};

/// No request of these services is longer, in bytes.
const MAX_BODY_BYTES: usize = 4 << 20;

/// The services.
#[derive(Debug)]
struct Services {
    sagemaker: SageMakerService,
    codecommit: CodeCommit,
    autoscaling: AutoScaling,
}

/// The most regions that are used at once; each has a little memory of its own.
const MAX_REGIONS: usize = 64;

/// The services of each region, by its name; created by its first request.
struct Regions {
    sagemaker: Box<dyn Fn(AccountRegion) -> SageMakerService + Send + Sync>,
    routers: Mutex<BTreeMap<String, Router>>,
}

impl Regions {
    /// Returns the routes of a region; `None` if there are too many regions.
    fn router(&self, region: &str) -> Option<Router> {
        let mut routers = self.routers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(router) = routers.get(region) {
            return Some(router.clone());
        }
        if routers.len() == MAX_REGIONS {
            return None;
        }
        let owner = AccountRegion::new(ACCOUNT, region);
        let router = regional((self.sagemaker)(owner.clone()), owner);
        routers.insert(region.to_owned(), router.clone());
        Some(router)
    }
}

/// The routes of all services, in the region for which a request is signed. `sagemaker` creates SageMaker in a region.
pub fn router(sagemaker: impl Fn(AccountRegion) -> SageMakerService + Send + Sync + 'static) -> Router {
    let regions = Regions { sagemaker: Box::new(sagemaker), routers: Mutex::default() };
    Router::new().fallback(route_to_region).with_state(Arc::new(regions))
}

async fn route_to_region(State(regions): State<Arc<Regions>>, request: Request) -> Response {
    let region = signed_region(request.headers(), request.uri());
    let Some(router) = regions.router(&region) else {
        let message = format!("more than {MAX_REGIONS} regions; restart the local cloud");
        return respond(Err(ApiError::validation(message)));
    };
    router.oneshot(request).await.into_response()
}

/// Returns the region for which a request is signed.
pub(crate) fn signed_region(headers: &HeaderMap, uri: &Uri) -> String {
    let scope = CredentialScope::from_request(headers, uri);
    scope.map(|scope| scope.region).filter(|region| !region.is_empty()).unwrap_or_else(|| REGION.to_owned())
}

/// The routes of the services of a region.
fn regional(sagemaker: SageMakerService, owner: AccountRegion) -> Router {
    let runtime = sagemaker.runtime();
    let services = Services {
        autoscaling: AutoScaling::new(owner.clone(), sagemaker.clone()),
        codecommit: CodeCommit::new(owner),
        sagemaker,
    };
    Router::new()
        .route("/", post(call))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(Arc::new(services))
        .fallback_service(runtime)
}

async fn call(State(services): State<Arc<Services>>, headers: HeaderMap, body: Bytes) -> Response {
    respond(services.call(&headers, &body).await)
}

impl Services {
    async fn call(&self, headers: &HeaderMap, body: &Bytes) -> Result<Value, ApiError> {
        let (service, operation, input) = read_call(headers, body)?;
        match service {
            sagemaker::TARGET_PREFIX => self.sagemaker.call(operation, &input).await,
            codecommit::TARGET_PREFIX => self.codecommit.call(operation, &input),
            autoscaling::TARGET_PREFIX => self.autoscaling.call(operation, &input),
            other => Err(ApiError::new(
                "UnknownOperationException",
                format!("there is no service {other} here; see AWS_ENDPOINT_URL for the emulator's"),
            )),
        }
    }
}
