//! Bodies: requests are read whole up to a limit, long responses are written in pieces.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{BoxError, body::Body};
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use mysfits_knn::CancellationToken;
use tokio::task::JoinHandle;

use super::{
    MAX_BODY_BYTES,
    memory_budget::{MemoryBudget, Reservation},
    workers::{Lane, WorkError, Workers},
};

/// How much of a body is read beyond what is taken. A client that is refused while it sends, and cut off, sees a broken
/// connection instead of the refusal; one that sends without end is cut off all the same.
const MAX_DISCARDED_BYTES: usize = 64 << 20;

/// Why there is no body to work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyError {
    /// It is longer than the limit.
    TooLarge {
        /// In bytes.
        limit: usize,
    },
    /// The client went away, or framed it wrongly.
    Unreadable,
    /// Other requests hold too much memory.
    OutOfMemory,
}

/// Reads a body of at most `limit` bytes to its end, and reserves memory for it. What is kept grows with what has come,
/// whatever the headers claim.
pub(super) async fn read(
    mut body: Body,
    limit: usize,
    memory: &MemoryBudget,
) -> Result<(Bytes, Reservation), BodyError> {
    let mut reservation = memory.reserve();
    let Some(first) = next_data(&mut body).await? else { return Ok((Bytes::new(), reservation)) };
    let mut n_bytes = first.len();
    let mut refused = fits(n_bytes, limit, &mut reservation).err();
    // Most bodies come in one piece, which is handed on as it is.
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

/// Reads a body that nothing is done with, for clients that read no response while they send.
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
    reservation.resize(n_bytes).map_err(|_| BodyError::OutOfMemory)
}

async fn next_data(body: &mut Body) -> Result<Option<Bytes>, BodyError> {
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|_| BodyError::Unreadable)?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

/// A body that holds a part of the memory budget until it has been sent or given up.
pub(super) struct Reserved {
    pub(super) body: Body,
    pub(super) _reservation: Reservation,
}

impl HttpBody for Reserved {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body whose pieces are made while it is sent: each by a worker, as soon as its predecessor has been taken. A client
/// that reads slowly holds the samples and one piece, and no thread; when it hangs up, the work on a piece is cancelled.
pub(super) struct Chunks<E> {
    /// The making of the next piece; none after the last.
    next: Option<JoinHandle<Result<Made<E>, WorkError>>>,
    workers: Workers,
    lane: Lane,
}

/// Makes the next piece, or fails once the token is cancelled; `None` after the last.
pub(super) type Source<E> = Box<dyn FnMut(&CancellationToken) -> Option<Result<Vec<u8>, E>> + Send>;

/// A piece, if there is a further one, and where the rest comes from.
type Made<E> = (Option<Result<Vec<u8>, E>>, Source<E>);

impl<E: Send + 'static> Chunks<E> {
    /// The pieces that `source` gives. The first is begun at once.
    pub(super) fn new(source: Source<E>, workers: Workers, lane: Lane) -> Self {
        let mut chunks = Self { next: None, workers, lane };
        chunks.make_next(source);
        chunks
    }

    fn make_next(&mut self, mut source: Source<E>) {
        let (workers, lane) = (self.workers.clone(), self.lane);
        self.next = Some(tokio::spawn(async move {
            workers.run_admitted(lane, move |token| (source(token), source)).await
        }));
    }
}

impl<E> Drop for Chunks<E> {
    fn drop(&mut self) {
        // A piece that waits for a worker gives up, one that is being made is cancelled.
        if let Some(next) = &self.next {
            next.abort();
        }
    }
}

impl<E: std::error::Error + Send + Sync + 'static> HttpBody for Chunks<E> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(making) = &mut self.next else { return Poll::Ready(None) };
        let made = ready!(Pin::new(making).poll(context));
        self.next = None;
        // The response has begun: that it will not be whole can only be told by breaking it off.
        Poll::Ready(match made {
            Ok(Ok((Some(Ok(chunk)), rest))) => {
                self.make_next(rest);
                Some(Ok(Frame::data(chunk.into())))
            }
            Ok(Ok((None, _))) => None,
            Ok(Ok((Some(Err(error)), _))) => Some(Err(error.into())),
            Ok(Err(error)) => {
                Some(Err(format!("a piece of the response could not be made: {error:?}").into()))
            }
            Err(error) => Some(Err(error.into())),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.next.is_none()
    }
}
