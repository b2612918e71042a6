//! What the container does with a request: decode, predict, encode; or say in plain text why not.

use std::sync::Arc;

use axum::{
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use mysfits_knn::{Model, PredictError};

use crate::{
    Endpoints,
    codec::{self, Accept, ContentType, DecodeError, MediaTypeError},
};

/// From this many bytes on a request is answered on a thread that may block: a batch must not hold up the others.
const BLOCKING_FROM_BYTES: usize = 16 * 1024;

/// The most that a refusal says. The service repeats it in a message of its own, of at most 2,048 characters.
const MAX_MESSAGE_CHARS: usize = 1000;

/// What the container answers.
pub(super) struct Answer {
    content_type: &'static str,
    body: Vec<u8>,
    /// The caller's own words, given back as they came.
    custom_attributes: Option<HeaderValue>,
}

/// Why the container does not answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum InvocationError {
    #[error(transparent)]
    MediaType(#[from] MediaTypeError),
    #[error("Unable to evaluate payload provided: {0}")]
    Decode(#[from] DecodeError),
    #[error("Unable to evaluate payload provided: {0}")]
    Predict(#[from] PredictError),
    #[error("The body is larger than {} bytes", super::MAX_BODY_BYTES)]
    TooLarge,
    #[error("The body could not be read")]
    Unreadable,
    #[error("No model is loaded")]
    NoModel,
    #[error("The prediction failed")]
    Failed,
}

impl InvocationError {
    /// What is wrong, cut short: the cause may repeat what was sent.
    pub(super) fn message(&self) -> String {
        let mut message = self.to_string();
        if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE_CHARS) {
            message.truncate(end);
            message.push('…');
        }
        message
    }

    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::MediaType(MediaTypeError::ContentType { .. }) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::MediaType(MediaTypeError::Accept { .. }) => StatusCode::NOT_ACCEPTABLE,
            Self::MediaType(MediaTypeError::Parameter { .. })
            | Self::Decode(_)
            | Self::Predict(_)
            | Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NoModel => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<BytesRejection> for InvocationError {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE { Self::TooLarge } else { Self::Unreadable }
    }
}

impl IntoResponse for InvocationError {
    fn into_response(self) -> Response {
        (self.status(), self.message()).into_response()
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = ([(header::CONTENT_TYPE, self.content_type)], self.body).into_response();
        if let Some(attributes) = self.custom_attributes {
            response.headers_mut().insert(CUSTOM_ATTRIBUTES, attributes);
        }
        response
    }
}

/// `POST /invocations`.
pub(super) async fn container(
    State(endpoints): State<Endpoints>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Answer, InvocationError> {
    let endpoint = endpoints.default_endpoint().ok_or(InvocationError::NoModel)?;
    answer(endpoint.model(), &headers, body?).await
}

/// A caller's own words, forwarded to the model and back.
const CUSTOM_ATTRIBUTES: HeaderName = HeaderName::from_static("x-amzn-sagemaker-custom-attributes");

/// Answers a request with a model.
pub(super) async fn answer(
    model: Arc<Model>,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<Answer, InvocationError> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let content_type = ContentType::parse(text(header::CONTENT_TYPE).unwrap_or_default())?;
    let accept = text(header::ACCEPT).map_or(Ok(Accept::default()), Accept::parse)?;
    let custom_attributes = headers.get(CUSTOM_ATTRIBUTES).cloned();
    let predict = move || {
        let samples = codec::decode(&content_type, &body)?;
        let predicted = model.predict_batch(samples.view())?;
        let content_type = match accept {
            Accept::Json => "application/json",
        };
        Ok(Answer { content_type, body: codec::encode(accept, &predicted), custom_attributes })
    };
    if body_is_large(headers) {
        tokio::task::spawn_blocking(predict).await.unwrap_or(Err(InvocationError::Failed))
    } else {
        predict()
    }
}

/// Whether the body is worth a thread of its own; one of unknown length is.
fn body_is_large(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    length.is_none_or(|length: usize| length >= BLOCKING_FROM_BYTES)
}
