//! Error responses of the container, in plain text.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use mysfits_knn::PredictError;

use super::{body::BodyError, memory_budget::OutOfBudget, workers::WorkError};
use crate::{
    codec::{DecodeError, MediaTypeError},
    container::ContainerError,
    faults::EndpointFault,
    multi_model::ModelLoadError,
    text::shorten,
    variant::TooManyRequests,
};

/// The most characters of an error message. The service repeats it in a message of its own, of at most 2,048 characters.
const MAX_MESSAGE_CHARS: usize = 1000;

/// An error response of the container.
#[derive(Debug, thiserror::Error)]
pub(super) enum InvocationError {
    #[error(transparent)]
    MediaType(#[from] MediaTypeError),
    #[error("Unable to evaluate payload provided: {0}")]
    Decode(#[from] DecodeError),
    #[error("Unable to evaluate payload provided: {0}")]
    Predict(#[from] PredictError),
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error(transparent)]
    Work(#[from] WorkError),
    #[error(transparent)]
    OutOfMemory(#[from] OutOfBudget),
    #[error("No model is loaded")]
    NoModel,
    /// A container's own error response.
    #[error("{message}")]
    Container { status: StatusCode, message: String },
    #[error(transparent)]
    ContainerFailed(#[from] ContainerError),
    #[error("The response of the container is larger than {limit} bytes")]
    ResponseTooLarge { limit: usize },
    /// A request to a multi-model endpoint that names no model.
    #[error("The request is missing a target model header")]
    NoTargetModel,
    #[error(transparent)]
    ModelLoad(#[from] ModelLoadError),
    #[error(transparent)]
    TooManyRequests(#[from] TooManyRequests),
    #[error("{}", match .0 {
        EndpointFault::Throttling => "Rate exceeded",
        EndpointFault::Unavailable => "The container is unavailable (injected fault)",
        EndpointFault::NotReady => "The model is not ready (injected fault)",
        EndpointFault::ModelError => "The model failed (injected fault)",
    })]
    Fault(EndpointFault),
}

impl InvocationError {
    /// Returns the message, shortened: it may repeat a part of the request.
    pub(super) fn message(&self) -> String {
        shorten(&self.to_string(), MAX_MESSAGE_CHARS)
    }

    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::MediaType(MediaTypeError::ContentType { .. }) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::MediaType(MediaTypeError::Accept { .. }) => StatusCode::NOT_ACCEPTABLE,
            Self::Container { status, .. } => *status,
            Self::ContainerFailed(ContainerError::Broken(_)) | Self::ResponseTooLarge { .. } => {
                StatusCode::BAD_GATEWAY
            }
            Self::ModelLoad(ModelLoadError::NotFound { .. }) => StatusCode::NOT_FOUND,
            Self::ModelLoad(ModelLoadError::TooLarge { .. }) => StatusCode::INSUFFICIENT_STORAGE,
            Self::MediaType(MediaTypeError::Parameter { .. })
            | Self::NoTargetModel
            | Self::Decode(_)
            | Self::Predict(_)
            | Self::Body(BodyError::Unreadable) => StatusCode::BAD_REQUEST,
            Self::Body(BodyError::TooLarge { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooManyRequests(_) | Self::Fault(EndpointFault::Throttling) => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::NoModel
            | Self::ContainerFailed(ContainerError::Unreachable(_))
            | Self::ModelLoad(ModelLoadError::Store(_))
            | Self::Work(WorkError::Busy)
            | Self::Body(BodyError::OutOfMemory(_))
            | Self::OutOfMemory(_)
            | Self::Fault(EndpointFault::Unavailable | EndpointFault::NotReady) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Work(WorkError::Panicked)
            | Self::ModelLoad(ModelLoadError::Invalid(_))
            | Self::Fault(EndpointFault::ModelError) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Returns whether other requests hold the resources that this one needs.
    pub(super) fn is_overload(&self) -> bool {
        matches!(
            self,
            Self::Work(WorkError::Busy) | Self::Body(BodyError::OutOfMemory(_)) | Self::OutOfMemory(_)
        )
    }
}

impl IntoResponse for InvocationError {
    fn into_response(self) -> Response {
        let mut response = (self.status(), self.message()).into_response();
        if self.is_overload() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
