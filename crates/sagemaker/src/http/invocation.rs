//! The pipeline of an invocation: inject faults, decode, predict, encode.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, Method, Request, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use mysfits_knn::{CancellationToken, Model, PredictError};
use ndarray::Array2;

use super::{
    RouterState,
    body::{self, BodyError, ChunkSource, ChunkedBody, with_guard},
    container_response::InvocationError,
    headers::{CUSTOM_ATTRIBUTES, TARGET_MODEL, field_value, from_container, to_container},
    memory_budget::{MemoryBudget, Reservation, decoding_bytes},
    shared_batch,
    workers::Lane,
};
use crate::{
    codec::{self, Accept, ContentType, LabelTensor, MediaTypeError},
    container::{Container, ContainerError},
    endpoint::Endpoint,
    inference::{PredictionStream, Predictions, ResponseEncoding},
    variant::{Variant, VariantBackend},
};

/// A larger body is decoded on a worker thread, so that a batch does not delay other requests.
const BLOCKING_FROM_BYTES: usize = 16 * 1024;
/// The largest cost of a request on the thread that received it: about a tenth of a millisecond.
const MAX_INLINE_COST: usize = 1 << 19;
/// The largest body that is decoded in the short lane: a few milliseconds.
const MAX_SHORT_BODY_BYTES: usize = 1 << 20;
/// The largest cost of a request in the short lane, and of a chunk of a streamed response: less than a second of one core.
const MAX_SHORT_COST: usize = 1 << 31;
/// A response with fewer numbers is sent whole, with its length; others are streamed.
const STREAM_FROM_NUMBERS: usize = 4096;
/// The most rows and numbers of a chunk of a streamed response: about a megabyte, and enough to occupy all cores.
const ROWS_PER_CHUNK: usize = 8192;
const NUMBERS_PER_CHUNK: usize = 64 * 1024;
/// The most of a container's error response that is read, in bytes.
const MAX_ERROR_BYTES: usize = 64 * 1024;
/// The fewest bytes of a sparse sample, which claims all of its features, in JSON or RecordIO.
const MIN_SPARSE_BYTES: usize = 24;

