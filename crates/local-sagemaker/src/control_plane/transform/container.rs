//! The container of a worker: a k-NN model behind the routes of SageMaker's hosting contract, in this process.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{Request, Response, StatusCode, header},
};
use http_body_util::{BodyExt as _, Limited};
use mysfits_knn::Model;
use mysfits_sagemaker::{
    Endpoint, Endpoints,
    batch::BatchStrategy,
    http::{RouterOptions, router_with},
};
use serde::Deserialize;
use tokio::time::{Instant, sleep, timeout_at};
use tower::ServiceExt as _;

use super::request::TransformSettings;

/// The most bytes of an error message of the container.
const MAX_MESSAGE_BYTES: usize = 2048;
/// How long a container that is busy is left alone.
const BUSY_PAUSE: Duration = Duration::from_millis(50);
/// The first pause before a failed request is repeated; the next are twice as long.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// A container. Cheap to clone: clones share it.
#[derive(Debug, Clone)]
pub(super) struct TransformContainer {
    routes: Router,
    settings: Arc<TransformSettings>,
}

/// What a container prefers, as `GET /execution-parameters` has it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ExecutionParameters {
    #[serde(default)]
    pub(super) max_concurrent_transforms: Option<usize>,
    #[serde(default)]
    batch_strategy: Option<PreferredStrategy>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum PreferredStrategy {
    MultiRecord,
    SingleRecord,
}

impl ExecutionParameters {
    pub(super) fn strategy(&self) -> BatchStrategy {
        match self.batch_strategy {
            None | Some(PreferredStrategy::MultiRecord) => BatchStrategy::MultiRecord,
            Some(PreferredStrategy::SingleRecord) => BatchStrategy::SingleRecord,
        }
    }
}

/// Why there is no response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum InvocationFailure {
    /// The container refused the request.
    Client { status: StatusCode, message: String },
    /// The container failed.
    Algorithm { status: StatusCode, message: String },
    /// The container did not respond in time, or not completely.
    NoResponse,
}

impl TransformContainer {
    /// Starts a container for a model.
    ///
    /// # Errors
    /// The reason, if `name` is not the name of a job.
    pub(super) fn new(
        name: &str,
        model: Arc<Model>,
        settings: Arc<TransformSettings>,
    ) -> Result<Self, String> {
        let endpoint = Endpoint::new(name, model).map_err(|error| error.to_string())?;
        let options = RouterOptions::default().max_payload_mb(settings.max_payload_mb as u32);
        Ok(Self { routes: router_with(Endpoints::new([endpoint]), options), settings })
    }

    /// Returns what the container prefers; nothing if it does not say so.
    pub(super) async fn execution_parameters(&self) -> ExecutionParameters {
        let nothing = ExecutionParameters { max_concurrent_transforms: None, batch_strategy: None };
        let Ok(request) = Request::get("/execution-parameters").body(Body::empty()) else { return nothing };
        let Ok(response) = self.routes.clone().oneshot(request).await;
        match Limited::new(response.into_body(), MAX_MESSAGE_BYTES).collect().await {
            Ok(body) => serde_json::from_slice(&body.to_bytes()).unwrap_or(nothing),
            Err(_) => nothing,
        }
    }

    /// Sends a request until there is a response with a status of success, whose body is still to come. A container that
    /// is busy is asked again until the time is over; one that fails, as often as the job allows.
    pub(super) async fn invoke(&self, body: Bytes) -> Result<Response<Body>, InvocationFailure> {
        let deadline = Instant::now() + self.settings.timeout;
        let mut retries = 0;
        while Instant::now() < deadline {
            let failure = match timeout_at(deadline, self.routes.clone().oneshot(self.request(&body)?)).await
            {
                Err(_) => return Err(InvocationFailure::NoResponse),
                Ok(Ok(response)) => match response.status() {
                    status if status.is_success() => return Ok(response),
                    StatusCode::SERVICE_UNAVAILABLE
                        if response.headers().contains_key(header::RETRY_AFTER) =>
                    {
                        sleep(BUSY_PAUSE).await;
                        continue;
                    }
                    status => {
                        let message = message(response.into_body()).await;
                        if status.is_client_error() {
                            return Err(InvocationFailure::Client { status, message });
                        }
                        InvocationFailure::Algorithm { status, message }
                    }
                },
            };
            if retries >= self.settings.max_retries {
                return Err(failure);
            }
            sleep(RETRY_PAUSE * 2_u32.pow(retries)).await;
            retries += 1;
        }
        Err(InvocationFailure::NoResponse)
    }

    fn request(&self, body: &Bytes) -> Result<Request<Body>, InvocationFailure> {
        let TransformSettings { content_type, accept, .. } = &*self.settings;
        let headers = [(header::CONTENT_TYPE, content_type), (header::ACCEPT, accept)];
        let request = headers
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .fold(Request::post("/invocations"), |request, (name, value)| request.header(name, value));
        request.body(Body::from(body.clone())).map_err(|_| InvocationFailure::Client {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            message: "ContentType or Accept is not a header value".to_owned(),
        })
    }
}

async fn message(body: Body) -> String {
    match Limited::new(body, MAX_MESSAGE_BYTES).collect().await {
        Ok(body) => String::from_utf8_lossy(&body.to_bytes()).into_owned(),
        Err(_) => "the message is too long".to_owned(),
    }
}
