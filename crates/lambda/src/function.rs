//! Handles an invocation: event, router, response and log record.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use axum::{Router, response::IntoResponse as _};
use lambda_runtime::{Diagnostic, LambdaEvent};
use mysfits_api::{AllowOrigin, Problem, RecommendationApi, Recommender};
use tower::ServiceExt as _;
use tracing::Instrument as _;

use crate::{
    invocation_log::{Invocation, InvocationRecord},
    request::{ApiEvent, ApiEventError},
    response::ProxyResponse,
};

/// The function, ready to be invoked.
#[derive(Debug)]
pub struct RecommendationFunction {
    router: Router,
    backend: &'static str,
    is_cold: AtomicBool,
}

impl RecommendationFunction {
    /// Creates the function with a backend.
    #[must_use]
    pub fn new(recommender: Arc<dyn Recommender>, allow_origin: AllowOrigin) -> Self {
        let backend = recommender.name();
        let router = RecommendationApi::new(recommender).allow_origin(allow_origin).router();
        Self { router, backend, is_cold: AtomicBool::new(true) }
    }

    /// Handles an event; returns the response and the log record.
    ///
    /// # Errors
    /// [`ApiEventError`] if the event is not a request. Invalid requests and internal errors are responses.
    pub async fn invoke(
        &self,
        event: LambdaEvent<ApiEvent>,
    ) -> (Result<ProxyResponse, ApiEventError>, InvocationRecord) {
        let begun = Instant::now();
        let (event, context) = event.into_parts();
        let span = tracing::error_span!("invocation", request_id = context.request_id);
        let invocation = Invocation {
            request_id: context.request_id,
            trace_id: context.xray_trace_id,
            cold_start: self.is_cold.swap(false, Ordering::Relaxed),
            backend: self.backend,
        };
        let request = match event.request() {
            Ok(request) => request,
            Err(error) => {
                let record = InvocationRecord::from_error(invocation, error.name(), begun.elapsed());
                return (Err(error), record);
            }
        };
        let answered: Result<_, Infallible> = self.router.clone().oneshot(request).instrument(span).await;
        let response = match answered {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let record = InvocationRecord::from_response(invocation, &response, begun.elapsed());
        let response = match ProxyResponse::from_response(response).await {
            Ok(response) => response,
            // The router's bodies are in memory, so reading them does not fail today.
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "cannot read the response body");
                let Ok(problem) = ProxyResponse::from_response(Problem::Internal.into_response()).await
                else {
                    unreachable!("a problem document is in memory")
                };
                problem
            }
        };
        (Ok(response), record)
    }
}

impl From<ApiEventError> for Diagnostic {
    fn from(error: ApiEventError) -> Self {
        Self { error_type: error.name().to_owned(), error_message: error.to_string() }
    }
}