/// `POST /invocations`.
pub(super) async fn container(
    State(state): State<RouterState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, InvocationError> {
    let body = body::read(body, state.options.max_payload_bytes(), &state.memory).await?;
    let endpoint = state.endpoints.default_endpoint().ok_or(InvocationError::NoModel)?;
    let deployment = endpoint.deployment();
    state.invoke(&endpoint, deployment.next_variant(), &headers, body).await
}

impl RouterState {
    /// Runs a request through the pipeline. The reservation is that of the body. The body of the response may still be
    /// arriving from a container.
    pub(super) async fn invoke(
        &self,
        endpoint: &Endpoint,
        variant: &Variant,
        headers: &HeaderMap,
        body: (Bytes, Reservation),
    ) -> Result<Response, InvocationError> {
        if let Some(schedule) = endpoint.schedule() {
            if !schedule.faults.latency.is_zero() {
                tokio::time::sleep(schedule.faults.latency).await;
            }
            if let Some(fault) = schedule.next() {
                return Err(InvocationError::Fault(fault));
            }
        }
        let permit = variant.admit()?;
        let response = match variant.backend() {
            VariantBackend::Knn(model) => self.predict_with(Arc::clone(model), headers, body).await?,
            VariantBackend::MultiModel(models) => {
                let name = field_value(headers, &TARGET_MODEL).ok_or(InvocationError::NoTargetModel)?;
                self.predict_with(models.get(&name).await?, headers, body).await?
            }
            VariantBackend::Container(container) => {
                forward(container.as_ref(), headers, body, &self.memory).await?
            }
        };
        Ok(response.map(|body| with_guard(body, permit)))
    }

    /// Answers a request by a k-NN model.
    async fn predict_with(
        &self,
        model: Arc<Model>,
        headers: &HeaderMap,
        (body, mut reservation): (Bytes, Reservation),
    ) -> Result<Response, InvocationError> {
        if body.is_empty() && !self.options.strict {
            return Ok(with_custom_attributes(StatusCode::NO_CONTENT.into_response(), headers));
        }
        let content_type = self.content_type(headers)?;
        let accept = self.accept(headers)?;
        let mut lane = Lane::Short;
        let predicted = if is_light(&model, &content_type, body.len()) {
            let samples = codec::decode_for(&content_type, &body, model.feature_dim())?;
            let label_tensor = LabelTensor::for_request(&content_type, &body);
            predict(model, samples, (accept, label_tensor), &CancellationToken::new())?
        } else {
            let decode_lane = if body.len() <= MAX_SHORT_BODY_BYTES { Lane::Short } else { Lane::Long };
            let feature_dim = model.feature_dim();
            let decode = move |_: &_| -> Result<_, InvocationError> {
                reservation.resize(decoding_bytes(body.len()))?;
                let samples = codec::decode_for(&content_type, &body, feature_dim)?;
                let label_tensor = LabelTensor::for_request(&content_type, &body);
                drop(body);
                reservation.resize(samples.len() * size_of::<f32>())?;
                Ok((samples, label_tensor, reservation))
            };
            let (samples, label_tensor);
            (samples, label_tensor, reservation) = self.workers.run(decode_lane, decode).await??;
            if shares_a_batch(&model, &samples, accept) {
                let limits = (accept.verbose, MAX_SHORT_COST);
                let predictions = self.shared_batches.predict(&self.workers, model, samples, limits);
                let encoding = ResponseEncoding { format: accept.format, label_tensor };
                Predicted::Whole(predictions.await?.encode(encoding))
            } else {
                if model.estimated_cost(samples.nrows()) > MAX_SHORT_COST {
                    lane = Lane::Long;
                }
                self.workers
                    .run(lane, move |token| predict(model, samples, (accept, label_tensor), token))
                    .await??
            }
        };
        let held_bytes = match &predicted {
            Predicted::Whole(body) => body.len(),
            Predicted::Stream { held_bytes, .. } => *held_bytes,
        };
        reservation.resize(held_bytes)?;
        let body = match predicted {
            Predicted::Whole(body) => body.into(),
            Predicted::Stream { chunks, .. } => {
                Body::new(ChunkedBody::new(chunks, self.workers.clone(), lane))
            }
        };
        let body = with_guard(body, reservation);
        let response = ([(header::CONTENT_TYPE, accept.content_type())], body).into_response();
        Ok(with_custom_attributes(response, headers))
    }

    fn content_type(&self, headers: &HeaderMap) -> Result<ContentType, MediaTypeError> {
        let text = field_value(headers, &header::CONTENT_TYPE).unwrap_or_default();
        if text.trim().is_empty() && !self.options.strict {
            return Ok(ContentType::Json);
        }
        ContentType::parse(&text)
    }

    fn accept(&self, headers: &HeaderMap) -> Result<Accept, MediaTypeError> {
        let accept = Accept::parse(&field_value(headers, &header::ACCEPT).unwrap_or_default());
        match accept {
            Err(MediaTypeError::Accept { .. }) if !self.options.strict => Ok(Accept::default()),
            accept => accept,
        }
    }
}

/// Sends a request to a container.
async fn forward(
    container: &dyn Container,
    headers: &HeaderMap,
    (body, reservation): (Bytes, Reservation),
    memory: &MemoryBudget,
) -> Result<Response, InvocationError> {
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    *request.uri_mut() = Uri::from_static("/invocations");
    *request.headers_mut() = to_container(headers);
    let (parts, body) = container.invoke(request).await?.into_parts();
    drop(reservation);
    if !parts.status.is_success() {
        let message = match body::read(body, MAX_ERROR_BYTES, memory).await {
            Ok((bytes, _)) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => error.to_string(),
        };
        return Err(InvocationError::Container { status: parts.status, message });
    }
    let mut response = Response::new(body);
    *response.status_mut() = parts.status;
    *response.headers_mut() = from_container(&parts.headers);
    Ok(response)
}

/// Reads the whole body of a response.
pub(super) async fn collect(
    response: Response,
    limit: usize,
    memory: &MemoryBudget,
) -> Result<(Response, Bytes), InvocationError> {
    let (parts, body) = response.into_parts();
    let (bytes, reservation) = body::read(body, limit, memory).await.map_err(|error| match error {
        BodyError::TooLarge { limit } => InvocationError::ResponseTooLarge { limit },
        BodyError::Unreadable => ContainerError::Broken("the response is incomplete".to_owned()).into(),
        error @ BodyError::OutOfMemory(_) => InvocationError::Body(error),
    })?;
    let body = with_guard(Body::from(bytes.clone()), reservation);
    Ok((Response::from_parts(parts, body), bytes))
}

/// Adds the caller's own text of the request, unchanged.
fn with_custom_attributes(mut response: Response, request_headers: &HeaderMap) -> Response {
    if let Some(attributes) = request_headers.get(CUSTOM_ATTRIBUTES) {
        response.headers_mut().insert(CUSTOM_ATTRIBUTES, attributes.clone());
    }
    response
}

/// The body of a response.
enum Predicted {
    Whole(Vec<u8>),
    /// Rows are predicted and encoded while the response is sent.
    Stream {
        chunks: ChunkSource<PredictError>,
        held_bytes: usize,
    },
}

fn predict(
    model: Arc<Model>,
    samples: Array2<f32>,
    (accept, label_tensor): (Accept, LabelTensor),
    cancellation: &CancellationToken,
) -> Result<Predicted, InvocationError> {
    let encoding = ResponseEncoding { format: accept.format, label_tensor };
    if !accept.verbose {
        // Labels are smaller than the samples. In one batch, equal samples are searched for only once.
        let predictions = Predictions::new_with(&model, samples.view(), false, cancellation)?;
        return Ok(if predictions.len() < STREAM_FROM_NUMBERS {
            Predicted::Whole(predictions.encode(encoding))
        } else {
            let held_bytes = predictions.len() * size_of::<f64>() + chunk_bytes(ROWS_PER_CHUNK, 1);
            let mut chunks = predictions.encode_chunks(encoding, ROWS_PER_CHUNK);
            Predicted::Stream { chunks: Box::new(move |_| chunks.next().map(Ok)), held_bytes }
        });
    }
    let numbers_per_row = verbose_numbers(&model);
    Ok(if samples.nrows().saturating_mul(numbers_per_row) < STREAM_FROM_NUMBERS {
        let predictions = Predictions::new_with(&model, samples.view(), true, cancellation)?;
        Predicted::Whole(predictions.encode(encoding))
    } else {
        // Neighbours can be a hundred times larger than the samples: they are searched for while the response is read.
        let affordable = MAX_SHORT_COST / model.estimated_cost(1).max(1);
        let rows_per_chunk = (NUMBERS_PER_CHUNK / numbers_per_row).min(affordable).clamp(1, ROWS_PER_CHUNK);
        let held_bytes = samples.len() * size_of::<f32>() + chunk_bytes(rows_per_chunk, numbers_per_row);
        let stream = PredictionStream::new(model, samples, accept, rows_per_chunk)?;
        let mut stream = stream.with_label_tensor(label_tensor);
        Predicted::Stream { chunks: Box::new(move |token| stream.next(token)), held_bytes }
    })
}

/// Returns how many numbers a row of a verbose response has.
fn verbose_numbers(model: &Model) -> usize {
    1 + 2 * model.hyperparameters().k().min(model.n_samples())
}

/// Returns whether a request is predicted together with others: a few rows, each of which needs a search that is worth it.
fn shares_a_batch(model: &Model, samples: &Array2<f32>, accept: Accept) -> bool {
    let n_rows = samples.nrows();
    let numbers_per_row = if accept.verbose { verbose_numbers(model) } else { 1 };
    n_rows <= shared_batch::MAX_ROWS
        && model.estimated_cost(1) > MAX_INLINE_COST
        && model.estimated_cost(n_rows) <= MAX_SHORT_COST
        && n_rows * numbers_per_row < STREAM_FROM_NUMBERS
}

/// Estimates the bytes of a streamed response besides its samples: one chunk that is being sent, and one that is being made.
fn chunk_bytes(rows_per_chunk: usize, numbers_per_row: usize) -> usize {
    // The label of a row with its name; up to 16 characters for each further number.
    2 * rows_per_chunk * (32 + 16 * (numbers_per_row - 1))
}

/// Returns whether a request is so cheap that another thread would not pay off.
fn is_light(model: &Model, content_type: &ContentType, body_bytes: usize) -> bool {
    // A feature has at least a digit and a separator.
    let dense_bytes = 2 * model.feature_dim().max(1);
    let min_row_bytes = match content_type {
        ContentType::Csv { .. } => dense_bytes,
        _ => dense_bytes.min(MIN_SPARSE_BYTES),
    };
    let max_rows = 1 + body_bytes / min_row_bytes;
    body_bytes < BLOCKING_FROM_BYTES && model.estimated_cost(max_rows) <= MAX_INLINE_COST
}
