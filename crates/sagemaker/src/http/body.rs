//! Bodies: read whole up to a limit, written in pieces.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{BoxError, body::Body};
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame};
use http_body_util::BodyExt as _;
use tokio::task::JoinHandle;

use super::{MAX_BODY_BYTES, workers::Workers};

/// How much of a body is read beyond what is taken. A client that is refused while it sends, and cut off, sees a broken
/// connection instead of the refusal; one that sends without end is cut off all the same.
const MAX_DISCARDED_BYTES: usize = 64 << 20;

/// Why there is no body to work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyError {
    /// It is longer than [`MAX_BODY_BYTES`].
    TooLarge,
    /// The client went away, or framed it wrongly.
    Unreadable,
}

/// Reads a body to its end. What is kept grows with what has come, whatever the headers claim.
pub(super) async fn read(mut body: Body) -> Result<Bytes, BodyError> {
    let Some(first) = next_data(&mut body).await? else { return Ok(Bytes::new()) };
    let mut kept = Vec::new();
    let mut n_bytes = first.len();
    // Most bodies come in one piece, which is handed on as it is.
    let mut next = next_data(&mut body).await?;
    if next.is_none() && n_bytes <= MAX_BODY_BYTES {
        return Ok(first);
    }
    kept.extend_from_slice(&first);
    drop(first);
    while let Some(data) = next {
        n_bytes += data.len();
        if n_bytes <= MAX_BODY_BYTES {
            kept.extend_from_slice(&data);
        } else {
            kept = Vec::new();
            if n_bytes > MAX_BODY_BYTES + MAX_DISCARDED_BYTES {
                break;
            }
        }
        next = next_data(&mut body).await?;
    }
    if n_bytes <= MAX_BODY_BYTES { Ok(kept.into()) } else { Err(BodyError::TooLarge) }
}

async fn next_data(body: &mut Body) -> Result<Option<Bytes>, BodyError> {
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|_| BodyError::Unreadable)?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

/// A body whose pieces are made while it is sent: each by a worker, as soon as its predecessor has been taken. A client
/// that reads slowly holds one piece, and no thread.
pub(super) struct Chunks<E> {
    /// The making of the next piece; none after the last.
    next: Option<JoinHandle<Option<Made<E>>>>,
    workers: Workers,
}

type Source<E> = Box<dyn Iterator<Item = Result<Vec<u8>, E>> + Send>;

/// A piece, if there is a further one, and where the rest comes from.
type Made<E> = (Option<Result<Vec<u8>, E>>, Source<E>);

impl<E: Send + 'static> Chunks<E> {
    /// The pieces that `source` gives. The first is begun at once.
    pub(super) fn new(source: Source<E>, workers: Workers) -> Self {
        Self { next: Some(make(source, workers.clone())), workers }
    }
}

fn make<E: Send + 'static>(mut source: Source<E>, workers: Workers) -> JoinHandle<Option<Made<E>>> {
    tokio::spawn(async move { workers.run(move || (source.next(), source)).await })
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
        // The answer has begun: that it will not be whole can only be told by ending it in disorder.
        Poll::Ready(match made {
            Ok(Some((Some(Ok(chunk)), rest))) => {
                self.next = Some(make(rest, self.workers.clone()));
                Some(Ok(Frame::data(chunk.into())))
            }
            Ok(Some((None, _))) => None,
            Ok(Some((Some(Err(error)), _))) => Some(Err(error.into())),
            Ok(None) => Some(Err("a piece of the answer could not be made".into())),
            Err(error) => Some(Err(error.into())),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.next.is_none()
    }
}
