//! Maps errors of the SDK to [`RecommendError`].

use std::{error::Error, time::Duration};

use aws_sdk_sagemakerruntime::{
    config::{
        interceptors::InterceptorContext,
        retry::{ClassifyRetry, RetryAction},
    },
    error::{DisplayErrorContext, SdkError},
    operation::invoke_endpoint::InvokeEndpointError,
};

use crate::RecommendError;

/// When to come back if nothing better is known.
const SOON: Duration = Duration::from_secs(2);
/// When to come back to a model that is being loaded, or to an endpoint that is not there at the moment.
const LATER: Duration = Duration::from_secs(10);

/// A failure in words: which endpoint, what happened.
#[derive(Debug, thiserror::Error)]
#[error("the endpoint {name:?}: {what}")]
struct Failure {
    name: String,
    what: String,
}

/// Sorts a failure: away, or there and of no use.
pub(super) fn classify(error: SdkError<InvokeEndpointError>, name: &str) -> RecommendError {
    let retry_after = retry_after(&error);
    let what = DisplayErrorContext(&error).to_string();
    let cause: Box<dyn Error + Send + Sync> = Box::new(Failure { name: name.to_owned(), what });
    match retry_after {
        Some(retry_after) => RecommendError::Unavailable { retry_after, cause },
        None => RecommendError::BadAnswer(cause),
    }
}

/// When to try again; none if that would not help.
fn retry_after(error: &SdkError<InvokeEndpointError>) -> Option<Duration> {
    let SdkError::ServiceError(service) = error else {
        // A request that could not even be made is our own fault; all else is about reaching the service.
        return (!matches!(error, SdkError::ConstructionFailure(_))).then_some(SOON);
    };
    match service.err() {
        // The latter is also what is said of an endpoint that does not exist: deleted, or not yet created.
        InvokeEndpointError::ModelNotReadyException(_) | InvokeEndpointError::ValidationError(_) => {
            Some(LATER)
        }
        // The container's own failure may pass; what it refuses, it will refuse again.
        InvokeEndpointError::ModelError(model) => {
            model.original_status_code().is_none_or(|status| status >= 500).then_some(SOON)
        }
        // By the status: throttling is 400 or 429 with a code of its own, a missing permission 403, which on a stack
        // that has just been made lasts for seconds.
        other => {
            let status = service.raw().status().as_u16();
            let code = aws_sdk_sagemakerruntime::error::ProvideErrorMetadata::code(other).unwrap_or_default();
            (status >= 403 || code.contains("Throttl")).then_some(SOON)
        }
    }
}

/// The SDK tries again after throttling, 5xx and failed connections. A serverless endpoint that is starting says so with
/// an error of its own, which the SDK does not know as one that passes.
#[derive(Debug)]
pub(super) struct NotReadyIsTriedAgain;

impl ClassifyRetry for NotReadyIsTriedAgain {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let is_not_ready = context.output_or_error().is_some_and(|result| {
            let error = result.err().and_then(|error| error.as_operation_error());
            let error = error.and_then(|error| error.downcast_ref::<InvokeEndpointError>());
            matches!(error, Some(InvokeEndpointError::ModelNotReadyException(_)))
        });
        if is_not_ready { RetryAction::throttling_error() } else { RetryAction::NoActionIndicated }
    }

    fn name(&self) -> &'static str {
        "a model that is not ready"
    }
}
