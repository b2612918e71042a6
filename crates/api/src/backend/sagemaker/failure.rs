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

/// The time until a retry, for most errors.
const RETRY_SOON: Duration = Duration::from_secs(2);
/// The time until a retry, for a model that is being loaded and for a missing endpoint.
const RETRY_LATER: Duration = Duration::from_secs(10);

/// The cause of a failure: the endpoint, and what happened.
#[derive(Debug, thiserror::Error)]
#[error("the endpoint {name:?}: {what}")]
struct Failure {
    name: String,
    what: String,
}

/// Returns whether the backend is unavailable, or its answer unusable.
pub(super) fn classify(error: SdkError<InvokeEndpointError>, name: &str) -> RecommendError {
    let retry_after = retry_after(&error);
    let what = DisplayErrorContext(&error).to_string();
    let cause: Box<dyn Error + Send + Sync> = Box::new(Failure { name: name.to_owned(), what });
    match retry_after {
        Some(retry_after) => RecommendError::Unavailable { retry_after, cause },
        None => RecommendError::BadAnswer(cause),
    }
}

/// Returns the time until a retry, or `None` if a retry will not help.
fn retry_after(error: &SdkError<InvokeEndpointError>) -> Option<Duration> {
    let SdkError::ServiceError(service) = error else {
        // A request that cannot be constructed is our own error; all others concern the connection.
        return (!matches!(error, SdkError::ConstructionFailure(_))).then_some(RETRY_SOON);
    };
    match service.err() {
        // ValidationError is also the error for an endpoint that does not exist: deleted, or not yet created.
        InvokeEndpointError::ModelNotReadyException(_) | InvokeEndpointError::ValidationError(_) => {
            Some(RETRY_LATER)
        }
        // An error of the container may be temporary; a rejected request will be rejected again.
        InvokeEndpointError::ModelError(model) => {
            model.original_status_code().is_none_or(|status| status >= 500).then_some(RETRY_SOON)
        }
        // Throttling is 400 or 429 with a code of its own. A missing permission is 403, which lasts for seconds on a stack
        // that has just been created.
        other => {
            let status = service.raw().status().as_u16();
            let code = aws_sdk_sagemakerruntime::error::ProvideErrorMetadata::code(other).unwrap_or_default();
            (status >= 403 || code.contains("Throttl")).then_some(RETRY_SOON)
        }
    }
}

/// Retries a model that is not ready: the error of a serverless endpoint that is starting. The SDK only retries throttling,
/// 5xx and failed connections.
#[derive(Debug)]
pub(super) struct RetryModelNotReady;

impl ClassifyRetry for RetryModelNotReady {
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
