//! What the container does with a request: decode, predict, encode; or say in plain text why not.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use mysfits_knn::{Model, PredictError};

use super::{
    Hosting,
    body::{self, BodyError, Chunks},
};
use crate::{
    Endpoint,
    codec::{self, Accept, ContentType, DecodeError, MediaTypeError},
    faults::Fault,
    inference::{self, Predictions},
};

/// From this many bytes on a request is answered on a thread that may block: a batch must not hold up the others.
const BLOCKING_FROM_BYTES: usize = 16 * 1024;
/// From this many numbers on an answer is streamed; below, it is sent whole and states its length.
const STREAM_FROM_NUMBERS: usize = 4096;
/// The most rows and numbers in a piece of a streamed answer: about a megabyte, and enough to occupy all cores.
const ROWS_PER_CHUNK: usize = 8192;
const NUMBERS_PER_CHUNK: usize = 64 * 1024;
/// The most that a refusal says. The service repeats it in a message of its own, of at most 2,048 characters.
const MAX_MESSAGE_CHARS: usize = 1000;

/// A caller's own words, forwarded to the model and back.
pub(super) const CUSTOM_ATTRIBUTES: HeaderName =
    HeaderName::from_static("x-amzn-sagemaker-custom-attributes");

/// What the container answers.
pub(super) struct Answer {
    content_type: &'static str,
    body: Body,
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
    #[error("{}", match .0 {
        Fault::Throttling => "Rate exceeded",
        Fault::Unavailable => "The container is unavailable, as it was asked to be",
        Fault::NotReady => "The model is not ready, as it was asked to be",
        Fault::ModelError => "The model failed, as it was asked to",
    })]
    Fault(Fault),
}

impl InvocationError {
    /// What is wrong, cut short: the cause may repeat what was sent.
    pub(super) fn message(&self) -> String {
        shortened(self.to_string(), MAX_MESSAGE_CHARS)
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
            Self::Fault(Fault::Throttling) => StatusCode::TOO_MANY_REQUESTS,
            Self::NoModel | Self::Fault(Fault::Unavailable | Fault::NotReady) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Failed | Self::Fault(Fault::ModelError) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<BodyError> for InvocationError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::TooLarge,
            BodyError::Unreadable => Self::Unreadable,
        }
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

/// A text cut to so many characters, with a sign that it was.
pub(super) fn shortened(mut text: String, max_chars: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(max_chars) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// `POST /invocations`.
pub(super) async fn container(
    State(hosting): State<Hosting>,
    headers: HeaderMap,
    body: Body,
) -> Result<Answer, InvocationError> {
    let body = body::read(body).await?;
    let endpoint = hosting.endpoints.default_endpoint().ok_or(InvocationError::NoModel)?;
    if let Some(fault) = next_fault(endpoint).await {
        return Err(InvocationError::Fault(fault));
    }
    hosting.answer(endpoint.model(), &headers, body).await
}

/// Lets the time pass that the endpoint's faults ask for, and says what the request meets.
pub(super) async fn next_fault(endpoint: &Endpoint) -> Option<Fault> {
    let schedule = endpoint.schedule()?;
    if !schedule.faults.latency.is_zero() {
        tokio::time::sleep(schedule.faults.latency).await;
    }
    schedule.next()
}

impl Hosting {
    /// Answers a request with a model.
    pub(super) async fn answer(
        &self,
        model: Arc<Model>,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Result<Answer, InvocationError> {
        let text = |name| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let content_type = ContentType::parse(&text(header::CONTENT_TYPE).unwrap_or_default())?;
        let accept = text(header::ACCEPT).map_or(Ok(Accept::default()), |accept| Accept::parse(&accept))?;
        let custom_attributes = headers.get(CUSTOM_ATTRIBUTES).cloned();
        let is_light = is_light(&model, body.len());
        let predict = move || predict(model, content_type, accept, &body);
        let predicted = if is_light {
            predict()?
        } else {
            self.workers.run(predict).await.unwrap_or(Err(InvocationError::Failed))?
        };
        let body = match predicted {
            Predicted::Whole(body) => body.into(),
            Predicted::Stream(chunks) => Body::new(Chunks::new(chunks, self.workers.clone())),
        };
        Ok(Answer { content_type: accept.content_type(), body, custom_attributes })
    }
}

/// An answer's body.
enum Predicted {
    Whole(Vec<u8>),
    /// To be predicted and written piece by piece.
    Stream(Box<dyn Iterator<Item = Result<Vec<u8>, PredictError>> + Send>),
}

fn predict(
    model: Arc<Model>,
    content_type: ContentType,
    accept: Accept,
    body: &[u8],
) -> Result<Predicted, InvocationError> {
    let samples = codec::decode(&content_type, body)?;
    if !accept.verbose {
        // Labels take less room than the samples did: predicted all at once, equal samples are searched for only once.
        let predictions = Predictions::of(&model, samples.view(), false)?;
        return Ok(if predictions.len() < STREAM_FROM_NUMBERS {
            Predicted::Whole(predictions.encode(accept.format))
        } else {
            Predicted::Stream(Box::new(predictions.encode_chunks(accept.format, ROWS_PER_CHUNK).map(Ok)))
        });
    }
    let numbers_per_row = 1 + 2 * model.hyperparameters().k().min(model.n_samples());
    Ok(if samples.nrows().saturating_mul(numbers_per_row) < STREAM_FROM_NUMBERS {
        Predicted::Whole(Predictions::of(&model, samples.view(), true)?.encode(accept.format))
    } else {
        // Neighbours can take a hundred times the room that the samples did: they are looked for as the answer is read.
        let rows_per_chunk = (NUMBERS_PER_CHUNK / numbers_per_row).clamp(1, ROWS_PER_CHUNK);
        Predicted::Stream(Box::new(inference::stream(model, samples, accept, rows_per_chunk)?))
    })
}

/// Whether a body is so short, and the model so quick, that the answer takes no longer than handing the work over would.
fn is_light(model: &Model, body_bytes: usize) -> bool {
    // A feature is a digit and what separates it from the next, at least.
    let max_rows = 1 + body_bytes / (2 * model.feature_dim().max(1));
    body_bytes < BLOCKING_FROM_BYTES && model.is_quick(max_rows)
}
