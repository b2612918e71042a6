//! One port for all services that are ours: AWS JSON 1.1 at `POST /`, told apart by their targets; beside it SageMaker's
//! runtime, and the routes that set an endpoint's faults.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderMap, StatusCode},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse as _, Response},
    routing::post,
};
use local_sagemaker::{
    aws::{
        json::{ApiError, read_call, respond},
        signature::{self, CredentialScope, SignatureError},
    },
    control_plane::{self as sagemaker, SageMakerService},
};
use mysfits_sagemaker::{
    AccountRegion,
    http::{ACCOUNT, REGION},
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{
    emulator::Emulator,
    records::{AutoScaling, CodeCommit, autoscaling, codecommit},
};

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
    let region = signed_region(&request);
    let Some(router) = regions.router(&region) else {
        let message = format!("more than {MAX_REGIONS} regions; restart the local cloud");
        return respond(Err(ApiError::validation(message)));
    };
    router.oneshot(request).await.into_response()
}

/// Returns the region for which a request is signed.
fn signed_region(request: &Request) -> String {
    let scope = CredentialScope::from_request(request.headers(), request.uri());
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

/// Refuses callers that IAM does not allow to invoke the endpoint; `router` must see signed requests only.
pub fn authorize_invocations(router: Router, emulator: Emulator) -> Router {
    router.layer(from_fn_with_state(emulator, authorize))
}

async fn authorize(State(emulator): State<Emulator>, request: Request, next: Next) -> Response {
    let Some(endpoint) = invoked(request.uri().path()) else { return next.run(request).await };
    let Some(key) = signature::access_key_id(request.headers()) else {
        return SignatureError::Missing.into_response();
    };
    // The account's own key may do everything.
    if key == emulator.credentials().id() {
        return next.run(request).await;
    }
    // An ARN has the endpoint's name in lower case.
    let resource = format!("endpoint/{}", endpoint.to_ascii_lowercase());
    let arn = AccountRegion::new(ACCOUNT, signed_region(&request)).arn("sagemaker", &resource);
    match emulator.denial(key, "sagemaker:InvokeEndpoint", &arn).await {
        Ok(None) => next.run(request).await,
        Ok(Some(reason)) => denied(&reason),
        Err(error) => denied(&error.to_string()),
    }
}

/// The endpoint that a request with this path invokes.
fn invoked(path: &str) -> Option<&str> {
    let (endpoint, _) = path.strip_prefix("/endpoints/")?.split_once('/')?;
    Some(endpoint)
}

fn denied(message: &str) -> Response {
    const CODE: &str = "AccessDeniedException";
    let headers = [("x-amzn-errortype", CODE)];
    (StatusCode::FORBIDDEN, headers, Json(json!({ "Message": message }))).into_response()
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
