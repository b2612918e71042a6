//! Bodies with permits, counters and deadlines that last until the body has been sent or received.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{BoxError, body::Body};
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::{
    sync::Notify,
    time::{Sleep, sleep},
};

/// Returns a response's body that owns a guard, which is dropped when the body has been sent or dropped.
pub(crate) fn with_guard<G: Send + 'static>(body: Body, guard: G) -> Body {
    Body::new(body.map_err(move |error| {
        // Owned by this closure, and thereby by the body.
        let _ = &guard;
        error
    }))
}

/// Returns a body that is dropped, with the guards that it owns, when all of its data have been written to the connection.
///
/// hyper drops a body at its end, when it may still buffer data that the client does not read.
pub(crate) fn kept_until_written(body: Body) -> Body {
    Body::new(WrittenBody(Arc::new(Mutex::new(body))))
}

struct WrittenBody(Arc<Mutex<Body>>);

impl WrittenBody {
    fn body(&self) -> MutexGuard<'_, Body> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpBody for WrittenBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut *self.body()).poll_frame(context);
        frame.map_ok(|frame| {
            frame.map_data(|data| Bytes::from_owner(WrittenData { data, _body: Arc::clone(&self.0) }))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body().size_hint()
    }
}

/// Data of a body, which own it: hyper drops them when they are written.
struct WrittenData {
    data: Bytes,
    _body: Arc<Mutex<Body>>,
}

impl AsRef<[u8]> for WrittenData {
    fn as_ref(&self) -> &[u8] {
        &self.data
    }
}

/// A body with a timeout, of a request under way.
pub(crate) struct Timed {
    body: Body,
    timeout: Duration,
    /// Set at the first poll.
    deadline: Option<Pin<Box<Sleep>>>,
    has_timed_out: TimedOut,
    request: Arc<UnderWay>,
}

/// Whether a body took too long. An extension of the request, for the request's body.
#[derive(Debug, Clone, Default)]
pub(crate) struct TimedOut(Arc<AtomicBool>);

impl TimedOut {
    pub(crate) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Timed {
    /// Counts the request as received when the body has ended.
    pub(crate) fn new(
        body: Body,
        timeout: Duration,
        has_timed_out: TimedOut,
        request: Arc<UnderWay>,
    ) -> Self {
        if body.is_end_stream() {
            request.set_received();
        }
        Self { body, timeout, deadline: None, has_timed_out, request }
    }
}

impl HttpBody for Timed {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Self { body, timeout, deadline, has_timed_out, request } = self.get_mut();
        let deadline = deadline.get_or_insert_with(|| Box::pin(sleep(*timeout)));
        // Polled before the body: otherwise a body that always has more data would never time out.
        if deadline.as_mut().poll(context).is_ready() {
            has_timed_out.0.store(true, Ordering::Relaxed);
            return Poll::Ready(Some(Err(
                format!("the body took longer than {} s", timeout.as_secs()).into()
            )));
        }
        let frame = Pin::new(body).poll_frame(context).map_err(Into::into);
        if matches!(frame, Poll::Ready(None)) {
            request.set_received();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The requests that have been received completely, and whose responses have not been sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Requests(Arc<Counter>);

#[derive(Debug, Default)]
struct Counter {
    count: AtomicUsize,
    is_zero: Notify,
}

/// A request under way; dropped when its response has been sent, or the client has disconnected.
#[derive(Debug)]
pub(crate) struct UnderWay {
    requests: Requests,
    is_received: AtomicBool,
}

impl Requests {
    /// Returns a request that is still being received.
    pub(crate) fn begin(&self) -> Arc<UnderWay> {
        Arc::new(UnderWay { requests: self.clone(), is_received: AtomicBool::new(false) })
    }

    /// Completes when there are no such requests.
    pub(crate) async fn wait_for_none(&self) {
        loop {
            let is_zero = self.0.is_zero.notified();
            if self.0.count.load(Ordering::Acquire) == 0 {
                return;
            }
            is_zero.await;
        }
    }
}

impl UnderWay {
    pub(crate) fn set_received(&self) {
        if !self.is_received.swap(true, Ordering::Relaxed) {
            self.requests.0.count.fetch_add(1, Ordering::AcqRel);
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let Counter { count, is_zero } = &*self.requests.0;
        if *self.is_received.get_mut() && count.fetch_sub(1, Ordering::AcqRel) == 1 {
            is_zero.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn guard_is_dropped_when_the_data_are_written() {
        let guard = Arc::new(());
        let body = kept_until_written(with_guard(Body::from("data"), Arc::clone(&guard)));
        let mut body = Box::pin(body);
        let frame = body.frame().await;
        let data = frame.and_then(Result::ok).and_then(|frame| frame.into_data().ok());
        assert_eq!(data.as_deref(), Some(b"data".as_slice()));
        assert!(body.is_end_stream());
        drop(body);
        assert_eq!(Arc::strong_count(&guard), 2, "the data are still to be written");
        drop(data);
        assert_eq!(Arc::strong_count(&guard), 1);
    }
}
