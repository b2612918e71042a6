//! What the container does with a request: decode, predict, encode; or say in plain text why not.

use std::{borrow::Cow, sync::Arc};

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use mysfits_knn::{CancellationToken, Model, PredictError};
use ndarray::Array2;

use super::{
    Hosting,
    body::{self, BodyError, Chunks, Reserved, Source},
    memory_budget::{OutOfBudget, Reservation},
    workers::{Lane, WorkError},
};
use crate::{
    Endpoint,
    codec::{self, Accept, ContentType, DecodeError, MediaTypeError},
    faults::Fault,
    inference::{PredictionStream, Predictions},
};

/// From this many bytes on a request is answered on a thread that may block: a batch must not hold up the others.
const BLOCKING_FROM_BYTES: usize = 16 * 1024;
/// The most that a request may cost that is answered on the thread that received it: about a tenth of a millisecond.
const MAX_INLINE_COST: usize = 1 << 19;
/// The largest body that is decoded among the short requests: a few milliseconds.
const MAX_SHORT_BODY_BYTES: usize = 1 << 20;
/// The most that a short request may cost, and that a piece of a streamed response costs: less than a second of one core.
const MAX_SHORT_COST: usize = 1 << 31;
/// From this many numbers on an answer is streamed; below, it is sent whole and states its length.
const STREAM_FROM_NUMBERS: usize = 4096;
/// The most rows and numbers in a piece of a streamed answer: about a megabyte, and enough to occupy all cores.
const ROWS_PER_CHUNK: usize = 8192;
const NUMBERS_PER_CHUNK: usize = 64 * 1024;
/// How many times as long as a body its decoded dense samples are at most: two bytes for a digit and what separates it from
/// the next, four for the number.
const MAX_DENSE_GROWTH: usize = 2;
/// The fewest bytes of a sparse sample, which claims all of its features, in JSON or RecordIO.
const MIN_SPARSE_BYTES: usize = 24;
/// The most that a refusal says. The service repeats it in a message of its own, of at most 2,048 characters.
const MAX_MESSAGE_CHARS: usize = 1000;

/// A caller's own words, forwarded to the model and back.
pub(super) const CUSTOM_ATTRIBUTES: HeaderName =
    HeaderName::from_static("x-amzn-sagemaker-custom-attributes");

/// Returns the memory that a body of this length and its decoded samples need at most.
pub(super) const fn decoding_bytes(body_bytes: usize) -> usize {
    body_bytes * (1 + MAX_DENSE_GROWTH)
}

