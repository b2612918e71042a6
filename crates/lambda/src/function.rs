//! An invocation: an event in, the router's answer out, and a record of it.

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
    event::{Event, EventError},
    proxy::ProxyResponse,
    record::{Invocation, Record},
};

/// The function, ready to be invoked.
#[derive(Debug)]
pub struct Function {
    router: Router,
    backend: &'static str,
    is_cold: AtomicBool,
}

impl Function {
    /// The API over a backend.
    #[must_use]
    pub fn new(recommender: Arc<dyn Recommender>, allow_origin: AllowOrigin) -> Self {
        let backend = recommender.name();
        let router = RecommendationApi::new(recommender).allow_origin(allow_origin).router();
        Self { router, backend, is_cold: AtomicBool::new(true) }
    }

    /// Answers an event, and tells how that went.
    ///
    /// # Errors
    /// [`EventError`] if the event tells of no request. A request at fault has an answer, and so have our own faults.
    pub async fn invoke(&self, event: LambdaEvent<Event>) -> (Result<ProxyResponse, EventError>, Record) {
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
                let record = Record::of_error(invocation, error.name(), begun.elapsed());
                return (Err(error), record);
            }
        };
        let answered: Result<_, Infallible> = self.router.clone().oneshot(request).instrument(span).await;
        let response = match answered {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let record = Record::of_answer(invocation, &response, begun.elapsed());
        let response = match ProxyResponse::of(response).await {
            Ok(response) => response,
            // The router's bodies are in memory and do not break off; a later one that does is our fault.
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the answer broke off");
                let Ok(problem) = ProxyResponse::of(Problem::Internal.into_response()).await else {
                    unreachable!("a problem document is in memory")
                };
                problem
            }
        };
        (Ok(response), record)
    }
}

impl From<EventError> for Diagnostic {
    fn from(error: EventError) -> Self {
        Self { error_type: error.name().to_owned(), error_message: error.to_string() }
    }
}
