//! Responses of the container: predictions, or an error in plain text.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use mysfits_knn::PredictError;

use super::{body::BodyError, headers::CUSTOM_ATTRIBUTES, memory_budget::OutOfBudget, workers::WorkError};
use crate::{
    codec::{DecodeError, MediaTypeError},
    faults::EndpointFault,
    text::shorten,
};

/// The most characters of an error message. The service repeats it in a message of its own, of at most 2,048 characters.
const MAX_MESSAGE_CHARS: usize = 1000;

/// A successful response of the container.
pub(super) struct ContainerResponse {
    /// The body and its media type; `None` for a request with an empty body.
    pub(super) content: Option<(&'static str, Body)>,
    /// The caller's own text, unchanged.
    pub(super) custom_attributes: Option<HeaderValue>,
}

/// An error response of the container.
#[derive(Debug, thiserror::Error)]
pub(super) enum InvocationError {
    #[error(transparent)]
    MediaType(#[from] MediaTypeError),
    #[error("Unable to evaluate payload provided: {0}")]
    Decode(#[from] DecodeError),
    #[error("Unable to evaluate payload provided: {0}")]
    Predict(#[from] PredictError),
    #[error("The body is larger than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("The body could not be read")]
    Unreadable,
    #[error("No model is loaded")]
    NoModel,
    #[error("The prediction failed")]
    Failed,
    #[error("Too many predictions are waiting. Please try again.")]
    Busy,
    #[error("Other requests hold too much memory. Please try again.")]
    OutOfMemory,
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
            Self::MediaType(MediaTypeError::Parameter { .. })
            | Self::Decode(_)
            | Self::Predict(_)
            | Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Fault(EndpointFault::Throttling) => StatusCode::TOO_MANY_REQUESTS,
            Self::NoModel
            | Self::Busy
            | Self::OutOfMemory
            | Self::Fault(EndpointFault::Unavailable | EndpointFault::NotReady) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Failed | Self::Fault(EndpointFault::ModelError) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<BodyError> for InvocationError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge { limit } => Self::TooLarge { limit },
            BodyError::Unreadable => Self::Unreadable,
            BodyError::OutOfMemory => Self::OutOfMemory,
        }
    }
}

impl From<WorkError> for InvocationError {
    fn from(error: WorkError) -> Self {
        match error {
            WorkError::Busy => Self::Busy,
            WorkError::Panicked => Self::Failed,
        }
    }
}

impl From<OutOfBudget> for InvocationError {
    fn from(_: OutOfBudget) -> Self {
        Self::OutOfMemory
    }
}

impl IntoResponse for InvocationError {
    fn into_response(self) -> Response {
        let mut response = (self.status(), self.message()).into_response();
        if matches!(self, Self::Busy | Self::OutOfMemory) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl IntoResponse for ContainerResponse {
    fn into_response(self) -> Response {
        let mut response = match self.content {
            Some((content_type, body)) => ([(header::CONTENT_TYPE, content_type)], body).into_response(),
            None => StatusCode::NO_CONTENT.into_response(),
        };
        if let Some(attributes) = self.custom_attributes {
            response.headers_mut().insert(CUSTOM_ATTRIBUTES, attributes);
        }
        response
    }
}