/// What the container answers.
pub(super) struct Answer {
    /// The body and its media type; `None` to a request with an empty body.
    content: Option<(&'static str, Body)>,
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
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Fault(Fault::Throttling) => StatusCode::TOO_MANY_REQUESTS,
            Self::NoModel
            | Self::Busy
            | Self::OutOfMemory
            | Self::Fault(Fault::Unavailable | Fault::NotReady) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed | Self::Fault(Fault::ModelError) => StatusCode::INTERNAL_SERVER_ERROR,
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

impl IntoResponse for Answer {
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
    let body = body::read(body, hosting.options.max_payload_bytes(), &hosting.memory).await?;
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
    /// Answers a request with a model. The reservation is the body's.
    pub(super) async fn answer(
        &self,
        model: Arc<Model>,
        headers: &HeaderMap,
        (body, mut reservation): (Bytes, Reservation),
    ) -> Result<Answer, InvocationError> {
        let custom_attributes = headers.get(CUSTOM_ATTRIBUTES).cloned();
        if body.is_empty() && !self.options.is_strict() {
            return Ok(Answer { content: None, custom_attributes });
        }
        let content_type = self.content_type(headers)?;
        let accept = self.accept(headers)?;
        let mut lane = Lane::Short;
        let predicted = if is_light(&model, &content_type, body.len()) {
            let samples = codec::decode_for(&content_type, &body, model.feature_dim())?;
            predict(model, samples, accept, &CancellationToken::new())?
        } else {
            let decode_lane = if body.len() <= MAX_SHORT_BODY_BYTES { Lane::Short } else { Lane::Long };
            let feature_dim = model.feature_dim();
            let decode = move |_: &_| -> Result<_, InvocationError> {
                reservation.resize(decoding_bytes(body.len()))?;
                let samples = codec::decode_for(&content_type, &body, feature_dim)?;
                drop(body);
                reservation.resize(samples.len() * size_of::<f32>())?;
                Ok((samples, reservation))
            };
            let samples;
            (samples, reservation) = self.workers.run(decode_lane, decode).await??;
            if model.estimated_cost(samples.nrows()) > MAX_SHORT_COST {
                lane = Lane::Long;
            }
            self.workers.run(lane, move |token| predict(model, samples, accept, token)).await??
        };
        let held_bytes = match &predicted {
            Predicted::Whole(body) => body.len(),
            Predicted::Stream { held_bytes, .. } => *held_bytes,
        };
        reservation.resize(held_bytes)?;
        let body = match predicted {
            Predicted::Whole(body) => body.into(),
            Predicted::Stream { chunks, .. } => Body::new(Chunks::new(chunks, self.workers.clone(), lane)),
        };
        let body = Body::new(Reserved { body, _reservation: reservation });
        Ok(Answer { content: Some((accept.content_type(), body)), custom_attributes })
    }

    fn content_type(&self, headers: &HeaderMap) -> Result<ContentType, MediaTypeError> {
        let text = field_value(headers, &header::CONTENT_TYPE).unwrap_or_default();
        if text.trim().is_empty() && !self.options.is_strict() {
            return Ok(ContentType::Json);
        }
        ContentType::parse(&text)
    }

    fn accept(&self, headers: &HeaderMap) -> Result<Accept, MediaTypeError> {
        let accept = Accept::parse(&field_value(headers, &header::ACCEPT).unwrap_or_default());
        match accept {
            Err(MediaTypeError::Accept { .. }) if !self.options.is_strict() => Ok(Accept::default()),
            accept => accept,
        }
    }
}

/// Returns a header's value. `Accept` is a list, whose elements may come in several lines (RFC 9110, section 5.3).
pub(super) fn field_value<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<Cow<'h, str>> {
    let mut lines = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let first = lines.next()?;
    if *name != header::ACCEPT {
        return Some(first);
    }
    Some(lines.fold(first, |list, line| Cow::Owned(format!("{list}, {line}"))))
}

/// An answer's body.
enum Predicted {
    Whole(Vec<u8>),
    /// To be predicted and written piece by piece.
    Stream {
        chunks: Source<PredictError>,
        held_bytes: usize,
    },
}

fn predict(
    model: Arc<Model>,
    samples: Array2<f32>,
    accept: Accept,
    cancellation: &CancellationToken,
) -> Result<Predicted, InvocationError> {
    if !accept.verbose {
        // Labels take less room than the samples did: predicted all at once, equal samples are searched for only once.
        let predictions = Predictions::with(&model, samples.view(), false, cancellation)?;
        return Ok(if predictions.len() < STREAM_FROM_NUMBERS {
            Predicted::Whole(predictions.encode(accept.format))
        } else {
            let held_bytes = predictions.len() * size_of::<f64>() + chunk_bytes(ROWS_PER_CHUNK, 1);
            let mut chunks = predictions.encode_chunks(accept.format, ROWS_PER_CHUNK);
            Predicted::Stream { chunks: Box::new(move |_| chunks.next().map(Ok)), held_bytes }
        });
    }
    let numbers_per_row = 1 + 2 * model.hyperparameters().k().min(model.n_samples());
    Ok(if samples.nrows().saturating_mul(numbers_per_row) < STREAM_FROM_NUMBERS {
        let predictions = Predictions::with(&model, samples.view(), true, cancellation)?;
        Predicted::Whole(predictions.encode(accept.format))
    } else {
        // Neighbours can take a hundred times the room that the samples did: they are looked for as the answer is read.
        let affordable = MAX_SHORT_COST / model.estimated_cost(1).max(1);
        let rows_per_chunk = (NUMBERS_PER_CHUNK / numbers_per_row).min(affordable).clamp(1, ROWS_PER_CHUNK);
        let held_bytes = samples.len() * size_of::<f32>() + chunk_bytes(rows_per_chunk, numbers_per_row);
        let mut stream = PredictionStream::new(model, samples, accept, rows_per_chunk)?;
        Predicted::Stream { chunks: Box::new(move |token| stream.next(token)), held_bytes }
    })
}

/// About what a streamed response holds beside its samples: a piece that is being sent, and one that is being made.
fn chunk_bytes(rows_per_chunk: usize, numbers_per_row: usize) -> usize {
    // A row's label with its name; each further number in up to 16 characters.
    2 * rows_per_chunk * (32 + 16 * (numbers_per_row - 1))
}

/// Whether a body is so short, and the model so quick, that the answer takes no longer than handing the work over would.
fn is_light(model: &Model, content_type: &ContentType, body_bytes: usize) -> bool {
    // A feature is a digit and what separates it from the next, at least.
    let dense_bytes = 2 * model.feature_dim().max(1);
    let min_row_bytes = match content_type {
        ContentType::Csv { .. } => dense_bytes,
        _ => dense_bytes.min(MIN_SPARSE_BYTES),
    };
    let max_rows = 1 + body_bytes / min_row_bytes;
    body_bytes < BLOCKING_FROM_BYTES && model.estimated_cost(max_rows) <= MAX_INLINE_COST
}
