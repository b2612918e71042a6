//! Request bodies, read up to a limit, and streamed response bodies.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{BoxError, body::Body};
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame};
use http_body_util::BodyExt as _;
use mysfits_knn::CancellationToken;
use tokio::task::JoinHandle;

use super::{
    MAX_BODY_BYTES,
    memory_budget::{MemoryBudget, OutOfBudget, Reservation},
    workers::{Lane, WorkError, Workers},
};

/// How much of a rejected body is still read. A client whose connection is closed while it sends does not see the response;
/// beyond this limit, the connection is closed anyway.
const MAX_DISCARDED_BYTES: usize = 64 << 20;

/// An error of [`read`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum BodyError {
    #[error("The body is larger than {limit} bytes")]
    TooLarge { limit: usize },
    /// The client disconnected, or the framing is invalid.
    #[error("The body could not be read")]
    Unreadable,
    #[error(transparent)]
    OutOfMemory(#[from] OutOfBudget),
}

/// Reads a body of at most `limit` bytes and reserves memory for it. The buffer grows with the received data, whatever the
/// headers claim.
pub(super) async fn read(
    mut body: Body,
    limit: usize,
    memory: &MemoryBudget,
) -> Result<(Bytes, Reservation), BodyError> {
    let mut reservation = memory.reserve();
    let Some(first) = next_data(&mut body).await? else { return Ok((Bytes::new(), reservation)) };
    let mut n_bytes = first.len();
    let mut refused = fits(n_bytes, limit, &mut reservation).err();
    // Most bodies arrive in one piece, which needs no copy.
    let mut next = next_data(&mut body).await?;
    if next.is_none() {
        return refused.map_or(Ok((first, reservation)), Err);
    }
    let mut kept = first.to_vec();
    drop(first);
    while let Some(data) = next {
        n_bytes += data.len();
        if refused.is_none() {
            refused = fits(n_bytes, limit, &mut reservation).err();
        }
        if refused.is_none() {
            kept.extend_from_slice(&data);
        } else {
            kept = Vec::new();
            let _ = reservation.resize(0);
            if n_bytes > limit + MAX_DISCARDED_BYTES {
                break;
            }
        }
        next = next_data(&mut body).await?;
    }
    refused.map_or_else(|| Ok((kept.into(), reservation)), Err)
}

/// Reads and discards a body, for clients that do not read the response while they send.
pub(super) async fn discard(mut body: Body) {
    let mut n_bytes = 0;
    while let Ok(Some(data)) = next_data(&mut body).await
        && n_bytes <= MAX_BODY_BYTES + MAX_DISCARDED_BYTES
    {
        n_bytes += data.len();
    }
}

fn fits(n_bytes: usize, limit: usize, reservation: &mut Reservation) -> Result<(), BodyError> {
    if n_bytes > limit {
        return Err(BodyError::TooLarge { limit });
    }
    Ok(reservation.resize(n_bytes)?)
}

async fn next_data(body: &mut Body) -> Result<Option<Bytes>, BodyError> {
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|_| BodyError::Unreadable)?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

/// Returns a body that owns a guard, such as a part of the memory budget, until it is sent or dropped.
pub(super) fn with_guard<G: Send + 'static>(body: Body, guard: G) -> Body {
    Body::new(body.map_err(move |error| {
        // Owned by this closure, and thereby by the body.
        let _ = &guard;
        error
    }))
}

/// A body whose chunks are computed by workers while it is sent. The next chunk is started when the previous one is taken. A
/// slow client holds the samples and one chunk, but no thread. If the client disconnects, the work is cancelled.
pub(super) struct ChunkedBody<E> {
    /// The task of the next chunk; `None` after the last.
    next: Option<JoinHandle<Result<NextChunk<E>, WorkError>>>,
    workers: Workers,
    lane: Lane,
}

/// Computes the next chunk, or fails if the token is cancelled; `None` after the last chunk.
pub(super) type ChunkSource<E> = Box<dyn FnMut(&CancellationToken) -> Option<Result<Vec<u8>, E>> + Send>;

/// A chunk, or `None` at the end, and the source of the rest.
type NextChunk<E> = (Option<Result<Vec<u8>, E>>, ChunkSource<E>);

impl<E: Send + 'static> ChunkedBody<E> {
    /// Creates a body of the chunks of `source`, and starts the first.
    pub(super) fn new(source: ChunkSource<E>, workers: Workers, lane: Lane) -> Self {
        let mut chunks = Self { next: None, workers, lane };
        chunks.start_next(source);
        chunks
    }

    fn start_next(&mut self, mut source: ChunkSource<E>) {
        let (workers, lane) = (self.workers.clone(), self.lane);
        self.next = Some(tokio::spawn(async move {
            workers.run_admitted(lane, move |token| (source(token), source)).await
        }));
    }
}

impl<E> Drop for ChunkedBody<E> {
    fn drop(&mut self) {
        // Stops waiting for a worker, or cancels the work on a chunk.
        if let Some(next) = &self.next {
            next.abort();
        }
    }
}

impl<E: std::error::Error + Send + Sync + 'static> HttpBody for ChunkedBody<E> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(task) = &mut self.next else { return Poll::Ready(None) };
        let chunk = ready!(Pin::new(task).poll(context));
        self.next = None;
        // The status is already sent: an error can only abort the response.
        Poll::Ready(match chunk {
            Ok(Ok((Some(Ok(chunk)), rest))) => {
                self.start_next(rest);
                Some(Ok(Frame::data(chunk.into())))
            }
            Ok(Ok((None, _))) => None,
            Ok(Ok((Some(Err(error)), _))) => Some(Err(error.into())),
            Ok(Err(error)) => {
                Some(Err(format!("a chunk of the response could not be computed: {error:?}").into()))
            }
            Err(error) => Some(Err(error.into())),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.next.is_none()
    }
}
